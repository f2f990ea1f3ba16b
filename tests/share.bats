# Links handed on: cairn-share(1), cairn-link(5).
# shellcheck disable=SC2154 # helper and run set them
load helper
load data/filters

locator=cairn:co1qyqqzqsrqszsvpcgpy9qkrqdpc83qygjzv2p29shrqv35xcur50p7g23wj3
key=ck1qyqqzqsrqszsvpcgpy9qkrqdpc8s7j0ugl

# Two identities and a link.
prepare() {
    install -m 600 "$keys/identity-zero" me.key
    cairn-keygen -q -o other.key > other.pub
    cairn-keygen -y --address me.key > address
    echo "$locator#$key" > link
}

@test "a grant opens to the link, with the reader's key alone" {
    prepare
    cairn-share --to "$(cat address)" @link > grant
    assert_equal "$(head -n 1 grant)" "-----BEGIN AGE ENCRYPTED FILE-----"
    run ! grep -q "$key" grant
    cairn-decrypt -i me.key grant | cmp - link
    age -d -i me.key grant | cmp - link
    run -77 --separate-stderr cairn-decrypt -i other.key grant
    assert_equal "$output" ""
    cairn-decrypt -i me.key grant | cairn-share -l | cmp - <(echo "$locator")
}

@test "a grant is for a recipient of each form" {
    prepare
    ssh-keygen -q -t ed25519 -N '' -f ssh.key
    for form in --address --recipient --did; do
        cairn-share -t "$(cairn-keygen -y "$form" me.key)" @link | cairn-decrypt -i me.key |
            cmp - link
    done
    cairn-share -t "$(cat ssh.key.pub)" @link | cairn-decrypt -i ssh.key | cmp - link
    run -64 --separate-stderr cairn-share -t nobody @link
    assert_one_error cairn-share
    run -64 --separate-stderr cairn-share -t "$(tail -n 1 me.key)" @link
    refute_regex "$stderr" "AGE-SECRET"
}

@test "a locator is the link without its key, hints kept" {
    prepare
    hinted="$locator?at=$(cat address)@example.org:7001"
    echo "$hinted#$key" > hinted
    assert_equal "$(cairn-share --locator @link)" "$locator"
    assert_equal "$(cairn-share --locator @hinted)" "$hinted"
    assert_equal "$(cairn-share --locator "$locator" 2>&1)" "$locator"
    cairn-share -l @hinted | cairn-share -l | cmp - <(echo "$hinted")
    assert_equal "$(cairn-share -l --json @hinted | jq -c .)" "{\"locator\":\"$hinted\"}"
    cairn-share -t "$(cat address)" --json @link | jq -r .grant | cairn-decrypt -i me.key |
        cmp - link
}

@test "a link is read from standard input, a file and a descriptor" {
    prepare
    cairn-share -l - < link | cmp - <(echo "$locator")
    cairn-share -l < link | cmp - <(echo "$locator")
    cairn-share -l fd:5 5< link | cmp - <(echo "$locator")
    printf '%s#%s' "$locator" "$key" | cairn-share -l | cmp - <(echo "$locator")
    printf '%s#%s \t\r\n\n' "$locator" "$key" | cairn-share -l | cmp - <(echo "$locator")
    chmod 644 link
    run -0 --separate-stderr cairn-share -l @link
    assert_equal "$stderr" ""
    run -66 --separate-stderr cairn-share -l @nowhere
    assert_one_error cairn-share
    run -64 --separate-stderr cairn-share -l nowhere
    assert_regex "${stderr_lines[0]}" "the operand is no link"
    run -64 on_terminal 'cairn-share -l'
    assert_output --partial "standard input is a terminal"
}

@test "a key on the command line is removed from it, and there is a warning" {
    prepare
    run -0 --separate-stderr cairn-share -l "$locator#$key"
    assert_equal "$output" "$locator"
    assert_regex "$stderr" "^cairn-share: warning: the key of the link was on the command line"
    assert_equal "${#stderr_lines[@]}" 1
    run -0 --separate-stderr cairn-share -q -l "$locator#$key"
    assert_equal "$stderr" ""
    run -0 --separate-stderr cairn-share --json -l "$locator#$key"
    assert_equal "$(jq -r .ev <<< "$stderr")" warning

    # The output fills a pipe that nobody reads, so the program stays to be looked at.
    mkfifo pipe
    exec 5<> pipe
    head -c 65536 /dev/zero >&5
    cairn-share -q -l "$locator#$key" >&5 &
    pid=$!
    for ((i = 0; i < 200; ++i)); do
        tr '\0' '\n' < "/proc/$pid/cmdline" > cmdline
        ! grep -qF '#*' cmdline || break
        sleep 0.05
    done
    grep -qxF "$locator#*************************************" cmdline
    run ! grep -q "ck1" cmdline
    head -c 65536 <&5 > /dev/null
    read -r line <&5
    wait "$pid"
    assert_equal "$line" "$locator"
}

@test "a name that looks a little like a link is a name" {
    prepare
    for name in 'cairn:#x' 'cairn:a#b' '#ck2' 'cairn:co2#x' 'cairn:co1'; do
        cp link "./$name"
        cairn-share -l "@$name" | cmp - <(echo "$locator")
    done
}

@test "no message repeats a key" {
    prepare
    address=$(cat address)
    wrong=${key/qqz/qqp}
    for arguments in "-l $locator#$wrong" "-l $locator?#$key" "-l x$locator#$key" \
        "-l $locator#$key $locator#$key" "--no-such=$locator#$key" "--to $locator#$key $locator" \
        "$locator#$key" "-l --to $address $locator#$key" "--to=$locator#$key @link" \
        "-l @$locator#$key" "-l fd:$locator#$key" "-l $locator#$locator#$key" "-l #$locator#$key" "-l x#$key" \
        "-l cairn:c01qyq#$key" "-l #x#$key"; do
        for form in '' --json; do
            # shellcheck disable=SC2086 # words
            run ! --separate-stderr cairn-share $form $arguments
            assert_equal "$output" ""
            refute_regex "$stderr" "ck1"
        done
    done
    echo "$locator#$wrong" > wrong
    run -65 --separate-stderr cairn-share -l @wrong
    assert_one_error cairn-share
    refute_regex "$stderr" "ck1"
}

@test "what is no link is refused with the way out" {
    prepare
    cairn-share -t "$(cat address)" @link > grant
    run -65 --separate-stderr cairn-share -l @grant
    assert_regex "${stderr_lines[0]}" "this is a grant"
    assert_regex "${stderr_lines[1]}" "^hint: decrypt it first"
    for text in "" "cairn:" "$locator#" "hello" "$locator#$key$key" "$locator#$key"$'\n'"$locator"; do
        printf %s "$text" > bad
        run -65 --separate-stderr cairn-share -l @bad
        assert_one_error cairn-share
    done
    make_data 100000 > large
    run -65 --separate-stderr cairn-share -l @large
    run -64 --separate-stderr cairn-share @link
    assert_regex "${stderr_lines[1]}" "hint: use --to RECIPIENT, or --locator"
    run -64 --separate-stderr cairn-share -l -t "$(cat address)" @link
}

@test "share reports a full disk and closed descriptors" {
    prepare
    run -74 --separate-stderr bash -c 'cairn-share -l @link > /dev/full'
    assert_one_error cairn-share
    run -74 --separate-stderr bash -c 'cairn-share -l @link >&-'
    run ! --separate-stderr bash -c 'cairn-share -l - <&-'
}

@test "the examples of share's help work" {
    prepare
    run_examples cairn-share
}
