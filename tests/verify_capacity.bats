# What plots and answers to rounds are worth: cairn-verify(1), cairn-plot(1), cairn-round(5).
# shellcheck disable=SC2154 # helper and run set them
load helper
load data/filters

account=10282355196851764065
eight=${account}_0_8
chain=$(printf 'c1%.0s' {1..32})
owner=$(printf 'a1%.0s' {1..32})

setup_file() {
    cairn-plot -q --form poc2 --account "$account" --nonces 8 -d "$BATS_FILE_TMPDIR"
    # What other tools of the family say of nonces in rounds, as answers.
    jq -c '.deadlines[] | {form: "poc2", account, nonce, generation_signature: .gensig, height,
        base_target, scoop, hit: .hit_poc2, deadline: .deadline_poc2}' \
        "$data/poc2.json" > "$BATS_FILE_TMPDIR/answers"
}

setup() {
    cd "$BATS_TEST_TMPDIR" || return
    answers=$BATS_FILE_TMPDIR/answers
    count=$(wc -l < "$answers")
    sed -n 3p "$answers" > one
}

take_eight() {
    cp "$BATS_FILE_TMPDIR/$eight" "$BATS_FILE_TMPDIR/$eight.sum" .
}

# An answer to a round of our form whose worth was not known before: x1 SALT SCALE NONCE.
x1() {
    local answer hit
    answer=$(jq -cn --arg c1 "$chain" --arg a1 "$owner" --arg salt "$1" --arg scale "$2" --arg nonce "$3" \
        '{form: "x1", chain: $c1, account: $a1, salt: $salt, scale: $scale, nonce: $nonce,
          challenge: $c1, base_target: "1000", hit: "1"}')
    hit=$(cairn-verify capacity --json <<< "$answer" | jq -r '.reason | match("is ([0-9]+),").captures[0].string')
    jq -c --arg hit "$hit" '.hit = $hit' <<< "$answer"
}

# assert_refused STATUS LINE ANSWER: it is not valid, or none, and the line is named.
assert_refused() {
    run "-$1" --separate-stderr cairn-verify capacity <<< "$3"
    assert_equal "$output" ""
    assert_equal "${#stderr_lines[@]}" 1
    if [ "$1" -eq 1 ]; then
        assert_regex "$stderr" "^cairn-verify: warning: line $2: the (hit|deadline) is "
    else
        assert_regex "$stderr" "^cairn-verify: error: line $2: [^A-Z].*[^.]$"
    fi
}

@test "what other tools say of nonces is confirmed" {
    assert [ "$count" -ge 40 ]
    run -0 --separate-stderr cairn-verify capacity "$answers"
    assert_equal "$stderr" ""
    assert_equal "$output" "$(seq "$count" | sed 's/.*/line &: valid/')"
    cairn-verify capacity < "$answers" | cmp - <(echo "$output")
    cairn-verify capacity - < "$answers" | cmp - <(echo "$output")
    run -0 --separate-stderr cairn-verify capacity --json "$answers"
    assert_equal "$(jq -c .valid <<< "$output" | sort | uniq -c | xargs)" "$count true"
    assert_equal "$(jq -c 'del(.valid, .line)' <<< "$output" | jq -cS .)" "$(jq -cS . "$answers")"
    run -0 --separate-stderr cairn-verify capacity -q "$answers"
    assert_equal "$output$stderr" ""
}

@test "nonces in the order of the older form are worth something else" {
    jq -c '.deadlines[] | {form: "poc2", account, nonce, generation_signature: .gensig, height,
        base_target, hit: .hit_poc1}' "$data/poc2.json" > poc1
    run -1 --separate-stderr cairn-verify capacity --json poc1
    assert_equal "$(jq -c .valid <<< "$output" | sort | uniq -c | xargs)" "$count false"
    assert_equal "$(jq -r .reason <<< "$output")" "$(jq -r '.deadlines[] |
        "the hit is \(.hit_poc2), not \(.hit_poc1)"' "$data/poc2.json")"
}

