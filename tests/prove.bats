# Answers to rounds from plots: cairn-prove(1), cairn-round(5).
# shellcheck disable=SC2154 # helper and run set them
load helper
load data/filters

account=10282355196851764065
# A round that other tools have answered; of the plots here, "more" has a better answer to it.
signature=a1f8716479099cd55efbd1b8dbca7131ab4daf798d827df744067c4b7b23cf14
round="--generation-signature $signature --height 470581 --base-target 3116215"
best="deadline 344406783023 s: nonce 11 in more/${account}_8_8"
second="deadline 1730510533238 s: nonce 7 in eight/${account}_0_8"

setup_file() {
    cd "$BATS_FILE_TMPDIR" || return
    mkdir eight more others
    cairn-plot -q --form poc2 --account "$account" --nonces 8 -d eight -d more
    cairn-plot -q --form poc2 --account 0 --nonces 16 -d others
    cairn-plot -q --form poc2 --account 7900104405094198526 --start 1337 --nonces 32 -d others
}

setup() {
    cd "$BATS_TEST_TMPDIR" || return
    cp -r "$BATS_FILE_TMPDIR"/{eight,more,others} .
}

teardown() {
    [ -z "${pid:-}" ] || ! kill "$pid" 2> /dev/null
}

# prove [OPTION...] PLOT...: answers the round.
prove() {
    # shellcheck disable=SC2086 # words
    cairn-prove capacity $round "$@"
}

# Rounds of other tools about the plots here, one a line.
published_rounds() {
    jq -c '.scans[] | select(.best_nonce | tonumber < 1000000) | {generation_signature: .gensig,
        height, base_target}' "$data/poc2.json"
}

# So many rounds of a chain of ours, which differ.
rounds() {
    local i
    for ((i = 1; i <= $1; ++i)); do
        echo "{\"challenge\":\"$(printf '%064x' "$i")\",\"base_target\":1000}"
    done
}

# Puts other bytes where a plot has a scoop, of which one seems the best answer: spoil PLOT NONCES.
spoil() {
    yes h | tr -d '\n' | head -c $(($2 * 64)) |
        dd of="$1" bs=64 seek=$((2158 * $2)) conv=notrunc status=none
}

# Starts to follow the rounds that are written to descriptor 7: follow PLOT...
follow() {
    mkfifo rounds
    cairn-prove capacity --follow "$@" < rounds > told 2> errors 3>&- &
    pid=$!
    exec 7> rounds
}

# Ends it, and checks the status it has.
assert_follow_ends() {
    local status=0
    exec 7>&-
    wait "$pid" || status=$?
    assert_equal "$status" "$1"
}

@test "published rounds have the published answers" {
    assert_equal "$(published_rounds | wc -l)" 18
    jq -r '.scans[] | select(.best_nonce | tonumber < 1000000) | "\(.gensig) \(.height)
        \(.base_target) \(.file_name) \(.best_nonce) \(.best_deadline) \(.best_hit) \(.scoop)" |
        gsub("\\s+"; " ")' "$data/poc2.json" > scans
    while read -r gensig height target file nonce deadline hit scoop; do
        plot=$(echo */"$file")
        run -0 --separate-stderr cairn-prove capacity --generation-signature "$gensig" \
            --height "$height" --base-target "$target" --json "$plot"
        assert_equal "$stderr" ""
        assert_equal "$(jq -c '[.form, .account, .nonce, .generation_signature, .height, .base_target,
            .scoop, .hit, .deadline, .file, .faults]' <<< "$output")" "[\"poc2\",\"${file%%_*}\",\
\"$nonce\",\"$gensig\",\"$height\",\"$target\",$scoop,\"$hit\",\"$deadline\",\"$plot\",[]]"
        echo "$output" >> answers
    done < scans
    assert_equal "$(wc -l < answers)" 18
    cairn-verify capacity -q answers
}

@test "an answer for people is one line" {
    run -0 --separate-stderr prove eight more
    assert_equal "$stderr" ""
    assert_regex "$output" "^$best \([0-9.]+ m?s\)$"
    run -0 --separate-stderr prove -q "more/${account}_8_8" "eight/${account}_0_8"
    assert_equal "$stderr" ""
    assert_regex "$output" "^$best \("
    run -0 --separate-stderr prove --json eight more
    assert_equal "$(jq -c '[.window_ms, (.time_ms | type), (.disks | map(.plots, .read_bytes)),
        (.disks[0] | keys)]' <<< "$output")" \
        '[30000,"number",[2,1024],["disk","plots","read_bytes","time_ms"]]'
}

