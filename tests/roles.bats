# scripts/full-node and scripts/miner: tools composed by the shell.
load helper
load chain

teardown() {
    local file
    for file in "$CHAIN"/miner.pid "$CHAIN"/node.pid; do
        if [ -e "$file" ] && [ -d "/proc/$(cat "$file")" ]; then kill -KILL -- "-$(cat "$file")"; fi
    done
}

# start_role NAME COMMAND...: its output goes to $CHAIN/NAME.out.
start_role() {
    local name=$1
    shift
    (
        exec 3>&-
        exec setsid "$@" > "$CHAIN/$name.out" 2> "$CHAIN/$name.err"
    ) &
    echo $! > "$CHAIN/$name.pid"
}

# A role's shell takes its programs along.
end_role() {
    kill -TERM "$(cat "$CHAIN/$1.pid")"
    wait_until is_gone "$(cat "$CHAIN/$1.pid")"
    rm "$CHAIN/$1.pid"
}

is_gone() {
    ! kill -0 "$1" 2> /dev/null
}

@test "a miner makes its plots and its node, and a full node follows" {
    make_chain poc
    start_role miner "$root/scripts/miner" "$CHAIN/a" "$CHAIN/key" "$CHAIN/plots" 16MiB \
        "$CHAIN/genesis.json"
    wait_until grep -q '^full-node: serves at' "$CHAIN/miner.out"
    address=$(sed -n 's/^full-node: serves at //p' "$CHAIN/miner.out")
    start_role node "$root/scripts/full-node" "$CHAIN/b" "$CHAIN/genesis.json" "$address"
    wait_until has_height b 3
    wait_until grep -q '^full-node: has all blocks: ' "$CHAIN/node.out"
    assert_equal "$(status_of a '.counts.blocks_made > 2')" true
    assert [ "$(cairn-query account --dir "$CHAIN/b" --json \
        "$(cairn-keygen -y --address "$CHAIN/key")" | jq -r .balance_atoms)" -gt 0 ]
    end_role node
    end_role miner
    run -69 cairn-chain-node --dir "$CHAIN/a" --status

    # Again, with what there is.
    start_role miner "$root/scripts/miner" "$CHAIN/a" "$CHAIN/key" "$CHAIN/plots" 16MiB
    wait_until has_height a 4
    end_role miner
}

@test "wrong command lines show how they are called" {
    run -64 --separate-stderr "$root/scripts/full-node"
    assert_regex "$stderr" '^A full node'
    run -64 --separate-stderr "$root/scripts/miner" a b
    assert_regex "$stderr" 'Usage: scripts/miner DIR KEY PLOTS SIZE'
}
