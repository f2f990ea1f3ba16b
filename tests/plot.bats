# Making and checking plots: cairn-plot(1), cairn-plot(5).
# shellcheck disable=SC2030,SC2031,SC2154 # bats, helper and run set variables
load helper
load data/filters

account=10282355196851764065
eight=${account}_0_8
chain=$(printf 'c1%.0s' {1..32})
owner=$(printf 'a1%.0s' {1..32})

setup_file() {
    cairn-plot -q --form poc2 --account "$account" --nonces 8 -d "$BATS_FILE_TMPDIR"
}

setup() {
    cd "$BATS_TEST_TMPDIR" || return
    pid=''
}

teardown() {
    [ -z "$pid" ] || ! kill -KILL "$pid" 2> /dev/null
}

plot() {
    cairn-plot --form poc2 --account "$account" "$@"
}

take_eight() {
    cp "$BATS_FILE_TMPDIR/$eight" "$BATS_FILE_TMPDIR/$eight.sum" .
}

# memory_for THREADS N: bytes, so that N nonces are made while N are written. The tool tells the least.
memory_for() {
    plot --nonces 1 --threads "$1" --memory 1 2>&1 |
        awk -v count="$2" '{ printf "%d", ($(NF - 1) + 0.01) * 1048576 + (2 * count - 1) * 262144 }'
}

sha256() {
    sha256sum < "$1" | cut -d ' ' -f 1
}

published() {
    jq -r --arg name "$1" '.plot_files_poc2[] | select(.file_name == $name) | .sha256' "$data/poc2.json"
}

# Starts to make a plot; returns when so many stripes are on the disk: begin PLOT STRIPES OPTION...
begin() {
    local limit=$((SECONDS + 60))
    cairn-plot --form poc2 "${@:3}" > result 2> events 3>&- &
    pid=$!
    until [ -e "$1.journal" ] && [ "$(stat -c %s "$1.journal")" -ge $((64 * ($2 + 1))) ]; do
        [ "$SECONDS" -lt "$limit" ] || fail "$1 never had $2 stripes"
        read -rt 0.005 <> <(:) || [ $? -gt 128 ]
    done
}

# The same, and it is killed there.
begin_and_kill() {
    begin "$@"
    kill -KILL "$pid"
    wait "$pid" 2> /dev/null || assert_equal $? 137
    rm result events
    assert_equal "$(files)" "$1.journal $1.part $1.sum.part "
}

@test "plots are byte for byte those of other tools, and are called so" {
    assert_equal "$(sha256 "$BATS_FILE_TMPDIR/$eight")" "$(published "$eight")"
    run -0 cairn-plot --form poc2 --account 0 --nonces 16
    assert_output ./0_0_16
    assert_equal "$(sha256 0_0_16)" "$(published 0_0_16)"
    # The last nonce that there is, and nothing is said of it.
    last=18446744073709551615
    run -0 cairn-plot -q --idle --form poc2 --account "$last" --start "$last" --nonces 1
    assert_output ""
    assert_equal "$(sha256 "${last}_${last}_1")" "$(jq -r --arg last "$last" \
        '.nonces[] | select(.account == $last and .nonce == $last) | .sha256_poc2' "$data/poc2.json")"
    assert_equal "$(files)" "0_0_16 0_0_16.sum ${last}_${last}_1 ${last}_${last}_1.sum "
}

@test "threads and memory change no byte, and two plots have the rows of one" {
    mkdir one three
    plot -q --nonces 80 --threads 1 -d one
    plot --json --nonces 80 --threads 3 --memory "$(memory_for 3 16)" -d three 2> events > result
    cmp "one/${account}_0_80" "three/${account}_0_80"
    assert [ "$(jq 'select(.ev == "begun") | .stripes' events)" -ge 4 ]
    plot -q --start 8 --nonces 72 --memory "$(memory_for 2 50)" --threads 2
    take_eight
    /usr/bin/python3 -c 'import sys
files = [open(name, "rb") for name in sys.argv[1:]]
for scoop in range(4096):
    for file, nonces in zip(files, (8, 72)): sys.stdout.buffer.write(file.read(64 * nonces))' \
        "$eight" "${account}_8_72" | cmp - "one/${account}_0_80"
}

