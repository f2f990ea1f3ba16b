# A chain's nodes in virtual time: cairn-simnet(1).
load helper
load data/filters

@test "a quiet network is of one mind, and a history is the same each time" {
    run -0 --separate-stderr cairn-simnet --nodes 5 --hours 1 --json
    assert_equal "$stderr" ""
    first=$output
    assert_equal "$(jq -c '[.seed, .violations, .faults, (.miners | length)]' <<< "$first")" '["1",[],[],5]'
    blocks=$(jq .blocks <<< "$first")
    [ "$blocks" -gt 50 ] && [ "$blocks" -lt 70 ]
    assert_equal "$(jq '[.miners[].blocks] | add' <<< "$first")" "$blocks"
    run -0 cairn-simnet --nodes 5 --hours 1 --json
    assert_equal "$output" "$first"
    run -0 cairn-simnet --nodes 5 --hours 1 --seed 2 --json
    [ "$output" != "$first" ]
}

@test "people get a table, and with -q nothing" {
    run -0 cairn-simnet --nodes 3 --hours 1 --role fast-clock
    assert_equal "${#lines[@]}" 4
    assert_regex "${lines[0]}" '^seed 1'$'\t''[0-9]+ blocks, .* made in vain, every '
    assert_regex "${lines[3]}" '^2'$'\t''fast-clock'$'\t''33[.]3 % of space'
    run -0 cairn-simnet -q --nodes 3 --hours 1
    assert_output ""
}

@test "several seeds give several histories, each as by itself" {
    run -0 cairn-simnet --nodes 4 --hours 1 --faults --seed 7 --seeds 3 --json
    assert_equal "$(jq -r .seed <<< "$output" | paste -sd ' ')" "7 8 9"
    third=${lines[2]}
    run -0 cairn-simnet --nodes 4 --hours 1 --faults --seed 9 --json
    assert_output "$third"
}

@test "who has more space makes more blocks" {
    run -0 cairn-simnet --nodes 4 --hours 6 --role fast-clock --share 60 --json
    assert_equal "$(jq '.miners[3].blocks * 100 / .blocks | . > 50 and . < 70' <<< "$output")" true
}

@test "a planted fault is found, told, and is status 1" {
    run -1 --separate-stderr cairn-simnet --nodes 4 --hours 1 --mutant no-proof --role header-spam --seed 1
    assert_regex "$stderr" "a block was connected that is not proven"
    assert_regex "$stderr" "error: 1 of 1 histories violate a rule"
    run -0 cairn-simnet --nodes 4 --hours 1 --role header-spam --seed 1
    run -1 --separate-stderr cairn-simnet --nodes 4 --hours 1 --mutant no-future-limit \
        --role future-flood --faults --shrink --json
    assert_equal "$(jq -r '.violations | length > 0' <<< "$output")" true
}

@test "profiles are named or files, and others are refused" {
    run -0 cairn-simnet --profile dev --nodes 3 --hours 1
    run -0 cairn-simnet --profile points --nodes 3 --hours 1
    run -66 --separate-stderr cairn-simnet --profile nothing-like-it
    assert_one_error cairn-simnet
    echo '{}' > bad
    run -65 --separate-stderr cairn-simnet --profile bad
    assert_one_error cairn-simnet
}

@test "one node makes all blocks, and who sees two of one height stops" {
    run -0 cairn-simnet --nodes 5 --hours 1 --solo 60 --json
    assert_equal "$(jq -c '[.violations, .halted, .miners[0].blocks == .blocks]' <<< "$output")" '[[],0,true]'
    run -0 cairn-simnet --nodes 5 --hours 1 --solo 60 --role equivocating --json
    assert_equal "$(jq -c '[.violations, .halted > 0, .equivocations > 0]' <<< "$output")" '[[],true,true]'
    run -1 --separate-stderr cairn-simnet --nodes 5 --hours 1 --solo 60 --role equivocating --mutant no-halt
    assert_regex "$stderr" "goes on although it has evidence"
    # A genesis of one producer, whose key does not matter.
    cairn-chain-node --print-genesis points |
        jq -c '.engine = {solo: {producer: ("00" * 32), interval_ms: 30000, future_s: 5}}' > solo
    run -0 cairn-simnet --profile solo --nodes 3 --hours 1 --json
    assert_equal "$(jq -c '[.violations, .interval_mean_ms]' <<< "$output")" '[[],30000]'
    run -78 --separate-stderr cairn-simnet --nodes 5 --hours 1 --solo 60 --role multi-fork
    assert_one_error cairn-simnet
    run -64 cairn-simnet --nodes 5 --hours 1 --solo 60 --role header-spam --share 20
}

@test "who comes late with a checkpoint is not led away by a cheap chain" {
    late=(--nodes 6 --hours 2 --late 2 --role cheap-chain --share 5)
    run -0 --separate-stderr cairn-simnet "${late[@]}" --json
    assert_equal "$(jq -c '[.violations, .tips]' <<< "$output")" '[[],1]'
    run -1 --separate-stderr cairn-simnet "${late[@]}" --mutant proofs-granted
    assert_regex "$stderr" "a block was connected that is not proven"
    run -64 cairn-simnet --nodes 3 --late 3
}

@test "options that make no sense are refused" {
    run -64 cairn-simnet --role unheard-of
    run -64 cairn-simnet --nodes 1 --role withholding
    run -64 cairn-simnet --share 20
    run -64 cairn-simnet --nodes 0
    run -64 cairn-simnet --nodes 1001
    run -64 cairn-simnet --hours 0
    run -64 cairn-simnet --mutant no-such
    run -64 cairn-simnet operand
}

@test "the examples of simnet's help work" {
    run_examples cairn-simnet
}
