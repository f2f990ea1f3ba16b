# Storing objects in the network: cairn-put(1).
# shellcheck disable=SC2154 # helper and run set them
load helper
load network
load data/filters

setup_file() {
    set_up_network
}

setup() {
    enter_network
}

# Waits until a condition holds; fails after twenty seconds.
until_true() {
    local tries=0
    until eval "$1"; do
        tries=$((tries + 1))
        [ "$tries" -lt 2000 ] || fail "never true: $1"
        read -rt 0.01 <> <(:) || :
    done
}

# Bytes of all journals.
journal_size() {
    cat home/state/put/*.journal 2> /dev/null | wc -c
}

recipient() {
    sed -n 's/^recipient: //p' public
}

@test "a file and a stream come back by the one link that is printed" {
    cp "$BATS_FILE_TMPDIR/big" .
    for name in small big; do
        run -0 --separate-stderr cairn-put -i me.key "$name"
        assert_equal "$stderr" ""
        assert_equal "${#lines[@]}" 1
        assert_regex "$output" '^cairn:co1[a-z0-9]+\?at=[^#]+#ck1[a-z0-9]+$'
        cairn-get - <<< "$output" | cmp - "$name"
        cairn-put -i me.key < "$name" > link
        cairn-get @link | cmp - "$name"
        cairn-put - < "$name" > link
        cairn-get @link | cmp - "$name"
    done
    assert_equal "$(journal_size)" 0
}

@test "objects of all sizes come back" {
    for size in 0 1 63 64 65000 65277 65278 65279 65535 65536 65537 131072 1000000; do
        head -c "$size" "$BATS_FILE_TMPDIR/big" > file
        cairn-put file > link
        cairn-get @link | cmp - file
        cairn-put --public file > link
        cairn-get @link | cmp - file
        cairn-put -k 3 -m 1 < file > link
        cairn-get @link | cmp - file
    done
}

@test "what is stored is an age file for the identity and the recipients" {
    age-keygen -o other.key 2> other.public
    cairn-put -i me.key -r "$(sed 's/.*: //' other.public)" small > link
    sed 's/#.*//' link > locator
    cairn-get @locator > small.age
    age -d -i me.key small.age | cmp - small
    age -d -i other.key small.age | cmp - small
    cairn-put -r "$(recipient)" small | sed 's/#.*//' > locator
    cairn-get @locator | age -d -i me.key | cmp - small
    # Without a recipient only the link opens it.
    cairn-put small > link
    sed 's/#.*//' link > locator
    run ! eval 'cairn-get @locator | age -d -i me.key'
    cairn-get @link | cmp - small
}

@test "a public object has no key, the same link each time, and the id of its bytes" {
    cairn-put --public small > one
    run ! grep -q '#' one
    cairn-put --public small > two
    assert_equal "$(sed 's/?.*//' one)" "$(sed 's/?.*//' two)"
    cairn-get @one | cmp - small
    assert_equal "$(cairn-inspect one | jq -r .id)" "$(b3sum --no-names small)"
}

@test "what is public and stored already is not sent again" {
    cp "$BATS_FILE_TMPDIR/big" .
    echo farewell > small # which nobody else has stored
    for name in big small; do
        cairn-put --public -i me.key "$name" > one
        before=$(entries)
        cp "$name" again # by its bytes, not by its file
        cairn-put --public -i me.key --no-index --trace trace again > two
        cmp one two
        run ! grep -q '"shard.put"' trace
        assert_equal "$(entries)" "$before"
        cairn-put --public -i me.key --no-index - < "$name" | cmp - one
        # One entry for each: it is removed as it was stored.
        cairn-rm -i me.key @one
        run -1 cairn-get @one
        # Who wants receipts gets them for what is sent.
        cairn-put --public -i me.key --no-index "$name" > one
        cairn-put --public -i me.key --no-index --receipts "receipts-$name" "$name" > two
        assert_equal "$(sed 's/?.*//' one)" "$(sed 's/?.*//' two)"
        cairn-verify receipt "receipts-$name"
        cairn-rm -i me.key @one
        run -1 cairn-get @one
    done
}