@test "sums are of every row, as the manual says" {
    take_eight
    tail -c 51200 "$eight" | split -a 2 -b 512 - row.
    assert_equal "$(tail -c 3200 "$eight.sum" | xxd -p | tr -d '\n')" \
        "$(b3sum --no-names row.* | tr -d '\n')"
    assert_equal "$(head -c 64 "$eight.sum" | xxd -p | tr -d '\n')" "$(printf 'cairnsum' | xxd -p)\
01000000001000000800000000000000$(printf '01%014d' 0)$(printf %s "$eight" | b3sum --no-names)"
    assert_equal "$(stat -c %s "$eight.sum")" $((64 + 4096 * 32))
}

@test "what cannot be made is refused with a word on what to give" {
    while IFS='|' read -r options error hint; do
        # shellcheck disable=SC2086 # words
        run -64 --separate-stderr cairn-plot $options
        assert_one_error cairn-plot
        assert_regex "${stderr_lines[0]}" "$error"
        [ -z "$hint" ] || assert_regex "${stderr_lines[1]}" "^hint: .*$hint"
    done << EOF
|no account|--account
--account $owner --warps 1|chain|--chain
--account 7 --chain $chain --warps 1|'7' is no account|address
--form poc2 --account $owner --nonces 1|is no account|decimal
--form poc2 --account 7 --chain $chain --nonces 1|'7' is no account|address
--form poc2 --account 18446744073709551616 --nonces 1|is no account|decimal
--form poc2 --account 7|no size|--nonces
--form poc2 --account 7 --nonces 1 --size 16MiB|more than one size|
--form poc2 --account 7 --warps 1|no warps|
--account $owner --chain $chain --nonces 1|made of warps|
--form poc2 --account 7 --size 16777215|16.00 MiB|
--form poc2 --account 7 --nonces 1 --memory 10MiB|10.00 MiB of memory .* need [0-9.]* MiB$|
--account $owner --chain $chain --warps 1 --memory 1GiB|1.00 GiB of memory .* need 1[.][0-9]* GiB$|
--form poc2 --account 7 --start 18446744073709551615 --nonces 2|no plot of 2 nonces|
--account $owner --chain $chain --start 1099511627777 --warps 1|no plot of 1 warps|
--form poc2 --account 7 --nonces 1 plots|'plots'|-d
--check|no plot|
--check --bench x|exclude|
--clean . --check .|exclude|
EOF
    # With what it says is needed it goes.
    plot --nonces 1 --dry-run --threads 2 --memory "$(memory_for 2 1)"
    for directory in nowhere /dev/null ''; do
        run -66 --separate-stderr plot --nonces 1 -d "$directory"
        assert_one_error cairn-plot
        run -66 --separate-stderr cairn-plot --clean "$directory"
    done
    assert_equal "$(files)" ""
}

@test "what is for plots of our form is refused for the other" {
    run -64 --separate-stderr plot --nonces 1 --dry-run --salt 5
    run -64 --separate-stderr plot --nonces 1 --dry-run --scale 3
}

@test "names come from who owns the plot, by any of his names" {
    cairn-keygen --address -o me.key > address
    digest() { sha256sum | cut -c -64; }
    id=$({ printf 'cairn/account/v1\0'; cairn-keygen -y --minisign me.key | base64 -d | tail -c 32; } | digest)
    plot_id=$({ printf cairn/plot/v1; xxd -r -p <<< "$chain${id}07010000"; } | digest)
    number=$({ printf cairn/poc2/v1; xxd -r -p <<< "$chain$id"; } | digest | xxd -r -p | od -An -tu8 -N 8)
    for name in "$(cat address)" "$(cairn-keygen -y --did me.key)" "$id"; do
        run -0 --separate-stderr cairn-plot --account "$name" --chain "$chain" --salt 263 --scale 0 \
            --start 1099511627776 --warps 3 --dry-run --json
        assert_equal "$(head -n 1 <<< "$output" | jq -c '[.file, .form, .chain, .account, .salt,
            .plot_id, .scale, .start, .warps, .size_bytes]')" "[\"./cairn-${plot_id:0:8}-1099511627776-3.x1\",\
\"x1\",\"$chain\",\"$id\",263,\"$plot_id\",0,\"1099511627776\",3,$((4096 + 3 * 1073741824))]"
    done
    run -0 cairn-plot --form poc2 --account "$(cat address)" --chain "$chain" --nonces 1 --dry-run
    assert_output --partial "./${number// /}_0_1: "
}

