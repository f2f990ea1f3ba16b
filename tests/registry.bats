# Providers come, say where they are, and leave again: cairn-wallet(1), cairn-ledger(7).
# shellcheck disable=SC2154 # helper and run set them
load helper
load chain
load network
load data/filters

setup_file() {
    cd "$BATS_FILE_TMPDIR" || return
    local points
    points=$(cairn-chain-node --print-genesis points | jq -c '{policy, registry, fee}')
    make_chain solo ". + $points | .registry.bond_min = \"100000000000\"
        | .registry.unbond_blocks = 2 | .registry.assign_blocks = 2"
    start_node 1 --mine "$CHAIN/key"
    for name in ann bob; do cairn-keygen -o "$name.key" > /dev/null; done
}

teardown_file() {
    stop_nodes
}

setup() {
    cd "$BATS_TEST_TMPDIR" || return
    cp "$BATS_FILE_TMPDIR"/*.key "$CHAIN/key" .
    for name in ann bob; do
        printf -v "$name" %s "$(cairn-keygen -y --address $name.key)"
    done
    export CAIRN_DIR=$CHAIN/1
    cairn-keygen -o node.key > /dev/null # what cairn-store makes at its first start
}

wallet() {
    cairn-wallet "$@" < /dev/null
}

fund() {
    wallet send -q -i key -y --wait "$1" "$2" > /dev/null
}

# new_provider NAME: an account that has enough.
new_provider() {
    cairn-keygen -o "$1" > /dev/null
    fund "$(cairn-keygen -y --address "$1")" 200
}

# register NAME [OPTION...]: with the node's key.
register() {
    local name=$1
    shift
    wallet register -q -i "$name" -y --wait --node-key node.key --bond 100 --capacity 1TiB "$@"
}

# call NAME METHOD [ARGUMENTS] [OPTION...]
call() {
    local name=$1 method=$2 arguments=${3:-"{}"}
    shift "$(($# < 3 ? $# : 3))"
    wallet send -q -i "$name" -y --wait \
        --call "{\"module\":\"registry\",\"method\":\"$method\",\"arguments\":$arguments}" "$@"
}

# record_of NAME [FILTER]: what everybody knows of a provider.
record_of() {
    cairn-query providers --json "$(cairn-keygen -y --address "$1")" | jq -r "${2:-.}"
}

key_of() {
    cairn-keygen -y --json "$1" | jq -r .key
}

@test "a provider registers with its node's key, and everybody sees what it offers" {
    new_provider me
    run -0 --separate-stderr wallet register -i me -y --wait --json --node-key node.key --bond 100 \
        --capacity 2TiB --price 0.001 --address store.example:7001 --address '[::1]:7002' \
        --professional
    assert_equal "$(jq -r .state <<< "$output")" "done"
    assert_regex "$stderr" '"event":"draft"|"ev":"draft"'
    assert_equal "$(record_of me '.record | [.node_key, .class, .bond_atoms] | join(" ")')" \
        "$(key_of node.key) professional 100000000000"
    assert_equal "$(record_of me '.record.offer | tojson')" \
        '{"capacity_bytes":"2199023255552","price_atoms":"1000000","addresses":["store.example:7001","[::1]:7002"]}'
    run -0 cairn-query providers
    assert_line --partial "$(cairn-keygen -y --json me | jq -r .account)"
    assert_equal "$(wallet balance --json -i me | jq -r '.bonded_atoms | tonumber > 100000000000')" true
    run -0 --separate-stderr wallet history --no-blocks -n 1 -i me
    assert_line --partial $'\tdone\t'
}

@test "the key that a store has made serves, at the address that the store names" {
    start_providers 1
    line=$(< "$(provider 1)/line")
    stop_provider 1
    new_provider me
    wallet register -q -i me -y --wait --node-key "$(provider 1)/depot/node.key" --bond 100 \
        --capacity 1GiB --address "${line##*@}"
    assert_equal "$(cairn-keygen -y --address "$(provider 1)/depot/node.key")" "${line%@*}"
    assert_equal "$(record_of me '.record | [.node_key, .offer.addresses[0]] | join(" ")')" \
        "$(key_of "$(provider 1)/depot/node.key") ${line##*@}"
}

@test "what is shown before it is signed names node, bond and addresses" {
    new_provider me
    run -64 --separate-stderr wallet register -i me --node-key node.key --bond 100 --capacity 1TiB \
        --address store.example:7001
    assert_regex "$stderr" "call registry.join "
    assert_regex "$stderr" "$(key_of node.key)"
    assert_regex "$stderr" "store.example:7001"
    assert_regex "$stderr" "total 100[.]0000[0-9]+ coins"
}

@test "node key and account key need never be on one machine" {
    new_provider me
    address=$(cairn-keygen -y --address me)
    wallet build --account "$address" --node-key node.key --bond 100 --capacity 1TiB \
        --address store.example:7001 > draft # knows no secret of the account
    mv node.key elsewhere
    env -u CAIRN_DIR cairn-wallet sign -q -i me -y draft > signed
    run -0 wallet submit --wait signed
    assert_equal "$(record_of me .record.node_key)" "$(key_of elsewhere)"
    # The same without a node.
    new_provider other
    cairn-keygen -o node.key > /dev/null
    account=$(cairn-keygen -y --json other | jq -r .account)
    wallet build --account "$account" --node-key node.key --bond 100 --capacity 1TiB > draft
    env -u CAIRN_DIR cairn-wallet build --account "$account" --chain "$(jq -r .chain draft)" \
        --sequence "$(jq .sequence draft)" --fee "$(jq -r .fee_atoms draft)atoms" \
        --valid-until "$(jq .valid_until draft)" --node-key node.key --bond 100 --capacity 1TiB > again
    cmp draft again
    cairn-wallet sign -q -i other -y again | cairn-wallet submit -q --wait
    assert_equal "$(record_of other .record.offer.addresses)" "[]"
}

@test "a provider takes its bond out, and leaves" {
    new_provider me
    register me
    run -1 --separate-stderr call me leave
    assert_regex "$stderr" "failed: locked"
    run -1 --separate-stderr call me unbond '{"atoms": "1"}' # what is left would be too small
    assert_regex "$stderr" "failed: too-small"
    call me unbond '{"atoms": "100000000000"}'
    run -1 --separate-stderr call me leave
    assert_regex "$stderr" "failed: locked"
    cairn-query head --wait $(($(record_of me .record.unbonds) - 1)) > /dev/null
    call me withdraw
    call me leave
    run -1 cairn-query providers "$(cairn-keygen -y --address me)"
    run -1 --separate-stderr call me leave
    assert_regex "$stderr" "failed: absent"
    register me # and comes back, with the same node
    assert_equal "$(record_of me .record.node_key)" "$(key_of node.key)"
}

@test "a node has another key from some block on" {
    new_provider me
    register me
    cairn-keygen -o next.key > /dev/null
    call me rotate '{}' --node-key next.key
    assert_equal "$(record_of me '.record.next_key')" "$(key_of next.key)"
    assert_equal "$(record_of me '.record.node_key')" "$(key_of node.key)"
}

@test "a node's key serves one account, and no other key agrees for it" {
    new_provider me
    new_provider other
    address=$(cairn-keygen -y --address me)
    wallet build --account "$address" --node-key node.key --bond 100 --capacity 1TiB > draft
    jq -c '{"module": .module, method, arguments}' draft > call
    run -1 --separate-stderr wallet send -i other -y --call call # a consent for somebody else
    assert_regex "$stderr" "error: not-true: "
    cairn-keygen -o wrong.key > /dev/null
    jq -c --arg key "$(key_of wrong.key)" '.arguments.node_key = $key' call > wrong
    run -1 --separate-stderr wallet send -i me -y --call wrong
    assert_regex "$stderr" "error: not-true: "
    jq -c --slurpfile wrong wrong '.arguments = $wrong[0].arguments | del(.id)' draft |
        env -u CAIRN_DIR cairn-wallet sign -q -i me -y > signed
    run -1 --separate-stderr wallet submit --wait signed # nor does the chain believe it
    assert_regex "$stderr" "failed: not-true"
    run -0 wallet send -q -i me -y --wait --call call
    run -1 --separate-stderr register other
    assert_regex "$stderr" "failed: exists"
    run -1 cairn-query providers "$(cairn-keygen -y --address other)"
}

@test "each thing that is wrong with a registration has its status" {
    fund "$ann" 200
    try() { # KEY BOND [OPTION...]
        wallet register -i ann.key -y --node-key "$1" --bond "$2" --capacity 1TiB "${@:3}"
    }
    run -66 --separate-stderr try missing 100
    assert_one_error cairn-wallet
    echo nothing > damaged.key
    chmod 600 damaged.key
    run -65 --separate-stderr try damaged.key 100
    assert_one_error cairn-wallet
    cp node.key open.key
    chmod 644 open.key
    run -77 --separate-stderr try open.key 100
    assert_one_error cairn-wallet
    run -65 --separate-stderr try node.key 100 --address nowhere
    assert_one_error cairn-wallet
    run -64 --separate-stderr try node.key 100 --address={a,b,c,d,e}.example:1
    assert_regex "$stderr" "error: a provider has at most 4 addresses"
    run -64 try node.key 100 --price 0
    run -1 --separate-stderr try node.key 99.999999999
    assert_regex "$stderr" "error: too-small: the bond is at least 100 coins"
    run -1 --separate-stderr try node.key 1000000
    assert_regex "$stderr" "error: no-funds: "
    run -64 --separate-stderr wallet register -i ann.key -y --bond 100 --capacity 1TiB
    assert_regex "$stderr" "error: no key of a node"
    run -64 wallet register -i ann.key -y --node-key node.key --capacity 1TiB
    run -64 wallet register -i ann.key -y --node-key node.key --bond 100
    run -64 wallet build --account "$ann" --node-key node.key
    run -64 wallet build --account "$ann" --node-key node.key --bond 100 --capacity 1TiB "$bob" 1
    run -64 wallet build --account "$ann" --bond 100 --capacity 1TiB --call '{}'
    run -64 wallet send -i ann.key -y --node-key node.key "$bob" 1
    run -65 wallet send -i ann.key -y --node-key node.key --call \
        '{"module":"registry","method":"leave","arguments":{}}'
    run -1 cairn-query providers "$ann"
}
