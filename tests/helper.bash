# Loaded by every .bats file: each test runs in an empty directory of its own, with the tools that
# $PATH finds first.
bats_require_minimum_version 1.5.0
bats_load_library bats-support
bats_load_library bats-assert

root=$(cd "$BATS_TEST_DIRNAME/.." && pwd)
data=$BATS_TEST_DIRNAME/data
bin=$(dirname "$(command -v cairn)")

setup() {
    cd "$BATS_TEST_TMPDIR" || return
}

# not_sanitized WHY: for what a build with sanitizers cannot show.
not_sanitized() {
    [ -z "${CAIRN_SANITIZED:-}" ] || skip "sanitizers $1"
}

# wait_until COMMAND...: until it succeeds, at most a minute.
wait_until() {
    local limit=$((SECONDS + 60))
    until "$@"; do
        [ "$SECONDS" -lt "$limit" ] || fail "never: $*"
        read -rt 0.02 <> <(:) || [ $? -gt 128 ]
    done
}

# has_lines FILE N: at least so many.
has_lines() {
    [ -e "$1" ] && [ "$(wc -l < "$1")" -ge "$2" ]
}
