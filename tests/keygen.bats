# Identities: cairn-keygen(1), cairn-identity(5).
# shellcheck disable=SC2154 # helper and run set them
load helper
load data/filters

words_zero="$(printf 'abandon %.0s' {1..23})art"

@test "keygen writes the identity to FILE and its public forms to standard output" {
    run -0 --separate-stderr cairn-keygen -o me.key
    assert_equal "$stderr" ""
    assert_equal "${#lines[@]}" 4
    assert_line -n 0 --regexp '^address: cairn1[02-9ac-hj-np-z]{59}$'
    assert_line -n 1 --regexp '^recipient: age1[02-9ac-hj-np-z]{58}$'
    assert_line -n 2 --regexp '^did: did:key:z6Mk[1-9A-HJ-NP-Za-km-z]{44}$'
    assert_line -n 3 --regexp '^minisign: RW[A-Za-z0-9+/]{54}$'
    assert_equal "$(cairn-keygen -y me.key)" "$output"
}

@test "keygen -v says where the identity is" {
    run -0 --separate-stderr cairn-keygen -v -o $'my\nkey'
    assert_equal "$stderr" "cairn-keygen: the identity is in 'my\\nkey', on disk"
}

@test "keygen without FILE writes the identity to standard output, the public forms to standard error" {
    cairn-keygen > me.key 2> me.pub
    cairn-keygen -y - < me.key | cmp - me.pub
    cairn-keygen -y < me.key | cmp - me.pub
    cairn-keygen -o - 2> /dev/null | cairn-keygen -y | grep -q '^address: cairn1'
    cairn-keygen -q > /dev/null 2> quiet
    assert [ ! -s quiet ]
}

@test "an identity file is for its owner alone whatever the umask" {
    for mask in 000 022 077; do
        (umask "$mask" && cairn-keygen -o "$mask.key" > /dev/null)
        assert_equal "$(stat -c %a "$mask.key")" 600
    done
}

@test "each identity is a new one" {
    for _ in 1 2 3 4 5; do cairn-keygen -q 2> /dev/null | tail -n 1; done > all
    assert_equal "$(sort -u all | wc -l)" 5
}

@test "keygen never overwrites anything" {
    echo precious > file
    ln -s file link
    ln -s nowhere dangling
    mkdir directory
    for name in file link dangling directory ./file; do
        run -73 --separate-stderr cairn-keygen -o "$name"
        assert_one_error cairn-keygen
        refute_regex "$stderr" "-f"
    done
    assert_equal "$(cat file)" precious
    assert_equal "$(readlink link) $(readlink dangling)" "file nowhere"
    assert [ ! -e nowhere ]
    for option in -f --force; do
        run -64 --separate-stderr cairn-keygen "$option" -o file
    done
    assert_equal "$(cat file)" precious
    assert_equal "$(files)" "dangling directory file link "
}

@test "keygen reports a directory that is not there, and leaves nothing behind" {
    run -73 --separate-stderr cairn-keygen -o nowhere/me.key
    assert_one_error cairn-keygen
    run -73 --separate-stderr cairn-keygen -o ''
    assert_equal "$(files)" ""
}

@test "the identity file is the one of the specification" {
    cairn-keygen --recover -o zero.key <<< "$words_zero" > zero.pub
    cmp zero.key "$keys/identity-zero"
    sed -n 's/^# \(address\|recipient\|did\|minisign\): /\1: /p' "$keys/identity-zero" | cmp - zero.pub
    assert_equal "$(cairn-keygen -y --words zero.key)" "$words_zero"
}

@test "the example of cairn-identity(5) is true" {
    sed -n '/^# cairn identity, version 1$/,/^AGE-SECRET-KEY-1P/p' "$root/man/cairn-identity.5" |
        tail -n 7 | cmp - "$keys/identity-zero"
}

@test "each public form can be asked for alone" {
    install -m 600 "$keys/identity-zero" me.key
    for form in address recipient did minisign; do
        assert_equal "$(cairn-keygen -y --$form me.key)" \
            "$(sed -n "s/^# $form: //p" "$keys/identity-zero")"
    done
    assert_equal "$(age-keygen -y me.key)" "$(cairn-keygen -y --recipient me.key)"
}

@test "keygen --json gives one document of public forms" {
    run -0 --separate-stderr cairn-keygen --json -o me.key
    assert_equal "$(jq -r 'keys | join(" ")' <<< "$output")" "account address did key minisign recipient"
    assert_equal "$(cairn-keygen -y --json me.key)" "$output"
    assert_equal "$(jq -r .address <<< "$output")" "$(cairn-keygen -y --address me.key)"
    refute_output --partial SECRET
}

