# What the tools take of the system. Not run with the sanitizers, which take memory and descriptors of
# their own.
# shellcheck disable=SC2154 # helper and run set them
load helper
load data/filters

@test "a large sparse stream takes the memory of a few segments" {
    truncate -s 256M big
    tail -c 1000 /proc/self/maps >> big
    for code in "4 2" "1 2" "10 6"; do
        read -r k m <<< "$code"
        limit=$((3 * 8192 * (k + m) / k + 16384)) # KiB: three segments of 8 MiB, and the program
        command time -f %M -o memory cairn-encode -j 2 -k "$k" -m "$m" --segment 8MiB -o - big |
            command time -f %M -o memory.decode cairn-decode -j 2 | cmp - big
        assert [ "$(cat memory)" -lt "$limit" ]
        assert [ "$(cat memory.decode)" -lt "$limit" ]
    done
    command time -f %M -o memory cairn-encode -j 2 --segment 8MiB -d shards big
    assert [ "$(cat memory)" -lt $((3 * 8192 * 6 / 4 + 16384)) ]
    rm shards/00[13].shard
    command time -f %M -o memory cairn-decode -j 2 shards | cmp - big
    assert [ "$(cat memory)" -lt $((3 * 8192 * 6 / 4 + 16384)) ]
    command time -f %M -o memory cairn-decode --repair -j 2 shards
    assert [ "$(cat memory)" -lt $((3 * 8192 * 6 / 4 + 16384)) ]
}

@test "many segments: the roots of a manifest wait in a file, and nothing stays in TMPDIR" {
    truncate -s 136M big # 2176 segments of 255 roots: 17 MiB
    mkdir tmp
    TMPDIR=$PWD/tmp cairn-encode -k 255 -m 0 --segment 64KiB -j 2 -o - big > stream
    TMPDIR=$PWD/tmp command time -f %M -o memory cairn-decode -j 2 stream | cmp - big
    assert [ "$(cat memory)" -lt 65536 ]
    assert_equal "$(ls -A tmp)" ""
}

@test "files that the system does not let open are no damage" {
    make_data 1000 > file
    cairn-encode --segment 64KiB -d good file > /dev/null
    cp -r good shards
    for options in "" --check --repair; do
        # shellcheck disable=SC2086 # words
        run -71 --separate-stderr bash -c "ulimit -n 8; cairn-decode $options shards"
        assert_one_error cairn-decode
    done
    diff -r good shards
}

@test "5 GiB go through all filters exactly, beyond what 32 bits count" {
    truncate -s 5G big
    printf middle | dd of=big bs=1 seek=4294967290 conv=notrunc status=none
    printf end >> big
    cairn-keygen -q -o key > /dev/null
    cairn-encrypt -i key big | cairn-encode -o - | cairn-decode | cairn-decrypt -i key | cmp - big
    assert_equal "${PIPESTATUS[*]}" "0 0 0 0 0"
}

@test "tags of a large sparse shard, and proofs of it, take the memory of a small one" {
    cairn-keygen -q -o key > key.pub
    truncate -s 96M big
    for sectors in 1024 4096; do
        command time -f %M -o memory cairn-tag -j 1 -i key --sectors $sectors --prover prover \
            --public audit -f big
        assert [ "$(cat memory)" -lt 20480 ]
        cairn-challenge --random -f -o question big.tag
        for command in "cairn-prove storage --challenge question --key prover --tags big.tag" \
            "cairn-verify tags -j 1 --key prover --tags big.tag"; do
            # shellcheck disable=SC2086 # words
            command time -f %M -o memory $command big > proof
            assert [ "$(cat memory)" -lt 20480 ]
            # shellcheck disable=SC2086 # words
            command time -f %M -o memory $command < <(cat big) > proof
            assert [ "$(cat memory)" -lt 20480 ]
        done
    done
}

@test "plots take no more memory than is allowed" {
    for threads in 1 2; do
        mkdir $threads
        run -0 command time -f %M -o peak cairn-plot -q --form=poc2 --account 7 --nonces 320 \
            --threads $threads --memory 100MiB -d $threads
        [ "$(cat peak)" -le $((100 * 1024)) ] || fail "$threads threads took $(cat peak) KiB"
    done
}

@test "a stream of many frames is shown in the memory of one" {
    header=$(sed -n 's/^header //p' "$data/ledger/records.txt")
    sum=$(xxd -r -p <<< "$header" | b3sum --no-names)
    printf '%08x%s%s' $((${#header} / 2)) "${sum:0:16}" "$header" | xxd -r -p > many
    for ((i = 0; i < 16; ++i)); do
        cat many many > twice
        mv twice many
    done
    command time -f %M -o memory cairn-inspect --json many | tail -n 1 > last
    assert_equal "$(jq .offset_bytes last)" $((65535 * (${#header} / 2 + 12)))
    assert [ "$(cat memory)" -lt 20480 ]
}