@test "the answer in the manual is right, and any number of threads says the same" {
    mandoc -T ascii "$root/man/cairn-round.5" | sed 's/.\x08//g' |
        awk '/^EXAMPLES/ { on = 1 } /^SEE/ { on = 0 } on && /^ +[{"}]/' | jq -c . > manual
    assert_equal "$(jq -c 'has("hit")' manual | xargs)" "false true"
    run -0 cairn-verify capacity <(sed -n 2p manual)
    assert_output "line 1: valid"
    for threads in 1 3 64; do
        cairn-verify capacity --threads "$threads" "$answers"
    done | sort | uniq -c > counts
    assert_equal "$(awk '{ print $1 }' counts | sort -u)" 3
    assert_equal "$(wc -l < counts)" "$count"
    for threads in 0 -1 1025 x ''; do
        run -64 --separate-stderr cairn-verify capacity --threads "$threads" one
        assert_one_error cairn-verify
    done
}

@test "an answer with any member changed is not valid, or none" {
    while read -r status change; do
        changed=$(jq -c "$change" one)
        refute [ "$changed" == "$(cat one)" ]
        assert_refused "$status" 1 "$changed"
    done << 'EOF'
1 .nonce = "1"
1 .account = "2"
65 .generation_signature |= "01" + .[2:]
65 .generation_signature |= .[:62] + "1e"
65 .height = "500001"
1 .hit = "365844604294408342"
1 .hit = "0"
1 .deadline = "5203160261325"
1 .deadline = "0"
65 .scoop = 861
1 .base_target = "70311"
65 .base_target = "0"
65 .form = "x1"
65 .form = "poc1"
65 .form = 2
EOF
    # Without the scoop, which only says it again, the signature and the height count all the same.
    assert_refused 1 1 "$(jq -c 'del(.scoop) | .height = "500001"' one)"
    assert_refused 1 1 "$(jq -c 'del(.scoop) | .generation_signature |= "01" + .[2:]' one)"
    # On a chain of ours the challenge alone decides, and the first bytes of it are not the scoop.
    answer=$(x1 0 1 4097)
    assert_refused 1 1 "$(jq -c '.challenge |= "01" + .[2:]' <<< "$answer")"
    assert_refused 1 1 "$(jq -c '.challenge |= .[:62] + "01"' <<< "$answer")"
}

@test "what is missing or of another type is refused, what is not known is passed over" {
    for change in 'del(.form)' 'del(.account)' 'del(.nonce)' 'del(.base_target)' 'del(.height)' \
        'del(.generation_signature)' '.challenge = .generation_signature' 'del(.hit, .deadline)' \
        '.nonce = -1' '.nonce = 0.5' '.nonce = "00"' '.nonce = " 0"' '.nonce = "0x0"' '.nonce = ""' \
        '.nonce = [0]' '.nonce = true' '.nonce = "18446744073709551616"' '.height = "-1"' \
        '.account = "abc"' '.hit = "x"' '.deadline = {}' '.generation_signature |= .[2:]' \
        '.generation_signature |= . + "00"' '.generation_signature |= ascii_upcase' \
        '.deadline_max = "soon"' '.window_ms = -5' '[.]' 'tostring' '1' 'null'; do
        assert_refused 65 1 "$(jq -c "$change" one)"
    done
    for change in '.nonce = 0' '.height = 500000' '.base_target = 70312' '.scoop = "860"' \
        'del(.scoop)' 'del(.hit)' 'del(.deadline)' '.file = "x"' '.line = 9' '.valid = false' \
        '.deadline_max = "5203160261326"' '.window_ms = 1' 'to_entries | reverse | from_entries'; do
        run -0 --separate-stderr cairn-verify capacity <(jq -c "$change" one)
        assert_equal "$output" "line 1: valid"
    done
}