@test "a shard stream is stored as it is, under the id that encode tells" {
    cairn-encrypt -i me.key "$BATS_FILE_TMPDIR/big" > big.age
    for code in "" "-k 2 -m 1 --segment 1MiB" "-k 1 -m 3 --segment 64KiB" "-k 4 -m 0"; do
        # shellcheck disable=SC2086 # words
        id=$(cairn-encode $code -f -o stream --json big.age | jq -r .id)
        cairn-put --encoded < stream > link
        run ! grep -q '#' link
        assert_equal "$(cairn-inspect link | jq -r .id)" "$id"
        cairn-get @link | cmp - big.age
        cairn-put --encoded --json -i me.key --trace trace stream > result
        assert_equal "$(jq -r .link result | cairn-inspect | jq -r .id)" "$id"
        cairn-get - <<< "$(jq -r .link result)" | cairn-decrypt -i me.key | \
            cmp - "$BATS_FILE_TMPDIR/big"
    done
    cairn-ls -i me.key --all | grep -qx stream
    for size in 0 1 65536 100000; do
        head -c "$size" big.age > file
        cairn-encode -d "d$size" file > id
        cairn-encode -o - file | cairn-put --encoded > link
        assert_equal "$(cairn-inspect link | jq -r .id)" "$(cat id)"
        cairn-get @link | cmp - file
    done
}

@test "a shard stream that is damaged is mended or refused" {
    head -c 300000 "$BATS_FILE_TMPDIR/big" > file
    cairn-encode --segment 64KiB -o stream file
    cp stream damaged
    printf otherwise | dd of=damaged bs=1 seek=5000 conv=notrunc status=none
    run -0 --separate-stderr cairn-put --encoded damaged
    assert_regex "$stderr" "warning: shard 0 is damaged in the stream, and is stored as it should be"
    cairn-get - <<< "$output" | cmp - file
    head -c 400000 stream > short
    for bad in short small file; do
        run -65 --separate-stderr cairn-put --encoded "$bad"
        assert_one_error cairn-put
        assert_equal "$output" ""
    done
    run -65 --separate-stderr cairn-put --encoded /dev/null
}

@test "of a stream that too few providers take nothing stays" {
    before=$(entries)
    kill_provider 1
    kill_provider 2
    run -69 --separate-stderr cairn-put -v < "$BATS_FILE_TMPDIR/big"
    assert_equal "$output" ""
    assert_regex "$stderr" "[0-9]+ shards of what could not be stored are dropped again"
    assert_equal "$(entries)" "$before"
    # With an identity a file goes on where it was.
    cp "$BATS_FILE_TMPDIR/big" .
    run -69 --separate-stderr cairn-put -v -i me.key big
    [[ $stderr != *"dropped again"* ]]
    assert [ "$(entries)" -ge $((before + 8)) ]
    restart_providers
    cairn-put -i me.key big > link
    cairn-get @link | cmp - big
}

@test "profiles and codes decide how many providers get a shard" {
    run -0 cairn-put --json -k 2 -m 1 small
    assert_equal "$(jq -c '[.k, .m, .shards, .is_complete, .plain_bytes]' <<< "$output")" \
        '[2,1,3,true,10]'
    run -0 cairn-put --json --profile small small
    assert_equal "$(jq -c '[.k, .m, .shards]' <<< "$output")" '[4,2,6]'
    run -0 cairn-put --json small
    assert_equal "$(jq -c '[.k, .m, .shards]' <<< "$output")" '[1,2,3]'
    run -69 --separate-stderr cairn-put --profile wide small
    assert_equal "$output" ""
    assert_regex "$stderr" "at least 13 providers are needed, and 6 can be used"
}

@test "with one provider gone the status is 3, and with two nothing is printed" {
    cp "$BATS_FILE_TMPDIR/big" .
    kill_provider 3
    run -3 --separate-stderr cairn-put -i me.key big
    assert_regex "$output" '^cairn:co1'
    assert_regex "$stderr" 'warning: has not all its shards: cairn1.*: cannot connect'
    cairn-get - <<< "$output" | cmp - big
    link=$output
    # The same command completes it when the provider is there again.
    start_provider 3
    run -0 --separate-stderr cairn-put -i me.key big
    assert_equal "${output#*#}" "${link#*#}"
    cairn-get - <<< "$output" | cmp - big
    kill_provider 1
    kill_provider 2
    run -69 --separate-stderr cairn-put -i me.key -r "$(recipient)" big
    assert_one_error cairn-put
    assert_regex "$stderr" "only 4 of 6 shards could be stored"
    # Three copies find others.
    run -0 --separate-stderr cairn-put small
}

@test "receipts are saved and can be checked by anybody" {
    cp "$BATS_FILE_TMPDIR/big" .
    cairn-put -i me.key --receipts receipts big > link
    cairn-verify receipt receipts
    assert [ "$(wc -l < receipts)" -ge 18 ] # two segments and the manifest
    run -73 --separate-stderr cairn-put --receipts receipts small
    assert_equal "$output" ""
    cairn-put -f --receipts receipts small > link
    cairn-verify receipt receipts
    sed -i 's/A/B/3' receipts
    run ! cairn-verify receipt receipts
}

