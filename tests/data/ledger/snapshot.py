"""Snapshots, cairn-state(5), checked and cut without cairn. Reads one from standard input:

    snapshot.py check       HEIGHT ID ROOT VALUES, or status 1 and what is wrong
    snapshot.py cut BITS    the same state in 2^BITS chunks, to standard output
    snapshot.py swap I J    the same with two of its frames in each other's place
    snapshot.py drop I      the same without the first value of frame I

and makes a stream of records by: snapshot.py frame FILE...
"""

import pathlib
import struct
import sys

import encode

IV = [0x6A09E667, 0xBB67AE85, 0x3C6EF372, 0xA54FF53A, 0x510E527F, 0x9B05688C, 0x1F83D9AB,
      0x5BE0CD19]
ORDER = [2, 6, 3, 10, 7, 0, 4, 13, 1, 11, 12, 5, 9, 14, 15, 8]
MIXED = [(0, 4, 8, 12), (1, 5, 9, 13), (2, 6, 10, 14), (3, 7, 11, 15),
         (0, 5, 10, 15), (1, 6, 11, 12), (2, 7, 8, 13), (3, 4, 9, 14)]
START, END, PARENT, ROOT = 1, 2, 4, 8


def turn(word, bits):
    return (word >> bits | word << 32 - bits) & 0xFFFFFFFF


def compress(chaining, block, counter, size, flags):
    words = list(struct.unpack("<16I", block.ljust(64, b"\0")))
    state = [*chaining, *IV[:4], counter & 0xFFFFFFFF, counter >> 32, size, flags]
    for _ in range(7):
        for i, (a, b, c, d) in enumerate(MIXED):
            for word, left, right in ((words[2 * i], 16, 12), (words[2 * i + 1], 8, 7)):
                state[a] = state[a] + state[b] + word & 0xFFFFFFFF
                state[d] = turn(state[d] ^ state[a], left)
                state[c] = state[c] + state[d] & 0xFFFFFFFF
                state[b] = turn(state[b] ^ state[c], right)
        words = [words[i] for i in ORDER]
    return [state[i] ^ state[i + 8] for i in range(8)]


def blake3(data, first=0, root=ROOT):
    """The chaining value of a part of a message that begins with a chunk of this number."""
    if len(data) > 1024:
        left = 1024
        while 2 * left < len(data):
            left *= 2
        both = blake3(data[:left], first, 0) + blake3(data[left:], first + left // 1024, 0)
        return compress(IV, struct.pack("<16I", *both), 0, 64, PARENT | root)
    chaining, at = IV, 0
    while True:
        block = data[at:at + 64]
        is_last = at + 64 >= len(data)
        flags = (START if at == 0 else 0) | (END | root if is_last else 0)
        chaining = compress(chaining, block, first, len(block), flags)
        at += 64
        if is_last:
            return chaining


def frame(record):
    return (len(record).to_bytes(4, "big") + struct.pack("<8I", *blake3(record))[:8] + record)


def records_of(stream):
    while stream:
        size = int.from_bytes(stream[:4], "big")
        record = stream[12:12 + size]
        require(frame(record) == stream[:12 + size], "a frame is damaged")
        stream = stream[12 + size:]
        yield record


def require(holds, what):
    if not holds:
        sys.exit(what)


def root_above(part, prefix, bits, beside):
    for depth in reversed(range(len(beside))):
        other = beside[depth] or encode.ALL_ZERO
        is_right = prefix >> bits - 1 - depth & 1
        part = encode.sha256(b"\1", *((other, part) if is_right else (part, other)))
    return part


def check_chunk(chunk, bits, root):
    """The keys and values of a chunk of a state."""
    kind, version, prefix, beside, other, flat = chunk
    pairs = list(zip(flat[::2], flat[1::2]))
    paths = [encode.sha256(key) for key, _ in pairs]
    require((kind, version) == (encode.SNAPSHOT_CHUNK, 1), "it is no chunk")
    require(len(flat) % 2 == 0 and paths == sorted(set(paths)), "it is out of order")
    require(all(encode.prefix_of(path, bits) == prefix for path in paths), "it has another key")
    require(len(beside) == bits if len(pairs) > 1 else len(beside) <= bits, "its way is another")
    leaves = [(path, encode.sha256(value)) for path, (_, value) in zip(paths, pairs)]
    if other:
        depth = len(beside)
        require(not pairs and encode.prefix_of(other[0], bits) != prefix
                and encode.prefix_of(other[0], depth) == prefix >> bits - depth,
                "its leaf is another")
        leaves = [tuple(other)]
    part = encode.tree_root(leaves, bits)
    require(root_above(part, prefix, bits, beside) == root, "it is no part of the state")
    return pairs


def read(stream):
    """The head's header, seal and bits, and the state."""
    head, *chunks = map(encode.loads, records_of(stream))
    kind, version, header, seal, bits, values = head
    require((kind, version) == (encode.SNAPSHOT_HEAD, 1), "it is no head")
    require([chunk[2] for chunk in chunks] == list(range(2 ** bits)), "chunks are missing")
    pairs = [pair for chunk in chunks for pair in check_chunk(chunk, bits, header[7])]
    require(len(pairs) == values, "there are not as many values")
    require(encode.state_root(dict(pairs)) == header[7], "it is another state")
    return header, seal, dict(pairs)


def write(records):
    sys.stdout.buffer.write(b"".join(map(frame, records)))


def main(verb, *operands):
    if verb == "frame":
        write([pathlib.Path(path).read_bytes() for path in operands])
        return
    numbers = [int(number) for number in operands]
    stream = sys.stdin.buffer.read()
    if verb in ("check", "cut"):
        header, seal, state = read(stream)
    records = list(records_of(stream))
    if verb == "check":
        block = encode.sha256(b"cairn/header/v1", encode.dumps(header))
        print(header[3], block.hex(), header[7].hex(), len(state))
    elif verb == "cut":
        write([encode.snapshot_head(header, seal, numbers[0], len(state)),
               *(encode.snapshot_chunk(state, numbers[0], prefix)
                 for prefix in range(2 ** numbers[0]))])
    elif verb == "swap":
        first, second = numbers
        records[first], records[second] = records[second], records[first]
        write(records)
    elif verb == "drop":
        chunk = encode.loads(records[numbers[0]])
        del chunk[5][:2]
        records[numbers[0]] = encode.dumps(chunk)
        write(records)


if __name__ == "__main__":
    main(*sys.argv[1:])
