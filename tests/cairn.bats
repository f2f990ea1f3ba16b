# The dispatcher: cairn(1).
load helper

# A tool of somebody else's.
make_tool() {
    mkdir -p "$(dirname "$1")"
    printf '#!/bin/sh\necho "%s: $0 $*"\n' "$2" > "$1"
    chmod +x "$1"
}

@test "cairn runs the tool of that name with its arguments" {
    tool=$(cairn --list | head -n 1)
    assert_equal "$(cairn "$tool" --version)" "$("cairn-$tool" --version)"
    cairn "$tool" --help | cmp - <("cairn-$tool" --help)
    run -64 --separate-stderr cairn "$tool" --no-such-option
    assert_regex "$stderr" "^cairn-$tool: error: unknown option '--no-such-option'"
}

@test "cairn looks beside itself, then in libexec, then in PATH" {
    cp "$bin/cairn" .
    mkdir -p here/bin && mv cairn here/bin
    make_tool path/cairn-first PATH
    make_tool path/cairn-second PATH
    make_tool path/cairn-third PATH
    make_tool here/libexec/cairn/cairn-first libexec
    make_tool here/libexec/cairn/cairn-second libexec
    make_tool here/bin/cairn-first beside
    export PATH=$PWD/path:/usr/bin:/bin
    assert_equal "$(here/bin/cairn first -x '' 'a b' | cut -d : -f 1)" beside
    assert_equal "$(here/bin/cairn second | cut -d : -f 1)" libexec
    assert_equal "$(here/bin/cairn third -x "a  b" | cut -d ' ' -f 3-)" "-x a  b"
    ln -s here/bin/cairn link
    assert_equal "$(./link first | cut -d : -f 1)" beside
    run -0 here/bin/cairn --list
    assert_output "$(printf 'first\nsecond\nthird')"
}

@test "cairn lists each tool once, and nothing that is none" {
    make_tool path/cairn-extra x
    make_tool path/cairn-bad$'\n'name x
    touch path/cairn-plain
    mkdir path/cairn-directory
    PATH=$PWD/path:$PWD/path:/nonexistent::$PATH run -0 cairn --list
    assert_equal "$(sort -u <<< "$output")" "$output"
    assert_line extra
    refute_line plain
    refute_line directory
    refute_output --partial bad
    refute_output --partial name
    for directory in "$root"/tools/*/; do
        name=$(basename "$directory")
        [[ $name == cairn ]] || assert_line "$name"
    done
}

@test "cairn suggests a tool for an unknown one" {
    make_tool path/cairn-zebra x
    export PATH=$PWD/path:$PATH
    run -64 --separate-stderr cairn zebar
    assert_equal "$output" ""
    assert_equal "$stderr" "$(printf "cairn: error: unknown tool 'zebar'\nhint: did you mean 'zebra'?")"
    for name in qqqqqqqq ../cairn-zebra '' . $'a\nb' path/cairn-zebra; do
        run -64 --separate-stderr cairn "$name"
        assert_equal "$output" ""
        assert_regex "${stderr_lines[0]}" "^cairn: error: unknown tool '.*'$"
    done
}

@test "cairn itself has help, version and errors as the tools have" {
    run -0 --separate-stderr cairn --help
    assert_output --partial "Usage: cairn TOOL"
    assert_equal "$stderr" ""
    run ! grep -E '.{81}' <<< "$output"
    cairn -h | cmp - <(cairn --help)
    run -0 --separate-stderr cairn --version
    assert_output --regexp '^cairn [0-9]+\.[0-9]+\.[0-9]+$'
    run -64 --separate-stderr cairn
    assert_equal "$stderr" "$(printf "cairn: error: no tool is given\nhint: try 'cairn --help'")"
    run -64 --separate-stderr cairn --no-such-option
    assert_equal "$output" ""
    assert_regex "$stderr" "^cairn: error: unknown option '--no-such-option'"
    for option in --help --version --list; do
        run -74 --separate-stderr bash -c 'cairn $1 > /dev/full' bash "$option"
    done
    run -74 bash -c 'cairn --version >&-'
}

@test "cairn help opens the manual" {
    make_tool path/man man
    export PATH=$PWD/path:$PATH
    assert_equal "$(cairn help | cut -d ' ' -f 3-)" "7 cairn"
    assert_equal "$(cairn help keygen | cut -d ' ' -f 3-)" "cairn-keygen"
    run -64 --separate-stderr cairn help ../x
    assert_equal "$output" ""
}