@test "a put that is killed goes on where it was" {
    cat "$BATS_FILE_TMPDIR"/big{,,,,} > file # 100 MB
    impair_all rate=8MiB > slow
    cairn-put -i me.key --providers slow file > link 2> /dev/null &
    pid=$!
    until_true '[ "$(journal_size)" -gt 2000 ]'
    kill -KILL "$pid"
    wait "$pid" || status=$?
    assert_equal "$status" 137
    assert_equal "$(cat link)" ""
    assert_equal "$(stat -c %a home/state/put/*.journal)" 600
    key=$(basename home/state/put/*.journal)
    cairn-put -i me.key --json --trace trace file > result
    jq -r .link result > link
    cairn-get @link | cmp - file
    assert_equal "$(jq .is_complete result)" true
    assert_equal "$(journal_size)" 0
    assert [ ! -e "home/state/put/$key" ]
    # What was stored was not sent again: 6 segments of 6 shards, manifest and index are 45.
    puts=$(grep -c '"shard.put"' trace)
    assert [ "$puts" -lt 45 ]
}

@test "a file that was changed unnoticed ends with 65, then begins anew" {
    cat "$BATS_FILE_TMPDIR"/big{,,,} > file
    touch -d @1700000000 file
    impair_all rate=8MiB > slow
    cairn-put -i me.key --providers slow file > link 2> /dev/null &
    pid=$!
    until_true '[ "$(journal_size)" -gt 2000 ]'
    kill -KILL "$pid"
    wait "$pid" || :
    printf otherwise | dd of=file bs=1 seek=1000 conv=notrunc status=none
    touch -d @1700000000 file
    run -65 --separate-stderr cairn-put -i me.key file
    assert_one_error cairn-put
    assert_regex "$stderr" "changed since its put was interrupted"
    assert_equal "$(journal_size)" 0
    cairn-put -i me.key file > link
    cairn-get @link | cmp - file
}

@test "two puts of one file: the second ends with 75" {
    cat "$BATS_FILE_TMPDIR"/big{,,,} > file
    impair_all rate=8MiB > slow
    cairn-put -i me.key --providers slow file > link &
    pid=$!
    until_true '[ "$(journal_size)" -gt 0 ]'
    kill -STOP "$pid"
    run -75 --separate-stderr cairn-put -i me.key file
    assert_one_error cairn-put
    kill -CONT "$pid"
    wait "$pid"
    cairn-get @link | cmp - file
}

@test "a directory is stored with a list of all that is in it" {
    mkdir -p tree/a/b tree/empty
    echo one > tree/a/one
    head -c 100000 "$BATS_FILE_TMPDIR/big" > tree/a/b/two
    : > tree/nothing
    chmod 600 tree/nothing
    ln -s a/one tree/link
    mkfifo tree/pipe
    printf data > tree/$'odd\t\xff name'
    run -0 --separate-stderr cairn-put -i me.key --recursive tree
    assert_equal "$stderr" "cairn-put: warning: 'tree/pipe' is left out: it is no file"
    assert_equal "${#lines[@]}" 5
    while IFS=$'\t' read -r link name; do
        [ "$name" = tree ] || cairn-get - <<< "$link" | cmp - "tree/$name"
    done <<< "$output"
    assert_regex "${lines[4]}" $'\ttree$'
    cairn-get - <<< "${lines[4]%$'\t'*}" > list
    cairn-inspect list > list.json
    assert_regex "$(jq -c . list.json)" '"a/b/two"'
}

@test "files of a list are stored together, and those that fail are told of" {
    mkdir d
    for ((i = 0; i < 20; ++i)); do seq "$i" 1000 > "d/$i"; done
    echo x > $'d/new\nline'
    find d -type f -print0 | sort -z > names
    run -0 --separate-stderr cairn-put -i me.key --files-from names -0 --name all
    assert_equal "$stderr" ""
    cairn-put -i me.key --files-from - -0 < names > out
    assert_equal "$(tr -cd '\0' < out | wc -c)" 22
    while IFS=$'\t' read -rd '' link name; do
        [ "$name" = . ] || cairn-get - <<< "$link" | cmp - "$name"
    done < out
    mkdir e
    printf '%s\n' d/1 d/none e d/2 > names
    run -3 --separate-stderr cairn-put --files-from names
    assert_equal "${#lines[@]}" 3
    assert_regex "$stderr" "warning: 'd/none' is left out: cannot open 'd/none'"
    assert_regex "$stderr" "warning: 'e' is left out: 'e' is a directory"
    assert_regex "$stderr" "error: 2 of 5 objects could not be stored"
    printf '%s\n' d/none > names
    run -66 --separate-stderr cairn-put --files-from names
    assert_equal "$output" ""
    printf '%s\n' ../x > names
    run -64 --separate-stderr cairn-put --files-from names
    : > names
    run -0 cairn-put --files-from names
    assert_equal "${#lines[@]}" 1
}

@test "two thousand small files go quickly and in little memory" {
    not_sanitized "take memory of their own"
    mkdir files
    for ((i = 0; i < 2000; ++i)); do echo "$i" > "files/$i"; done
    /usr/bin/time -f '%M %e' -o usage cairn-put -i me.key --recursive files > links
    assert_equal "$(wc -l < links)" 2001
    cat usage
    assert [ "$(cut -d ' ' -f 1 usage)" -lt 131072 ]
    sed -n 's/\t1234$//p' links | cairn-get - | cmp - files/1234
}

@test "memory stays below 128 MiB" {
    not_sanitized "take memory of their own"
    for options in "" "-k 1 -m 4" "-k 5 -m 1"; do
        truncate -s $((${#options} > 0 ? 60 : 300))M file
        # shellcheck disable=SC2086 # words
        /usr/bin/time -f %M -o usage cairn-put $options file > result
        cat usage
        assert [ "$(tail -n 1 usage)" -lt 131072 ]
    done
}

@test "no secret leaves in a trace, in messages or in the list of processes" {
    cairn-put -vv --trace trace -i me.key small > link 2> messages
    jq -e . trace > /dev/null
    key=$(sed 's/.*#//' link)
    run ! grep -q "$key" trace messages
    run ! grep -q greetings trace messages
}

@test "what the command line must not say is status 64" {
    for options in "-k 4" "-m 2" "--profile small -k 4 -m 2" "--public -r age1x" "-0 small" \
        "--recursive . small" "--files-from x --recursive ." "--name ../x small" "--name /x small" \
        "--encoded -k 4 -m 2 small" "--encoded --recursive ." "--encoded -r age1x small" \
        "-k 0 -m 1 small" "-k 200 -m 100 small" "-r nobody small" "-i - -"; do
        # shellcheck disable=SC2086 # words
        run -64 --separate-stderr cairn-put $options
        assert_one_error cairn-put
    done
    unset CAIRN_PROVIDERS
    run -64 --separate-stderr cairn-put small
    assert_regex "$stderr" "no provider is named"
}

@test "what is not there or cannot be read has a status" {
    run -66 --separate-stderr cairn-put nothing
    assert_one_error cairn-put
    run -66 --separate-stderr cairn-put .
    run -66 --separate-stderr cairn-put --providers nothing small
    run -66 --separate-stderr cairn-put -i nothing small
    run -66 --separate-stderr cairn-put --recursive nothing
    run -74 --separate-stderr cairn-put /proc/self/mem
    assert_one_error cairn-put
    echo nonsense > list
    run -65 --separate-stderr cairn-put --providers list small
    run -74 --separate-stderr bash -c 'cairn-put small > /dev/full'
    chmod 644 me.key
    run -77 --separate-stderr cairn-put -i me.key small
    run -64 on_terminal "cairn-put < /dev/tty"
}

@test "with --json there is one document for each object" {
    run -0 --separate-stderr cairn-put --json -i me.key small
    assert_equal "$stderr" ""
    assert_equal "$(jq -c '[.name, .plain_bytes, .k, .m, .shards, .is_complete]' <<< "$output")" \
        '["small",10,1,2,3,true]'
    jq -r .link <<< "$output" | cairn-get - | cmp - small
    mkdir d
    cp small d/a
    run -0 --separate-stderr cairn-put --json --recursive d
    assert_equal "$(jq -r .name <<< "$output")" $'a\nd'
    run -66 --separate-stderr cairn-put --json nothing
    assert_json_error cairn-put noinput 66
}

@test "options can be given as variables" {
    cairn-keygen -o other.key > public
    export CAIRN_IDENTITY=other.key CAIRN_NAME=called
    cairn-put small > link
    assert_equal "$(cairn-ls)" called
    unset CAIRN_NAME
    CAIRN_DATA=x run -78 --separate-stderr cairn-put small
}

@test "the examples in put's help work" {
    cp small backup.tar
    mkdir docs
    cp small docs
    tar -cf docs.tar docs
    cp "$PROVIDERS" list
    run_examples cairn-put
    cairn-get @backup.link | cmp - small
    cairn-get @docs.link | tar -t
}