@test "answers of our form are confirmed by what their nonces give" {
    for plot in "0 1 0" "0 0 4095" "4294967295 3 123456789" "7 2 4503599627370495"; do
        # shellcheck disable=SC2086 # words
        answer=$(x1 $plot)
        jq -c '., (.salt = "1"), (.scale = "4"), (.nonce = "77"), (.chain |= "00" + .[2:]),
            (.account |= "00" + .[2:]), (.hit = "2"), (.deadline = "2")' <<< "$answer" > changed
        run -1 --separate-stderr cairn-verify capacity changed
        assert_equal "$output" "line 1: valid"
        assert_equal "$(grep -c 'warning: line [2-8]: the ' <<< "$stderr")" 7
    done
    for change in '.scale = 9' '.salt = 4294967296' '.chain |= .[2:]' 'del(.account)' 'del(.salt)' \
        'del(.scale)' '.nonce = "18446744073709551615"'; do
        assert_refused 65 1 "$(jq -c "$change" <<< "$answer")"
    done
}

@test "one wrong answer of many is found, and all others are good" {
    x1 5 3 99999 > mine
    awk 'NR == 7 || NR == 22 { while ((getline line < "mine") > 0) print line; close("mine") } 1' \
        "$answers" > mixed
    cairn-verify capacity -q mixed
    while read -r wrong threads; do
        jq -c --argjson wrong "$wrong" 'if input_line_number == $wrong then .hit = "1" else . end' \
            mixed > spoilt
        refute cmp -s mixed spoilt
        run -1 --separate-stderr cairn-verify capacity --threads "$threads" spoilt
        assert_equal "$output" \
            "$(seq $((count + 2)) | grep -vx "$wrong" | sed 's/.*/line &: valid/')"
        assert_equal "${#stderr_lines[@]}" 1
        assert_regex "$stderr" "^cairn-verify: warning: line $wrong: the hit is "
    done <<< "1 1
22 3
$((count + 2)) 2"
    run -1 cairn-verify capacity --json spoilt
    assert_equal "$(jq -c 'select(.valid | not) | .line' <<< "$output")" "$((count + 2))"
}

@test "a malformed line ends all with status 65 and its number" {
    for line in '' 'no JSON' '{"form":"poc2"}' $'\xff' '[]' '{"nonce":1' \
        "$(printf '[%.0s' {1..3000})"; do
        (cat "$answers"; echo "$line"; cat "$answers") > broken
        run -65 --separate-stderr cairn-verify capacity broken
        assert_regex "${stderr_lines[0]}" "^cairn-verify: error: line $((count + 1)): "
        [[ $output != *"line $((count + 1)): valid"* ]] || fail "it is valid: $line"
    done
    jq -c --arg pad "$(printf 'x%.0s' {1..16384})" '.pad = $pad' one > long
    run -65 --separate-stderr cairn-verify capacity long
    assert_one_error cairn-verify
    assert_regex "$stderr" "line 1 is too long"
    run -65 --separate-stderr cairn-verify capacity --json <(echo x)
    assert_json_error cairn-verify data 65
    # The last line needs no end.
    run -0 cairn-verify capacity <(head -c -1 one)
    assert_output "line 1: valid"
}

@test "nothing to check, nothing to read and nowhere to write have their statuses" {
    : > empty
    run -65 --separate-stderr cairn-verify capacity empty
    assert_one_error cairn-verify
    assert_regex "$stderr" "'empty' has no answers"
    run -65 --separate-stderr cairn-verify capacity < /dev/null
    assert_one_error cairn-verify
    for input in nowhere . ''; do
        run -66 --separate-stderr cairn-verify capacity "$input"
        assert_one_error cairn-verify
    done
    run -74 --separate-stderr cairn-verify capacity /proc/self/mem
    assert_one_error cairn-verify
    run -74 --separate-stderr bash -c 'cairn-verify capacity one > /dev/full'
    assert_equal "${#stderr_lines[@]}" 1
    run -64 --separate-stderr cairn-verify capacity one one
    assert_one_error cairn-verify
    run -64 on_terminal 'cairn-verify capacity'
    assert_output --partial "standard input is a terminal"
}

