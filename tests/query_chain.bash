# shellcheck disable=SC2034 # the tests use what is set here
# A chain that one node makes on this machine, for tests; loaded after helper. Its directory is
# "chain" in $CHAIN, which has the identity "key", too.
#
#   make_chain [FILTER]      # in setup_file: a genesis, changed by a filter of jq
#   start_chain [OPTION...]  # returns when the node serves
#   stop_chain               # in teardown

# make_chain [FILTER]: $account has a million coins and makes the blocks, one a second.
make_chain() {
    CHAIN=$BATS_FILE_TMPDIR
    cairn-keygen -o "$CHAIN/key" > "$CHAIN/public"
    cairn-keygen -y --json "$CHAIN/key" > "$CHAIN/forms"
    account=$(jq -r .account "$CHAIN/forms")
    cairn-chain-node --print-genesis points |
        jq -c --arg key "$(jq -r .key "$CHAIN/forms")" --arg account "$account" '
            .test = true | .time_s = 1767225600 |
            .engine = {solo: {producer: $key, interval_ms: 1000, future_s: 5}} |
            .accounts = [{account: $account, atoms: "1000000000000000"}]' |
        jq -c "${1:-.}" > "$CHAIN/genesis.json"
    export CHAIN account
}

start_chain() {
    local ready=$CHAIN/ready
    rm -f "$ready"
    mkfifo "$ready"
    (cd "$CHAIN" && exec cairn-chain-node --dir chain --genesis genesis.json --mine key "$@" \
        --ready-fd 8 < /dev/null >> log 2>&1 3>&- 8> ready) &
    chain_pid=$!
    read -rt 60 chain_address < "$ready"
    rm "$ready"
}

# stop_chain [SIGNAL]
stop_chain() {
    [ -n "${chain_pid:-}" ] || return 0
    ! kill "-${1:-TERM}" "$chain_pid" 2> /dev/null || wait "$chain_pid" || [ $? -gt 128 ]
    chain_pid=''
}
