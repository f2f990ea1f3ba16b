# cairn-store: see cairn-store(1), cairn-api(7), cairn-storage(7).
# shellcheck disable=SC2030,SC2031,SC2154 # bats and its helpers set variables
load helper
load network

setup_file() {
    cairn-keygen -o "$BATS_FILE_TMPDIR/me.key" > "$BATS_FILE_TMPDIR/me.pub"
    cairn-keygen -o "$BATS_FILE_TMPDIR/other.key" > "$BATS_FILE_TMPDIR/other.pub"
}

setup() {
    cd "$BATS_TEST_TMPDIR" || return
    network=$BATS_TEST_TMPDIR/network
    me=$BATS_FILE_TMPDIR/me.key
    other=$BATS_FILE_TMPDIR/other.key
    seq 100000 | head -c 300000 > large
    seq 9000 | head -c 3000 > small
}

teardown() {
    stop_providers
}

address_of() {
    sed -n 's/^address: //p' "$BATS_FILE_TMPDIR/$1.pub"
}

depot() {
    echo "$network/1/depot"
}

line() {
    cat "$network/1/line"
}

log() {
    cat "$network/1/log"
}

root_of() {
    b3sum --no-names "$1"
}

status() {
    cairn-store --dir "$(depot)" --status --json | jq -r "$1"
}

store_shards() {
    local file arguments=()
    for file in "$@"; do arguments+=(--body "$file"); done
    cairn-call --json -i "$me" "${arguments[@]}" "$(line)" shard.put
}

fetch() {
    cairn-call -f -o got "$(line)" shard.get \
        "{\"root\":\"$(root_of "$1")\",\"size_bytes\":$(stat -c %s "$1")}" > /dev/null
    cmp got "$1"
}

assert_gone() {
    run -1 --separate-stderr cairn-call "$(line)" shard.get \
        "{\"root\":\"$(root_of "$1")\",\"size_bytes\":$(stat -c %s "$1")}"
    assert_regex "$stderr" 'the answer is no: no such shard'
}

# reload N: the store has read its lists for the Nth time.
reload() {
    kill -HUP "$(cat "$network/1/pid")"
    wait_until has_reloaded "$1"
}

has_reloaded() {
    [ "$(grep -c 'read grants and lists again' "$network/1/log")" -ge "$1" ]
}

@test "a store serves at loopback and tells where, and leaves its record" {
    start_providers 1
    assert_regex "$(line)" '^cairn1[a-z0-9]+@127[.0-9]+:[0-9]+$'
    run -0 --separate-stderr cairn-call --json "$(line)" hello
    assert_equal "$(jq -r .node <<< "$output")@$(jq -r '.addresses[0]' <<< "$output")" "$(line)"
    assert_equal "$(jq -r .record <<< "$output")" "$(cat "$(depot)/node.record")"
    assert_equal "$(cairn-inspect "$(depot)/node.record" | jq -r .kind)" node-record
    assert_equal "$(stat -c %a "$(depot)" "$(depot)"/*.key | xargs)" "700 600 600"
    run -0 cairn-call "$(cat "$(depot)/node.record")" peers
    assert_output --partial "$(cat "$(depot)/node.record")"
}

@test "with --json a document tells that it serves" {
    mkfifo ready
    cairn-store --dir depot --json > out 2> log 3>&- 8> ready --ready-fd 8 &
    mkdir -p network/1 && echo $! > network/1/pid
    read -r provider < ready
    assert_equal "$(jq -r .provider out)" "$provider"
    assert_equal "$(jq -r .listening out)" "${provider#*@}"
    assert_equal "$(jq -r .record out)" "$(cat depot/node.record)"
}

