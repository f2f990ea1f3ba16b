"""The prover's side of PoR-v1, cairn-proofs(7), made without cairn: keys and tags are those of
../por_v1.json, sums of points are done by the book."""

import hashlib
import json
import pathlib

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import ChaCha20

P = int("1a0111ea397fe69a4b1ba7b6434bacd764774b84f38512bf6730d2a0f6b0f624"
        "1eabfffeb153ffffb9feffffffffaaab", 16)
R = 0x73EDA753299D7D483339D80809A1D80553BDA402FFFE5BFEFFFFFFFF00000001
G = (int("17f1d3a73197d7942695638c4fa9ac0fc3688c4f9774b905a14e3a3f171bac58"
         "6c55e83ff97a1aeffb3af00adb22c6bb", 16),
     int("08b3f481e3aaa0f1a09e30ed741d8ae4fcf5e095d5d00af600db18cb2c04b3ed"
         "d03cc744a2888ae40caa232946c5e7e1", 16))
SECTOR = 31


def add(a, b):
    """Points are pairs; None is at infinity."""
    if a is None or b is None:
        return b if a is None else a
    if a[0] == b[0]:
        if (a[1] + b[1]) % P == 0:
            return None
        slope = 3 * a[0] * a[0] * pow(2 * a[1], -1, P)
    else:
        slope = (b[1] - a[1]) * pow(b[0] - a[0], -1, P)
    x = (slope * slope - a[0] - b[0]) % P
    return x, (slope * (a[0] - x) - a[1]) % P


def times(number, point):
    total = None
    for digit in bin(number % R)[2:]:
        total = add(total, total)
        if digit == "1":
            total = add(total, point)
    return total


def encode(point):
    if point is None:
        return bytes([0xC0]) + bytes(47)
    flags = 0x80 | (0x20 if point[1] > P // 2 else 0)
    x = point[0].to_bytes(48, "big")
    return bytes([x[0] | flags]) + x[1:]


def decode(data):
    x = int.from_bytes(data, "big") & ((1 << 381) - 1)
    y = pow(x ** 3 + 4, (P + 1) // 4, P)
    assert y * y % P == (x ** 3 + 4) % P
    return x, (P - y if (y > P // 2) != bool(data[0] & 0x20) else y)


def sha256(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def be64(number):
    return number.to_bytes(8, "big")


class Owner:
    """The files of one key of the vectors that have a single block."""

    def __init__(self, seed):
        vectors = json.loads(pathlib.Path(__file__).with_name("..").joinpath(
            "por_v1.json").read_text(encoding="ascii"))
        cases = [case for case in vectors["cases"] if case["key_seed"] == seed.hex()]
        self.sectors = cases[0]["s"]
        self.points = bytes.fromhex(cases[0]["X"] + cases[0]["Y"])
        self.key = sha256(b"CAIRN-POR-V1-VK", self.points, self.sectors.to_bytes(4, "big"))
        alpha = int(cases[0]["alpha"], 16)
        self.powers = [times(pow(alpha, i, R), G) for i in range(self.sectors)]
        assert encode(self.powers[-1]).hex() == cases[0]["U_last"]
        self.files = sorted((File(self, case) for case in cases), key=lambda file: file.fid)

    def prover_key(self):
        return b"".join(map(encode, self.powers))

    def proof(self, seed, count, files):
        """Of `count` blocks of files, which have one each."""
        asked = range(len(files)) if len(files) <= count else draw(seed, len(files), count)
        factors = keystream(seed, 2)
        sums = [0] * self.sectors
        tag = None
        for i in asked:
            factor = int.from_bytes(factors.update(bytes(16)), "little")
            for place, value in enumerate(files[i].values()):
                sums[place] = (sums[place] + factor * value) % R
            tag = add(tag, times(factor, decode(files[i].tag)))
        point = int.from_bytes(keystream(seed, 3).update(bytes(64)), "little") % R
        psi, carried = None, sums[-1]
        for place in range(self.sectors - 2, -1, -1):
            psi = add(psi, times(carried, self.powers[place]))
            carried = (sums[place] + point * carried) % R
        return encode(tag) + encode(psi) + carried.to_bytes(32, "big")


class File:
    """A file of the vectors, its root being the SHA-256 as there."""

    def __init__(self, owner, case):
        stream = Cipher(ChaCha20(bytes.fromhex(case["data_chacha20_key"]), bytes(16)), None)
        self.data = stream.encryptor().update(bytes(case["length"]))
        self.size = case["length"]
        self.root = sha256(self.data)
        self.fid = sha256(b"CAIRN-POR-V1-FID", owner.key, be64(self.size),
                          owner.sectors.to_bytes(4, "big"), self.root)
        assert self.fid.hex() == case["fid"] and case["n"] == 1
        self.tag = bytes.fromhex(case["tag_first"])

    def values(self):
        return [int.from_bytes(self.data[i:i + SECTOR], "little")
                for i in range(0, self.size, SECTOR)]


def keystream(seed, purpose):
    nonce = bytes(4) + bytes([purpose]) + bytes(11)  # the counter comes first
    return Cipher(ChaCha20(seed, nonce), None).encryptor()


def draw(seed, total, count):
    stream = keystream(seed, 1)
    drawn = []
    while len(drawn) < count:
        word = int.from_bytes(stream.update(bytes(8)), "little")
        if word < 2 ** 64 - 2 ** 64 % total and word % total not in drawn:
            drawn.append(word % total)
    return drawn


def audit_seed(nonce, auditor, provider, key, files):
    return sha256(b"CAIRN-POR-V1-AUDIT", nonce, auditor, provider, key,
                  sha256(*[file.fid for file in files]))


def nonce(beacon, provider, position):
    return sha256(b"CAIRN-POR-V1-NONCE", beacon, provider, be64(position))
