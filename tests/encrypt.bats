# Encryption: cairn-encrypt(1), cairn-age(5).
# shellcheck disable=SC2154 # helper and run set them
load helper
load data/filters

# An identity and a file to encrypt.
prepare() {
    install -m 600 "$keys/identity-zero" me.key
    me=$(cairn-keygen -y --recipient me.key)
    make_data 300000 > plain
}

# Sizes around the limits of chunks and of what one thread takes at a time.
sizes="0 1 65535 65536 65537 131072 262143 262144 262145 1048576 1048577"

@test "age opens what encrypt writes for each public form of an identity" {
    prepare
    for form in address recipient did; do
        cairn-encrypt -r "$(cairn-keygen -y --$form me.key)" -o $form.age plain
        age -d -i me.key $form.age | cmp - plain
    done
    cairn-encrypt -r "$(cairn-keygen -y --address me.key | tr '[:lower:]' '[:upper:]')" plain |
        age -d -i me.key | cmp - plain
    cairn-encrypt -i me.key plain | age -d -i me.key | cmp - plain
}

@test "age opens what encrypt writes, of all sizes, armored or not" {
    prepare
    for size in $sizes; do
        make_data "$size" > in
        cairn-encrypt -r "$me" in > binary.age
        age -d -i me.key binary.age | cmp - in
        cairn-encrypt -a -r "$me" -o "armored$size.age" < in
        age -d -i me.key "armored$size.age" | cmp - in
        assert_equal "$(head -n 1 "armored$size.age")" "-----BEGIN AGE ENCRYPTED FILE-----"
        run ! grep -qE '.{65}' "armored$size.age"
    done
}

@test "age opens what encrypt writes for keys of SSH and of age" {
    prepare
    install -m 600 "$keys/ssh-ed25519" ssh.key
    age-keygen -o age.key 2> /dev/null
    cairn-encrypt -r "$(cat "$keys/ssh-ed25519.pub")" plain | age -d -i ssh.key | cmp - plain
    cairn-encrypt -i ssh.key plain | age -d -i ssh.key | cmp - plain
    cairn-encrypt -i age.key plain | age -d -i age.key | cmp - plain
    cairn-encrypt -a -R "$keys/ssh-ed25519.pub" plain | age -d -i ssh.key | cmp - plain
}

@test "each of many recipients can open the file" {
    prepare
    install -m 600 "$keys/ssh-ed25519" ssh.key
    age-keygen -o age.key 2> /dev/null
    cairn-keygen -q -o you.key
    {
        echo "# recipients"
        echo
        age-keygen -y age.key
        cairn-keygen -y --did you.key | sed 's/$/\r/'
        cat "$keys/ssh-ed25519.pub"
    } > list
    cairn-encrypt -R list -r "$me" -o all.age plain
    for key in me you age ssh; do
        age -d -i $key.key all.age | cmp - plain
        cairn-decrypt -i $key.key all.age | cmp - plain
    done
    assert_equal "$(grep -ac '^-> ' all.age)" 4
    assert_equal "$(cairn-encrypt -r "$me" -r "$me" -i me.key -R list plain | grep -ac '^-> ')" 6
}

@test "encrypt takes no more recipients than decrypt does" {
    prepare
    yes "$me" | head -n 9000 > list
    run --separate-stderr cairn-encrypt -R list -o all.age plain
    if [ "$status" -eq 0 ]; then
        cairn-decrypt -i me.key all.age | cmp - plain
    else
        assert_one_error cairn-encrypt
        assert [ ! -e all.age ]
    fi
}

@test "age opens what encrypt writes for a passphrase" {
    make_data 70000 > plain
    cairn-encrypt --passphrase-fd 3 -o x.age plain 3<<< "tulip"
    answer tulip age -d -o back x.age
    cmp back plain
}

@test "encrypt asks for a passphrase twice, on the terminal and not on its streams" {
    run -0 answer tulip bash -c 'echo hello | cairn-encrypt -a -p > x.age 2> err'
    assert [ ! -s err ]
    refute_output --partial tulip
    install -m 600 /dev/stdin phrase <<< "tulip"
    assert_equal "$(cairn-decrypt --passphrase-file phrase x.age)" hello
    run -64 --separate-stderr setsid -w cairn-encrypt -p -o y.age x.age
    assert_one_error cairn-encrypt
    assert [ ! -e y.age ]
}