@test "the best of many plots is the least of what each gives" {
    (published_rounds | head -n 6; rounds 4) > all
    for plot in */*[0-9]; do
        cairn-prove capacity --follow --json "$plot" < all > "$(basename "$plot").told"
        assert_equal "$(wc -l < "$(basename "$plot").told")" 10
    done
    jq -cs 'map({hit, file}) | _nwise(10)' ./*.told |
        jq -cs 'transpose | map(min_by(.hit | (length, .)))[]' > expected
    cairn-prove capacity --follow --json eight "more/${account}_8_8" others < all |
        jq -c '{hit, file}' | cmp - expected
    assert [ "$(jq -r .file expected | sort -u | wc -l)" -ge 2 ]
}

@test "a damaged plot is named and left out, and the next best is told" {
    spoil "more/${account}_8_8" 8
    run -3 --separate-stderr prove eight more
    assert_regex "$output" "^$second \("
    assert_equal "${#stderr_lines[@]}" 1
    assert_regex "$stderr" "^cairn-prove: warning: .*more/${account}_8_8.* damaged"
    run -3 --separate-stderr prove --json eight more
    assert_equal "$(jq -c '[.nonce, (.faults | map(.file))]' <<< "$output")" \
        "[\"7\",[\"more/${account}_8_8\"]]"
    assert_regex "$(jq -r '.faults[].error' <<< "$output")" "is damaged"
    cairn-verify capacity -q <<< "$output"
    # With nothing else there is no answer.
    run -74 --separate-stderr prove more
    assert_equal "$output" ""
    assert_regex "${stderr_lines[-1]}" "^cairn-prove: error: "
}

@test "a damaged plot is told of once and asked no more while rounds are followed" {
    spoil "more/${account}_8_8" 8
    (published_rounds | head -n 1; rounds 2) > three
    run -3 --separate-stderr cairn-prove capacity --follow --json eight more < three
    assert_equal "$(jq -r .file <<< "$output" | sort -u)" "eight/${account}_0_8"
    assert_equal "$(jq -c '.disks | map(.plots) | add' <<< "$output" | xargs)" "1 1 1"
    assert_equal "$(grep -c damaged <<< "$stderr")" 1
}

@test "damage that is not the best answer costs nothing" {
    spoil "eight/${account}_0_8" 8
    run -0 --separate-stderr prove eight more
    assert_regex "$output" "^$best \("
    assert_equal "$stderr" ""
}

@test "what cannot be read is named, and all else counts" {
    truncate -s 2097151 "${account}_0_8"
    truncate -s 4096 cairn-00000000-0-1.x1
    ln -s nowhere 5_0_1
    mkdir 6_0_1
    cp "eight/${account}_0_8" 1_0_8_8
    cp "eight/${account}_0_8" "${account}_0_8.part"
    echo text > text
    for plot in "${account}_0_8" cairn-00000000-0-1.x1 5_0_1 1_0_8_8 "${account}_0_8.part" text \
        nowhere /dev/null; do
        run -3 --separate-stderr prove "$plot" eight
        assert_regex "$output" "^$second \("
        assert_equal "${#stderr_lines[@]}" 1
        assert_regex "$stderr" "^cairn-prove: warning: .*'$plot'"
        run -66 --separate-stderr prove "$plot"
        assert_equal "$output" ""
        assert_equal "${#stderr_lines[@]}" 2
        assert_equal "${stderr_lines[1]}" "cairn-prove: error: none of the plots can be read"
    done
    # The size that is and the one that should be.
    run -3 --separate-stderr prove "${account}_0_8" eight
    assert_regex "$stderr" "has 2097151 bytes, and .* 2097152$"
    # In a directory other files are passed over, even plots of the older form and unfinished ones.
    rm 6_0_1 -r
    run -3 --separate-stderr prove . eight
    assert_regex "$output" "^$second \("
    assert_equal "${#stderr_lines[@]}" 3
    run -3 --separate-stderr prove -q . eight
    assert_equal "$stderr" ""
    assert_regex "$output" "^$second \("
    mkdir empty
    run -66 --separate-stderr prove empty
    assert_one_error cairn-prove
    assert_regex "$stderr" "there are no plots"
    run -66 --separate-stderr prove --json empty
    assert_json_error cairn-prove noinput 66
    run -74 --separate-stderr bash -c "cairn-prove capacity $round eight > /dev/full"
    assert_equal "$output" ""
    assert_equal "${#stderr_lines[@]}" 1
}

@test "plots that have the same are told of, with how much it is" {
    # Nonces 4 to 11 of others/0_0_16, another's of the same numbers, and one behind all.
    mkdir part
    /usr/bin/python3 -c 'import sys
whole = open("others/0_0_16", "rb").read()
for s in range(4096): sys.stdout.buffer.write(whole[s * 1024 + 256:s * 1024 + 768])' > part/0_4_8
    run -0 --separate-stderr prove others part eight more
    assert_regex "$output" "^deadline "
    assert_equal "${#stderr_lines[@]}" 1
    assert_regex "$stderr" "^cairn-prove: warning: 'others/0_0_16' and 'part/0_4_8' have 8 nonces"
    assert_regex "$(prove others)" "^deadline"
    run -0 --separate-stderr prove --json others part
    assert_equal "$(jq -c '[.ev, (.msg | test("have 8 nonces"))]' <<< "$stderr")" '["warning",true]'
}

@test "a plot that is named in several ways is one plot" {
    run -0 --separate-stderr prove eight "eight/${account}_0_8" eight
    assert_equal "$stderr" ""
    for other in ./eight eight/ "./eight/${account}_0_8" "$PWD/eight"; do
        run -0 --separate-stderr prove eight "$other"
        assert_equal "$stderr" ""
        assert_regex "$output" "^$second \("
    done
}

@test "rounds are answered as they come, from the plots that are there" {
    follow eight more
    published_rounds | sed -n 1p >&7
    wait_until has_lines told 1
    mv more gone
    published_rounds | sed -n 1p >&7
    wait_until has_lines told 2
    assert_regex "$(cat errors)" "^cairn-prove: warning: .*'more'"
    (published_rounds | sed -n 1p; rounds 1) >&7
    wait_until has_lines told 4
    mv gone more
    published_rounds | sed -n 1p >&7
    wait_until has_lines told 5
    rm "more/${account}_8_8"
    cp others/0_0_16 eight
    published_rounds | sed -n 1p >&7
    wait_until has_lines told 6
    assert_follow_ends 3
    assert_equal "$(sed 's/ (.*//' told | sed 4d)" "$best"$'\n'"$second"$'\n'"$second"$'\n'"$best
deadline 191381919805 s: nonce 12 in eight/0_0_16"
    assert_equal "$(wc -l < errors)" 1
}

