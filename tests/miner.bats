# Answering every round of a chain: cairn-miner(1), cairn-round(5), cairn-api(7).
# shellcheck disable=SC2154 # helper and run set them
load helper
load data/filters

account=10282355196851764065
signature=a1f8716479099cd55efbd1b8dbca7131ab4daf798d827df744067c4b7b23cf14

setup_file() {
    cd "$BATS_FILE_TMPDIR" || return
    mkdir eight more
    cairn-plot -q --form poc2 --account "$account" --nonces 8 -d eight -d more
}

setup() {
    cd "$BATS_TEST_TMPDIR" || return
    cp -r "$BATS_FILE_TMPDIR"/{eight,more} .
    miner='' node=''
}

teardown() {
    for pid in $miner $node; do
        ! kill "$pid" 2> /dev/null || wait "$pid" || [ $? -gt 128 ]
    done
}

# round HEIGHT [MEMBERS]
round() {
    echo "{\"generation_signature\":\"$signature\",\"height\":$1,\"base_target\":3116215${2:-}}"
}

# Starts a miner of the plots "eight", and others that are named; returns when these are open. What
# it tells goes to "told" and to "log".
start_miner() {
    mkfifo ready
    cairn-miner --plots eight "$@" --ready-fd 8 <&0 > told 2>> log 3>&- 7>&- 9>&- 8> ready &
    miner=$!
    read -rt 60 plots < ready
    rm ready
}

# A miner of rounds that are written to descriptor 7.
start_pipe() {
    mkfifo rounds
    exec 7<> rounds
    start_miner --rounds - "$@" < rounds
    exec 7> rounds
}

# The miner ends with this status; by TERM, unless it does by itself.
assert_miner_ends() {
    local status=0
    [ "$1" -ne 143 ] || kill "$miner"
    exec 7>&-
    wait "$miner" || status=$?
    miner=''
    assert_equal "$status" "$1"
}

# Starts a node in a directory, which takes commands from descriptor 9.
start_node() {
    mkdir -p node
    [ -p commands ] || mkfifo commands
    exec 9<> commands
    /usr/bin/python3 -B "$BATS_TEST_DIRNAME/miner_node.py" "$PWD/node" \
        < commands > node/ready 3>&- 8>&- 9>&- &
    node=$!
    exec 9> commands
    wait_until grep -q ready node/ready
}

# The rounds in the log that ended so.
outcomes() {
    sed -nE 's/^cairn-miner: round ([^:]*): (deadline [0-9]+ s, )?([^;]*); .*/\1 \3/p' log
}

has_outcome() {
    outcomes | grep -qx "$1"
}

# The log has these outcomes and no other line but those given.
assert_log() {
    assert_equal "$(outcomes)" "$1"
    assert_equal "$(grep -vE '^cairn-miner: round [0-9a-f]+: ' log)" "${2:-}"
}

@test "rounds of a pipe are answered one by one, until it ends" {
    start_pipe --plots more
    assert_equal "$plots" "2 plots"
    for height in 470581 2 3; do
        round "$height" >&7
        wait_until has_outcome "$height told"
    done
    echo "{\"challenge\":\"$signature\",\"base_target\":\"1\"}" >&7
    assert_miner_ends 0
    assert_log "470581 told"$'\n'"2 told"$'\n'"3 told"$'\n'"a1f87164 told"
    assert_regex "$(sed -n 1p log)" \
        "^cairn-miner: round 470581: deadline 344406783023 s, told; 2 plots in [0-9.]+ m?s$"
    cairn-verify capacity -q told
    assert_equal "$(jq -r '.height // .challenge' told | xargs)" "470581 2 3 $signature"
    assert_equal "$(sed -n 1p told | jq -r .nonce)" 11
    # The same as cairn-prove says.
    while read -r line; do
        cairn-prove capacity --follow --json eight more <<< "$line" |
            jq -cS 'del(.file, .time_ms, .disks, .faults)'
    done < <(jq -c . told) | cmp - <(jq -cS . told)
}

