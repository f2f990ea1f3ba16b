# All that an identity has stored, found again with its words: cairn-restore(1).
# shellcheck disable=SC2154 # helper and run set them
load helper
load network
load data/filters

# An identity, its words, and providers.
prepare() {
    cairn-keygen -q -o me.key > me.pub
    (umask 077 && cairn-keygen -y --words me.key > words)
    start_providers "${1:-3}"
    cp "$PROVIDERS" list
}

names_of() {
    jq -rs '[.[].name] | join(" ")' <<< "$1"
}

@test "everything comes back to an empty disk with the words and a list of providers" {
    prepare
    mkdir tree
    make_data 300000 > tree/large
    make_data 100 > tree/small
    mkdir -p tree/sub/empty
    ln -s ../small tree/sub/link
    chmod 640 tree/large
    touch -d "2020-01-02 03:04:05" tree/small tree/sub
    make_data 5000 > file
    cairn-put -i me.key -k 2 -m 1 file > /dev/null
    cairn-put -i me.key -k 2 -m 1 --recursive tree > /dev/null
    echo text | cairn-put -i me.key > /dev/null # has no name
    mv me.key elsewhere.key

    run -0 --separate-stderr cairn-restore --providers list --words-file words --json
    assert_regex "$(names_of "$output")" "^file tree unnamed-[0-9a-f]{16}$"
    run -0 --separate-stderr cairn-restore --providers list -o home --save-identity home.key - < words
    assert_equal "$output$stderr" ""
    cmp file home/file
    diff -r --no-dereference tree home/tree
    assert_equal "$(stat -c %a home/tree/large)" 640
    assert_equal "$(stat -c %Y home/tree/small home/tree/sub)" "$(stat -c %Y tree/small tree/sub)"
    assert_equal "$(cat home/unnamed-*)" text
    cmp elsewhere.key home.key
    assert_equal "$(stat -c %a home.key)" 600
    assert_equal "$(find home -name '*.key')" ""

    # Again: what is there stays, what is missing comes, what is another is not touched.
    rm home/file
    echo other > home/tree/small
    run -3 --separate-stderr cairn-restore --words-file words --json -o home
    assert_equal "$(jq -rs '[.[] | select(.is_new) | .name] | join(" ")' <<< "$output")" \
        "file tree/sub/link"
    assert_regex "$stderr" "exists, and it is not what is stored"
    assert_equal "$(cat home/tree/small)" other
    assert_equal "$(jq -rs "[.[] | select(.is_new | not)] | length" <<< "$output")" 2
    cmp file home/file
}

@test "the list tells names, times and sizes, and links only when asked" {
    prepare
    echo one > one
    echo two > two
    cairn-put -i me.key one > one.link
    cairn-put -i me.key --name dir/two two > two.link
    run -0 --separate-stderr cairn-restore -i me.key
    assert_equal "${#lines[@]}" 3
    assert_regex "${lines[1]}" "^20[0-9-]{8} [0-9:]{8} +4 B  one$"
    assert_regex "${lines[2]}" "  dir/two$"
    refute_regex "$output" "cairn:"
    run -0 --separate-stderr cairn-restore -i me.key --json
    assert_equal "$(jq -c '[.name, .size_bytes, .is_latest, .link]' <<< "${lines[0]}")" \
        '["one",4,true,null]'
    run -0 --separate-stderr cairn-restore -i me.key --links one
    cairn-get - <<< "${output%%$'\t'*}" | cmp one -
    run -0 --separate-stderr cairn-restore -i me.key --json --links
    jq -r .link <<< "${lines[1]}" | cairn-get - | cmp two -
}

