# Decryption: cairn-decrypt(1), cairn-age(5).
# shellcheck disable=SC2154 # helper and run set them
load helper
load data/filters

# An identity, its recipient, and a file of five chunks.
prepare() {
    install -m 600 "$keys/identity-zero" me.key
    me=$(cairn-keygen -y --recipient me.key)
    make_data 300000 > plain
}

# Decrypt finds the file bad: no output file, and in a pipe only what is true. assert_damaged FILE
assert_damaged() {
    run -65 --separate-stderr cairn-decrypt -i me.key -o out "$1"
    assert_one_error cairn-decrypt
    assert [ ! -e out ]
    for threads in 1 2; do
        cairn-decrypt -j $threads -i me.key < "$1" > piped 2> err && status=0 || status=$?
        assert_equal "$status" 65
        assert_strict_prefix piped plain
    done
}

@test "decrypt opens what age writes, of all sizes, armored or not" {
    prepare
    for size in 0 1 65535 65536 65537 131072 262143 262144 262145 1048576 1048577; do
        make_data $size > in
        age -r "$me" -o binary.age in
        cairn-decrypt -i me.key binary.age | cmp - in
        age -a -r "$me" in | cairn-decrypt -i me.key -o "out$size"
        cmp "out$size" in
    done
}

@test "decrypt opens what encrypt writes, of all sizes, with any number of threads" {
    prepare
    for size in 0 1 65536 65537 262144 262145 1048577; do
        make_data $size > in
        for threads in 1 2 7; do
            cairn-encrypt -i me.key -j $threads in | cairn-decrypt -i me.key -j $threads | cmp - in
            cairn-encrypt -a -i me.key in | cairn-decrypt -i me.key -j $threads - | cmp - in
        done
    done
}

@test "decrypt opens what age writes for keys of SSH and of age" {
    prepare
    install -m 600 "$keys/ssh-ed25519" ssh.key
    age-keygen -o age.key 2> /dev/null
    age-keygen 2> /dev/null >> age.key
    age -R "$keys/ssh-ed25519.pub" plain | cairn-decrypt -i ssh.key | cmp - plain
    for recipient in $(age-keygen -y age.key); do
        age -r "$recipient" plain | cairn-decrypt -i age.key | cmp - plain
    done
    sed -i 's/$/\r/' age.key
    age -r "$recipient" plain | cairn-decrypt -i age.key | cmp - plain
}

@test "the file is opened by whichever identity can" {
    prepare
    cairn-keygen -q -o you.key
    cairn-keygen -q -o they.key
    age -r "$me" -r "$(cairn-keygen -y --recipient you.key)" -o both.age plain
    cairn-decrypt -i they.key -i you.key both.age | cmp - plain
    cairn-decrypt -i me.key -i they.key both.age | cmp - plain
    cairn-decrypt -i you.key -i me.key both.age | cmp - plain
    cat you.key me.key | grep -v '^#' > bundle.key
    chmod 600 bundle.key
    cairn-decrypt -i bundle.key both.age | cmp - plain
}

@test "decrypt opens what age writes for a passphrase" {
    make_data 70000 > plain
    answer tulip age -p -o x.age plain
    cairn-decrypt --passphrase-command 'printf tulip' x.age | cmp - plain
    run -77 --separate-stderr cairn-decrypt --passphrase-fd 3 -o out x.age 3<<< "rose"
    assert_one_error cairn-decrypt
    assert_regex "$stderr" "wrong passphrase"
    cairn-keygen -q -o me.key
    run -77 --separate-stderr cairn-decrypt -i me.key -o out x.age
    assert_one_error cairn-decrypt
    assert [ ! -e out ]
}

@test "decrypt asks for the passphrase on the terminal and not on its streams" {
    echo hello | cairn-encrypt --passphrase-command 'echo tulip' -o x.age
    run -0 answer tulip bash -c 'cairn-decrypt -p < x.age > out 2> err'
    assert_equal "$(cat out)" hello
    assert [ ! -s err ]
    refute_output --partial tulip
    run -64 --separate-stderr setsid -w cairn-decrypt -p x.age
    assert_one_error cairn-decrypt
}