@test "what another plot has is not made again, and the hint tells what is free" {
    take_eight
    mkdir more
    for range in "1 8" "7 1" "0 4" "0 9"; do
        run -73 --separate-stderr plot --start "${range% *}" --nonces "${range#* }"
        assert_one_error cairn-plot
        assert_regex "$stderr" "has already"$'\n'"hint: --start 8$"
    done
    run -73 --separate-stderr plot --nonces 8 -d more -d .
    # Also what was only begun counts, another's does not.
    touch "${account}_100_8.journal"
    run -73 --separate-stderr plot --start 96 --nonces 8
    assert_regex "${stderr_lines[1]}" "^hint: --start 108$"
    plot --start 8 --nonces 92 --dry-run
    cairn-plot --form poc2 --account 7 --nonces 8 --dry-run
    # Nothing of another content takes the name.
    truncate -s 2097151 "${account}_8_8"
    run -65 --separate-stderr plot --start 8 --nonces 8
    assert_regex "$stderr" "'./${account}_8_8' has 2097151 bytes, and .* 2097152$"
    assert_equal "$(files)" "$eight $eight.sum ${account}_100_8.journal ${account}_8_8 more "
}

@test "without enough room nothing is begun" {
    run -74 --separate-stderr plot --nonces 8 --reserve 1000TiB
    assert_one_error cairn-plot
    assert_regex "$stderr" "free, besides the reserve of 1000.00 TiB, and the plots need [0-9.]+ MiB$"
    run -0 --separate-stderr plot --until-full --reserve 1000TiB
    assert_equal "$output$stderr$(files)" ""
    # What is there needs none, and stays as it is.
    take_eight
    stat -c '%i %Y %Z' ./* > "$BATS_TEST_TMPDIR.before"
    run -0 plot --nonces 8 --reserve 1000TiB
    assert_output "./$eight"
    stat -c '%i %Y %Z' ./* | cmp - "$BATS_TEST_TMPDIR.before"
}

@test "a disk is filled but for the reserve, and what was begun there comes first" {
    mkdir disk
    cat > fill << 'EOF'
set -eu
free() { df --output=avail -B 1 disk | tail -n 1; }
fill() { exec cairn-plot --form poc2 --account 7 --until-full --reserve "$reserve" \
    --threads 1 -d disk; }
reserve=$((2 << 20))
[ "$1" = mount ] && mount -t tmpfs -o size=60M none disk || reserve=$(($(free) - (58 << 20)))
fill > /dev/null &
pid=$!
until [ -e disk/7_0_*.sum.part ]; do kill -0 "$pid"; sleep 0.005; done
kill -KILL "$pid"
wait "$pid" 2> /dev/null || [ $? -eq 137 ]
(cd disk && echo *) > begun
(fill) > made
free > left
(fill) > again
cairn-plot --form poc2 --account 7 --nonces 64 --start 1000 --reserve "$reserve" -d disk || echo $? > refused
(cd disk && echo *) > names
EOF
    # In a name space of its own, if that may be; else as much of this disk.
    if unshare -m mount -t tmpfs -o size=1M none disk 2> /dev/null; then
        unshare -m bash fill mount 3>&-
        assert_equal "$(cat made)" "disk/7_0_192"
        assert [ "$(cat left)" -ge $((2 << 20)) ]
    else
        bash fill here 3>&-
    fi
    name=$(basename "$(cat made)")
    assert_regex "$name" "^7_0_(64|128|192)$"
    assert_equal "$(cat begun)" "$name.journal $name.part $name.sum.part"
    assert_equal "$(cat names)" "$name $name.sum"
    assert_equal "$(cat again refused)" 74
}

@test "a trial makes nothing and tells what would be" {
    take_eight
    mkdir more
    run -0 --separate-stderr plot --size 33MiB --start 8 -d more --dry-run
    assert_equal "$stderr" ""
    assert_regex "${lines[0]}" \
        "^more/${account}_8_128: 32.00 MiB on the .*disk .*; a round reads 1 run, in about .* m?s$"
    assert_regex "${lines[1]}" "^32.00 MiB to make at .*/s: at least .* m?s$"
    run -0 --separate-stderr plot --nonces 8 -d . -d more --dry-run --json
    assert_equal "$(jq -c '[.file, .start, .is_finished, .size_bytes, .next_start]' <<< "$output")" \
        "[\"./$eight\",\"0\",true,2097152,null]
[\"more/${account}_8_8\",\"8\",false,2097152,null]
[null,null,null,2097152,\"16\"]"
    assert_equal "$(files)" "$eight $eight.sum more "
}

@test "several directories get a plot each, and JSON tells of all that happens" {
    mkdir a b
    cp "$BATS_FILE_TMPDIR/$eight" a
    run -0 --separate-stderr plot --nonces 8 -d a -d b --json --progress=json
    assert_equal "$(jq -c '[.file, .form, .account, .start, .nonces, .size_bytes, .status,
        .resumed_bytes]' <<< "$output")" \
        "[\"a/$eight\",\"poc2\",\"$account\",\"0\",8,2097152,\"there\",null]
[\"b/${account}_8_8\",\"poc2\",\"$account\",\"8\",8,2097152,\"made\",0]"
    assert_equal "$(jq -r .ev <<< "$stderr" | grep -vx progress | uniq | xargs)" \
        "plan estimate begun done"
    assert_equal "$(tail -n 1 <<< "$stderr" | jq -c '[.phase, .done_bytes, .total_bytes,
        .written_bytes, .percent]')" '["plot",2097152,2097152,2097152,100]'
    run -74 bash -c "cairn-plot --form poc2 --account $account --nonces 8 -d a > /dev/full"
}

@test "two do not make one plot, and all others are made" {
    mkdir a b
    locked=b/${account}_8_8.journal
    (umask 77 && touch "$locked")
    options=(--form poc2 --account "$account" --nonces 8)
    run -75 --separate-stderr flock "$locked" cairn-plot "${options[@]}" --start 8 -d b
    assert_one_error cairn-plot
    assert_regex "$stderr" "'$locked' is locked"
    run -3 --separate-stderr flock "$locked" cairn-plot "${options[@]}" -d a -d b
    assert_output "a/$eight"
    assert_equal "$stderr" "cairn-plot: warning: '$locked' is locked by another process
cairn-plot: error: 1 of 2 failed"
    cmp "a/$eight" "$BATS_FILE_TMPDIR/$eight"
    assert_equal "$(echo b/*)" "$locked"
}

@test "a run that was killed is continued, and nothing has the name before it is complete" {
    name=7900104405094198526_1337_32
    make=(--account 7900104405094198526 --start 1337 --nonces 32 --threads 1
        --memory "$(memory_for 1 4)")
    for stripes in 1 3; do
        begin_and_kill "$name" "$stripes" "${make[@]}"
        # It is no plot yet.
        run -66 --separate-stderr cairn-prove capacity --challenge "$chain" --base-target 1 .
        run -66 --separate-stderr cairn-prove capacity --challenge "$chain" --base-target 1 "$name.part"
        assert_regex "${stderr_lines[0]}" "'$name.part' is a plot that is not finished"
    done
    done=$(($(stat -c %s "$name.journal") / 64 - 1))
    # The last record is of all that went before it, as the manual says; others are not believed.
    tail -c 32 "$name.journal" | cmp - \
        <({ head -c 64 "$name.journal"; tail -c 64 "$name.journal" | head -c 32; } | b3sum --raw)
    printf '%0100d' 0 >> "$name.journal"
    begin "$name" 4 "${make[@]}" --json
    until [ -e "$name" ] || ! kill -0 "$pid"; do read -rt 0.005 <> <(:) || [ $? -gt 128 ]; done
    assert_equal "$(sha256 "$name")" "$(published "$name")"
    wait "$pid"
    pid=''
    assert_equal "$(jq -c '[.status, .resumed_bytes]' result)" "[\"made\",$((done * 1048576))]"
    assert_equal "$(jq -c 'select(.ev == "begun") | [.stripe, .stripes]' events)" "[$done,8]"
    assert_equal "$(files)" "$name $name.sum events result "
    run -0 cairn-plot --check=full --json "$name"
    assert_equal "$(jq -c '[.is_good, .has_sums, .faults]' <<< "$output")" '[true,true,[]]'
}

@test "a run that was killed in its last moment is completed, one that lost its files is not" {
    name=${account}_8_4
    (umask 77 && touch "$name.journal")
    ln "$name.journal" journal
    plot -q --start 8 --nonces 4
    assert_equal "$(stat -c %s journal)" 128
    # The sums have their name and the plot has not, or both have, or all is lost.
    while read -r directory status files; do
        mkdir "$directory"
        # shellcheck disable=SC2086 # words
        cp $files "$directory"
        mv "$directory/journal" "$directory/$name.journal"
        [ "$directory" != sums ] || mv "$directory/$name" "$directory/$name.part"
        run "-$status" --separate-stderr plot --start 8 --nonces 4 -d "$directory"
        [ "$status" -eq 0 ] || continue
        assert_output "$directory/$name"
        assert_equal "$(echo "$directory"/*)" "$directory/$name $directory/$name.sum"
        cmp "$directory/$name" "$name"
        cmp "$directory/$name.sum" "$name.sum"
    done <<< "sums 0 $name $name.sum journal"$'\n'"both 0 $name $name.sum journal"$'\n'"none 65 journal"
    assert_one_error cairn-plot
    assert_equal "${stderr_lines[1]}" "hint: cairn-plot --clean 'none'"
}

@test "what is left of runs is removed on request, but for what a run works on" {
    take_eight
    touch "${account}_8_8".{part,sum.part,journal} "${account}_16_8".{sum,journal} \
        "${account}_24_8".{part,sum,journal} "${account}_32_8.sum" "${account}_40_8.part" \
        "${account}_48_8.sum.part" cairn-0badcafe-0-1.x1.{part,sum.part,journal}
    chmod 600 ./*.journal
    touch mine mine.part other.sum 1_2_3_4.part 1_2.journal "${eight}x.part" "${account}_00_8.sum"
    mine="${account}_00_8.sum $eight $eight.sum ${eight}x.part"
    files > before
    run -0 --separate-stderr cairn-plot --clean . --dry-run
    trial=$output
    assert_equal "$(files)" "$(cat before)"
    run -0 cairn-plot --clean . --dry-run --json
    assert_equal "$(jq -r 'select(.is_removed == false).file' <<< "$output")" "$trial"
    # A run works on 24 to 31: the sums have their name, and the plot is about to get it.
    run -0 --separate-stderr flock "${account}_24_8.journal" cairn-plot --clean .
    assert_equal "$stderr" ""
    assert_equal "$(files)" "$mine ${account}_24_8.journal ${account}_24_8.part ${account}_24_8.sum \
1_2.journal 1_2_3_4.part before mine mine.part other.sum "
    cairn-plot --clean . -q
    assert_equal "$(files)" "$mine 1_2.journal 1_2_3_4.part before mine mine.part other.sum "
}

@test "how long it takes is told of what is left, not of what is there" {
    begin_and_kill 7_0_64 3 --account 7 --nonces 64 --threads 1 --memory "$(memory_for 1 2)"
    run -0 cairn-plot --form poc2 --account 7 --nonces 64 --dry-run --json
    assert [ "$(tail -n 1 <<< "$output" | jq .size_bytes)" -le $((58 * 262144)) ]
}

@test "the examples in plot's help work" {
    take_eight
    echo "$owner" > address
    export CHAIN=$chain
    examples_of cairn-plot | sed "s|/mnt/disk|.|; s|--until-full|& --reserve 1000TiB|" > examples
    assert_equal "$(wc -l < examples)" 2
    run -0 bash -e examples
    assert_output "./$eight: good in samples, which show with 99 % if 13 % or more are wrong"
}

@test "the speed of the processor and of each disk is measured" {
    not_sanitized "make it slow"
    mkdir a b
    run -0 --separate-stderr cairn-plot --bench -d a -d b --json --size 2TiB
    assert_equal "$stderr" ""
    assert_equal "$(jq -c '[.directory, (.kernel // .disk | type), .size_bytes,
        ([.threads, .nonces_per_s_one_thread, .nonces_per_s, .plot_bytes_per_s, .plot_s,
        .write_bytes_per_s, .read_bytes_per_s] | map(select(. > 0)) | length)]' <<< "$output" | xargs)" \
        '[null,string,null,4] [a,string,2199023255552,3] [b,string,2199023255552,3]'
    run -0 cairn-plot --bench --form poc2 --threads 1 -d a
    assert_output --regexp "^processor: [0-9]+ nonces/s by 1 threads \(.*, one: [0-9]+\), .*/s of plot
a: disk .* writes .*/s and reads .*/s; 1.00 TiB take .* to plot and .* a round$"
    assert_equal "$(files)" "a b "
}
