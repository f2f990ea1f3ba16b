# Rebuilding, checking and repairing: cairn-decode(1), cairn-shard(5).
# shellcheck disable=SC2154 # helper and run set them
load helper
load data/filters

# Makes `file` of SIZE bytes, `shards` of it in segments of 64 KiB with codes as OPTIONS say, `id`,
# and `good`, a copy to compare with: make_set SIZE [OPTIONS...]
make_set() {
    make_data "$1" > file
    shift
    cairn-encode --segment 64KiB -d good "$@" file > id
    id=$(cat id)
    rm -rf shards
    cp -r good shards
}

restore() {
    rm -rf shards
    cp -r good shards
}

# Damages a shard file in a way that has a name: damage FILE KIND. The object has one segment.
damage() {
    local size manifest
    size=$(stat -c %s "$1")
    manifest=$(stat -c %s good/manifest)
    case $2 in
    missing) rm "$1" ;;
    empty) : > "$1" ;;
    cut-header) truncate -s 1000 "$1" ;;
    cut-body) truncate -s 5000 "$1" ;;
    cut-trailer) truncate -s -1 "$1" ;;
    cut-manifest) truncate -s -60 "$1" ;;
    longer) echo >> "$1" ;;
    magic) flip "$1" 0 ;;
    header) flip "$1" 20 ;;
    header-end) flip "$1" 4095 ;;
    body) flip "$1" 4096 ;;
    body-end) flip "$1" $((size - 48 - manifest - 1)) ;;
    manifest) flip "$1" $((size - 48 - manifest + 70)) ;;
    trailer) flip "$1" $((size - 20)) ;;
    end) flip "$1" $((size - 1)) ;;
    both-ends) flip "$1" 40 && flip "$1" $((size - 5)) ;;
    zeros) head -c "$size" /dev/zero > "$1" ;;
    foreign) cp foreign/000.shard "$1" ;;
    twice) cp good/003.shard "$1" ;;
    directory) rm "$1" && mkdir "$1" ;;
    esac
}
kinds="missing empty cut-header cut-body cut-trailer cut-manifest longer magic header header-end
    body body-end manifest trailer end both-ends zeros foreign twice"

make_foreign() {
    make_data 1234 | tr 0-9 a-j | cairn-encode --segment 64KiB -d foreign > foreign.id
}

names_and_sums() {
    (cd "$1" && find . -mindepth 1 -printf '%P %s %y %T@\n' | sort && find . -type f -exec b3sum {} + | sort)
}