@test "24 words recover the identity, to the byte" {
    cairn-keygen -o me.key > me.pub
    cairn-keygen -y --words me.key > words
    assert_equal "$(wc -w < words) $(wc -l < words)" "24 1"
    cairn-keygen --recover -o again.key < words | cmp - me.pub
    cmp me.key again.key
    assert_equal "$(stat -c %a again.key)" 600
    cairn-keygen --recover -q - < words | cmp - me.key
    chmod 600 words
    cairn-keygen --recover -q words | cmp - me.key
    tr 'a-z ' 'A-Z\n' < words | cairn-keygen --recover -q | cmp - me.key
    sed 's/ /\t  /g; s/$/\r/' words | cairn-keygen --recover -q | cmp - me.key
}

@test "keygen shows the words of a new identity on request, and only then" {
    run -0 --separate-stderr cairn-keygen --words -o me.key
    assert_equal "$stderr" "words: $(cairn-keygen -y --words me.key)"
    refute_output --partial "words"
    run -0 --separate-stderr cairn-keygen -o two.key
    assert_equal "$stderr" ""
}

@test "words that are wrong are refused, not shown, and leave no file" {
    refuse() {
        run -65 --separate-stderr cairn-keygen --recover -o me.key <<< "$1"
        assert_one_error cairn-keygen
        refute_regex "$stderr" "abandon"
        assert [ ! -e me.key ]
    }
    refuse "${words_zero/abandon/ability}"
    refuse "${words_zero/abandon/abandonn}"
    refuse "${words_zero/abandon/aband}"
    refuse "${words_zero% art}"
    refuse "${words_zero/art/ability}"
    refuse "art ${words_zero% art}"
    refuse "$words_zero abandon"
    refuse "$words_zero $words_zero"
    refuse "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about"
    refuse "${words_zero// /}"
    refuse "${words_zero// /,}"
    refuse ""
    run -65 --separate-stderr cairn-keygen --recover -o me.key < <(head -c 10M /dev/zero)
    assert_one_error cairn-keygen
    run -65 --separate-stderr cairn-keygen --recover -o me.key < "$keys/identity-zero"
    assert_one_error cairn-keygen
    assert [ ! -e me.key ]
}

@test "a damaged identity file is refused" {
    install -m 600 "$keys/identity-zero" good.key
    refuse() {
        run -65 --separate-stderr cairn-keygen -y "$1"
        assert_one_error cairn-keygen
        refute_regex "$stderr" "SECRET-KEY-1|SEED-1"
    }
    size=$(stat -c %s good.key)
    for ((offset = 0; offset < size; offset += 17)); do
        cp good.key bad.key
        flip bad.key "$offset"
        refuse bad.key
    done
    for cut in 1 2 40 "$((size - 1))"; do
        head -c -"$cut" good.key > bad.key
        refuse bad.key
    done
    (cat good.key && echo) > bad.key && refuse bad.key
    (cat good.key && tail -n 1 good.key) > bad.key && refuse bad.key
    (echo && cat good.key) > bad.key && refuse bad.key
    cat good.key good.key > bad.key && refuse bad.key
    sed 's/version 1/version 2/' good.key > bad.key && refuse bad.key
    sed 's/$/\r/' good.key > bad.key && refuse bad.key
    assert_regex "$stderr" "CRLF"
    sed 5d good.key > bad.key && refuse bad.key
    tail -n 1 good.key > bad.key && refuse bad.key
    : > bad.key && refuse bad.key
    head -c 10M /dev/zero > bad.key && refuse bad.key
    head -c 4096 /dev/urandom > bad.key && refuse bad.key
}

@test "an identity file that others can touch is refused, and the hint helps" {
    install -m 600 "$keys/identity-zero" me.key
    for mode in 640 604 660 601 644; do
        chmod "$mode" me.key
        run -77 --separate-stderr cairn-keygen -y me.key
        assert_one_error cairn-keygen
        assert_regex "$stderr" "hint: chmod 600 "
    done
    ln -s me.key link
    run -77 --separate-stderr cairn-keygen -y link
    run -77 --separate-stderr cairn-keygen -y me.key
    bash -c "${stderr_lines[1]#hint: }"
    cairn-keygen -y me.key
    install -m 644 /dev/stdin words <<< "$words_zero"
    run -77 --separate-stderr cairn-keygen --recover -o new.key words
    assert [ ! -e new.key ]
}

