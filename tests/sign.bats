# Detached signatures: cairn-sign(1), cairn-signature(5).
# shellcheck disable=SC2154 # helper and run set them
load helper
load data/filters

# An identity and a file to sign.
prepare() {
    install -m 600 "$keys/identity-zero" me.key
    cairn-keygen -y --minisign me.key > me.pub
    make_data 100000 > disk.img
}

@test "minisign verifies what sign writes" {
    prepare
    run -0 --separate-stderr cairn-sign -i me.key -o disk.img.minisig disk.img
    assert_equal "$output$stderr" ""
    minisign -V -H -q -m disk.img -P "$(cat me.pub)"
    flip disk.img 99999
    run -1 minisign -V -q -m disk.img -P "$(cat me.pub)"
}

@test "inputs of all sizes can be signed, from a file and from a pipe" {
    prepare
    for size in 0 1 127 128 129 65535 65536 65537 262143 262144 262145 1048577; do
        make_data "$size" > in
        cairn-sign -i me.key in > in.minisig
        minisign -V -q -m in -P "$(cat me.pub)"
        # shellcheck disable=SC2002 # a pipe it shall be
        cat in | cairn-sign -i me.key | sed -n 2p | cmp - <(sed -n 2p in.minisig)
        cairn-sign -i me.key - < in | sed -n 2p | cmp - <(sed -n 2p in.minisig)
    done
}

@test "a signature is four lines with time and file name" {
    prepare
    before=$(date +%s)
    mkdir sub && cp disk.img sub
    run -0 cairn-sign -i me.key ./sub/disk.img
    assert_equal "${#lines[@]}" 4
    assert_line -n 0 "untrusted comment: signature by cairn-sign"
    assert_line -n 1 --regexp '^RU[A-Za-z0-9+/]{97}=$'
    assert_line -n 2 --regexp $'^trusted comment: timestamp:[0-9]+\tfile:disk.img\thashed$'
    assert_line -n 3 --regexp '^[A-Za-z0-9+/]{86}==$'
    when=$(sed -nE 's/.*timestamp:([0-9]+).*/\1/p' <<< "$output")
    assert [ "$when" -ge "$before" ]
    assert [ "$when" -le "$(date +%s)" ]
}

@test "the trusted comment is signed and can be chosen" {
    prepare
    for comment in "release 1.0" "" "Grüße, 石" "--" "-q" "[a,b]"; do
        cairn-sign -i me.key -f -o disk.img.minisig -t "$comment" disk.img
        assert_equal "$(minisign -V -Q -m disk.img -P "$(cat me.pub)")" "$comment"
    done
    for comment in $'two\nlines' $'\e[2J' $'\r' "$(make_data 8193 | tr '\n' ' ')"; do
        run -64 --separate-stderr cairn-sign -i me.key -t "$comment" disk.img
        assert_one_error cairn-sign
    done
}

@test "sign takes the unencrypted secret key of minisign" {
    prepare
    minisign -G -W -p m.pub -s m.key > /dev/null
    chmod 600 m.key
    cairn-sign -i m.key -o disk.img.minisig disk.img
    minisign -V -q -m disk.img -p m.pub
    minisign -S -s m.key -x theirs -m disk.img > /dev/null
    sed -n 2p theirs | cmp - <(sed -n 2p disk.img.minisig)
}

@test "an encrypted secret key of minisign is refused with a way out" {
    prepare
    install -m 600 "$keys/minisign-encrypted" m.key
    run -77 --separate-stderr cairn-sign -i m.key disk.img
    assert_one_error cairn-sign
    assert_regex "${stderr_lines[1]}" "minisign -C -W"
}

@test "sign opens an identity that has a passphrase" {
    prepare
    install -m 600 /dev/stdin phrase <<< "tulip"
    cairn-keygen --passphrase-file phrase -o locked.key > locked.pub
    cairn-sign -i locked.key --passphrase-command 'cat phrase' -o disk.img.minisig disk.img
    minisign -V -q -m disk.img -P "$(sed -n 's/^minisign: //p' locked.pub)"
    run -64 --separate-stderr setsid -w cairn-sign -i locked.key disk.img # nobody to ask
    run -77 --separate-stderr cairn-sign -i locked.key --passphrase-fd 3 disk.img 3<<< rose
    assert_one_error cairn-sign
    assert_regex "$stderr" "wrong passphrase"
}

