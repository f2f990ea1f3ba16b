"""Compares cairn-inspect with python3-cbor2 on random CBOR: usage cbor_differential.py SEED COUNT.

A valid item must be shown with the same values. Of changed bytes, what cbor2 does not read, or would
write in another way, or what is outside the profile (see cairn-manifest(5)), must be refused.
"""

import io
import json
import random
import subprocess
import sys

import cbor2


def item(rng, depth):
    kind = rng.randrange(6 if depth < 4 else 5)
    if kind == 0:
        return rng.choice([0, 23, 24, 255, 256, 65535, 65536, 2**32 - 1, 2**32, 2**64 - 1])
    if kind == 1:
        return rng.randbytes(rng.choice([0, 1, 23, 24, 255, 256]))
    if kind == 2:
        return "".join(rng.choice("aZ0 é字\U0001f600") for _ in range(rng.randrange(30)))
    if kind == 3:
        return rng.choice([True, False])
    if kind == 4:
        return None
    return [item(rng, depth + 1) for _ in range(rng.randrange(5))]


def shown(value):
    """The item as cairn-inspect shows it: numbers as text, bytes as hex."""
    if isinstance(value, bool) or value is None or isinstance(value, str):
        return value
    if isinstance(value, int):
        return str(value)
    if isinstance(value, bytes):
        return value.hex()
    return [shown(member) for member in value]


def is_in_profile(value, depth=0):
    if isinstance(value, list):
        return depth < 16 and all(is_in_profile(member, depth + 1) for member in value)
    if isinstance(value, bool) or value is None or isinstance(value, (str, bytes)):
        return True
    return isinstance(value, int) and 0 <= value < 2**64


def expected(data):
    """What the item must be shown as; None when it must be refused."""
    stream = io.BytesIO(data)
    try:
        value = cbor2.CBORDecoder(stream).decode()
        if stream.read() or not isinstance(value, list) or not is_in_profile(value):
            return None
        return shown(value) if cbor2.dumps(value, canonical=True) == data else None
    except Exception:  # whatever a decoder throws at hostile bytes
        return None


def inspect(data):
    run = subprocess.run(["cairn-inspect", "--json"], input=data, capture_output=True, check=False)
    if run.returncode == 65 and not run.stdout:
        return None
    assert run.returncode == 0, (run.returncode, run.stderr)
    return json.loads(run.stdout).get("item", "not CBOR")


def main():
    seed, count = int(sys.argv[1]), int(sys.argv[2])
    rng = random.Random(seed)
    accepted = refused = 0
    for number in range(count):
        # The first number keeps it apart from a manifest, which has a shape of its own.
        data = cbor2.dumps([99] + [item(rng, 1) for _ in range(rng.randrange(6))], canonical=True)
        if number % 2:
            data = bytearray(data)
            for _ in range(rng.randrange(1, 3)):
                data[rng.randrange(1, len(data))] = rng.randrange(256)
            data = bytes(data)
        want, got = expected(data), inspect(data)
        assert want == got, f"seed {seed}, {data.hex()}: cbor2 {want!r}, cairn {got!r}"
        accepted += want is not None
        refused += want is None
    print(f"seed {seed}: {accepted} shown, {refused} refused")
    assert accepted >= count // 2 and refused >= count // 5


main()
