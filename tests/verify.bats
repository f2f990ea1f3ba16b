# Checking detached signatures: cairn-verify(1), cairn-signature(5).
# shellcheck disable=SC2154 # helper and run set them
load helper
load data/filters

# A file and its signature by the identity of 32 zero bytes.
prepare() {
    install -m 600 "$keys/identity-zero" me.key
    cairn-keygen -y --minisign me.key > me.pub
    make_data 100000 > disk.img
    cairn-sign -i me.key -t "release 1.0" -o disk.img.minisig disk.img
}

# Verify says no, and nothing on standard output: assert_no ARGUMENT...
assert_no() {
    run -1 --separate-stderr cairn-verify signature "$@"
    assert_equal "$output" ""
    assert_equal "$stderr" "cairn-verify: warning: the signature is not valid for this key and file"
}

@test "verify knows the signer by each public form" {
    prepare
    for form in minisign address did; do
        key=$(cairn-keygen -y --$form me.key)
        run -0 --separate-stderr cairn-verify signature -p "$key" disk.img
        assert_equal "$output" "valid signature: release 1.0"
        assert_equal "$stderr" ""
        echo "$key" > key.pub
        cairn-verify signature -q -p key.pub disk.img
        printf %s "$key" > key.pub
        cairn-verify signature -q -p key.pub disk.img
    done
    cairn-verify signature -q -p "$(cairn-keygen -y --address me.key | tr '[:lower:]' '[:upper:]')" disk.img
}

@test "what keygen prints is a public key file" {
    prepare
    cairn-keygen -y me.key > all.pub
    cairn-verify signature -q -p all.pub disk.img
}

@test "verify takes the data from a pipe and the signature from any file" {
    prepare
    mv disk.img.minisig sig
    run -0 cairn-verify signature -p me.pub -s sig < disk.img
    assert_output "valid signature: release 1.0"
    # shellcheck disable=SC2002 # a pipe it shall be
    cat disk.img | cairn-verify signature -q -p me.pub -s sig -
    cairn-verify signature -q -p me.pub -s <(cat sig) disk.img
    cairn-verify signature -q -p me.pub -s - disk.img < sig
}

@test "the example of cairn-signature(5) is true" {
    sed -n '/^untrusted comment: signature by/,/^\.Ed/{/^\.Ed/!p}' "$root/man/cairn-signature.5" > sig
    key=$(grep -E '^RW.{54}$' "$root/man/cairn-signature.5")
    assert_equal "$(wc -l < sig)" 4
    run -0 cairn-verify signature -p "$key" -s sig <<< hello
    assert_output "valid signature: an example"
    echo hello > hello
    minisign -V -q -x sig -P "$key" -m hello
}

@test "verify reads prehashed and legacy signatures of minisign" {
    minisign -G -W -p m.pub -s m.key > /dev/null
    for size in 0 1 65536 262145 1048577; do
        make_data "$size" > in
        minisign -S -s m.key -t theirs -m in > /dev/null
        run -0 cairn-verify signature -p m.pub in
        assert_output "valid signature: theirs"
        minisign -S -l -s m.key -t old -m in > /dev/null
        run -0 cairn-verify signature -p "$(tail -n 1 m.pub)" in
        assert_output "valid signature: old"
    done
    run -0 cairn-verify signature --json -p m.pub in
    assert_equal "$(jq -c . <<< "$output")" \
        '{"valid":true,"kind":"minisign-legacy","trusted_comment":"old"}'
}

@test "verify reads signatures of signify" {
    signify-openbsd -G -n -p s.pub -s s.sec
    for size in 0 1 65536 1048577; do
        make_data "$size" > in
        signify-openbsd -S -s s.sec -m in -x in.sig
        run -0 --separate-stderr cairn-verify signature -p s.pub -s in.sig in
        assert_equal "$output" "valid signature"
        assert_equal "$stderr" ""
    done
    run -0 cairn-verify signature --json -p s.pub -s in.sig in
    assert_equal "$(jq -c . <<< "$output")" '{"valid":true,"kind":"signify","trusted_comment":""}'
    flip in 1048576
    assert_no -p s.pub -s in.sig in
}

