# Providers on this machine, for tests of the network; loaded after helper. They live as long as the
# test that started them, or the file where setup_file does.
#
#   start_providers 6        # $PROVIDERS is their list, which the tools find by $CAIRN_PROVIDERS
#   stop_provider 2          # kill_provider 2 does not ask
#   start_provider 2         # again: same directory, same address
#   restart_providers        # all that were stopped
#
#   impair 3 stall=100000 > list    # the list, with a bad way to provider 3
#
# All that belongs to provider I is in $(provider I): grants, depot, log, pid, line, listen. Each run
# has a loopback address to itself, so that nobody takes the port of a provider that is down.

network=$BATS_FILE_TMPDIR/network
[ -d "$network" ] || network=${BATS_TEST_TMPDIR:-$BATS_FILE_TMPDIR}/network

provider() {
    echo "$network/$1"
}

# start_providers N [OPTION...]: providers 1 to N, with these options of cairn-store besides. They do
# not scrub unless told to: what a test spoils is there until it is read.
start_providers() {
    local count=$1 i
    shift
    mkdir -p "$network"
    export PROVIDERS=$network/providers
    export CAIRN_PROVIDERS=$PROVIDERS
    for ((i = 1; i <= count; ++i)); do
        mkdir -p "$(provider "$i")"
        echo "anyone 1TiB 1000000" > "$(provider "$i")/grants"
        echo "127.$((1 + $$ / 65536 % 254)).$(($$ / 256 % 256)).$((1 + $$ % 254)):0" \
            > "$(provider "$i")/listen"
        printf '%s\n' --scrub=0 "$@" > "$(provider "$i")/options"
    done
    for ((i = 1; i <= count; ++i)); do start_provider "$i" || return; done
    cat "$network"/*/line > "$PROVIDERS"
}

# start_provider I: returns when it serves.
start_provider() {
    local directory line options
    directory=$(provider "$1")
    mapfile -t options < <(grep . "$directory/options")
    rm -f "$directory/ready"
    mkfifo "$directory/ready"
    (
        exec 3>&- 8> "$directory/ready"
        exec cairn-store --dir "$directory/depot" --listen "$(< "$directory/listen")" \
            --grants "$directory/grants" --reserve 0 --ready-fd 8 "${options[@]}" \
            > /dev/null 2>> "$directory/log"
    ) &
    echo $! > "$directory/pid"
    if ! read -r -t 20 line < "$directory/ready"; then
        echo "provider $1 did not start:" >&2
        cat "$directory/log" >&2
        return 1
    fi
    echo "$line" > "$directory/line"
    echo "${line##*@}" > "$directory/listen"
}

# restart_providers: those that do not run.
restart_providers() {
    local directory
    for directory in "$network"/*/; do
        [ -f "$directory/pid" ] || start_provider "$(basename "$directory")" || return
    done
}

# stop_provider I: by SIGTERM; returns when it is gone.
stop_provider() {
    end_provider "$1" TERM
}

kill_provider() {
    end_provider "$1" KILL
}

end_provider() {
    local pid
    [ -f "$(provider "$1")/pid" ] || return 0
    pid=$(< "$(provider "$1")/pid")
    rm "$(provider "$1")/pid"
    kill -s "$2" "$pid" 2> /dev/null || return 0
    for ((tries = 0; tries < 200; ++tries)); do
        kill -s 0 "$pid" 2> /dev/null || return 0
        [[ $(ps -o stat= -p "$pid") != Z* ]] || return 0
        sleep 0.05
    done
    echo "provider $1 does not end" >&2
    return 1
}

# impair I LIST: prints the list of providers, in which provider I is behind a relay that impairs.
impair() {
    local relay address line
    mkdir -p "$BATS_TEST_TMPDIR/relays"
    relay=$BATS_TEST_TMPDIR/relays/$1
    line=$(< "$(provider "$1")/line")
    mkfifo "$relay"
    (
        exec 3>&- 8> "$relay"
        exec cairn-relay --to "${line##*@}" --impair "$2" --ready-fd 8 > /dev/null 2>&1
    ) &
    echo $! > "$relay.pid"
    read -r -t 20 address < "$relay" || return
    while read -r other; do
        [[ $other != "$line" ]] || other=${line%@*}@$address
        echo "$other"
    done < "${3:-$PROVIDERS}"
}

# impair_all LIST: prints the list of providers, all of which are behind relays that impair.
impair_all() {
    local directory
    cp "$PROVIDERS" impaired
    for directory in "$network"/*/; do
        impair "$(basename "$directory")" "$1" impaired > next || return
        mv next impaired
    done
    cat impaired
    rm impaired
}

# set_up_network: for setup_file: six providers, and in the file's directory an identity and 20 MB.
set_up_network() {
    cd "$BATS_FILE_TMPDIR" || return
    start_providers 6 || return
    cairn-keygen -o me.key > public
    make_data 20000000 > big
}

# enter_network: for setup: an empty home, the identity and a small file, and all six serve.
enter_network() {
    cd "$BATS_TEST_TMPDIR" || return
    export CAIRN_HOME=$BATS_TEST_TMPDIR/home
    restart_providers
    cp "$BATS_FILE_TMPDIR"/{me.key,public} .
    echo greetings > small
}

# entries: how many shards all providers have.
entries() {
    local directory
    for directory in "$network"/*/; do
        cairn-store --status --json --dir "$directory/depot" | jq .objects
    done | awk '{ sum += $1 } END { print sum }'
}

stop_relays() {
    local file
    for file in "$BATS_TEST_TMPDIR"/relays/*.pid; do
        [ ! -f "$file" ] || kill "$(< "$file")" 2> /dev/null || true
    done
}

stop_providers() {
    local directory
    for directory in "$network"/*/; do
        [ ! -d "$directory" ] || end_provider "$(basename "$directory")" KILL
    done
}

teardown() {
    stop_relays
    [[ $network == "$BATS_FILE_TMPDIR"* ]] || stop_providers
}

teardown_file() {
    stop_providers
}
