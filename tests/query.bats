# Asking the node of a chain: cairn-query(1), cairn-api(7).
# shellcheck disable=SC2030,SC2031,SC2153,SC2154 # helper and run set variables, and so do tests
load helper
load data/filters
load chain

sender=fee5f75cfbda6eeb9ec134f38b156d0102842ef5d38cb2b0f5c6962f61253792
nobody=$(printf 'ab%.0s' {1..32})

# A chain of points, in which the account of query_transfers.py has something, too.
setup_file() {
    local policy
    policy=$(cairn-chain-node --print-genesis points | jq -c .policy)
    make_chain solo ".policy = $policy |
        .accounts |= (. + [{account: \"$sender\", atoms: \"1000000000000\"}] | sort_by(.account))"
    cairn-keygen -y --json "$CHAIN/key" > "$CHAIN/forms"
}

setup() {
    cd "$BATS_TEST_TMPDIR" || return
    account=$(jq -r .account "$CHAIN/forms")
    node=$CHAIN/1
    export CAIRN_DIR=$node
    follower=''
    start_chain
}

teardown() {
    [ -z "$follower" ] || ! kill "$follower" 2> /dev/null || wait "$follower" || [ $? -gt 128 ]
    stop_nodes
}

start_chain() {
    start_node 1 --mine "$CHAIN/key"
}

# Follows the chain to the file "told".
start_follower() {
    cairn-query head --follow --json > told 2>> log 3>&- &
    follower=$!
}

query() {
    cairn-query "$@" --json
}

transfers() {
    /usr/bin/python3 "$root/tests/query_transfers.py" "$@"
}

# Of the bytes of a block, by another program.
block_id() {
    /usr/bin/python3 -Bc 'import sys; sys.path.insert(0, sys.argv[1]); import encode
header = encode.loads(open(sys.argv[2], "rb").read())[2]
print(encode.sha256(b"cairn/header/v1", encode.dumps(header)).hex())' "$data/ledger" "$1"
}

@test "a node tells of itself, its chain and its peers" {
    run -0 --separate-stderr cairn-query head --wait 1
    assert_equal "$stderr" ""
    assert_line --regexp '^height: [1-9][0-9]*$'
    assert_line --regexp '^confirmations: [1-9]'
    assert_equal "$(query status | jq -c '[.engine, .is_test, .is_synced, .is_halted, .name, .peers]')" \
        '["solo",true,true,false,"test",0]'
    run -0 cairn-query status
    assert_line "waits_for: the time of the next block"
    cmp <(cairn-query genesis) <(cairn-chain-node --print-genesis "$CHAIN/genesis.json")
    assert_equal "$(query genesis | jq -r .chain)" "$(query status | jq -r .chain)"
    assert_equal "$(query genesis | jq -r .genesis.name)" test
    run -0 cairn-query peers
    assert_output ""
    run -0 cairn-query mempool
    assert_output ""
    run -0 cairn-query providers
    assert_output ""
}

@test "the node is named by its directory or its endpoint, also by the environment" {
    cairn-query head --wait 1 > /dev/null
    chain=$(query status | jq -r .chain)
    unset CAIRN_DIR
    assert_equal "$(query status --dir "$node" | jq -r .chain)" "$chain"
    assert_equal "$(query status --dir "$node" | jq -r .events)" "ipc://$node/api.sock.events"
    assert_equal "$(query status --node "ipc://$node/api.sock" | jq -r .chain)" "$chain"
    assert_equal "$(CAIRN_NODE=ipc://$node/api.sock query status | jq -r .chain)" "$chain"
    assert_equal "$(CAIRN_NODE=ipc://$node/api.sock query status --dir nowhere | jq -r .chain)" "$chain"
    run -64 --separate-stderr cairn-query status
    assert_one_error cairn-query
    run -69 --separate-stderr cairn-query status --dir nowhere --timeout 10ms
    assert_one_error cairn-query
    run -78 --separate-stderr cairn-query status --node tcp://127.0.0.1:1
    assert_one_error cairn-query
}

@test "a block is shown by its height and by its id, and its bytes are what it is" {
    cairn-query head --wait 2 > /dev/null
    query block 2 > second
    id=$(jq -r .id second)
    assert_equal "$(query block "$id" | jq -c 'del(.confirmations)')" "$(jq -c 'del(.confirmations)' second)"
    assert_equal "$(jq -r .parent second)" "$(query block 1 | jq -r .id)"
    assert_equal "$(jq -c '[.height, .seal.signed, .transactions, .producer]' second)" \
        "[2,true,[],\"$account\"]"
    cairn-query block --raw 2 > raw
    assert_equal "$(block_id raw)" "$id"
    run -0 cairn-query block
    assert_line --regexp '^height: '
    run -0 cairn-query block 0 --json
    assert_equal "$(jq -c '[.height, .seal, .transactions]' <<< "$output")" '[0,null,[]]'
    run -1 --separate-stderr cairn-query block --raw 0
    assert_one_error cairn-query
    run -1 --separate-stderr cairn-query block 4000000000
    assert_one_error cairn-query
    run -1 cairn-query block "$account"
    run -64 cairn-query block "${id:1}"
    run -64 cairn-query block 01
}

@test "a transaction is shown while it waits and when it is done" {
    assert_equal "$(transfers account)" "$sender"
    chain=$(query status | jq -r .chain)
    first=$(query account "$sender" | jq -r .next_sequence)
    transfers "$chain" $((first + 1)) 2 1000 > early # they wait for the one before
    cairn-call --body early "ipc://$node/api.sock" send --json > sent
    second=$(jq -r '.ids[0]' sent)
    run -0 cairn-query mempool --json
    assert_equal "$(jq -c '[.id, .sender, .fee_atoms]' <<< "${lines[0]}")" \
        "[\"$second\",\"$sender\",\"1000000000\"]"
    assert_equal "$(jq -r .id <<< "$output" | xargs)" "$(jq -r '.ids[]' sent | xargs)"
    run -0 cairn-query mempool
    assert_equal "${lines[0]}" "$(query mempool | head -n 1 |
        jq -r '[.id, "1", .size_bytes, .weight, .sender, "0/\(.sequence)", "1", "coins.transfer"] | @tsv')"
    assert_equal "$(query mempool | jq -s -c --arg first "$first" \
        '[.[] | (.sequence | tonumber) - ($first | tonumber), .is_early, .transaction.id == .id]')" \
        '[1,true,true,2,true,true]'
    assert_equal "$(query tx "$second" | jq -c '[.state, .transaction.module, .transaction.method, .transaction.signed]')" \
        '["waiting","coins","transfer",true]'
    assert_equal "$(query account "$sender" | jq -c '[(.waiting | length), .next_sequence]')" "[2,\"$first\"]"

    transfers "$chain" "$first" 1 1000 > now
    cairn-call --body now "ipc://$node/api.sock" send > /dev/null
    is_done() { [ "$(query tx "$second" | jq -r .state)" = "done" ]; }
    wait_until is_done
    query tx "$second" > shown
    assert_equal "$(jq -c '[.index, .receipt.status, .receipt.id == .id, .transaction.id == .id]' shown)" \
        '[1,"done",true,true]'
    assert_equal "$(query block "$(jq -r .block shown)" | jq -r '.transactions[1].id')" "$second"
    assert_equal "$(query block "$(jq -r .height shown)" | jq -r '.transactions | length')" 3
    cairn-query tx --raw "$second" > raw # that was the first of two
    cmp -n "$(stat -c %s raw)" raw early
    run -0 cairn-query tx "$second"
    assert_line "state: done"
    assert_equal "$(query account "$nobody" | jq -c '[.is_here, .balance_atoms]')" '[true,"2999680000"]'
    run -0 cairn-query supply
    assert_line "is_right: true"
    run -0 cairn-query mempool
    assert_output ""
}

@test "a transaction that there is not is status 1" {
    run -1 --separate-stderr cairn-query tx "$account"
    assert_one_error cairn-query
    run -64 --separate-stderr cairn-query tx "${account:1}"
    assert_one_error cairn-query
    run -64 cairn-query tx
}

@test "what an account has is shown, and proven" {
    cairn-query head --wait 1 > /dev/null
    run -0 cairn-query account "$account" --json
    assert_equal "$(jq -c '[.account, .is_here, .balance_atoms, .waiting]' <<< "$output")" \
        "[\"$account\",true,\"1000000000000000\",[]]"
    assert_equal "$(query account "$(jq -r .address "$CHAIN/forms")" | jq -r .account)" "$account"
    run -0 --separate-stderr cairn-query account "$account" --proof proof --json
    assert_equal "$stderr" ""
    assert_equal "$(jq -c '[.table, .account, .record.balance_atoms]' <<< "$output")" \
        "[\"account\",\"$account\",\"1000000000000000\"]"
    block=$(jq -r .block <<< "$output")
    cairn-verify state --json --block "$block" --chain "$(query status | jq -r .chain)" proof > shown
    assert_equal "$(jq -c 'del(.valid)' shown)" "$(jq -c . <<< "$output")"
    assert_equal "$(query block "$block" | jq -r .height)" "$(jq -r .height <<< "$output")"
    run -73 --separate-stderr cairn-query account "$account" --proof proof
    assert_one_error cairn-query
    cairn-query account "$account" --proof proof -f > /dev/null
    cairn-query account "$account" --proof - | cairn-verify state -q
    run -64 cairn-query account nobody
}

@test "that there is nothing is status 1, shown and proven" {
    nobody=$(printf 'ba%.0s' {1..32})
    run -1 --separate-stderr cairn-query account "$nobody" --json
    assert_equal "$stderr" ""
    assert_equal "$(jq -c '[.is_here, .next_sequence == null]' <<< "$output")" '[false,false]'
    run -1 cairn-query account "$nobody" --proof none
    assert_line "record: null"
    cairn-verify state -q none
    run -1 cairn-query providers "$account" --proof provider
    cairn-verify state --json provider > shown
    assert_equal "$(jq -c '[.table, .account, .record]' shown)" "[\"provider\",\"$account\",null]"
    run -1 cairn-query providers "$account"
    run -64 cairn-query providers --proof all
    assert [ ! -e all ]
}

@test "a value of the state is shown by its key" {
    cairn-query head --wait 1 > /dev/null
    run -0 cairn-query value 000401 --json
    assert_equal "$(jq -c '[.module, .table, .record.minted_atoms]' <<< "$output")" \
        '["policy","supply","1001000000000000"]'
    cairn-query value 000401 --proof - | cairn-verify state -q
    run -1 cairn-query value 0004ff00
    run -65 cairn-query value 0004
    run -64 cairn-query value 00040
    run -64 cairn-query value 00040A
}

@test "all that there is is what was minted" {
    cairn-query head --wait 1 > /dev/null
    run -0 cairn-query supply --json
    assert_equal "$(jq -c '[.minted_atoms, .found_atoms, .supply_atoms, .burnt_atoms, .is_right]' <<< "$output")" \
        '["1001000000000000","1001000000000000","1001000000000000","0",true]'
    run -0 cairn-query supply
    assert_line "is_right: true"
}

@test "scripts wait for a block, and for a node that is not there yet" {
    stop_node 1
    (
        trap - EXIT
        exec cairn-query head --wait 2 --until-synced --json --timeout 60s > reached 2> errors 3>&-
    ) &
    waiting=$!
    start_chain
    wait "$waiting"
    assert [ "$(jq .height reached)" -ge 2 ]
    assert [ ! -s errors ]
    run -75 --separate-stderr cairn-query head --wait 4000000000 --timeout 300ms
    assert_one_error cairn-query
    assert_regex "$stderr" "is at block [0-9]+ and waits for "
    stop_node 1
    run -69 --separate-stderr cairn-query head --wait 1 --timeout 300ms
    assert_one_error cairn-query
}

@test "a node without peers that makes no blocks cannot know whether it has all" {
    cairn-query head --wait 2 > /dev/null
    cairn-chain-node --dir other --genesis "$CHAIN/genesis.json" --ready-fd 8 \
        8> >(cat > ready) 3>&- > other.log 2>&1 < /dev/null &
    follower=$!
    run -75 --separate-stderr cairn-query head --dir other --until-synced --timeout 2s
    assert_regex "$stderr" "waits for peers"
    cairn-call ipc://other/api.sock connect "{\"address\":\"$(address_of 1)\"}" > /dev/null
    run -0 cairn-query head --dir other --until-synced --timeout 60s --json
    assert [ "$(jq .height <<< "$output")" -ge 2 ]
    run -0 cairn-query peers --dir other
    assert_regex "$output" "^$(address_of 1)"$'\t[0-9]+\t''was called$'
    run -0 cairn-query peers --json
    assert_equal "$(jq -c '[.is_caller, .is_ready]' <<< "$output")" '[true,true]'
}

@test "whoever follows is told of every block, also when the node ends and comes back" {
    cairn-query head --wait 1 > /dev/null
    start_follower
    wait_until has_lines told 3
    kill_node 1
    wait_until grep -q "nobody answers" log
    start_chain
    top=$(query head | jq .height)
    cairn-query head --wait $((top + 2)) > /dev/null
    wait_until grep -q "\"height\":$((top + 2))," told
    kill "$follower"
    wait "$follower" || [ $? -eq 143 ]
    follower=''
    assert_equal "$(jq -s 'map(select(.event != "block")) | length' told)" 0
    assert_equal "$(jq -s -c '[range(1; length) as $i | .[$i].parent == .[$i - 1].id] | all' told)" true
    assert_equal "$(jq -s -c '[range(1; length) as $i | .[$i].height - .[$i - 1].height] | unique' told)" '[1]'
    assert_equal "$(grep -c "nobody answers" log)" 1
    run -69 --separate-stderr cairn-query head --follow --dir nowhere --timeout 10ms
    assert_one_error cairn-query
}

@test "whoever follows the mempool is told of what waits, and of each transaction that comes, once" {
    cairn-query head --wait 1 > /dev/null
    chain=$(query status | jq -r .chain)
    first=$(query account "$sender" | jq -r .next_sequence)
    send() {
        transfers "$chain" "$1" "$2" 1000 > sent
        cairn-call --body sent "ipc://$node/api.sock" send > /dev/null
    }
    send $((first + 1)) 2 # they wait for the one before
    cairn-query mempool --follow --json > told 2> log 3>&- &
    follower=$!
    wait_until has_lines told 2
    send "$first" 1
    wait_until has_lines told 3
    assert_equal "$(jq -s -c --arg first "$first" '[.[] | (.sequence | tonumber) - ($first | tonumber)]' told)" '[1,2,0]'
    is_over() { [ "$(query tx "$(jq -r .id told | head -n 2 | tail -n 1)" | jq -r .state)" = "done" ]; }
    wait_until is_over
    send $((first + 4)) 1
    wait_until has_lines told 4
    kill_node 1
    wait_until grep -q "nobody answers" log
    start_chain
    send $((first + 5)) 1
    wait_until has_lines told 5
    send $((first + 4)) 1 # the node has lost it, but it was told of
    send $((first + 3)) 1
    wait_until has_lines told 6
    assert_equal "$(jq -r .id told | sort -u | wc -l)" 6
    assert_equal "$(jq -c '.transaction.id == .id' told | sort -u)" true
    run -69 --separate-stderr cairn-query mempool --follow --dir nowhere --timeout 10ms
    assert_one_error cairn-query
}

@test "blocks are followed in lines for people, too" {
    cairn-query head --follow > told 2> log 3>&- &
    follower=$!
    wait_until has_lines told 2
    assert_regex "$(head -n 1 told)" $'^block\t[0-9]+\t[0-9a-f]{64}\t20[0-9T:-]+Z$'
}

@test "points grow by 2.5 % a year, as another program says, to the atom" {
    stop_node 1
    run -0 cairn-query issuance --genesis points --json
    assert_equal "$(jq -r '"points \(.year) \(.supply_atoms)"' <<< "$output")" \
        "$(grep ^points "$data/ledger/emission.txt")"
    assert_equal "$(jq -c '[.height, .share_ppm]' <<< "${lines[19]}")" '[10512000,1638616]'
    run -0 cairn-query issuance --genesis points --years 1
    assert_output $'1\t525600\t25000000\t1025000000\t102.5000 %'
    jq -c '.accounts = []' "$CHAIN/genesis.json" > nobody.json
    run -78 --separate-stderr cairn-query issuance --genesis nobody.json
    assert_one_error cairn-query
    run -64 cairn-query issuance --genesis points --space 1PiB
    run -64 cairn-query issuance --genesis points --by phase
}

@test "2^30 coins are minted for 1 EiB in 2^23 blocks, as another program says" {
    stop_node 1
    table=$data/ledger/emission.txt
    run -0 cairn-query issuance --space 1024PiB --json
    assert_equal "$(jq -r '"year \(.year) \(.supply_atoms)"' <<< "$output" | head -n 15)" "$(grep ^year "$table")"
    assert_equal "$(jq -r .supply_atoms <<< "${lines[15]}")" 1073741824000000000
    assert_equal "$(jq -c '[.year, .minted_atoms, .share_ppm]' <<< "${lines[19]}")" '[20,"0",1000000]'
    run -0 cairn-query issuance --space 1024PiB --by phase --json
    assert_equal "$(jq -r '"phase \(.phase + 1) \(.height)"' <<< "$output")" \
        "$(grep '^phase [^0]' "$table")"
    assert_equal "$(jq -r .minted_atoms <<< "$output" | head -n 3 | xargs)" \
        "536870912000000000 268435456000000000 134217728000000000"
    assert_equal "$(tail -n 1 <<< "$output" | jq -c '[.phase, .height, .minted_atoms]')" \
        '[30,8388608,"1000000000"]'
}

@test "with less space, coins come as the page says" {
    stop_node 1
    run -0 cairn-query issuance --space 1TiB --years 1
    assert_output $'1\t525600\t1026.5625\t1026.5625\t0.0000 %' # 0.001953125 in a block
    run -0 cairn-query issuance --space 10PiB --json
    assert_equal "$(jq -c '[.year, .share_ppm / 1000 | floor]' <<< "$output" | sed -n '1p;5p;10p;20p' | xargs)" \
        "[1,9] [5,48] [10,97] [20,195]"
    run -0 cairn-query issuance --genesis dev --years 1
    assert_output $'1\t15768000\t1073741824\t1073741824\t100.0000 %'
    run -64 --separate-stderr cairn-query issuance
    assert_one_error cairn-query
    run -64 cairn-query issuance --space 1025PiB
    run -64 cairn-query issuance --space 1TiB --years 0
    run -66 cairn-query issuance --genesis nowhere
    echo '{}' > bad
    run -65 cairn-query issuance --genesis bad
}

@test "the examples of query's help work" {
    unset CAIRN_DIR
    cairn-query head --dir "$node" --wait 1 > /dev/null
    cd "$CHAIN" && ln -s 1 chain
    run_examples cairn-query
}
