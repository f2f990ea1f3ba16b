# Asking a node of a chain that is taken back, or that lies: cairn-query(1).
# shellcheck disable=SC2030,SC2031,SC2153,SC2154 # helper and run set variables, and so do tests
load helper
load data/filters
load chain

setup() {
    cd "$BATS_TEST_TMPDIR" || return
    follower=''
    start_false
}

teardown() {
    exec 9>&-
    [ -z "$follower" ] || ! kill "$follower" 2> /dev/null || wait "$follower" || [ $? -gt 128 ]
    stop_nodes
}

# A node that tells what is in files of "false": query_node.py.
start_false() {
    mkdir -p false
    [ -p commands ] || mkfifo commands
    /usr/bin/python3 "$root/tests/query_node.py" false < commands 3>&- > false.log 2>&1 &
    exec 9> commands
    wait_until test -S false/api.sock
}

# headers LINE...: its chain, each "HEIGHT NAME PARENT".
headers() {
    local height name parent
    while read -r height name parent; do
        echo "{\"chain\":\"c\",\"height\":$height,\"id\":\"$name\",\"parent\":\"$parent\",\"time_s\":0}"
    done < <(printf '%s\n' "$@") > headers
    mv headers false
}

@test "blocks that are taken back are told of, and what comes in their place" {
    echo '{"events":""}' > false/status
    headers "1 a g" "2 b a" "3 c b"
    cairn-query head --follow --dir false > told 2> log 3>&- 9>&- &
    follower=$!
    wait_until has_lines told 1
    headers "1 a g" "2 b a" "3 c b" "4 d c" "5 e d"
    wait_until has_lines told 3
    headers "1 a g" "2 b a" "3 c b" "4 D c" "5 E D" "6 F E"
    wait_until has_lines told 8
    headers "1 a g" "2 B a" "3 C B" # shorter, and from before what was told
    wait_until has_lines told 13
    headers "1 a g" "2 B a" "3 C B" "4 x C"
    wait_until has_lines told 14
    assert_equal "$(cut -f 1-3 told | tr '\t' ' ')" "block 3 c
block 4 d
block 5 e
reorg 5 e
reorg 4 d
block 4 D
block 5 E
block 6 F
reorg 6 F
reorg 5 E
reorg 4 D
reorg 3 c
block 3 C
block 4 x"
    assert [ ! -s log ]
    sed -i 's/"chain":"c"/"chain":"other"/' false/headers
    status=0
    wait "$follower" || status=$?
    follower=''
    assert_equal "$status" 76
}

@test "a node that hands out something else is found out" {
    make_chain
    account=$(jq -r '.accounts[0].account' "$CHAIN/genesis.json")
    start_node 1 --mine "$CHAIN/key" 9>&-
    node=$CHAIN/1
    cairn-query head --dir "$node" --wait 2 > /dev/null
    cairn-query value --dir "$node" 000401 --proof proof > /dev/null
    cairn-query block --dir "$node" --raw 2 > raw
    cairn-query block --dir "$node" 1 --json > first
    cp first false/headers
    echo '{}' > false/block
    cp raw false/block.body
    run -76 --separate-stderr cairn-query block 1 --dir false
    assert_one_error cairn-query
    head -c 100 raw > false/block.body
    run -65 --separate-stderr cairn-query block 1 --dir false
    assert_one_error cairn-query
    echo '{}' > false/value
    cp proof false/value.body
    run -0 cairn-query value 000401 --dir false --proof good
    cmp proof good
    run -76 --separate-stderr cairn-query account "$account" --dir false --proof other
    assert_one_error cairn-query
    flip false/value.body $(($(stat -c %s proof) - 5))
    run -76 --separate-stderr cairn-query value 000401 --dir false --proof other
    assert_one_error cairn-query
    assert [ ! -e other ]
    run -76 --separate-stderr cairn-query value 000401 --dir false
    assert_one_error cairn-query
    /usr/bin/python3 "$root/tests/query_transfers.py" "$account" 1 2 9 > false/mempool.body
    echo '{"entries":[]}' > false/mempool
    run -76 --separate-stderr cairn-query mempool --dir false
    assert_one_error cairn-query
    printf '{"entries":[{"id":"%s","arrival":"%s"}]}' "$account" 1 > false/mempool
    /usr/bin/python3 "$root/tests/query_transfers.py" "$account" 1 1 9 > false/mempool.body
    run -76 --separate-stderr cairn-query mempool --dir false
    assert_one_error cairn-query
    truncate -s -1 false/mempool.body
    run -65 --separate-stderr cairn-query mempool --dir false
    assert_one_error cairn-query
    echo '{"is_right":false,"minted_atoms":"3"}' > false/supply
    run -1 --separate-stderr cairn-query supply --dir false
    assert_line "minted_atoms: 3"
    assert_regex "$stderr" "^cairn-query: warning: "
}
