"""What the fuzz targets begin with: the test data, and a little of what the tools make."""

import json
import os

import rel

DATA = rel.DATA
ADDRESSES = ("localhost:7000", "[::1]:80", "node.example.org:65535")


def files(directory, *suffixes):
    """The contents of the files of a directory of the test data."""
    place = os.path.join(DATA, directory)
    if not os.path.isdir(place):
        return []
    names = [n for n in sorted(os.listdir(place)) if n != "PROVENANCE.md"]
    if suffixes:
        names = [n for n in names if n.endswith(suffixes)]
    paths = [os.path.join(place, n) for n in names]
    return [rel.content(p) for p in paths if os.path.isfile(p)]


def age_files():
    """The vectors of CCTV without their descriptions, and files of Debian's age."""
    found = []
    for data in files("age"):
        _, _, body = data.partition(b"\n\n")
        if len(body) <= 4096 and b"scrypt" not in body[:200]:
            found.append(body)
    return found + files("age-debian", ".age") + files("ssh-key", ".age")


def records():
    """Each record of the storage network once, by name."""
    lines = rel.content(os.path.join(DATA, "records", "records.txt")).decode().split("\n")
    return {name: bytes.fromhex(digits) for name, _, digits in (x.partition(" ") for x in lines)}


def ledger():
    """Records of chains and of their states, and their geneses."""
    lines = [line.split(b" ") for line in rel.content(
        os.path.join(DATA, "ledger", "records.txt")).splitlines()]
    chains = [rel.content(os.path.join(DATA, "ledger", f"chain-{name}.txt"))
              for name in ("ccc", "points")]
    return ([bytes.fromhex(digits.decode()) for name, digits in lines]
            + [chain.split(b"\n", 1)[0].removeprefix(b"genesis ") for chain in chains])


def drafts():
    """What wallets give each other: transactions without and with signatures, descriptors."""
    key, other = "11" * 32, "22" * 32
    body = {"chain": key, "sender": other, "lane": 0, "sequence": 65536, "module": "coins",
            "method": "transfer", "arguments": {"transfers": [{"to": key, "atoms": "5"}],
                                                "reference": "00"},
            "fee_atoms": "4030", "valid_until": 100, "signatures": [], "descriptors": []}
    touch = body | {"module": "policy", "method": "touch", "arguments": {}}
    descriptor = bytes.fromhex("8418200101815820" + key)
    wanted = (b"transaction ", b"body ", b"descriptor ")
    lines = rel.content(os.path.join(DATA, "ledger", "records.txt")).splitlines()
    return ([json.dumps(each).encode() for each in (body, touch)]
            + [descriptor.hex().encode(), b"descriptor: " + descriptor.hex().encode() + b"\n",
               json.dumps({"descriptor": descriptor.hex()}).encode()]
            + [bytes.fromhex(line.split(b" ")[1].decode()) for line in lines
               if line.startswith(wanted)])


def chains():
    """Draws of a chain of either policy, in whose first block three accounts become providers."""
    draw = rel.rng("blocks")
    joins = b"".join(bytes([0, 0, sender, 0, 0, 3, sender, sender % 2, amount])
                     for sender, amount in enumerate((6, 6, 4)))
    return [bytes([i % 2, 0, 9, 3]) + joins + draw.randbytes(i * 8) for i in range(64)]


def engine():
    """What headers say of plots, of either form, and guards."""
    plot = (b"\x89\x01\x58\x20" + bytes(32) + b"\x07\x01\x18\x20\x19\x0f\xff\x1b" + b"\xff" * 8 +
            b"\x09\x58\x20" + bytes(32))
    poc2 = b"\x89\x00\x58\x20" + bytes(32) + b"\x00" * 5 + b"\x05\x58\x20" + bytes(32)
    entries = [b"\x83" + height + b"\x58\x20" + bytes(32) + b"\x58\x20" + b"\x01" + bytes(31)
               for height in (b"\x05", b"\x18\x8d")]
    return [plot, poc2, b"\x83\x01\x00\x80", b"\x83\x01\x04\x82" + b"".join(entries)]


def chain_messages():
    """What nodes of a chain say, as far as it is short to write, and what it is made of."""
    node = b"\x6bnode:409600" + b"\x58\x20" + bytes(32)
    kinds = [b"\x18" + bytes([kind]) for kind in range(24, 64)]
    lists = [b"\x83%s\x01\x81\x58\x20" % kind + bytes(32) for kind in kinds]
    nodes = [b"\x83%s\x01\x82" % kind + node for kind in kinds]
    hellos = [b"\x86%s\x01\x58\x20" % kind + bytes(32) + b"\x63a:1\x05\x58\x20" + bytes(32)
              for kind in kinds]
    missing = [b"\x84%s\x01\x58\x20" % kind + bytes(32) + b"\x82\x01\x18\x20" for kind in kinds]
    return [*ledger(), *lists, *nodes, *hellos, *missing]


