# cairn-chain-node: one or two nodes, and what is done with a chain by itself. See
# cairn-chain-node(1); tests/chain_network.bats has networks of them.
load helper
load chain

teardown() {
    stop_nodes
}

# Blocks 1 to N in $CHAIN/blocks, made by node 1, which is down then.
make_blocks() {
    make_chain solo '.engine.solo.interval_ms = 1000'
    start_node 1 --mine "$CHAIN/key"
    wait_until has_height 1 "$1"
    stop_node 1
    cairn-chain-node --dir "$CHAIN/1" --export "1-$1" > "$CHAIN/blocks"
}

@test "a chain of one producer grows, and is told of in words" {
    make_chain
    start_node 1 --mine "$CHAIN/key"
    wait_until has_height 1 3
    assert_equal "$(status_of 1 '[.name, .engine, .is_synced, .is_halted] | join(" ")')" \
        "test solo true false"
    assert_equal "$(status_of 1 .waits_for)" "the time of the next block"
    run -0 cairn-chain-node --dir "$CHAIN/1" --status
    assert_line "waits_for: the time of the next block"
    assert_equal "$(status_of 1 .sealer)" "$(cairn-keygen -y --address "$CHAIN/key")"
}

@test "a second node has the same blocks, at once and later" {
    make_chain
    start_node 1 --mine "$CHAIN/key"
    wait_until has_height 1 2
    start_node 2 --peer "$(address_of 1)"
    wait_until has_height 2 2
    wait_until have_one_tip 1 2
    wait_until has_height 2 4
    stop_node 2
    wait_until has_height 1 6
    start_node 2 --peer "$(address_of 1)"
    wait_until has_height 2 6
    grep -q "peer $(address_of 1) is at block" "$CHAIN/2.log"
}

@test "an exported chain is checked, and taken over, by whoever has its genesis" {
    make_blocks 4
    run -0 --separate-stderr cairn-chain-node --genesis "$CHAIN/genesis.json" --replay "$CHAIN/blocks"
    assert_equal "${#lines[@]}" 4
    assert_regex "${lines[3]}" '^4 [0-9a-f]{64} [0-9a-f]{64}$'
    assert_regex "$stderr" '^cairn-chain-node: 4 blocks with 0 transactions in '
    # The same from standard input, into a directory, in two parts.
    head -c 900 "$CHAIN/blocks" > part
    run -65 --separate-stderr cairn-chain-node --dir other --genesis "$CHAIN/genesis.json" --replay part
    assert_equal "$stderr" "cairn-chain-node: error: the stream ends within a block"
    run -0 cairn-chain-node --dir other --replay - --json < "$CHAIN/blocks"
    cairn-chain-node --dir other --export 1-4 | cmp - "$CHAIN/blocks"
    run -0 --separate-stderr cairn-chain-node --dir other --replay "$CHAIN/blocks"
    assert_equal "$output" "" # they are there already
    run -66 --separate-stderr cairn-chain-node --dir other --export 1-5
    assert_equal "${stderr_lines[0]}" "cairn-chain-node: error: block 5 is not here"
}

@test "a changed block is refused, whatever is changed in it" {
    make_blocks 3
    local at
    for at in 3 8 40 200 400 700 1000; do
        cp "$CHAIN/blocks" bad
        python3 -c 'import sys
data = bytearray(open("bad", "rb").read())
data[int(sys.argv[1])] ^= 4
open("bad", "wb").write(data)' "$at"
        run -65 --separate-stderr cairn-chain-node --genesis "$CHAIN/genesis.json" --replay bad -q
        assert_equal "${#stderr_lines[@]}" 1
    done
}