@test "a plot that is cut off while it is in use is named and costs no round" {
    follow --json eight more
    published_rounds | sed -n 1p >&7
    wait_until has_lines told 1
    truncate -s 1000 "more/${account}_8_8"
    published_rounds | sed -n 1p >&7
    wait_until has_lines told 2
    assert_follow_ends 3
    assert_equal "$(jq -r .nonce told | xargs)" "11 7"
    grep -q "more/${account}_8_8" errors
}

@test "rounds may have what they need and more, and the answer repeats it" {
    echo '{"base_target":3116215,"deadline_max":7,"window_ms":20000,"x":[1],"height":470581,
        "generation_signature":"'$signature'"}' | tr -d '\n' > round
    run -0 --separate-stderr cairn-prove capacity --follow --json eight < round
    assert_equal "$stderr" ""
    assert_equal "$(jq -c '[.base_target, .deadline_max, .window_ms, .height, .nonce]' <<< "$output")" \
        '["3116215","7",20000,"470581","7"]'
    cairn-verify capacity -q <<< "$output"
    run -0 --separate-stderr cairn-prove capacity --follow eight < /dev/null
    assert_equal "$output$stderr" ""
    # Without a plot there is no answer; there may be one tomorrow.
    mkdir empty
    run -0 cairn-prove capacity --follow empty < round
    assert_output "nothing could be read"
}

@test "a malformed round ends all with its line, after all before it are answered" {
    for line in '' x '[]' '{"challenge":"00","base_target":1}' \
        "{\"challenge\":\"$signature\"}" "{\"challenge\":\"$signature\",\"base_target\":0}" \
        "{\"challenge\":\"${signature^^}\",\"base_target\":1}" \
        "{\"generation_signature\":\"$signature\",\"base_target\":1}" \
        "{\"challenge\":\"$signature\",\"base_target\":1,\"window_ms\":\"x\"}" \
        "{\"challenge\":\"$signature\",\"generation_signature\":\"$signature\",\"height\":1,\
\"base_target\":1}"; do
        (rounds 1; echo "$line"; rounds 1) > bad
        run -65 --separate-stderr cairn-prove capacity --follow eight < bad
        assert_equal "${#lines[@]}" 1
        assert_regex "$output" "^deadline "
        assert_equal "${#stderr_lines[@]}" 1
        assert_regex "$stderr" "^cairn-prove: error: line 2: "
    done
    printf '{"challenge":"%016400d"}\n' 0 > long
    run -65 --separate-stderr cairn-prove capacity --follow eight < long
    assert_one_error cairn-prove
    assert_regex "$stderr" "line 1 is too long"
    run -65 --separate-stderr cairn-prove capacity --follow --json eight <<< x
    assert_json_error cairn-prove data 65
}

