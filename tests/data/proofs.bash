# What the tests of storage proofs share; loaded after helper and filters.
# shellcheck disable=SC2034,SC2154 # bats and the tests share variables

zero_seed=$(printf '%064d' 0)

# An identity, another, and the keys of both, in the directory of the file's tests.
make_keys() {
    cd "$BATS_FILE_TMPDIR" || return
    install -m 600 "$keys/identity-zero" me.key
    cairn-keygen -q -o other.key > other.pub
    cairn-keygen -y --address me.key > me.address
    cairn-keygen -y --address other.key > other.address
    for who in me other; do
        cairn-tag -i $who.key --sectors 8 --public $who.audit --prover $who.prover
    done
}

# Everything that setup_file made, in the directory of the test.
copy_files() {
    cd "$BATS_TEST_TMPDIR" || return
    cp -p "$BATS_FILE_TMPDIR"/{me,other}.{key,audit,prover,address} .
}

# A shard NAME of SIZE bytes, and its tags by me.
make_shard() {
    seq 1000000 "$(($2 % 7 + 1))" 9000000 | head -c "$2" > "$1"
    cairn-tag -i me.key --sectors 8 "$1"
}

# A question about SHARD..., answered: question and proof.
make_proof() {
    cairn-challenge --seed "$zero_seed" -n 4096 -f -o question "${@/%/.tag}"
    cairn-prove storage --challenge question --key me.prover -f -o proof "$@"
}

# Changes a bit of a byte: flip_bit FILE OFFSET BIT.
flip_bit() {
    local byte
    byte=$(od -An -tu1 -j "$2" -N 1 "$1")
    printf '%b' "$(printf '\\x%x' $((byte ^ (1 << $3))))" |
        dd of="$1" bs=1 seek="$2" conv=notrunc status=none
}

# Changes FILE at every place from BEGIN to END, STEP apart, one bit at a time, and runs a command that
# must end with one of the statuses and no word on standard output:
# with_each_flip FILE BEGIN END STEP "STATUS..." COMMAND...
with_each_flip() {
    local file=$1 at bit=0 status
    for ((at = $2; at < $3; at += $4)); do
        bit=$(((bit + 3) % 8))
        flip_bit "$file" "$at" "$bit"
        "${@:6}" > out.txt 2> err.txt && status=0 || status=$?
        [[ " $5 " == *" $status "* ]] || fail "$file, byte $at, bit $bit: status $status, $(cat err.txt)"
        [ ! -s out.txt ] || fail "$file, byte $at, bit $bit: $(cat out.txt)"
        flip_bit "$file" "$at" "$bit"
    done
}
