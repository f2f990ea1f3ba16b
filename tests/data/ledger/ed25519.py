"""Ed25519 by the book, RFC 8032, 5.1: not in constant time, for test data alone."""

import hashlib

P = 2 ** 255 - 19
L = 2 ** 252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P
ROOT = pow(2, (P - 1) // 4, P)  # of -1
NOTHING = (0, 1, 1, 0)


def add(a, b):
    """Points are (X, Y, Z, T), 5.1.4."""
    left, right = (a[1] - a[0]) * (b[1] - b[0]) % P, (a[1] + a[0]) * (b[1] + b[0]) % P
    c, d = 2 * a[3] * b[3] * D % P, 2 * a[2] * b[2] % P
    e, f, g, h = right - left, d - c, d + c, right + left
    return e * f % P, g * h % P, f * g % P, e * h % P


def times(number, point):
    total = NOTHING
    for digit in bin(number)[2:]:
        total = add(total, total)
        if digit == "1":
            total = add(total, point)
    return total


def encode(point):
    inverse = pow(point[2], -1, P)
    x, y = point[0] * inverse % P, point[1] * inverse % P
    return (y | (x & 1) << 255).to_bytes(32, "little")


def decode(data):
    """None for what is no point."""
    number = int.from_bytes(data, "little")
    y, sign = number & ((1 << 255) - 1), number >> 255
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * ROOT % P
    if y >= P or (x * x - square) % P or (x == 0 and sign):
        return None
    if x & 1 != sign:
        x = P - x
    return x, y, 1, x * y % P


BASE = decode((4 * pow(5, -1, P) % P).to_bytes(32, "little"))
DOUBLES = [BASE]
for _ in range(255):
    DOUBLES.append(add(DOUBLES[-1], DOUBLES[-1]))


def times_base(number):
    total = NOTHING
    for i, double in enumerate(DOUBLES):
        if number >> i & 1:
            total = add(total, double)
    return total


def sha512(*parts):
    return int.from_bytes(hashlib.sha512(b"".join(parts)).digest(), "little")


class Pair:
    def __init__(self, seed):
        digest = hashlib.sha512(seed).digest()
        self.scalar = int.from_bytes(digest[:32], "little") & ((1 << 254) - 8) | 1 << 254
        self.prefix = digest[32:]
        self.public = encode(times_base(self.scalar))

    def sign(self, message):
        r = sha512(self.prefix, message) % L
        point = encode(times_base(r))
        s = (r + sha512(point, self.public, message) * self.scalar) % L
        return point + s.to_bytes(32, "little")


def verify(public, message, signature):
    key, point = decode(public), decode(signature[:32])
    s = int.from_bytes(signature[32:], "little")
    if key is None or point is None or s >= L:
        return False
    k = sha512(signature[:32], public, message) % L
    return encode(times_base(s)) == encode(add(point, times(k, key)))


# RFC 8032, 7.1, test 2.
TEST = Pair(bytes.fromhex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb"))
assert TEST.public.hex() == "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"
assert TEST.sign(b"\x72").hex().startswith("92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8f")
assert verify(TEST.public, b"\x72", TEST.sign(b"\x72"))
assert not verify(TEST.public, b"\x73", TEST.sign(b"\x72"))
