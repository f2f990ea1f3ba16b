# cairn-call: see cairn-call(1).
# shellcheck disable=SC2030,SC2031,SC2154 # bats and its helpers set variables
load helper
load network
load data/filters

setup_file() {
    network=$BATS_FILE_TMPDIR/network
    mkdir -p "$network"
    cairn-keygen -o "$BATS_FILE_TMPDIR/me.key" > /dev/null
    start_providers 1
}

setup() {
    cd "$BATS_TEST_TMPDIR" || return
    network=$BATS_FILE_TMPDIR/network
    me=$BATS_FILE_TMPDIR/me.key
    provider=$(cat "$network/1/line")
    api=ipc://$network/1/depot/api.sock
}

teardown() {
    :
}

root_of() {
    b3sum --no-names "$1"
}

# A file of SIZE bytes that no other test has stored.
fresh() {
    head -c "$2" /dev/urandom > "$1"
}

put() {
    cairn-call --json -i "$me" --body "$1" "$provider" shard.put
}

@test "hello tells who is there, by address or by record" {
    run -0 --separate-stderr cairn-call "$provider" hello
    assert_line "node: ${provider%@*}"
    assert_line --regexp '^free_bytes: 0$'
    record=$(cat "$network/1/depot/node.record")
    run -0 --separate-stderr cairn-call --json -i "$me" "$record" hello '{}'
    assert_equal "$(jq -r .record <<< "$output")" "$record"
    assert [ "$(jq -r .free_bytes <<< "$output")" -gt 0 ]
}

@test "shards are stored, found, read whole or in part, and dropped" {
    fresh shard 700000
    root=$(root_of shard)
    receipt=$(put shard)
    assert_equal "$(jq -r '.items[0].root' <<< "$receipt")" "$root"
    run -0 cairn-call --json "$provider" shard.has "{\"roots\":[\"$root\",\"${root//?/0}\"]}"
    assert_equal "$(jq -c '.entries | map([.is_here, .size_bytes])' <<< "$output")" \
        '[[true,700000],[false,0]]'
    run -0 cairn-call --json -o whole "$provider" shard.get \
        "{\"root\":\"$root\",\"size_bytes\":700000}"
    assert_output '{"verified_bytes":700000,"received_bytes":700128}'
    cmp whole shard
    run -73 cairn-call -o whole "$provider" shard.get "{\"root\":\"$root\",\"size_bytes\":700000}"
    cairn-call -f -o whole "$provider" shard.get \
        "{\"root\":\"$root\",\"size_bytes\":700000,\"offset_bytes\":262100,\"length_bytes\":\"100\"}"
    cmp whole <(tail -c +262101 shard | head -c 100)
    serial=$(jq -r .serial <<< "$receipt")
    run -0 cairn-call --json -i "$me" "$provider" shard.list "{\"after\":$((serial - 1))}"
    assert_equal "$(jq -r '.entries[0].serial + " " + .entries[0].root' <<< "$output")" \
        "$serial $root"
    run -0 cairn-call --json -i "$me" "$provider" shard.drop \
        "{\"items\":[{\"root\":\"$root\",\"serial\":$serial}]}"
    assert_output '{"dropped":1}'
    run -1 --separate-stderr cairn-call -o none "$provider" shard.get \
        "{\"root\":\"$root\",\"size_bytes\":700000}"
    assert_one_error cairn-call
    assert [ ! -e none ]
}

@test "empty and tiny shards, and several at once" {
    : > empty
    fresh one 1
    fresh two 65537
    run -0 cairn-call --json -i "$me" --body empty --body one --body two "$provider" shard.put
    assert_equal "$(jq -c '.items | map(.size_bytes)' <<< "$output")" '[0,1,65537]'
    for file in empty one two; do
        cairn-call -o "$file.got" "$provider" shard.get \
            "{\"root\":\"$(root_of $file)\",\"size_bytes\":$(stat -c %s $file)}" > /dev/null
        cmp "$file" "$file.got"
    done
}

