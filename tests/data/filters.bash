# What the tests of several filters share; loaded after helper.
# shellcheck disable=SC2034,SC2154 # bats and the tests share variables

keys=$data/keys

# So many bytes of text that does not repeat itself.
make_data() {
    seq 10000000 | head -c "$1"
}

# What is in the directory, but for what bats itself leaves there.
files() {
    find . -mindepth 1 ! -name 'separate-stderr-*' -printf '%P\n' | sort | tr '\n' ' '
}

# Changes the lowest bit of the byte at OFFSET: flip FILE OFFSET.
flip() {
    local byte
    byte=$(od -An -tu1 -j "$2" -N 1 "$1")
    printf '%b' "$(printf '\\x%x' $((byte ^ 1)))" |
        dd of="$1" bs=1 seek="$2" conv=notrunc status=none
}

# The first file is shorter than the second, and what the second begins with.
assert_strict_prefix() {
    local size
    size=$(stat -c %s "$1")
    assert [ "$size" -lt "$(stat -c %s "$2")" ]
    cmp -n "$size" "$1" "$2"
}

# After run --separate-stderr: one line tells what is wrong, at most one more what to do about it.
assert_one_error() {
    assert_equal "$output" ""
    assert_regex "${stderr_lines[0]}" "^$1: error: [^A-Z].*[^.]$"
    assert [ "${#stderr_lines[@]}" -le 2 ]
    [[ ${#stderr_lines[@]} -eq 1 ]] || assert_regex "${stderr_lines[1]}" '^hint: [^ ].*[^.]$'
}

# After run --separate-stderr: all of it is JSON, and the error comes last: TOOL CODE EXIT.
assert_json_error() {
    assert_equal "$output" ""
    jq -e . <<< "$stderr" > /dev/null
    assert_equal "$(tail -n 1 <<< "$stderr" | jq -c '[.v, .tool, .ev, .code, .exit]')" \
        "[1,\"$1\",\"error\",\"$2\",$3]"
    assert [ -n "$(tail -n 1 <<< "$stderr" | jq -r .msg)" ]
    assert_equal "$(jq -s 'map(select(.ev == "error")) | length' <<< "$stderr")" 1
}

# Runs a line of shell on a terminal where nobody types: its status, and all that is to be seen.
on_terminal() {
    timeout -k 1 5 script -qec "$1" /dev/null < /dev/null
}

# Runs a command on a terminal and types the passphrase whenever it asks: PASSPHRASE COMMAND...
answer() {
    cat > "$BATS_FILE_TMPDIR/answer.exp" << 'EOF'
set timeout 60
set passphrase [lindex $argv 0]
spawn -noecho {*}[lrange $argv 1 end]
expect {
    -nocase -re {(passphrase|again)[^\r\n]*: $} { send -- "$passphrase\r"; exp_continue }
    timeout { exit 124 }
    eof
}
set result [wait]
exit [lindex $result 3]
EOF
    expect -f "$BATS_FILE_TMPDIR/answer.exp" -- "$@"
}

# The command lines that a tool's help shows.
examples_of() {
    "$1" --help | awk '/^[^ ]/ { on = /^Examples:/ } on && /^  [^ ]/ { print substr($0, 3) }'
}

# Runs them as they stand, one after the other.
run_examples() {
    local count=0 line
    while read -r line; do
        bash -euo pipefail -c "$line" < /dev/null > example.out || fail "example fails: $line"
        count=$((count + 1))
    done < <(examples_of "$1")
    assert [ "$count" -ge 2 ]
}
