# What an account has, and sending from it: cairn-wallet(1).
# shellcheck disable=SC2154 # helper and run set them
load helper
load chain
load data/filters

setup_file() {
    cd "$BATS_FILE_TMPDIR" || return
    # A chain of points, with its locks.
    local points
    points=$(cairn-chain-node --print-genesis points | jq -c '{policy, block, registry, fee}')
    make_chain solo ". + $points | .block.final_blocks = 3 | .registry.assign_blocks = 2"
    start_node 1 --mine "$CHAIN/key"
    for name in ann bob cem; do cairn-keygen -o "$name.key" > /dev/null; done
}

teardown_file() {
    stop_nodes
}

setup() {
    cd "$BATS_TEST_TMPDIR" || return
    cp "$BATS_FILE_TMPDIR"/*.key "$CHAIN/key" .
    for name in ann bob cem; do
        printf -v "$name" %s "$(cairn-keygen -y --address $name.key)"
    done
    export CAIRN_DIR=$CHAIN/1
}

wallet() {
    cairn-wallet "$@" < /dev/null
}

# fund AMOUNT TO...: each has at least so much more, in a block.
fund() {
    local amount=$1 to payments=()
    shift
    for to in "$@"; do payments+=("$to" "$amount"); done
    wallet send -q -i key -y --wait "${payments[@]}" > /dev/null
}

# atoms ACCOUNT MEMBER
atoms() {
    wallet balance --json "$1" | jq -r ".$2_atoms"
}

# new_account: makes a key with its name, and prints its address.
new_account() {
    cairn-keygen -o "$1" > /dev/null
    cairn-keygen -y --address "$1"
}

@test "what is sent arrives, and both sides see it become final" {
    to=$(new_account new)
    run -0 --separate-stderr wallet send -i key -y --wait --reference "invoice 7" "$to" 1.5
    id=$output
    assert_regex "$id" '^[0-9a-f]{64}$'
    assert_regex "$stderr" "send 1[.]5 coins to $to, account [0-9a-f]{64}"
    assert_regex "$stderr" "reference 'invoice 7'"
    assert_regex "$stderr" "fee 0[.]0000[0-9]+ coins"
    assert_regex "$stderr" "total 1[.]5000[0-9]+ coins"
    assert_regex "$stderr" "is not there yet: 0[.]00032 coins of what it gets become its deposit"
    assert_equal "$(atoms "$to" available)" 1499680000
    assert_equal "$(atoms "$to" deposit)" 320000
    assert_equal "$(atoms "$to" total)" 1500000000
    run -0 wallet receipt --json "$id"
    assert_equal "$(jq -r .receipt.status <<< "$output")" "done"
    assert_equal "$(jq -c '[.reversal[].probability]' <<< "$output")" "[0,0,0]"
    final() { [ "$(wallet receipt --json "$id" | jq -r .state)" = final ]; }
    wait_until final
    run -0 wallet receipt "$id"
    assert_line "state final"
    assert_line "one key makes the blocks, and takes none back"
    run -0 wallet history --json "$to"
    assert_equal "$(jq -c '[.id, .direction, .in_atoms, .fee_atoms, .status, .is_final]' <<< "$output")" \
        "[\"$id\",\"in\",\"1500000000\",\"0\",\"done\",true]"
    assert_equal "$(atoms "$to" confirmed)" 1499680000
    run -0 wallet history --no-blocks -n 1 -i key
    assert_line --regexp $'\tout\t-1[.]5\t0[.]0000[0-9]+\tdone\tfinal\t'"$id"
}

@test "several are paid in one transaction, and what waits is pending" {
    first=$(new_account first)
    second=$(new_account second)
    run -0 --separate-stderr wallet send --json -i key -y "$first" 1 "$second" 1500000atoms \
        --reference hex:00ff
    assert_equal "$(jq -r '.state + " " + .total_atoms' <<< "$output" | cut -d ' ' -f 1)" waiting
    assert_equal "$(jq -r '(.total_atoms | tonumber) - (.fee_atoms | tonumber)' <<< "$output")" 1001500000
    id=$(jq -r .id <<< "$output")
    is_there() { [ "$(atoms "$second" total)" = 1500000 ]; }
    wait_until is_there
    assert_equal "$(atoms "$first" total)" 1000000000
    assert_equal "$(wallet history --json "$second" | jq -r .id)" "$id"
}

@test "nothing is sent that was not agreed to" {
    before=$(atoms "$ann" total)
    run -64 --separate-stderr wallet send -i key "$ann" 1
    assert_regex "$stderr" "total 1[.]0000[0-9]+ coins"
    assert_regex "${stderr_lines[-2]}" "error: no terminal to ask on"
    run -1 answer_with n cairn-wallet send -i key "$ann" 1
    assert_output --partial "not signed"
    run -1 answer_with "" cairn-wallet send -i key "$ann" 1
    assert_equal "$(atoms "$ann" total)" "$before"
    run -0 answer_with y cairn-wallet send --wait -i key "$ann" 1
    assert_equal "$(atoms "$ann" total)" $((before + 1000000000))
}

# Types an answer when the wallet asks: ANSWER COMMAND...
answer_with() {
    cat > answer.exp << 'EOF'
set timeout 60
set answer [lindex $argv 0]
spawn -noecho {*}[lrange $argv 1 end]
expect {
    -ex {[y/N] } { send -- "$answer\r"; exp_continue }
    timeout { exit 124 }
    eof
}
exit [lindex [wait] 3]
EOF
    expect -f answer.exp -- "$@"
}

@test "amounts are exact, and what is none is refused" {
    for amount in 0 0.0 0atoms -1 -0.5 +1 1e3 1E3 0x10 1,5 .5 5. 01 "" " 1" 1.0000000001 nan \
        18446744073709551616atoms 99999999999999999999 1.5atoms; do
        run -64 --separate-stderr wallet send -i key -y -- "$ann" "$amount"
        assert_equal "$output" ""
        assert_regex "${stderr_lines[0]}" "error: the amount "
    done
    for amount in 9223372036854775808atoms 18446744073709551615atoms 9223372036.854775808; do
        run -1 --separate-stderr wallet send -i key -y "$ann" "$amount"
        assert_regex "$stderr" "error: no-funds: "
    done
    run -64 wallet send -i key -y "$ann" 18446744073709551615atoms "$bob" 1atoms
    run -64 wallet send -i key -y "$ann"
    run -64 wallet send -i key -y
    fund 1 "$ann"
    before=$(atoms "$ann" available)
    fund 0.1 "$ann"
    assert_equal "$(atoms "$ann" available)" $((before + 100000000))
    fund 1atoms "$ann"
    assert_equal "$(atoms "$ann" available)" $((before + 100000001))
}

@test "fees are no more and no less than they may be" {
    fund 1 "$ann"
    run -1 --separate-stderr wallet send -i key -y --max-fee 1atoms "$ann" 1
    assert_regex "$stderr" "error: the fee would be 0[.]0000[0-9]+ coins, which is above the limit"
    run -1 --separate-stderr wallet send -i key -y --fee 1atoms "$ann" 1
    assert_regex "$stderr" "error: low-fee: "
    run -1 --separate-stderr wallet send -i key -y --fee 2 --max-fee 1 "$ann" 1
    run -0 --separate-stderr wallet send --json -i key -y --fee 0.001 "$ann" 1
    assert_equal "$(jq -r .fee_atoms <<< "$output")" 1000000
    run -64 wallet send -i key -y --fee 0 "$ann" 1
}

@test "each kind of failure has its status" {
    run -69 --separate-stderr wallet balance --timeout 500ms --dir nowhere "$ann"
    assert_one_error cairn-wallet
    run -64 --separate-stderr env -u CAIRN_DIR cairn-wallet balance "$ann"
    run -65 --separate-stderr wallet balance cairn1mistyped
    run -65 --separate-stderr wallet send -i key -y cairn1mistyped 1
    assert_one_error cairn-wallet
    run -66 --separate-stderr wallet send -i missing -y "$ann" 1
    chmod 644 bob.key
    run -77 --separate-stderr wallet send -i bob.key -y "$ann" 1
    run -1 --separate-stderr wallet send -i cem.key -y "$ann" 1
    assert_regex "$stderr" "no-funds: account [0-9a-f]{64} is not there"
    run -77 --separate-stderr wallet send -i cem.key --account "$(cairn-keygen -y --address key)" -y "$ann" 1
    run -1 --separate-stderr wallet receipt "$(printf '0%.0s' {1..64})"
    run -65 --separate-stderr wallet receipt 0
    run -1 --separate-stderr wallet send -i key -y "$(new_account poor)" 319999atoms
    assert_regex "$stderr" "error: too-small: "
    run -69 --separate-stderr wallet send --json --timeout 500ms --dir nowhere -i key -y "$ann" 1
    assert_json_error cairn-wallet unavail 69
}

@test "a transaction is written, signed and sent on three machines" {
    to=$(new_account new)
    sender=$(cairn-keygen -y --address key)
    wallet build --account "$sender" "$to" 2 > draft # knows no secret
    assert_equal "$(jq -c '[.module, .method, .signatures]' draft)" '["coins","transfer",[]]'
    chain_id=$(jq -r .chain draft)
    env -u CAIRN_DIR cairn-wallet sign -i key --chain "$chain_id" -y -o signed draft 2> shown
    grep -q "^send 2 coins to " shown
    grep -q "^fee 0" shown
    grep -q "^total 2[.]0000" shown
    run -0 wallet submit --wait signed
    id=$output
    assert_equal "$id" "$(jq -r .id signed)"
    assert_equal "$(atoms "$to" total)" 2000000000
    run -0 wallet submit signed # again does nothing
    assert_output "$id"
    assert_equal "$(atoms "$to" total)" 2000000000

    run -65 --separate-stderr wallet sign -i key --chain "${chain_id//[0-9]/0}" -y draft
    assert_regex "$stderr" "error: the transaction is for chain $chain_id"
    run -77 --separate-stderr wallet sign -i ann.key -y draft
    run -65 --separate-stderr wallet submit draft
    run -64 --separate-stderr wallet sign -i key draft
    jq -c '.fee_atoms = "1"' draft > changed
    run -65 --separate-stderr wallet sign -i key -y changed
    head -c 100 draft > part
    run -65 --separate-stderr wallet sign -i key -y part
    run -66 --separate-stderr wallet submit missing
    run -73 --separate-stderr wallet sign -i key -y -o signed draft
}

@test "without a node all is given, also as bytes in a pipe" {
    to=$(new_account new)
    sender=$(cairn-keygen -y --json key | jq -r .account)
    wallet build --account "$sender" "$to" 1 > draft
    run -64 --separate-stderr env -u CAIRN_DIR cairn-wallet build --account "$sender" "$to" 1
    env -u CAIRN_DIR cairn-wallet build --account "$sender" --chain "$(jq -r .chain draft)" \
        --sequence "$(jq .sequence draft)" --fee "$(jq -r .fee_atoms draft)atoms" \
        --valid-until "$(jq .valid_until draft)" "$to" 1 > again
    cmp draft again
    env -u CAIRN_DIR cairn-wallet sign --cbor -i key -y draft -o bytes
    run -0 wallet submit --wait bytes
    assert_output "$(jq -r .id draft)"
    wallet build --cbor --account "$sender" "$to" 1 |
        env -u CAIRN_DIR cairn-wallet sign --cbor -qi key -y | cairn-wallet submit --wait
    assert_equal "$(atoms "$to" total)" 2000000000
}

@test "an account of several keys needs so many of them" {
    cairn-wallet descriptor --threshold 2 --json "$ann" "$bob" "$cem" > shared
    cairn-wallet descriptor --threshold 2 "$cem" "$bob" "$ann" > shared.txt
    account=$(jq -r .account shared)
    grep -q "^account: $account" shared.txt
    assert_equal "$(cairn-wallet address --from shared.txt --json)" "$(< shared)"
    assert_equal "$(cairn-wallet address --from "$(jq -r .descriptor shared)" --json)" "$(< shared)"
    fund 10 "$account"
    to=$(new_account new)
    wallet build --from shared "$to" 1 > draft
    for name in ann bob cem; do cairn-wallet sign -q -i $name.key -y draft > $name.signed; done
    run -1 --separate-stderr wallet submit ann.signed
    assert_regex "$stderr" "error: the node refuses it: not-authorised"
    run -77 wallet sign -i key -y draft
    cairn-wallet join ann.signed cem.signed > two
    cairn-wallet join ann.signed cem.signed bob.signed > three # the fee is for two
    assert_equal "$(jq '.signatures | length' three)" 2
    run -0 wallet submit --wait two
    assert_equal "$(atoms "$to" total)" 1000000000
    wallet build --from shared "$to" 1 > draft
    cairn-wallet sign -q -i ann.key -y draft | cairn-wallet sign -q -i bob.key -y > one.after.other
    run -0 wallet submit --wait one.after.other
    assert_equal "$(atoms "$to" total)" 2000000000
    wallet build --from shared "$to" 3 > other
    run -65 wallet join draft other
    run -77 --separate-stderr wallet send --from shared -i ann.key -y "$to" 1
    assert_regex "$stderr" "error: the account needs 2 signatures"
}

@test "a controller takes the place of a key" {
    address=$(new_account old)
    new_account new > /dev/null
    fund 5 "$address"
    cairn-wallet descriptor --threshold 1 --json "$(cairn-keygen -y --address new)" > by.new
    wallet send -q -i old -y --wait --call "$(jq -c '{module: "coins", method: "controller",
        arguments: {controller: .id}}' by.new)"
    run -77 --separate-stderr wallet send -i old -y "$ann" 1
    assert_regex "$stderr" "is controlled by the descriptor $(jq -r .id by.new)"
    run -0 wallet send -i new --account "$address" -y --wait "$ann" 1
    run -77 wallet build --account "$address" "$ann" 1
    wallet build --account "$address" --from by.new "$ann" 1 | cairn-wallet sign -q -i new -y > signed
    run -0 wallet submit --wait signed
}

@test "plots are assigned to a key, and taken back" {
    fund 5 "$ann"
    run -0 wallet send -q -i ann.key -y --wait --call \
        '{"module": "policy", "method": "touch", "arguments": {}}'
    run -0 --separate-stderr wallet assign -i ann.key -y --wait 7 "$bob"
    assert_regex "$stderr" "call registry.assign "
    run -1 --separate-stderr wallet assign -i ann.key -y --wait 7 "$bob"
    assert_regex "$stderr" "failed: exists; its fee is paid"
    run -0 wallet revoke -i ann.key -y --wait 7
    run -1 --separate-stderr wallet revoke -i ann.key -y --wait 8
    assert_regex "$stderr" "failed: absent; its fee is paid"
    run -64 wallet assign -i ann.key -y 4294967296 "$bob"
    run -65 wallet assign -i ann.key -y 7 nobody
    run -65 wallet send -i ann.key -y --call '{"module": "registry", "method": "join"}'
    run -65 wallet send -i ann.key -y --call '{"module": "coins", "method": "none", "arguments": {}}'
}

@test "two wallets that spend one balance at once end with exactly one spend" {
    from=$(new_account twin)
    to=$(new_account new)
    fund 100000 "$from"
    spent=0
    for ((round = 0; round < 24; ++round)); do
        left=$(wallet balance --json "$from" |
            jq '(.available_atoms | tonumber) - (.pending_out_atoms | tonumber)')
        amount=$((left * 6 / 10))
        pids=()
        for one in 1 2; do
            cairn-wallet send -q -i twin -y "$to" "${amount}atoms" < /dev/null > "out.$one" 2> "err.$one" &
            pids+=($!)
        done
        good=0
        for pid in "${pids[@]}"; do
            if wait "$pid"; then good=$((good + 1)); else status=$?; fi
        done
        assert_equal "round $round: $good" "round $round: 1"
        assert_equal "$status" 1
        grep -qhE "no-funds|low-fee-to-replace|used-sequence|the very same" err.1 err.2
        spent=$((spent + amount))
        [ "$left" -gt 10000000 ] || break
        is_settled() { [ "$(atoms "$from" pending_out)" = 0 ]; }
        ((round % 6)) || wait_until is_settled # before a block and after one
    done
    [ "$round" -gt 10 ]
    wait_until is_settled
    assert_equal "$(atoms "$to" total)" "$spent"
}

@test "lanes let several processes send at once" {
    from=$(new_account several)
    fund 100 "$from"
    pids=()
    for ((lane = 0; lane < 6; ++lane)); do
        cairn-wallet send -q -i several -y --wait --lane "$lane" "$ann" 1 < /dev/null > "out.$lane" &
        pids+=($!)
    done
    for pid in "${pids[@]}"; do wait "$pid"; done
    assert_equal "$(sort -u out.* | wc -l)" 6
}

@test "what waits gives way to another with its number that pays more" {
    from=$(new_account hurried)
    to=$(new_account new)
    is_replaced() { # unless a block comes in between
        fund 10 "$from" "$to"
        before=$(atoms "$to" total)
        first=$(wallet send -q -i hurried -y --json "$to" 1)
        wallet build --account "$from" --sequence "$(jq -r .sequence <<< "$first")" --fee 0.1 "$to" 2 |
            cairn-wallet sign -q -i hurried -y > second
        wallet submit -q --wait second
    }
    wait_until is_replaced
    assert_equal "$(atoms "$to" total)" $((before + 2000000000))
    run -1 wallet receipt "$(jq -r .id <<< "$first")"
}

@test "a wallet keeps nothing: killed at any time, it has sent or it has not" {
    from=$(new_account killed)
    fund 10 "$from"
    mkdir home
    for ((i = 0; i < 8; ++i)); do
        HOME=$BATS_TEST_TMPDIR/home CAIRN_HOME=$BATS_TEST_TMPDIR/home \
            cairn-wallet send -q -i killed -y --wait=final "$from" 1 < /dev/null > /dev/null 2> /dev/null &
        pid=$!
        read -rt "0.0$((i * 12 % 10))" <> <(:) || true
        kill -KILL $pid
        wait $pid || true
    done
    assert_equal "$(find home -mindepth 1)" ""
    run -0 wallet send -q -i killed -y --wait "$ann" 1
}

@test "a history has pages, and names every transaction once" {
    from=$(new_account paged)
    fund 10 "$from"
    for ((i = 0; i < 7; ++i)); do wallet send -q -i paged -y "$ann" 0.01 > /dev/null; done
    wallet send -q -i paged -y --wait "$ann" 0.01 > /dev/null
    wallet history --json "$from" > all
    assert_equal "$(wc -l < all)" 9
    assert_equal "$(jq -r .id all | sort -u | wc -l)" 9
    wallet history --json -n 4 "$from" > pages
    place=$(tail -n 1 pages | jq -r '"\(.height)/\(.index)"')
    wallet history --json --before "$place" "$from" >> pages
    assert_equal "$(jq -r .id pages)" "$(jq -r .id all)"
    run -64 wallet history --before x "$from"
    run -64 wallet history -n 0 "$from"
}

@test "an identity shows its address and its account" {
    run -0 cairn-wallet address -i ann.key --json
    assert_equal "$(jq -r .address <<< "$output")" "$ann"
    run -0 cairn-wallet address -i ann.key
    assert_line "address: $ann"
    run -64 cairn-wallet address
    cairn-keygen -o secret -p --passphrase-command "echo word" > /dev/null
    run -0 cairn-wallet address -i secret --passphrase-command "echo word"
    run -77 cairn-wallet address -i secret --passphrase-command "echo other"
}

@test "the examples of wallet's help work" {
    ln -s "$CHAIN/1" chain
    ln -s "$CHAIN/key" me.key
    echo "$ann" > address
    run_examples cairn-wallet
}
