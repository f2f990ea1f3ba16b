# cairn-relay: see cairn-relay(1).
load helper

peer() {
    python3 -B "$BATS_TEST_DIRNAME/relay_peer.py" "$@"
}

# The first line of a file that a process writes. wait_line FILE
wait_line() {
    local line
    for ((i = 0; i < 1000; ++i)); do
        if read -r line 2> /dev/null < "$1" && [[ -n $line ]]; then
            echo "$line"
            return
        fi
        sleep 0.01
    done
    fail "nothing came in $1"
}

started=()

# What a peer prints are assignments.
end='' back='' wrong='' ms='' first_ms=''

start_server() {
    peer serve > server 2> /dev/null 3>&- &
    started+=($!)
    server=$(wait_line server)
}

# start_relay NAME [ARGUMENT...] sets `relay` and `pid`.
start_relay() {
    rm -f "$1"
    cairn-relay --to "$server" "${@:2}" > "$1" 2> "$1.log" 3>&- &
    pid=$!
    started+=("$pid")
    relay=$(wait_line "$1")
}

teardown() {
    for each in "${started[@]}"; do
        kill "$each" 2> /dev/null || true
        wait "$each" 2> /dev/null || true
    done
}

# through IMPAIRMENTS SIZE: what a client sees of a relay of its own. Sets what it prints.
through() {
    start_relay address --impair "$1"
    local seen
    seen=$(peer send "$relay" "$2")
    eval "$seen"
    kill "$pid"
}

at_least() { [ "$1" -ge "$2" ] || fail "$1 is less than $2"; }
at_most() { [ "$1" -le "$2" ] || fail "$1 is more than $2"; }

