# What a provider takes of class tags, and how it proves: cairn-store(1), cairn-storage(7).
# shellcheck disable=SC2030,SC2031,SC2154 # bats and its helpers set variables
load helper
load network

setup_file() {
    cairn-keygen -o "$BATS_FILE_TMPDIR/me.key" > /dev/null
    cd "$BATS_FILE_TMPDIR" || return
    seq 40000 | head -c 200000 > shard
    cairn-tag -q -i me.key --sectors 64 --prover prover.key -o shard.tag shard
}

setup() {
    cd "$BATS_TEST_TMPDIR" || return
    network=$BATS_TEST_TMPDIR/network
    me=$BATS_FILE_TMPDIR/me.key
    cp "$BATS_FILE_TMPDIR"/{shard,shard.tag,prover.key} .
    # Of a tag file's header, cairn-tags(5).
    key=$(tail -c +65 shard.tag | head -c 32 | od -An -vtx1 | tr -d ' \n')
    file=$(tail -c +97 shard.tag | head -c 32 | od -An -vtx1 | tr -d ' \n')
    start_providers 1
}

teardown() {
    stop_providers
}

line() {
    cat "$network/1/line"
}

store() {
    cairn-call --json -i "$me" --body "$2" "$(line)" shard.put "{\"class\":\"$1\"}"
}

prove() {
    cairn-call --json "$(line)" shard.prove \
        "{\"key\":\"$key\",\"nonce\":\"$(printf '%064d' 7)\",\"blocks\":16,\"files\":[\"$file\"]}"
}

tags_of() {
    cairn-call --json "$(line)" shard.tags "{\"subjects\":[\"$1\"]}" | jq -r '.items[0][].root'
}

status() {
    cairn-store --dir "$network/1/depot" --status --json | jq -c "$1"
}

@test "a store proves what it has tags of, also after it was killed" {
    store data shard > /dev/null
    store tags prover.key > /dev/null
    store tags shard.tag > /dev/null
    for subject in "$file" "$(b3sum --no-names shard)"; do
        assert_equal "$(tags_of "$subject")" "$(b3sum --no-names shard.tag)"
    done
    assert_equal "$(tags_of "$key")" "$(b3sum --no-names prover.key)"
    run -0 prove
    assert_regex "$output" '^\{"proof":"[0-9a-f]{256}"\}$'
    kill_provider 1
    start_provider 1
    assert_equal "$(tags_of "$file")" "$(b3sum --no-names shard.tag)"
    run -0 prove
    # The caller has another link key, so the provider another question.
    assert_regex "$output" '^\{"proof":"[0-9a-f]{256}"\}$'
    assert_equal "$(status '[.proofs,.proofs_refused,.calls["shard.prove"].ok]')" '[1,0,1]'
}

@test "a store has no receipt for tags that it could not prove by" {
    run -77 --separate-stderr store tags shard.tag
    assert_regex "$stderr" 'the prover key is not here'
    store tags prover.key > /dev/null
    run -77 --separate-stderr store tags shard.tag
    assert_regex "$stderr" 'none of its shards is here'
    store data shard > /dev/null
    printf x | dd of=shard.tag bs=1 seek=300 conv=notrunc status=none
    run -77 --separate-stderr store tags shard.tag
    assert_regex "$stderr" 'wrong signature'
    run -77 --separate-stderr store tags shard
    assert_regex "$stderr" 'neither a tag set nor a prover key'
    assert_equal "$(status '[.objects,.tags_refused]')" '[2,4]'
    run -1 --separate-stderr prove
    assert_regex "$stderr" "no tags of file $file"
}

@test "a store never proves with a shard that has rotted" {
    store data shard > /dev/null
    store tags prover.key > /dev/null
    store tags shard.tag > /dev/null
    rotten=$network/1/depot/shards/$(b3sum --no-names shard | sed 's|^..|&/|')
    chmod u+w "$rotten"
    for block in $(seq 0 100); do
        printf x | dd of="$rotten" bs=1 seek=$((1984 * block)) conv=notrunc status=none
    done
    run -1 --separate-stderr prove
    assert_regex "$stderr" "the shard of file $file has rotted"
    store data shard > /dev/null
    run -0 prove
}
