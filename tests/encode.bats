# Making shards: cairn-encode(1), cairn-shard(5), cairn-manifest(5).
# shellcheck disable=SC2154 # helper and run set them
load helper
load data/filters

count() {
    echo $#
}

# All names below a directory and what is in the files.
state_of() {
    (cd "$1" && find . -mindepth 1 -printf '%P %y\n' | sort && find . -type f -exec b3sum {} + | sort)
}

# Waits until a condition holds; fails after ten seconds.
until_true() {
    local tries=0
    until eval "$1"; do
        tries=$((tries + 1))
        [ "$tries" -lt 1000 ] || fail "never true: $1"
        read -rt 0.01 <> <(:) || :
    done
}

@test "encode writes shard files and a manifest, and prints the object's id" {
    make_data 100000 > file
    run -0 --separate-stderr cairn-encode -d shards file
    assert_equal "$stderr" ""
    assert_regex "$output" '^[0-9a-f]{64}$'
    assert_equal "$(cd shards && echo *)" \
        "000.shard 001.shard 002.shard 003.shard 004.shard 005.shard manifest"
    assert_equal "$(b3sum --no-names shards/manifest)" "$output"
    # Header, 100000 / 4 rounded up to 64, manifest, trailer.
    manifest=$(stat -c %s shards/manifest)
    assert_equal "$(stat -c %s shards/*.shard | sort -u)" $((4096 + 25024 + manifest + 48))
    for i in 0 1 2 3 4 5; do
        tail -c $((manifest + 48)) "shards/00$i.shard" | head -c "$manifest" | cmp - shards/manifest
        od -An -tx1 -j 24 -N 32 "shards/00$i.shard" | tr -d ' \n' | grep -qx "$output"
    done
    head -c 25024 file | cmp - <(tail -c +4097 shards/000.shard | head -c 25024)
}

@test "objects of all sizes come back, and directory and stream agree on the id" {
    for size in 0 1 63 64 65 255 256 257 65535 65536 65537 131071 131072 131073 300000; do
        make_data "$size" > file
        rm -rf shards
        id=$(cairn-encode --segment 64KiB -d shards file)
        cairn-encode --segment 64KiB -o - --json < file 2> events > stream
        assert_equal "$(jq -r 'select(.ev == "summary").id' events)" "$id"
        cairn-decode shards | cmp - file
        cairn-decode < stream | cmp - file
        cairn-decode --id "$id" stream | cmp - file
        cairn-decode --check shards
        cmp shards/manifest <(tail -c $(($(stat -c %s shards/manifest) + 48)) stream | head -c -48)
    done
}

@test "profiles are what their names say" {
    make_data 1000 > file
    for profile in "small 4 2 16777216" "wide 10 6 16777216" "archive 16 16 16777216" "cess 4 8 33554432"; do
        read -r name k m segment <<< "$profile"
        cairn-encode --profile "$name" -d "$name" --json file > result
        assert_equal "$(jq -c '[.k, .m, .segment_bytes, .segments, .total_bytes]' result)" \
            "[$k,$m,$segment,1,1000]"
        assert_equal "$(count "$name"/*)" $((k + m + 1))
        rm -f "$name"/00[0-"$((m > 9 ? 9 : m - 1))"].shard
        cairn-decode "$name" | cmp - file
    done
    assert_equal "$(cairn-encode --profile small -d a file)" "$(cairn-encode -d b file)"
    assert_equal "$(cairn-encode -k 4 -m 2 --segment 16MiB -d c file)" "$(cairn-encode -o s file)"
    run -64 --separate-stderr cairn-encode --profile none -d d file
    run -64 --separate-stderr cairn-encode --profile '' -d d file
    assert [ ! -e d ]
}

@test "from one shard to 255" {
    make_data 70000 > file
    for code in "1 0" "1 1" "255 0" "1 254" "200 55" "254 1"; do
        read -r k m <<< "$code"
        rm -rf shards
        cairn-encode -k "$k" -m "$m" --segment 64KiB -d shards file > id
        assert_equal "$(count shards/*.shard)" $((k + m))
        assert [ -e "$(printf 'shards/%03d.shard' $((k + m - 1)))" ]
        for ((i = 0; i < m; ++i)); do rm "$(printf 'shards/%03d.shard' "$i")"; done
        cairn-decode shards | cmp - file
        cairn-encode -k "$k" -m "$m" --segment 64KiB -o - file | cairn-decode --id "$(cat id)" |
            cmp - file
    done
    # Copies are copies.
    cairn-encode -k 1 -m 2 -d copies file > id
    for i in 0 1 2; do
        tail -c +4097 "copies/00$i.shard" | head -c 70000 | cmp - file
        cairn-decode "copies/00$i.shard" | cmp - file
    done
}

