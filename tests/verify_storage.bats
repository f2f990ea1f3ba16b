# Checks of storage proofs, tags and transcripts: cairn-verify(1), cairn-proofs(7).
# shellcheck disable=SC2154 # helper and run set them
load helper
load data/filters
load data/proofs

setup_file() {
    make_keys
    while read -r name hex; do
        # shellcheck disable=SC2001 # bytes by two digits
        printf '%b' "$(sed 's/../\\x&/g' <<< "$hex")" > "golden_$name"
    done < "$data/records/records.txt"
}

setup() {
    copy_files
    cp "$BATS_FILE_TMPDIR"/golden_{audit_key,audit_key_text,challenge,prover_key,storage_proof} .
    cp "$BATS_FILE_TMPDIR"/golden_transcript* .
    verify=(cairn-verify storage --challenge question --key me.audit proof)
}

@test "whoever has the audit key alone can check a proof" {
    make_shard shard 3000
    cairn-challenge --random -n 7 -o question shard.tag
    cairn-prove storage --challenge question --key me.prover -o proof shard
    mkdir elsewhere
    cp question proof me.audit elsewhere
    cd elsewhere
    run -0 --separate-stderr cairn-verify storage --challenge question --key me.audit proof
    assert_equal "$output" "valid: 7 blocks of 1 shard of $(cat ../me.address)"
    assert_equal "$stderr" ""
    cairn-verify storage --challenge question --key me.audit < proof
    cairn-verify storage --challenge - --key me.audit proof < question
    cairn-verify storage --challenge question --key - proof < me.audit
    run -0 cairn-verify storage -q --challenge question --key me.audit proof
    assert_output ""
    # The prover key has it too, and lines before the key's do no harm.
    cairn-verify storage -q --challenge question --key ../me.prover proof
    (echo "# of somebody"; echo; sed 's/$/\r/' me.audit; echo more) > commented
    cairn-verify storage -q --challenge question --key commented proof
}

@test "the owner can be named, in every form" {
    make_shard shard 3000
    make_proof shard
    for form in --address --did --minisign; do
        cairn-keygen -y $form me.key > owner
        "${verify[@]}" -q -p "$(cat owner)"
        "${verify[@]}" -q -p owner
        cairn-verify tags -q --key me.prover -p owner shard
    done
    run -1 --separate-stderr "${verify[@]}" -p other.address
    assert_equal "$output" ""
    assert_equal "$stderr" "cairn-verify: warning: the key is of another owner: $(cat me.address)"
    run -1 --separate-stderr cairn-verify tags --key me.prover -p other.address shard
    assert_regex "$stderr" "the key is of another owner"
    run -1 --separate-stderr "${verify[@]}" --json -p other.address
    assert_equal "$(jq -c '[.valid, .reason[:30]]' <<< "$output")" \
        '[false,"the key is of another owner: c"]'
    run -66 --separate-stderr "${verify[@]}" -p nowhere
    run -64 --separate-stderr "${verify[@]}" -p "$(grep AGE-SECRET me.key)"
}

@test "another question, another key, another shard: no" {
    make_shard shard 3000
    make_shard else 3001
    cairn-challenge --random -o other_question else.tag
    make_proof shard
    for tags in shard.tag else.tag; do
        for blocks in 1 4095; do
            for seed in "$zero_seed" "${zero_seed/0/1}"; do
                cairn-challenge --seed "$seed" -n $blocks -f -o asked $tags
                run -1 --separate-stderr cairn-verify storage --challenge asked --key me.audit proof
                assert_equal "$output" ""
                assert_equal "$stderr" "cairn-verify: warning: the proof answers another challenge"
            done
        done
    done
    run -65 --separate-stderr cairn-verify storage --challenge question --key other.audit proof
    assert_one_error cairn-verify
    cairn-tag -i other.key --sectors 8 -f -o theirs shard
    cairn-challenge --seed "$zero_seed" -n 4096 -f -o asked theirs
    run -1 --separate-stderr cairn-verify storage --challenge asked --key other.audit proof
    # The proof of one shard with the question about another.
    cairn-prove storage --challenge other_question --key me.prover -o other_proof else
    (head -c -130 other_proof; tail -c 130 proof) > mixed
    run -1 --separate-stderr cairn-verify storage --challenge other_question --key me.audit mixed
    assert_equal "$stderr" "cairn-verify: warning: the proof is wrong"
    # Of an older challenge of the same shard.
    cairn-challenge --seed "${zero_seed/0/1}" -n 4096 -f -o asked shard.tag
    (printf '\x84\x15\x01'; cat asked; tail -c 130 proof) > replayed
    run -1 --separate-stderr cairn-verify storage --challenge asked --key me.audit replayed
    assert_equal "$stderr" "cairn-verify: warning: the proof is wrong"
}

