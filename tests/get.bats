# Reading objects from the network: cairn-get(1).
# shellcheck disable=SC2154 # helper and run set them
load helper
load network
load data/filters

setup_file() {
    cd "$BATS_FILE_TMPDIR" || return
    start_providers 7 || return # the last has nothing
    head -n 6 "$PROVIDERS" > six
    tail -n 1 "$PROVIDERS" > seventh
    export CAIRN_PROVIDERS=$BATS_FILE_TMPDIR/six PROVIDERS=$BATS_FILE_TMPDIR/six
    cairn-keygen -o me.key > public
    echo greetings > small
    head -c 20000000 /dev/urandom > big
    for name in small big; do cairn-put -q -i me.key "$name" > "$name.link" || return; done
    cairn-put -q -i me.key --public big > public.link || return
}

setup() {
    cd "$BATS_TEST_TMPDIR" || return
    for ((i = 1; i <= 7; ++i)); do [ -f "$(provider "$i")/pid" ] || start_provider "$i"; done
    cp "$BATS_FILE_TMPDIR"/{small,big,me.key,*.link} .
}

@test "objects come back as they were, to files and pipes" {
    for name in small big; do
        run -0 --separate-stderr cairn-get -o out "@$name.link"
        assert_equal "$output$stderr" ""
        cmp out "$name"
        rm out
        cairn-get - < "$name.link" | cmp - "$name"
        cairn-get < "$name.link" | cmp - "$name"
        cairn-get fd:5 5< "$name.link" | cmp - "$name"
    done
    cairn-get @public.link | cmp - big
    assert [ ! -e out.cairn-part ]
}

@test "the link's hints are enough to find providers" {
    unset CAIRN_PROVIDERS
    run -0 cairn-get @small.link
    assert_output greetings
    sed 's/?at=[^#]*//' small.link > bare.link
    run -64 cairn-get @bare.link
    assert_output --partial "no provider is named"
    run -0 cairn-get --providers "$PROVIDERS" @bare.link
    assert_output greetings
}

@test "without the link's key the stored file comes, which its owner opens" {
    cairn-share --locator @big.link > locator
    cairn-get @locator > big.age
    cairn-decrypt -i me.key big.age | cmp - big
    age -d -i me.key big.age | cmp - big
}

@test "a link in the command line loses its key at once" {
    run -0 --separate-stderr cairn-get "$(< small.link)"
    assert_output greetings
    assert_regex "$stderr" warning
    cairn-get "$(< big.link)" 2> /dev/null | {
        head -c 1 > out # it runs
        ps -eo args
        cat >> out
    } > list
    cmp out big
    run ! grep -F "$(sed 's/.*#//' big.link)" list
}

@test "any two providers may die" {
    kill_provider 2
    kill_provider 5
    run -0 --separate-stderr cairn-get -o out @big.link
    assert_equal "$output$stderr" ""
    cmp out big
    run -0 --separate-stderr cairn-get -v --progress=none -f -o out @small.link
    assert_regex "$stderr" "$(< "$(provider 2)/line"): cannot connect"
}

@test "with three dead there is status 69 and no output" {
    for i in 1 4 6; do kill_provider $i; done
    run -69 --separate-stderr cairn-get -o out @big.link
    assert_regex "$stderr" "error: segment 0 has 3 good shards of the 4 that are needed"
    assert [ ! -e out ]
    assert [ ! -e out.cairn-part ]
    run -69 --separate-stderr cairn-get @big.link
    assert_equal "$output" ""
}

@test "a provider that stalls, crawls, resets or corrupts does no harm and takes no time" {
    for way in stall=300000 rate=1 reset=300000 corrupt=1e-5 down.stall=1500000 loss=0.2 blackhole; do
        impair 1 "$way" > one
        impair 3 "$way" one > list
        SECONDS=0
        run -0 --separate-stderr cairn-get --timeout 60s --providers list -o out @big.link
        cmp out big
        [ "$SECONDS" -le 10 ] || fail "$way took $SECONDS s"
        stop_relays
        rm -r out relays
    done
}

