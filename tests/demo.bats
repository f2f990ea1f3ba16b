# cairn-demo: see cairn-demo(1).
load helper

setup() {
    cd "$BATS_TEST_TMPDIR" || return
    export CAIRN_HOME=$BATS_TEST_TMPDIR/home
    demo=$CAIRN_HOME/demo
}

teardown() {
    cairn-demo down
}

states() {
    cairn-demo status --json | jq -r '.providers | map(.state) | join(" ")'
}

# The processes of this demo, as the kernel has them.
processes() {
    local file
    for file in /proc/[0-9]*/cmdline; do
        if tr '\0' ' ' < "$file" 2> /dev/null | grep -qF -- "--dir $demo/"; then echo "$file"; fi
    done
}

@test "up starts providers, and up again changes nothing" {
    start=$(date +%s%3N)
    run -0 --separate-stderr cairn-demo up
    took=$(($(date +%s%3N) - start))
    assert_equal "$stderr" ""
    assert_output "6 providers serve, and '$demo/providers' lists them"
    [ "$took" -lt 6000 ] || fail "$took ms" # 3 s on a machine with nothing else to do
    assert_equal "$(wc -l < "$demo/providers")" 6
    run ! grep -vE '^cairn1[a-z0-9]+@127\.0\.0\.1:[0-9]+$' "$demo/providers"
    assert_equal "$(sort -u "$demo/providers" | wc -l)" 6
    cp "$demo/providers" before
    cairn-demo status --json > status
    run -0 cairn-demo up
    run -0 cairn-demo up 6
    cmp before "$demo/providers"
    assert_equal "$(jq -c '.providers | map(.pid)' status)" \
        "$(cairn-demo status --json | jq -c '.providers | map(.pid)')"
    assert_equal "$(processes | wc -l)" 6
    run -0 --separate-stderr cairn-demo -q up
    assert_equal "$output$stderr" ""
}

@test "more providers can be added, fewer cannot be" {
    cairn-demo up 2
    cp "$demo/providers" before
    cairn-demo up 4
    head -n 2 "$demo/providers" | cmp - before
    assert_equal "$(states)" "up up up up"
    run -64 --separate-stderr cairn-demo up 3
    assert_equal "${stderr_lines[0]}" "cairn-demo: error: there are 4 providers already"
    for bad in 0 65 -1 x 1.5 007; do run -64 --separate-stderr cairn-demo up -- "$bad"; done
}

@test "killed providers are down until they are healed, with the same keys and addresses" {
    cairn-demo up 4
    cp "$demo/providers" before
    run -0 --separate-stderr cairn-demo kill 2 4
    assert_equal "$output$stderr" ""
    run -1 --separate-stderr cairn-demo status
    assert_equal "$(awk '{ print $1, $2 }' <<< "$output" | paste -sd ,)" \
        "provider state,1 up,2 down,3 up,4 down"
    assert_equal "$(processes | wc -l)" 2
    run -0 cairn-demo kill 2
    cairn-demo heal 2
    assert_equal "$(states || true)" "up up up down"
    cairn-demo heal
    run -0 cairn-demo status
    cmp before "$demo/providers"
    run -0 cairn-demo heal
}

@test "status tells what is stored, also as JSON" {
    cairn-demo up 2
    run -0 --separate-stderr cairn-demo status
    assert_regex "${lines[0]}" '^provider +state +process +address +shards +stored +damaged$'
    assert_regex "${lines[1]}" '^1 +up +[0-9]+ +127\.0\.0\.1:[0-9]+ +0 +0(\.0)?B +0$'
    run -0 --separate-stderr cairn-demo --json status
    assert_equal "$(jq -c '[.providers[1] | .number, .state, .shards, .stored_bytes, .damaged]' \
        <<< "$output")" '[2,"up",0,0,0]'
    assert_equal "$(jq -r '.providers[] | .node + "@" + .address' <<< "$output")" \
        "$(cat "$(jq -r .providers_file <<< "$output")")"
    kill -0 "$(jq '.providers[0].pid' <<< "$output")"
    run -74 bash -c 'cairn-demo status > /dev/full'
}

@test "corrupt spoils all that a provider has stored, large shards and small ones" {
    not_sanitized "slow providers down until others take their place"
    cairn-demo up
    eval "$(cairn-demo env)"
    cairn keygen -o me.key > /dev/null
    head -c 3000000 /dev/urandom > file
    head -c 500 file > small
    cairn-put -i me.key file > file.link
    cairn-put -i me.key small > small.link
    cairn-demo corrupt 1 2
    run -3 --separate-stderr cairn-stat --deep --json @file.link
    while read -r line; do
        jq -r '.providers[] | "\(.provider) \(.shards)"' <<< "$output" | grep -qxF "$line 0"
    done < <(head -n 2 "$demo/providers")
    cairn-get @file.link 2> /dev/null | cmp - file
    run -0 cairn-demo status
    assert_regex "${lines[1]}" ' [1-9][0-9]*$' # damaged
    run -0 cairn-repair -i me.key @file.link
    run -0 cairn-stat --deep @file.link

    cairn-demo corrupt 1 2 3 4 5 6
    for object in file small; do
        run ! cairn-get -o back "@$object.link"
        assert [ ! -e back ]
    done
}