# The relay never took more than 64 MiB; sanitizers take a multiple.
took_little() {
    local kib
    kib=$(awk '/VmHWM/ { print $2 }' "/proc/$pid/status")
    at_most "$kib" $((65536 * (${#CAIRN_SANITIZED} > 0 ? 4 : 1)))
}

@test "without impairments everything passes, both ways, as fast as it comes" {
    start_server
    start_relay address
    assert_regex "$relay" '^127\.0\.0\.1:[0-9]+$'
    for size in 0 1 100000 20000000; do
        eval "$(peer send "$relay" "$size")"
        assert_equal "$end $back $wrong" "ended $size 0"
    done
    kill -0 "$pid"
}

@test "delay and jitter are added in both directions, or in one" {
    start_server
    through delay=100ms 1000
    assert_equal "$end $back" "ended 1000"
    at_least "$first_ms" 200
    through up.delay=150ms,down.jitter=100ms 100000
    assert_equal "$end $back $wrong" "ended 100000 0"
    at_least "$first_ms" 150
}

@test "a rate is kept" {
    start_server
    through down.rate=100KiB 51200
    assert_equal "$end $back $wrong" "ended 51200 0"
    at_least "$ms" 480
    at_most "$ms" 5000
}

@test "a stall takes its time, and one without end has none" {
    start_server
    through down.stall=10:300ms 1000
    assert_equal "$end $back $wrong" "ended 1000 0"
    at_least "$ms" 300
    start_relay address --impair down.stall=10
    run -124 timeout 1 python3 -B "$BATS_TEST_DIRNAME/relay_peer.py" send "$relay" 1000
}

@test "connections end at the very byte, in good order or not" {
    start_server
    through down.close=12345 100000
    assert_equal "$end $back $wrong" "ended 12345 0"
    through up.close=5000 100000
    assert_equal "$end" ended
    at_most "$back" 5000
    through down.reset=12345 100000
    assert_equal "$end" reset
    at_most "$back" 12345
    through up.reset=0 1000
    assert_equal "$end $back" "reset 0"
}

@test "what is sent into a black hole is lost" {
    start_server
    start_relay address --impair blackhole
    run -124 timeout 0.5 python3 -B "$BATS_TEST_DIRNAME/relay_peer.py" send "$relay" 1000
}

@test "slices are small" {
    start_server
    through down.slice=1 2000
    assert_equal "$end $back $wrong" "ended 2000 0"
}

@test "bits are flipped as often as wanted, and the same ones again" {
    start_server
    through corrupt=0.001,seed=5 1000000
    assert_equal "$end $back" "ended 1000000"
    at_least "$wrong" 1800 # of 2000, in two directions
    at_most "$wrong" 2200
    before=$wrong
    through corrupt=0.001,seed=5 1000000
    assert_equal "$wrong" "$before"
    through corrupt=0.001,seed=6 1000000
    assert_not_equal "$wrong" "$before"
    through down.corrupt=1 1000
    assert_equal "$wrong" 1000
}

# fates IMPAIRMENTS BYTES: what a relay does to twelve connections, a line of number, reason and
# bytes (of which count) for each; what the client sees is in `ends`.
fates() {
    start_relay fates --json --impair "$1"
    relay=$(jq -r .address <<< "$relay")
    peer send "$relay" 200000 12 | cut -d ' ' -f 1 > ends
    kill "$pid"
    wait "$pid" || true
    jq -r 'select(.ev == "closed") | "\(.connection) \(.reason), \(.'"$2"')"' fates.log | sort -n
}

@test "losses are resets, at the same connections and bytes in every run" {
    start_server
    # In one direction: in two, the one that is faster today resets the other.
    for direction in up down; do
        for run in 1 2; do
            fates "$direction.loss=0.2,seed=3,refuse=0.3" "${direction}_bytes" > "$direction.$run"
            mv ends "ends.$direction.$run"
        done
        cmp "$direction.1" "$direction.2"
        cmp "ends.$direction.1" "ends.$direction.2"
        grep -q 'ended, 200000$' "$direction.1"
        grep -q 'refused by impairment, 0$' "$direction.1"
        assert_regex "$(grep -m 1 'reset by impairment' "$direction.1")" ', [1-9][0-9]*$'
        assert_equal "$(grep -c =reset "ends.$direction.1")" "$(grep -vc ended "$direction.1")"
    done
    fates up.loss=0.2,seed=4,refuse=0.3 up_bytes > another
    assert_not_equal "$(cat another)" "$(cat up.1)"
}

@test "a file of impairments is read again at HUP, and a wrong one changes nothing" {
    start_server
    echo '# fine weather' > weather
    start_relay address -v --impair @weather
    eval "$(peer send "$relay" 1000)"
    assert_equal "$end $back" "ended 1000"
    echo 'down.reset=10  # a storm' > weather
    kill -HUP "$pid"
    wait_until grep -q 'read again' address.log
    eval "$(peer send "$relay" 1000)"
    assert_equal "$end" reset
    echo 'storm=10' > weather
    kill -HUP "$pid"
    wait_until grep -q "warning: impairments stay as they are: impairment 'storm=10' is not known" \
        address.log
    eval "$(peer send "$relay" 1000)"
    assert_equal "$end" reset
    rm weather
    kill -HUP "$pid"
    wait_until grep -q 'stay as they are: cannot open' address.log
    kill -0 "$pid"
}

@test "many connections at a time, in bounded memory, and those beyond the limit wait" {
    start_server
    start_relay address --connections 300 --impair down.stall=0
    mkfifo hold
    peer idle "$relay" 300 < hold > count &
    started+=($!)
    exec 7> hold
    assert_equal "$(wait_line count)" 300
    run -124 timeout 0.5 python3 -B "$BATS_TEST_DIRNAME/relay_peer.py" send "$relay" 10
    exec 7>&-
    took_little
}

@test "a client that takes nothing costs a bounded amount of memory" {
    start_server
    start_relay address
    timeout 20 python3 -c 'import socket, sys
host, port = sys.argv[1].split(":")
peer = socket.create_connection((host, int(port)))
peer.setblocking(False)
import select
while select.select([], [peer], [], 0.3)[1]: peer.send(bytes(65536))' "$relay"
    took_little
}

@test "a server that cannot be reached is a reset for the client" {
    server=127.0.0.1:1
    start_relay address -v
    eval "$(peer send "$relay" 10)"
    assert_equal "$end $back" "reset 0"
    wait_until grep -q "cannot connect to '127.0.0.1:1': Connection refused" address.log
    kill -0 "$pid"
}

@test "the address is told when connections are taken" {
    server=127.0.0.1:1
    mkfifo ready
    cairn-relay --to "$server" --ready-fd 8 8> ready > address 3>&- &
    started+=($!)
    read -r line < ready
    assert_equal "$line" "$(cat address)"
    run -64 --separate-stderr cairn-relay --to "$server" --ready-fd 99
    assert_equal "${#stderr_lines[@]}" 1
}

@test "signals end the relay, and clients see a reset" {
    start_server
    mkfifo hold
    for signal in TERM INT; do
        # In a script, a process in the background ignores INT.
        env --default-signal=INT cairn-relay --json --to "$server" > address 2> log 3>&- &
        pid=$!
        relay=$(wait_line address | jq -r .address)
        peer idle "$relay" 3 < hold > count &
        started+=($!)
        exec 7> hold
        wait_line count
        wait_until grep -q '"connection":2' log
        kill -s "$signal" "$pid"
        wait "$pid" && status=0 || status=$?
        exec 7>&-
        assert_equal "$status" $((128 + $(kill -l "$signal")))
        assert_equal "$(tail -n 1 log | jq -c '[.ev, .connections]')" '["summary",3]'
        assert_equal "$(grep -c 'the relay stops' log)" 3
        rm address
    done
}

@test "an address that is taken is status 75, one that is none is 64, a wrong host 68" {
    server=127.0.0.1:1
    start_relay address
    run -75 --separate-stderr cairn-relay --to "$server" --listen "$relay"
    assert_regex "$stderr" "^cairn-relay: error: cannot listen at '$relay': Address already in use"
    run -69 --separate-stderr cairn-relay --to "$server" --listen 192.0.2.1:0
    for wrong in '' 127.0.0.1 :80 127.0.0.1:x ::1:80; do
        run -64 --separate-stderr cairn-relay --to "$wrong"
        assert_equal "${#stderr_lines[@]}" 2
        run -64 --separate-stderr cairn-relay --to "$server" --listen "$wrong"
    done
    run -68 --separate-stderr cairn-relay --to no-such-host.invalid:80
    run -64 --separate-stderr cairn-relay
    assert_equal "${stderr_lines[1]}" "hint: name it with --to HOST:PORT"
}

@test "impairments that are none are status 64, and a file that is none is 66" {
    for wrong in loss=2 storm delay=1 rate=0 loss=0.1,loss=0.1 'stall=:1s'; do
        run -64 --separate-stderr cairn-relay --to 127.0.0.1:1 --impair "$wrong"
        assert_equal "${#stderr_lines[@]}" 1
        assert_regex "$stderr" "^cairn-relay: error: impairment '"
    done
    run -66 --separate-stderr cairn-relay --to 127.0.0.1:1 --impair @nothing
    head -c 100000 /dev/zero | tr '\0' ' ' > long
    run -65 --separate-stderr cairn-relay --to 127.0.0.1:1 --impair @long
}

@test "options can come from the environment, and the command line beats it" {
    server=127.0.0.1:1
    CAIRN_CONNECTIONS=5 CAIRN_IMPAIR=refuse=1 CAIRN_VERBOSE=1 start_relay address
    eval "$(peer send "$relay" 10)"
    wait_until grep -q 'refused by impairment' address.log
    run -78 --separate-stderr env CAIRN_CONNECTIONS=0 cairn-relay --to "$server"
    assert_equal "$stderr" "cairn-relay: error: environment variable CAIRN_CONNECTIONS: option '--connections' takes a number from 1 to 100000, not '0'"
    CAIRN_CONNECTIONS=0 start_relay address --connections 5
    run -78 --separate-stderr env CAIRN_JSON=1 CAIRN_QUIET=yes cairn-relay --to "$server"
    assert_equal "$(jq -r .code <<< "$stderr")" config
    run -0 env CAIRN_CONNECTIONS=0 cairn-relay --help
    assert_output --partial CAIRN_PROGRESS
}

@test "the examples in relay's help work" {
    cairn-relay --help | sed -n '/^Examples:/,/^$/{s/^  \(cairn-\)/\1/p}' > examples
    assert_equal "$(wc -l < examples)" 2
    while read -r -a command; do
        rm -f address
        "${command[@]}" > address 3>&- &
        started+=($!)
        wait_line address
    done < examples
}
