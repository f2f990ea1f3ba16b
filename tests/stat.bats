# How the shards of objects stand: cairn-stat(1).
# shellcheck disable=SC2154 # helper and run set them
load helper
load network

setup_file() {
    cd "$BATS_FILE_TMPDIR" || return
    start_providers 7 || return # the last has nothing
    head -n 6 "$PROVIDERS" > six
    export CAIRN_PROVIDERS=$BATS_FILE_TMPDIR/six PROVIDERS=$BATS_FILE_TMPDIR/six
    cairn-keygen -o me.key > public
    head -c 20000000 /dev/urandom > big
    echo hello > small
    for name in small big; do cairn-put -q -i me.key "$name" > "$name.link" || return; done
}

setup() {
    cd "$BATS_TEST_TMPDIR" || return
    for ((i = 1; i <= 7; ++i)); do [ -f "$(provider "$i")/pid" ] || start_provider "$i"; done
    cp "$BATS_FILE_TMPDIR"/*.link .
}

@test "an object with all its shards is good, with or without the key" {
    run -0 --separate-stderr cairn-stat @big.link
    assert_equal "$stderr" ""
    assert_regex "${lines[0]}" '^[0-9a-f]{64}: good, 19\.08 MiB in 2 segments, 4\+2$'
    assert_line "manifests: 6 of 6 or more"
    assert_line "segments 0-1: 6 of 6 shards, 4 are needed"
    assert_equal "$(grep -c " 2 .*cairn1.*@127[.0-9]*:" <<< "$output")" 6
    cairn-share --locator @big.link | cairn-stat > locator
    assert_equal "$(< locator)" "$output"
    run -0 cairn-stat --deep @big.link
    run -0 cairn-stat --deep @small.link
    assert_line "copies: 3 of 3 or more"
}

@test "the document says who has which shard" {
    cairn-stat --json @big.link > report
    assert_equal "$(jq -c '[.health, .k, .m, .total_bytes > 20000000, .roots, (.providers | length)]' report)" \
        '["good",4,2,true,6,6]'
    assert_equal "$(jq -c '[.segments[].holders | map(length)]' report)" '[[1,1,1,1,1,1],[1,1,1,1,1,1]]'
    assert_equal "$(jq -c '[.segments[].holders | flatten | sort]' report)" \
        '[[0,1,2,3,4,5],[0,1,2,3,4,5]]'
    assert_equal "$(jq -r '.providers[].provider' report | sort)" "$(sort "$PROVIDERS")"
}

@test "with one or two providers away it is degraded, with three lost" {
    kill_provider 1
    kill_provider 4
    run -3 cairn-stat @big.link
    assert_line "segments 0-1: 4 of 6 shards, 4 are needed"
    assert_line --partial "(cannot connect)"
    kill_provider 2
    run -69 --separate-stderr cairn-stat --json @big.link
    assert_equal "$(jq -r .health <<< "$output")" lost
    assert_regex "$stderr" "cannot be read from the providers that answer"
}

@test "only reading everything finds what has rotted" {
    kill_provider 3
    file=$(find "$(provider 3)/depot" -type f -size +1000k | head -n 1)
    cp "$file" good
    printf otherwise | dd of="$file" bs=1 seek=2000000 conv=notrunc status=none
    start_provider 3
    run -0 cairn-stat @big.link
    run -3 cairn-stat --deep --json @big.link
    assert_equal "$(jq '[.providers[].damaged] | add' <<< "$output")" 1
    assert_equal "$(jq '[.segments[].damaged] | add' <<< "$output")" 1
    run -3 cairn-stat @big.link # the provider has set it aside
    assert_line --regexp '^segment [01]: 5 of 6 shards, 4 are needed$'
}

@test "what no provider has is status 1" {
    cairn-share --locator @small.link | sed 's/?at=.*//' > bare
    tail -n 1 "$network/providers" > seventh
    run -1 cairn-stat --providers seventh @bare
    kill_provider 7
    run -69 cairn-stat --providers seventh @bare
}