@test "an answer in a pipe is checked as soon as it has come" {
    mkfifo pipe
    cairn-verify capacity < pipe > told 2> errors 3>&- &
    pid=$!
    exec 7> pipe
    for line in 1 2 3; do
        sed -n "${line}p" "$answers" >&7
        wait_until has_lines told "$line"
    done
    jq -c '.hit = "1"' one >&7
    wait_until has_lines errors 1
    head -c 50 one >&7
    exec 7>&-
    status=0
    wait "$pid" || status=$?
    assert_equal "$status" 65
    assert_equal "$(cat told)" "$(seq 3 | sed 's/.*/line &: valid/')"
    assert_regex "$(sed -n 1p errors)" "^cairn-verify: warning: line 4: the hit is "
    assert_regex "$(sed -n 2p errors)" "^cairn-verify: error: line 5: "
}

@test "a check in samples finds what is wrong if it is much, and tells what cannot be read" {
    take_eight
    run -3 --separate-stderr cairn-plot --check --json "$eight" nowhere
    assert_equal "$(jq -c '[.is_good, .has_sums, .faults]' <<< "$output")" '[true,true,[]]'
    assert_equal "$(jq -c '[.ev, (.msg | test("nowhere"))]' <<< "$stderr")" '["warning",true]'
    mkdir bad
    LC_ALL=C tr '\0-\377' '\1-\377\0' < "$eight" > "bad/$eight"
    cp "$eight.sum" bad
    run -1 --separate-stderr cairn-plot --check --json bad nowhere
    assert_equal "$(jq -c '[.is_good, (.faults | length), (.faults | map(.error) | unique)]' <<< "$output")" \
        '[false,40,["differs from its sum","is not what its nonces give"]]'
}

@test "a full check finds each byte, with sums and without" {
    take_eight
    flip "$eight" 999999
    run -1 --separate-stderr cairn-plot --check=full --json "$eight"
    assert_equal "$(jq -c '[.has_sums, (.faults | map(select(.error == "differs from its sum")) |
        map(.offset_bytes, .size_bytes, .scoop))]' <<< "$output")" '[true,[999936,512,1953]]'
    flip "$eight" 999999
    rm "$eight.sum"
    for at in 0 2097151; do
        flip "$eight" "$at"
        run -1 --separate-stderr cairn-plot --check=full "$eight"
        assert_equal "$output${stderr_lines[0]}" "cairn-plot: warning: '$eight': 512 bytes at \
$((at / 512 * 512)), scoop $((at / 512)): is not what its nonces give"
        flip "$eight" "$at"
    done
    run -0 cairn-plot --check=full --json "$eight" --threads 3
    assert_equal "$(jq -c '[.is_good, .has_sums, .read_bytes, .scoops_made, .unseen_ppm]' <<< "$output")" \
        '[true,false,2097152,32768,null]'
}

@test "a check that finds something is heard of even if only errors are shown" {
    take_eight
    rm "$eight.sum"
    flip "$eight" 77777
    run -1 --separate-stderr cairn-plot -q --check=full "$eight"
    assert_regex "$stderr" "^cairn-plot: .*'$eight'"
}

@test "what is no plot, or has not its sums, is not checked" {
    take_eight
    cp "$eight" "${account}_8_8"
    cp "$eight.sum" "${account}_8_8.sum"
    head -c 5000 "$BATS_FILE_TMPDIR/$eight.sum" > "$eight.sum"
    truncate -s 2097153 "${account}_9_8"
    echo x > cairn-00000000-0-1.x1
    cp "$eight" 1_2_3_4
    for file in "${account}_8_8" "$eight" "${account}_9_8" cairn-00000000-0-1.x1 1_2_3_4; do
        run -65 --separate-stderr cairn-plot --check=full "$file"
        assert_one_error cairn-plot
        assert_regex "$stderr" "'$file([.]sum)?' "
    done
    run -66 --separate-stderr cairn-plot --check nowhere elsewhere
    assert_equal "$output$(grep -c error: <<< "$stderr")" 1
}

