# Networks of chain nodes: plots, kills, partitions, late joiners, reorganisations.
load helper
load chain

teardown() {
    stop_nodes
}

@test "five nodes mine by plots: a kill, a partition, a healing and a late joiner" {
    make_chain poc "$(quick_blocks 1 100)"
    local node
    for node in 1 2 3 4; do make_plot "$node" 16; done
    start_alone 1
    start_alone 2 1
    start_alone 3 2
    start_alone 4 3
    for node in 1 2 3 4; do start_miner "$node"; done
    wait_until agree_at 1 1 2 3 4

    # A node is killed and comes back.
    kill_node 1
    height=$(height_of 4)
    wait_until has_height 4 $((height + 2))
    start_alone 1 2
    wait_until agree_at $((height + 1)) 1 2 3 4

    # The bridge between 1, 2 and 3, 4 is gone for a while; both sides go on.
    kill_node 3
    height=$(height_of 4)
    wait_until has_height 4 $((height + 1))
    wait_until has_height 2 $((height + 1))
    start_alone 3 2 4
    wait_until agree_at $((height + 1)) 1 2 3 4

    # Somebody who was never there before.
    start_node 5 --peer "$(address_of 3)"
    wait_until agree_at $((height + 1)) 1 2 3 4 5
    for node in 1 2 3 4; do stop_miner "$node"; done
    wait_until have_one_tip 1 2 3 4 5
    height=$(height_of 5)
    stop_node 5
    cairn-chain-node --dir "$CHAIN/5" --export "1-$height" > blocks
    cairn-chain-node --genesis "$CHAIN/genesis.json" --replay blocks > roots
    assert_equal "$(wc -l < roots)" "$height"
    stop_node 1
    cairn-chain-node --dir "$CHAIN/1" --export "1-$height" | cmp - blocks
}

@test "a node that starts again goes on with the miner that was there" {
    make_chain poc "$(quick_blocks 1 100)"
    make_plot 1 16
    start_alone 1
    start_miner 1
    for signal in KILL TERM; do
        # It has its answer, and has not made the block yet.
        wait_until has_lines "$CHAIN/miner1.log" 1
        answers=$(wc -l < "$CHAIN/miner1.log")
        wait_until has_lines "$CHAIN/miner1.log" $((answers + 2))
        end_node "$signal" 1
        start_alone 1
    done
    height=$(height_of 1)
    wait_until has_height 1 $((height + 2))
}

# mine_alone I HEIGHT: node I goes on by itself until it has so many blocks, and is stopped.
mine_alone() {
    start_alone "$1"
    start_miner "$1"
    wait_until has_height "$1" "$2"
    stop_miner "$1"
    stop_node "$1"
}

@test "a better chain is followed as far as blocks may be taken back, and no further" {
    make_chain poc "$(quick_blocks 1 6)"
    make_plot 1 16
    make_plot 2 16
    mine_alone 1 3
    cairn-chain-node --dir "$CHAIN/1" --export 1-3 > common
    cairn-chain-node --dir "$CHAIN/2" --genesis "$CHAIN/genesis.json" --replay common -q
    mine_alone 1 6
    mine_alone 2 10
    # Node 1 has three or four blocks of its own, and gives them up.
    start_alone 2
    start_alone 1 2
    wait_until have_one_tip 1 2
    assert [ "$(status_of 1 .counts.blocks_disconnected)" -ge 3 ]
    stop_node 1
    stop_node 2

    # With more than six it does not.
    mine_alone 1 20
    mine_alone 2 30
    start_alone 2
    start_alone 1 2
    wait_until have_peers 2 1
    tip=$(tip_of 1)
    sleep 3
    assert_equal "$(tip_of 1)" "$tip"
    assert_equal "$(status_of 1 .counts.blocks_disconnected)" 0
}