@test "a directory, its files in any order and under any names, and any four of the six" {
    make_set 200000
    run -0 --separate-stderr cairn-decode -o out shards
    assert_equal "$output$stderr" ""
    cmp out file
    cairn-decode shards/ | cmp - file
    cairn-decode good/00[0-5].shard | cmp - file
    cairn-decode good/005.shard good/001.shard good/000.shard good/004.shard 2> /dev/null | cmp - file
    for a in 0 1 2 3 4 5; do
        for b in 0 1 2 3 4 5; do
            [ "$a" -lt "$b" ] || continue
            restore
            rm "shards/00$a.shard" "shards/00$b.shard"
            cairn-decode shards 2> warnings | cmp - file
            assert_equal "$(cat warnings)" "cairn-decode: warning: '00$a.shard' is missing
cairn-decode: warning: '00$b.shard' is missing"
            cairn-decode shards/*.shard 2> /dev/null | cmp - file
        done
    done
    restore
    i=0
    for name in shards/00?.shard; do
        mv "$name" "shards/renamed $((9 - i)).shard"
        i=$((i + 1))
    done
    rm shards/manifest
    run -0 --separate-stderr cairn-decode -o renamed shards
    assert_equal "$stderr" "cairn-decode: warning: 'manifest' is missing"
    cmp renamed file
    cp good/000.shard a && cp good/002.shard b.txt && cp good/003.shard .c && cp good/005.shard d
    cairn-decode d .c b.txt a 2> /dev/null | cmp - file
    cairn-decode a a b.txt b.txt d d .c 2> /dev/null | cmp - file
    run -65 --separate-stderr cairn-decode -o none a b.txt d
    run -65 --separate-stderr cairn-decode -o none a a b.txt d
    assert [ ! -e none ]
}

@test "every loss of up to two files, by every kind of damage, gives the object" {
    make_set 10000
    make_foreign
    read -r -d '' -a kind <<< "$kinds" || true
    n=0
    for lost in "" 0 1 2 3 4 5 "0 1" "0 2" "0 3" "0 4" "0 5" "1 2" "1 3" "1 4" "1 5" "2 3" "2 4" \
        "2 5" "3 4" "3 5" "4 5"; do
        for _ in 1 2 3 4 5 6; do
            restore
            for index in $lost; do
                n=$((n + 1))
                damage "shards/00$index.shard" "${kind[n % ${#kind[@]}]}"
            done
            cairn-decode shards 2> warnings | cmp - file || fail "$lost, $n"
            [[ -n $lost ]] || break
        done
    done
}

@test "every kind of damage is found by --check and undone by --repair, byte for byte" {
    make_set 10000
    make_foreign
    for kind in $kinds; do
        restore
        damage shards/001.shard "$kind"
        damage shards/004.shard "$kind"
        run -3 --separate-stderr cairn-decode --check shards
        assert_equal "$output" ""
        assert_regex "$stderr" "001.shard'"
        assert_regex "$stderr" "004.shard'"
        run -0 --separate-stderr cairn-decode --repair shards
        run -0 --separate-stderr cairn-decode --check shards
        if [ "$kind" = foreign ]; then
            assert_equal "$(cd shards && echo ./*.foreign)" "./001.shard.foreign ./004.shard.foreign"
            cmp shards/001.shard.foreign foreign/000.shard
            rm shards/*.foreign
        fi
        diff -r good shards
    done
}

@test "damage in different segments of all files adds up to nothing" {
    make_set $((65536 * 6))
    for segment in 0 1 2 3 4 5; do
        flip "shards/00$segment.shard" $((4096 + 16384 * segment + 7))
        flip "shards/00$(((segment + 3) % 6)).shard" $((4096 + 16384 * segment + 16383))
    done
    cairn-decode shards 2> /dev/null | cmp - file
    run -3 --separate-stderr cairn-decode --check shards
    assert_equal "$(grep -c 'is damaged$' <<< "$stderr")" 6
    run -0 --separate-stderr cairn-decode --repair -v shards
    assert_equal "$(grep -c rebuilt <<< "$stderr")" 6
    diff -r good shards
}

@test "files with neither header nor trailer count, while a manifest is left" {
    make_set 100000
    for index in 0 1 2 3 4 5; do damage "shards/00$index.shard" both-ends; done
    cairn-decode shards 2> /dev/null | cmp - file
    cairn-decode --repair shards 2> /dev/null
    diff -r good shards
    for index in 0 1 2 3 4 5; do damage "shards/00$index.shard" both-ends; done
    rm shards/manifest
    run -65 --separate-stderr cairn-decode -o out shards
    assert_one_error cairn-decode
    cp good/002.shard shards/
    cairn-decode shards 2> /dev/null | cmp - file
    # Zeros: nothing tells the shards apart, and nothing has to.
    head -c 200000 /dev/zero > zeros
    cairn-encode --segment 64KiB -d blank zeros > blank.id
    cp -r blank blank.good
    for index in 0 1 2 3 4 5; do flip "blank/00$index.shard" 30; done
    rm blank/000.shard blank/001.shard
    cairn-decode blank 2> /dev/null | cmp - zeros
    cairn-decode --repair blank 2> /dev/null
    diff -r blank blank.good
}

@test "three lost shards: status 65, no file, and on a pipe a verified prefix" {
    make_set 400000
    for lost in "0 1 2" "0 3 5" "3 4 5"; do
        restore
        for index in $lost; do rm "shards/00$index.shard"; done
        run -65 --separate-stderr cairn-decode -o out shards
        assert_one_error cairn-decode
        run -65 --separate-stderr cairn-decode --check shards
        run -65 --separate-stderr cairn-decode shards
        assert_equal "$output" ""
    done
    restore
    for index in 0 2 5; do flip "shards/00$index.shard" $((4096 + 16384 * 3)); done
    run -65 --separate-stderr cairn-decode -o out shards
    cairn-decode shards > prefix 2> errors && status=0 || status=$?
    assert_equal "$status" 65
    head -c $((65536 * 3)) file | cmp - prefix
    assert [ ! -e out ]
    cairn-decode --range 0-196607 shards 2> /dev/null | cmp - prefix
    cairn-decode --range 262144- shards 2> /dev/null | cmp - <(tail -c +262145 file)
    run -65 --separate-stderr cairn-decode -o out --range 196608-196608 shards
}

@test "of two objects in one place --id picks one" {
    make_set 1000
    make_foreign
    other=$(cat foreign.id)
    for index in 0 1 2 3; do cp "foreign/00$index.shard" "shards/x$index.shard"; done
    for options in "" --check; do
        # shellcheck disable=SC2086 # words
        run -65 --separate-stderr cairn-decode $options shards
        assert_one_error cairn-decode
        assert_regex "$stderr" "more than one object"
    done
    run -65 --separate-stderr cairn-decode --repair shards
    run -65 --separate-stderr cairn-decode good/00[1-4].shard foreign/00[1-4].shard
    cairn-decode --id "$id" shards 2> /dev/null | cmp - file
    make_data 1234 | tr 0-9 a-j | cmp - <(cairn-decode --id "$other" shards 2> /dev/null)
    cairn-decode --check --id "$id" shards # nothing of it is damaged
    run -3 --separate-stderr cairn-decode --check --id "$other" shards
    # Too few of the other to matter.
    rm shards/x0.shard
    cp shards/x1.shard shards/again.shard
    run -0 --separate-stderr cairn-decode -o out shards
    assert_equal "$(grep -c 'is of another object$' <<< "$stderr")" 4
    cmp out file
    # The hint can be pasted.
    cp foreign/000.shard shards/x0.shard
    run -65 --separate-stderr cairn-decode shards
    assert_regex "${stderr_lines[1]}" "^hint: choose one: --id ($id|$other)$"
}

@test "an id that is not there is status 65, one that is none status 64" {
    make_set 1000
    cairn-encode -o stream file > stream.id
    wrong=$(printf '0%.0s' {1..64})
    cairn-decode --id "$id" shards | cmp - file
    cairn-decode --id "$(cat stream.id)" stream | cmp - file
    for source in shards "good/000.shard good/001.shard good/002.shard good/003.shard" stream; do
        # shellcheck disable=SC2086 # words
        run -65 --separate-stderr cairn-decode --id "$wrong" -o out $source
        assert_one_error cairn-decode
        # shellcheck disable=SC2086 # words
        run -65 --separate-stderr cairn-decode --id "$wrong" $source
        assert_equal "$output" "" # not even a prefix
        for bad in '' 00 "${id^^}x" "${id:1}" "${id}0" "0x$id" "${id/?/G}"; do
            # shellcheck disable=SC2086 # words
            run -64 --separate-stderr cairn-decode --id "$bad" -o out $source
            assert_one_error cairn-decode
        done
    done
    run -64 --separate-stderr cairn-decode --check --id '' shards
    run -64 --separate-stderr cairn-decode --repair --id '' shards
    run -65 --separate-stderr cairn-decode --check --id "$wrong" shards
    run -65 --separate-stderr cairn-decode --repair --id "$wrong" shards
    assert [ ! -e out ]
    diff -r good shards
}

@test "--check: 0 all is good, 3 damaged, 65 cannot be rebuilt; --json says the same" {
    make_set 100000
    run -0 --separate-stderr cairn-decode --check shards
    assert_equal "$output$stderr" ""
    run -0 --separate-stderr cairn-decode --check good/*.shard
    run -0 --separate-stderr cairn-decode --check --json shards
    assert_equal "$(jq -c . <<< "$output")" \
        "{\"health\":\"good\",\"id\":\"$id\",\"total_bytes\":100000,\"faults\":[]}"
    mv shards/000.shard swap && mv shards/005.shard shards/000.shard && mv swap shards/005.shard
    run -0 --separate-stderr cairn-decode --check shards # names do not matter

    restore
    flip shards/005.shard 5000 # parity, which decoding does not read
    cairn-decode shards 2> warnings | cmp - file
    assert [ ! -s warnings ]
    rm shards/002.shard
    run -3 --separate-stderr cairn-decode --check shards
    assert_equal "$output" ""
    assert_equal "$stderr" "cairn-decode: warning: 'shards/005.shard' is damaged
cairn-decode: warning: '002.shard' is missing"
    run -3 --separate-stderr cairn-decode --check --json shards
    assert_equal "$(jq -c '[.health, .faults]' <<< "$output")" \
        '["damaged",[{"file":"shards/005.shard","fault":"is damaged"},{"file":"002.shard","fault":"is missing"}]]'
    run -3 --separate-stderr cairn-decode --check good/00[0-4].shard
    run -3 --separate-stderr cairn-decode -q --check shards
    assert_equal "$output$stderr" ""

    rm shards/000.shard
    run -65 --separate-stderr cairn-decode --check shards
    assert_regex "${stderr_lines[-1]}" "^cairn-decode: error: "
    run -65 --separate-stderr cairn-decode --check --json shards
    assert_equal "$(jq -r .health <<< "$output")" unrecoverable
    assert_equal "$(tail -n 1 <<< "$stderr" | jq -c '[.ev, .code, .exit]')" '["error","data",65]'

    mkdir empty
    run -65 --separate-stderr cairn-decode --check empty
    assert_one_error cairn-decode
    run -65 --separate-stderr cairn-decode --check --json file
    assert_json_error cairn-decode data 65
    run -66 --separate-stderr cairn-decode --check nothing
    run -66 --separate-stderr cairn-decode --check good/000.shard nothing
    run -66 --separate-stderr cairn-decode --check good shards
}

@test "--check finds a changed byte anywhere in a set" {
    make_data 1 > file
    cairn-encode -k 1 -m 1 --segment 64KiB -d shards file > id
    cp -r shards good
    size=$(stat -c %s shards/001.shard)
    for ((at = 0; at < size; at += at < 95 || at > 4090 ? 5 : 797)); do
        flip shards/001.shard "$at"
        run -3 --separate-stderr cairn-decode --check shards
        assert_equal "$stderr" "cairn-decode: warning: 'shards/001.shard' is damaged"
        flip shards/001.shard "$at"
    done
    for ((at = 0; at < $(stat -c %s good/manifest); at += 7)); do
        flip shards/manifest "$at"
        run -3 --separate-stderr cairn-decode --check shards
        assert_regex "$stderr" "warning: 'manifest' is (damaged|of another object)"
        cairn-decode shards 2> /dev/null | cmp - file
        flip shards/manifest "$at"
    done
    cairn-decode --check shards
}

@test "--repair makes the manifest anew" {
    make_set 100000
    for change in "rm shards/manifest" "truncate -s 0 shards/manifest" "truncate -s -1 shards/manifest" \
        "flip shards/manifest 60" "flip shards/manifest 150" "dd if=/dev/zero of=shards/manifest count=9 status=none"; do
        restore
        $change
        run -3 --separate-stderr cairn-decode --check shards
        run -0 --separate-stderr cairn-decode --repair --json shards
        assert_equal "$(jq -c .rebuilt <<< "$output")" '["shards/manifest"]'
        run -0 --separate-stderr cairn-decode --check shards
        cmp shards/manifest good/manifest
    done
    make_foreign
    restore
    cp foreign/manifest shards/manifest
    run -0 --separate-stderr cairn-decode --repair --json shards
    assert_equal "$(jq -c .moved <<< "$output")" '["shards/manifest.foreign"]'
    cmp shards/manifest.foreign foreign/manifest
    rm shards/manifest.foreign
    diff -r good shards
}

@test "--repair puts renamed and swapped files right and destroys nothing of others" {
    make_set 100000
    make_foreign
    mv shards/000.shard swap && mv shards/004.shard shards/000.shard && mv swap shards/004.shard
    run -0 --separate-stderr cairn-decode --repair shards
    diff -r good shards

    mv shards/001.shard shards/elsewhere.shard
    mv shards/002.shard shards/003.shard.old
    cp shards/000.shard shards/002.shard
    run -0 --separate-stderr cairn-decode --repair shards
    cmp shards/elsewhere.shard good/001.shard
    cmp shards/003.shard.old good/002.shard
    rm shards/elsewhere.shard shards/003.shard.old
    diff -r good shards

    cp foreign/005.shard shards/000.shard
    echo mine > shards/000.shard.foreign
    echo mine > shards/note
    cp foreign/001.shard shards/kept.shard
    run -0 --separate-stderr cairn-decode --repair shards
    assert_regex "$stderr" "a file of another object is now 'shards/000.shard.foreign2'"
    cmp shards/000.shard.foreign2 foreign/005.shard
    cmp shards/kept.shard foreign/001.shard
    assert_equal "$(cat shards/000.shard.foreign shards/note)" $'mine\nmine'
    run -0 --separate-stderr cairn-decode --check shards
    rm shards/*.foreign* shards/note shards/kept.shard
    diff -r good shards
}

@test "--repair of what is whole changes nothing, nor does one that is not possible" {
    make_set 300000
    names_and_sums shards > before
    run -0 --separate-stderr cairn-decode --repair --json shards
    assert_equal "$(jq -c . <<< "$output")" '{"faults":[],"rebuilt":[],"moved":[]}'
    names_and_sums shards | cmp - before

    make_foreign
    for index in 0 2 5; do flip "shards/00$index.shard" $((4096 + 16384 * 2)); done
    cp foreign/001.shard shards/001.shard
    rm shards/manifest
    names_and_sums shards > before
    run -65 --separate-stderr cairn-decode --repair shards
    assert_one_error cairn-decode
    run -65 --separate-stderr cairn-decode --repair --json shards
    assert_json_error cairn-decode data 65
    names_and_sums shards | cmp - before

    restore
    rm shards/001.shard
    mkdir shards/001.shard
    run -66 --separate-stderr cairn-decode --repair shards
    assert_one_error cairn-decode
    rmdir shards/001.shard
    mkfifo shards/001.shard
    run -66 --separate-stderr timeout 5 cairn-decode --repair shards
    timeout 5 cairn-decode shards 2> /dev/null | cmp - file
}

@test "--repair takes one directory" {
    make_set 1000
    run -64 --separate-stderr cairn-decode --repair
    run -64 --separate-stderr cairn-decode --repair good shards
    run -64 --separate-stderr cairn-decode --repair --check shards
    run -64 --separate-stderr cairn-decode --repair -o out shards
    run -64 --separate-stderr cairn-decode --repair --range 0-1 shards
    run -64 --separate-stderr cairn-decode --check --range '' shards
    run -64 --separate-stderr cairn-decode --check -f shards
    run -64 --separate-stderr cairn-decode --check
    run -66 --separate-stderr cairn-decode --repair good/000.shard
    run -66 --separate-stderr cairn-decode --repair nothing
}

@test "one repair at a time" {
    make_set 1000
    rm shards/000.shard
    run -75 --separate-stderr flock shards cairn-decode --repair shards
    assert_one_error cairn-decode
    run -75 --separate-stderr flock shards cairn-decode --repair --json shards
    assert_json_error cairn-decode tempfail 75
    assert [ ! -e shards/000.shard ]
    flock shards cairn-decode shards 2> /dev/null | cmp - file # reading needs no lock
    cairn-decode --repair shards 2> /dev/null
    diff -r good shards
}

@test "--wait waits for another repair" {
    make_set 1000
    rm shards/000.shard
    mkfifo fifo
    flock shards cat fifo &
    pid=$!
    exec 7> fifo
    until ! flock -n shards true; do :; done
    run -75 --separate-stderr cairn-decode --repair --wait 100ms shards
    assert_regex "$stderr" "locked by process $pid"
    cairn-decode -q --repair --wait 30s shards 7>&- &
    repair=$!
    exec 7>&-
    wait "$repair"
    diff -r good shards
    for bad in 1 -1s 25h 1.5s x ''; do
        run -64 --separate-stderr cairn-decode --repair --wait "$bad" shards
    done
    run -64 --separate-stderr cairn-decode --wait 1s shards
    run -64 --separate-stderr cairn-decode --check --wait 1s shards
}

@test "ranges are parts of the object, from files and from a stream" {
    make_set 200000
    cairn-encode --segment 64KiB -o stream file > /dev/null
    rm shards/001.shard
    for range in 0-0 0-199999 0- 1-1 65535-65536 65536-131071 100-150000 199999-199999 199999- 131072- \
        199990-300000 0-18446744073709551615 200000-200000 200000- 999999-18446744073709551615; do
        read -r first last <<< "${range/-/ }"
        dd if=file iflag=skip_bytes,count_bytes skip="$first" status=none \
            ${last:+count=$((last > 200000 || last < 0 ? 200000 : last - first + 1))} 2> /dev/null > expected || : > expected
        for source in shards good stream; do
            cairn-decode --range "$range" "$source" 2> /dev/null | cmp - expected || fail "$range of $source"
        done
        cairn-decode --range "$range" - < stream | cmp - expected
        cairn-decode -f --range="$range" -o out shards 2> /dev/null
        cmp out expected
    done
    for bad in '' - 5 5-4 -5 a-b 1-b 0x0-1 00-1 1-01 +1-2 1-+2 ' 1-2' '1 - 2' 1--2 1-2-3 1-2% \
        18446744073709551616- 0-18446744073709551616 1KiB-2KiB 1.0-2 -1--1; do
        run -64 --separate-stderr cairn-decode "--range=$bad" -o none shards
        assert_one_error cairn-decode
    done
    assert [ ! -e none ]
    # Only the segments of the range are read.
    for index in 0 2 3; do flip "shards/00$index.shard" 4096; done
    cairn-decode --range 65536- shards 2> /dev/null | cmp - <(tail -c +65537 file)
}

@test "the empty object" {
    make_set 0
    for files in 0 1 2 3 4; do
        cairn-decode shards 2> /dev/null > out
        assert [ ! -s out ]
        cairn-decode --range 5-7 shards 2> /dev/null > out
        assert [ ! -s out ]
        rm "shards/00$files.shard"
    done
    cairn-decode --repair shards 2> /dev/null
    diff -r good shards
    cairn-encode -o - file | cairn-decode -o none
    assert [ -e none ]
    assert [ ! -s none ]
}

@test "a stream that is cut or continued is status 65 and makes no file" {
    make_data 150000 > file
    cairn-encode --segment 64KiB -o stream file > id
    size=$(stat -c %s stream)
    for at in 0 1 8 63 64 65 80 127 128 129 16511 16512 $((64 + 6 * 16448)) 200000 \
        $((size - 600)) $((size - 49)) $((size - 48)) $((size - 8)) $((size - 1)); do
        head -c "$at" stream > part
        for id in "" "--id $(cat id)"; do
            # shellcheck disable=SC2086 # words
            run -65 --separate-stderr cairn-decode $id -o out part
            assert_one_error cairn-decode
            # shellcheck disable=SC2086 # words
            cairn-decode $id < part > prefix 2> error && status=0 || status=$?
            assert_equal "$status" 65
            [[ -z $id ]] || assert [ ! -s prefix ] # nothing before all is known
            cmp -n "$(stat -c %s prefix)" prefix file
        done
    done
    for more in x CAIRNSTR; do
        { cat stream && printf %s $more; } > long
        run -65 --separate-stderr cairn-decode -o out long
        run -65 --separate-stderr cairn-decode -o out < long
    done
    cat stream stream > twice
    run -65 --separate-stderr cairn-decode -o out twice
    assert [ ! -e out ]
}

@test "damage in a stream's shards is repaired, elsewhere it is status 65" {
    make_data 150000 > file
    cairn-encode --segment 64KiB -o good file > id
    size=$(stat -c %s good)
    frame=$((64 + 16384))
    cp good stream
    for segment in 0 1; do
        flip stream $((64 + (segment * 6 + 1 + segment) * frame + 64))
        flip stream $((64 + (segment * 6 + 4 - segment) * frame + 64 + 16383))
    done
    cairn-decode -o out stream 2> warnings
    cmp out file
    assert_equal "$(sort warnings)" "cairn-decode: warning: 'shard 1' is damaged in the stream
cairn-decode: warning: 'shard 2' is damaged in the stream
cairn-decode: warning: 'shard 3' is damaged in the stream
cairn-decode: warning: 'shard 4' is damaged in the stream"
    flip stream $((64 + frame * 6 + 64))
    run -65 --separate-stderr cairn-decode -o none stream
    cairn-decode stream > prefix 2> /dev/null && status=0 || status=$?
    assert_equal "$status" 65
    head -c 65536 file | cmp - prefix
    for at in 0 7 8 12 16 30 63 64 67 68 70 72 80 88 127 $((64 + frame * 5 + 10)) $((64 + frame * 6)) \
        $((size - 1)) $((size - 40)) $((size - 48)) $((size - 100)); do
        cp good stream
        flip stream "$at"
        run -65 --separate-stderr cairn-decode -o none stream
        assert_equal "$output" ""
        run -65 --separate-stderr cairn-decode -o none - < stream
    done
    assert [ ! -e none ]
}

@test "what is neither shards nor a stream is status 65" {
    make_data 100000 > file
    head -c 5000 /dev/zero > zeros
    : > empty
    mkdir directory
    printf CAIRNSTR > magic
    printf CAIRNSHD > shard
    age-keygen 2> /dev/null > key
    for source in file zeros empty directory magic shard key /dev/null "file zeros"; do
        # shellcheck disable=SC2086 # words
        run -65 --separate-stderr cairn-decode -o out $source
        assert_one_error cairn-decode
    done
    run -65 --separate-stderr cairn-decode -o out < file
    run -65 --separate-stderr cairn-decode -o out < /dev/null
    assert [ ! -e out ]
}

@test "one file is enough with one data shard, whatever is damaged but its shards" {
    make_data 100000 > file
    cairn-encode -k 1 -m 1 --segment 64KiB -d shards file > id
    cairn-decode shards/001.shard 2> /dev/null | cmp - file
    for at in 0 5 40 4000; do
        cp shards/001.shard one
        flip one "$at"
        cairn-decode one 2> /dev/null | cmp - file
    done
}

@test "a file that exists is replaced only with -f, and only by a whole object" {
    make_set 1000
    echo precious > out
    run -73 --separate-stderr cairn-decode -o out shards
    assert_one_error cairn-decode
    assert_equal "$(cat out)" precious
    rm shards/00[024].shard
    run -65 --separate-stderr cairn-decode -f -o out shards
    assert_equal "$(cat out)" precious
    cairn-decode -f -o out good
    cmp out file
    run -73 --separate-stderr cairn-decode -o nowhere/out good
    run -73 --separate-stderr cairn-decode -o good good
}

@test "inputs that are not there are status 66" {
    make_set 1000
    for source in nothing "shards nothing" '' "good/000.shard good/001.shard good/002.shard good/009.shard"; do
        # shellcheck disable=SC2086 # words
        run -66 --separate-stderr cairn-decode -o out ${source:-''}
        assert_one_error cairn-decode
    done
    run -66 --separate-stderr cairn-decode -o out ''
    assert [ ! -e out ]
}

@test "decode neither reads shards from a terminal nor writes the object to one" {
    make_set 1000
    run -64 on_terminal "cairn-decode shards"
    assert_output --partial "refusing to write binary data to a terminal"
    run -64 on_terminal "cairn-decode < /dev/tty > out"
    assert_output --partial "standard input is a terminal"
    run -0 on_terminal "cairn-decode -o - shards"
    assert_output --partial 277
    run -0 on_terminal "cairn-decode shards > out"
    cmp out file
}

@test "outputs that are full or closed" {
    make_set 3000000
    cairn-encode -o stream file > /dev/null
    for source in shards stream; do
        run -74 --separate-stderr bash -c "cairn-decode $source > /dev/full"
        assert_equal "${#stderr_lines[@]}" 1
        run -74 --separate-stderr cairn-decode -o /dev/full "$source"
        run -74 --separate-stderr cairn-decode --id "$(cat id)" -o /dev/full shards
        cairn-decode "$source" | head -c 1 > first
        assert_equal "${PIPESTATUS[0]}" 141
    done
    run -74 --separate-stderr bash -c 'cairn-decode --check --json shards > /dev/full'
}

@test "the environment changes nothing" {
    make_set 1000
    export CAIRN_HOME=/nonexistent/$'\n' CAIRN_OUTPUT=out CAIRN_RANGE=none CAIRN_ID=none CAIRN_CHECK=1
    export CAIRN_REPAIR=1 CAIRN_THREADS=many
    cairn-decode shards | cmp - file
    assert [ ! -e out ]
}

@test "closed descriptors do no harm to decode" {
    make_set 3000
    cairn-encode -o stream file > /dev/null
    for source in shards stream; do
        run -74 --separate-stderr bash -c "cairn-decode $source >&-"
        assert_one_error cairn-decode
        bash -c "cairn-decode $source <&- 2>&-" | cmp - file
        bash -c "cairn-decode -f -o back $source <&- >&- 2>&-"
        cmp back file
    done
    run -66 --separate-stderr bash -c 'cairn-decode <&-'
    assert_one_error cairn-decode
    bash -c 'cairn-decode --check shards <&- >&- 2>&-'
    rm shards/001.shard
    bash -c 'cairn-decode --repair shards <&- >&- 2>&-'
    diff -r good shards
}

@test "SIGUSR1 tells how far it is and disturbs nothing" {
    make_set 3000000
    cairn-encode -o stream file > /dev/null
    mkfifo in
    cairn-decode < in > back 2> told &
    pid=$!
    exec 9> in
    head -c 3000000 stream >&9 # more than a pipe holds: it is at work
    kill -USR1 "$pid"
    until [ -s told ]; do kill -0 "$pid"; done
    tail -c +3000001 stream >&9
    exec 9>&-
    wait "$pid"
    cmp back file
    assert_regex "$(cat told)" '^cairn-decode: decode .* so far$'
}

@test "decode that is stopped leaves nothing" {
    make_data 300000 > file
    cairn-encode --segment 64KiB -o stream file > /dev/null
    mkfifo fifo
    for signal in TERM HUP; do
        cairn-decode -o out fifo 2> /dev/null &
        pid=$!
        exec 7> fifo
        head -c 200000 stream >&7
        kill -s "$signal" "$pid"
        wait "$pid" && status=0 || status=$?
        exec 7>&-
        assert_equal "$status" $((128 + $(kill -l "$signal")))
        assert_equal "$(files)" "fifo file stream "
    done
}

@test "any number of threads gives the same" {
    make_set 700000
    cairn-encode --segment 64KiB -o stream file > /dev/null
    rm shards/00[03].shard
    for threads in 1 2 8; do
        cairn-decode -j "$threads" shards 2> /dev/null | cmp - file
        cairn-decode -j "$threads" stream | cmp - file
        run -3 --separate-stderr cairn-decode -j "$threads" --check shards
    done
    for bad in 0 65 -1 x ''; do run -64 --separate-stderr cairn-decode -j "$bad" shards; done
}

@test "with --json everything is JSON, and names may hold anything" {
    make_set 1000
    rm shards/000.shard
    run -0 --separate-stderr cairn-decode --json -o out shards
    assert_equal "$output" ""
    assert_equal "$(tail -n 1 <<< "$stderr" | jq -c '[.ev, .faults]')" \
        '["summary",[{"file":"000.shard","fault":"is missing"}]]'
    jq -e . <<< "$stderr" > /dev/null
    run -65 --separate-stderr cairn-decode --json shards/001.shard
    assert_json_error cairn-decode data 65
    run -64 --separate-stderr cairn-decode --json --id x shards
    assert_json_error cairn-decode usage 64

    restore
    name=$'n\n\e[2J\xff [a,b]'
    mv shards "$name"
    mv "$name/000.shard" "$name/$name.shard"
    truncate -s 4200 "$name/$name.shard"
    cairn-decode "$name" 2> warnings | cmp - file
    assert_equal "$(wc -l < warnings)" 1
    run ! grep -q $'\e' warnings
    run -3 --separate-stderr cairn-decode --check --json "$name"
    assert_equal "$(jq -r '.faults | length' <<< "$output")" 1
    run -0 --separate-stderr cairn-decode --repair --json "$name"
    jq -e . <<< "$output" > /dev/null
    cmp "$name/000.shard" good/000.shard
    cairn-decode -o "./$name.out" "./$name"
    cmp "./$name.out" file
    cp -r good -- -dash
    cairn-decode -- -dash | cmp - file
}

@test "decode reads only as many shards as it needs" {
    make_set 300000
    for index in 4 5; do flip "shards/00$index.shard" 4100; done
    cairn-decode shards 2> warnings | cmp - file
    assert [ ! -s warnings ]
}

@test "the examples in decode's help work" {
    make_set 1000
    run_examples cairn-decode
    cmp backup.age file
}