@test "an identity that has a passphrase opens files too" {
    prepare
    install -m 600 /dev/stdin phrase <<< "tulip"
    cairn-keygen --passphrase-file phrase -o locked.key > locked.pub
    age -r "$(sed -n 's/^recipient: //p' locked.pub)" -o x.age plain
    cairn-decrypt -i locked.key --passphrase-file phrase x.age | cmp - plain
}

@test "a truncated file is status 65, no file, and a strict prefix in a pipe" {
    prepare
    age -r "$me" -o whole.age plain
    size=$(stat -c %s whole.age)
    header=$((size - 16 - 300000 - 5 * 16))
    chunk=$((65536 + 16))
    for cut in 0 1 21 22 100 $((header - 1)) "$header" $((header + 1)) $((header + 15)) \
        $((header + 16)) $((header + 17)) $((header + 31)) $((header + 16 + chunk - 1)) \
        $((header + 16 + chunk)) $((header + 16 + chunk + 1)) $((header + 16 + chunk + 16)) \
        $((header + 16 + 4 * chunk)) $((header + 16 + 4 * chunk + 15)) $((size - 17)) \
        $((size - 16)) $((size - 1)); do
        head -c "$cut" whole.age > cut.age
        assert_damaged cut.age
    done
}

@test "a file whose last chunk is full is not taken for one that goes on" {
    prepare
    make_data 131072 > plain
    age -r "$me" -o whole.age plain
    size=$(stat -c %s whole.age)
    for cut in $((size - 1)) $((size - 65536 - 16)) $((size - 65536 - 17)); do
        head -c "$cut" whole.age > cut.age
        assert_damaged cut.age
    done
}

@test "a flipped bit is status 65, no file, and a strict prefix in a pipe" {
    prepare
    age -r "$me" -o whole.age plain
    size=$(stat -c %s whole.age)
    header=$((size - 16 - 300000 - 5 * 16))
    for offset in 0 20 21 22 "$((header - 10))" "$((header - 1))" "$header" $((header + 16)) \
        $((header + 16 + 65536)) $((header + 16 + 65552)) $((size - 37856 - 16)) $((size - 16)) \
        $((size - 1)); do
        cp whole.age bad.age
        flip bad.age "$offset"
        assert_damaged bad.age
    done
    # In the last of the chunks: all before it are given out.
    assert_equal "$(stat -c %s piped)" 262144
}

@test "chunks that are swapped, doubled, left out or added are found" {
    prepare
    age -r "$me" -o whole.age plain
    size=$(stat -c %s whole.age)
    header=$((size - 300000 - 5 * 16)) # with the nonce
    head -c "$header" whole.age > front
    tail -c "+$((header + 1))" whole.age | split -b 65552 - part.
    cat front part.ab part.aa part.ac part.ad part.ae > bad.age && assert_damaged bad.age
    cat front part.aa part.aa part.ab part.ac part.ad part.ae > bad.age && assert_damaged bad.age
    cat front part.aa part.ac part.ad part.ae > bad.age && assert_damaged bad.age
    cat front part.aa part.ab part.ac part.ae > bad.age && assert_damaged bad.age
    cp front bad.age && assert_damaged bad.age
    # All is there and true, but more follows: still an error.
    for more in part.ae part.aa /dev/zero; do
        { cat whole.age && head -c 100 $more; } > bad.age
        run -65 --separate-stderr cairn-decrypt -i me.key -o out bad.age
        assert_one_error cairn-decrypt
        assert [ ! -e out ]
    done
    { cat whole.age && echo; } > bad.age
    run -65 --separate-stderr cairn-decrypt -i me.key -o out bad.age
    assert [ ! -e out ]
}

@test "the example of cairn-age(5) is true" {
    prepare
    sed -n '/^-----BEGIN AGE/,/^-----END AGE/p' "$root/man/cairn-age.5" | tail -n 7 > x.age
    assert_equal "$(cairn-decrypt -i me.key x.age)" hello
    assert_equal "$(age -d -i me.key x.age)" hello
}