@test "of rounds that come at once the last is answered and all are logged" {
    for ((i = 1; i <= 40; ++i)); do round "$i"; done > many
    run -0 --separate-stderr cairn-miner --plots eight --rounds - < many
    assert_equal "$(tail -n 1 <<< "$output" | jq -r .height)" 40
    cairn-verify capacity -q <<< "$output"
    echo "$stderr" > log
    assert_equal "$(outcomes | cut -d ' ' -f 1 | xargs)" "$(seq 40 | xargs)"
    assert_equal "$(outcomes | tail -n 1)" "40 told"
    assert [ "$(outcomes | grep -cE ' (over already|abandoned for a new one)$')" -ge 1 ]
    assert_equal "$(outcomes | grep -cE ' (told|over already|abandoned for a new one)$')" 40
}

@test "a pipe that is malformed, or empty, and an output that is full" {
    run -65 --separate-stderr cairn-miner --plots eight --rounds - < <(round 1; echo x)
    assert_equal "$(jq -r .height <<< "$output")" 1
    assert_equal "${stderr_lines[-1]}" "cairn-miner: error: line 2: the round is no JSON"
    run -65 --separate-stderr cairn-miner --plots eight --rounds - --json <<< '{}'
    assert_json_error cairn-miner data 65
    run -0 --separate-stderr cairn-miner --plots eight --rounds - < /dev/null
    assert_equal "$output$stderr" ""
    run -74 --separate-stderr bash -c "cairn-miner --plots eight --rounds <(echo '$(round 1)') > /dev/full"
    assert_regex "$stderr" "^cairn-miner: error: "
}

@test "the last line of a file is the round, and so is each that is appended" {
    (round 1; round 2) > rounds
    start_miner --rounds rounds
    wait_until has_outcome "2 told"
    round 3 >> rounds
    wait_until has_outcome "3 told"
    printf '%s' "$(round 4)" >> rounds
    (echo; round 5) >> rounds
    wait_until has_outcome "5 told"
    # What is no round is told of, and the next one counts.
    echo '{"height":1}' >> rounds
    wait_until grep -q "warning: a round has " log
    round 6 >> rounds
    wait_until has_outcome "6 told"
    # The same round once more is no new one.
    round 6 >> rounds
    round 7 >> rounds
    wait_until has_outcome "7 told"
    assert_miner_ends 143
    outcomes | grep -vx "4 told" | cmp - <(printf '%s told\n' 2 3 5 6 7)
    cairn-verify capacity -q told
    assert_equal "$(wc -l < told)" "$(outcomes | wc -l)"
}

@test "a file that takes the place of another has a new round, also one of the same size" {
    (round 1; round 2) > rounds
    start_miner --rounds rounds
    wait_until has_outcome "2 told"
    round 3 > next
    mv next rounds
    wait_until has_outcome "3 told"
    rm rounds
    wait_until grep -q "warning: .*'rounds'" log
    round 4 > rounds
    wait_until has_outcome "4 told"
    (round 5; round 6; round 7) > next
    mv next rounds
    wait_until has_outcome "7 told"
    for height in 8 9; do
        round "$height" > rounds
        wait_until has_outcome "$height told"
    done
    assert_miner_ends 143
    assert_log "$(printf '%s told\n' 2 3 4 7 8 9)" "$(grep -m 1 "'rounds'" log)"
}

