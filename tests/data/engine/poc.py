#!/usr/bin/env python3
"""Another implementation of the rules of proof of capacity, to hold lib/engine against.

Writes poc.txt: what the rules give for headers drawn by splitmix64, the first ones in full, and of
all of them a digest every so often.  Usage: poc.py [HEADERS] >poc.txt
"""

import hashlib
import sys

TIME_MAX = 253402300799
STEP = 100_000
SHOWN = 50
FAMILY_EVERY = 64  # Shabal takes long here


# ---- Shabal-256, as its authors' submission says: p = 3, r = 12.

M32 = 0xFFFFFFFF


def rotated(word, bits):
    return (word << bits | word >> (32 - bits)) & M32


def permuted(a, b, c, m):
    b = [rotated(x, 17) for x in b]
    a = list(a)
    for j in range(3):
        for i in range(16):
            k = (i + 16 * j) % 12
            before = rotated(a[(k + 11) % 12], 15) * 5 & M32
            a[k] = ((a[k] ^ before ^ c[(8 - i) % 16]) * 3 & M32) ^ b[(i + 13) % 16] ^ (
                b[(i + 9) % 16] & ~b[(i + 6) % 16] & M32) ^ m[i]
            b[i] = (rotated(b[i], 1) ^ a[k] ^ M32) & M32
    for j in range(36):
        a[j % 12] = (a[j % 12] + c[(j + 3) % 16]) & M32
    return a, b


def absorbed(state, m, number, turns=1):
    a, b, c = state
    for turn in range(turns):
        if turn:
            b, c = [(x - y) & M32 for x, y in zip(c, m)], b
        b = [(x + y) & M32 for x, y in zip(b, m)]
        a = [a[0] ^ (number & M32), a[1] ^ (number >> 32)] + a[2:]
        a, b = permuted(a, b, c, m)
    return a, b, c


def words_of(block):
    return [int.from_bytes(block[i:i + 4], "little") for i in range(0, 64, 4)]


def shabal_start():
    state = [0] * 12, [0] * 16, [0] * 16
    for number, first in ((-1 & (1 << 64) - 1, 256), (0, 272)):
        m = [first + i for i in range(16)]
        a, b, c = absorbed(state, m, number)
        state = a, [(x - y) & M32 for x, y in zip(c, m)], b
    return state


START = shabal_start()


def shabal256(message):
    padded = message + b"\x80"
    padded += bytes(-len(padded) % 64)
    state = START
    blocks = [words_of(padded[i:i + 64]) for i in range(0, len(padded), 64)]
    for number, m in enumerate(blocks[:-1], 1):
        a, b, c = absorbed(state, m, number)
        state = a, [(x - y) & M32 for x, y in zip(c, m)], b
    _, b, _ = absorbed(state, blocks[-1], len(blocks), turns=4)
    return b"".join(word.to_bytes(4, "little") for word in b[8:])


assert shabal256(bytes(64)).hex().startswith("da8f08c02a67ba9a")
assert shabal256(b"").hex() == "aec750d11feee9f16271922fbaf5a9be142f62019ef8d720f858940070889014"


# ---- The rules.

def sha256(message):
    return hashlib.sha256(message).digest()


def clamped(value, low, high):
    return max(low, min(value, high))


