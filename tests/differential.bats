# What other programs make of the same bytes. age, minisign and b3sum are compared with in the files
# of the tools that speak their formats.
load helper

@test "inspect and python3-cbor2 agree on what is CBOR in the profile" {
    run -0 /usr/bin/python3 "$BATS_TEST_DIRNAME/cbor_differential.py" 1 600
    assert_output --partial "seed 1:"
}