def header_of(data):
    end = data.find(b"\n---")
    return data[:data.find(b"\n", end + 1) + 1] if end >= 0 else data


def frame(stream, kind, payload=b""):
    """A frame of a link, cairn-link(7)."""
    return (stream.to_bytes(4, "little") + bytes([kind]) + len(payload).to_bytes(3, "little")
            + payload)


def conversations():
    """What peers send on links, behind a byte that says which side listens, and how."""
    called = [frame(1, 1, b"\x04echorequest"), frame(1, 2, b"data" * 5),
              frame(1, 3, b"\x00\x10\x00\x00"), frame(0, 7, b"12345678"), frame(1, 4),
              frame(3, 1, b"\x09shard.put"), frame(3, 6, b"no more"), frame(0, 9, b"bye")]
    calling = [frame(1, 3, b"\x01\x00\x00\x00"), frame(1, 2, b"answer"), frame(1, 5, b"\x02"),
               frame(2, 1, b"\x01a"), frame(2, 4), frame(0, 8, bytes(8))]
    return ([bytes([choice]) + b"".join(called) for choice in range(0, 64, 10)]
            + [bytes([choice]) + b"".join(calling) for choice in range(1, 64, 10)])


class Made:
    """What the tools make of a small input."""

    def __init__(self, place):
        keygen, sign, encrypt, encode = rel.tools("keygen", "sign", "encrypt", "encode")
        here = {"cwd": place}
        rel.save(os.path.join(place, "plain"), rel.rng("seeds").randbytes(150))
        rel.save(os.path.join(place, "empty"), b"")
        rel.must([keygen, "-o", "me.key"], **here)
        self.key = rel.content(os.path.join(place, "me.key"))
        self.forms = {form: rel.must([keygen, "-y", f"--{form}", "me.key"], **here)
                      for form in ("address", "recipient", "did", "minisign", "words")}
        rel.must([sign, "-i", "me.key", "-o", "signature", "plain"], **here)
        self.signature = rel.content(os.path.join(place, "signature"))
        self.armored = rel.must([encrypt, "-i", "me.key", "-a", "plain"], **here)
        self.streams = []
        self.shards = []
        self.manifests = []
        for number, shape in enumerate(((2, 1), (1, 0), (1, 2), (3, 2))):
            for name in ("plain", "empty"):
                profile = ["-k", str(shape[0]), "-m", str(shape[1]), "--segment", "64KiB"]
                self.streams.append(rel.must([encode, *profile, "-o", "-", name], **here))
                directory = f"{name}{number}"
                rel.must([encode, *profile, "-d", directory, name], **here)
                at = os.path.join(place, directory)
                self.manifests.append(rel.content(os.path.join(at, "manifest")))
                self.shards.append(rel.content(os.path.join(at, "000.shard")))