@test "a changed file, comment, signature or key is status 1" {
    prepare
    cp disk.img changed
    flip changed 0
    assert_no -p me.pub -s disk.img.minisig changed
    head -c 99999 disk.img > changed
    assert_no -p me.pub -s disk.img.minisig changed
    (cat disk.img && echo) > changed
    assert_no -p me.pub -s disk.img.minisig changed
    : > changed
    assert_no -p me.pub -s disk.img.minisig changed
    sed '3s/1.0/1.1/' disk.img.minisig > sig
    assert_no -p me.pub -s sig disk.img
    cairn-sign -i me.key -t other -o other disk.img
    (head -n 3 disk.img.minisig && tail -n 1 other) > sig
    assert_no -p me.pub -s sig disk.img
    cairn-sign -i me.key -f -t "release 1.0" -o other me.pub
    (head -n 1 disk.img.minisig && sed -n 2p other && tail -n 2 disk.img.minisig) > sig
    assert_no -p me.pub -s sig disk.img
    # The untrusted comment is just that.
    sed '1s/signature/anything/' disk.img.minisig > sig
    cairn-verify signature -q -p me.pub -s sig disk.img
    cairn-keygen -o you.key > /dev/null
    assert_no -p "$(cairn-keygen -y --address you.key)" disk.img
}

@test "a legacy signature does not pass for a prehashed one, nor the other way" {
    prepare
    minisign -G -W -p m.pub -s m.key > /dev/null
    minisign -S -s m.key -x new -m disk.img > /dev/null
    minisign -S -l -s m.key -x old -m disk.img > /dev/null
    sed '2s/^RU/RW/' new > sig
    assert_no -p m.pub -s sig disk.img
    sed '2s/^RW/RU/' old > sig
    assert_no -p m.pub -s sig disk.img
    head -n 2 new | sed '2s/^RU/RW/' > sig
    assert_no -p m.pub -s sig disk.img
}

@test "no with --json is a document and status 1" {
    prepare
    flip disk.img 5
    run -1 --separate-stderr cairn-verify signature --json -p me.pub disk.img
    assert_equal "$(jq -c . <<< "$output")" '{"valid":false,"kind":"minisign","trusted_comment":""}'
    run -1 --separate-stderr cairn-verify signature -q -p me.pub disk.img
    assert_equal "$output$stderr" ""
}

@test "a file that is no signature is status 65" {
    prepare
    refuse() {
        run -65 --separate-stderr cairn-verify signature -p me.pub -s "$1" disk.img
        assert_one_error cairn-verify
    }
    for count in 0 1 3; do
        head -n "$count" disk.img.minisig > sig && refuse sig
    done
    head -n 2 disk.img.minisig > sig && refuse sig # a prehashed one has a trusted comment
    head -c -1 disk.img.minisig > sig && refuse sig
    head -c -2 disk.img.minisig > sig && refuse sig
    (cat disk.img.minisig && echo) > sig && refuse sig
    cat disk.img.minisig disk.img.minisig > sig && refuse sig
    sed 's/$/\r/' disk.img.minisig > sig && refuse sig
    sed '1s/untrusted/trusted/' disk.img.minisig > sig && refuse sig
    sed '3s/trusted/Trusted/' disk.img.minisig > sig && refuse sig
    sed '2s/^RU/Ru/' disk.img.minisig > sig && refuse sig
    sed '2s/=$//' disk.img.minisig > sig && refuse sig
    sed '2s/^/ /' disk.img.minisig > sig && refuse sig
    sed '4s/==$//' disk.img.minisig > sig && refuse sig
    sed $'3s/release/\e[2J/' disk.img.minisig > sig && refuse sig
    refuse me.pub
    refuse disk.img
    head -c 10M /dev/zero > sig && refuse sig
    head -c 10M /dev/zero | tr '\0' '\n' > sig && refuse sig
}

