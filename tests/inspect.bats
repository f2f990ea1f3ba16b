# cairn-inspect(1): every format is recognised by itself, and no secret is shown.
load helper
load data/filters

setup_file() {
    cd "$BATS_FILE_TMPDIR"
    cairn-keygen -o me.key > me.pub
    head -c 200000 /dev/zero | tr '\0' 'x' > data
    cairn-encrypt -i me.key -o data.age data
    cairn-encrypt -a -i me.key -o data.asc data
    cairn-encode --segment 64KiB -d shards data > id
    cairn-encode --segment 64KiB -o data.shards data
    cairn-sign -i me.key -o data.minisig data
    ssh-keygen -q -t ed25519 -N '' -f ssh.key
    ssh-keygen -q -t ed25519 -N secret -f locked.key
    cairn-keygen -y --words me.key > words
    sed -n 's/^recipient: //p' me.pub > recipient
    sed -n 's/^address: //p' me.pub > address
    sed -n 's/^did: //p' me.pub > did
    sed -n 's/^minisign: //p' me.pub > minisign
    grep AGE-SECRET me.key > age.key
    echo 'cairn:co1qyqqzqsrqszsvpcgpy9qkrqdpc83qygjzv2p29shrqv35xcur50p7g23wj3#ck1qyqqzqsrqszsvpcgpy9qkrqdpc8s7j0ugl' > link
    cp "$data/records/receipts" .
    while read -r name hex; do
        # shellcheck disable=SC2001 # bytes by two digits
        printf '%b' "$(sed 's/../\\x&/g' <<< "$hex")" > "$name"
    done < "$data/records/records.txt"
    mkdir ledger
    while read -r name hex; do
        xxd -r -p <<< "$hex" > "ledger/$name"
    done < "$data/ledger/records.txt"
    sed -n 's/^genesis //p' "$data/ledger/chain-ccc.txt" > ledger/genesis
}

setup() {
    cd "$BATS_FILE_TMPDIR"
}

kind_of() {
    cairn-inspect --json "$1" | jq -r .kind
}

@test "inspect recognises every format" {
    while read -r file kind; do
        assert_equal "$file $(kind_of "$file")" "$file $kind"
        assert_equal "$file $(cairn-inspect --json < "$file" | jq -r .kind)" "$file $kind"
    done <<-'END'
		me.key identity
		words words
		age.key age-identity
		ssh.key ssh-private
		ssh.key.pub ssh-public
		address address
		did did
		recipient age-recipient
		minisign signer-key
		data.minisig signature
		data.age age
		data.asc age
		shards/000.shard shard-file
		data.shards shard-stream
		shards/manifest manifest
		link link
		node_record node-record
		node_text node-record
		receipts receipts
		receipt receipt
		drop_request drop-order
		list list
		index_record index-record
		audit_key audit-key
		audit_key_text audit-key
		prover_key prover-key
		tag_file tags
		tag_set tag-set
		challenge challenge
		storage_proof storage-proof
		transcript transcript
		transcript_chosen transcript
		ledger/transaction transaction
		ledger/body transaction-body
		ledger/descriptor descriptor
		ledger/header header
		ledger/block block
		ledger/receipt transaction-receipt
		ledger/state_proof state-proof
		ledger/state_proof_other state-proof
		ledger/genesis genesis
	END
}

