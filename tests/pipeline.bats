# The filters together: what one writes the next one reads, and what one loses all notice.
# shellcheck disable=SC2094,SC2154 # files are only read; helper and run set variables
load helper
load data/filters

# An identity, a recipient, `plain` of SIZE bytes.
prepare() {
    cairn-keygen -q -o key 2> /dev/null > /dev/null
    recipient=$(cairn-keygen -y --recipient key)
    make_data "$1" > plain
}

@test "encrypt, encode, decode, decrypt gives back what went in" {
    for size in 0 1 65535 65536 1000000; do
        rm -f key
        prepare "$size"
        set -o pipefail
        cairn-encrypt -r "$recipient" < plain | cairn-encode --segment 64KiB -o - | cairn-decode |
            cairn-decrypt -i key | cmp - plain
        assert_equal "${PIPESTATUS[*]}" "0 0 0 0 0"
        cairn-encrypt -r "$recipient" < plain | cairn-encode --segment 64KiB -d "shards.$size" > id
        rm "shards.$size"/00[14].shard
        cairn-decode --id "$(cat id)" "shards.$size" 2> /dev/null | cairn-decrypt -i key | cmp - plain
        set +o pipefail
    done
}

@test "the dispatcher does the same" {
    prepare 100000
    cairn encrypt -r "$recipient" plain | cairn encode -o - | cairn decode | cairn decrypt -i key |
        cmp - plain
}

@test "lost and damaged shards between encode and decode do no harm" {
    prepare 500000
    cairn-encrypt -r "$recipient" -o cipher plain
    cairn-encode --segment 64KiB -d shards cipher > id
    rm shards/000.shard
    flip shards/003.shard 9999
    flip shards/001.shard 10
    cairn-decode shards 2> warnings | cairn-decrypt -i key | cmp - plain
    assert_equal "$(wc -l < warnings)" 3

    cairn-encode --segment 64KiB -o stream cipher > /dev/null
    for segment in 0 1 2 3 4 5 6; do
        flip stream $((64 + (segment * 6 + segment % 4) * 16448 + 64 + segment))
    done
    cairn-decode < stream 2> warnings | cairn-decrypt -i key | cmp - plain
    assert_equal "$(wc -l < warnings)" 4
}

@test "age opens what came through shards" {
    command -v age > /dev/null || skip "age is not installed"
    prepare 300000
    cairn-encrypt -r "$recipient" plain | cairn-encode -o - | cairn-decode | age -d -i key | cmp - plain
    age -r "$recipient" plain | cairn-encode -d shards > id
    cairn-decode shards | cairn-decrypt -i key | cmp - plain
}

@test "a producer that dies is noticed by the next, and nothing is published" {
    prepare 2000000
    cairn-encrypt -r "$recipient" -o cipher plain
    cairn-encode --segment 64KiB -o stream cipher > /dev/null
    for size in 0 1 64 100000 1000000 2000000; do
        set +e
        { head -c "$size" stream; false; } | cairn-decode -o out 2> error
        first=${PIPESTATUS[*]}
        # On a pipe decrypt gets a prefix, and says so itself.
        { head -c "$size" stream; false; } | cairn-decode 2> error | cairn-decrypt -i key -o out 2>> error
        second=${PIPESTATUS[*]}
        set -e
        assert_equal "$first" "1 65"
        assert_equal "$second" "1 65 65"
        assert [ ! -e out ]
    done
}

@test "a truncated age file is noticed behind shards too" {
    prepare 2000000
    cairn-encrypt -r "$recipient" -o cipher plain
    for size in 0 100 70000 1000000 $(($(stat -c %s cipher) - 1)); do
        set +e
        # encode takes any bytes: only age knows where its file ends.
        { head -c "$size" cipher; false; } | cairn-encode --segment 64KiB -o - | cairn-decode |
            cairn-decrypt -i key -o out 2> error
        first=${PIPESTATUS[*]}
        set -e
        assert_equal "$first" "1 0 0 65"
        assert [ ! -e out ]
    done
}

@test "too many losses end the whole pipeline" {
    prepare 2000000
    cairn-encrypt -r "$recipient" plain | cairn-encode --segment 64KiB -d shards > id
    for index in 0 1 2; do flip "shards/00$index.shard" $((4096 + 16384 * 20)); done
    set +e
    cairn-decode shards 2> error | cairn-decrypt -i key -o out 2>> error
    first=${PIPESTATUS[*]}
    cairn-decode shards 2> error | cairn-decrypt -i key 2>> error > prefix
    second=${PIPESTATUS[*]}
    set -e
    assert_equal "$first" "65 65"
    assert_equal "$second" "65 65"
    assert [ ! -e out ]
    assert_strict_prefix prefix plain
}

@test "shards of another object are told by their id, before anything is decrypted" {
    prepare 1000
    cairn-encrypt -r "$recipient" plain | cairn-encode -d shards > id
    cairn-encrypt -r "$recipient" plain | cairn-encode -o - > other
    set +e
    cairn-decode --id "$(cat id)" < other 2> error | cairn-decrypt -i key -o out 2>> error
    first=${PIPESTATUS[*]}
    set -e
    assert_equal "$first" "65 65"
    assert [ ! -e out ]
    cairn-decode --id "$(cat id)" shards | cairn-decrypt -i key | cmp - plain
}

@test "a consumer that goes away ends everything before it" {
    prepare 8000000
    set +e
    cairn-encrypt -r "$recipient" plain | cairn-encode --segment 64KiB -o - | cairn-decode | head -c 10 > few
    status="${PIPESTATUS[*]}"
    set -e
    assert_equal "$status" "141 141 141 0"
    assert_equal "$(stat -c %s few)" 10
}