@test "a changed bit of the proof, the question or the key is never a yes" {
    make_shard shard 3000
    make_proof shard
    size=$(stat -c %s proof)
    with_each_flip proof 0 $((size - 128)) 3 "1 65" "${verify[@]}"
    with_each_flip proof $((size - 128)) "$size" 1 "1 65" "${verify[@]}"
    with_each_flip question 0 "$(stat -c %s question)" 3 "1 65" "${verify[@]}"
    with_each_flip me.audit 0 "$(stat -c %s me.audit)" 7 "1 65" "${verify[@]}"
    "${verify[@]}" -q
    # The flags of the points: compressed, infinity, and which of two.
    for at in 128 80; do
        for bit in 5 6 7; do
            flip_bit proof $((size - at)) $bit
            run -$((bit == 5 ? 1 : 65)) --separate-stderr "${verify[@]}"
            flip_bit proof $((size - at)) $bit
        done
    done
    # A proof whose points are infinity.
    (head -c -128 proof; printf '\xc0'; head -c 47 /dev/zero; printf '\xc0'; head -c 79 /dev/zero) > zero
    run -1 --separate-stderr cairn-verify storage --challenge question --key me.audit zero
    # Values that are no numbers below the order.
    (head -c -32 proof; head -c 32 /dev/zero | tr '\0' '\377') > large
    run -65 --separate-stderr cairn-verify storage --challenge question --key me.audit large
    assert_one_error cairn-verify
}

@test "what is cut off, goes on or is something else is refused" {
    make_shard shard 3000
    make_proof shard
    for file in proof question me.audit; do
        cp $file kept
        for size in 0 1 40 $(($(stat -c %s kept) - 2)); do
            head -c "$size" kept > $file
            run -65 --separate-stderr "${verify[@]}"
            assert_one_error cairn-verify
        done
        [ $file = me.audit ] || (cat kept && echo) > $file
        [ $file = me.audit ] || run -65 --separate-stderr "${verify[@]}"
        head -c 4M /dev/zero > $file
        run -65 --separate-stderr "${verify[@]}"
        assert_one_error cairn-verify
        cp kept $file
    done
    run -65 --separate-stderr cairn-verify storage --challenge proof --key me.audit question
    run -65 --separate-stderr cairn-verify storage --challenge question --key shard.tag proof
    for missing in proof question me.audit; do
        mv $missing kept
        run -66 --separate-stderr "${verify[@]}"
        assert_one_error cairn-verify
        mv kept $missing
    done
    for arguments in "--challenge question proof" "--key me.audit proof" \
        "--challenge - --key me.audit -" "--challenge - --key me.audit" "--challenge - --key - proof"; do
        # shellcheck disable=SC2086 # words
        run -64 --separate-stderr cairn-verify storage $arguments < question
        assert_one_error cairn-verify
    done
}

@test "with --json the answer is one document" {
    make_shard shard 3000
    make_proof shard
    run -0 --separate-stderr "${verify[@]}" --json
    assert_equal "$stderr" ""
    assert_equal "$(jq -c '[.valid, .owner, .blocks, .files]' <<< "$output")" \
        "[true,\"$(cat me.address)\",13,1]"
    assert_equal "$(jq -c keys <<< "$output")" '["blocks","files","key","owner","valid"]'
    (head -c -32 proof; head -c 32 /dev/zero) > wrong
    run -1 --separate-stderr cairn-verify storage --json --challenge question --key me.audit wrong
    assert_equal "$stderr" ""
    assert_equal "$(jq -c '[.valid, .reason]' <<< "$output")" '[false,"the proof is wrong"]'
    run -65 --separate-stderr cairn-verify storage --json --challenge question --key me.audit question
    assert_json_error cairn-verify data 65
    run -0 --separate-stderr cairn-verify tags --json --key me.prover shard
    assert_equal "$(jq -c '[.valid, .owner, .root, .size_bytes, .blocks]' <<< "$output")" \
        "[true,\"$(cat me.address)\",\"$(b3sum --no-names shard)\",3000,13]"
    assert_equal "$(jq -c keys <<< "$output")" \
        '["blocks","file","key","owner","root","size_bytes","valid"]'
    flip shard 0
    run -1 --separate-stderr cairn-verify tags --json --key me.prover shard
    assert_equal "$(jq -c '[.valid, .reason]' <<< "$output")" \
        '[false,"a tag, or the shard, is wrong"]'
}

