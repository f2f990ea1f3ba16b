# What the state of a chain has, checked offline: cairn-verify(1), cairn-state(5).
# shellcheck disable=SC2154 # helper and run set them
load helper
load data/filters

setup_file() {
    cd "$BATS_FILE_TMPDIR" || return
    while read -r name hex; do
        [[ $name == state_proof* || $name == header ]] && xxd -r -p <<< "$hex" > "$name"
    done < "$data/ledger/records.txt"
    cairn-verify state --json state_proof | jq -r .block > id
    cairn-verify state --json state_proof | jq -r .chain > chain
    # The header in the proof: an array behind the proof's own head, before the key.
    /usr/bin/python3 -c 'import cbor2
open("own", "wb").write(cbor2.dumps(cbor2.load(open("state_proof", "rb"))[2]))'
}

setup() {
    cd "$BATS_TEST_TMPDIR" || return
    cp "$BATS_FILE_TMPDIR"/* .
}

@test "a value is shown that a block's state has" {
    run -0 --separate-stderr cairn-verify state state_proof
    assert_equal "$stderr" ""
    assert_line "chain: $(cat chain)"
    assert_line "height: 60"
    assert_line "block: $(cat id)"
    assert_line "table: supply"
    assert_line --regexp '^  minted_atoms: [0-9]+$'
    cairn-verify state < state_proof | cmp - <(echo "$output")
    cairn-verify state - < state_proof | cmp - <(echo "$output")
    run -0 --separate-stderr cairn-verify state --json state_proof
    assert_equal "$(jq -c '[.valid, .height, .module, .table, (.record | keys)]' <<< "$output")" \
        '[true,60,"policy","supply",["burnt_atoms","minted_atoms"]]'
    run -0 --separate-stderr cairn-verify state -q state_proof
    assert_equal "$output$stderr" ""
}

@test "it is shown that there is nothing" {
    for name in other nothing; do
        run -0 --separate-stderr cairn-verify state --json "state_proof_$name"
        assert_equal "$(jq -c '[.valid, .table, (.account | length), has("record"), .record]' <<< "$output")" \
            '[true,"account",64,true,null]'
        run -0 cairn-verify state "state_proof_$name"
        assert_line "record: null"
    done
}

@test "the supply is that of the chain that the proof is of" {
    supply=$(grep '^supply ' "$data/ledger/chain-points.txt" | tail -n 1)
    id=$(grep '^id ' "$data/ledger/chain-points.txt" | tail -n 1)
    assert_equal "id $(cat id)" "$id"
    assert_equal "chain $(cat chain)" "$(grep '^chain ' "$data/ledger/chain-points.txt")"
    assert_equal "$(cairn-verify state --json state_proof |
        jq -r '"supply \(.record.minted_atoms) \(.record.burnt_atoms)"')" "$supply"
}

@test "a proof about another block or chain than it must be is none" {
    run -0 cairn-verify state -q --block "$(cat id)" --chain "$(cat chain)" --header own state_proof
    run -0 cairn-verify state -q --header - state_proof < own
    run -1 --separate-stderr cairn-verify state --block "$(cat chain)" state_proof
    assert_equal "$output" ""
    assert_equal "$stderr" "cairn-verify: warning: the proof is about another block: $(cat id)"
    run -1 --separate-stderr cairn-verify state --chain "$(cat id)" state_proof
    assert_equal "$stderr" "cairn-verify: warning: the proof is about another chain: $(cat chain)"
    run -1 --separate-stderr cairn-verify state --header header state_proof # one with more in it
    assert_equal "$stderr" "cairn-verify: warning: the proof is about another block: $(cat id)"
    run -1 --separate-stderr cairn-verify state --json --header header state_proof
    assert_equal "$(jq -c '[.valid, .reason]' <<< "$output")" \
        "[false,\"the proof is about another block: $(cat id)\"]"
}

@test "a changed byte is never taken for what was proven" {
    for file in state_proof state_proof_other state_proof_nothing; do
        cairn-verify state --json "$file" > good
        size=$(stat -c %s "$file")
        for ((at = 0; at < size; at += 7)); do
            cp "$file" changed
            flip changed "$at"
            run --separate-stderr cairn-verify state --json --block "$(cat id)" changed
            case $status in
            0) # there are more keys for which there is nothing
                assert_equal "$(jq -c .record <<< "$output")" null
                refute [ "$output" = "$(cat good)" ] ;;
            1) assert_equal "$(jq .valid <<< "$output")" false ;;
            *) assert_equal "$status" 65 ;;
            esac
        done
    done
}

@test "what is no proof, header or id is told apart from no" {
    head -c -1 state_proof > cut
    (cat state_proof && printf '\0') > longer
    head -c 20000 /dev/zero > large
    : > empty
    for file in cut longer large empty header; do
        run -65 --separate-stderr cairn-verify state "$file"
        assert_one_error cairn-verify
    done
    run -65 --separate-stderr cairn-verify state --header state_proof state_proof
    assert_one_error cairn-verify
    run -66 --separate-stderr cairn-verify state nowhere
    assert_one_error cairn-verify
    run -66 --separate-stderr cairn-verify state --header nowhere state_proof
    assert_one_error cairn-verify
    for id in 12 "$(cat id)0" "$(tr a-f A-F < id)"; do
        run -64 --separate-stderr cairn-verify state --block "$id" state_proof
        assert_one_error cairn-verify
    done
    run -64 --separate-stderr cairn-verify state --header - < state_proof
    assert_one_error cairn-verify
    run -74 sh -c 'cairn-verify state state_proof > /dev/full'
}

@test "the proof in the manual shows that an account is not there" {
    sed -n '/^The proof that/,/^\.Ed/p' "$root/man/cairn-state.5" | sed '1,/^\.Bd/d;/^\.Ed/d' |
        xxd -r -p > manual
    run -0 cairn-verify state --json manual
    assert_equal "$(jq -c '[.height, .table, .account, .record]' <<< "$output")" \
        "[0,\"account\",\"$(printf '%064d' 0)\",null]"
    assert_equal "$(jq -r .block <<< "$output")" "$(sed -n '/^Its id is/,/^\.Ed/p' "$root/man/cairn-block.5" |
        grep -oE '[0-9a-f]{64}')"
}

# What another implementation makes of the snapshot of a chain: snapshot VERB [ARGUMENT...].
snapshot() {
    /usr/bin/python3 -B "$data/ledger/snapshot.py" "$@"
}

# assert_damaged FILE: it is neither taken for a snapshot nor for one of another block.
assert_damaged() {
    run -65 --separate-stderr cairn-verify state "$1"
    assert_one_error cairn-verify
    assert_equal "$output" ""
    run -1 snapshot check < "$1"
}

# The snapshot in goldens, whole, in eight chunks.
make_snapshot() {
    while read -r name hex; do
        [[ $name == snapshot_head || $name == snapshot_chunk_[0-7] ]] && xxd -r -p <<< "$hex" > "$name"
    done < "$data/ledger/records.txt"
    snapshot frame snapshot_head snapshot_chunk_[0-7] > snapshot
}

@test "a snapshot is all that a block's state has" {
    make_snapshot
    run -0 --separate-stderr cairn-verify state snapshot
    assert_equal "$stderr" ""
    assert_line "chain: $(cat chain)"
    assert_line "height: 60"
    assert_line "block: $(cat id)"
    assert_line "values: 67"
    assert_line "chunks: 8"
    cairn-verify state - < snapshot | cmp - <(echo "$output")
    cat snapshot | cairn-verify state | cmp - <(echo "$output")
    run -0 --separate-stderr cairn-verify state --json snapshot
    assert_equal "$(jq -c '[.valid, .values, .chunks]' <<< "$output")" '[true,67,8]'
    assert_equal "$(jq -r '"\(.height) \(.block) \(.state_root) \(.values)"' <<< "$output")" \
        "$(snapshot check < snapshot)"
    run -0 --separate-stderr cairn-verify state -q --block "$(cat id)" --chain "$(cat chain)" \
        --header own snapshot
    assert_equal "$output$stderr" ""
    run -1 --separate-stderr cairn-verify state --block "$(cat chain)" snapshot
    assert_equal "$stderr" "cairn-verify: warning: the snapshot is about another block: $(cat id)"
    run -1 --separate-stderr cairn-verify state --json --chain "$(cat id)" snapshot
    assert_equal "$(jq -c '[.valid, .reason]' <<< "$output")" \
        "[false,\"the snapshot is about another chain: $(cat chain)\"]"
}

@test "a snapshot may be cut in any number of chunks" {
    make_snapshot
    for bits in 0 1 6 9; do
        snapshot cut "$bits" < snapshot > other
        run -0 cairn-verify state --json --block "$(cat id)" other
        assert_equal "$(jq -c '[.valid, .values, .chunks]' <<< "$output")" "[true,67,$((1 << bits))]"
        snapshot check < other | cmp - <(snapshot check < snapshot)
    done
    snapshot cut 3 < other | cmp - snapshot
}

@test "a snapshot with a bit flipped, cut off, or in another order is refused" {
    make_snapshot
    size=$(stat -c %s snapshot)
    for ((at = 5; at < size; at += 211)); do
        cp snapshot changed
        flip changed "$at"
        run -65 --separate-stderr cairn-verify state changed
        assert_equal "$output" ""
    done
    for ((at = 1; at < size; at += 307)); do
        head -c "$at" snapshot > changed
        run -65 --separate-stderr cairn-verify state changed
        assert_equal "$output" ""
    done
    (cat snapshot && printf '\0') > changed
    assert_damaged changed
    cat snapshot snapshot > changed
    assert_damaged changed
    for swap in "1 2" "3 8" "0 1"; do
        # shellcheck disable=SC2086 # two numbers
        snapshot swap $swap < snapshot > changed
        assert_damaged changed
    done
    for frame in 1 4 8; do
        snapshot drop "$frame" < snapshot > changed
        assert_damaged changed
    done
    run -65 --separate-stderr cairn-verify state changed
    assert_equal "$stderr" "cairn-verify: error: chunk 7: it is no part of the state"
    snapshot frame snapshot_head snapshot_chunk_[0-6] > changed # a whole chunk is left out
    assert_damaged changed
    snapshot frame snapshot_chunk_0 snapshot_head > changed
    assert_damaged changed
}