@test "a new round ends the one before, if that is wished" {
    rounds 60 > many
    run -0 --separate-stderr cairn-prove capacity --follow --abandon eight others < many
    assert_equal "$stderr" ""
    assert_equal "${#lines[@]}" 60
    assert_regex "${lines[59]}" "^deadline "
    assert [ "$(grep -cx abandoned <<< "$output")" -ge 1 ]
    assert_equal "$(grep -cE '^(abandoned|deadline .*)$' <<< "$output")" 60
    run -0 --separate-stderr cairn-prove capacity --follow --abandon --json eight others < many
    assert_equal "$(jq -r .challenge <<< "$output")" "$(jq -r .challenge many)"
    jq -c 'select(.is_abandoned)' <<< "$output" > abandoned
    assert [ -s abandoned ]
    assert_equal "$(jq -c 'has("hit") or has("deadline") or has("nonce")' abandoned | sort -u)" false
    jq -c 'select(.is_abandoned | not)' <<< "$output" | cairn-verify capacity -q
    # Otherwise all are answered.
    run -0 cairn-prove capacity --follow eight < <(rounds 20)
    assert_equal "$(grep -c '^deadline ' <<< "$output")" 20
}

@test "status tells how long disks take, and whether that is in time" {
    run -0 --separate-stderr cairn-prove capacity --status eight more
    assert_equal "$stderr" ""
    assert_regex "$output" "^disk [^ ]+: 2 plots, 1.00 KiB a round, p50 [0-9.]+ m?s, p99 [0-9.]+ m?s$"
    run -0 --separate-stderr cairn-prove capacity --status --json --rounds 5 --window 20s others
    assert_equal "$(jq -c '[.plots, .read_bytes, .rounds, .window_ms, .is_in_time, (.p50_ms <= .p99_ms),
        (.disk | type)]' <<< "$output")" '[2,3072,5,20000,true,true,"string"]'
    run -3 --separate-stderr cairn-prove capacity --status eight nowhere
    assert_regex "$output" "^disk "
    assert_regex "$stderr" "^cairn-prove: warning: .*'nowhere'"
    run -66 --separate-stderr cairn-prove capacity --status nowhere
    mkdir empty
    run -66 --separate-stderr cairn-prove capacity --status empty
    # A million nonces take more than a millisecond, even of a file that has only holes.
    truncate -s 256GiB 1_0_1048576
    run -1 --separate-stderr cairn-prove capacity --status --rounds 2 --window 1ms 1_0_1048576
    assert_regex "$output" "1 plots, 64.00 MiB a round"
    assert_regex "$stderr" "^cairn-prove: warning: disk .* cannot make the window of 1 ms$"
    run -1 --separate-stderr cairn-prove capacity --status --rounds 1 --window 1ms --json 1_0_1048576
    assert_equal "$(jq -c '[.is_in_time, .window_ms]' <<< "$output")" '[false,1]'
    # An answer that takes longer is one, and there is a warning.
    run -0 --separate-stderr prove --window 1ms eight 1_0_1048576
    assert_regex "$output" "^deadline "
    assert_regex "$stderr" "^cairn-prove: warning: the round took .*, and the window is 1 ms$"
}

@test "a round is given once and whole" {
    zeros=$(printf '%064d' 0)
    while read -r options; do
        # shellcheck disable=SC2086 # words
        run -64 --separate-stderr cairn-prove capacity $options
        assert_one_error cairn-prove
    done << EOF
eight
$round
--challenge $zeros eight
--challenge $zeros --base-target 1
--challenge $zeros --base-target 0 eight
--challenge $zeros --base-target -1 eight
--challenge $zeros --base-target 1 --height 1 eight
--challenge $zeros $round eight
--challenge ${zeros}0 --base-target 1 eight
--challenge ${zeros:2} --base-target 1 eight
--challenge ${zeros:2}AA --base-target 1 eight
--generation-signature $zeros --base-target 1 eight
--height 1 --base-target 1 eight
--challenge $zeros --base-target 1 --window 0s eight
--challenge $zeros --base-target 1 --abandon eight
--status --follow eight
--status --rounds 0 eight
--follow
EOF
    run -64 cairn-prove
    # The first and the last of all heights and targets.
    for number in 1 18446744073709551615; do
        cairn-prove capacity --generation-signature "$zeros" --height "$number" \
            --base-target "$number" --json eight | cairn-verify capacity -q
    done
}

@test "the examples in prove's help work" {
    export HEX=$signature
    examples_of cairn-prove | sed 's|/mnt/\*/|eight/ more/|' > examples
    assert_equal "$(wc -l < examples)" 3
    make_data 100000 > 000.shard
    cairn-keygen -o me.key > /dev/null
    cairn-tag -i me.key --public me.audit --prover me.prover 000.shard
    cairn-challenge --random -o question 000.shard.tag
    assert_equal "$(bash -e examples 2> errors | grep -cE '^(deadline|disk) ')" 2
    assert_equal "$(cat errors)" ""
    cairn-verify storage -q --challenge question --key me.audit proof
}
