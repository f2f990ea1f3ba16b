# Tags of shards, and the keys of storage proofs: cairn-tag(1), cairn-tags(5), cairn-audit-key(5).
# shellcheck disable=SC2154 # helper and run set them
load helper
load data/filters
load data/proofs

setup_file() {
    make_keys
}

setup() {
    copy_files
}

# The digits in the first example of a page that begins with these: example PAGE DIGITS
example() {
    awk -v front="$2" '/^\.Bd/ { on = 1; text = ""; next }
        /^\.Ed/ { gsub(/ /, "", text); if (index(text, front) == 1) { print text; exit } on = 0 }
        on { text = text $0 }' "$root/man/$1"
}

@test "keys and tags are those of the format pages" {
    seq 100 > shard
    cairn-tag -i me.key --sectors 4 --public audit --prover prover shard
    assert_equal "$(xxd -p -c 1000 shard.tag)" "$(example cairn-tags.5 434149524e)"
    assert_equal "$(sed 's/^cairn-audit-key://' audit | basenc -d --base64url 2> /dev/null |
        xxd -p -c 1000)" "$(example cairn-audit-key.5 861201)"
    assert_equal "841301$(example cairn-audit-key.5 861201)$(example cairn-audit-key.5 841301 |
        sed 's/.*theauditkey//')" "$(xxd -p -c 1000 prover)"
    assert_equal "$(cairn-tag --json -f -i me.key --sectors 4 shard | jq -r .key)" \
        "$(example cairn-audit-key.5 efb602)"
}

@test "the tags of all sizes are right, the same from a file and a pipe, with any number of threads" {
    for size in 0 1 30 31 32 247 248 249 495 496 497 50000 1100000; do
        make_data $size > shard
        cairn-tag -f -i me.key --sectors 8 -j 1 shard
        blocks=$(((size + 247) / 248))
        [ $blocks -gt 0 ] || blocks=1
        assert_equal "$(stat -c %s shard.tag)" $((160 + 48 * blocks + 64))
        cairn-verify tags -q --key me.prover shard
        for threads in 2 3 64; do
            # shellcheck disable=SC2002 # a pipe it shall be
            cat shard | cairn-tag -i me.key --sectors 8 -j $threads | cmp - shard.tag
        done
        cairn-tag -i me.key --sectors 8 -o - - < shard | cmp - shard.tag
        cairn-tag -i me.key --sectors 8 -o again shard
        cmp again shard.tag
        rm again
    done
}

@test "a block of one sector, and of very many" {
    for sectors in 1 2 4096; do
        cairn-tag -f -i me.key --sectors $sectors --public audit --prover prover
        assert_equal "$(stat -c %s prover)" $((48 * sectors +
            $(sed 's/^cairn-audit-key://' audit | basenc -d --base64url 2> /dev/null | wc -c) + 3 +
            $((48 * sectors < 256 ? 2 : 48 * sectors < 65536 ? 3 : 5))))
        for size in 0 $((31 * sectors)) $((31 * sectors + 1)); do
            make_data $size > shard
            cairn-tag -f -i me.key --sectors $sectors shard
            cairn-verify tags -q --key prover shard
            cairn-challenge --random -f -o question shard.tag
            cairn-prove storage --challenge question --key prover shard |
                cairn-verify storage -q --challenge question --key audit
        done
    done
    make_data 10 > shard
    for sectors in 0 65537 1k -1 ''; do
        run -64 --separate-stderr cairn-tag -f -i me.key --sectors "$sectors" shard
        assert_one_error cairn-tag
    done
    assert_equal "$(od -An -tu4 -j 12 -N 4 shard.tag | tr -d ' ')" 4096 # the last good one
}

@test "without --sectors there are 1024" {
    make_data 100000 > shard
    run -0 --separate-stderr cairn-tag --json -i me.key shard
    assert_equal "$stderr" ""
    assert_equal "$(jq -c '[.sectors, .size_bytes, .blocks, .tag_file_bytes]' <<< "$output")" \
        '[1024,100000,4,416]'
    assert_equal "$(jq -r .root <<< "$output")" "$(b3sum --no-names shard)"
    assert_equal "$(jq -r 'keys | join(" ")' <<< "$output")" \
        "blocks file key root sectors size_bytes tag_file_bytes"
    run -0 --separate-stderr cairn-tag --json -i me.key --public audit
    assert_equal "$(jq -c 'keys' <<< "$output")" '["key","sectors"]'
    # With the tags on standard output it is an event.
    cairn-tag --json -i me.key < shard 2> events | cmp - shard.tag
    assert_equal "$(jq -c '[.ev, .blocks]' events)" '["summary",4]'
    run -0 --separate-stderr cairn-tag -f -i me.key shard
    assert_equal "$output$stderr" ""
}