@test "damage is named, and the state is made again from the blocks" {
    make_blocks 4
    tip=$(cairn-chain-node --dir "$CHAIN/1" --export 1-4 | sha256sum)
    truncate -s 20000 "$CHAIN/1/state/data.mdb"
    run -65 --separate-stderr cairn-chain-node --dir "$CHAIN/1"
    assert_regex "$stderr" "state' is damaged"
    run -0 --separate-stderr cairn-chain-node --dir "$CHAIN/1" --rebuild
    assert_regex "$stderr" '^cairn-chain-node: the state is that of block [4-9]'
    assert [ -d "$CHAIN/1/state.damaged" ]
    assert_equal "$(cairn-chain-node --dir "$CHAIN/1" --export 1-4 | sha256sum)" "$tip"

    rm -r "$CHAIN/1/state" "$CHAIN/1/state.damaged"
    run -65 --separate-stderr cairn-chain-node --dir "$CHAIN/1"
    assert_equal "${stderr_lines[1]}" "hint: make it again from them by --rebuild"
    run -0 cairn-chain-node --dir "$CHAIN/1" --rebuild
    assert_equal "$(cairn-chain-node --dir "$CHAIN/1" --export 1-4 | sha256sum)" "$tip"

    rm "$CHAIN"/1/blocks/*
    run -65 --separate-stderr cairn-chain-node --dir "$CHAIN/1"
    rm "$CHAIN/1/genesis.json"
    run -65 --separate-stderr cairn-chain-node --dir "$CHAIN/1"
    assert_regex "$stderr" 'lacks its genesis'
}

@test "the state is written as a snapshot, which anybody can check" {
    make_blocks 4
    cairn-chain-node --dir "$CHAIN/1" --snapshot --json > state.snapshot 2> told
    cairn-chain-node --dir "$CHAIN/1" --export "1-$(jq .height told)" > blocks
    run -0 --separate-stderr cairn-chain-node --genesis "$CHAIN/genesis.json" --replay blocks
    read -r height id state_root <<< "${lines[-1]}"
    run -0 --separate-stderr cairn-verify state --json --block "$id" state.snapshot
    assert_equal "$(jq -r '"\(.height) \(.block) \(.state_root)"' <<< "$output")" \
        "$height $id $state_root"
    assert_equal "$(/usr/bin/python3 -B "$data/ledger/snapshot.py" check < state.snapshot)" \
        "$height $id $state_root $(jq .values told)"
    run -0 cairn-inspect --json state.snapshot
    assert_equal "$(jq -r '[.list[] | select(.table == "account") | .record.balance_atoms] | first' \
        <<< "$output")" 1000000000000000
    run -0 --separate-stderr sh -c 'cairn-chain-node --dir "$CHAIN/1" --snapshot | cmp - state.snapshot'
    assert_equal "$stderr" \
        "cairn-chain-node: the state after block $height, $id, with $(jq .values told) values"
    run -74 sh -c 'cairn-chain-node --dir "$CHAIN/1" --snapshot > /dev/full'
    exec 9< "$CHAIN/1"
    flock 9
    run -75 --separate-stderr cairn-chain-node --dir "$CHAIN/1" --snapshot
    exec 9<&-
    assert_equal "$output" ""
}

@test "no snapshot is made of a damaged state" {
    make_blocks 2
    cairn-chain-node -q --dir "$CHAIN/1" --snapshot > state.snapshot
    # The largest value, wherever it is in the database.
    PYTHONPATH=$data/ledger /usr/bin/python3 -B -c 'import snapshot, sys
state = snapshot.read(open("state.snapshot", "rb").read())[2]
value = max(state.values(), key=len)
data = open(sys.argv[1], "rb").read()
open(sys.argv[1], "wb").write(data.replace(value, value[:-1] + bytes([value[-1] ^ 1])))' \
        "$CHAIN/1/state/data.mdb"
    run -65 sh -c 'cairn-chain-node --dir "$CHAIN/1" --snapshot > damaged'
    assert_regex "$output" '^cairn-chain-node: error: .*damaged'
    run -65 cairn-verify state damaged
}

@test "a directory is of one chain, and of one node at a time" {
    make_blocks 1
    jq -c '.name = "other"' "$CHAIN/genesis.json" > other.json
    run -78 --separate-stderr cairn-chain-node --dir "$CHAIN/1" --genesis other.json
    assert_regex "$stderr" 'has another genesis'
    start_node 1 --mine "$CHAIN/key"
    run -75 --separate-stderr cairn-chain-node --dir "$CHAIN/1"
    assert_regex "$stderr" 'is locked by process'
    run -66 --separate-stderr cairn-chain-node --dir nothing
    assert_regex "$stderr" 'there is no chain in'
}

@test "only the producer's key makes blocks" {
    make_chain
    cairn-keygen -q -o other.key
    run -77 --separate-stderr cairn-chain-node --dir "$CHAIN/1" --genesis "$CHAIN/genesis.json" \
        --mine other.key
    assert_equal "$stderr" "cairn-chain-node: error: this chain's blocks are made with another key"
}

@test "a killed node has all that it has told of" {
    make_chain
    start_node 1 --mine "$CHAIN/key"
    local round told
    for round in 1 2 3; do
        wait_until has_height 1 $((2 * round))
        read -r told height < <(status_of 1 '"\(.tip) \(.height)"')
        kill_node 1
        cairn-chain-node --dir "$CHAIN/1" --export "$height-$height" > block
        start_node 1 --mine "$CHAIN/key"
        cairn-call "$(api_of 1)" header "{\"id\":\"$told\"}" --json | jq -e ".height == $height"
    done
    stop_node 1
    cairn-chain-node --dir "$CHAIN/1" --export "1-$height" |
        cairn-chain-node --genesis "$CHAIN/genesis.json" --replay - -q
}

@test "old blocks are removed, but not those that may be taken back" {
    make_chain
    start_node 1 --mine "$CHAIN/key" --prune 1KiB
    wait_until has_height 1 3
    assert_equal "$(status_of 1 .first_body)" 1
}

@test "metrics are written, and served" {
    make_chain
    start_node 1 --mine "$CHAIN/key" --metrics 127.0.0.1:0 --json
    stop_node 1
    start_node 1 --mine "$CHAIN/key" --metrics "$PWD/metrics"
    wait_until grep -q '^cairn_chain_height [1-9]' metrics
    run ! grep -vE '^(# (HELP|TYPE) )?cairn_chain_[a-z_]+( |$)' metrics
}

@test "the sandbox denies what a node does not need" {
    not_sanitized "need more than the sandbox allows"
    make_chain
    run -0 --separate-stderr cairn-chain-node --dir "$CHAIN/1" --genesis "$CHAIN/genesis.json" \
        --selftest-sandbox
    refute_line --regexp '^NOT'
    assert_line "denied: run a program"
}

@test "wrong command lines are status 64" {
    run -64 --separate-stderr cairn-chain-node
    run -64 --separate-stderr cairn-chain-node --dir x --export 5
    run -64 --separate-stderr cairn-chain-node --dir x --export 5-4
    run -64 --separate-stderr cairn-chain-node --dir x --status --rebuild
    run -64 --separate-stderr cairn-chain-node --dir x --snapshot --export 1-2
    run -64 --separate-stderr cairn-chain-node --snapshot
    run -64 --separate-stderr cairn-chain-node --replay blocks
    run -64 --separate-stderr cairn-chain-node --dir x --checkpoint 5
    run -64 --separate-stderr cairn-chain-node --dir x --reward cairn1
    make_chain
    run -64 --separate-stderr cairn-chain-node --dir x --genesis "$CHAIN/genesis.json" --peer nowhere
    run -66 --separate-stderr cairn-chain-node --dir y --genesis nothing
}

@test "a genesis is printed as one line, whose id anybody can make" {
    run -0 cairn-chain-node --print-genesis ccc
    assert_equal "${#lines[@]}" 1
    jq -e '.name == "ccc"' <<< "$output"
    id=$(cairn-chain-node --print-genesis ccc --json | jq -r .chain)
    made=$( (printf 'cairn/genesis/v1'; cairn-chain-node --print-genesis ccc | jq -cjS .) | sha256sum)
    assert_equal "$id" "${made%% *}"
}