@test "inspect tells what plots are, finished or not" {
    mkdir plots
    cairn-plot -q --form=poc2 --account 7 --start 5 --nonces 1 -d plots
    assert_equal "$(cairn-inspect --json plots/7_5_1 | jq -c '[.kind, .account, .start, .nonces, .is_whole]')" \
        '["plot","7","5",1,true]'
    assert_equal "$(cairn-inspect --json plots/7_5_1.sum | jq -c '[.kind, .stripes, .scoops, .is_whole]')" \
        '["plot-sums","1",4096,true]'
    digits=$(printf '%064d' 1)
    cairn-plot -q --chain "$digits" --account "$digits" --salt 3 --warps 1 -d plots &
    until [ -s plots/*.x1.part ] && [ -e plots/*.x1.sum.part ]; do sleep 0.05; done
    kill -9 $!
    wait $! || true # of what was killed
    run -0 cairn-inspect --json plots/*.x1.part
    assert_equal "$(jq -c '[.kind, .form, .chain, .salt, .scale, .warps, .is_whole]' <<< "$output")" \
        "[\"plot\",\"x1\",\"$digits\",3,1,1,true]"
    assert_equal "$(cairn-inspect --json plots/*.journal | jq -c '[.kind, .stripe_places, .stripes_done]')" \
        '["plot-journal","4096","0"]'
    printf cairn-x1 > cut
    run -65 cairn-inspect cut
    printf cairnsum > cut
    run -65 cairn-inspect cut
}

@test "inspect tells what a shard, a stream and a manifest agree on" {
    for file in shards/003.shard shards/manifest data.shards; do
        run -0 cairn-inspect --json "$file"
        assert_equal "$(jq -r .id <<< "$output")" "$(cat id)"
        assert_equal "$(jq -r .total_bytes <<< "$output")" 200000
        assert_equal "$(jq -r .segments <<< "$output")" 4
    done
    assert_equal "$(cairn-inspect --json shards/003.shard | jq .index)" 3
    assert_equal "$(cairn-inspect --json data.shards | jq .frames)" 24
    assert_equal "$(cairn-inspect --json shards/manifest | jq '.roots | length')" 24
}

@test "inspect shows the recipients and the size of an age file" {
    run -0 cairn-inspect --json data.age
    assert_equal "$(jq -r '.recipients[0].type' <<< "$output")" X25519
    assert_equal "$(jq .plain_bytes <<< "$output")" 200000
    assert_equal "$(cairn-inspect --json data.asc | jq .armored)" true
}

@test "inspect shows no secret of any secret file" {
    for file in me.key words age.key ssh.key link list index_record; do
        cairn-inspect "$file" > shown
        cairn-inspect --text "$file" >> shown
        run ! grep -qE 'AGE-SECRET|CAIRN-SEED|BEGIN|ck1' shown
        run ! grep -qFf <(tr ' ' '\n' < words | sed -n '5,8p' | paste -sd ' ') shown
    done
    assert_equal "$(cairn-inspect --json me.key | jq .secret)" true
    assert_equal "$(cairn-inspect --json link | jq .has_key)" true
}

@test "inspect prints JSON on several lines, on one with --json, and text with --text" {
    run -0 cairn-inspect me.key
    jq -e .address <<< "$output"
    assert [ "${#lines[@]}" -gt 3 ]
    run -0 cairn-inspect --json me.key
    assert_equal "${#lines[@]}" 1
    run -0 cairn-inspect --text me.key
    assert_line --index 0 "kind: identity"
    run -64 cairn-inspect --text --json me.key
}

@test "inspect escapes what a file says" {
    printf 'untrusted comment: a\n%s\ntrusted comment: b\xe2\x80\xaec\n%s\n' \
        "$(sed -n 2p data.minisig)" "$(sed -n 4p data.minisig)" > bidi.minisig
    run -0 cairn-inspect --text bidi.minisig
    refute_output --partial $'\xe2\x80\xae'
    assert_output --partial '\xe2'
}

@test "inspect refuses what is damaged, unknown or empty with status 65" {
    for file in data.minisig shards/000.shard shards/manifest data.shards me.key receipts receipt \
        node_record node_text drop_request list index_record; do
        head -c -1 "$file" > cut
        run -65 --separate-stderr cairn-inspect cut
        assert_equal "$output" ""
    done
    for file in shards/000.shard shards/manifest data.shards; do
        (cat "$file" && echo) > longer
        run -65 --separate-stderr cairn-inspect longer
        assert_equal "$output" ""
    done
    cp data.shards changed
    flip changed $(($(stat -c %s changed) - 100)) # a root in the manifest
    run -65 --separate-stderr cairn-inspect changed
    (head -c 5000 shards/000.shard && tail -c +5002 shards/000.shard) > shorter
    run -65 --separate-stderr cairn-inspect shorter
    : > empty
    run -65 cairn-inspect empty
    head -c 1000 /dev/zero > zeros
    run -65 cairn-inspect zeros
    printf '\x81\x81\x81\x81\x81\x81\x81\x81\x81\x81\x81\x81\x81\x81\x81\x81\x81\x01' > deep
    run -65 cairn-inspect deep
    printf '\x82\x01' > short
    run -65 cairn-inspect short
}

@test "inspect shows what the records of the network say, and whether they are signed" {
    assert_equal "$(cairn-inspect --json node_record | jq -c '[.sequence, .addresses, .stores,
        .relays, .network[:4], .expiry_s, .signed]')" \
        '["7",["[::1]:7001","example.org:7001"],true,true,"4e4e",1800000000,true]'
    cairn-inspect node_text | cmp - <(cairn-inspect node_record)
    assert_equal "$(cairn-inspect --json receipt | jq -c '[.serial, .items[1].size_bytes, .signed]')" \
        '["1000",65536,true]'
    assert_equal "$(cairn-inspect --json receipts | jq -c '[.receipts, .shards, .signed]')" \
        '[3,132,true]'
    assert_equal "$(cairn-inspect --json drop_request | jq -c '[.items[1].serial, .signed]')" \
        '["1099511627776",true]'
    for file in node_record receipt drop_request; do
        size=$(stat -c %s "$file")
        (head -c -3 "$file" && printf '\x01\x02\x00') > "forged-$file"
        assert_equal "$(stat -c %s "forged-$file")" "$size"
        assert_equal "$(cairn-inspect --json "forged-$file" | jq .signed)" false
    done
}

@test "inspect shows what storage proofs are made of" {
    assert_equal "$(cairn-inspect --json audit_key | jq -c '[.sectors, .block_bytes, .signed, .key[:8]]')" \
        '[16,496,true,"ee656541"]'
    cairn-inspect audit_key | cmp - <(cairn-inspect audit_key_text)
    cairn-inspect prover_key | sed s/prover-key/audit-key/ | cmp - <(cairn-inspect audit_key)
    assert_equal "$(cairn-inspect --json tag_file | jq -c '[.size_bytes, .blocks, .signed]')" '[0,1,true]'
    assert_equal "$(cairn-inspect --json tag_set | jq -c '[.files, .signed, (.list | map(.size_bytes))]')" \
        '[2,true,[0,1]]'
    assert_equal "$(cairn-inspect --json challenge | jq -c '[.blocks, .files, .list[1].size_bytes]')" \
        '[5,2,1]'
    assert_equal "$(cairn-inspect --json storage_proof | jq -r .proof)" \
        "$(tail -c 128 storage_proof | xxd -p -c 128)"
    cairn-inspect --json storage_proof | jq 'del(.proof, .kind)' |
        cmp - <(cairn-inspect --json challenge | jq 'del(.kind)')
    assert_equal "$(cairn-inspect --json transcript | jq -c '[.passed, .wrong, .refused, .silent,
        .signed, .beacon[:4], (.list | map(.outcome))]')" \
        '[1,1,1,1,true,"bebe",["passed","wrong","refused","silent"]]'
    assert_equal "$(cairn-inspect --json transcript_chosen | jq .beacon)" null
    for file in audit_key prover_key tag_file tag_set challenge storage_proof transcript; do
        size=$(stat -c %s $file)
        for ((at = 0; at < size; at += size / 25 + 1)); do
            cp $file changed
            flip changed $at
            run cairn-inspect --json changed
            [[ $status == 0 || $status == 65 ]] || fail "$file, byte $at: status $status"
        done
        for end in 1 7 9 100 $((size - 1)); do
            head -c $end $file > short
            run -65 --separate-stderr cairn-inspect short
            assert_equal "$output" ""
        done
        (cat $file; head -c 2M /dev/zero) > longer
        run -65 --separate-stderr cairn-inspect longer
    done
    # Signatures that are wrong.
    for file in tag_file transcript; do
        cp $file changed
        flip changed $(($(stat -c %s $file) - 64))
        assert_equal "$(cairn-inspect --json changed | jq .signed)" false
    done
    # Those that are longer than what is looked at first.
    /usr/bin/python3 -c 'import cbor2, hashlib, struct
transcript = cbor2.load(open("transcript", "rb"))
for answer in transcript[7]: answer[2] = 16
transcript[7] *= 1500
open("large", "wb").write(cbor2.dumps(transcript))
front = open("tag_file", "rb").read()[:160]
key, root = front[64:96], front[32:64]
file = hashlib.sha256(b"CAIRN-POR-V1-FID" + key + struct.pack(">QI", 1 << 20, 1) + root).digest()
head = front[:12] + struct.pack("<IQQ", 1, 1 << 20, 33826) + root + key + file + front[128:]
open("many", "wb").write(head + bytes(33826 * 48 + 64))'
    assert [ "$(stat -c %s large)" -gt 1048576 ]
    assert_equal "$(cairn-inspect --json large | jq -c '[.passed, .silent, .signed, .list]')" \
        '[1500,1500,false,null]'
    assert_equal "$(cairn-inspect --json many | jq -c '[.kind, .blocks, .signed]')" '["tags",33826,false]'
}

@test "inspect shows what chains are made of, by name" {
    cd ledger
    snapshot() { /usr/bin/python3 -B "$data/ledger/snapshot.py" "$@"; }
    id() { grep "^$1 " "$data/ledger/records.txt" | cut -d ' ' -f 2; }
    assert_equal "$(cairn-inspect --json transaction | jq -c '[.id, .module, .method, .signed,
        (.arguments.calls | map(.method)), (.signatures | length), .descriptors[0].threshold]')" \
        "[\"$(id transaction_id)\",\"group\",\"calls\",true,[\"transfer\",\"controller\",\"controller\"],3,1]"
    assert_equal "$(cairn-inspect --json body | jq -c 'del(.kind)')" \
        "$(cairn-inspect --json transaction | jq -c 'del(.kind, .signatures, .descriptors, .signed)')"
    assert_equal "$(cairn-inspect --json block | jq -c '[.id, .seal.signed, .transactions]')" \
        "[\"$(id block_id)\",true,2]"
    assert_equal "$(cairn-inspect --json block | jq -c '.list[0]')" \
        "$(cairn-inspect --json transaction | jq -c 'del(.kind, .version)')"
    cairn-inspect --json header | jq 'del(.kind)' |
        cmp - <(cairn-inspect --json block | jq 'del(.kind, .seal, .transactions, .list)')
    assert_equal "$(cairn-inspect --json receipt_failed | jq -c '[.status, .events]')" '["not-true",[]]'
    assert_equal "$(cairn-inspect --json state_proof | jq -c '[.table, .proven, (.record | keys)]')" \
        '["supply",true,["burnt_atoms","minted_atoms"]]'
    assert_equal "$(cairn-inspect --json state_proof_nothing | jq -c '[.table, .proven, .record]')" \
        '["account",true,null]'
    assert_equal "$(cairn-inspect --json genesis | jq -c '[.name, .chain, .policy.ccc.recycling]')" \
        "[\"oracle-ccc\",\"$(sed -n 's/^chain //p' "$data/ledger/chain-ccc.txt")\",true]"
    assert_equal "$(cairn-inspect --json genesis | jq -Sc 'del(.kind, .version, .chain, .first_block)')" \
        "$(jq -Sc . genesis)"
    snapshot frame snapshot_head snapshot_chunk_[0-7] > snapshot
    assert_equal "$(cairn-inspect --json snapshot | jq -c '[.kind, .height, .values, .chunks,
        ([.parts[].values] | add), (.parts | map(.prefix)), (.list | length), (.list | map(.table) | unique)]')" \
        '["snapshot",60,67,8,67,[0,1,2,3,4,5,6,7],67,["account","assignment","block","earning","head","node-key","points","provider","reward","supply"]]'
    snapshot cut 13 < snapshot > fine
    assert_equal "$(cairn-inspect --json fine | jq -c '[.chunks, .parts, (.list | length)]')" '[8192,null,67]'
    # What is wrong is shown or refused.
    snapshot drop 3 < snapshot > changed
    run -65 --separate-stderr cairn-inspect changed
    assert_equal "$output" ""
    cp transaction changed
    flip changed 50
    assert_equal "$(cairn-inspect --json changed | jq .signed)" false
    cp state_proof changed
    flip changed $(($(stat -c %s changed) - 20))
    assert_equal "$(cairn-inspect --json changed | jq .proven)" false
    for file in transaction descriptor header block receipt state_proof genesis snapshot; do
        head -c -3 $file > cut
        run -65 --separate-stderr cairn-inspect cut
        assert_equal "$output" ""
    done
    sed 's/"epoch_blocks": 16/"epoch_blocks": 0/' genesis > changed
    run -65 --separate-stderr cairn-inspect changed
    sed 's/"base_target": "[0-9]*"/"base_target": "0"/' genesis > changed
    run -78 --separate-stderr cairn-inspect changed
    # What is no body is some other array; and a block is read to its end.
    /usr/bin/python3 -c 'import cbor2
open("nine", "wb").write(cbor2.dumps([bytes(32)] + [0] * 8))
block = cbor2.load(open("block", "rb"))
block[4] *= 3000
open("large", "wb").write(cbor2.dumps(block))'
    assert_equal "$(kind_of nine)" cbor
    assert [ "$(stat -c %s large)" -gt 1048576 ]
    assert_equal "$(cairn-inspect --json large | jq -c '[.kind, .transactions, .list]')" '["block",6000,null]'
    head -c -1 large > cut
    run -65 --separate-stderr cairn-inspect cut
    (cat large && head -c 17M /dev/zero) > longer
    run -65 --separate-stderr cairn-inspect longer
}

@test "the examples of the format pages are what another implementation writes" {
    while read -r page name; do
        sed -n '/^\.Bd -literal$/,/^\.Ed/{/^\./!p;/^\.Ed/q}' "$root/man/$page" | tr -d ' \n' > digits
        assert [ "$(stat -c %s digits)" -gt 50 ]
        assert_equal "$page $(grep "^$name " "$data/records/records.txt" | cut -d ' ' -f 2 |
            head -c "$(stat -c %s digits)")" "$page $(cat digits)"
    done <<-'END'
		cairn-node.5 node_record
		cairn-receipt.5 receipt
		cairn-list.5 list
		cairn-index.5 index_record
		cairn-storage.7 get_request
	END
}

@test "inspect shows lists and index records without the keys in them" {
    assert_equal "$(cairn-inspect --json list | jq -c '.list[0]')" \
        '{"path":"a","kind":"directory","mode":"0755","mtime_ns":"1700000000123456789"}'
    assert_equal "$(cairn-inspect --json list | jq -c '[.list[1] | .kind, .mode, .has_key]')" \
        '["file","4644",true]'
    assert_equal "$(cairn-inspect --json list | jq -r '.list[2].target')" ../outside
    assert_equal "$(cairn-inspect --json index_record | jq -c '[.op, .name, .size_bytes, .has_key]')" \
        '["put","photos/2024.tar",4294967296,true]'
}

@test "inspect reads any other array in the CBOR profile" {
    printf '\x83\x01\x42\xab\xcd\xf6' > item
    assert_equal "$(cairn-inspect --json item | jq -c .item)" '["1","abcd",null]'
}

@test "inspect refuses an encrypted SSH key with status 77 and a missing file with 66" {
    run -77 cairn-inspect locked.key
    run -66 cairn-inspect no-such-file
    run -66 cairn-inspect .
    run -74 sh -c 'cairn-inspect me.key > /dev/full'
}

@test "inspect reports a full disk and closed descriptors" {
    run -74 --separate-stderr bash -c 'cairn-inspect data.age > /dev/full'
    assert_one_error cairn-inspect
    run -74 --separate-stderr bash -c 'cairn-inspect data.age >&-'
    assert_one_error cairn-inspect
    run -66 --separate-stderr bash -c 'cairn-inspect <&-'
    assert_one_error cairn-inspect
    run -65 bash -c 'cairn-inspect data 2>&-'
    cairn-inspect data.age <&- 2>&- | jq -e .kind
}

@test "inspect does not wait for what nobody types" {
    run -64 on_terminal cairn-inspect
    assert_output --partial "standard input is a terminal"
}

@test "names are names, whatever is in them" {
    for name in $'new\nline' $'\e[31mred' $'bad\xff' '[a,b]' ' ' '-x' "quote'"; do
        cp data.age "./$name"
        assert_equal "$(cairn-inspect --json -- "$name" | jq -r .kind)" age
        rm "./$name"
        run -66 --separate-stderr cairn-inspect -- "$name"
        assert_one_error cairn-inspect
        run ! grep -qP '[^ -~]' <<< "${stderr_lines[0]}"
    done
}

@test "the environment changes nothing" {
    cairn-inspect data.age > expected
    export CAIRN_HOME=/nonexistent/$'\n' CAIRN_TEXT=1 CAIRN_JSON=1 CAIRN_QUIET=x
    cairn-inspect data.age | cmp - expected
}

@test "inspect's errors and progress are JSON on request" {
    run -66 --separate-stderr cairn-inspect --json nowhere
    assert_json_error cairn-inspect noinput 66
    run -65 --separate-stderr cairn-inspect --json data
    assert_json_error cairn-inspect data 65
    run -0 --separate-stderr cairn-inspect --json --progress=json data.shards
    assert_equal "$(jq -r '.ev + " " + .phase' <<< "$stderr")" "progress inspect"
    assert_equal "$(jq .done_bytes <<< "$stderr")" "$(stat -c %s data.shards)"
}

@test "a trace is shown line by line" {
    cat > trace << 'END'
{"time_ms":1000,"link":1,"kind":"linked","side":"caller","peer":"ab","address":"127.0.0.1:9"}
{"time_ms":1003,"link":1,"direction":"sent","stream":1,"kind":"open","size_bytes":80,"method":"hello"}
{"time_ms":1010,"link":1,"direction":"received","stream":1,"kind":"end","size_bytes":9,"status":"ok"}
{"time_ms":2010,"link":1,"direction":"received","stream":0,"kind":"ping","size_bytes":8}
{"time_ms":2011,"link":1,"direction":"sent","stream":3,"kind":"data","size_bytes":5}
{"time_ms":2012,"link":1,"direction":"sent","stream":3,"kind":"credit","size_bytes":4,"credit_bytes":7}
{"time_ms":2013,"link":1,"kind":"unlinked","reason":"a\u001b"}
END
    run -0 --separate-stderr cairn-inspect --trace trace
    assert_equal "$output" "\
    0.000 link 1 up as caller, with 127.0.0.1:9, key ab
    0.003 link 1 >    1 open hello, 80 bytes
    0.010 link 1 <    1 end ok, 9 bytes
    1.010 link 1 <    - ping
    1.011 link 1 >    3 data, 5 bytes
    1.012 link 1 >    3 credit 7
    1.013 link 1 down: a\\x1b"
    cairn-inspect --trace --json < trace | cmp - trace
    # The writer was killed in the middle of a line.
    head -c -3 trace > cut
    run -65 --separate-stderr cairn-inspect --trace cut
    assert_equal "${#lines[@]}" 6
    assert_regex "$stderr" 'line 7: it is no JSON'
    for line in '[]' '{}' '{"time_ms":1}' 'x' "$(head -c 5000 /dev/zero | tr '\0' ' ')"; do
        run -65 --separate-stderr cairn-inspect --trace <<< "$line"
        assert_equal "$output" ""
    done
    run -64 cairn-inspect --trace --text trace
}

@test "the examples of inspect's help work" {
    cp data.age backup.age
    run_examples cairn-inspect
}