@test "a hint can be pasted into a shell whatever the name" {
    # shellcheck disable=SC2016 # names, not expansions
    for name in "two words" "quote'" "'; touch broken; '" '$(touch broken)'; do
        install -m 644 "$keys/identity-zero" "$name"
        run -77 --separate-stderr cairn-keygen -y "$name"
        bash -c "${stderr_lines[1]#hint: }"
        assert [ ! -e broken ]
        assert_equal "$(stat -c %a "$name")" 600
    done
}

@test "an input that is not there is status 66" {
    run -66 --separate-stderr cairn-keygen -y nowhere.key
    assert_equal "$stderr" "cairn-keygen: error: cannot open 'nowhere.key': No such file or directory"
    mkdir directory && chmod 700 directory
    run -66 --separate-stderr cairn-keygen -y directory
    assert_one_error cairn-keygen
    run -66 --separate-stderr cairn-keygen -y fd:77
    assert_one_error cairn-keygen
    run -66 --separate-stderr cairn-keygen --recover -o me.key nowhere
    assert [ ! -e me.key ]
}

@test "options that do not fit together are refused before anything is made" {
    install -m 600 "$keys/identity-zero" me.key
    for line in "-y --address --did me.key" "-y --words --did me.key" "-y --recover me.key" \
        "-y -o out me.key" "me.key" "-y me.key me.key" "-o out -o out2"; do
        # shellcheck disable=SC2086 # words
        run -64 --separate-stderr cairn-keygen $line
        assert_one_error cairn-keygen
        assert_equal "$(files)" "me.key "
    done
    run -64 --separate-stderr cairn-keygen --json # the identity and a document on one stream
    assert_json_error cairn-keygen usage 64
}

@test "an identity can be encrypted with a passphrase, and age opens it" {
    install -m 600 /dev/stdin phrase <<< "tulip"
    cairn-keygen --passphrase-file phrase -o me.key > me.pub
    assert_equal "$(stat -c %a me.key)" 600
    assert_equal "$(head -n 1 me.key)" "-----BEGIN AGE ENCRYPTED FILE-----"
    run ! grep -q recipient me.key
    cairn-keygen -y --passphrase-command 'echo tulip' me.key | cmp - me.pub
    answer tulip age -d -o plain.key me.key
    cairn-keygen -y - < plain.key | cmp - me.pub
    run -77 --separate-stderr cairn-keygen -y --passphrase-fd 3 me.key 3<<< "rose"
    assert_one_error cairn-keygen
    assert_regex "$stderr" "wrong passphrase"
    run -65 --separate-stderr cairn-keygen --recover me.key
}

@test "keygen asks for a passphrase on the terminal, twice for a new one" {
    run -0 answer tulip bash -c 'cairn-keygen -p -o me.key > me.pub < /dev/null 2> /dev/null'
    refute_output --partial tulip
    assert_equal "$(grep -c ': ' <<< "$output")" 2
    run -0 answer tulip bash -c 'cairn-keygen -y -p --address me.key > address'
    assert_equal "address: $(cat address)" "$(head -n 1 me.pub)"
}

@test "a signal at the question ends keygen with the terminal as it was" {
    cat > killer.exp << 'EOF'
set timeout 20
spawn -noecho bash -c {cairn-keygen -p -o key; echo "status $?"; stty -a}
expect "new passphrase: "
exec kill -[lindex $argv 0] [exec pgrep -P [exp_pid] cairn-keygen]
expect eof
EOF
    for signal in TERM HUP INT; do
        run -0 expect killer.exp "$signal"
        assert_output --regexp "status (143|129|130)"
        assert_output --regexp "[^-]echo "
        assert [ ! -e key ]
    done
}

@test "no terminal, no passphrase" {
    run -64 --separate-stderr setsid -w cairn-keygen -p -o me.key
    assert_one_error cairn-keygen
    assert_regex "${stderr_lines[1]}" "--passphrase-f"
    assert_equal "$(files)" ""
}

@test "a passphrase that cannot be had is refused, and nothing is made" {
    : > empty && chmod 600 empty
    install -m 644 /dev/stdin open <<< "tulip"
    refuse() {
        local status=$1
        shift
        run "-$status" --separate-stderr timeout 5 cairn-keygen -o me.key "$@" < /dev/null
        assert_one_error cairn-keygen
        refute_regex "$stderr" tulip
        assert [ ! -e me.key ]
    }
    refuse 77 --passphrase-file empty
    refuse 77 --passphrase-file open
    refuse 66 --passphrase-file nowhere
    refuse 77 --passphrase-fd 0
    refuse 66 --passphrase-fd 77
    refuse 77 --passphrase-command true
    refuse 77 --passphrase-command 'echo tulip; exit 1'
    refuse 65 --passphrase-command 'seq 100000'
    refuse 64 --passphrase-command 'echo tulip' --passphrase-fd 0
    for number in '' -1 00 010 0x1 +1 ' 1' 1.0 99999999999999999999; do
        refuse 64 --passphrase-fd "$number"
    done
}