@test "only what is named is fetched" {
    prepare
    for name in a b c; do
        echo "$name" > "$name"
        cairn-put -i me.key "$name" > /dev/null
    done
    run -0 --separate-stderr cairn-restore -i me.key -o home b
    assert_equal "$(ls home)" b
    run -3 --separate-stderr cairn-restore -i me.key -o home c d
    assert_regex "$stderr" "warning: there is no 'd'"
    assert_equal "$(ls home | xargs)" "b c"
    run -1 --separate-stderr cairn-restore -i me.key -o home d
    assert_regex "$stderr" "nothing of these names"
}

@test "of a name the last object is fetched, and the others when asked" {
    prepare
    for text in first second third; do
        echo "$text" > file
        cairn-put -i me.key file > /dev/null
    done
    run -0 --separate-stderr cairn-restore -i me.key
    assert_equal "$(grep -c '(older)' <<< "$output")" 2
    run -0 --separate-stderr cairn-restore -i me.key -o home
    assert_equal "$(cat home/*)" third
    run -0 --separate-stderr cairn-restore -i me.key --all-versions -o home
    assert_equal "$(cat home/file.~1~ home/file.~2~ home/file | xargs)" "first second third"
}

@test "wrong words are told apart from nothing stored and nobody there" {
    prepare
    echo text > file
    cairn-put -i me.key file > /dev/null
    sed 's/^[a-z]*/zebra/' words > wrong
    chmod 600 wrong
    run -65 --separate-stderr cairn-restore --words-file wrong
    assert_one_error cairn-restore
    cairn-keygen -q -o other.key > /dev/null
    run -1 --separate-stderr cairn-restore -i other.key
    assert_regex "${stderr_lines[0]}" \
        "nothing is stored by $(cairn-keygen -y --address other.key) \(3 of 3 providers answered\)"
    assert_regex "${stderr_lines[1]}" "^hint: if that is not your address"
    kill_provider 1
    run -69 --separate-stderr cairn-restore -i other.key
    run -0 --separate-stderr cairn-restore --words-fd 5 5< words
    assert_regex "$stderr" "warning: 2 of 3 providers answered"
    kill_provider 2
    kill_provider 3
    run -69 --separate-stderr cairn-restore -i me.key
    assert_regex "$stderr" "no provider can be reached"
}

@test "nothing leaves the directory, whatever is in its way" {
    prepare
    mkdir outside
    echo text > file
    cairn-put -i me.key --name dir/file file > /dev/null
    cairn-put -i me.key --name plain file > /dev/null
    mkdir home
    ln -s ../outside home/dir
    ln -s ../outside/new home/plain
    run -73 --separate-stderr cairn-restore -i me.key -o home
    assert_equal "$(ls outside)" ""
    assert_equal "$(grep -c 'is not restored' <<< "$stderr")" 2
}

@test "what some providers have lost is fetched from the others" {
    prepare 6
    make_data 400000 > file
    cairn-put -i me.key file > /dev/null
    kill_provider 2
    kill_provider 5
    run -0 --separate-stderr cairn-restore -i me.key -o home
    cmp file home/file
    kill_provider 1
    run -69 --separate-stderr cairn-restore -i me.key -o other
    assert_equal "$(ls other)" ""
}

@test "the command line says whose objects" {
    run -64 --separate-stderr cairn-restore
    assert_regex "${stderr_lines[0]}" "whose objects"
    run -64 --separate-stderr cairn-restore -i me.key --words-file words
    run -64 --separate-stderr cairn-restore -i me.key --list -o home
    run -64 --separate-stderr cairn-restore -i me.key --links -o home
    run -66 --separate-stderr cairn-restore -i me.key
    (umask 077 && cairn-keygen -q -o me.key > /dev/null && cairn-keygen -y --words me.key > words)
    run -64 --separate-stderr cairn-restore -i me.key
    assert_regex "${stderr_lines[0]}" "no provider is named"
    chmod 644 words
    run -77 --separate-stderr cairn-restore --words-file words
    assert_one_error cairn-restore
}

@test "the examples of restore's help work" {
    prepare
    echo text > file
    cairn-put -i me.key file > /dev/null
    run_examples cairn-restore
    cmp file home/file
}
