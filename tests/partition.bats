# What a network that falls apart does to put and get: providers on two hosts, which are network
# namespaces, and a cable between them that can be pulled.
load helper

# Runs the script in namespaces of its own, where it may make hosts and cables.
inside() {
    command -v ip > /dev/null && command -v nsenter > /dev/null || skip "no iproute2 here"
    unshare -Urn true 2> /dev/null || skip "no network namespaces here, not even for users"
    run -0 timeout 60 unshare -Urn --kill-child bash -euo pipefail script
}

# What a script begins with: two providers are here, four elsewhere.
setup() {
    cd "$BATS_TEST_TMPDIR" || return
    cat > script << 'SCRIPT'
export CAIRN_HOME=$PWD/home
unshare -n sleep 1000 &
there=$!
trap 'kill $(jobs -p) 2> /dev/null' EXIT
until [ "$(readlink /proc/$there/ns/net)" != "$(readlink /proc/$$/ns/net)" ]; do sleep 0.01; done
elsewhere() { nsenter -t "$there" -n "$@"; }
ip link set lo up
elsewhere ip link set lo up
ip link add cable type veth peer name cable netns "$there"
ip address add 10.77.0.1/24 dev cable
elsewhere ip address add 10.77.0.2/24 dev cable
ip link set cable up
elsewhere ip link set cable up

# The far end lets nothing through: this side does not notice, packets are lost.
pull() { elsewhere ip link set cable down; }
plug() { elsewhere ip link set cable up; }

echo "anyone 1TiB 1000000" > grants
start() { # NUMBER ADDRESS COMMAND...: a provider
    local number=$1 address=$2
    shift 2
    mkfifo "ready.$number"
    "$@" cairn-store --dir "depot.$number" --listen "$address:0" --grants grants --reserve 0 \
        --ready-fd 8 8> "ready.$number" > /dev/null 2> "log.$number" &
    read -r -t 20 line < "ready.$number"
    echo "$line" >> list
}
for number in 1 2; do start "$number" 10.77.0.1; done
for number in 3 4 5 6; do start "$number" 10.77.0.2 nsenter -t "$there" -n; done
export CAIRN_PROVIDERS=$PWD/list CAIRN_TIMEOUT=1s
head -c 3000000 /dev/urandom > file
cairn-keygen -o me.key > /dev/null
is() { [ "$1" = "$2" ] || { echo "'$1' is not '$2'" >&2; exit 1; }; }
ends() { local status=0; wait "$1" || status=$?; is "$status" "$2"; }
status() { local status=0; "$@" > out 2> error || status=$?; echo "$status"; }
SCRIPT
}

@test "a cable that is pulled costs what is behind it, and time, but no byte" {
    cat >> script << 'SCRIPT'
cairn-put -i me.key -k 2 -m 4 file > file.link
cairn-put -i me.key -k 4 -m 2 file > far.link
head -c 40000000 /dev/urandom > long
cairn-put -i me.key -k 2 -m 4 long > long.link 2> error &
put=$!
until [ "$(du -s depot.3/shards | cut -f 1)" -gt 12000 ]; do sleep 0.01; done
pull

# Of six, two are here: they are enough for the first file and too few for the others.
cairn-get @file.link 2> /dev/null | cmp - file
cairn-get -o none @far.link 2> /dev/null &
get=$!
is "$(status cairn-stat @far.link)" 69
ends "$get" 69
ends "$put" 69
[ ! -e none ] && [ ! -s long.link ]

plug
cairn-get @far.link | cmp - file
cairn-put -i me.key -k 2 -m 4 long > long.link # goes on
cairn-get @long.link | cmp - long
is "$(cairn-stat --json @long.link | jq -r .health)" good
SCRIPT
    inside
}
