"""Negative vectors: valid objects with one fault each, and the status that a tool must end with.

A vector is (name, command line, {file: bytes}, statuses). The files are added to those of a
directory that has everything valid; command lines begin with the tool's name."""

import base64
import re

import rel

DATA, NO, USAGE, NOPERM = 65, 1, 64, 77
CHUNK = 64 * 1024 + 16  # bytes of a sealed chunk
FRAME = 64  # bytes of a frame's header
PRINTED = 40  # characters of a long argument in a name


def flip(data, at, mask=1):
    changed = bytearray(data)
    changed[at] ^= mask
    return bytes(changed)


def cut_places(data, *borders):
    """Where cutting is worth a try: around borders, and here and there."""
    places = {0, 1, len(data) - 1, len(data) // 2}
    for border in borders:
        places |= {border - 1, border, border + 1}
    return sorted(p for p in places if 0 <= p < len(data))


class Faults:
    """Makes vectors of the valid objects of a directory."""

    def __init__(self, objects):
        self.objects = objects
        self.random = rel.rng("vectors")
        self.made = []

    def add(self, name, argv, files, *statuses):
        self.made.append((name, argv, files, set(statuses)))

    def decrypt(self, name, data, *statuses):
        argv = ["decrypt", "-i", "me.key", "-o", "out", "in"]
        self.add(f"age: {name}", argv, {"in": data}, *(statuses or (DATA,)))

    def age_header(self):
        sealed = self.objects["sealed"]
        end = sealed.index(b"\n---")
        header_end = sealed.index(b"\n", end + 1) + 1
        header, payload = sealed[:header_end], sealed[header_end:]
        lines = header.split(b"\n")
        for at in cut_places(sealed, 21, 22, end, header_end, header_end + 16):
            self.decrypt(f"cut at {at}", sealed[:at])
        for at in range(0, header_end - 1, 3):  # any change of the header
            self.decrypt(f"header byte {at}", flip(sealed, at), DATA, NOPERM)
        edits = {
            "version 2": header.replace(b"/v1", b"/v2"),
            "version 1.0": header.replace(b"/v1", b"/v1.0"),
            "no recipient": lines[0] + b"\n" + lines[-2] + b"\n",
            "a recipient twice": b"\n".join([lines[0], *lines[1:3], *lines[1:]]),
            "an unknown recipient more": header.replace(b"\n---", b"\n-> new\n\n---"),
            "CRLF": header.replace(b"\n", b"\r\n"),
            "a space at a line's end": header.replace(b"\n-> ", b" \n-> ", 1),
            "two spaces": header.replace(b"-> X25519 ", b"-> X25519  "),
            "lower-case type": header.replace(b"X25519", b"x25519"),
            "an argument more": header.replace(b"-> X25519 ", b"-> X25519 more "),
            "no share": re.sub(rb"-> X25519 \S+", b"-> X25519", header),
            "padded base64": re.sub(rb"(-> X25519 \S+)", rb"\1=", header),
            "a share of zeros": re.sub(rb"(-> X25519 )\S+", rb"\1" + b"A" * 43, header),
            "a MAC of zeros": re.sub(rb"--- \S+", b"--- " + b"A" * 43, header),
            "no MAC": re.sub(rb"--- \S+", b"---", header),
            "a short MAC": re.sub(rb"--- \S+", b"--- AAAA", header),
            "an empty line": header.replace(b"\n", b"\n\n", 1),
            "a body in two lines": re.sub(rb"\n(\S{20})(\S{22,23})\n", rb"\n\1\n\2\n", header),
            "a scrypt recipient more": header.replace(
                b"\n---", b"\n-> scrypt AAAAAAAAAAAAAAAAAAAAAA 30\n" + b"A" * 43 + b"\n---"),
            "nothing but stanzas": header.replace(b"age-encryption.org/v1\n", b""),
            "a header without an end": lines[0] + b"\n" + b"-> x\n\n" * 200_000,
        }
        for name, edited in edits.items():
            self.decrypt(name, edited + payload, DATA, NOPERM)
        self.decrypt("the header of another file", self.other_header() + payload)

    def other_header(self):
        other = self.objects["sealed2"]
        return other[:other.index(b"\n", other.index(b"\n---") + 1) + 1]

    def age_payload(self):
        sealed = self.objects["sealed"]
        start = sealed.index(b"\n", sealed.index(b"\n---") + 1) + 1 + 16
        head, body = sealed[:start], sealed[start:]
        chunks = [body[i:i + CHUNK] for i in range(0, len(body), CHUNK)]
        for number in range(len(chunks)):
            for at in (0, len(chunks[number]) // 2, len(chunks[number]) - 1):
                self.decrypt(f"chunk {number} byte {at}",
                             flip(sealed, start + number * CHUNK + at))
            rest = chunks[:number] + chunks[number + 1:]
            self.decrypt(f"chunk {number} left out", head + b"".join(rest))
            self.decrypt(f"chunk {number} twice",
                         head + b"".join(chunks[:number + 1] + chunks[number:]))
            for at in (1, 15, 16, 17, CHUNK - 1):
                end = start + number * CHUNK + at
                if end < len(sealed):
                    self.decrypt(f"cut at {at} of chunk {number}", sealed[:end])
            for second in range(number):
                swapped = list(chunks)
                swapped[number], swapped[second] = swapped[second], swapped[number]
                self.decrypt(f"chunks {second} and {number} swapped", head + b"".join(swapped))
        for at in range(16):
            self.decrypt(f"nonce byte {at}", flip(sealed, start - 16 + at))
        other = self.objects["sealed2"]
        self.decrypt("a payload of another file", head + other[start:])
        self.decrypt("a byte more", sealed + b"\0")
        self.decrypt("the file twice", sealed + sealed)
        self.decrypt("an empty chunk at the end", sealed + b"\0" * 16)
        self.decrypt("no payload", head[:-16])
        self.decrypt("no chunk", head)

    def armor(self):
        text = self.objects["armored"]
        lines = text.split(b"\n")
        body = lines[1:-2]
        joined = b"".join(body)
        begin, end = lines[0] + b"\n", lines[-2] + b"\n"
        wide = b"\n".join(joined[i:i + 76] for i in range(0, len(joined), 76))
        edits = {
            "no end line": text[:-len(end)], "no begin line": text[len(begin):],
            "wide lines": begin + wide + b"\n" + end,
            "one line": begin + joined + b"\n" + end,
            "an empty line": text.replace(b"\n", b"\n\n", 2),
            "a space in front of a line": text.replace(b"\n", b"\n ", 2),
            "a tab behind a line": text.replace(b"\n", b"\t\n", 2),
            "text in front": b"hello\n" + text, "text behind": text + b"hello\n",
            "twice": text + text, "lower-case begin": text.lower()[:len(begin)] + text[len(begin):],
            "another label": text.replace(b"AGE ENCRYPTED FILE", b"PGP MESSAGE"),
            "a header": begin + b"Comment: x\n\n" + text[len(begin):],
            "not base64": text.replace(body[0][:4], b"!!!!"),
            "URL base64": begin + joined[:3] + b"-_" + text[len(begin) + 5:],
            "padding in the middle": text.replace(body[0][-4:], b"QQ==", 1),
            "no padding": text.replace(b"=", b""),
            "a short line in the middle": begin + body[0][:60] + b"\n" + text[len(begin) + 60:],
            "empty": begin + end, "CR alone": text.replace(b"\n", b"\r"),
            "NUL": text.replace(b"\n", b"\0\n", 1),
            "too much white space": b" " * 70_000 + text,
        }
        for name, edited in edits.items():
            self.decrypt(f"armor: {name}", edited)

    def streams(self):
        stream, other = self.objects["stream"], self.objects["stream2"]
        argv = ["decode", "-o", "out", "in"]

        def decode(name, data, *statuses):
            self.add(f"stream: {name}", argv, {"in": data}, *(statuses or (DATA,)))

        size = self.objects.shard_size
        frames = [stream[i:i + FRAME + size]
                  for i in range(64, 64 + 3 * (FRAME + size), FRAME + size)]
        tail = stream[64 + 3 * (FRAME + size):]
        head = stream[:64]
        for at in cut_places(stream, 64, 128, len(stream) - len(tail), len(stream) - 48):
            decode(f"cut at {at}", stream[:at])
        for at in range(64):
            decode(f"header byte {at}", flip(stream, at))
            decode(f"frame header byte {at}", flip(stream, 64 + at))
        for at in range(len(tail)):
            decode(f"tail byte {at}", flip(stream, len(stream) - len(tail) + at))
        orders = {"frames backwards": frames[::-1], "a frame twice": [frames[0], *frames],
                  "the last frame first": [frames[2], *frames[:2]], "one frame": frames[:1],
                  "no frames": [], "frames of two streams": [frames[0], other[64:128 + size]]}
        for name, order in orders.items():
            decode(name, head + b"".join(order) + tail)
        decode("no tail", head + b"".join(frames))
        decode("a tail of another stream", head + b"".join(frames) + other[-len(tail):])
        decode("twice", stream + stream)
        decode("a byte more", stream + b"\n")
        decode("a byte in front", b"\n" + stream)

    def shard_files(self):
        first, second = self.objects["000.shard"], self.objects["001.shard"]
        third, other = self.objects["002.shard"], self.objects["other.shard"]
        argv = ["decode", "-o", "out", "a.shard", "b.shard"]

        def decode(name, one, two, *statuses):
            self.add(f"shards: {name}", argv, {"a.shard": one, "b.shard": two},
                     *(statuses or (DATA,)))

        body = 4096
        decode("one twice", first, first)
        decode("one of another object", first, other)
        decode("one empty", first, b"")
        decode("one all zeros", first, b"\0" * len(second))
        decode("a header with nothing behind", first, second[:4096])
        decode("a body without its header", first, second[4096:])
        decode("header of one, body of another", first, second[:4096] + third[4096:])
        decode("both of other versions", flip(first, 8), flip(first, 8))
        for at in (body, body + 1, body + 40):
            decode(f"body byte {at}", first, flip(second, at))
            decode(f"cut at {at}", first, second[:at])
        ids = {"id of another object": self.objects.other_id, "id of zeros": "0" * 64}
        for name, value in ids.items():
            self.add(f"shards: {name}", ["decode", "-o", "out", "--id", value, "000.shard",
                                         "001.shard"], {}, DATA)

    def signatures(self):
        text = self.objects["plain.minisig"].decode()
        lines = text.split("\n")
        argv = ["verify", "signature", "-p", "me.pub", "-s", "in", "plain"]

        def verify(name, data, *statuses):
            self.add(f"signature: {name}", argv,
                     {"in": data if isinstance(data, bytes) else data.encode()},
                     *(statuses or (DATA,)))

        def signed(line, at, mask=1):
            raw = flip(base64.b64decode(lines[line]), at, mask)
            changed = [*lines]
            changed[line] = base64.b64encode(raw).decode()
            return "\n".join(changed)

        for at in range(10, 74, 4):
            verify(f"signature byte {at - 10}", signed(1, at), NO)
        for at in range(0, 64, 4):
            verify(f"comment signature byte {at}", signed(3, at), NO)
        verify("an unknown algorithm", signed(1, 0))
        verify("the legacy algorithm", signed(1, 1, 0x20), NO)
        verify("another trusted comment", text.replace("timestamp", "timestamP"), NO)
        for number in range(4):
            left = lines[:number] + lines[number + 1:]
            verify(f"without line {number}", "\n".join(left))
            verify(f"line {number} twice", "\n".join(lines[:number + 1] + lines[number:]))
            verify(f"CR in line {number}",
                   "\n".join([*lines[:number], lines[number] + "\r", *lines[number + 1:]]))
        edits = {"no end of line": text[:-1], "a line more": text + "\n",
                 "binary": b"\xff" * 300, "long": text + "x" * 20_000,
                 "not base64": text.replace("RU", "R!", 1),
                 "upper-case label": text.replace("untrusted", "UNTRUSTED"),
                 "a bell in the comment": text.replace("timestamp", "t\x07mestamp")}
        for name, data in edits.items():
            verify(name, data)
        self.add("signature: of other data", ["verify", "signature", "-p", "me.pub", "-s",
                                              "plain.minisig", "me.pub"], {}, NO)
        self.add("signature: by another key", ["verify", "signature", "-p", "you.pub", "-s",
                                               "plain.minisig", "plain"], {}, NO)

    def identities(self):
        text = self.objects["me.key"].decode()
        lines = text.split("\n")

        def show(name, data, *statuses):
            files = {"in": data if isinstance(data, bytes) else data.encode()}
            self.add(f"identity: {name}", ["keygen", "-y", "in"], files, *(statuses or (DATA,)))

        for number in range(len(lines) - 1):
            left = lines[:number] + lines[number + 1:]
            show(f"without line {number}", "\n".join(left))
            show(f"line {number} twice", "\n".join(lines[:number + 1] + lines[number:]))
            for at in (0, len(lines[number]) // 2, len(lines[number]) - 1):
                changed = flip(lines[number].encode(), at, 2).decode()
                show(f"line {number} byte {at}",
                     "\n".join([*lines[:number], changed, *lines[number + 1:]]))
        for name, data in {"CRLF": text.replace("\n", "\r\n"), "no last end": text[:-1],
                           "an empty line more": text + "\n", "lower case": text.lower(),
                           "a comment more": "# mine\n" + text, "NUL": text + "\0",
                           "twice": text + text, "long": text + "#" * 70_000}.items():
            show(name, data)

        words = self.objects["words"].decode().split()
        for name, some in {"23": words[:-1], "25": [*words, words[0]], "12": words[:12],
                           # a fixed sentence: of random ones, 1 in 256 stays valid
                           "swapped": ("winner legal thank year wave sausage worth useful "
                                       "legal winner thank year wave sausage worth useful "
                                       "legal winner thank year wave sausage worth title").split(),
                           "unknown": [*words[:5], "bitcoin", *words[6:]], "none": [],
                           "cut": [w[:4] for w in words],
                           "joined": ["-".join(words)]}.items():
            self.add(f"words: {name}", ["keygen", "--recover", "-o", "out", "in"],
                     {"in": " ".join(some).encode()}, DATA)

    def command_lines(self):
        address = self.objects["address"].decode().strip()
        recipient = self.objects["recipient"].decode().strip()
        did = self.objects["did"].decode().strip()
        bad = ["", "age1", recipient[:-1], recipient + "q", recipient.replace("age1", "agf1"),
               recipient[:20] + recipient[20:].upper(), " " + recipient, recipient + " ",
               address[:-1], address.replace("cairn1", "cairn2"), did[:-1], did + "1",
               did.replace("z6Mk", "z6Lk"), "did:web:example.org", "ssh-ed25519",
               "ssh-ed25519 AAAA", "ssh-rsa AAAAB3NzaC1yc2E=", "plain"]
        bad += [recipient[:at] + ("q" if recipient[at] != "q" else "p") + recipient[at + 1:]
                for at in range(4, len(recipient), 6)]
        for text in bad:
            self.add(f"recipient {text[:PRINTED]!r}", ["encrypt", "-r", text, "-o", "out", "plain"],
                     {}, USAGE)
            if text:
                self.add(f"recipient file {text[:PRINTED]!r}",
                         ["encrypt", "-R", "in", "-o", "out", "plain"],
                         {"in": text.encode() + b"\n"}, DATA)
        for text in ("", "5", "-5", "5-4", "a-b", "1-2-3", "+1-2", "1 -2", "00-1", "0x1-2",
                     "-", "18446744073709551616-", "1.5-2"):
            self.add(f"range {text!r}", ["decode", "-o", "out", "--range=" + text, "stream"], {},
                     USAGE)
        for options in (["-k0", "-m1"], ["-k256", "-m0"], ["-k200", "-m56"], ["-k", "2"],
                        ["--segment", "100000"], ["--segment", "32KiB"], ["--segment", "128MiB"],
                        ["--segment", "0"], ["-k", "-1", "-m", "1"], ["--profile", "huge"],
                        ["--profile", "small", "-k", "2", "-m", "1"], ["-j", "0"], ["-j", "65"]):
            self.add(f"encode {options}", ["encode", *options, "-d", "out", "plain"], {}, USAGE)

    def at_random(self, count):
        """Any byte of anything changed in any way; many are the same fault as one above."""
        for number in range(count):
            data = self.objects["sealed"]
            at = self.random.randrange(len(data))
            self.decrypt(f"random {number}: byte {at}",
                         flip(data, at, self.random.randrange(1, 256)), DATA, NOPERM)

    def all(self):
        self.age_header()
        self.age_payload()
        self.armor()
        self.streams()
        self.shard_files()
        self.signatures()
        self.identities()
        self.command_lines()
        self.at_random(3000 if rel.is_night() else 0)
        return self.made