@test "keys are the same each time, those of each identity others, and of each number of sectors" {
    for who in me other; do
        cairn-tag -i $who.key --sectors 8 --public - | cmp - $who.audit
        cairn-tag -i $who.key --sectors 8 --prover - | cmp - $who.prover
        cairn-tag -i $who.key --sectors 9 --public - >> many
        cat $who.audit >> many
    done
    assert_equal "$(sort -u many | wc -l)" 4
    assert_equal "$(wc -l < me.audit)" 1
    # Both are public.
    (umask 022 && cairn-tag -f -i me.key --public audit --prover prover)
    assert_equal "$(stat -c %a audit prover | xargs)" "644 644"
    # All at once.
    make_data 1000 > shard
    cairn-tag -i me.key --sectors 8 --public a --prover p -o t shard
    cmp a me.audit
    cmp p me.prover
    cairn-verify tags -q --key p --tags t shard
}

@test "tags of an identity with a passphrase" {
    install -m 600 /dev/stdin phrase <<< "tulip"
    cairn-keygen --passphrase-file phrase -o locked.key > locked.pub
    make_data 1000 > shard
    cairn-tag -i locked.key --passphrase-command 'cat phrase' --prover locked.prover shard
    cairn-verify tags -q --key locked.prover -p "$(sed -n 's/^address: //p' locked.pub)" shard
    cairn-tag -i locked.key --passphrase-fd 3 -o again shard 3< phrase
    cmp again shard.tag
    cairn-tag -i locked.key --passphrase-file - -o third shard < phrase
    cmp third shard.tag
    rm shard.tag
    run -64 --separate-stderr setsid -w cairn-tag -i locked.key shard # nobody to ask
    run -77 --separate-stderr cairn-tag -i locked.key --passphrase-fd 3 shard 3<<< rose
    assert_one_error cairn-tag
    run -0 answer tulip cairn-tag -i locked.key -p shard
    cmp again shard.tag
}