@test "a key of the wrong kind, or none at all, cannot sign" {
    prepare
    age-keygen -o age.key 2> /dev/null
    install -m 600 "$keys/ssh-ed25519" ssh.key
    install -m 600 "$keys/signify-secret" signify.key
    install -m 600 me.pub public.key
    sed 's/$/\r/' me.key > crlf.key
    : > empty.key
    head -c 10M /dev/zero > large.key
    head -c 10M /dev/zero | tr '\0' '\n' > lines.key
    head -c 200 me.key > cut.key
    chmod 600 ./*.key
    for key in age ssh signify public crlf empty large lines cut; do
        run -65 --separate-stderr cairn-sign -i $key.key -o sig disk.img
        assert_one_error cairn-sign
        assert [ ! -e sig ]
    done
    chmod 644 me.key
    run -77 --separate-stderr cairn-sign -i me.key disk.img
    assert_one_error cairn-sign
    run -66 --separate-stderr cairn-sign -i nowhere.key disk.img
    assert_one_error cairn-sign
    run -64 --separate-stderr cairn-sign disk.img
    assert_one_error cairn-sign
}

@test "an input that is not there leaves no signature" {
    prepare
    mkdir directory
    for name in nowhere directory ''; do
        run -66 --separate-stderr cairn-sign -i me.key -o sig "$name"
        assert_one_error cairn-sign
    done
    assert_equal "$(files)" "directory disk.img me.key me.pub "
}

@test "a signature file that exists is replaced only with -f" {
    prepare
    echo precious > sig
    ln -s sig link
    ln -s nowhere dangling
    for name in sig link dangling; do
        run -73 --separate-stderr cairn-sign -i me.key -o $name disk.img
        assert_one_error cairn-sign
    done
    cairn-sign -i me.key -f -o link disk.img
    cairn-sign -i me.key --force -o dangling disk.img
    assert_equal "$(cat sig)" precious
    assert [ ! -L link ] && assert [ ! -L dangling ] && assert [ ! -e nowhere ]
    cairn-sign -i me.key -f -o sig disk.img
    minisign -V -q -x sig -m disk.img -P "$(cat me.pub)"
    run -73 --separate-stderr cairn-sign -i me.key -f -o . disk.img
    run -73 --separate-stderr cairn-sign -i me.key -o nowhere/sig disk.img
}

@test "names are names, whatever is in them" {
    prepare
    for name in $'new\nline' $'\e[31mred' $'bad\xff' '[a,b]' ' ' '-x' "quote'"; do
        cp disk.img "./$name"
        cairn-sign -i me.key -o "$name.minisig" -- "$name"
        cairn-verify signature -q -p me.pub -- "$name"
        minisign -V -q -m "./$name" -P "$(cat me.pub)"
        assert_equal "$(wc -l < "./$name.minisig")" 4
    done
}

@test "the identity comes from standard input, a descriptor or a credential too" {
    prepare
    mkdir credentials
    install -m 400 me.key credentials/me
    cairn-sign -i me.key -t x disk.img > expected
    cairn-sign -i - -t x disk.img < me.key | cmp - expected
    cairn-sign -i fd:7 -t x disk.img 7< me.key | cmp - expected
    CREDENTIALS_DIRECTORY=$PWD/credentials cairn-sign -i credential:me -t x disk.img | cmp - expected
}

@test "standard input cannot be both the identity and the data" {
    prepare
    run -64 --separate-stderr cairn-sign -i - < me.key
    assert_one_error cairn-sign
    run -64 --separate-stderr cairn-sign -i fd:0 - < me.key
    assert_one_error cairn-sign
}

@test "a secret on the command line is not repeated" {
    prepare
    for argument in "$(tail -n 1 me.key)" "$(cat me.key)"; do
        run --separate-stderr cairn-sign -i "$argument" disk.img
        assert [ "$status" -ne 0 ]
        refute_regex "$stderr" "SECRET-KEY-1|SEED-1"
    done
}

@test "sign reports a full disk and closed descriptors" {
    prepare
    run -74 --separate-stderr bash -c 'cairn-sign -i me.key disk.img > /dev/full'
    assert_one_error cairn-sign
    run -74 --separate-stderr cairn-sign -i me.key -o /dev/full disk.img
    run -74 --separate-stderr bash -c 'cairn-sign -i me.key disk.img >&-'
    run -66 --separate-stderr bash -c 'cairn-sign -i me.key <&-'
    assert_one_error cairn-sign
    run -0 bash -c 'cairn-sign -i me.key disk.img <&- 2>&-'
}

@test "sign does not wait for what nobody types" {
    prepare
    run -64 on_terminal 'cairn-sign -i me.key'
    assert_output --partial "standard input is a terminal"
}

@test "a signal ends sign and leaves no file" {
    prepare
    mkfifo in
    cairn-sign -i me.key -o sig in &
    pid=$!
    exec 9> in
    make_data 3000000 >&9 # more than a pipe holds: it is at work
    kill -TERM "$pid"
    wait "$pid" && status=0 || status=$?
    exec 9>&-
    assert_equal "$status" 143
    assert_equal "$(files)" "disk.img in me.key me.pub "
}

@test "the environment changes nothing" {
    prepare
    cairn-sign -i me.key -t x disk.img > expected
    export CAIRN_HOME=/nonexistent/$'\n' CAIRN_IDENTITY=/none CAIRN_OUTPUT=out CAIRN_FORCE=maybe
    cairn-sign -i me.key -t x disk.img | cmp - expected
    assert [ ! -e out ]
}

@test "sign's errors are JSON on request, and progress too" {
    prepare
    run -66 --separate-stderr cairn-sign --json -i me.key nowhere
    assert_json_error cairn-sign noinput 66
    run -64 --separate-stderr cairn-sign --json disk.img
    assert_json_error cairn-sign usage 64
    cairn-sign -i me.key --progress=json -o sig disk.img 2> events
    assert_equal "$(tail -n 1 events | jq -c '[.tool, .ev, .phase, .done_bytes, .total_bytes]')" \
        '["cairn-sign","progress","sign",100000,100000]'
    run -0 --separate-stderr cairn-sign -i me.key --progress=plain -o sig2 disk.img
    assert_regex "$stderr" "^cairn-sign: sign 100%, "
    run -0 --separate-stderr cairn-sign -i me.key -q --progress=plain -o sig3 disk.img
    assert_equal "$stderr" ""
}

@test "the examples of sign's help work" {
    prepare
    run_examples cairn-sign
    minisign -V -q -m disk.img -P "$(cat me.pub)"
}