@test "each encryption is different, whatever the number of threads" {
    prepare
    for threads in 1 2 3 64; do
        cairn-encrypt -j $threads -r "$me" -o $threads.age plain
        cairn-decrypt -j 2 -i me.key $threads.age | cmp - plain
    done
    assert_equal "$(sha256sum ./*.age | cut -c 1-64 | sort -u | wc -l)" 4
    assert_equal "$(stat -c %s ./*.age | sort -u | wc -l)" 1
}

@test "what cannot be a recipient is refused, and a secret is not repeated" {
    prepare
    secret=$(tail -n 1 me.key)
    for recipient in '' x age1 "${me%?}" "${me/q/p}x" "age1pq1qqqq" "$(cat "$keys/ssh-rsa.pub")" \
        "ssh-ed25519" "ssh-ed25519 AAAA" "did:key:z6Mk" "cairn1qqqq" '[a,b]' $'a\nb' -r; do
        run -64 --separate-stderr cairn-encrypt -r "$recipient" -o out plain
        assert_one_error cairn-encrypt
        assert [ ! -e out ]
    done
    for recipient in "$secret" "${secret,,}" " $secret" "$(cat me.key)" "key: $secret" \
        "$(sed -n 's/^# cairn-seed: //p' me.key)" "$(cat "$keys/ssh-ed25519")"; do
        run -64 --separate-stderr cairn-encrypt -r "$recipient" plain
        refute_regex "${stderr^^}" "SECRET-KEY-1|SEED-1Q|B3BLBNNZAC1"
        assert_one_error cairn-encrypt
    done
    run -64 --separate-stderr cairn-encrypt plain
    assert_regex "$stderr" "no recipient"
}

@test "a secret given for a file is not repeated" {
    prepare
    for option in -i -R --passphrase-file; do
        run --separate-stderr cairn-encrypt $option "$(tail -n 1 me.key)" plain
        assert [ "$status" -ne 0 ]
        refute_regex "$stderr" "SECRET-KEY-1"
    done
}

@test "a file of recipients is read strictly, and its faulty line named" {
    prepare
    refuse() {
        run "-${2-65}" --separate-stderr cairn-encrypt -R "$1" -o out plain
        assert_one_error cairn-encrypt
        refute_regex "$stderr" "SECRET-KEY-1"
        assert [ ! -e out ]
    }
    printf '%s\n# x\n\nnonsense\n' "$me" > list && refuse list
    assert_regex "$stderr" "'list': line 4: 'nonsense' is not a recipient"
    cat me.key > list && refuse list
    assert_regex "$stderr" "line 7: a secret key"
    : > list && refuse list
    echo "# nobody" > list && refuse list
    echo "$me $me" > list && refuse list
    echo " $me" > list && refuse list
    printf '%s\0\n' "$me" > list && refuse list
    head -c 10M /dev/zero > list && refuse list
    refuse "$keys/ssh-rsa.pub"
    refuse nowhere 66
    refuse . 66
}

@test "what keygen prints is a file of recipients" {
    prepare
    cairn-keygen -y me.key > me.pub
    cairn-encrypt -R me.pub plain | age -d -i me.key | cmp - plain
}

@test "a passphrase cannot be combined with recipients" {
    prepare
    install -m 600 /dev/stdin phrase <<< "tulip"
    run -64 --separate-stderr cairn-encrypt -r "$me" --passphrase-file phrase plain
    assert_one_error cairn-encrypt
    : > phrase
    run -77 --separate-stderr cairn-encrypt --passphrase-file phrase plain
    assert_one_error cairn-encrypt
    chmod 640 phrase
    run -77 --separate-stderr cairn-encrypt --passphrase-file phrase plain
    assert_regex "$stderr" "chmod 600"
}