@test "a secret on the command line is not repeated" {
    secret=$(tail -n 1 "$keys/identity-zero")
    for argument in "$secret" "$(cat "$keys/identity-zero")" "CAIRN-SEED-1QQQQ"; do
        run --separate-stderr cairn-keygen -y "$argument"
        assert [ "$status" -ne 0 ]
        refute_regex "$stderr" "SECRET-KEY-1|SEED-1"
    done
}

@test "keygen reports a full disk and closed descriptors" {
    install -m 600 "$keys/identity-zero" me.key
    run -74 --separate-stderr bash -c 'cairn-keygen > /dev/full'
    run -74 --separate-stderr bash -c 'cairn-keygen -y me.key > /dev/full'
    assert_one_error cairn-keygen
    run -74 --separate-stderr bash -c 'cairn-keygen -o /dev/full'
    run -74 --separate-stderr bash -c 'cairn-keygen >&-'
    run -74 --separate-stderr bash -c 'cairn-keygen -y me.key >&-'
    run -66 --separate-stderr bash -c 'cairn-keygen -y <&-'
    run -66 --separate-stderr bash -c 'cairn-keygen --recover <&-'
    run -0 --separate-stderr bash -c 'cairn-keygen -y --did me.key 2>&- <&-'
    assert_output --regexp '^did:key:z6Mk'
}

@test "keygen does not wait for what nobody types" {
    run -64 on_terminal 'cairn-keygen -y'
    assert_output --partial "cairn-keygen: error: "
    run -64 on_terminal 'cairn-keygen --recover'
    assert_output --partial "cairn-keygen: error: "
}

@test "names are names, whatever is in them" {
    for name in $'new\nline' $'\e[31mred' '[a,b]' ' ' '*' '-x' "quote'"; do
        cairn-keygen -o "$name" > out
        cairn-keygen -y -- "$name" | cmp - out
        assert_equal "$(stat -c %a -- "$name")" 600
        rm -- "$name"
    done
    run -66 --separate-stderr cairn-keygen -y $'a\nb\e[2J\xff'
    assert_equal "$stderr" \
        "cairn-keygen: error: cannot open 'a\\nb\\x1b[2J\\xff': No such file or directory"
}

@test "an identity comes from a descriptor or a systemd credential too" {
    mkdir credentials
    install -m 400 "$keys/identity-zero" credentials/me
    cairn-keygen -y --did fd:5 5< "$keys/identity-zero" > expected
    CREDENTIALS_DIRECTORY=$PWD/credentials cairn-keygen -y --did credential:me | cmp - expected
    # As systemd leaves it for a service with User=: the group bits are the mask of an access list.
    chmod 440 credentials/me
    CREDENTIALS_DIRECTORY=$PWD/credentials cairn-keygen -y --did credential:me | cmp - expected
    run -78 --separate-stderr env -u CREDENTIALS_DIRECTORY cairn-keygen -y credential:me
    assert_one_error cairn-keygen
    export CREDENTIALS_DIRECTORY=$PWD/credentials
    run -66 --separate-stderr cairn-keygen -y credential:you
    for name in '' . .. ../credentials/me credentials/me; do
        run -64 --separate-stderr cairn-keygen -y "credential:$name"
        assert_one_error cairn-keygen
    done
}

@test "the environment changes nothing" {
    export CAIRN_HOME=/nonexistent/$'\n' CAIRN_OUTPUT=out CAIRN_WORDS=1 CAIRN_JSON=1 CAIRN_QUIET=x
    cairn-keygen --recover -o me.key <<< "$words_zero" > me.pub
    cmp me.key "$keys/identity-zero"
    assert_equal "$(files)" "me.key me.pub "
    assert_equal "$(head -c 9 me.pub)" "address: "
}

@test "keygen's errors are JSON on request" {
    run -66 --separate-stderr cairn-keygen --json -y nowhere
    assert_json_error cairn-keygen noinput 66
    run -65 --separate-stderr cairn-keygen --json --recover -o me.key <<< "one two"
    assert_json_error cairn-keygen data 65
    : > me.key
    run -73 --separate-stderr cairn-keygen --json -o me.key
    assert_json_error cairn-keygen cantcreat 73
    assert_equal "$(jq -r .hint <<< "$stderr")" "choose another name"
}

@test "the examples of keygen's help work" {
    run_examples cairn-keygen
    assert_equal "$(cat example.out)" "$(cairn-keygen -y --recipient me.key)"
}