@test "a chain grows beside the providers, pays its miners, and has a faucet" {
    run -0 cairn-demo up 1 --chain
    eval "$(cairn-demo env)"
    assert_equal "$CAIRN_NODE" "ipc://$demo/chain/1/node/api.sock"
    cairn-query head --wait 3 --timeout 90s
    cairn keygen -o me.key > /dev/null
    address=$(cairn keygen -y --address me.key)
    run -0 cairn-demo -q faucet "$address" 2.5
    assert_regex "${lines[0]}" '^[0-9a-f]{64}$'
    # The account's deposit is a part of what it gets.
    assert_equal "$(cairn wallet balance --json "$address" | jq -r .total_atoms)" 2500000000

    run -0 cairn-demo status
    assert_line --regexp '^node +state +process +address +height +peers +coins$'
    assert_line --regexp '^c3 +up +[0-9]+ +127[.]0[.]0[.]1:[0-9]+ +[0-9]+ +[12] +[0-9]+[.][0-9]{9}$'
    assert_equal "$(cairn-demo status --json | jq -r '.nodes | map(.state) | join(" ")')" "up up up"
    cairn-demo kill c2
    run -1 cairn-demo status
    cairn-demo heal
    cairn-demo status
    run -64 cairn-demo status --chain
    cairn-demo down
    assert_equal "$(processes)" ""
    run -1 cairn-demo faucet "$address"
}

@test "env is for a shell" {
    cairn-demo up 1
    eval "$(cairn-demo env)"
    assert_equal "$CAIRN_PROVIDERS" "$demo/providers"
    assert_equal "$(cairn-demo env --json | jq -r .CAIRN_PROVIDERS)" "$demo/providers"
    export CAIRN_HOME="$BATS_TEST_TMPDIR/ho'me \"two\""
    cairn-demo up 1
    eval "$(cairn-demo env)"
    assert_equal "$CAIRN_PROVIDERS" "$CAIRN_HOME/demo/providers"
    assert_equal "$(cairn-demo env --json | jq -r .CAIRN_PROVIDERS)" "$CAIRN_PROVIDERS"
    cairn-demo down
    export CAIRN_HOME=$BATS_TEST_TMPDIR/home
}

@test "down stops all and removes what was made, and that only" {
    cairn-demo up 3
    assert_equal "$(processes | wc -l)" 3
    start=$(date +%s%3N)
    run -0 --separate-stderr cairn-demo down
    took=$(($(date +%s%3N) - start))
    [ "$took" -lt 2000 ] || fail "$took ms" # 1 s on a machine with nothing else to do
    assert_equal "$output$stderr" ""
    assert_equal "$(processes)" ""
    assert [ ! -e "$demo" ]
    run -0 cairn-demo down

    cairn-demo up 1
    echo mine > "$demo/note"
    run -0 --separate-stderr cairn-demo down
    assert_equal "$stderr" "cairn-demo: warning: there are files of others in '$demo'"
    assert_equal "$(ls -A "$demo")" note
    run -73 --separate-stderr cairn-demo up
    assert_equal "$stderr" "cairn-demo: error: '$demo' exists already, and is not of a demo"
    assert_equal "$(ls -A "$demo")" note
}

@test "two commands at the same time do not disturb each other" {
    cairn-demo up 3 > out.1 &
    cairn-demo up 3 > out.2
    wait $!
    assert_equal "$(states)" "up up up"
    assert_equal "$(processes | wc -l)" 3
    exec 7< "$demo/lock"
    flock 7
    sed 's/lock_limit_s=10/lock_limit_s=0.1/' "$root/scripts/cairn-demo" > impatient
    run -75 --separate-stderr bash impatient status
    assert_equal "$stderr" "cairn-demo: error: '$demo' is locked by another cairn-demo"
    exec 7<&-
}

@test "a number that another process has by now is not that of a provider" {
    cairn-demo up 1
    cairn-demo kill 1
    sleep 100 &
    echo "$! 12345" > "$demo/1/pid"
    run -1 cairn-demo status
    cairn-demo kill 1
    kill -0 $!
    kill $!
}

@test "a port that is taken is changed for another" {
    cairn-demo up 1
    line=$(cat "$demo/providers")
    cairn-demo kill 1
    python3 -c 'import socket, sys, time
taken = socket.socket()
taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
taken.bind(("127.0.0.1", int(sys.argv[1])))
taken.listen()
print(flush=True)
time.sleep(60)' "${line##*:}" > taken &
    taker=$!
    # Somebody else may have been faster.
    until [ -s taken ] || ! kill -0 "$taker" 2> /dev/null; do sleep 0.01; done
    cairn-demo heal
    if kill -0 "$taker" 2> /dev/null; then kill "$taker"; fi
    assert_equal "$(states)" up
    assert_equal "$(cut -d @ -f 1 "$demo/providers")" "${line%@*}"
    assert_not_equal "$(cat "$demo/providers")" "$line"
}