def corpora(place):
    """The seeds of each target."""
    made = Made(place)
    signatures = files("signature-files", ".minisig", ".legacy.minisig", ".sig")
    publics = files("ssh-key", ".pub") + files("keys", ".pub")
    forms = list(made.forms.values())
    texts = [form.strip() for form in forms]
    number = rel.rng("link").randbytes
    record = records()
    receipts = files("records", "receipts")
    return {
        "age_header": [header_of(data) for data in age_files()],
        "age_identities": [made.key, *files("age-debian", "id.txt")],
        "age_stream": age_files(),
        "audit_record": [record[name] for name in (
            "audit_key", "audit_key_text", "prover_key", "challenge", "storage_proof",
            "transcript", "transcript_chosen")],
        "armor": [made.armored, *[f for f in age_files() if b"-----BEGIN AGE" in f]],
        "base58": [made.forms["did"].strip()[9:], b"111", b"z6Mk"],
        "base64": [b"QUJD", b"QQ==", b"QUI=", b"QQ", b"0123abcdef"],
        "bech32": [*texts, b"a12uel5l", b"A1LQFN3A", b"?1v759aa"],
        "byte_range": [b"0-1", b"100-", b"0-18446744073709551615", b"5-5"],
        "cbor": [*made.manifests, bytes.fromhex("8301f5f6"), bytes.fromhex("83187b4161a0"),
                 bytes.fromhex("1bffffffffffffffff"), b"\x81" * 17 + b"\x00"],
        "chain_message": chain_messages(),
        "client_hello": [b"\x16\x03\x01\x00\xc8\x01" + bytes(199), b"\x16\x03\x01\x0f\xfb\x01"],
        "decode_stream": made.streams,
        "engine_record": engine(),
        "file_list": [b"a\nb\n", b"a\0b\0", b"a/b c\n\n"],
        "grants": [b"anyone 10GiB 1000 2027-01-31\n", b"# friends\n\n" +
                   made.forms["address"].strip() + b" 1MB 5\n" + made.forms["did"].strip() +
                   b"\t7 7 # one\n"],
        "identity_file": [made.key, *files("keys", "identity-zero")],
        "inspect": [*record.values(), *receipts, made.key, made.signature, made.armored, *forms, *made.manifests, *made.streams,
                    *[shard[4000:] for shard in made.shards[:2]], *age_files()[:20], *publics,
                    *files("signature-files"), *files("ssh-key"), *ledger()],
        "index_record": [record["index_record"], record["index_record"].rstrip(b"\0")],
        "ledger_block": chains(),
        "ledger_record": ledger(),
        "list": [record["list"], bytes.fromhex("82030100")],
        "plot": [b"10282355196851764065_0_8", b"0_18446744073709551608_8",
                 b"cairn-x1" + b"".join(n.to_bytes(4, "little") for n in (1, 1)) + bytes(64) +
                 b"".join(n.to_bytes(4, "little") for n in (0, 4096, 3, 0, 9, 0, 2, 0)),
                 b"cairnsum" + b"".join(n.to_bytes(4, "little") for n in (1, 4096, 8, 0, 2, 0)) +
                 bytes(32),
                 b"cairnjnl" + b"".join(n.to_bytes(4, "little") for n in (1, 0, 8, 0, 0, 0)) +
                 bytes(32 + 64)],
        "point": [record["audit_key"][6:102], record["audit_key"][102:198],
                  record["audit_key"][6:198], record["prover_key"][-768:-720],
                  record["prover_key"][-768:],
                  record["prove_reply"][-128:], b"\xc0" + bytes(47), b"\xc0" + bytes(95),
                  b"\x40" + bytes(95), b"\x40" + bytes(191), b"\x80" + bytes(47),
                  bytes(95) + b"\x02"],
        "provider_list": [record["node_text"], *[made.forms["address"].strip() + b"@" +
                          a.encode() + b" # one\n" for a in ADDRESSES]],
        "round": [b'{"challenge":"' + b"a" * 64 + b'","base_target":"7","window_ms":9}',
                  b'{"generation_signature":"' + b"b" * 64 + b'","height":"9","base_target":7,'
                  b'"form":"poc2","account":"7","nonce":"0","hit":"9","deadline":"1"}',
                  b'{"challenge":"' + b"a" * 64 + b'","base_target":"7","form":"x1","chain":"' +
                  b"c" * 64 + b'","account":"' + b"d" * 64 + b'","salt":0,"scale":1,"nonce":"5",'
                  b'"deadline":"1"}'],
        "receipts": [*receipts, *[line + b"\n" for line in receipts[0].split(b"\n")[:2]]],
        "record": [data for name, data in record.items() if not name.endswith("_text")],
        "sealed": [b"", b"plain", *age_files()[:20]],
        "link": [number(33), number(65), b"\1" + number(32), b"\1" + number(64) + b"#\1" * 9,
                 *[b"\1" + number(32) + made.forms["address"].strip() + b"@" + a.encode()
                   for a in ADDRESSES]],
        "manifest": made.manifests,
        "mux": conversations(),
        "minisign_secret": [*files("signature-files", "m.key"), *files("keys", "encrypted")],
        "numbers": [b"18446744073709551615", b"1.5GiB", b"10GB", b"250ms", b"30d", b"0"],
        "pieces": [(524388).to_bytes(8, "big") + i.to_bytes(8, "big") * 2 for i in range(4)],
        "recipients": [*forms, *texts, *publics, b"# note\n" + b"".join(forms[:3])],
        "shard_header": [shard[:4096] for shard in made.shards],
        "signature": [made.signature, *signatures],
        "signer_key": [made.forms["minisign"], *files("signature-files", ".pub")],
        "ssh_private": [*files("ssh-key"), *files("keys", "ssh-ed25519", "ssh-encrypted")],
        "ssh_public": publics,
        "stream_header": [s[:64] for s in made.streams] + [s[64:128] for s in made.streams],
        "store_records": [bytes(size) for size in (16, 41, 37, 56, 84, 104)] +
                         [b"ENTR" + (5).to_bytes(4, "little") + bytes(40)],
        "tag_set": [record["tag_set"], record["tag_file"], record["tag_file"][:160],
                    (16).to_bytes(8, "big") + (999).to_bytes(8, "big") + record["tag_file"][160:]],
        "text": ["a\u202eb\u2028\x9b'\\".encode(), b"\xff\xfe", b"kitten sitting"],
        "trailer": [shard[-48:] for shard in made.shards],
        "wallet_draft": drafts(),
        "words": [made.forms["words"], made.forms["words"].upper()],
    }