@test "codes and segments outside their limits are refused" {
    make_data 10 > file
    for options in "-k 0 -m 2" "-k 256 -m 0" "-k 4 -m 255" "-k 4 -m 252" "-k 255 -m 1" "-k 128 -m 128" \
        "-k -1 -m 2" "-k 4 -m -1" "-k 04 -m 2" "-k 0x4 -m 2" "-k 4.0 -m 2" "-k 4 -m 2x" "-k +4 -m 2" \
        "-k 18446744073709551620 -m 2" "-k 4294967300 -m 2" "-k 4" "-m 2" "-k 4 -m 2 --profile small" \
        "--profile small -m 2" "-k 4 -k 4 -m 2" \
        "--segment 0" "--segment 32KiB" "--segment 65535" "--segment 65537" "--segment 96KiB" \
        "--segment 1.5MiB" "--segment 128MiB" "--segment 64MB" "--segment -65536" "--segment 0200000" \
        "--segment 0x10000" "--segment 1e6" "--segment 16EiB" "--segment 18446744073709617152" \
        "--segment 4294967296" "--segment 64kib" "-j 0" "-j 65" "-j -1"; do
        # shellcheck disable=SC2086 # words
        run -64 --separate-stderr cairn-encode $options -d shards file
        assert_one_error cairn-encode
        # shellcheck disable=SC2086 # words
        run -64 --separate-stderr cairn-encode $options -o - file
        assert_equal "$output" ""
    done
    run -64 --separate-stderr cairn-encode --segment '' -d shards file
    run -64 --separate-stderr cairn-encode -k '' -m 2 -d shards file
    assert_equal "$(files)" "file "
    for segment in 64KiB 65536 0.5MiB 64MiB 67108864B; do
        cairn-encode --segment "$segment" -o - file | cairn-decode | cmp - file
    done
}

@test "the same input makes the same bytes, with any number of threads" {
    make_data 1000000 > file
    cairn-encode --segment 64KiB -d one file > id
    for threads in 1 2 7; do
        cairn-encode --segment 64KiB -j "$threads" -d again < file | cmp - id
        diff -r one again
        rm -r again
        cairn-encode --segment 64KiB -j "$threads" -o - file | b3sum
    done > sums
    assert_equal "$(sort -u sums | wc -l)" 1
    dd if=file bs=77 status=none | cairn-encode --segment 64KiB -d piped | cmp - id
    diff -r one piped
}