@test "a provider that does not start is status 69, with its last words" {
    mkdir other
    cp "$root/scripts/cairn-demo" other
    printf '#!/bin/sh\necho "no disk here" >&2; exit 74\n' > other/cairn-store
    chmod +x other/cairn-store
    run -69 --separate-stderr other/cairn-demo up 2
    assert_equal "$stderr" "cairn-demo: error: provider 1 does not start: no disk here"
    rm other/cairn-store
    run -71 --separate-stderr env PATH=/usr/bin:/bin other/cairn-demo heal
    assert_equal "$stderr" "cairn-demo: error: cairn-store is not installed"
}

@test "what the user has set for the tools does not reach the providers" {
    CAIRN_LISTEN=nowhere CAIRN_KEY=nothing CAIRN_JSON=0 CAIRN_CAPACITY=x cairn-demo up 1
    assert_equal "$(states)" up
}

@test "the directory is where the environment says" {
    unset CAIRN_HOME
    export HOME=$BATS_TEST_TMPDIR
    cairn-demo up 1
    assert [ -f .local/state/cairn/demo/providers ]
    assert_equal "$(stat -c %a .local/state/cairn/demo)" 700
    cairn-demo down
    assert [ ! -e .local/state/cairn/demo ]
    XDG_STATE_HOME=$PWD/state run -1 --separate-stderr cairn-demo status
    CAIRN_HOME=relative run -78 --separate-stderr cairn-demo status
    HOME='' run -78 --separate-stderr cairn-demo status
    touch file
    CAIRN_HOME=$PWD/file run -73 --separate-stderr cairn-demo up
    run -78 --separate-stderr env CAIRN_JSON=yes cairn-demo status
    export CAIRN_HOME=$BATS_TEST_TMPDIR/home
}

@test "wrong command lines are status 64, one error and one hint" {
    for words in '' frob 'up 1 2' 'status 1' 'env x' 'down 1' kill corrupt --frob -x 'up --frob'; do
        # shellcheck disable=SC2086 # words
        run -64 --separate-stderr cairn-demo $words
        assert_equal "$output" ""
        assert_equal "${#stderr_lines[@]}" 2
        assert_regex "${stderr_lines[0]}" '^cairn-demo: error: [a-z].*[^.]$'
        assert_regex "${stderr_lines[1]}" '^hint: [^ ].*[^.]$'
        # shellcheck disable=SC2086 # words
        run -64 --separate-stderr cairn-demo $words --json
        assert_equal "$(jq -c '[.v, .tool, .ev, .code, .exit]' <<< "$stderr")" \
            '[1,"cairn-demo","error","usage",64]'
    done
    cairn-demo up 1
    for number in 0 2 x 01 -- ''; do run -64 --separate-stderr cairn-demo kill -- "$number"; done
    for verb in status env 'kill 1' heal 'corrupt 1'; do
        # shellcheck disable=SC2086 # words
        CAIRN_HOME=$PWD/none run -1 --separate-stderr cairn-demo $verb
        assert_equal "$stderr" $'cairn-demo: error: no demo is up\nhint: cairn-demo up'
    done
}

@test "help, version and the page tell all of it" {
    run -0 --separate-stderr cairn-demo --help
    run ! grep -E '.{81}' <<< "$output"
    cairn-demo -h | cmp - <(cairn-demo --help)
    assert_equal "$(cairn-demo --version)" "cairn-demo $(cairn --version | cut -d ' ' -f 2)"
    assert_equal "$(cairn-demo -V --json | jq -r '.tool + " " + .version')" "$(cairn-demo -V)"
    mandoc -T ascii "$root/man/cairn-demo.1" | sed 's/.\x08//g' > page
    while IFS=$'\t' read -r kind _ name _; do
        case $kind in
        option) grep -qe "--$name" page ;;
        verb) grep -q "^     $name" page && cairn-demo --help | grep -q "^  $name " ;;
        esac
    done < <(cairn-demo --option-table)
    run -0 cairn --list
    assert_line demo
    cairn demo --help | cmp - <(cairn-demo --help)
    run -74 bash -c 'cairn-demo --help > /dev/full'
}

@test "the examples in demo's help work" {
    cairn-demo --help | sed -n '/^Examples:/,/^$/{s/^  \(cairn-\)/\1/p}' > examples
    assert_equal "$(wc -l < examples)" 3
    run -1 bash -e <(head -n 2 examples)
    assert_equal "$(states || true)" "up down up up down up"
    cairn-demo heal
    bash -e <(tail -n 1 examples)
}
