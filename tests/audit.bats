# Providers that prove what they have: cairn-audit(1), and what cairn-put(1), cairn-repair(1) and
# cairn-rm(1) do with tags.
# shellcheck disable=SC2154 # helper and run set them
load helper
load network
load data/filters

setup() {
    cd "$BATS_TEST_TMPDIR" || return
    export CAIRN_HOME=$BATS_TEST_TMPDIR/home
    cairn-keygen -o me.key > public
}

# Providers 1 to N, and a tagged file that the first 6 of them hold: prepare N SIZE [OPTION of put...]
prepare() {
    local count=$1 size=$2
    shift 2
    start_providers "$count"
    make_data "$size" > file
    head -n 6 "$PROVIDERS" > six
    cairn-put --audit -i me.key --providers six --receipts receipts "$@" file > link
}

audit() {
    cairn-audit -i me.key --json "$@" @link
}

# What a provider has on its disk of shards is spoiled in so many places: spoil I PLACES
spoil() {
    local file size at
    find "$(provider "$1")/depot/shards" -type f -size +64k > files
    while read -r file; do
        size=$(stat -c %s "$file")
        for ((at = 0; at < size; at += size / $2)); do
            head -c 16 /dev/urandom | dd of="$file" bs=1 seek="$at" conv=notrunc status=none
        done
    done < files
    [ -s files ]
}

@test "all providers of a tagged object show that they have it, and a transcript shows it to others" {
    prepare 7 40000000
    run -0 --separate-stderr cairn-audit -i me.key -o transcript @link
    assert_equal "$stderr" ""
    assert_equal "$(wc -l <<< "$output")" 6
    assert_equal "$(cut -f 1,2 <<< "$output" | sort -u)" $'passed\t4'
    assert_equal "$(cut -f 4 <<< "$output" | sort)" "$(sort six)"

    # Somebody else checks it, with public keys alone.
    cairn-tag -i me.key --public me.audit
    run -0 cairn-verify transcript --key me.audit -p "$(cairn-keygen -y --address me.key)" transcript
    assert_equal "$(cut -f 2 <<< "$output" | sort -u)" passed
    cairn-keygen -o other.key > other
    cairn-tag -i other.key --public other.audit
    run -1 cairn-verify transcript --key other.audit transcript
    run -1 cairn-verify transcript -p "$(cairn-keygen -y --address other.key)" transcript

    # Or asks himself, without the key of the object.
    cairn-share --locator @link > locator
    run -0 --separate-stderr cairn-audit --key me.audit -i other.key --json -o second @locator
    assert_equal "$(jq -c '[.good, .missing, (.providers | length), .shards]' <<< "$output")" \
        '[true,0,6,19]'
    run -0 cairn-verify transcript --key me.audit -p "$(cairn-keygen -y --address other.key)" second
    run ! cmp -s transcript second
    run -0 cairn-audit --key me.audit @locator
}

@test "small objects, empty ones and public ones are audited too" {
    start_providers 6
    echo greetings > small
    : > empty
    make_data 300000 > public.file
    local name
    for name in small empty public.file; do
        cairn-put --audit -i me.key $([[ $name != public.file ]] || echo --public) "$name" > link
        run -0 audit
        assert_equal "$(jq -c '[.good, .missing]' <<< "$output")" '[true,0]'
    done
    # The same again: what is there is not sent again, and stays tagged.
    run -0 cairn-put --audit --json -i me.key --public public.file
    assert_equal "$(jq -c '[.is_complete, .is_tagged]' <<< "$output")" '[true,true]'
    cairn-put -i me.key small > link
    run -1 --separate-stderr audit
    assert_equal "$(jq -r '.providers[].outcome' <<< "$output" | sort -u)" refused
    assert_regex "$stderr" "no tags"
}

@test "who has lost or changed what it has is named, and a quiet run says only that" {
    prepare 6 20000000
    spoil 3 200
    run -1 --separate-stderr audit -n 64 -o transcript
    assert_equal "$(jq -r '[.providers[] | select(.outcome != "passed")] | length' <<< "$output")" 1
    run -1 --separate-stderr cairn-audit -q -i me.key -n 64 @link
    assert_equal "$output" ""
    assert_equal "$stderr" "cairn-audit: error: failed: $(< "$(provider 3)/line")"
    run -0 cairn-verify transcript transcript
    assert_equal "$(cut -f 2 <<< "$output" | sort | uniq -c | xargs)" "5 passed 1 refused"

    kill_provider 4
    run -1 --separate-stderr audit
    assert_equal "$(jq -c '[.missing, .silent_providers]' <<< "$output")" '[4,1]'
    # With the receipts it is known what it has promised.
    run -1 --separate-stderr audit --receipts receipts
    assert_equal "$(jq -r --arg name "$(< "$(provider 4)/line")" \
        '.providers[] | select(.provider == $name).outcome' <<< "$output")" silent
}

