"""What is hashed and sent, as bytes: CBOR, ids, lists of hashes, the state's tree, the genesis."""

import hashlib
import json

ALL_ZERO = bytes(32)
DESCRIPTOR, TRANSACTION, HEADER, BLOCK, RECEIPT, PROOF = range(32, 38)  # types of records
SNAPSHOT_HEAD, SNAPSHOT_CHUNK = 48, 49


def sha256(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def dumps(value):
    """Numbers, bytes, lists and None in the shortest encoding, RFC 8949, 4.2.1."""
    if value is None:
        return b"\xf6"
    if isinstance(value, bytes):
        return head(2, len(value)) + value
    if isinstance(value, list):
        return head(4, len(value)) + b"".join(map(dumps, value))
    assert type(value) is int
    return head(0, value)


def head(major, number):
    assert 0 <= number < 2 ** 64
    if number < 24:
        return bytes([major << 5 | number])
    power = 0 if number < 2 ** 8 else 1 if number < 2 ** 16 else 2 if number < 2 ** 32 else 3
    return bytes([major << 5 | 24 + power]) + number.to_bytes(1 << power, "big")


class Malformed(Exception):
    pass


def loads(data):
    value, rest = take(data)
    if rest:
        raise Malformed
    return value


def take(data):
    """An item and what follows it; only what dumps writes."""
    if not data:
        raise Malformed
    major, number, rest = data[0] >> 5, data[0] & 31, data[1:]
    if data[0] == 0xF6:
        return None, rest
    if number > 27 or major not in (0, 2, 4):
        raise Malformed
    if number >= 24:
        size = 1 << number - 24
        number, rest = int.from_bytes(rest[:size], "big"), rest[size:]
    if not data.startswith(head(major, number)) or (major and number > len(rest)):
        raise Malformed
    if major == 0:
        return number, rest
    if major == 2:
        return rest[:number], rest[number:]
    items = []
    for _ in range(number):
        item, rest = take(rest)
        items.append(item)
    return items, rest


def wide(number):
    """Of 128 bits: the high and the low word."""
    return [number >> 64, number & (2 ** 64 - 1)]


def descriptor(threshold, keys):
    return dumps([DESCRIPTOR, 1, threshold, sorted(keys)])


def descriptor_id(data):
    return sha256(b"cairn/descriptor/v1", data)


def account_of_key(public):
    return sha256(b"cairn/account/v1", b"\0", public)


def account_of_descriptor(data):
    return sha256(b"cairn/account/v1", b"\3", descriptor_id(data))


def call(sender, lane, sequence, module, method, arguments):
    return [sender, lane, sequence, module, method, arguments]


class Transaction:
    """Signed by pairs, for descriptors."""

    def __init__(self, chain, call_parts, fee, valid_until, pairs=(), descriptors=()):
        self.chain, self.call, self.fee, self.valid_until = chain, call_parts, fee, valid_until
        self.body = [chain, *call_parts, fee, valid_until]
        self.id = sha256(b"cairn/transaction/v1", dumps(self.body))
        message = b"cairn/transaction/v1\0" + self.id
        self.keys = sorted({pair.public for pair in pairs})
        signatures = {pair.public: pair.sign(message) for pair in pairs}
        self.descriptors = sorted(set(descriptors))
        flat = [part for key in self.keys for part in (0, key, signatures[key])]
        self.record = [TRANSACTION, 1, self.body, flat, self.descriptors]
        self.bytes = dumps(self.record)


class Header:
    """Parts by the names that they have in block.hpp."""

    def __init__(self, **parts):
        self.parts = parts
        self.record = [HEADER, 1, *(parts[name] for name in (
            "chain", "height", "parent", "time_s", "transactions", "state", "receipts",
            "producer", "engine", "consensus"))]
        self.bytes = dumps(self.record)
        self.id = sha256(b"cairn/header/v1", self.bytes)

    def changed(self, **parts):
        return Header(**{**self.parts, **parts})

    def __getattr__(self, name):
        return self.parts[name]


def seal(block_id, pair):
    return dumps([pair.public, pair.sign(b"cairn/seal/v1\0" + block_id)])


def receipt(transaction_id, status, weight, events):
    return dumps([RECEIPT, 1, transaction_id, status, weight, events])


def list_root(items):
    """RFC 6962, 2.1."""
    if not items:
        return sha256()
    if len(items) == 1:
        return sha256(b"\0", items[0])
    left = 1
    while 2 * left < len(items):
        left *= 2
    return sha256(b"\1", list_root(items[:left]), list_root(items[left:]))


def state_key(module, table, key=b"", number=None):
    last = b"" if number is None else number.to_bytes(4, "big")
    return module.to_bytes(2, "big") + bytes([table]) + key + last


def state_root(state):
    """Of keys and their values, which are bytes."""
    return tree_root([(sha256(key), sha256(value)) for key, value in state.items()], 0)


def tree_root(leaves, depth):
    if not leaves:
        return ALL_ZERO
    if len(leaves) == 1:
        return sha256(b"\0", *leaves[0])
    sides = [[], []]
    for leaf in leaves:
        sides[leaf[0][depth // 8] >> 7 - depth % 8 & 1].append(leaf)
    return sha256(b"\1", tree_root(sides[0], depth + 1), tree_root(sides[1], depth + 1))


def way(state, path, depth_max=256):
    """What is beside the way to a path, and the leaves that are left at its end."""
    beside = []
    leaves = [(sha256(other), sha256(value)) for other, value in state.items()]
    while len(leaves) > 1 and len(beside) < depth_max:
        sides, depth = [[], []], len(beside)
        for leaf in leaves:
            sides[leaf[0][depth // 8] >> 7 - depth % 8 & 1].append(leaf)
        side = path[depth // 8] >> 7 - depth % 8 & 1
        root = tree_root(sides[1 - side], depth + 1)
        beside.append(None if root == ALL_ZERO else root)
        leaves = sides[side]
    return beside, leaves


def state_proof(header, state, key):
    """That the state after a block has what it has for a key, or nothing."""
    beside, leaves = way(state, sha256(key))
    other = next((list(leaf) for leaf in leaves if leaf[0] != sha256(key)), None)
    return dumps([PROOF, 1, header.record, key, state.get(key), beside, other])


def prefix_of(path, bits):
    return int.from_bytes(path[:2], "big") >> 16 - bits


def snapshot_head(header_record, block_seal, bits, values):
    return dumps([SNAPSHOT_HEAD, 1, header_record, block_seal, bits, values])


def snapshot_chunk(state, bits, prefix):
    """All that a state has with a prefix."""
    beside, leaves = way(state, (prefix << 16 - bits).to_bytes(2, "big"), bits)
    keys = sorted((key for key in state if prefix_of(sha256(key), bits) == prefix), key=sha256)
    other = list(leaves[0]) if leaves and not keys else None
    return dumps([SNAPSHOT_CHUNK, 1, prefix, beside, other,
                  [part for key in keys for part in (key, state[key])]])


def chain_id(genesis):
    text = json.dumps(genesis, sort_keys=True, separators=(",", ":"))
    return sha256(b"cairn/genesis/v1", text.encode("ascii"))
