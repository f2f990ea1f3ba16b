# Shards rebuilt and stored again: cairn-repair(1).
# shellcheck disable=SC2154 # helper and run set them
load helper
load network
load data/filters

# Providers 1 to N, and a file that the first 6 of them hold: prepare N SIZE [OPTION of put...]
prepare() {
    local count=$1 size=$2
    shift 2
    start_providers "$count"
    make_data "$size" > file
    head -n 6 "$PROVIDERS" > six
    cairn-put --providers six "$@" file > link
}

# What has to be the same whichever providers died: the file.
check_file() {
    cairn-get -o back @link
    cmp file back
    rm back
}

# The repair's own words, as JSON: field FILTER
field() {
    jq -r "$1" result
}

@test "an object that has lost providers is whole again, without its key" {
    prepare 8 3000000
    kill_provider 1
    kill_provider 2
    run -3 --separate-stderr cairn-stat @link
    cairn-share --locator @link > locator
    run ! grep -q '#' locator
    run -0 --separate-stderr cairn-repair --json --receipts receipts @locator
    echo "$output" > result
    assert_equal "$(field '.health, .missing, .repaired, .silent_providers' | xargs)" "good 2 2 2"
    assert_equal "$(field .manifests_missing)" 2
    cairn-verify receipt receipts
    # Two more may go now.
    kill_provider 3
    kill_provider 4
    check_file
}

@test "when all is well, nothing is done and nothing is said" {
    prepare 7 1000000
    run -0 --separate-stderr cairn-repair @link
    assert_equal "$output$stderr" ""
    run -0 --separate-stderr cairn-repair --deep --json @link
    assert_equal "$(jq -c '[.health, .missing, .repaired, .manifests]' <<< "$output")" \
        '["good",0,0,6]'
    kill_provider 6
    run -0 --separate-stderr cairn-repair @link
    assert_equal "$output$stderr" ""
    run -0 --separate-stderr cairn-repair --json @link
    assert_equal "$(jq -c '[.health, .missing]' <<< "$output")" '["good",0]'
}

@test "a dry run tells what is missing and does nothing" {
    prepare 7 1000000
    kill_provider 5
    run -3 --separate-stderr cairn-repair -n --json @link
    assert_equal "$(jq -c '[.health, .missing, .repaired]' <<< "$output")" '["degraded",1,0]'
    run -3 --separate-stderr cairn-repair -n @link
    run -64 --separate-stderr cairn-repair -n --receipts receipts @link
}

@test "without fresh providers the rest stays missing, and the status says so" {
    prepare 6 1000000
    kill_provider 5
    run -3 --separate-stderr cairn-repair @link
    assert_equal "$output" ""
    assert_regex "$stderr" "warning: not all is repaired: no provider is left"
    check_file
    start_provider 5
    run -0 --separate-stderr cairn-repair @link
}

@test "what cannot be rebuilt is told apart from what nobody has" {
    prepare 6 1000000
    for i in 1 2 3; do kill_provider "$i"; done
    run -69 --separate-stderr cairn-repair @link
    assert_equal "$output" ""
    assert_regex "${stderr_lines[0]}" "1 segment of 1 cannot be rebuilt"
    for i in 4 5 6; do kill_provider "$i"; done
    run -69 --separate-stderr cairn-repair @link
    for i in 1 2 3; do start_provider "$i"; done
    head -n 3 "$PROVIDERS" > three
    run -1 --separate-stderr cairn-repair --providers three \
        cairn:co1qyqqzqsrqszsvpcgpy9qkrqdpc83qygjzv2p29shrqv35xcur50p7g23wj3
    assert_regex "${stderr_lines[0]}" "object not found"
}

@test "damage on the disk of a provider is found with --deep and repaired" {
    prepare 6 2000000
    stop_provider 2
    find "$(provider 2)/depot" -type f -size +300k > shards
    assert [ -s shards ]
    while read -r shard; do
        printf otherwise | dd of="$shard" bs=1 seek=1000 conv=notrunc status=none
    done < shards
    start_provider 2
    run -0 --separate-stderr cairn-repair @link
    run -3 --separate-stderr cairn-repair -n --deep --json @link
    assert_equal "$(jq -c '[.damaged, .missing]' <<< "$output")" '[1,1]'
    run -0 --separate-stderr cairn-repair --deep @link
    run -0 --separate-stderr cairn-repair -n --deep @link
    run -0 --separate-stderr cairn-stat --deep @link
}

@test "the new shards belong to the identity that is given" {
    cairn-keygen -q -o me.key > /dev/null
    prepare 7 1000000 -i me.key
    kill_provider 1
    run -0 --separate-stderr cairn-repair -i me.key --receipts receipts @link
    owner=$(cairn-verify receipt --json receipts | jq -r .owner | sort -u)
    assert_equal "$(wc -l <<< "$owner")" 1
    run -66 --separate-stderr cairn-repair -i nobody.key @link
    run -73 --separate-stderr cairn-repair --receipts receipts @link
}

@test "small objects in whole copies have three of them again" {
    start_providers 5
    make_data 3000 > file
    cairn-put file > link
    for gone in 1 2 3; do
        run -0 --separate-stderr cairn-repair @link
        kill_provider "$gone"
    done
    run -3 --separate-stderr cairn-repair @link
    check_file
}

@test "the examples of repair's help work" {
    prepare 6 100000
    cp "$PROVIDERS" list
    cp link backup.link
    run_examples cairn-repair
}