def base_target_at(rules, first_s, height, parent_s):
    """ASERT aserti3-2d, with integers as long as they get."""
    half_life = max(1, rules["retarget"] // (3 if rules["bend"] else 1))
    late = parent_s - first_s - rules["T"] * (height - 1)
    exponent = abs(late) * 65536 // half_life * (1 if late >= 0 else -1)
    shift, rest = exponent // 65536, exponent % 65536
    cubic = 195766423245049 * rest + 971821376 * rest**2 + 5127 * rest**3 + 2**47
    target = rules["target"] * (65536 + cubic // 2**48)
    shift = clamped(shift, -1000, 1000)
    target = target * 2**shift if shift >= 0 else target // 2**-shift
    return clamped(target // 65536, 1, rules["max"])


def cube_root(value):
    if value == 0:
        return 0
    root = 1 << -(-value.bit_length() // 3)  # more than it is; by Newton's method from there down
    while True:
        closer = (2 * root + value // root**2) // 3
        if closer >= root:
            return root
        root = closer


def delay_of(rules, quality, target):
    late = min((quality << 24) // target, 2**55)
    if not rules["bend"]:
        return late >> 24
    return rules["factor"] * cube_root(late << 72) >> 64


def work_of(target):
    return min(2**64 // target, 2**64 - 1)


def space_of(rules, target):
    return min(2**82 // (target * rules["T"]) * rules["per_mille"] // 1000, 2**60)


def scoop_of(digest):
    return int.from_bytes(digest[30:], "big") % 4096


def challenge_of(seed, height):
    return sha256(b"poc" + seed + height.to_bytes(8, "big"))


def numeric_account(h):
    return int.from_bytes(sha256(b"cairn/poc2/v1" + h["chain"] + h["account"])[:8], "little")


def next_seed(rules, h):
    if (h["height"] + 1) % rules["epoch"]:
        return h["seed"]
    if h["x1"]:
        salt = h["salt"].to_bytes(4, "little")
        plot = sha256(b"cairn/plot/v1" + h["chain"] + h["account"] + salt)
    else:
        plot = numeric_account(h).to_bytes(8, "big")
    return sha256(h["seed"] + plot)


def family_scoop(h):
    return scoop_of(shabal256(h["seed"] + h["height"].to_bytes(8, "big")))


def family_seed(h):
    return shabal256(h["seed"] + numeric_account(h).to_bytes(8, "big"))


# ---- What is drawn. model_test.cpp draws the same, in the same order.

class Draw:
    def __init__(self, seed):
        self.state = seed

    def number(self):
        self.state = (self.state + 0x9E3779B97F4A7C15) % 2**64
        x = self.state
        x = (x ^ x >> 30) * 0xBF58476D1CE4E5B9 % 2**64
        x = (x ^ x >> 27) * 0x94D049BB133111EB % 2**64
        return x ^ x >> 31

    def below(self, end):
        return self.number() % end

    def of(self, *choices):
        return choices[self.below(len(choices))]

    def bits(self, most):
        """A number of up to so many bits, all lengths equally likely."""
        shift = 64 - most + self.below(most)
        return self.number() >> shift

    def digest(self):
        return b"".join(self.number().to_bytes(8, "little") for _ in range(4))


def draw_rules(draw):
    rules = {"T": draw.of(1, 2, 60, 240, 3600)}
    rules["max"] = draw.of(2**62, 1 + draw.bits(62))
    rules["target"] = draw.of(1, rules["max"], 1 + draw.below(rules["max"]))
    rules["retarget"] = 1 + draw.below(draw.of(10, 600, 86_400, 8_640_000))
    rules["bend"] = draw.below(2) == 1
    rules["factor"] = 1 + draw.bits(44)
    rules["epoch"] = draw.of(1, 2, 16, 1024)
    rules["per_mille"] = 1 + draw.below(10_000)
    return rules


def draw_header(draw, rules):
    h = {"first": draw.below(TIME_MAX + 1)}
    h["height"] = draw.of(1 + draw.bits(31), 2**32 - 1, 1 + draw.below(2000))
    spread = draw.of(0, 100, 86_400, 315_360_000)
    expected = h["first"] + rules["T"] * (h["height"] - 1)
    near = expected - spread + draw.below(2 * spread + 1)
    h["parent"] = clamped(draw.of(near, near, draw.below(TIME_MAX + 1)), 0, TIME_MAX)
    h["quality"] = draw.of(0, 2**64 - 1, draw.number(), draw.bits(64))
    h["x1"] = draw.below(2) == 1
    h["salt"] = draw.below(2**32)
    for name in ("seed", "chain", "account"):
        h[name] = draw.digest()
    return h


def main():
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    draw = Draw(1)
    outputs = b""
    parts = []
    for i in range(count):
        rules = draw_rules(draw)
        h = draw_header(draw, rules)
        target = base_target_at(rules, h["first"], h["height"], h["parent"])
        delay = delay_of(rules, h["quality"], target)
        challenge = challenge_of(h["seed"], h["height"])
        record = b"".join(n.to_bytes(8, "little") for n in
                          (target, delay, work_of(target), space_of(rules, target)))
        record += challenge + scoop_of(challenge).to_bytes(2, "little") + next_seed(rules, h)
        if i % FAMILY_EVERY == 0:
            record += family_scoop(h).to_bytes(2, "little") + family_seed(h)
        if i < SHOWN:
            print("header", i, record.hex())
        parts.append(record)
        if (i + 1) % STEP == 0:
            outputs = sha256(outputs + b"".join(parts))
            parts = []
            print("digest", i + 1, outputs.hex())


main()