@test "armor is read strictly" {
    prepare
    cairn-encrypt -a -r "$me" plain > good.age
    sed 's/$/\r/' good.age | cairn-decrypt -i me.key | cmp - plain
    (printf ' \n\t\n' && cat good.age && printf '\n \n') | cairn-decrypt -i me.key | cmp - plain
    head -n -1 good.age > bad.age && assert_damaged bad.age
    head -n 50 good.age > bad.age && assert_damaged bad.age
    sed '50d' good.age > bad.age && assert_damaged bad.age
    sed '50s/./*/' good.age > bad.age && assert_damaged bad.age
    sed '50s/.$//' good.age > bad.age && assert_damaged bad.age
    sed '50s/^/ /' good.age > bad.age && assert_damaged bad.age
    sed '50s/$/ /' good.age > bad.age && assert_damaged bad.age
    sed '50s/$/\n/' good.age > bad.age && assert_damaged bad.age
    sed '1s/AGE/age/' good.age > bad.age && assert_damaged bad.age
    sed '$s/AGE/AGED/' good.age > bad.age && assert_damaged bad.age
    for more in x "$(head -n 1 good.age)"; do
        (cat good.age && echo "$more") > bad.age
        run -65 --separate-stderr cairn-decrypt -i me.key -o out bad.age
        assert_one_error cairn-decrypt
        assert [ ! -e out ]
    done
}

@test "what is no age file is status 65" {
    prepare
    : > empty
    echo "age-encryption.org/v2" > v2
    head -c 10M /dev/zero > zero
    (printf 'age-encryption.org/v1\n-> X25519 ' && head -c 2M /dev/zero | tr '\0' 'A') > endless
    for file in empty v2 zero endless plain me.key; do
        run -65 --separate-stderr cairn-decrypt -i me.key -o out $file
        assert_one_error cairn-decrypt
        assert [ ! -e out ]
    done
}

@test "the wrong identity is status 77 and no file" {
    prepare
    cairn-encrypt -r "$me" -o x.age plain
    cairn-keygen -q -o you.key
    install -m 600 "$keys/ssh-ed25519" ssh.key
    age-keygen -o age.key 2> /dev/null
    for key in you ssh age; do
        run -77 --separate-stderr cairn-decrypt -i $key.key -o out x.age
        assert_one_error cairn-decrypt
        assert [ ! -e out ]
    done
    run -77 --separate-stderr cairn-decrypt --passphrase-command 'echo tulip' -o out x.age
    assert_one_error cairn-decrypt
    run -64 --separate-stderr cairn-decrypt x.age
    assert_one_error cairn-decrypt
}