@test "shards that were put are read, listed, found again after a kill, and dropped" {
    start_providers 1
    receipt=$(store_shards large small | jq -r .receipt)
    echo "$receipt" > receipt
    cairn-verify receipt --provider "$(line | cut -d @ -f 1)" receipt ||
        cairn-verify receipt receipt
    kill_provider 1
    start_provider 1
    fetch large
    fetch small
    list=$(cairn-call --json -i "$me" "$(line)" shard.list)
    assert_equal "$(jq -r '.entries | map(.root) | join(" ")' <<< "$list")" \
        "$(root_of large) $(root_of small)"
    item=$(jq -c '.entries[0] | {root, serial}' <<< "$list")
    # Another's order changes nothing.
    run -0 cairn-call --json -i "$other" "$(line)" shard.drop "{\"items\":[$item]}"
    assert_output '{"dropped":0}'
    fetch large
    run -0 cairn-call --json -i "$me" "$(line)" shard.drop "{\"items\":[$item]}"
    assert_output '{"dropped":1}'
    assert_gone large
    fetch small
}

@test "status tells what du tells, of a store that runs and of one that does not" {
    start_providers 1
    store_shards large small > /dev/null
    assert_equal "$(status '"\(.objects) \(.size_bytes) \(.is_running)"')" "2 303000 true"
    counted=$(find "$(depot)/shards" "$(depot)/packs" -type f -printf '%s\n' | jq -s add)
    assert_equal "$(status .disk_bytes)" "$counted"
    node=$(status .node)
    stop_provider 1
    assert_equal "$(status '"\(.objects) \(.size_bytes) \(.is_running)"')" "2 303000 false"
    assert_equal "$(status .disk_bytes) $(status .node)" "$counted $node"
    run -66 --separate-stderr cairn-store --dir nowhere --status
}

@test "a second store in one directory ends with 75 and harms nothing" {
    start_providers 1
    before=$(ls -l "$(depot)")
    run -75 --separate-stderr cairn-store --dir "$(depot)"
    assert_regex "$stderr" "^cairn-store: error: .* is locked by process $(cat "$network/1/pid")"
    assert_equal "$(ls -l "$(depot)")" "$before"
    cairn-call "$(line)" hello > /dev/null
}

@test "without grants only the node's own key may store" {
    mkfifo ready
    cairn-store --dir depot > /dev/null 2> log 3>&- 8> ready --ready-fd 8 &
    mkdir -p network/1 && echo $! > network/1/pid
    read -r provider < ready
    echo "$provider" > network/1/line
    run -77 --separate-stderr store_shards small
    assert_regex "$stderr" 'the answer is denied: the owner has no grant'
    run -77 --separate-stderr cairn-call --body small "$provider" shard.put
    me=depot/node.key
    store_shards small > /dev/null
    fetch small
}

@test "grants, deny lists and their changes by HUP hold" {
    root_of large > denied
    start_providers 1 --deny denied -v
    grants=$network/1/grants
    echo "$(address_of me) 1MiB 2" > "$grants"
    reload 1
    run -77 --separate-stderr store_shards large
    assert_regex "$stderr" 'denied: a shard is not wanted here'
    store_shards small > /dev/null
    run -77 cairn-call -i "$other" --body small "$(line)" shard.put
    echo > denied
    reload 2
    store_shards large > /dev/null
    head -c 10 large > third
    run -69 --separate-stderr store_shards third
    assert_regex "$stderr" 'the answer is full'
    # What is wrong changes nothing.
    echo 'nobody 1 1' > "$grants"
    kill -HUP "$(cat "$network/1/pid")"
    wait_until grep -q "warning: '$grants': line 1 of the grants" "$network/1/log"
    root_of large > denied
    echo "$(address_of me) 1MiB 3" > "$grants"
    reload 3
    store_shards third > /dev/null
    assert_gone large
    fetch small
}

@test "a full store refuses, reads on, and takes again what fits" {
    start_providers 1 --capacity 400KiB --trash 0ms
    store_shards large > /dev/null
    seq 200000 | tail -c 300000 > another
    run -69 --separate-stderr store_shards another
    assert_regex "$stderr" 'the answer is full'
    fetch large
    store_shards small > /dev/null
    item=$(cairn-call --json -i "$me" "$(line)" shard.list | jq -c '.entries[0] | {root, serial}')
    cairn-call -i "$me" "$(line)" shard.drop "{\"items\":[$item]}" > /dev/null
    cairn-call "ipc://$(depot)/api.sock" collect > /dev/null
    store_shards another > /dev/null
    fetch another
}

