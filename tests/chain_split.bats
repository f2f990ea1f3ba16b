# Networks that fall into halves, and nodes whose clocks are wrong.
load helper
load chain

teardown() {
    stop_nodes
}

# add_bridge: node 9, which makes no blocks, between both halves.
add_bridge() {
    start_node 9 --announce 127.0.0.1:10 \
        --peer "$(address_of 1)" --peer "$(address_of 3)" \
        --peer "$(address_of 5)" --peer "$(address_of 7)"
}

@test "eight nodes that were in halves for a minute have one chain within 30 seconds" {
    local node begun height before
    make_chain poc "$(quick_blocks 2 100)"
    for node in 1 2 3 4 5 6 7 8; do make_plot "$node" 16; done
    start_alone 1
    start_alone 2 1
    start_alone 3 1 2
    start_alone 4 2 3
    start_alone 5
    start_alone 6 5
    start_alone 7 5 6
    start_alone 8 6 7
    add_bridge
    for node in 1 2 3 4 5 6 7 8; do start_miner "$node"; done
    wait_until agree_at 1 1 2 3 4 5 6 7 8
    height=$(height_of 9)
    wait_until has_height 1 "$height"
    before=$(id_at 1 1)

    kill_node 9
    sleep 60
    height=$(height_of 1)
    has_height 5 "$height" || height=$(height_of 5)
    assert [ "$(id_at 1 "$height")" != "$(id_at 5 "$height")" ]

    add_bridge
    begun=$SECONDS
    wait_until agree_at "$height" 1 2 3 4 5 6 7 8
    assert [ $((SECONDS - begun)) -le 30 ]
    assert_equal "$(id_at 8 1)" "$before"
    for node in 1 2 3 4 5 6 7 8; do
        assert_equal "$(status_of "$node" .counts.banned)" 0
        stop_miner "$node"
    done
    wait_until have_one_tip 1 2 3 4 5 6 7 8
}

# with_clock OFFSET COMMAND...: its wall clock is off by so much.
with_clock() {
    local offset=$1
    shift
    LD_PRELOAD=/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1 FAKETIME=$offset \
        FAKETIME_DONT_FAKE_MONOTONIC=1 FAKETIME_DISABLE_SHM=1 "$@"
}

@test "two nodes whose clocks are a day off change nothing for the others" {
    local node height now
    make_chain poc "$(quick_blocks 2 100)"
    for node in 1 2 3 4 5; do make_plot "$node" 16; done
    start_alone 1
    start_alone 2 1
    start_alone 3 1 2
    with_clock +1d start_alone 4 1 2 3
    with_clock -1d start_alone 5 1 2 3
    for node in 1 2 3 4 5; do start_miner "$node"; done
    wait_until agree_at 1 1 2 3
    height=$(height_of 1)
    wait_until agree_at $((height + 10)) 1 2 3
    printf -v now '%(%s)T' -1
    for node in 1 2 3; do
        assert [ "$(status_of "$node" .time_s)" -le $((now + 20)) ]
        assert_equal "$(status_of "$node" .counts.banned)" 0
        assert [ "$(status_of "$node" .peers)" -ge 2 ]
    done

    # With the right time they are as the others.
    for node in 4 5; do
        stop_miner "$node"
        stop_node "$node"
        start_alone "$node" 1 2 3
    done
    wait_until agree_at $((height + 10)) 1 2 3 4 5
}
