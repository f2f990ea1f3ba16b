# Chains on this machine, for tests of nodes, wallets and miners; loaded after helper. They live as
# long as the test that started them, or the file where setup_file does.
#
#   make_chain                      # a chain of one producer, whose key is $CHAIN/key
#   make_chain poc '.engine.poc.block_time_s = 1'   # or of plots, with changes of its genesis
#   start_node 1 --mine "$CHAIN/key"
#   start_node 2 --peer "$(address_of 1)"
#   wait_until has_height 2 5
#   stop_node 1                     # kill_node 1 does not ask
#
# Node I is in $CHAIN/I; its local API is $(api_of I), its log $CHAIN/I.log.

export CHAIN=$BATS_FILE_TMPDIR/chain
[ -d "$CHAIN" ] || CHAIN=${BATS_TEST_TMPDIR:-$BATS_FILE_TMPDIR}/chain

# make_chain [solo|poc] [FILTER]: writes $CHAIN/genesis.json; its key has a million coins.
make_chain() {
    local engine=${1:-solo} changes=${2:-.} key account
    mkdir -p "$CHAIN"
    [ -e "$CHAIN/key" ] || cairn-keygen -q -o "$CHAIN/key" > /dev/null
    key=$(cairn-keygen -y --json "$CHAIN/key" | jq -r .key)
    account=$(cairn-keygen -y --json "$CHAIN/key" | jq -r .account)
    cairn-chain-node --print-genesis dev |
        jq -c --arg engine "$engine" --arg key "$key" --arg account "$account" '
            .name = "test" | .time_s = (now | floor) - 60
            | .accounts = [{account: $account, atoms: "1000000000000000"}]
            | if $engine == "solo"
              then .engine = {solo: {producer: $key, interval_ms: 1000, future_s: 5}}
              else .engine.poc.form = "poc2" end' | jq -c "$changes" > "$CHAIN/genesis.json"
}

# quick_blocks SECONDS BACK: changes for make_chain poc: a block in so many seconds from the first one
# on, and so many blocks may be taken back.
quick_blocks() {
    echo ".engine.poc.block_time_s = $1 | .engine.poc.bending = false
        | .engine.poc.bending_factor = \"0\" | .engine.poc.retarget_s = $((10 * $1))
        | .engine.poc.base_target = \"288230376151711744\"
        | .engine.poc.reorganisation_max = $2 | .block.reward_blocks = $(($2 + 1))"
}

api_of() {
    echo "ipc://$CHAIN/$1/api.sock"
}

address_of() {
    cat "$CHAIN/$1.address"
}

# start_node I [OPTION...]: returns when it serves.
start_node() {
    local node=$1
    shift
    rm -f "$CHAIN/$node.ready"
    mkfifo "$CHAIN/$node.ready"
    (
        exec 3>&- 8> "$CHAIN/$node.ready"
        exec cairn-chain-node --dir "$CHAIN/$node" --genesis "$CHAIN/genesis.json" --ready-fd 8 -v \
            "$@" > /dev/null 2>> "$CHAIN/$node.log"
    ) &
    echo $! > "$CHAIN/$node.pid"
    if ! read -r -t 20 address < "$CHAIN/$node.ready"; then
        cat "$CHAIN/$node.log" >&2
        return 1
    fi
    echo "$address" > "$CHAIN/$node.address"
}

# end_node SIGNAL I: returns when its process is gone.
end_node() {
    local pid
    pid=$(cat "$CHAIN/$2.pid")
    kill "-$1" "$pid"
    while [ -d "/proc/$pid" ] && [ "$(cut -d ' ' -f 3 "/proc/$pid/stat" 2> /dev/null)" != Z ]; do
        read -rt 0.02 <> <(:) || [ $? -gt 128 ]
    done
    # Its last thread may be there for a moment longer.
    if [ -d "$CHAIN/$2" ]; then flock "$CHAIN/$2" true; fi
}
stop_node() { end_node TERM "$1"; }
kill_node() { end_node KILL "$1"; }

# Ends all that run, and shows of a test that has failed what they were at; for teardown.
stop_nodes() {
    local file pid
    [ "${BATS_TEST_COMPLETED-1}" = 1 ] || tail -n 30 "$CHAIN"/*.log
    for file in "$CHAIN"/*.pid; do
        [ -e "$file" ] || continue
        pid=$(cat "$file")
        if [ -d "/proc/$pid" ]; then kill -KILL "$pid"; fi
    done
}

# status_of I [FILTER]
status_of() {
    cairn-chain-node --dir "$CHAIN/$1" --status --json | jq -r "${2:-.}"
}

height_of() { status_of "$1" .height; }
tip_of() { status_of "$1" .tip; }
has_height() { [ "$(height_of "$1")" -ge "$2" ]; }

# have_one_tip I...: whether all of them are at the same block.
have_one_tip() {
    local node tip
    tip=$(tip_of "$1")
    for node in "$@"; do [ "$(tip_of "$node")" = "$tip" ] || return 1; done
}

# id_at I HEIGHT: of the block there; fails where there is none.
id_at() {
    cairn-call "$(api_of "$1")" header "{\"height\":$2}" --json 2> /dev/null | jq -er .id
}

# agree_at HEIGHT I...: whether all of them have the same block there, and three more: while all go
# on making blocks, the last ones may differ for a moment.
agree_at() {
    local height=$1 node id
    shift
    id=$(id_at "$1" "$height") || return 1
    for node in "$@"; do
        has_height "$node" $((height + 3)) && [ "$(id_at "$node" "$height")" = "$id" ] || return 1
    done
}
have_peers() { [ "$(status_of "$1" .peers)" -ge "$2" ]; }

# make_plot I [NONCES]: a plot in $CHAIN/plots/I, of a key of its own in $CHAIN/keyI.
make_plot() {
    mkdir -p "$CHAIN/plots/$1"
    [ -e "$CHAIN/key$1" ] || cairn-keygen -q -o "$CHAIN/key$1" > /dev/null
    cairn-plot -q --form poc2 --start $((1000 * $1)) --nonces "${2:-32}" --threads 1 \
        --account "$(cairn-keygen -y --json "$CHAIN/key$1" | jq -r .account)" \
        --chain "$(cairn-chain-node --print-genesis "$CHAIN/genesis.json" --json | jq -r .chain)" \
        -d "$CHAIN/plots/$1"
}

# start_miner I: for node I, from its plots.
start_miner() {
    (
        exec 3>&-
        exec cairn-miner --plots "$CHAIN/plots/$1" --node "$(api_of "$1")" \
            > /dev/null 2>> "$CHAIN/miner$1.log"
    ) &
    echo $! > "$CHAIN/miner$1.pid"
}
stop_miner() { end_node TERM "miner$1"; }

# start_alone I PEER...: mines with the key of its plots, and knows these peers alone, for nobody
# learns where it is.
start_alone() {
    local node=$1 peer peers=()
    shift
    for peer in "$@"; do peers+=(--peer "$(address_of "$peer")"); done
    start_node "$node" --announce "127.0.0.1:$((1 + node))" --mine "$CHAIN/key$node" "${peers[@]}"
}