@test "a warp is made, stays, is checked, and its answers are confirmed" {
    not_sanitized "make it slow"
    make=(cairn-plot --account "$owner" --chain "$chain" --warps 1 --json)
    run -0 "${make[@]}" --salt 5 --dry-run
    other=$(head -n 1 <<< "$output" | jq -r .file)
    run -0 --separate-stderr "${make[@]}"
    plot=$(jq -r .file <<< "$output")
    assert_equal "$(jq -c '[.status, .size_bytes, .warps, .band]' <<< "$output")" '["made",1073745920,1,1]'
    assert_equal "$(files)" "${plot#./} ${plot#./}.sum one "
    # The header is what the manual says.
    {
        printf cairn-x1
        xxd -r -p <<< "0100000001000000$chain${owner}0000000000100000$(printf '%016d' 0)"
        printf '\1\0\0\0\0\0\0\0\1\0\0\0\0\0\0\0'
        head -c 3952 /dev/zero
    } > header
    head -c 4096 "$plot" | cmp - <(cat header; b3sum --raw header)
    run -0 --separate-stderr "${make[@]}"
    assert_equal "$(jq -r .status <<< "$output")" there
    run -0 cairn-plot --check "$plot"
    assert_output "$plot: good in samples, which show with 99 % if 13 % or more are wrong"
    run -0 cairn-plot --check=full --json "$plot"
    assert_equal "$(jq -c '[.is_good, .has_sums, .scoops_made, .read_bytes - 64 * .scoops_made]' <<< "$output")" \
        '[true,true,8,1073741824]'
    # Answers, of both kinds of rounds.
    for round in "--challenge $chain" "--generation-signature $chain --height 7"; do
        # shellcheck disable=SC2086 # words
        cairn-prove capacity --json $round --base-target 9 "$plot" >> answers
    done
    cairn-verify capacity -q answers
    jq -c '.salt = 5, .scale = 0, (.nonce |= (tonumber + 1)), .hit = 1' answers > wrong
    run -1 --separate-stderr cairn-verify capacity wrong
    assert_equal "$output${#stderr_lines[@]}" 8
    scoop=$(head -n 1 answers | jq .scoop)
    place=$(head -n 1 answers | jq -r .nonce)
    run -0 cairn-prove capacity --challenge "$chain" --base-target 9 .
    assert_output --partial " s: warp 0 place $place in $plot ("
    # Bytes that have changed: the first, the best answer's, and the last.
    for at in 4096 $((4096 + 262144 * scoop + 64 * place)) 1073745919; do flip "$plot" "$at"; done
    run -1 --separate-stderr cairn-plot --check=full --json "$plot"
    assert_equal "$(jq -c '.faults | map(.scoop, .size_bytes)' <<< "$output")" \
        "[0,262144,$scoop,262144,4095,262144]"
    run -0 cairn-prove capacity --json --challenge "$chain" --base-target 9 "$plot"
    cairn-verify capacity -q <<< "$output"
    refute [ "$(jq -r .nonce <<< "$output")" == "$place" ]
    # A header of another plot, of another version, and a changed one.
    mv "$plot" "$other"
    run -73 --separate-stderr "${make[@]}" --salt 5
    printf '\2' | dd of="$other" bs=1 seek=8 conv=notrunc status=none
    run -78 --separate-stderr cairn-plot --check "$other"
    printf '\1' | dd of="$other" bs=1 seek=8 conv=notrunc status=none
    for at in 12 20 60 80 88 104 2000 4090; do
        flip "$other" "$at"
        run -65 --separate-stderr cairn-plot --check "$other"
        assert_one_error cairn-plot
        run -66 --separate-stderr cairn-prove capacity --challenge "$chain" --base-target 9 .
        flip "$other" "$at"
    done
}
