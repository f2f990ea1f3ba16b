# Streams of frames, cairn-chain(5), as cairn-inspect(1) shows them.
# shellcheck disable=SC2154 # helper and run set them
load helper
load chain
load data/filters

setup_file() {
    make_chain
    start_node 1 --mine "$CHAIN/key"
    wait_until has_height 1 3
    stop_node 1
    cairn-chain-node --dir "$CHAIN/1" --export 1-3 > "$CHAIN/blocks"
}

teardown_file() {
    stop_nodes
}

setup() {
    cd "$BATS_TEST_TMPDIR" || return
    cp "$CHAIN/blocks" .
}

# frame HEX: the bytes in a frame, made by another program than ours.
frame() {
    local sum
    sum=$(xxd -r -p <<< "$1" | b3sum --no-names)
    printf '%08x%s%s' $((${#1} / 2)) "${sum:0:16}" "$1" | xxd -r -p
}

# record NAME: of the ledger's examples, in hex digits.
record() {
    sed -n "s/^$1 //p" "$data/ledger/records.txt"
}

inspect() {
    cairn-inspect --json "$@"
}

@test "each block of an exported chain is shown in a line of its own" {
    inspect blocks > shown
    assert_equal "$(jq -s -c '[.[] | [.kind, .height, .transactions]]' shown)" \
        '[["block",1,0],["block",2,0],["block",3,0]]'
    assert_equal "$(jq -s -c '[range(1; 3) as $i | .[$i].parent == .[$i - 1].id]' shown)" '[true,true]'
    cmp shown <(inspect < blocks)
    head -c 1000000 blocks | inspect - | cmp - shown
    # Each begins where it says.
    for offset in $(jq .offset_bytes shown); do
        tail -c +$((offset + 1)) blocks > rest
        assert_equal "$(inspect rest | head -n 1 | jq -r .id)" \
            "$(jq -r "select(.offset_bytes == $offset).id" shown)"
    done
    tail -c +13 rest > block # the last one, without its frame
    assert_equal "$(inspect block)" "$(tail -n 1 shown | jq -c 'del(.offset_bytes)')"
    cat "$CHAIN"/1/blocks/*.blocks | inspect | head -n 3 | cmp - shown
}

@test "without --json documents and texts follow each other" {
    assert_equal "$(cairn-inspect blocks | jq -c .)" "$(inspect blocks)"
    run -0 cairn-inspect --text blocks
    assert_equal "$(grep -c '^kind: block$' <<< "$output")" 3
    assert_equal "$(grep -c '^$' <<< "$output")" 2
}

@test "other records in frames are shown as what they are" {
    for name in transaction header receipt descriptor state_proof; do frame "$(record $name)"; done > mixed
    assert_equal "$(inspect mixed | jq -r .kind | xargs)" \
        "transaction header transaction-receipt descriptor state-proof"
    frame "$(sed -n 's/^genesis //p' "$data/ledger/chain-ccc.txt" | xxd -p | tr -d '\n')" > genesis
    assert_equal "$(inspect genesis | jq -r .kind)" genesis
    frame 8301020a > array
    assert_equal "$(inspect array | jq -c .)" '{"kind":"cbor","item":["1","2","10"],"offset_bytes":0}'
    frame "$(echo hello | xxd -p)" > hello
    cat blocks hello > both
    run -65 --separate-stderr cairn-inspect --json both
    assert_equal "$output" "$(inspect blocks)"
    assert_regex "$stderr" "frame at byte $(stat -c %s blocks): it has none of the formats"
}

@test "a frame that is damaged or cut off is named by its place, after what is before it" {
    inspect blocks > shown
    second=$(jq .offset_bytes shown | sed -n 2p)
    for place in 0 5 12 40; do
        cp blocks bad
        flip bad $((second + place))
        run -65 --separate-stderr cairn-inspect --json bad
        assert_equal "$output" "$(head -n 1 shown)"
        assert_regex "$stderr" "frame at byte $second: (a record of the stream is damaged|the stream ends within a record|a frame of [0-9]+ bytes)"
    done
    for size in 1 11 12 40; do
        head -c $((second + size)) blocks > part
        run -65 --separate-stderr cairn-inspect --json part
        assert_equal "$output" "$(head -n 1 shown)"
        assert_regex "$stderr" "frame at byte $second: the stream ends within a record"
    done
    cp blocks first
    flip first 30
    run -65 --separate-stderr cairn-inspect first
    assert_regex "$stderr" "error: frame at byte 0: a record of the stream is damaged"
    head -c 12 blocks > begin
    run -65 --separate-stderr cairn-inspect begin
    assert_one_error cairn-inspect
}
