# A chain of one producer on this machine, for tests; loaded after helper. It has all it needs in
# $chain: key, which makes the blocks and has 1000000 coins, and the node's directory.
#
#   start_chain [FILTER]     # a jq filter changes the genesis: '.block.final_blocks=2'
#   stop_chain               # in teardown or teardown_file, or to start the node again
#   start_node               # the same chain, after stop_chain
#   chain_call METHOD [JSON] # asks the node's local API
#
# CAIRN_DIR names the node to tools.

chain=${BATS_FILE_TMPDIR}/chain

# The path of a socket has at most 107 characters.
((${#chain} < 85)) || chain=/tmp/cairn-chain.$$

start_node() {
    local ready=$chain/ready
    rm -f "$ready"
    cairn-chain-node --dir "$chain/node" --genesis "$chain/genesis.json" --mine "$chain/key" \
        > "$ready" 2>> "$chain/log" 3>&- &
    echo $! > "$chain/pid"
    disown
    wait_until test -s "$ready"
}

start_chain() {
    local key account
    mkdir -p "$chain"
    [ -f "$chain/key" ] || cairn-keygen -o "$chain/key" > /dev/null
    key=$(cairn-keygen -y --json "$chain/key" | jq -r .key)
    account=$(cairn-keygen -y --json "$chain/key" | jq -r .account)
    cairn-chain-node --print-genesis points | jq -c --arg key "$key" --arg account "$account" '
        .test = true | .time_s = 1767225600
        | .engine = {solo: {producer: $key, interval_ms: 1000, future_s: 5}}
        | .accounts = [{account: $account, atoms: "1000000000000000"}] | '"${1:-.}" \
        > "$chain/genesis.json"
    export CAIRN_DIR=$chain/node
    start_node
}

# stop_chain [SIGNAL]
stop_chain() {
    [ -f "$chain/pid" ] || return 0
    kill "-${1:-TERM}" "$(< "$chain/pid")" 2> /dev/null || true
    wait_until is_gone "$(< "$chain/pid")"
    rm -f "$chain/pid"
}

is_gone() {
    ! kill -0 "$1" 2> /dev/null
}

chain_call() {
    cairn-call --json "ipc://$chain/node/api.sock" "$1" ${2:+"$2"}
}
