# What every tool promises, checked on all of them: cairn(7), "Conventions".
load helper

# All but the dispatcher, which has no options of its own: cairn.bats.
tools() {
    for directory in "$root"/tools/*/; do
        name=$(basename "$directory")
        [[ $name == cairn ]] || echo "cairn-$name"
    done
}

# Each tool, and each tool with each of its verbs.
commands() {
    for tool in $(tools); do
        echo "$tool"
        "$tool" --option-table | awk -v tool="$tool" '$1 == "verb" { print tool, $3 }'
    done
}

@test "there are tools to check" {
    assert [ "$(tools | wc -l)" -ge 1 ]
}

@test "every tool and verb shows help on standard output that fits a screen" {
    while read -r -a command; do
        run -0 --separate-stderr "${command[@]}" --help
        assert_equal "$stderr" ""
        assert_output --partial "Usage: ${command[*]} "
        "${command[@]}" -h | cmp - <("${command[@]}" --help)
        [ "${#lines[@]}" -le 60 ] || fail "${command[*]} --help has ${#lines[@]} lines"
        run ! grep -E '.{81}' <<< "$output"
    done < <(commands)
}

@test "the help of every tool has two examples" {
    for tool in $(tools); do
        count=$("$tool" --help | awk '/^Examples:/ { on = 1 } on && /^  [^ ]/ { ++n } END { print n + 0 }')
        [ "$count" -ge 2 ] || fail "$tool --help has $count examples"
    done
}

@test "every tool tells its version, also as JSON" {
    for tool in $(tools); do
        run -0 --separate-stderr "$tool" --version
        assert_equal "$stderr" ""
        assert_output --regexp "^$tool [0-9]+\.[0-9]+\.[0-9]+( \(.*\))?$"
        "$tool" -V | cmp - <("$tool" --version)
        run -0 --separate-stderr "$tool" --version --json
        assert_equal "$(jq -r '.tool + " " + .version' <<< "$output")" \
            "$("$tool" --version | cut -d ' ' -f 1,2)"
        assert_equal "$(jq -r '.formats | type' <<< "$output")" array
    done
}

@test "a wrong option is an error, a hint and status 64, and nothing on standard output" {
    while read -r -a command; do
        for option in --no-such-option --helpp -% --quiet=yes; do
            run -64 --separate-stderr "${command[@]}" "$option"
            assert_equal "$output" ""
            assert_equal "${#stderr_lines[@]}" 2
            assert_regex "${stderr_lines[0]}" "^${command[0]}: error: (unknown )?option '"
            assert_regex "${stderr_lines[1]}" '^hint: [^ ].*[^.]$'
        done
        run -64 --separate-stderr "${command[@]}" --verbos
        assert_equal "${stderr_lines[1]}" "hint: did you mean '--verbose'?"
    done < <(commands)
}

@test "with --json a wrong option is one JSON object on standard error" {
    while read -r -a command; do
        for order in "--json --no-such-option" "--no-such-option --json"; do
            # shellcheck disable=SC2086 # two words
            run -64 --separate-stderr "${command[@]}" $order
            assert_equal "$output" ""
            assert_equal "$(jq -s length <<< "$stderr")" 1
            assert_equal "$(jq -c '[.v, .tool, .ev, .code, .exit]' <<< "$stderr")" \
                "[1,\"${command[0]}\",\"error\",\"usage\",64]"
            assert_regex "$(jq -r .t <<< "$stderr")" '^2[0-9]{3}(-[0-9]{2}){2}T([0-9]{2}:){2}[0-9.]{6}Z$'
            assert_regex "$(jq -r .msg <<< "$stderr")" "unknown option '--no-such-option'"
        done
    done < <(commands)
}

@test "what is hostile in a wrong option is escaped" {
    for tool in $(tools); do
        run -64 --separate-stderr "$tool" $'--a\n\x1b[2J\xff'
        assert_equal "${stderr_lines[0]}" "$tool: error: unknown option '--a\\n\\x1b[2J\\xff'"
    done
}

@test "closed standard descriptors do no harm" {
    for tool in $(tools); do
        for closed in '' '<&-' '>&-' '2>&-' '<&- >&-' '<&- 2>&-' '>&- 2>&-' '<&- >&- 2>&-'; do
            # shellcheck disable=SC2294 # redirections
            eval "$tool --version $closed" > out.txt 2> err.txt && status=0 || status=$?
            case $closed in
            *'>&- 2>'* | *' >&-' | '>&-') expected=74 ;;
            *) expected=0 ;;
            esac
            assert_equal "$tool $closed $status" "$tool $closed $expected"
        done
    done
}

@test "help and version that cannot be written are status 74" {
    while read -r -a command; do
        for option in --help --version "--version --json"; do
            # shellcheck disable=SC2086 # two words
            run -74 --separate-stderr bash -c '"$@" > /dev/full' bash "${command[@]}" $option
            assert_regex "$stderr" "error.*cannot write '/dev/stdout': No space left on device"
        done
    done < <(commands)
}

@test "every option is in the man page, and the man page is clean" {
    for tool in $(tools); do
        page=$root/man/$tool.1
        mandoc -T lint -W warning "$page"
        mandoc -T ascii "$page" | sed 's/.\x08//g' > page.txt
        while IFS=$'\t' read -r kind verb name letter _; do
            [[ $kind == option ]] || continue
            grep -qP -- "--$name(?![-\w])" page.txt || fail "$tool(1) lacks --$name ($verb)"
            [[ $letter == - ]] || grep -qE -- "(^|[^-[:alnum:]])-$letter\b" page.txt ||
                fail "$tool(1) lacks -$letter ($verb)"
        done < <("$tool" --option-table)
    done
}

@test "completions are what the tools tell" {
    "$root/scripts/completions" "$bin" .
    for file in cairn.bash _cairn cairn.fish; do
        cmp "$file" "$root/completions/$file"
    done
}

@test "bash completes options, their values and tools" {
    complete_line() {
        bash -c 'source "$0/completions/cairn.bash"; compopt() { :; }
                 COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _cairn "$1"
                 printf "%s\n" "${COMPREPLY[@]}"' "$root" "$@"
    }
    for tool in $(tools); do
        assert_equal "$(complete_line "$tool" --progr)" --progress
        assert_equal "$(complete_line "$tool" --progress = pl)" plain
        assert_equal "$(complete_line cairn "${tool#cairn-}" --progress b)" bar
        complete_line cairn "" | grep -qx "${tool#cairn-}"
    done
}

@test "fish completes options, their values and tools" {
    command -v fish > /dev/null || skip "no fish here"
    export HOME=$BATS_TEST_TMPDIR
    complete_line() {
        fish -c 'source $argv[1]; complete -C $argv[2]' "$root/completions/cairn.fish" "$1" | cut -f 1
    }
    for tool in $(tools); do
        assert_equal "$(complete_line "$tool --progr")" --progress
        assert_equal "$(complete_line "$tool --progress pl")" plain
        assert_equal "$(complete_line "cairn ${tool#cairn-} --progr")" --progress
        complete_line "cairn " | grep -qx "${tool#cairn-}"
    done
}

@test "zsh takes the completions" {
    command -v zsh > /dev/null || skip "no zsh here"
    zsh -n "$root/completions/_cairn"
}