@test "another node at the address is not spoken with" {
    cairn-keygen -o other.key > other.pub
    address=$(sed -n 's/^address: //p' other.pub)
    run -69 --separate-stderr cairn-call "$address@${provider#*@}" hello
    assert_one_error cairn-call
    run -69 --separate-stderr cairn-call "$address@127.0.0.1:1" hello
    assert_one_error cairn-call
}

@test "a server that never answers ends in time" {
    cairn-relay --to "${provider#*@}" --impair blackhole > relay 3>&- &
    echo $! > relay.pid
    for ((i = 0; i < 500; ++i)); do [ -s relay ] && break || sleep 0.02; done
    run -69 --separate-stderr cairn-call --timeout 300ms "${provider%@*}@$(cat relay)" hello
    kill "$(cat relay.pid)"
    assert_one_error cairn-call
}

@test "a store on this machine answers by its endpoint" {
    fresh shard 5000
    run -0 --separate-stderr cairn-call "$api" status
    assert_line --regexp '^is_running: true$'
    run -0 --separate-stderr cairn-call --json --body shard "$api" put '{"class":"index"}'
    assert_equal "$(jq -r .root <<< "$output")" "$(root_of shard)"
    run -0 --separate-stderr cairn-call --json -o got "$api" get "{\"root\":\"$(root_of shard)\"}"
    cmp got shard
    run -0 cairn-call --json "$api" list '{"class":"index"}'
    assert_equal "$(jq -r '.entries[-1].root' <<< "$output")" "$(root_of shard)"
    run -1 --separate-stderr cairn-call "$api" get "{\"root\":\"$(root_of shard | tr 0-9 1-90)\"}"
    assert_regex "$stderr" 'the answer is no: no such shard'
    run -65 cairn-call "$api" status '{"x":1}'
    run -65 cairn-call "$api" status '{'
    run -64 cairn-call "$api" nothing
    run -64 cairn-call -i "$me" "$api" status
    run -69 cairn-call --timeout 100ms ipc://nowhere status
    run -78 cairn-call ipc: status
}

@test "a trace of a call shows its frames" {
    cairn-call --trace trace "$provider" peers > /dev/null
    run -0 cairn-inspect --trace trace
    assert_output --regexp 'link 1 up as caller, with 127[.0-9]*:'
    assert_output --regexp '> +[0-9]+ open hello, [0-9]+ bytes'
    assert_output --regexp '< +[0-9]+ end ok, [0-9]+ bytes'
    assert_output --regexp '> +[0-9]+ open peers, [0-9]+ bytes'
}

@test "what is wrong is said before anything is sent" {
    fresh shard 10
    run -64 --separate-stderr cairn-call "$provider" shard.puts
    assert_equal "${#stderr_lines[@]}" 2
    run -64 --separate-stderr cairn-call -i "$me" "$provider" shard.put
    assert_regex "${stderr_lines[1]}" '^hint: name it by --body FILE'
    run -64 --separate-stderr cairn-call "$provider" shard.drop '{"items":[]}'
    assert_regex "${stderr_lines[1]}" '^hint: name it by -i FILE'
    run -65 cairn-call "$provider" shard.has '{"roots":["00"]}'
    run -65 cairn-call "$provider" shard.has '[]'
    run -65 cairn-call "$provider" shard.has '{"roots":[],"more":1}'
    run -65 cairn-call "$provider" shard.get "{\"root\":\"$(root_of shard)\"}"
    run -65 cairn-call nobody hello
    run -66 cairn-call --body nowhere -i "$me" "$provider" shard.put
    run -77 cairn-call --body shard "$provider" shard.put
    run -64 cairn-call "$provider"
    run -69 --separate-stderr cairn-call --json "${provider%@*}@127.0.0.1:1" hello
    assert_json_error cairn-call unavail 69
}

@test "the examples in call's help work" {
    ln -s "$network/1/depot" shards
    run_examples cairn-call
}