@test "tags of any shard are right, from a file and from a pipe, with any number of threads" {
    for size in 0 1 248 249 300000; do
        make_shard shard $size
        run -0 --separate-stderr cairn-verify tags --key me.prover shard
        assert_regex "$output" "^valid: [0-9]+ tags? of $(cat me.address)$"
        for threads in 1 2 64; do
            cairn-verify tags -q -j $threads --key me.prover --tags shard.tag < shard
            # shellcheck disable=SC2002 # a pipe it shall be
            cat shard | cairn-verify tags -q -j $threads --key me.prover --tags shard.tag -
        done
        cairn-verify tags -q --key - shard < me.prover
        rm shard.tag
    done
}

@test "a changed bit of a shard, its tags or the prover key is never a yes" {
    make_shard shard 3000
    verify=(cairn-verify tags -j 1 --key me.prover shard)
    with_each_flip shard 0 3000 59 "1" "${verify[@]}"
    with_each_flip shard.tag 0 160 3 "1 65" "${verify[@]}"
    with_each_flip shard.tag 160 848 7 "1 65" "${verify[@]}"
    with_each_flip me.prover 0 675 7 "1 65" "${verify[@]}"
    "${verify[@]}" -q
}

@test "tags that are not right, though all is signed, are found" {
    make_shard shard 3000
    # Two tags that have changed places: each is right somewhere else.
    (head -c 160 shard.tag; tail -c +209 shard.tag | head -c 48; tail -c +161 shard.tag | head -c 48
        tail -c +257 shard.tag) > swapped
    assert_equal "$(stat -c %s swapped)" 848
    run -1 --separate-stderr cairn-verify tags --key me.prover --tags swapped shard
    # Right tags that somebody else has signed, whose key is the owner's by their word.
    cairn-tag -i other.key --sectors 8 -o theirs shard
    run -1 --separate-stderr cairn-verify tags --key me.prover --tags theirs shard
    assert_regex "$stderr" "the tags are of another key"
    (head -c 128 shard.tag; tail -c +129 theirs | head -c 32; tail -c +161 shard.tag) > lent
    run -1 --separate-stderr cairn-verify tags --key me.prover --tags lent shard
    assert_regex "$stderr" "the tags are signed by somebody else: $(cat other.address)"
    # A prover key whose powers are another's, one of which is missing, or in another order.
    (head -c -384 me.prover; tail -c 384 other.prover) > mixed
    run -1 --separate-stderr cairn-verify tags --key mixed shard
    assert_regex "$stderr" "the prover key is not what its audit key says"
    (head -c -96 me.prover; tail -c 48 me.prover; tail -c 96 me.prover | head -c 48) > swapped
    run -1 --separate-stderr cairn-verify tags --key swapped shard
    assert_regex "$stderr" "the prover key is not what its audit key says"
    cairn-tag -i me.key --sectors 9 --prover nine
    run -1 --separate-stderr cairn-verify tags --key nine shard
    assert_regex "$stderr" "the tags are of another key"
}

@test "tags of something else, and what is cut off or goes on" {
    make_shard shard 3000
    make_shard else 3000
    make_shard longer 3001
    printf x | dd of=else conv=notrunc status=none
    run -1 --separate-stderr cairn-verify tags --key me.prover --tags shard.tag else
    run -65 --separate-stderr cairn-verify tags --key me.prover --tags shard.tag longer
    assert_one_error cairn-verify
    for size in 0 2999; do
        head -c $size shard > short
        run -65 --separate-stderr cairn-verify tags --key me.prover --tags shard.tag short
        run -65 --separate-stderr cairn-verify tags --key me.prover --tags shard.tag < <(cat short)
        assert_one_error cairn-verify
    done
    run -65 --separate-stderr cairn-verify tags --key me.prover --tags shard.tag < <(cat shard short)
    assert_one_error cairn-verify
    for size in 0 159 160 847; do
        head -c $size shard.tag > short
        run -65 --separate-stderr cairn-verify tags --key me.prover --tags short shard
        assert_one_error cairn-verify
    done
    cat shard.tag shard.tag > twice
    run -65 --separate-stderr cairn-verify tags --key me.prover --tags twice shard
    run -65 --separate-stderr cairn-verify tags --key me.audit shard
    assert_one_error cairn-verify
    run -64 --separate-stderr cairn-verify tags shard
    run -64 --separate-stderr cairn-verify tags --key me.prover < shard
    run -64 --separate-stderr cairn-verify tags --key - --tags shard.tag < shard
    run -66 --separate-stderr cairn-verify tags --key me.prover nowhere
    run -66 --separate-stderr cairn-verify tags --key nowhere shard
    run -66 --separate-stderr cairn-verify tags --key me.prover --tags nowhere shard
    assert_one_error cairn-verify
}