@test "an identity of another kind, or none at all, cannot tag" {
    make_data 1000 > shard
    age-keygen -o age.key 2> /dev/null
    head -c 200 me.key > cut.key
    chmod 600 ./*.key
    for key in age cut; do
        run -65 --separate-stderr cairn-tag -i $key.key shard
        assert_one_error cairn-tag
    done
    run -66 --separate-stderr cairn-tag -i nowhere.key shard
    assert_one_error cairn-tag
    run -64 --separate-stderr cairn-tag shard
    assert_one_error cairn-tag
    chmod 644 me.key
    run -77 --separate-stderr cairn-tag -i me.key shard
    assert_one_error cairn-tag
    assert [ ! -e shard.tag ]
}

@test "standard input, output and each file are one thing each" {
    make_data 1000 > shard
    for arguments in "-i -" "-i - -" "-i me.key --passphrase-file -" \
        "-i - --passphrase-fd 0 shard"; do
        # shellcheck disable=SC2086 # words
        run -64 --separate-stderr cairn-tag $arguments < me.key
        assert_one_error cairn-tag
    done
    for outputs in "--public - --prover -" "--public - -o - shard" "--prover - - " \
        "--public /dev/stdout -o - shard" "--public x --prover x" "--prover x -o x shard"; do
        # shellcheck disable=SC2086 # words
        run -64 --separate-stderr cairn-tag -i me.key $outputs < shard
        assert_one_error cairn-tag
    done
    [ ! -e x ]
    cairn-tag -i - --sectors 8 --public audit < me.key
    cmp audit me.audit
    cairn-tag -i fd:4 --sectors 8 -o tags < shard 4< me.key
    cairn-verify tags -q --key me.prover --tags tags shard
}

@test "what is there is replaced only with -f, and nothing is written if one is there" {
    make_data 1000 > shard
    for taken in shard.tag audit prover; do
        echo precious > $taken
        run -73 --separate-stderr cairn-tag -i me.key --public audit --prover prover shard
        assert_one_error cairn-tag
        assert_equal "$(cat shard.tag audit prover 2> /dev/null)" precious
        rm $taken
    done
    echo precious > audit
    cairn-tag -f -i me.key --sectors 8 --public audit --prover prover shard
    cmp audit me.audit
    run -73 --separate-stderr cairn-tag -i me.key -o nowhere/tags shard
    assert_one_error cairn-tag
    run -73 --separate-stderr cairn-tag -f -i me.key -o . shard
    assert_one_error cairn-tag
}

@test "a shard that is not there leaves no tags and no keys" {
    mkdir directory
    for name in nowhere directory ''; do
        run -66 --separate-stderr cairn-tag -i me.key --public audit --prover prover -o tags "$name"
        assert_one_error cairn-tag
    done
    assert [ ! -e audit ] && assert [ ! -e prover ] && assert [ ! -e tags ]
    assert [ ! -e nowhere.tag ]
}

@test "tags want no input from a terminal and go to one only if told" {
    make_data 1000 > shard
    run -64 on_terminal "cairn-tag -i me.key < /dev/tty"
    assert_output --partial "standard input is a terminal"
    run -64 on_terminal "cairn-tag -i me.key < shard"
    assert_output --partial "refusing to write binary data to a terminal"
    run -0 on_terminal "cairn-tag -i me.key -o - shard"
    assert_output --partial CAIRNTAG
    run -64 on_terminal "cairn-tag -i me.key"
}

@test "tag reports a full disk" {
    make_data 1000 > shard
    run -74 --separate-stderr bash -c 'cairn-tag -i me.key -o - shard > /dev/full'
    assert_one_error cairn-tag
    run -74 --separate-stderr bash -c 'cairn-tag -i me.key --public - > /dev/full'
    assert_one_error cairn-tag
    run -74 --separate-stderr bash -c 'cairn-tag --json -i me.key shard > /dev/full'
}

@test "a signal ends tag and leaves no file" {
    mkfifo in
    cairn-tag -i me.key -o tags --public audit in &
    pid=$!
    exec 9> in
    make_data 3000000 >&9 # more than a pipe holds: it is at work
    kill -TERM "$pid"
    wait "$pid" && status=0 || status=$?
    exec 9>&-
    assert_equal "$status" 143
    assert [ ! -e tags ] && assert [ ! -e audit ]
}

@test "names are names, whatever is in them" {
    make_data 1000 > shard
    for name in $'new\nline' $'\e[31mred' $'bad\xff' '[a,b]' ' ' '-x' "quote'"; do
        cp shard "./$name"
        cairn-tag -i me.key --sectors 8 -- "$name"
        cairn-verify tags -q --key me.prover -- "$name"
        run -73 --separate-stderr cairn-tag -i me.key --sectors 8 -- "$name"
        assert_one_error cairn-tag
        run ! grep -qP '[^ -~]' <<< "${stderr_lines[0]}"
    done
}

@test "the environment changes nothing" {
    make_data 1000 > shard
    cairn-tag -i me.key shard
    export CAIRN_HOME=/nonexistent/$'\n' CAIRN_IDENTITY=/none CAIRN_OUTPUT=out CAIRN_SECTORS=7
    cairn-tag -i me.key -o - shard | cmp - shard.tag
    assert [ ! -e out ]
}

@test "tag's errors are JSON on request, and progress too" {
    make_data 1000 > shard
    run -66 --separate-stderr cairn-tag --json -i me.key nowhere
    assert_json_error cairn-tag noinput 66
    run -64 --separate-stderr cairn-tag --json shard
    assert_json_error cairn-tag usage 64
    cairn-tag -i me.key --progress=json shard 2> events
    assert_equal "$(tail -n 1 events | jq -c '[.tool, .ev, .phase, .done_bytes, .total_bytes]')" \
        '["cairn-tag","progress","tag",1000,1000]'
}

@test "the examples of tag's help and page work" {
    make_data 100000 > 000.shard
    rm me.audit me.prover
    run_examples cairn-tag
    cairn-verify tags -q --key me.prover 000.shard
    rm -f 000.shard* me.audit me.prover
    echo a note > note.txt
    sed -n 's/^\.Dl \$ //p' "$root/man/cairn-tag.1" > lines
    assert_equal "$(wc -l < lines)" 6
    bash -euo pipefail lines > told
    assert_regex "$(tail -n 1 told)" "^valid: 6 blocks of 6 shards of $(cat me.address)"
}