@test "what has rotted is found by the scrub and never served" {
    start_providers 1
    store_shards large small > /dev/null
    file=$(depot)/shards/$(root_of large | sed 's|^..|&/|')
    chmod u+w "$file"
    printf otherwise | dd of="$file" bs=1 seek=299991 conv=notrunc status=none
    run -0 cairn-call --json "ipc://$(depot)/api.sock" scrub
    assert_output "{\"damaged\":[\"$(root_of large)\"]}"
    assert_equal "$(status .damaged)" 1
    assert_gone large
    fetch small
    store_shards large > /dev/null # it may be put again
    fetch large
    stop_provider 1
    echo --scrub=1GiB > "$network/1/options"
    printf otherwise | dd of="$file" bs=1 seek=5 conv=notrunc status=none
    start_provider 1
    wait_until grep -q "warning: shard $(root_of large) has rotted" "$network/1/log"
}

@test "a drained store takes nothing and serves the rest" {
    start_providers 1
    store_shards small > /dev/null
    run -0 cairn-store --dir "$(depot)" --drain --json
    assert_output '{"is_draining":true,"reserved_bytes":0}'
    run -69 --separate-stderr store_shards large
    assert_regex "$stderr" 'the answer is full'
    # Also after a start, until it is told otherwise.
    kill_provider 1
    start_provider 1
    assert_regex "$(log)" 'warning: the store is drained: it takes no more shards'
    run -69 store_shards large
    fetch small
    cairn-call "ipc://$(depot)/api.sock" drain '{"on":false}' > /dev/null
    store_shards large > /dev/null
    kill_provider 1
    start_provider 1
    assert_equal "$(status .is_draining)" false
    stop_provider 1
    run -69 cairn-store --dir "$(depot)" --drain
}

@test "TERM ends a store by that signal" {
    start_providers 1
    wait_for=$(cat "$network/1/pid")
    kill -TERM "$wait_for"
    wait "$wait_for" && code=0 || code=$?
    assert_equal "$code" 143
    # A build with sanitizers warns that it has no filter.
    run ! grep -v 'system calls are not confined' "$network/1/log"
}

@test "the sandbox denies what it must, and the log tells its level" {
    not_sanitized "make system calls of their own: no filter"
    run -0 --separate-stderr cairn-store --dir depot --selftest-sandbox
    if [[ $stderr != *"lacks parts"* ]]; then
        assert_equal "$(grep -c '^denied: ' <<< "$output")" 8
        refute_output --partial 'NOT DENIED'
    fi
    start_providers 1 -v
    assert_regex "$(log)" 'sandbox: files are .*confined.*, system calls are'
}

@test "metrics are served or written" {
    start_providers 1 --metrics "$BATS_TEST_TMPDIR/metrics"
    store_shards small > /dev/null
    kill -TERM "$(cat "$network/1/pid")"
    wait_until grep -qx 'cairn_store_calls_total{method="shard.put",status="ok"} 1' metrics
    assert_equal "$(grep -cx 'cairn_store_objects 1' metrics)" 1
    run ! grep -vE '^(# (HELP|TYPE) cairn_store_|cairn_store_[a-z_]+(\{[^}]*\})? [0-9]+$)' metrics
    # By HTTP, at an address that the document tells.
    mkfifo ready
    cairn-store --dir depot2 --json --metrics 127.0.0.1:0 > out 2> log 3>&- 8> ready --ready-fd 8 &
    mkdir -p network/2 && echo $! > network/2/pid
    read -r _ < ready
    exec {http}<> "/dev/tcp/127.0.0.1/$(jq -r .metrics out | cut -d : -f 2)"
    printf 'GET /metrics HTTP/1.0\r\n\r\n' >&"$http"
    grep -q cairn_store_uptime_seconds <&"$http"
}

@test "systemd is told that the store serves, and that it ends" {
    python3 -c 'import socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM); s.bind("notify"); s.settimeout(20)
print("bound", flush=True)
for _ in range(2): print(s.recv(4096).decode().split("\n")[0], flush=True)' > told 3>&- &
    wait_until grep -q bound told
    export NOTIFY_SOCKET=$PWD/notify
    start_providers 1
    wait_until grep -qx READY=1 told
    stop_provider 1
    wait_until grep -qx STOPPING=1 told
}

