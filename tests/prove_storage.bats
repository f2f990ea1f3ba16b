# Proofs that shards are stored: cairn-prove(1), cairn-challenge(5).
# shellcheck disable=SC2154 # helper and run set them
load helper
load data/filters
load data/proofs

setup_file() {
    make_keys
}

setup() {
    copy_files
}

@test "a proof is that of the format page" {
    seq 100 > shard
    cairn-tag -i me.key --sectors 4 --prover prover shard
    cairn-challenge --seed "$(seq 0 31 | xargs printf '%02x')" -n 2 -o question shard.tag
    cairn-prove storage --challenge question --key prover -o proof shard
    proof=$(awk '/^\.Bd/ { text = ""; next }
        /^\.Ed/ { gsub(/ /, "", text); if (index(text, "841501") == 1) print text }
        { text = text $0 }' "$root/man/cairn-challenge.5" | sed 's/.*challenge5880//')
    assert_equal "$(tail -c 128 proof | od -An -v -tx1 | tr -d ' \n')" "$proof"
    assert_equal "$(head -c -130 proof | tail -c +4 | sha256sum)" "$(sha256sum < question)"
}

@test "a proof of any shard is right, however it is read, and always the same" {
    for size in 0 1 247 248 249 5000 1100000; do
        make_shard shard $size
        for blocks in 1 16 4096; do
            cairn-challenge --seed "$zero_seed" -n $blocks -f -o question shard.tag
            cairn-prove storage --challenge question --key me.prover -f -o proof shard
            cairn-verify storage -q --challenge question --key me.audit proof
            # shellcheck disable=SC2002 # a pipe it shall be
            cat shard | cairn-prove storage --challenge question --key me.prover --tags shard.tag |
                cmp - proof
            cairn-prove storage --challenge question --key me.prover --tags shard.tag - < shard |
                cmp - proof
            cairn-prove storage --challenge - --key me.prover shard < question | cmp - proof
            cairn-prove storage --challenge question --key - shard < me.prover | cmp - proof
        done
        rm shard.tag
    done
}

@test "a proof has 128 bytes whatever is asked" {
    for size in 1 1100000; do
        make_shard shard $size
        make_proof shard
        assert_equal "$(stat -c %s proof)" $(($(stat -c %s question) + 3 + 130))
        rm shard.tag
    done
}

@test "in a pipe: challenge, prove, verify" {
    make_shard shard 100000
    run -0 bash -euo pipefail -c 'cairn-challenge --random -n 64 shard.tag | tee question |
        cairn-prove storage --challenge - --key me.prover shard | tee proof |
        cairn-verify storage --challenge question --key me.audit'
    assert_output "valid: 64 blocks of 1 shard of $(cat me.address)"
    run -0 cairn-verify storage --challenge question --key me.audit proof
}

@test "many shards have one proof, in whatever order they are named" {
    for i in 1 2 3 4 5 6 7; do make_shard $i $((300 * i * i)); done
    make_shard empty 0
    cairn-challenge --random -n 40 -o question ./*.tag
    cairn-prove storage --challenge question --key me.prover -o proof empty 7 1 6 2 5 3 4
    cairn-prove storage --challenge question --key me.prover 1 2 3 4 5 6 7 empty | cmp - proof
    cairn-prove storage --challenge question --key me.prover --tags 1.tag --tags empty.tag \
        --tags 3.tag --tags 4.tag --tags 5.tag --tags 6.tag --tags 7.tag --tags 2.tag \
        1 empty 3 4 5 6 7 - < ./2 | cmp - proof
    assert_equal "$(stat -c %s proof)" $(($(stat -c %s question) + 3 + 130))
    run -0 cairn-verify storage --challenge question --key me.audit proof
    assert_output "valid: 40 blocks of 8 shards of $(cat me.address)"
    # All of them, and no other, are named.
    run -64 --separate-stderr cairn-prove storage --challenge question --key me.prover 1 2 3 4 5 6 7
    assert_one_error cairn-prove
    assert_regex "$stderr" "$(b3sum --no-names empty)"
    make_shard more 9
    run -64 --separate-stderr cairn-prove storage --challenge question --key me.prover \
        1 2 3 4 5 6 7 empty more
    assert_one_error cairn-prove
    assert_regex "$stderr" "'more'"
    run -64 --separate-stderr cairn-prove storage --challenge question --key me.prover \
        --tags 1.tag 1 2 3 4 5 6 7 empty
    assert_one_error cairn-prove
}

@test "who is damaged of many is named, and there is no proof" {
    for i in 1 2 3 4; do make_shard $i 2000; printf %s $i | dd of=$i conv=notrunc status=none; done
    for i in 1 2 3 4; do cairn-tag -f -i me.key --sectors 8 $i; done
    cairn-challenge --random -n 4096 -o question {1,2,3,4}.tag
    flip 2 1999
    flip 4 0
    run -65 --separate-stderr cairn-prove storage --challenge question --key me.prover -o proof 1 2 3 4
    assert_equal "$output" ""
    assert_equal "$(grep -c warning: <<< "$stderr")" 2
    grep -q "'2' or its tags" <<< "$stderr"
    grep -q "'4' or its tags" <<< "$stderr"
    assert_regex "${stderr_lines[-1]}" "^cairn-prove: error: there is no proof"
    assert [ ! -e proof ]
    # From a pipe it cannot be read again, and is told all the same.
    run -65 --separate-stderr cairn-prove storage --challenge question --key me.prover \
        --tags 1.tag --tags 2.tag --tags 3.tag --tags 4.tag 1 2 3 - < <(cat 4)
    assert_equal "$(grep -c warning: <<< "$stderr")" 1
    assert_regex "${stderr_lines[-1]}" "^cairn-prove: error: there is no proof"
    # Tags of another shard of the same size.
    flip 2 1999
    flip 4 0
    run -65 --separate-stderr cairn-prove storage --challenge question --key me.prover \
        --tags 2.tag --tags 1.tag --tags 3.tag --tags 4.tag 1 2 3 4
    assert_equal "$(grep -c "warning: '[12]' or" <<< "$stderr")" 2
    cairn-prove storage --challenge question --key me.prover -o proof 1 2 3 4
}

@test "a changed bit of the shard, of its tags or of the keys leaves no proof" {
    make_shard shard 3000
    make_proof shard
    prove=(cairn-prove storage --challenge question --key me.prover shard)
    with_each_flip shard 0 3000 101 "65" "${prove[@]}"
    with_each_flip shard.tag 0 128 5 "65" "${prove[@]}"
    with_each_flip shard.tag 160 784 13 "65" "${prove[@]}"
    with_each_flip me.prover 0 675 11 "65" "${prove[@]}"
    with_each_flip question 0 39 1 "65" "${prove[@]}" # and another seed is another question
    with_each_flip question 73 113 1 "64 65" "${prove[@]}"
    "${prove[@]}" | cmp - proof
}

@test "what is cut off or goes on is refused" {
    make_shard shard 3000
    make_proof shard
    for file in question me.prover shard.tag; do
        cp $file kept
        for size in 0 1 100 $(($(stat -c %s kept) - 1)); do
            head -c "$size" kept > $file
            run -65 --separate-stderr cairn-prove storage --challenge question --key me.prover shard
            assert_one_error cairn-prove
        done
        (cat kept && echo) > $file
        run -65 --separate-stderr cairn-prove storage --challenge question --key me.prover shard
        assert_one_error cairn-prove
        cp kept $file
    done
    head -c 2M /dev/zero > large
    run -65 --separate-stderr cairn-prove storage --challenge large --key me.prover shard
    run -65 --separate-stderr cairn-prove storage --challenge question --key large shard
    cp shard longer
    echo >> longer
    run -65 --separate-stderr cairn-prove storage --challenge question --key me.prover \
        --tags shard.tag longer
    assert_one_error cairn-prove
    head -c 2999 shard > shorter
    run -65 --separate-stderr cairn-prove storage --challenge question --key me.prover \
        --tags shard.tag shorter
    assert_one_error cairn-prove
    run -65 --separate-stderr cairn-prove storage --challenge question --key me.prover \
        --tags shard.tag < <(cat shorter)
    assert_one_error cairn-prove
}

@test "the key, the tags and the shard are those of the challenge" {
    make_shard shard 3000
    make_proof shard
    run -65 --separate-stderr cairn-prove storage --challenge question --key other.prover shard
    assert_one_error cairn-prove
    run -65 --separate-stderr cairn-prove storage --challenge question --key me.audit shard
    assert_one_error cairn-prove
    cairn-tag -i other.key --sectors 8 -o theirs shard
    run -64 --separate-stderr cairn-prove storage --challenge question --key me.prover \
        --tags theirs shard
    assert_one_error cairn-prove
    make_shard else 3001
    run -64 --separate-stderr cairn-prove storage --challenge question --key me.prover else
    assert_one_error cairn-prove
    run -65 --separate-stderr cairn-prove storage --challenge question --key me.prover \
        --tags shard.tag else
    assert_one_error cairn-prove
}

@test "standard input is one thing, and what is missing is told" {
    make_shard shard 3000
    make_proof shard
    for arguments in "--challenge - --key me.prover --tags shard.tag" \
        "--challenge - --key - shard" "--challenge question --key - --tags shard.tag -" \
        "--challenge question --key me.prover --tags shard.tag --tags shard.tag - -" \
        "--challenge question --key me.prover --tags - -" \
        "--challenge question --key me.prover" "--challenge question --key me.prover -" \
        "--challenge question shard" "--key me.prover shard"; do
        # shellcheck disable=SC2086 # words
        run -64 --separate-stderr cairn-prove storage $arguments < question
        assert_one_error cairn-prove
    done
    cairn-tag -f -i me.key --sectors 8 shard
    for missing in shard shard.tag question me.prover; do
        mv $missing kept
        run -66 --separate-stderr cairn-prove storage --challenge question --key me.prover shard
        assert_one_error cairn-prove
        mkdir $missing
        run -66 --separate-stderr cairn-prove storage --challenge question --key me.prover shard
        assert_one_error cairn-prove
        rmdir $missing
        mv kept $missing
    done
    # Tags are read in parts, so they are a file.
    run -66 --separate-stderr cairn-prove storage --challenge question --key me.prover \
        --tags <(cat shard.tag) shard
    assert_one_error cairn-prove
}

@test "a proof that exists is replaced only with -f" {
    make_shard shard 3000
    make_proof shard
    cp proof expected
    echo precious > proof
    run -73 --separate-stderr cairn-prove storage --challenge question --key me.prover -o proof shard
    assert_one_error cairn-prove
    assert_equal "$(cat proof)" precious
    cairn-prove storage --challenge question --key me.prover -f -o proof shard
    cmp proof expected
    run -74 --separate-stderr bash -c \
        'cairn-prove storage --challenge question --key me.prover shard > /dev/full'
    assert_one_error cairn-prove
    run -64 on_terminal "cairn-prove storage --challenge question --key me.prover shard"
    assert_output --partial "refusing to write binary data to a terminal"
    run -64 on_terminal "cairn-prove storage --challenge question --key me.prover --tags shard.tag"
}

@test "with --json what was proved is one document" {
    make_shard shard 3000
    make_proof shard
    run -0 --separate-stderr cairn-prove storage --json --challenge question --key me.prover \
        -o other shard
    assert_equal "$stderr" ""
    assert_equal "$(jq -c '[.blocks, .files]' <<< "$output")" '[13,1]'
    assert_equal "$(jq -c keys <<< "$output")" '["blocks","files","key"]'
    cairn-prove storage --json --challenge question --key me.prover shard 2> events | cmp - proof
    assert_equal "$(jq -c '[.ev, .blocks, .files]' events)" '["summary",13,1]'
    flip shard 0
    run -65 --separate-stderr cairn-prove storage --json --challenge question --key me.prover shard
    assert_json_error cairn-prove data 65
    assert_equal "$(head -n 1 <<< "$stderr" | jq -r .ev)" warning
    export CAIRN_CHALLENGE=/none CAIRN_KEY=/none CAIRN_TAGS=/none CAIRN_OUTPUT=/none
    flip shard 0
    cairn-prove storage --challenge question --key me.prover shard | cmp - proof
}

@test "only what is asked for is read" {
    make_shard shard 100000
    cairn-challenge --seed "$zero_seed" -n 1 -o question shard.tag
    cairn-prove storage --challenge question --key me.prover -o proof shard
    # A changed byte in another block, and one in its tag, do not count.
    good=0
    for ((at = 0; at < 100000; at += 2480)); do
        block=$((at / 248))
        tag=$((160 + 48 * block + 20))
        flip shard $at
        flip shard.tag "$tag"
        cairn-prove storage --challenge question --key me.prover shard 2> errors | cmp -s - proof &&
            good=$((good + 1))
        flip shard $at
        flip shard.tag "$tag"
    done
    assert [ $good -ge 40 ]
}