@test "a beacon decides what is asked, and a transcript that does not follow it is refused" {
    prepare 6 1000000
    local beacon
    beacon=$(printf '%064d' 7)
    run -0 audit --beacon "$beacon" -o first
    run -0 audit --beacon "$beacon" -o second
    run -0 --separate-stderr cairn-verify transcript --json first
    assert_equal "$(jq -r .beacon <<< "$output")" "$beacon"
    # The same questions have the same answers; only the time may differ.
    assert_equal "$(cairn-inspect first | jq -c .providers)" "$(cairn-inspect second | jq -c .providers)"
    run -64 audit --beacon 12
    local at size
    size=$(stat -c %s first)
    for ((at = 0; at < size; at += 37)); do
        cp first changed
        printf "\\x$(printf '%02x' $((0x$(xxd -s "$at" -l 1 -p first) ^ 4)))" |
            dd of=changed bs=1 seek="$at" conv=notrunc status=none
        run cairn-verify transcript changed
        [[ $status = 1 || $status = 65 ]] || fail "byte $at: $status"
    done
}

@test "a shard that is rebuilt has its tags again, without the owner" {
    prepare 10 20000000
    kill_provider 1
    kill_provider 2
    cairn-share --locator @link > locator
    run -0 --separate-stderr cairn-repair --json @locator
    assert_equal "$(jq -c '[.missing, .repaired, .tags_missing, .tags_repaired]' <<< "$output")" \
        '[4,4,6,6]'
    run -0 audit
    assert_equal "$(jq -c '[.good, .missing, (.providers | length)]' <<< "$output")" '[true,0,6]'
    run -0 --separate-stderr cairn-repair --json @locator
    assert_equal "$(jq -c '[.missing, .tags_missing]' <<< "$output")" '[0,0]'
    # Those that were tagged by the owner may all go now, but for the code.
    kill_provider 3
    kill_provider 4
    run -0 --separate-stderr cairn-repair --json @locator
    run -0 audit
}

@test "what is removed takes its tags with it" {
    prepare 6 3000000
    cairn-put --audit -i me.key small 2> /dev/null || echo greetings > small
    cairn-put --audit -i me.key small > second
    run -0 cairn-rm -i me.key @link
    run -0 cairn-rm -i me.key @second
    local i
    for i in 1 2 3 4 5 6; do
        # The prover key stays, and the records of the index.
        run -0 cairn-call --json -i me.key "$(< "$(provider "$i")/line")" shard.list '{"class":"tags"}'
        assert_equal "$(jq '.entries | length' <<< "$output")" 1
        run -0 cairn-call --json -i me.key "$(< "$(provider "$i")/line")" shard.list '{"class":"data"}'
        assert_equal "$(jq '.entries | length' <<< "$output")" 0
    done
}

@test "a put that is killed goes on and tags all of it" {
    start_providers 6
    make_data 60000000 > file
    impair_all rate=3MiB > slow
    local put
    cairn-put --audit -i me.key --providers slow file > link 2> /dev/null &
    put=$!
    sleep 2
    kill -KILL "$put"
    wait "$put" || [ $? -eq 137 ]
    run -0 --separate-stderr cairn-put --audit -i me.key --json file
    assert_equal "$(jq -c '[.is_complete, .is_tagged]' <<< "$output")" '[true,true]'
    jq -r .link <<< "$output" > link
    run -0 audit
}

@test "options that make no sense are refused" {
    start_providers 1
    echo x > file
    run -64 --separate-stderr cairn-put --audit file
    assert_regex "$stderr" "needs an identity"
    run -64 cairn-put --sectors 100 -i me.key file
    run -64 cairn-put --audit --sectors 63 -i me.key file
    run -64 cairn-put --audit --sectors 8193 -i me.key file
    echo cairn:co1nolink > link
    run -64 cairn-audit @link
    run -65 cairn-audit -i me.key @link
    run -64 cairn-audit -i me.key --key me.audit --sectors 64 @link
    run -64 cairn-audit -i me.key -n 0 @link
    run -64 cairn-audit -i me.key -n 513 @link
}

@test "blocks of another size are tagged and audited" {
    prepare 6 3000000 --sectors 4096
    run -1 audit
    run -0 audit --sectors 4096
}

@test "the examples of audit's help work" {
    prepare 6 100000
    cp "$PROVIDERS" list
    cp link backup.link
    cairn-tag -i me.key --public me.audit
    run_examples cairn-audit
    cairn-verify transcript -q --key me.audit transcript
}