@test "an unknown key is refused, and a secret one is not repeated" {
    prepare
    for file in disk.img disk.img.minisig /dev/null; do
        run -65 --separate-stderr cairn-verify signature -p "$file" disk.img
        assert_one_error cairn-verify
    done
    head -c 10M /dev/zero > large.pub
    run -65 --separate-stderr cairn-verify signature -p large.pub disk.img
    run -66 --separate-stderr cairn-verify signature -p nowhere.pub disk.img
    assert_one_error cairn-verify
    run -64 --separate-stderr cairn-verify signature -p '' disk.img
    assert_one_error cairn-verify
    for key in "$(tail -n 1 me.key)" " $(tail -n 1 me.key)" "$(cat me.key)" me.key; do
        run --separate-stderr cairn-verify signature -p "$key" disk.img
        assert [ "$status" -ge 64 ]
        refute_regex "$stderr" "SECRET-KEY-1|SEED-1"
        assert_one_error cairn-verify
    done
}

@test "a mistyped public form is an error, not an answer" {
    prepare
    refuse() {
        run --separate-stderr cairn-verify signature -p "$1" disk.img
        assert [ "$status" -ge 64 ]
        assert_one_error cairn-verify
    }
    key=$(cairn-keygen -y --minisign me.key) # has no checksum, only a length
    refuse "${key%?}" && refuse "${key}A" && refuse "${key/RW/RX}" && refuse "${key/RW/rw}"
    key=$(cairn-keygen -y --address me.key)
    refuse "${key%?}" && refuse "${key}q" && refuse "${key/cairn/cairm}" && refuse "${key^^[a-h]}"
    for ((at = 6; at < ${#key}; ++at)); do
        letter=q
        [[ ${key:at:1} != q ]] || letter=p
        refuse "${key:0:at}$letter${key:at + 1}"
    done
    key=$(cairn-keygen -y --did me.key)
    refuse "${key%?}" && refuse "${key}1" && refuse "${key/z6Mk/z6LS}" && refuse "${key/z6/m6}"
}

@test "what is missing is named" {
    prepare
    run -66 --separate-stderr cairn-verify signature -p me.pub me.key
    assert_regex "$stderr" "'me.key.minisig'"
    run -66 --separate-stderr cairn-verify signature -p me.pub -s disk.img.minisig nowhere
    assert_regex "$stderr" "'nowhere'"
    run -64 --separate-stderr cairn-verify signature disk.img
    assert_one_error cairn-verify
    run -64 --separate-stderr cairn-verify signature -p me.pub < disk.img
    assert_one_error cairn-verify
    run -64 --separate-stderr cairn-verify signature -p me.pub - < disk.img
    run -64 --separate-stderr cairn-verify
    assert_regex "${stderr_lines[0]}" "no verb"
    run -64 --separate-stderr cairn-verify signatur -p me.pub disk.img
    assert_regex "${stderr_lines[1]}" "signature"
}

@test "a trusted comment cannot harm a terminal" {
    prepare
    comment=$'tab\there \xe2\x80\xaereversed \xff end'
    minisign -G -W -p m.pub -s m.key > /dev/null
    minisign -S -s m.key -t "$comment" -m disk.img > /dev/null
    run -0 cairn-verify signature -p m.pub disk.img
    assert_output 'valid signature: tab\there \xe2\x80\xaereversed \xff end'
    run -0 cairn-verify signature --json -p m.pub disk.img
    jq -e .valid <<< "$output" > /dev/null
}

@test "verify reports a full disk and closed descriptors" {
    prepare
    run -74 --separate-stderr bash -c 'cairn-verify signature -p me.pub disk.img > /dev/full'
    assert_one_error cairn-verify
    run -74 --separate-stderr bash -c 'cairn-verify signature -p me.pub disk.img >&-'
    run -66 --separate-stderr bash -c 'cairn-verify signature -p me.pub -s disk.img.minisig <&-'
    run -0 bash -c 'cairn-verify signature -q -p me.pub disk.img <&- 2>&- >&-'
}

@test "standard input is read for one purpose only" {
    prepare
    for arguments in "-p me.pub -s -" "-p - -s disk.img.minisig" "-p - -s - disk.img"; do
        # shellcheck disable=SC2086 # words
        run -64 --separate-stderr cairn-verify signature $arguments < disk.img.minisig
        assert_one_error cairn-verify
        assert_regex "$stderr" "more than one purpose"
    done
    cairn-verify signature -q -p me.pub -s - disk.img < disk.img.minisig
    cairn-verify signature -q -p - disk.img < me.pub
}

@test "verify does not wait for what nobody types" {
    prepare
    run -64 on_terminal 'cairn-verify signature -p me.pub -s disk.img.minisig'
    assert_output --partial "standard input is a terminal"
}

@test "names are names, whatever is in them" {
    prepare
    for name in $'new\nline' $'\e[31mred' $'bad\xff' '[a,b]' ' ' '-x' "quote'"; do
        cp disk.img "./$name"
        cp disk.img.minisig "./$name.minisig"
        cairn-verify signature -q -p me.pub -- "$name"
        cp me.pub "./$name.pub"
        cairn-verify signature -q -p "$name.pub" -s "$name.minisig" -- "$name"
    done
}

@test "the environment changes nothing" {
    prepare
    export CAIRN_HOME=/nonexistent/$'\n' CAIRN_PUBLIC_KEY=none CAIRN_SIGNATURE=none CAIRN_QUIET=1
    run -0 cairn-verify signature -p me.pub disk.img
    assert_output "valid signature: release 1.0"
}

@test "verify's errors and progress are JSON on request" {
    prepare
    run -66 --separate-stderr cairn-verify signature --json -p me.pub nowhere
    assert_json_error cairn-verify noinput 66
    run -65 --separate-stderr cairn-verify --json signature -p me.pub -s me.pub disk.img
    assert_json_error cairn-verify data 65
    cairn-verify signature --progress=json -p me.pub disk.img 2> events > /dev/null
    assert_equal "$(tail -n 1 events | jq -c '[.ev, .phase, .done_bytes, .total_bytes]')" \
        '["progress","verify",100000,100000]'
}

@test "the examples of verify's help work" {
    prepare
    cairn-keygen -y --address me.key > address
    cp disk.img.minisig sig
    cp "$data/records/receipts" all
    sed -n 2p all > receipts
    cairn-verify receipt --json receipts | jq -r .provider > provider
    run_examples cairn-verify
}

# Three receipts of two providers, made by another implementation.
prepare_receipts() {
    cp "$data/records/receipts" receipts
    cairn-verify receipt --json receipts > all.json
    jq -r .provider all.json > providers
    first=$(sed -n 1p providers)
    second=$(sed -n 2p providers)
}

@test "verify lists what good receipts are for" {
    prepare_receipts
    run -0 --separate-stderr cairn-verify receipt receipts
    assert_equal "$stderr" ""
    assert_equal "${#lines[@]}" 132
    assert_equal "${lines[1]}" "$(printf '02%.0s' {1..32})"$'\t65536\t'"$first"
    assert_equal "${lines[3]}" "$(printf '02%.0s' {1..32})"$'\t65536\t'"$second"
    cairn-verify receipt < receipts | cmp - <(cairn-verify receipt receipts)
    run -0 --separate-stderr cairn-verify receipt -q receipts
    assert_equal "$output$stderr" ""
    assert_equal "$(jq -c '[.valid, .line, .serial, .time_s, .expiry_s, (.items | length)]' all.json)" \
        '[true,1,"1000",1800000000,1800086400,3]
[true,2,"1",1800000000,0,1]
[true,3,"1003",1800000001,0,128]'
    assert_equal "$(jq -r .network all.json | sort -u)" "$(printf '4e%.0s' {1..32})"$'\nnull'
}

@test "verify tells whose receipts they are" {
    prepare_receipts
    assert_regex "$first" '^cairn1'
    assert_equal "$first" "$(sed -n 3p providers)"
    refute [ "$first" == "$second" ]
    sed 2d receipts > of-first
    cairn-verify receipt -q -p "$first" of-first
    echo "$first" > first.pub
    cairn-verify receipt -q -p first.pub of-first
    run -1 --separate-stderr cairn-verify receipt -p "$first" receipts
    assert_equal "${#lines[@]}" 131
    assert_equal "$stderr" "cairn-verify: warning: line 2: the receipt is of another provider"
    run -1 --separate-stderr cairn-verify receipt --json -p "$second" receipts
    assert_equal "$(jq -c '[.valid, .reason]' <<< "${lines[0]}")" \
        '[false,"the receipt is of another provider"]'
    assert_equal "$(jq -c .valid <<< "${lines[1]}")" true
}

@test "a receipt with any part changed is not valid, or none" {
    prepare_receipts
    head -n 1 receipts > one
    size=$(stat -c %s one)
    for ((at = 14; at < size; at += 7)); do
        flip one "$at"
        if cairn-verify receipt one > out 2> err; then
            fail "a receipt with byte $at changed is valid"
        fi
        [ ! -s out ] || fail "byte $at: a shard is listed"
        flip one "$at"
    done
    cairn-verify receipt -q one
}

@test "what is no receipts file is refused with status 65" {
    prepare_receipts
    head -c -1 receipts > cut
    run -65 --separate-stderr cairn-verify receipt -q cut
    assert_one_error cairn-verify
    assert_regex "$stderr" "line 3: it has no end"
    : > empty
    run -65 --separate-stderr cairn-verify receipt empty
    assert_regex "$stderr" "'empty' has no receipts"
    (echo; cat receipts) > blank
    run -65 --separate-stderr cairn-verify receipt blank
    assert_one_error cairn-verify
    make_data 100000 > other
    run -65 --separate-stderr cairn-verify receipt other
    assert_one_error cairn-verify
    run -65 --separate-stderr cairn-verify receipt --json other
    assert_json_error cairn-verify data 65
    run -66 --separate-stderr cairn-verify receipt nowhere
    run -74 --separate-stderr bash -c 'cairn-verify receipt receipts > /dev/full'
    run -64 --separate-stderr cairn-verify receipt -p - -
}

@test "a long receipts file is read in constant memory" {
    not_sanitized "take memory of their own"
    prepare_receipts
    for ((i = 0; i < 200; ++i)); do cat receipts; done > long
    for ((i = 0; i < 10; ++i)); do cat long; done > longer
    assert_equal "$(cairn-verify receipt longer | wc -l)" $((2000 * 132))
    bash -c 'ulimit -v 200000; cairn-verify receipt -q longer'
}

@test "verify tells a link from a mistyped one, and shows no key" {
    locator=cairn:co1qyqqzqsrqszsvpcgpy9qkrqdpc83qygjzv2p29shrqv35xcur50p7g23wj3
    key=ck1qyqqzqsrqszsvpcgpy9qkrqdpc8s7j0ugl
    echo "$locator#$key" > link
    run -0 --separate-stderr cairn-verify link @link
    assert_equal "$output" "valid link: $locator"
    assert_equal "$stderr" ""
    assert_equal "$(cairn-verify link < link)" "valid link: $locator"
    assert_equal "$(cairn-verify link "$locator")" "valid locator: $locator"
    assert_equal "$(cairn-verify link --json - < link)" \
        "{\"valid\":true,\"locator\":\"$locator\",\"has_key\":true}"
    cairn-verify link -q fd:7 7< link
    for ((at = 6; at < ${#locator} + ${#key}; at += 3)); do
        flip link "$at"
        run -1 --separate-stderr cairn-verify link @link
        assert_equal "$output" ""
        assert_regex "$stderr" "^cairn-verify: warning: not a valid link: "
        refute_regex "$stderr" "ck1"
        flip link "$at"
    done
    run -1 --separate-stderr cairn-verify link --json @<(echo nothing)
    assert_equal "$(jq .valid <<< "$output")" false
    run -66 --separate-stderr cairn-verify link @nowhere
    run -64 --separate-stderr cairn-verify link nowhere
    refute_output --partial "ck1"
}