@test "another implementation reads the manifest and makes the same shards" {
    make_data 150000 > file
    for code in "4 2" "1 2" "3 0" "10 6"; do
        read -r k m <<< "$code"
        rm -rf shards
        cairn-encode -k "$k" -m "$m" --segment 64KiB -d shards file > id
        /usr/bin/python3 - "$k" "$m" "$(cat id)" << 'EOF'
import struct, subprocess, sys
import cbor2
k, m, set_id = int(sys.argv[1]), int(sys.argv[2]), bytes.fromhex(sys.argv[3])
def b3(data):
    out = subprocess.run(["b3sum", "--no-names"], input=data, capture_output=True, check=True)
    return bytes.fromhex(out.stdout.decode().strip())
exp, log = [0] * 512, [0] * 256
x = 1
for i in range(255):
    exp[i] = exp[i + 255] = x
    log[x] = i
    x = x << 1 ^ (0x11d if x & 0x80 else 0)
def inverse(a): return exp[255 - log[a]]
def table(c): return bytes(exp[log[a] + log[c]] if a else 0 for a in range(256))
def xor(a, b): return (int.from_bytes(a, "big") ^ int.from_bytes(b, "big")).to_bytes(len(a), "big")

data = open("file", "rb").read()
bodies, roots = [b""] * (k + m), []
for at in range(0, len(data), 65536):
    part = data[at:at + 65536]
    size = (-(-len(part) // k) + 63) // 64 * 64
    part += bytes(k * size - len(part))
    shards = [part[j * size:(j + 1) * size] for j in range(k)]
    for i in range(k, k + m):
        parity = bytes(size)
        for j in range(k):
            c = 1 if k == 1 else inverse(i ^ j)
            parity = xor(parity, shards[j].translate(table(c)))
        shards.append(parity)
    bodies = [body + shard for body, shard in zip(bodies, shards)]
    roots.append(b"".join(b3(shard) for shard in shards))
manifest = cbor2.dumps([1, 1, k, m, 65536, len(data), b3(data), roots], canonical=True)
written = open("shards/manifest", "rb").read()
assert written == manifest
assert cbor2.dumps(cbor2.loads(written), canonical=True) == written
assert b3(manifest) == set_id
for i in range(k + m):
    front = b"CAIRNSHD" + struct.pack("<IHHHHI", 1, k, m, i, 0, 65536) + set_id
    front += b3(front)
    file = front + bytes(4096 - len(front)) + bodies[i] + manifest
    file += struct.pack("<Q", len(manifest)) + set_id + b"CAIRNEND"
    assert open("shards/%03d.shard" % i, "rb").read() == file, i

stream = b"CAIRNSTR" + struct.pack("<IHHI", 1, k, m, 65536) + bytes(12)
stream += b3(stream)
for number, at in enumerate(range(0, len(data), 65536)):
    length = min(65536, len(data) - at)
    size = (-(-length // k) + 63) // 64 * 64
    for i in range(k + m):
        frame = b"FRAM" + struct.pack("<HHQII", i, 0, number, length, 0)
        frame += roots[number][i * 32:i * 32 + 32]
        first = (-(-65536 // k) + 63) // 64 * 64
        stream += frame + b3(frame)[:8] + bodies[i][number * first:number * first + size]
stream += b"TAIL" + struct.pack("<IQ", 0, len(manifest)) + manifest
stream += struct.pack("<Q", len(manifest)) + set_id + b"CAIRNEND"
open("stream", "wb").write(stream)
EOF
        cairn-encode -k "$k" -m "$m" --segment 64KiB -o - file | cmp - stream
    done
}

@test "a directory that exists gets files beside what it has" {
    make_data 1000 > file
    mkdir shards
    echo mine > shards/mine
    id=$(cairn-encode -d shards/ file)
    assert_equal "$(count shards/*)" 8
    cairn-decode --check --id "$id" shards
    # The same again is refused and changes nothing, even if only one name is taken.
    state_of shards > before
    echo other > other
    run -73 --separate-stderr cairn-encode -d shards other
    assert_one_error cairn-encode
    assert_regex "$stderr" "exists already"
    state_of shards | cmp - before
    rm shards/00[0-4].shard shards/manifest
    state_of shards > before
    run -73 --separate-stderr cairn-encode -d shards other
    state_of shards | cmp - before
    cairn-encode -f -d shards other
    cairn-decode shards | cmp - other
    assert_equal "$(cat shards/mine)" mine
}

@test "an object that replaces a larger one leaves no shard of it" {
    make_data 1000 > file
    make_data 500 > other
    cairn-encode -k 2 -m 4 -d shards file > /dev/null
    echo mine > shards/mine
    cp shards/000.shard shards/spare.shard
    chmod 600 shards/000.shard
    cairn-encode -f -k 2 -m 1 -d shards other > /dev/null
    assert_equal "$(cd shards && files)" "000.shard 001.shard 002.shard manifest mine spare.shard "
    assert_equal "$(stat -c %a shards/000.shard)" 600
    cairn-decode shards | cmp - other
    cairn-decode --check shards
    # What fails removes nothing.
    state_of shards > before
    run -66 cairn-encode -f -k 1 -m 0 -d shards no-such-file
    state_of shards | cmp - before
}

@test "a stream is not written over a file without -f" {
    make_data 1000 > file
    echo precious > stream
    run -73 --separate-stderr cairn-encode -o stream file
    assert_one_error cairn-encode
    assert_equal "$(cat stream)" precious
    cairn-encode --force -o stream file
    cairn-decode stream | cmp - file
}

@test "/dev/stdout is standard output, whatever it leads to" {
    make_data 1000 > file
    cairn-encode -o - file > expected
    cairn-encode -o /dev/stdout file | cmp - expected
    cairn-encode -f -o /dev/stdout file > stream
    cmp stream expected
    (echo before && cairn-encode -o /dev/stdout file) > both
    tail -c +8 both | cmp - expected
    assert [ -L /dev/stdout ]
}

@test "a directory that cannot be made is status 73" {
    make_data 1000 > file
    ln -s nowhere dangling
    for target in file dangling nowhere/shards file/shards ''; do
        run -73 --separate-stderr cairn-encode -d "$target" file
        assert_one_error cairn-encode
    done
    run -73 --separate-stderr cairn-encode -o nowhere/stream file
    mkdir directory
    run -73 --separate-stderr cairn-encode -o directory file
    assert_equal "$(files)" "dangling directory file "
}

@test "where to must be said, once" {
    run -64 --separate-stderr cairn-encode file
    assert_one_error cairn-encode
    run -64 --separate-stderr cairn-encode -d shards -o stream file
    run -64 --separate-stderr cairn-encode -d one -d two file
    run -64 --separate-stderr cairn-encode -d shards one two
    assert_equal "$(files)" ""
}

@test "input that is not there is status 66 and leaves nothing" {
    mkdir directory
    for input in nothing directory ''; do
        run -66 --separate-stderr cairn-encode -d shards "$input"
        assert_one_error cairn-encode
        run -66 --separate-stderr cairn-encode -o stream "$input"
    done
    assert_equal "$(files)" "directory "
}

@test "a reading error is status 74 and leaves nothing" {
    run -74 --separate-stderr cairn-encode -d shards /proc/self/mem
    assert_one_error cairn-encode
    run -74 --separate-stderr cairn-encode -o stream /proc/self/mem
    assert_equal "$(files)" ""
}

@test "encode that is stopped leaves nothing to be seen" {
    mkfifo fifo
    for signal in TERM INT HUP; do
        for target in "-d shards" "-o stream"; do
            # shellcheck disable=SC2086 # words
            env --default-signal=INT cairn-encode --segment 64KiB $target < fifo 2> /dev/null &
            pid=$!
            exec 7> fifo
            make_data 500000 >&7
            kill -s "$signal" "$pid"
            wait "$pid" && status=0 || status=$?
            exec 7>&-
            assert_equal "$status" $((128 + $(kill -l "$signal")))
            assert_equal "$(files)" "fifo "
        done
    done
}

@test "encode after one that was killed works and cleans up" {
    mkfifo fifo
    make_data 500000 > file
    cairn-encode --segment 64KiB -d shards < fifo 2> /dev/null &
    pid=$!
    exec 7> fifo
    until_true '[ -d .shards.cairn-tmp ]'
    kill -KILL "$pid"
    status=0
    wait "$pid" || status=$?
    assert_equal "$status" 137
    exec 7>&-
    assert [ ! -e shards ]
    touch .shards.cairn-tmp/000.shard .shards.cairn-tmp/manifest # as if it was giving names
    cairn-encode --segment 64KiB -d shards file
    cairn-decode shards | cmp - file
    assert_equal "$(find . -name '.*cairn-tmp*')" ""
}

@test "two that make one directory do not disturb each other" {
    mkfifo fifo
    make_data 300000 > file
    cairn-encode --segment 64KiB -d shards < fifo > id &
    pid=$!
    exec 7> fifo
    until_true '[ -d .shards.cairn-tmp ]'
    run -75 --separate-stderr cairn-encode --segment 64KiB -d shards file
    assert_one_error cairn-encode
    cat file >&7
    exec 7>&-
    wait "$pid"
    cairn-decode --check --id "$(cat id)" shards
    cairn-decode shards | cmp - file

    run -75 --separate-stderr flock shards cairn-encode -f -d shards file
    assert_one_error cairn-encode
}

@test "an output that is full is status 74" {
    make_data 1000 > file
    run -74 --separate-stderr bash -c 'cairn-encode -o - file > /dev/full'
    assert_equal "${#stderr_lines[@]}" 1
    run -74 --separate-stderr cairn-encode -o /dev/full file
    run -74 --separate-stderr bash -c 'cairn-encode -d shards file > /dev/full' # the id
}

@test "a reader that goes away ends encode by SIGPIPE" {
    truncate -s 8M file
    cairn-encode -o - file | head -c 1 > first
    assert_equal "${PIPESTATUS[0]}" 141
    { (trap '' PIPE && exec cairn-encode -o - file) || echo $? > status; } | head -c 1 > first
    assert_equal "$(cat status)" 141
}

@test "encode wants no input from a terminal and writes to one only if told" {
    run -64 on_terminal "cairn-encode -d shards < /dev/tty"
    assert_output --partial "standard input is a terminal"
    make_data 10 > file
    run -0 on_terminal "cairn-encode -o - file | wc -c"
    run -0 on_terminal "cairn-encode -o - file"
    assert_output --partial CAIRNSTR
    assert [ ! -e shards ]
}

@test "with --json the result is one document" {
    make_data 70000 > file
    run -0 --separate-stderr cairn-encode --json --segment 64KiB -d shards file
    assert_equal "$stderr" ""
    assert_equal "$(jq -c '[.id, .k, .m, .segment_bytes, .segments, .total_bytes, .content]' <<< "$output")" \
        "[\"$(b3sum --no-names shards/manifest)\",4,2,65536,2,70000,\"$(b3sum --no-names file)\"]"
    document=$output
    run -0 --separate-stderr cairn-encode --json --segment 64KiB -o stream file
    assert_equal "$output" "$document"
    cairn-encode --json --segment 64KiB -o - file 2> events | cmp - stream
    assert_equal "$(jq -c 'select(.ev == "summary") | [.tool, .id]' events)" \
        "$(jq -c '["cairn-encode", .id]' <<< "$document")"

    run -73 --separate-stderr cairn-encode --json -d shards file
    assert_json_error cairn-encode cantcreat 73
    run -64 --separate-stderr cairn-encode --json -k 4 -d other file
    assert_json_error cairn-encode usage 64
    run -66 --separate-stderr cairn-encode --json -d other nothing
    assert_json_error cairn-encode noinput 66
}

@test "names may hold anything" {
    make_data 1000 > file
    for name in '[a,b]' '-' $'new\nline' $'\e[2J' $'\xff\xfe' 'a b' "it's"; do
        cp file "./$name"
        cairn-encode -d "./$name.d" "./$name" > id
        cairn-encode -o "./$name.s" "./$name" | cmp - id
        cairn-decode "./$name.d" | cmp - file
        cairn-decode "./$name.s" | cmp - file
        cairn-decode "./$name.d"/00[1245].shard | cmp - file
    done
    run -66 --separate-stderr cairn-encode -d out $'no\n\e[2J\xff'
    assert_equal "$stderr" "cairn-encode: error: cannot open 'no\\n\\x1b[2J\\xff': No such file or directory"
    run -66 --separate-stderr cairn-encode --json -d out $'no\n\e[2J\xff'
    assert_json_error cairn-encode noinput 66
}

@test "quiet, verbose and progress do not change what is written" {
    make_data 300000 > file
    cairn-encode --segment 64KiB -o plain file > id
    for options in -q -v -vv --progress=bar --progress=plain --progress=json --progress=none; do
        cairn-encode --segment 64KiB "$options" -o - file 2> /dev/null | cmp - plain
    done
    run -0 --separate-stderr cairn-encode -q --segment 64KiB -o again file
    assert_equal "$output$stderr" "$(cat id)"
    run -0 --separate-stderr cairn-encode -v --segment 64KiB -o told file
    assert_regex "$stderr" '^cairn-encode: encode 100%, [^\n]* so far$'
    run -0 --separate-stderr cairn-encode -vv -j 2 --segment 64KiB -o more file
    assert_equal "${stderr_lines[0]}" "cairn-encode: threads: 2"
    assert_equal "${#stderr_lines[@]}" 2
}

@test "the environment changes nothing" {
    make_data 1000 > file
    cairn-encode -o plain file > id
    export CAIRN_HOME=/nonexistent/$'\n' CAIRN_OUTPUT=out CAIRN_DIRECTORY=out CAIRN_PROFILE=wide
    export CAIRN_SEGMENT=x CAIRN_THREADS=many CAIRN_FORCE=maybe
    cairn-encode -o - file | cmp - plain
    assert [ ! -e out ]
}

@test "closed descriptors do no harm to encode" {
    make_data 1000 > file
    cairn-encode -o plain file > id
    run -74 --separate-stderr bash -c 'cairn-encode -o - file >&-'
    assert_one_error cairn-encode
    run -66 --separate-stderr bash -c 'cairn-encode -d shards <&-'
    assert_one_error cairn-encode
    assert [ ! -e shards ]
    bash -c 'cairn-encode -o - file <&- 2>&-' | cmp - plain
    bash -c 'cairn-encode -o again file <&- 2>&-' | cmp - id
    cmp again plain
}

@test "the examples in encode's help work" {
    make_data 100000 > backup.age
    run_examples cairn-encode
    cairn-decode shards | cmp - backup.age
}
