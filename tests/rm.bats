# Removing objects from the network: cairn-rm(1).
# shellcheck disable=SC2154 # helper and run set them
load helper
load network
load data/filters

setup_file() {
    set_up_network
}

setup() {
    enter_network
    export CAIRN_IDENTITY=$BATS_TEST_TMPDIR/me.key
}

@test "an object is removed by its link, in every form" {
    for object in small "$BATS_FILE_TMPDIR/big"; do
        for form in @link - fd:5; do
            cairn-put "$object" > link
            run -0 --separate-stderr cairn-rm "$form" < link 5< link
            assert_equal "$output$stderr" ""
            run -1 cairn-get @link
        done
        cairn-put "$object" > link
        sed 's/#.*//' link > locator
        run -0 --separate-stderr cairn-rm @locator
        run -1 --separate-stderr cairn-rm @link
        assert_one_error cairn-rm
    done
}

@test "an object is removed by its name, and the index tells" {
    cairn-put small > first
    cairn-put --name small small > second
    cairn-put --name other small > other
    run -0 --separate-stderr cairn-rm small
    run -1 cairn-get @second
    cairn-get @first | cmp - small
    assert_equal "$(cairn-ls)" $'small\nother'
    run -0 --separate-stderr cairn-rm small
    run -1 --separate-stderr cairn-rm small
    assert_regex "$stderr" "there is no object 'small'"
    assert_equal "$(cairn-ls)" other
    cairn-rm @other
    assert_equal "$(cairn-ls)" ""
}

@test "all that an object took is free again" {
    before=$(entries)
    cairn-put --no-index "$BATS_FILE_TMPDIR/big" > link
    assert_equal "$(entries)" $((before + 2 * 6 + 1 * 6))
    run -0 cairn-rm --json @link
    assert_equal "$(jq -c '[.dropped, .kept, .silent]' <<< "$output")" '[18,0,0]'
    assert_equal "$(entries)" $((before + 3)) # the record in the index
}

@test "only who stored it can remove it" {
    cairn-put --public small > link
    cairn-keygen -o other.key > public
    run -1 --separate-stderr cairn-rm -i other.key @link
    assert_regex "$stderr" "no provider had anything of it for this identity"
    cairn-get @link | cmp - small
    # What somebody else has stored too stays for him.
    cairn-put -i other.key --public small > others
    cairn-rm @link
    cairn-get @others | cmp - small
    cairn-rm -i other.key @others
    run -1 cairn-get @link
}

@test "with a provider down the status is 3, and again later removes the rest" {
    cairn-put --no-index "$BATS_FILE_TMPDIR/big" > link
    before=$(entries)
    kill_provider 4
    run -3 --separate-stderr cairn-rm @link
    assert_regex "${stderr_lines[0]}" "error: 1 providers did not answer"
    assert_regex "${stderr_lines[1]}" "^hint: when they do: cairn-rm -i FILE cairn:co1[a-z0-9]+$"
    run -69 cairn-get @link
    start_provider 4
    run -0 --separate-stderr cairn-rm "$(sed 's/.*rm -i FILE //' <<< "${stderr_lines[1]}")"
    run -1 cairn-get @link
    cairn-put --no-index "$BATS_FILE_TMPDIR/big" > link
    kill_provider 4
    run -3 --separate-stderr cairn-rm --final @link
    assert_equal "${#stderr_lines[@]}" 1
    run -69 cairn-get @link
}

@test "a directory goes with its files only when asked" {
    mkdir -p tree/d
    for i in 1 2 3; do echo $i > tree/d/$i; done
    cp "$BATS_FILE_TMPDIR/big" tree
    cairn-put --recursive tree > links
    cut -f 1 <(grep 'd/2$' links) > two.link
    tail -n 1 links | cut -f 1 > tree.link
    cairn-rm tree
    run -1 cairn-get @tree.link
    assert_equal "$(cairn-get @two.link)" 2
    cairn-put --recursive tree > links
    cut -f 1 <(grep 'd/2$' links) > two.link
    cut -f 1 <(grep 'big$' links) > big.link
    run -0 --separate-stderr cairn-rm -r tree
    run -1 cairn-get @two.link
    run -1 cairn-get @big.link
    cairn-put small > link
    run -65 --separate-stderr cairn-rm -r @link
    cairn-get @link | cmp - small
}

@test "rm wants an identity, one object and providers" {
    run -64 --separate-stderr cairn-rm
    run -64 --separate-stderr cairn-rm one two
    echo nonsense > link
    run -65 --separate-stderr cairn-rm @link
    run -65 --separate-stderr cairn-rm cairn:co1qqqq
    run -66 --separate-stderr cairn-rm @nothing
    unset CAIRN_IDENTITY
    run -64 --separate-stderr cairn-rm small
    unset CAIRN_PROVIDERS
    run -64 --separate-stderr cairn-rm -i me.key small
    run -64 --separate-stderr cairn-rm --json -i me.key small
    assert_json_error cairn-rm usage 64
}

@test "the examples in rm's help work" {
    cp "$PROVIDERS" list
    cairn-put --name backup.tar small > link
    cairn-put small > backup.link
    run_examples cairn-rm
}
