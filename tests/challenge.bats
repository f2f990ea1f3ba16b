# Questions about shards: cairn-challenge(1), cairn-challenge(5).
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

@test "a challenge is that of the format page" {
    seq 100 > shard
    cairn-tag -i me.key --sectors 4 shard
    cairn-challenge --seed "$(seq 0 31 | xargs printf '%02x')" -n 2 -o question shard.tag
    assert_equal "$(od -An -v -tx1 question | tr -d ' \n')" \
        "$(sed -n '/^\.Bd -literal$/,/^\.Ed/{/^\./!p;/^\.Ed/q}' "$root/man/cairn-challenge.5" |
            tr -d ' \n')"
}

@test "the same seed asks the same, and chance something else each time" {
    make_shard shard 10000
    cairn-challenge --seed "$zero_seed" -o question shard.tag
    cairn-challenge --seed "$zero_seed" < shard.tag | cmp - question
    cairn-challenge --seed "$zero_seed" - < shard.tag | cmp - question
    cairn-challenge --seed "$zero_seed" --blocks=16 shard.tag | cmp - question
    run ! cmp -s <(cairn-challenge --seed "$zero_seed" -n 17 shard.tag) question
    cairn-challenge --random shard.tag > one
    cairn-challenge --random shard.tag > two
    run ! cmp -s one two
    run -64 --separate-stderr cairn-challenge shard.tag
    assert_one_error cairn-challenge
    run -64 --separate-stderr cairn-challenge --random --seed "$zero_seed" shard.tag
    assert_one_error cairn-challenge
    for seed in '' 0 "${zero_seed}0" "${zero_seed/0/g}" "0x${zero_seed:2}" " ${zero_seed:1}"; do
        run -64 --separate-stderr cairn-challenge --seed "$seed" shard.tag
        assert_one_error cairn-challenge
    done
    for blocks in 0 4097 -1 1x ''; do
        run -64 --separate-stderr cairn-challenge --random -n "$blocks" shard.tag
        assert_one_error cairn-challenge
    done
}

@test "many shards are asked for in whatever order they are named" {
    for i in 1 2 3 4 5; do make_shard $i $((1000 * i)); done
    cairn-challenge --seed "$zero_seed" -o question {1,2,3,4,5}.tag
    cairn-challenge --seed "$zero_seed" {3,1,5,2,4}.tag | cmp - question
    cairn-challenge --seed "$zero_seed" 3.tag - {1,5,2}.tag < 4.tag | cmp - question
    # The front of a tag file will do.
    for i in 1 2 3 4 5; do head -c 160 $i.tag > $i.front; done
    cairn-challenge --seed "$zero_seed" {1,2,3,4,5}.front | cmp - question
    run -64 --separate-stderr cairn-challenge --random 1.tag 2.tag 1.front
    assert_one_error cairn-challenge
    run -64 --separate-stderr cairn-challenge --random - - < 1.tag
    assert_one_error cairn-challenge
}

@test "a challenge is about one key" {
    make_shard shard 1000
    cairn-tag -i me.key --sectors 9 -o nine shard
    cairn-tag -i other.key --sectors 8 -o theirs shard
    for tags in nine theirs; do
        run -64 --separate-stderr cairn-challenge --random shard.tag $tags
        assert_one_error cairn-challenge
        assert_regex "$stderr" "'$tags' is of another audit key"
    done
}

@test "a tag file that is malformed, cut off or missing is named" {
    make_shard shard 1000
    make_shard good 2000
    for at in 0 7 8 12 16 24 32 63 64 95 96 127; do # not the owner, whose word it is
        flip shard.tag $at
        run -65 --separate-stderr cairn-challenge --random -o question good.tag shard.tag
        assert_one_error cairn-challenge
        assert_regex "$stderr" "'shard.tag'"
        flip shard.tag $at
    done
    for size in 0 1 159; do
        head -c $size shard.tag > short
        run -65 --separate-stderr cairn-challenge --random -o question good.tag short
        assert_one_error cairn-challenge
    done
    for name in nowhere . ''; do
        run -66 --separate-stderr cairn-challenge --random -o question good.tag "$name"
        assert_one_error cairn-challenge
    done
    assert [ ! -e question ]
}

@test "a challenge that exists is replaced only with -f" {
    make_shard shard 1000
    echo precious > question
    run -73 --separate-stderr cairn-challenge --random -o question shard.tag
    assert_one_error cairn-challenge
    assert_equal "$(cat question)" precious
    cairn-challenge --seed "$zero_seed" -f -o question shard.tag
    cairn-challenge --seed "$zero_seed" shard.tag | cmp - question
    run -73 --separate-stderr cairn-challenge --random -o nowhere/question shard.tag
    assert_one_error cairn-challenge
}

@test "with --json what was asked is one document" {
    make_shard shard 1000
    run -0 --separate-stderr cairn-challenge --json --seed "$zero_seed" -n 7 -o question shard.tag
    assert_equal "$stderr" ""
    assert_equal "$(jq -c '[.seed, .blocks, .files]' <<< "$output")" "[\"$zero_seed\",7,1]"
    assert_equal "$(jq -r .key <<< "$output")" \
        "$(cairn-tag --json -f -i me.key --sectors 8 shard | jq -r .key)"
    assert_equal "$(jq -c keys <<< "$output")" '["blocks","files","key","seed"]'
    cairn-challenge --json --seed "$zero_seed" -n 7 shard.tag 2> events | cmp - question
    assert_equal "$(jq -c '[.ev, .blocks]' events)" '["summary",7]'
    run -66 --separate-stderr cairn-challenge --json --random nowhere
    assert_json_error cairn-challenge noinput 66
    run -0 --separate-stderr cairn-challenge --random -o quiet shard.tag
    assert_equal "$output$stderr" ""
}

@test "challenge wants no input from a terminal and writes to one only if told" {
    make_shard shard 1000
    run -64 on_terminal "cairn-challenge --random < /dev/tty"
    assert_output --partial "standard input is a terminal"
    run -64 on_terminal "cairn-challenge --random shard.tag"
    assert_output --partial "refusing to write binary data to a terminal"
    run -0 on_terminal "cairn-challenge --random -o - shard.tag | wc -c"
    run -74 --separate-stderr bash -c 'cairn-challenge --random shard.tag > /dev/full'
    assert_one_error cairn-challenge
}

@test "the environment changes nothing" {
    make_shard shard 1000
    cairn-challenge --seed "$zero_seed" -o question shard.tag
    export CAIRN_HOME=/nonexistent CAIRN_RANDOM=1 CAIRN_BLOCKS=3 CAIRN_OUTPUT=out
    cairn-challenge --seed "$zero_seed" shard.tag | cmp - question
    assert [ ! -e out ]
}

@test "the examples of challenge's help and page work" {
    make_data 100000 > 000.shard
    cairn-tag -i me.key -f --public me.audit --prover me.prover 000.shard
    run_examples cairn-challenge
    rm question
    date > beacon
    sed -n 's/^\.Dl \$ //p' "$root/man/cairn-challenge.1" > lines
    assert_equal "$(wc -l < lines)" 2
    sed -i 2q lines
    bash -euo pipefail lines
    sed -n '/^\.Bd -literal -offset indent$/,/^\.Ed/{/^\./d;s/^\$ //p;/^ /p}' \
        "$root/man/cairn-challenge.1" > lines
    run -0 bash -euo pipefail lines
    assert_output --regexp "^valid: 4 blocks of 1 shard of $(cat me.address)"
}