@test "a key that its owner has not signed is refused" {
    make_shard shard 3000
    make_proof shard
    # The last byte of the signature, a multiple of 16, so that it is canonical: another one.
    base=$(sed 's/^cairn-audit-key://' me.audit)
    digits=$(basenc -d --base64url <<< "$base=" 2> /dev/null | xxd -p -c 1000)
    signature=$((${#digits} - 128))
    changed=${digits:0:signature}$(tr 0-9 1-90 <<< "${digits:signature:2}")${digits:signature+2}
    echo "cairn-audit-key:$(xxd -r -p <<< "$changed" | basenc -w 0 --base64url | tr -d =)" > forged
    run -65 --separate-stderr cairn-verify storage --challenge question --key forged proof
    assert_one_error cairn-verify
}

@test "what another implementation has proven is right" {
    run -0 cairn-verify storage --challenge golden_challenge --key golden_audit_key_text \
        golden_storage_proof
    assert_output --regexp "^valid: [0-9]+ blocks of [0-9]+ shards of cairn1"
    cairn-verify storage -q --challenge golden_challenge --key golden_prover_key golden_storage_proof
}

@test "a transcript is checked without a provider" {
    run -0 --separate-stderr cairn-verify transcript golden_transcript
    assert_equal "$stderr" ""
    assert_equal "$(cut -f 2 <<< "$output" | xargs)" "passed wrong refused silent"
    run ! grep -vqP '^cairn1[a-z0-9]{58,60}\t[a-z]+\t[0-9]+\t[0-9]+$' <<< "$output"
    cairn-verify transcript -q < golden_transcript
    cairn-verify transcript -q golden_transcript_chosen
    run -0 --separate-stderr cairn-verify transcript --json golden_transcript
    assert_equal "$(jq -c keys <<< "$output")" \
        '["auditor","beacon","key","owner","providers","reasons","time_s","valid"]'
    assert_equal "$(jq -c '[.valid, .reasons, .time_s, (.providers | map(.outcome)),
        (.providers[0] | keys)]' <<< "$output")" \
        '[true,[],1800000000,["passed","wrong","refused","silent"],["blocks","files","outcome","provider"]]'
    assert_equal "$(cairn-verify transcript --json golden_transcript_chosen | jq .beacon)" null
    # Whose it must be.
    auditor=$(jq -r .auditor <<< "$output")
    cairn-verify transcript -q --key golden_audit_key_text -p "$auditor" golden_transcript
    cairn-verify transcript -q --key golden_prover_key golden_transcript
    run -1 --separate-stderr cairn-verify transcript -p me.address golden_transcript
    assert_equal "$output" ""
    assert_equal "$stderr" "cairn-verify: warning: the auditor is another: $auditor"
    run -1 --separate-stderr cairn-verify transcript --key me.audit golden_transcript
    run -64 --separate-stderr cairn-verify transcript --key - < golden_transcript
    run -66 --separate-stderr cairn-verify transcript nowhere
    run -65 --separate-stderr cairn-verify transcript golden_challenge
    assert_one_error cairn-verify
}

@test "a changed bit of a transcript is never a yes" {
    with_each_flip golden_transcript 0 "$(stat -c %s golden_transcript)" 11 "1 65" \
        cairn-verify transcript golden_transcript
    size=$(stat -c %s golden_transcript)
    for end in 0 1 400 $((size - 1)); do
        head -c "$end" golden_transcript > short
        run -65 --separate-stderr cairn-verify transcript short
        assert_one_error cairn-verify
    done
    flip golden_transcript $((size - 1)) # one fault more is told, besides all that there are
    run -1 --separate-stderr cairn-verify transcript --json -p me.address golden_transcript
    assert_equal "$(jq -c '[.valid, (.reasons | length)]' <<< "$output")" '[false,2]'
}

@test "the examples of the pages work" {
    make_shard 000.shard 3000
    cp 000.shard.tag 000.tag
    cp 000.shard shard
    mkdir -p srv
    ssh() { (shift && "$@"); }
    export -f ssh
    for page in prove verify; do
        sed -n '/^\.Bd -literal -offset indent$/,/^\.Ed/{/^\./d;s/^\$ //p;/^ /p}' \
            "$root/man/cairn-$page.1" > lines
        cairn-challenge --random -f -o question 000.shard.tag
        run -0 bash -euo pipefail lines
        assert_output "valid: 13 blocks of 1 shard of $(cat me.address)"
    done
    line=$(sed -n 's|^\.Dl \$ \(cairn-verify tags .*\)|\1|p' "$root/man/cairn-verify.1")
    cp me.address owner
    bash -euo pipefail -c "${line/\/srv\/shards/srv}"
    assert [ -e srv/000.shard.tag ]
}
