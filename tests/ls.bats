# What an identity has stored: cairn-ls(1).
# shellcheck disable=SC2154 # helper and run set them
load helper
load network
load data/filters

setup_file() {
    set_up_network || return
    export CAIRN_HOME=$BATS_FILE_TMPDIR/home
    echo one > one
    echo two > two
    mkdir -p tree/d
    echo three > tree/d/three
    export CAIRN_IDENTITY=$BATS_FILE_TMPDIR/me.key
    cairn-put one > one.link || return
    cairn-put --name dir/two two > two.link || return
    cairn-put --recursive tree > /dev/null || return
    cairn-put --name hidden --no-index one > /dev/null || return
    cairn-put < one > stream.link || return
    cairn-put --name one two > newer.link
}

setup() {
    cd "$BATS_TEST_TMPDIR" || return
    cp "$BATS_FILE_TMPDIR"/{me.key,*.link,one,two} .
    restart_providers
}

@test "names are listed in the order in which they were stored, the newest of each" {
    run -0 --separate-stderr cairn-ls
    assert_equal "$stderr" ""
    assert_equal "$output" $'dir/two\ntree\n\none'
    run -0 --separate-stderr cairn-ls --all
    assert_equal "$output" $'one\ndir/two\ntree\n\none'
    run -0 --separate-stderr cairn-ls -0 dir
    assert_equal "$(cairn-ls -0 | tr '\0' /)" "dir/two/tree//one/"
}

@test "long lines tell time and size" {
    run -0 --separate-stderr cairn-ls -l dir/two
    assert_regex "$output" '^20[0-9-]{8}T[0-9:]{8}Z +4 B  dir/two$'
}

@test "a name chooses an object and what is below it" {
    run -0 --separate-stderr cairn-ls dir
    assert_equal "$output" dir/two
    run -0 --separate-stderr cairn-ls dir/two
    assert_equal "$output" dir/two
    run -1 --separate-stderr cairn-ls di
    assert_equal "$output$stderr" ""
    run -1 --separate-stderr cairn-ls hidden
}

@test "links are those that put printed, and open the objects" {
    run -0 --separate-stderr cairn-ls --links dir
    assert_equal "${output#*$'\t'}" dir/two
    link=${output%$'\t'*}
    assert_equal "${link#*#}" "$(sed 's/.*#//' two.link)"
    cairn-get - <<< "$link" | cmp - two
    cairn-ls --links one | cut -f 1 | cairn-get - | cmp - two
    cairn-ls --links --all one | head -n 1 | cut -f 1 | cairn-get - | cmp - one
}

@test "with --json there is a document for each object" {
    run -0 --separate-stderr cairn-ls --json --all
    assert_equal "$stderr" ""
    assert_equal "$(jq -c '[.name, .size_bytes, .media_type, .is_latest]' <<< "${lines[0]}")" \
        '["one",4,"",false]'
    assert_equal "$(jq -r 'select(.name == "tree").media_type' <<< "$output")" \
        application/vnd.cairn.list
    jq -r 'select(.name == "dir/two").link' <<< "$output" | cairn-get - | cmp - two
    run -64 --separate-stderr cairn-ls --json one two
    assert_json_error cairn-ls usage 64
}

@test "another identity sees nothing" {
    cairn-keygen -o other.key > public
    run -0 --separate-stderr cairn-ls -i other.key
    assert_equal "$output$stderr" ""
    run -1 --separate-stderr cairn-ls -i other.key one
}

@test "two dead providers change nothing, and three are told of" {
    for i in 1 2; do kill_provider $i; done
    run -0 --separate-stderr cairn-ls
    assert_equal "$output" $'dir/two\ntree\n\none'
    assert_equal "$stderr" ""
    kill_provider 3
    run -3 --separate-stderr cairn-ls
    assert_regex "$stderr" "warning: 3 providers did not answer"
    for i in 4 5 6; do kill_provider $i; done
    run -69 --separate-stderr cairn-ls
    assert_one_error cairn-ls
}

@test "a thousand objects are listed" {
    cairn-keygen -o many.key > public
    for ((i = 0; i < 1000; ++i)); do echo "$i" > "f$i"; done
    find . -name 'f*' -printf '%P\n' | cairn-put -i many.key --files-from - > links
    cairn-ls -i many.key | sort | cmp - <(find . -name 'f*' -printf '%P\n' | sort)
}

@test "ls wants an identity and providers" {
    unset CAIRN_IDENTITY
    run -64 --separate-stderr cairn-ls
    assert_one_error cairn-ls
    run -66 --separate-stderr cairn-ls -i nothing
    chmod 640 me.key
    run -77 --separate-stderr cairn-ls -i me.key
    chmod 600 me.key
    unset CAIRN_PROVIDERS
    run -64 --separate-stderr cairn-ls -i me.key
    run -74 --separate-stderr bash -c 'cairn-ls -i me.key --providers "$PROVIDERS" > /dev/full'
}

@test "the examples in ls's help work" {
    cp "$PROVIDERS" list
    cairn-put -i me.key --name photos one > link
    run_examples cairn-ls
}