@test "ten lines of python drive a store, as the manual shows" {
    start_providers 1
    indent=$(mandoc -T ascii "$root/man/cairn-api.7" | sed -n 's/^\( *\)import json.*/\1/p')
    mandoc -T ascii "$root/man/cairn-api.7" | sed 's/.\x08//g' |
        sed -n "/import json/,/print(/s/^$indent//p" > example.py
    assert_equal "$(grep -c . example.py)" 10
    run -0 --separate-stderr /usr/bin/python3 -B example.py "ipc://$(depot)/api.sock"
    assert_output "1 hello"
}

@test "a trace shows the frames and nothing of what they carry" {
    start_providers 1 --trace trace
    store_shards small > /dev/null
    stop_provider 1
    run -0 cairn-inspect --trace trace
    assert_output --regexp '< +[0-9]+ open shard.put, [0-9]+ bytes'
    assert_output --regexp '> +[0-9]+ end ok'
    run ! grep -q "$(root_of small)" trace
}

@test "a trace that cannot be written ends, and the store goes on" {
    start_providers 1 --trace /dev/full
    store_shards small > /dev/null
    fetch small
    assert_equal "$(grep -c 'warning: the trace ends: ' "$network/1/log")" 1
    stop_provider 1
}

@test "a pack that is cut off under a store costs what was in it and no more" {
    start_providers 1
    store_shards small > /dev/null
    chmod u+w "$(depot)/packs/00000001.pack"
    truncate -s 100 "$(depot)/packs/00000001.pack"
    head -c 500 large > another
    store_shards another > /dev/null
    cairn-call "ipc://$(depot)/api.sock" scrub > /dev/null
    assert_equal "$(status '"\(.damaged) \(.objects) \(.is_read_only)"')" "1 1 false"
    assert_gone small
    fetch another
    store_shards small > /dev/null
    fetch small
}

@test "an older directory is brought to this version, or nothing is to be done" {
    start_providers 1
    run -75 cairn-store --dir "$(depot)" --migrate
    stop_provider 1
    run -0 cairn-store --dir "$(depot)" --migrate --dry-run
    assert_output --partial 'nothing to do'
    run -0 cairn-store --dir "$(depot)" --migrate
    echo 'cairn-store 9' > "$(depot)/version"
    run -78 --separate-stderr cairn-store --dir "$(depot)"
    run -78 --separate-stderr cairn-store --dir "$(depot)" --migrate
}

@test "what cannot be is said at once" {
    run -64 --separate-stderr cairn-store
    assert_regex "${stderr_lines[1]}" '^hint: name it by --dir'
    run -64 cairn-store --dir d --status --drain
    run -64 cairn-store --dir d --dry-run
    run -64 cairn-store --dir d --ready-fd 3 3>&-
    run -64 --separate-stderr cairn-store --dir d --listen 0.0.0.0:0
    assert_regex "${stderr_lines[1]}" '^hint: name it by --announce'
    assert [ ! -e d ]
    run -66 cairn-store --dir d --grants nowhere
    run -64 --separate-stderr cairn-store --dir d --ready-fd 77 < /dev/null
    assert_regex "$stderr" 'error: --ready-fd does not name a descriptor'
    cp "$me" open.key && chmod 644 open.key
    run -77 cairn-store --dir d --key open.key
    mkdir -m 777 wide
    run -77 cairn-store --dir wide
    run -78 cairn-store --dir d --api tcp://127.0.0.1:1
}

@test "the examples in store's help work" {
    echo "anyone 1GiB 10" > grants
    mkdir -p network/1
    cairn-store --help | sed -n '/^Examples:/,/^$/{s/^  \(cairn-\)/\1/p}' > examples
    mapfile -t examples < examples
    assert_equal "${#examples[@]}" 2
    mkfifo ready
    # shellcheck disable=SC2086 # words
    ${examples[0]} --ready-fd 8 > /dev/null 3>&- 8> ready &
    echo $! > network/1/pid
    read -r _ < ready
    run -0 bash -c "${examples[1]}"
    assert_output --partial 'objects: 0'
}