@test "a range is as many bytes, wherever it begins" {
    for range in 0-0 5-9 16777000-16778000 19999999- 65535-131072 0-19999999 12345678-; do
        cairn-get --range "$range" @big.link > out
        first=${range%-*} last=${range#*-}
        tail -c +$((first + 1)) big | head -c $((${last:-19999999} - first + 1)) | cmp - out
        cairn-get --range "$range" @public.link | cmp - out
    done
    run -0 cairn-get --range 20000000- @big.link
    assert_output ""
    run -64 cairn-get --range 5-4 @big.link
    run -0 cairn-get --range 1-3 @small.link
    assert_output ree
}

@test "what an interrupted run left is used as far as it is right" {
    head -c 18000000 big > out.cairn-part
    echo garbage >> out.cairn-part
    run -0 --separate-stderr cairn-get --json -o out @big.link
    cmp out big
    resumed=$(jq 'select(.ev == "summary").resumed_bytes' <<< "$stderr")
    [ "$resumed" -gt 16000000 ] || fail "resumed $resumed"
    assert [ ! -e out.cairn-part ]
    rm out

    echo garbage > out.cairn-part
    cairn-get -o out @public.link
    cmp out big
}

@test "a run that is killed leaves what the next one goes on with" {
    cat big big big > bigger
    cairn-put -q -i me.key bigger > bigger.link
    impair_all rate=2MiB > slow
    cairn-get --providers slow -o out @bigger.link 3>&- &
    for ((i = 0; i < 1000; ++i)); do
        [ ! -e out.cairn-part ] || [ "$(stat -c %s out.cairn-part)" -lt 16700000 ] || break
        sleep 0.01
    done
    run -75 cairn-get -o out @bigger.link
    assert_output --partial "another process is making 'out'"
    kill -9 $!
    wait $! || [ $? -eq 137 ]
    assert [ ! -e out ]
    run -0 --separate-stderr cairn-get --json -o out @bigger.link
    cmp out bigger
    assert [ "$(jq 'select(.ev == "summary").resumed_bytes' <<< "$stderr")" -gt 0 ]
}

@test "an output that exists is kept, unless -f says otherwise" {
    echo old > out
    run -73 cairn-get -o out @small.link
    assert_equal "$(< out)" old
    cairn-get -f -o out @small.link
    cmp out small
    cairn-get -f -o out @big.link
    cmp out big
}

@test "objects that are not there, and links that are none" {
    sed 's/?at=[^#]*//' small.link > bare.link
    run -1 cairn-get --providers "$BATS_FILE_TMPDIR/seventh" @bare.link
    assert_output --partial "error: object not found (asked 1 providers)"
    kill_provider 7
    run -69 cairn-get --providers "$BATS_FILE_TMPDIR/seventh" @bare.link
    assert_output --partial "error: object not found (asked 1 providers, 1 did not answer)"
    tr q p < small.link > wrong.link
    run -65 cairn-get @wrong.link
    run -66 cairn-get @none.link
    run -66 cairn-get --providers none @small.link
    echo nonsense > list
    run -65 cairn-get --providers list @small.link
}

@test "the trace tells every frame and no secret" {
    cairn-get --trace trace -o out @small.link
    assert [ "$(jq -s length trace)" -gt 10 ]
    run ! grep -e "$(sed 's/.*#//' small.link)" -e greetings trace
}

@test "binary data is not written to a terminal" {
    run script -qec "cairn-get @big.link" /dev/null
    assert_output --partial "refusing to write binary data to a terminal"
    run script -qec "cairn-get @small.link" /dev/null
    assert_output --partial greetings
}

@test "memory stays small" {
    not_sanitized "take memory of their own"
    (
        ulimit -v 400000
        cairn-get -o out @big.link
    )
    cmp out big
}

@test "a directory comes back as it was, and is completed by the same command" {
    mkdir -p tree/sub/deep tree/empty
    echo one > tree/a
    cp big "tree/sub/b c"
    : > tree/sub/deep/none
    ln -s ../a tree/sub/link
    ln -s /etc tree/etc
    chmod 750 tree/sub
    touch -d 2020-01-01T00:00:00 tree/a tree/sub
    cairn-put -q -i me.key --recursive tree | tail -n 1 | cut -f 1 > tree.link
    run -0 --separate-stderr cairn-get --recursive -o copy @tree.link
    assert_equal "$output$stderr" ""
    diff -r --no-dereference tree copy
    assert_equal "$(cd copy && find . -printf '%p %y %m %l\n' | sort)" \
        "$(cd tree && find . -printf '%p %y %m %l\n' | sort)"
    assert_equal "$(stat -c %Y copy/a copy/sub)" "$(stat -c %Y tree/a tree/sub)"

    rm -r copy/sub
    run -0 --separate-stderr cairn-get --json --recursive -o copy @tree.link
    diff -r --no-dereference tree copy
    assert_equal "$(jq -c 'select(.ev == "summary") | [.kept >= 1, .failed]' <<< "$stderr")" '[true,0]'

    echo changed > copy/a
    run -3 --separate-stderr cairn-get --recursive -o copy @tree.link
    assert_regex "$stderr" "warning: 'copy/a'"
    assert_equal "$(< copy/a)" changed
    run -64 cairn-get --recursive @tree.link
    run -65 cairn-get --recursive -o other @big.link
    assert_output --partial error
}

# The last: the shards are gone then.
@test "shards that rot are named, and do no harm" {
    kill_provider 1
    kill_provider 2
    find "$(provider 1)/depot" "$(provider 2)/depot" -type f -size +1000k | while read -r file; do
        printf otherwise | dd of="$file" bs=1 seek=$(($(stat -c %s "$file") / 2)) conv=notrunc status=none
    done
    start_provider 1
    start_provider 2
    kill_provider 3 # all that is left must be read
    run -65 --separate-stderr cairn-get --json -o out @big.link
    assert [ ! -e out ]
    assert_regex "$stderr" "\"ev\":\"error\".* 2 shards are damaged"
    for i in 1 2; do
        assert_regex "$stderr" "\"ev\":\"warning\".*$(< "$(provider "$i")/line")[^{]*damaged"
    done
    start_provider 3
    run -0 --separate-stderr cairn-get --json -o out @big.link
    cmp out big
}