@test "an identity of the wrong kind is status 65, one that others can touch 77" {
    prepare
    cairn-encrypt -r "$me" -o x.age plain
    : > empty.key
    echo "# nothing" > comment.key
    head -c 10M /dev/zero > large.key
    head -c 10M /dev/zero | tr '\0' '\n' > lines.key
    sed 's/$/\r/' me.key > crlf.key
    head -c 300 me.key > cut.key
    tail -n 1 me.key | tr '[:upper:]' '[:lower:]' > lower.key
    tail -n 1 me.key | sed 's/..$//' > short.key
    tail -n 1 me.key | sed 's/^/ /' > blank.key
    cp "$keys/minisign-encrypted" minisign.key
    cp "$keys/signify-secret" signify.key
    cairn-keygen -y --recipient me.key > public.key
    cp x.age age.key
    head -n 3 "$keys/ssh-ed25519" > cutssh.key
    chmod 600 ./*.key
    for key in empty comment large lines crlf cut lower short blank minisign signify public cutssh; do
        run -65 --separate-stderr cairn-decrypt -i $key.key -o out x.age
        assert_one_error cairn-decrypt
        assert_regex "$stderr" "'$key.key'"
        refute_regex "${stderr^^}" "SECRET-KEY-1"
        assert [ ! -e out ]
    done
    install -m 600 "$keys/ssh-encrypted" ssh.key
    run -77 --separate-stderr cairn-decrypt -i ssh.key x.age
    assert_one_error cairn-decrypt
    assert_regex "${stderr_lines[1]}" "ssh-keygen -p"
    chmod 644 me.key
    run -77 --separate-stderr cairn-decrypt -i me.key x.age
    assert_one_error cairn-decrypt
    run -66 --separate-stderr cairn-decrypt -i nowhere x.age
    assert_one_error cairn-decrypt
    run -66 --separate-stderr cairn-decrypt -i . x.age
}

@test "a secret given for a file is not repeated" {
    prepare
    run --separate-stderr cairn-decrypt -i "$(tail -n 1 me.key)" plain
    assert [ "$status" -ne 0 ]
    refute_regex "$stderr" "SECRET-KEY-1"
}

@test "an output that exists is replaced only with -f, and no link is followed" {
    prepare
    cairn-encrypt -r "$me" -o x.age plain
    echo precious > file
    ln -s file link
    ln -s nowhere dangling
    for name in file link dangling; do
        run -73 --separate-stderr cairn-decrypt -i me.key -o $name x.age
        assert_one_error cairn-decrypt
    done
    for name in link dangling; do
        cairn-decrypt -f -i me.key -o $name x.age
        assert [ ! -L $name ]
        cmp $name plain
    done
    assert_equal "$(cat file)" precious
    cairn-decrypt --force -i me.key -o file x.age
    cmp file plain
    head -c 200000 x.age > cut.age
    run -65 --separate-stderr cairn-decrypt -f -i me.key -o file cut.age
    cmp file plain
    run -73 --separate-stderr cairn-decrypt -f -i me.key -o . x.age
    run -73 --separate-stderr cairn-decrypt -i me.key -o nowhere/out x.age
    assert_equal "$(files)" "cut.age dangling file link me.key plain x.age "
}

@test "a producer that dies is an error at the end of the pipe" {
    prepare
    make_data 3000000 > large
    cairn-encrypt -r "$me" -o large.age large
    run bash -c '(head -c 1000000 large.age; exit 9) | cairn-decrypt -i me.key > out 2> err
        echo "${PIPESTATUS[*]}"'
    assert_output "9 65"
    assert_strict_prefix out large
    assert_regex "$(cat err)" "^cairn-decrypt: error: the encrypted data is (damaged or )?truncated$"
    rm out
    # shellcheck disable=SC2016 # not expanded here
    run -65 bash -c 'set -o pipefail
        cairn-encrypt -r "$0" large | head -c 500000 | cairn-decrypt -i me.key -o out' "$me"
    assert [ ! -e out ]
    mkfifo in between
    cairn-encrypt -r "$me" in > between &
    producer=$!
    cairn-decrypt -i me.key -o out between &
    pid=$!
    exec 9> in
    cat large >&9
    kill -TERM "$producer"
    wait "$pid" && status=0 || status=$?
    exec 9>&-
    assert_equal "$status" 65
    assert [ ! -e out ]
}

@test "text may go to a terminal, other data only when asked" {
    prepare
    printf 'hello\n\tGr\xc3\xbc\xc3\x9fe\n' | cairn-encrypt -r "$me" -o text.age
    run -0 on_terminal "cairn-decrypt -i me.key text.age"
    assert_output --partial $'hello\r'
    # The last two are control characters of eight bits, alone and in UTF-8.
    for data in 'x\x1b[2Jy' 'a\x00b' '\x07' '\x9b2J' '\xc2\x9b2J'; do
        printf '%b' "$data" | cairn-encrypt -r "$me" -o binary.age -f
        run -64 on_terminal "cairn-decrypt -i me.key binary.age"
        assert_output --partial "refusing to write binary data to a terminal"
        assert_output --partial "hint: "
    done
    printf 'a\e[2Jb' | cairn-encrypt -r "$me" -o binary.age -f
    on_terminal "cairn-decrypt -i me.key -o - binary.age" > out
    grep -q $'a\e\[2Jb' out
}

@test "decrypt does not wait for what nobody types" {
    prepare
    run -64 on_terminal "cairn-decrypt -i me.key -o out"
    assert_output --partial "standard input is a terminal"
    assert [ ! -e out ]
}

@test "decrypt reports a full disk and closed descriptors" {
    prepare
    cairn-encrypt -r "$me" -o x.age plain
    run -74 --separate-stderr bash -c 'cairn-decrypt -i me.key x.age > /dev/full'
    assert_one_error cairn-decrypt
    run -74 --separate-stderr cairn-decrypt -i me.key -o /dev/full x.age
    run -74 --separate-stderr bash -c 'cairn-decrypt -i me.key x.age >&-'
    assert_one_error cairn-decrypt
    run -66 --separate-stderr bash -c 'cairn-decrypt -i me.key -o out <&-'
    assert_one_error cairn-decrypt
    run -66 --separate-stderr cairn-decrypt -i fd:77 x.age
    assert_one_error cairn-decrypt
    run ! prlimit --fsize=100000 cairn-decrypt -i me.key -o out x.age
    assert [ ! -e out ]
    bash -c 'cairn-decrypt -i me.key -o out x.age <&- >&- 2>&-'
    cmp out plain
}

@test "decrypt dies silently when nobody reads on" {
    prepare
    make_data 5000000 | cairn-encrypt -r "$me" -o x.age
    run bash -c 'trap "" PIPE; cairn-decrypt -i me.key x.age 2> err | head -c 1 > byte
        echo "${PIPESTATUS[*]}"'
    assert_output "141 0"
    assert [ ! -s err ]
}

@test "a signal ends decrypt and leaves no file" {
    prepare
    make_data 5000000 | cairn-encrypt -r "$me" -o x.age
    mkfifo in
    for signal in "TERM 143" "INT 130" "KILL 137"; do
        env --default-signal=INT cairn-decrypt -i me.key -o out in &
        pid=$!
        exec 9> in
        head -c 3000000 x.age >&9 # more than a pipe holds: it is at work
        kill "-${signal% *}" "$pid"
        wait "$pid" && status=0 || status=$?
        exec 9>&-
        assert_equal "$status" "${signal#* }"
        assert_equal "$(files)" "in me.key plain x.age "
    done
}

@test "SIGUSR1 tells how far it is and disturbs nothing" {
    prepare
    make_data 5000000 > large
    cairn-encrypt -r "$me" -o x.age large
    mkfifo in
    cairn-decrypt --json -i me.key -o out in 2> err &
    pid=$!
    exec 9> in
    head -c 3000000 x.age >&9
    kill -USR1 "$pid"
    until [ -s err ]; do kill -0 "$pid"; done
    tail -c +3000001 x.age >&9
    exec 9>&-
    wait "$pid"
    cmp out large
    assert_equal "$(head -n 1 err | jq -c '[.ev, .phase]')" '["progress","decrypt"]'
}

@test "numbers are plain and in range" {
    prepare
    cairn-encrypt -r "$me" -o x.age plain
    for number in 0 -1 65 010 0x1 1.0 1k ' 1' +1 '' 99999999999999999999; do
        run -64 --separate-stderr cairn-decrypt -i me.key -j "$number" -o out x.age
        assert_one_error cairn-decrypt
        assert_regex "$stderr" "from 1 to 64"
    done
    cairn-decrypt -i me.key -j64 x.age | cmp - plain
}

@test "names are names, whatever is in them" {
    prepare
    for name in $'new\nline' $'\e[31mred' $'bad\xff' '[a,b]' ' ' '-x' '++' "quote'"; do
        cairn-encrypt -r "$me" -o "$name" plain
        cp me.key "./$name.key"
        cairn-decrypt -i "$name.key" -o "$name.out" -- "$name"
        cmp plain "./$name.out"
        rm -- "$name" "$name.out" "$name.key"
    done
    run -66 --separate-stderr cairn-decrypt -i me.key $'a\n\e[2J\xff'
    assert_equal "$stderr" \
        "cairn-decrypt: error: cannot open 'a\\n\\x1b[2J\\xff': No such file or directory"
    run -66 --separate-stderr cairn-decrypt -i me.key ''
    run -64 --separate-stderr cairn-decrypt -i me.key plain plain
}

@test "the identity comes from standard input, a descriptor or a credential too" {
    prepare
    mkdir credentials
    install -m 400 me.key credentials/me
    cairn-encrypt -r "$me" -o x.age plain
    cairn-decrypt -i - x.age < me.key | cmp - plain
    cairn-decrypt -i fd:7 x.age 7< me.key | cmp - plain
    CREDENTIALS_DIRECTORY=$PWD/credentials cairn-decrypt -i credential:me x.age | cmp - plain
    run -78 --separate-stderr env -u CREDENTIALS_DIRECTORY cairn-decrypt -i credential:me x.age
    assert_one_error cairn-decrypt
}

@test "standard input cannot be both a secret and the data" {
    prepare
    run -64 --separate-stderr cairn-decrypt -i - < me.key
    assert_one_error cairn-decrypt
    run -64 --separate-stderr cairn-decrypt --passphrase-fd 0 < plain
    assert_one_error cairn-decrypt
}

@test "the environment changes nothing" {
    prepare
    cairn-encrypt -r "$me" -o x.age plain
    export CAIRN_HOME=/nonexistent/$'\n' CAIRN_OUTPUT=out CAIRN_IDENTITY=/none CAIRN_THREADS=many
    cairn-decrypt -i me.key x.age | cmp - plain
    run -64 --separate-stderr cairn-decrypt x.age
    assert_equal "$(files)" "me.key plain x.age "
}

@test "decrypt speaks JSON on request, and the error comes last" {
    prepare
    cairn-encrypt -r "$me" -o x.age plain
    cairn-decrypt --json -i me.key -o out x.age 2> events > result
    assert_equal "$(jq -c '[.v, .tool, .ev, .plain_bytes]' events)" \
        '[1,"cairn-decrypt","summary",300000]'
    assert [ ! -s result ]
    run -73 --separate-stderr cairn-decrypt --json -i me.key -o out x.age
    assert_json_error cairn-decrypt cantcreat 73
    flip x.age 290000
    run -65 --separate-stderr cairn-decrypt --json --progress=json -i me.key -o new x.age
    assert_json_error cairn-decrypt data 65
    cairn-keygen -q -o you.key
    run -77 --separate-stderr cairn-decrypt --json -i you.key -o new x.age
    assert_json_error cairn-decrypt noperm 77
    assert [ -n "$(jq -r .hint <<< "$stderr")" ]
    run -64 --separate-stderr cairn-decrypt --json x.age
    assert_json_error cairn-decrypt usage 64
}

@test "progress is silent, plain or JSON, as is asked" {
    prepare
    cairn-encrypt -r "$me" -o x.age plain
    run -0 --separate-stderr cairn-decrypt -i me.key -o 1 x.age
    assert_equal "$stderr" ""
    run -0 --separate-stderr cairn-decrypt -i me.key --progress=plain -o 2 x.age
    assert_regex "$stderr" "^cairn-decrypt: decrypt (100|99)%, "
    run -0 --separate-stderr cairn-decrypt -i me.key --progress=json -o 3 x.age
    assert_equal "$(jq -c '[.ev, .phase, .done_bytes]' <<< "$stderr")" '["progress","decrypt",300000]'
    assert_equal "$(jq -c '.done_bytes <= .total_bytes' <<< "$stderr")" true
}

@test "the examples of decrypt's help work" {
    prepare
    mkdir docs && cp plain docs
    cairn-encrypt -r "$me" -o notes.age plain
    tar -c docs | cairn-encrypt -r "$me" -o backup.age
    rm -r docs
    run_examples cairn-decrypt
    cmp notes.txt plain
    cmp docs/plain plain
}