@test "an identity to encrypt to must be one, and its owner's alone" {
    prepare
    : > empty.key
    head -c 10M /dev/zero > large.key
    sed 's/$/\r/' me.key > crlf.key
    install -m 600 "$keys/minisign-encrypted" minisign.key
    chmod 600 ./*.key
    for key in empty large crlf minisign; do
        run -65 --separate-stderr cairn-encrypt -i $key.key plain
        assert_one_error cairn-encrypt
    done
    install -m 600 "$keys/ssh-encrypted" ssh.key
    run -77 --separate-stderr cairn-encrypt -i ssh.key plain
    assert_one_error cairn-encrypt
    chmod 644 me.key
    run -77 --separate-stderr cairn-encrypt -i me.key plain
    assert_one_error cairn-encrypt
    run -66 --separate-stderr cairn-encrypt -i nowhere plain
}

@test "an output that exists is replaced only with -f, and no link is followed" {
    prepare
    echo precious > file
    ln -s file link
    ln -s nowhere dangling
    for name in file link dangling; do
        run -73 --separate-stderr cairn-encrypt -r "$me" -o $name plain
        assert_one_error cairn-encrypt
        assert_regex "${stderr_lines[1]}" "-f"
    done
    assert_equal "$(files)" "dangling file link me.key plain "
    for name in link dangling; do
        cairn-encrypt -f -r "$me" -o $name plain
        assert [ ! -L $name ]
        age -d -i me.key $name | cmp - plain
    done
    assert_equal "$(cat file)" precious
    cairn-encrypt --force -r "$me" -o file plain
    age -d -i me.key file | cmp - plain
    assert_equal "$(files)" "dangling file link me.key plain "
    run -73 --separate-stderr cairn-encrypt -f -r "$me" -o . plain
    run -73 --separate-stderr cairn-encrypt -r "$me" -o nowhere/out plain
}

@test "a file can be replaced by its own encryption" {
    prepare
    cp plain both
    cairn-encrypt -f -r "$me" -o both both
    age -d -i me.key both | cmp - plain
}

@test "what goes wrong leaves the old output and nothing new" {
    prepare
    echo precious > out
    run -66 --separate-stderr cairn-encrypt -f -r "$me" -o out nowhere
    run -66 --separate-stderr cairn-encrypt -f -r "$me" -o out .
    run ! prlimit --fsize=100000 cairn-encrypt -f -r "$me" -o out plain
    assert_equal "$(cat out)" precious
    run ! prlimit --fsize=100000 cairn-encrypt -r "$me" -o new plain
    assert_equal "$(files)" "me.key out plain "
}

@test "binary data is not written to a terminal unasked" {
    prepare
    run -64 on_terminal "cairn-encrypt -i me.key plain"
    assert_output --partial "refusing to write binary data to a terminal"
    assert_output --partial "hint: "
    refute_output --partial "age-encryption.org"
    run -0 on_terminal "cairn-encrypt -i me.key -a me.key"
    assert_output --partial "BEGIN AGE ENCRYPTED FILE"
    on_terminal "cairn-encrypt -i me.key -o - plain" > out
    assert_equal "$(head -c 18 out)" "age-encryption.org"
}

@test "encrypt does not wait for what nobody types" {
    prepare
    run -64 on_terminal "cairn-encrypt -i me.key -o out"
    assert_output --partial "standard input is a terminal"
    assert [ ! -e out ]
}

@test "encrypt reports a full disk and closed descriptors" {
    prepare
    run -74 --separate-stderr bash -c 'cairn-encrypt -i me.key plain > /dev/full'
    assert_one_error cairn-encrypt
    run -74 --separate-stderr bash -c 'cairn-encrypt -a -i me.key me.key > /dev/full'
    run -74 --separate-stderr cairn-encrypt -i me.key -o /dev/full plain
    run -74 --separate-stderr bash -c 'cairn-encrypt -i me.key plain >&-'
    assert_one_error cairn-encrypt
    run -66 --separate-stderr bash -c 'cairn-encrypt -i me.key -o out <&-'
    assert_one_error cairn-encrypt
    assert [ ! -e out ]
    bash -c 'cairn-encrypt -i me.key -o out plain <&- >&- 2>&-'
    age -d -i me.key out | cmp - plain
}

@test "encrypt dies silently when nobody reads on" {
    prepare
    make_data 5000000 > large
    for trap in - "''"; do # also where a service manager ignores the signal
        run bash -c "trap $trap PIPE; cairn-encrypt -i me.key large 2> err | head -c 1 > byte
            echo \"\${PIPESTATUS[*]}\""
        assert_output "141 0"
        assert [ ! -s err ]
    done
}

# Ends an encryption from "in" to "out" in the midst: kill_at_work SIGNAL STATUS [OPTION]
kill_at_work() {
    # The shell lets what runs in the background ignore SIGINT.
    env --default-signal=INT cairn-encrypt "${@:3}" -r "$me" -o out in &
    local pid=$! status=0
    exec 9> in
    make_data 3000000 >&9 # more than a pipe holds: it is at work
    kill "-$1" "$pid"
    wait "$pid" || status=$?
    exec 9>&-
    assert_equal "$1 $status" "$1 $2"
}

@test "a signal ends encrypt and leaves no file" {
    prepare
    mkfifo in
    for signal in "TERM 143" "INT 130" "HUP 129" "KILL 137"; do
        # shellcheck disable=SC2086 # two words
        kill_at_work $signal
        assert_equal "$(files)" "in me.key plain "
    done
    echo precious > out
    kill_at_work TERM 143 -f
    kill_at_work KILL 137 -f
    assert_equal "$(cat out)" precious
    cairn-encrypt -f -r "$me" -o out plain
    age -d -i me.key out | cmp - plain
    assert_equal "$(files)" "in me.key out plain "
}

@test "numbers are plain and in range" {
    prepare
    for number in 0 -1 65 010 0x1 1.0 1k ' 1' +1 '' 99999999999999999999 18446744073709551617; do
        run -64 --separate-stderr cairn-encrypt -i me.key -j "$number" plain
        assert_one_error cairn-encrypt
        assert_regex "$stderr" "from 1 to 64"
    done
    cairn-encrypt -i me.key --threads=64 -o out plain
    run -64 --separate-stderr cairn-encrypt -i me.key -j 1 -j 2 plain
}

@test "names are names, whatever is in them" {
    prepare
    for name in $'new\nline' $'\e[31mred' $'bad\xff' '[a,b]' ' ' '-x' '++' "quote'"; do
        cp plain "./$name"
        cairn-encrypt -i me.key -o "$name.age" -- "$name"
        age -d -i me.key "./$name.age" | cmp - plain
        rm -- "$name" "$name.age"
    done
    run -66 --separate-stderr cairn-encrypt -i me.key $'a\n\e[2J\xff'
    assert_equal "$stderr" \
        "cairn-encrypt: error: cannot open 'a\\n\\x1b[2J\\xff': No such file or directory"
    run -64 --separate-stderr cairn-encrypt -i me.key plain plain
    assert_one_error cairn-encrypt
}

@test "the identity comes from standard input, a descriptor or a credential too" {
    prepare
    mkdir credentials
    install -m 400 me.key credentials/me
    # shellcheck disable=SC2094 # only read
    cairn-encrypt -i - plain < me.key | age -d -i me.key | cmp - plain
    # shellcheck disable=SC2094 # only read
    cairn-encrypt -i fd:7 plain 7< me.key | age -d -i me.key | cmp - plain
    CREDENTIALS_DIRECTORY=$PWD/credentials cairn-encrypt -i credential:me plain |
        age -d -i me.key | cmp - plain
}

@test "standard input cannot be both a secret and the data" {
    prepare
    for option in "-i -" "-R -" "--passphrase-file -" "--passphrase-fd 0" "-i fd:0"; do
        for input in '' -; do
            # shellcheck disable=SC2086 # words
            run -64 --separate-stderr cairn-encrypt $option -o out $input < me.key
            assert_one_error cairn-encrypt
            assert [ ! -e out ]
        done
    done
}

@test "a passphrase can be a credential too" {
    make_data 10 > plain
    mkdir credentials
    install -m 400 /dev/null credentials/phrase
    export CREDENTIALS_DIRECTORY=$PWD/credentials
    run -77 --separate-stderr cairn-encrypt --passphrase-file credential:phrase plain
    assert_regex "$stderr" "passphrase is empty"
}

@test "the environment changes nothing" {
    prepare
    export CAIRN_HOME=/nonexistent/$'\n' CAIRN_OUTPUT=out CAIRN_ARMOR=1 CAIRN_THREADS=many
    export CAIRN_PASSPHRASE=x CAIRN_RECIPIENT=nobody CAIRN_JSON=1
    run -0 --separate-stderr bash -c "cairn-encrypt -r $me plain | age -d -i me.key | cmp - plain"
    assert_equal "$stderr$output" ""
    assert_equal "$(files)" "me.key plain "
}

@test "encrypt speaks JSON on request, and the error comes last" {
    prepare
    cairn-encrypt --json -r "$me" -o out plain 2> events > result
    assert_equal "$(jq -c '[.v, .tool, .ev, .plain_bytes]' events)" \
        '[1,"cairn-encrypt","summary",300000]'
    assert [ ! -s result ]
    run -73 --separate-stderr cairn-encrypt --json -r "$me" -o out plain
    assert_json_error cairn-encrypt cantcreat 73
    run -66 --separate-stderr cairn-encrypt --json -r "$me" --progress=json -o new nowhere
    assert_json_error cairn-encrypt noinput 66
    run -64 --separate-stderr cairn-encrypt --json -r $'\e[2J\xff' plain
    assert_json_error cairn-encrypt usage 64
    run -74 --separate-stderr bash -c "cairn-encrypt --json --progress=json -r $me plain > /dev/full"
    assert_json_error cairn-encrypt ioerr 74
    run -0 --separate-stderr cairn-encrypt -q --json -r "$me" -o quiet plain
    assert_equal "$stderr" ""
}

@test "progress is silent, plain or JSON, as is asked" {
    prepare
    run -0 --separate-stderr cairn-encrypt -r "$me" -o 1 plain
    assert_equal "$stderr" ""
    run -0 --separate-stderr cairn-encrypt -r "$me" --progress=plain -o 2 plain
    assert_regex "$stderr" "^cairn-encrypt: encrypt 100%, 292.97 KiB of 292.97 KiB, "
    run -0 --separate-stderr cairn-encrypt -r "$me" --progress=json -o 3 plain
    assert_equal "$(jq -c '[.v, .tool, .ev, .phase, .done_bytes, .total_bytes]' <<< "$stderr")" \
        '[1,"cairn-encrypt","progress","encrypt",300000,300000]'
    run -0 --separate-stderr bash -c "cairn-encrypt -r $me --progress=json < plain 2>&1 > 4 | cat"
    jq -e .done_bytes <<< "$output" > /dev/null
    for mode in none auto; do
        run -0 --separate-stderr cairn-encrypt -r "$me" --progress=$mode -o $mode plain
        assert_equal "$stderr" ""
    done
    run -64 --separate-stderr cairn-encrypt -r "$me" --progress=fast plain
    assert_one_error cairn-encrypt
}

@test "SIGUSR1 tells how far it is and disturbs nothing" {
    prepare
    mkfifo in
    cairn-encrypt -r "$me" -o out.age in 2> err &
    pid=$!
    exec 9> in
    make_data 3000000 >&9 # more than a pipe holds: it is at work
    kill -USR1 "$pid"
    until [ -s err ]; do kill -0 "$pid"; done
    exec 9>&-
    wait "$pid"
    assert_regex "$(cat err)" "^cairn-encrypt: encrypt .* so far$"
    age -d -i me.key out.age | cmp - <(make_data 3000000)
}

# Many files.

@test "each file of a list is encrypted on its own, in a directory made for them" {
    prepare
    mkdir in
    for size in 0 1 70000; do make_data $size > in/$size; done
    printf 'in/%s\n' 0 1 70000 > list
    run -0 --separate-stderr cairn-encrypt -r "$me" --files-from list -d out
    assert_equal "$output$stderr" ""
    for size in 0 1 70000; do age -d -i me.key out/$size.age | cmp - in/$size; done
    assert_equal "$(cd out && files)" "0.age 1.age 70000.age "
    printf 'in/0\nin/1' | cairn-encrypt -a -r "$me" --files-from - -d out2
    for size in 0 1; do age -d -i me.key out2/$size.age | cmp - in/$size; done
    assert_equal "$(head -n 1 out2/1.age)" "-----BEGIN AGE ENCRYPTED FILE-----"
}

@test "a list can end its names in NUL" {
    prepare
    mkdir in
    for name in $'new\nline' ' ' '-x' '*' $'bad\xff' "--"; do cp plain "in/$name"; done
    find in -type f -print0 | cairn-encrypt -r "$me" --files-from - -0 -d out
    for name in $'new\nline' ' ' '-x' '*' $'bad\xff' "--"; do
        age -d -i me.key "out/$name.age" | cmp - plain
    done
    assert_equal "$(find out -type f -print0 | tr -dc '\0' | wc -c)" 6
    printf 'in/-x' | cairn-encrypt -r "$me" --files-from - --null -d out2
    age -d -i me.key out2/-x.age | cmp - plain
}

@test "thousands of files go in one run" {
    prepare
    mkdir in
    seq 2500 | while read -r i; do echo "$i" > "in/$i"; done
    find in -type f | cairn-encrypt -r "$me" --files-from - -d out
    assert_equal "$(find out -type f -name '*.age' | wc -l)" 2500
    assert_equal "$(find out | wc -l)" 2501
    for i in 1 777 2500; do assert_equal "$(age -d -i me.key "out/$i.age")" $i; done
}

@test "a file that is missing is named, and the others are encrypted" {
    prepare
    mkdir directory
    printf 'plain\nnowhere\ndirectory\nme.key\n' > list
    run -3 --separate-stderr cairn-encrypt -r "$me" --files-from list -d out
    assert_equal "$output" ""
    assert_regex "$stderr" "'nowhere'"
    assert_regex "$stderr" "'directory'"
    assert_regex "${stderr_lines[-1]}" "^cairn-encrypt: error: 2 of 4 files"
    assert_equal "$(cd out && files)" "me.key.age plain.age "
    run -3 --separate-stderr cairn-encrypt --json -r "$me" --files-from list -d out2
    assert_json_error cairn-encrypt partial 3
    assert_equal "$(jq -s 'map(select(.ev == "warning")) | length' <<< "$stderr")" 2
    assert_equal "$(jq -c 'select(.ev == "summary") | [.files, .failed]' <<< "$stderr")" '[2,2]'
}

@test "a file that is missing is named even with -q" {
    prepare
    printf 'plain\nnowhere\n' > list
    run -3 --separate-stderr cairn-encrypt -q -r "$me" --files-from list -d out
    assert_regex "$stderr" "'nowhere'"
}

@test "hostile names in a list are escaped in messages" {
    prepare
    printf 'plain\0a\nb\e[2J\xff\0' > list
    run -3 --separate-stderr cairn-encrypt -r "$me" -0 --files-from list -d out
    assert_regex "$stderr" "'a\\\\nb\\\\x1b\\[2J\\\\xff'"
    refute_regex "$stderr" $'\e'
}

@test "files of a list that exist are replaced only with -f, and no link is followed" {
    prepare
    mkdir out
    echo precious > out/plain.age
    echo precious > target
    ln -s ../target out/me.key.age
    printf 'plain\nme.key\n' > list
    run -73 --separate-stderr cairn-encrypt -r "$me" --files-from list -d out
    assert_regex "$stderr" "exists already"
    assert_equal "$(cat out/plain.age target)" $'precious\nprecious'
    echo list >> list
    run -3 --separate-stderr cairn-encrypt -r "$me" --files-from list -d out
    assert_equal "$(cat out/plain.age target)" $'precious\nprecious'
    rm out/list.age
    cairn-encrypt -f -r "$me" --files-from list -d out
    assert_equal "$(cat target)" precious
    for name in plain me.key list; do age -d -i me.key out/$name.age | cmp - $name; done
    assert_equal "$(cd out && files)" "list.age me.key.age plain.age "
}

@test "two files that would get one name are refused before anything is written" {
    prepare
    mkdir a b
    cp plain a/x && cp plain b/x
    for list in 'a/x\nb/x\n' 'plain\nplain\n' 'plain\n./plain\n'; do
        # shellcheck disable=SC2059 # a format it is
        printf "$list" > list
        run -64 --separate-stderr cairn-encrypt -r "$me" --files-from list -d out
        assert_one_error cairn-encrypt
        assert [ ! -e out ]
    done
}

@test "a list that is none is refused" {
    prepare
    echo plain > list
    for lines in 'plain\n\nlist\n' '\n'; do
        # shellcheck disable=SC2059 # a format it is
        printf "$lines" > bad
        run -65 --separate-stderr cairn-encrypt -r "$me" --files-from bad -d out
        assert_one_error cairn-encrypt
    done
    for name in .. . a/ a/..; do
        echo "$name" > bad
        run -64 --separate-stderr cairn-encrypt -r "$me" --files-from bad -d out
        assert_one_error cairn-encrypt
    done
    run -66 --separate-stderr cairn-encrypt -r "$me" --files-from nowhere -d out
    assert_one_error cairn-encrypt
    assert [ ! -e out ]
    for line in "--files-from list" "--files-from list -d out plain" "-d out plain" "-0 plain" \
        "--files-from list -d out -o x"; do
        # shellcheck disable=SC2086 # words
        run -64 --separate-stderr cairn-encrypt -r "$me" $line
        assert_one_error cairn-encrypt
    done
    run -64 --separate-stderr cairn-encrypt --files-from list -d out
    run -73 --separate-stderr cairn-encrypt -r "$me" --files-from list -d plain
    assert_one_error cairn-encrypt
    assert_equal "$(files)" "bad list me.key plain "
}

@test "the examples of encrypt's help work" {
    prepare
    mkdir docs && cp plain docs
    cp plain note.txt
    cairn-keygen -o bob.key | sed -n 's/^address: //p' > bob.pub
    run_examples cairn-encrypt
    age -d -i me.key docs.age | tar -t | grep -qx docs/plain
    age -d -i bob.key note.age | cmp - note.txt
}
