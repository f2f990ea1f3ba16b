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