@test "however long a file is, only its last round is answered" {
    line=$(round 1000001)
    yes "$line" | head -n $((2500000 / ${#line})) > rounds
    round 1000002 >> rounds
    start_miner --rounds rounds
    wait_until has_outcome "1000002 told"
    round 3 >> rounds
    wait_until has_outcome "3 told"
    assert_miner_ends 143
    assert_log "1000002 told"$'\n'"3 told"
}

@test "a node is asked for its round, hears each answer, and may refuse it" {
    start_node
    round 470581 | sed 's/^/round /' >&9
    start_miner --plots more --node "ipc://$PWD/node/api.sock"
    wait_until has_outcome "470581 taken"
    for height in 2 3; do
        round "$height" | sed 's/^/publish /' >&9
        wait_until has_outcome "$height taken"
    done
    echo "refuse the block is there" >&9
    # Not published: the miner asks too.
    round 4 | sed 's/^/round /' >&9
    wait_until has_outcome "4 refused: the block is there"
    echo refuse >&9
    round 4 | sed 's/^/publish /' >&9
    round 5 | sed 's/^/publish /' >&9
    wait_until has_outcome "5 taken"
    assert_miner_ends 143
    assert_log "470581 taken
2 taken
3 taken
4 refused: the block is there
5 taken"
    assert [ ! -s told ]
    assert_equal "$(jq -r .height node/submitted | xargs)" "470581 2 3 4 5"
    assert_equal "$(head -n 1 node/submitted | jq -r .nonce)" 11
    cairn-verify capacity -q node/submitted
}

@test "a node that has no answer to its round gets the one that is there" {
    start_node
    echo "refuse not now" >&9
    echo "answered false" >&9
    round 470581 | sed 's/^/round /' >&9
    start_miner --plots more --node "ipc://$PWD/node/api.sock"
    wait_until has_lines node/submitted 2
    rm -r more # it is not looked for again
    echo refuse >&9
    wait_until has_outcome "470581 taken"
    # As if it had started again.
    wait_until has_lines node/submitted $(($(wc -l < node/submitted) + 1))
    echo "answered true" >&9
    wait_until has_lines node/asked $(($(wc -l < node/asked) + 2))
    submitted=$(wc -l < node/submitted)
    wait_until has_lines node/asked $(($(wc -l < node/asked) + 1))
    assert_equal "$(wc -l < node/submitted)" "$submitted"
    assert_miner_ends 143
    assert_log "470581 refused: not now
470581 taken"
    assert_equal "$(sort -u node/submitted | wc -l)" 1
}

@test "a node that is not there yet, ends and comes back costs no more than its rounds" {
    mkdir node
    start_miner --node "ipc://$PWD/node/api.sock"
    wait_until grep -q "warning: nobody answers at " log
    start_node
    wait_until grep -q "warning: the node has no round: there is no round yet" log
    round 1 | sed 's/^/round /' >&9
    wait_until has_outcome "1 taken"
    kill -KILL "$node"
    wait "$node" || [ $? -eq 137 ]
    start_node
    round 2 | sed 's/^/round /' >&9
    wait_until has_outcome "2 taken"
    round 3 | sed 's/^/publish /' >&9
    wait_until has_outcome "3 taken"
    # What is no round is told of once, however often it is heard.
    echo 'round {"height":9}' >&9
    wait_until grep -q "warning: a round has " log
    asked=$(grep -c round node/asked)
    wait_until has_lines node/asked $((asked + 5))
    round 4 | sed 's/^/publish /' >&9
    wait_until has_outcome "4 taken"
    assert_miner_ends 143
    assert_equal "$(outcomes)" "$(printf '%s taken\n' 1 2 3 4)"
    assert_equal "$(grep -c "warning: a round has " log)" 1
    assert_equal "$(grep -c "warning: the node has no round" log)" 1
    assert [ "$(grep -c "warning: nobody answers at " log)" -le 2 ]
    cairn-verify capacity -q node/submitted
}

@test "plots that appear and vanish take part or do not, and are named once" {
    mv more gone
    start_pipe --plots more
    assert_equal "$plots" "1 plots"
    round 470581 >&7
    wait_until has_outcome "470581 told"
    mkdir more
    cp "gone/${account}_8_8" "more/${account}_8_8.part"
    round 2 >&7
    wait_until has_outcome "2 told"
    mv "more/${account}_8_8.part" "more/${account}_8_8"
    round 470581 >&7
    wait_until has_lines told 3
    mv more gone/
    round 3 >&7
    wait_until has_lines told 4
    round 470581 >&7
    assert_miner_ends 0
    assert_equal "$(jq -r 'select(.height == "470581") | .nonce' told | xargs)" "7 11 7"
    assert_equal "$(grep -o '[0-9]* plots' log | xargs)" "1 plots 1 plots 2 plots 1 plots 1 plots"
    assert_equal "$(grep -c "warning: .*'more'" log)" 2
    assert_equal "$(wc -l < log)" 7
}

@test "a plot that gives a wrong answer is named once and not asked again" {
    yes h | tr -d '\n' | head -c 512 |
        dd of="more/${account}_8_8" bs=512 seek=2158 conv=notrunc status=none
    start_pipe --plots more
    for height in 470581 2 3; do
        round "$height" >&7
        wait_until has_outcome "$height told"
    done
    assert_miner_ends 0
    assert_equal "$(jq -r 'select(.height == "470581") | .nonce' told)" 7
    cairn-verify capacity -q told
    assert_equal "$(grep -c "warning: .*more/${account}_8_8.* damaged" log)" 1
    assert_equal "$(wc -l < log)" 4
}

@test "without plots there is a word for each round, and no answer" {
    rm eight/*
    start_pipe
    assert_equal "$plots" "0 plots"
    round 1 >&7
    wait_until has_outcome "1 nothing could be read"
    cp more/* eight
    round 2 >&7
    assert_miner_ends 0
    assert_log "1 nothing could be read"$'\n'"2 told"
    assert_equal "$(jq -r .height told)" 2
}

@test "deadlines that are too long are not told" {
    deadline=1730510533238 # of round 470581
    start_pipe --deadline-max "$deadline"
    round 470581 >&7
    wait_until has_outcome "470581 told"
    round 470581 ',"deadline_max":"1730510533237"' >&7
    wait_until has_outcome "470581 too long"
    assert_miner_ends 0
    assert_equal "$(wc -l < told)" 1
    for limits in "0 1000000000000000" "1730510533237 1730510533238"; do
        # shellcheck disable=SC2086 # words
        set -- $limits
        run -0 --separate-stderr cairn-miner --plots eight --deadline-max "$1" --rounds - \
            <<< "$(round 470581 ",\"deadline_max\":$2")"
        assert_equal "$output" ""
        assert_regex "$stderr" "^cairn-miner: round 470581: deadline $deadline s, too long; 1 plots"
    done
}

@test "a window that is missed is warned of, and the log may be JSON" {
    run -0 --separate-stderr cairn-miner --plots eight --rounds - --window 1ms \
        < <(round 1; round 1 ',"window_ms":86400000')
    run -0 --separate-stderr cairn-miner --plots eight --rounds - --window 1ms < <(round 1)
    assert_regex "${stderr_lines[1]}" "^cairn-miner: warning: the round took .*, and the window is 1 ms$"
    run -0 --separate-stderr cairn-miner --plots eight --rounds - --window 1ms \
        < <(round 1 ',"window_ms":86400000')
    assert_equal "${#stderr_lines[@]}" 1
    run -0 --separate-stderr cairn-miner --plots eight --rounds - --json < <(round 470581)
    assert_equal "$(jq -c '[.ev, .tool, .height, .nonce, .outcome, .file]' <<< "$stderr")" \
        "[\"round\",\"cairn-miner\",\"470581\",\"7\",\"told\",\"eight/${account}_0_8\"]"
    assert_equal "$(jq -r .nonce <<< "$output")" 7
    run -0 --separate-stderr cairn-miner --plots eight --rounds - -q < <(round 470581)
    assert_equal "$(jq -r .nonce <<< "$output")" 7
    assert_equal "$stderr" ""
}

@test "a disk that must not fall asleep is read while there are no rounds" {
    start_pipe --keep-awake 1s
    chars() { sed -n 's/^rchar: //p' "/proc/$miner/io"; }
    before=$(chars)
    is_read() { [ "$(chars)" -ge $((before + 2 * 4096)) ]; }
    wait_until is_read
    round 1 >&7
    wait_until has_outcome "1 told"
    assert_miner_ends 143
}

@test "the environment names what the command line does not" {
    round 1 > rounds
    CAIRN_PLOTS=eight CAIRN_ROUNDS=- CAIRN_DEADLINE_MAX=1 \
        run -0 --separate-stderr cairn-miner < rounds
    assert_regex "$stderr" "^cairn-miner: round 1: .* too long; 1 plots"
    CAIRN_NODE=tcp://127.0.0.1:1 run -78 --separate-stderr cairn-miner --plots eight
    assert_one_error cairn-miner
    CAIRN_WINDOW=soon run -78 --separate-stderr cairn-miner --plots eight --rounds - < rounds
    assert_one_error cairn-miner
}

@test "what cannot be is said at once" {
    while read -r status options; do
        # shellcheck disable=SC2086 # words
        run "-$status" --separate-stderr cairn-miner $options < /dev/null
        assert_one_error cairn-miner
    done << EOF
64
64 --plots eight
64 --rounds -
64 --plots eight --rounds - --node ipc:///nowhere
64 --plots eight --rounds - --window 0ms
64 --plots eight --rounds - --keep-awake 1ms
64 --plots eight --rounds - --deadline-max x
64 --plots eight --rounds - --ready-fd 77
64 --plots eight --rounds - eight
66 --plots eight --rounds nowhere
66 --plots eight --rounds eight
78 --plots eight --node tcp://127.0.0.1:1
78 --plots eight --node ipc://
78 --plots eight --node ipc://$(printf 'x%.0s' {1..108})
EOF
    run -66 --separate-stderr cairn-miner --plots eight --rounds ''
    assert_one_error cairn-miner
}
