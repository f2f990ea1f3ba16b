"""Writes records.txt and receipts beside it: each record of cairn-node(5), cairn-receipt(5),
cairn-storage(7), cairn-list(5), cairn-index(5), cairn-audit-key(5), cairn-challenge(5) and
cairn-transcript(5) once and a tag file of cairn-tags(5), made without cairn, by python3-cbor2,
python3-cryptography and por.py."""

import base64
import hashlib
import pathlib
import struct

import cbor2
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

import por

NODE = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
OWNER = Ed25519PrivateKey.from_private_bytes(bytes(range(32, 64)))


def public(pair):
    return pair.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)


def account(pair):
    return hashlib.sha256(b"cairn/account/v1\0" + public(pair)).digest()


def dumps(value):
    return cbor2.dumps(value, canonical=True)


def signed(pair, context, fields):
    return fields + [pair.sign(context + b"\0" + dumps(fields))]


CALLER, CALLEE = bytes([0xC1]) * 32, bytes([0xCE]) * 32
NETWORK, NO_NETWORK = bytes([0x4E]) * 32, bytes(32)
ROOTS = [bytes([i]) * 32 for i in range(1, 4)]
TIME = 1_800_000_000
LINK = "cairn:co1qyqqzqsrqszsvpcgpy9qkrqdpc83qygjzv2p29shrqv35xcur50p7g23wj3" \
    "#ck1qyqqzqsrqszsvpcgpy9qkrqdpc8s7j0ugl"

node = signed(NODE, b"cairn/node/v1", [
    5, 1, 7, public(NODE), CALLEE, ["[::1]:7001", "example.org:7001"], 3, NETWORK, TIME])
items = [[ROOTS[0], 0], [ROOTS[1], 65536], [ROOTS[2], 64 << 20]]
receipt = signed(NODE, b"cairn/receipt/v1", [
    6, 1, NO_NETWORK, public(NODE), account(OWNER), 1000, TIME, TIME + 86400, items])
drop = signed(OWNER, b"cairn/drop/v1", [
    7, 1, NETWORK, public(OWNER), account(NODE), [[ROOTS[0], 1], [ROOTS[1], 1 << 40]]])
hello = [8, 1, NETWORK, public(OWNER), OWNER.sign(
    b"cairn/hello/v1\0" + dumps([8, 1, NETWORK, public(OWNER), CALLER, CALLEE]))]
tree = b"".join(map(dumps, [
    [3, 1],
    [1, b"a", 1_700_000_000_123_456_789, 0o755],
    [0, b"a/\xff", 0, 0o4644, 3, LINK],
    [2, b"a.link", 5, b"../outside"],
    3]))
index = dumps([4, 1, 9, TIME, 1, b"photos/2024.tar", "application/x-tar", 1 << 32, LINK])

# Of proofs: an owner, two files, and what an auditor has asked four providers about them.
AUDITED = por.Owner(bytes([3]) * 32)
FILES = AUDITED.files
PROVIDERS = [bytes([0xA0 + i]) * 32 for i in range(4)]
SEED, BEACON = bytes([0x5E]) * 32, bytes([0xBE]) * 32

audit_key = [18, 1, AUDITED.sectors, AUDITED.points, public(OWNER), OWNER.sign(
    b"cairn/audit-key/v1\0" + dumps([18, 1, AUDITED.key]))]
challenged = [[file.root, file.size] for file in FILES]
challenge = [20, 1, AUDITED.key, SEED, 5, challenged]


def tag_file(file):
    header = (b"CAIRNTAG" + struct.pack("<IIQQ", 1, AUDITED.sectors, file.size, 1) + file.root
              + AUDITED.key + file.fid + public(OWNER))
    digest = hashlib.sha256(file.tag).digest()
    return header + file.tag + OWNER.sign(b"cairn/tags/v1\0" + header + digest)


def audited(position, nonce, count, files, outcome):
    """What came of a provider: it answers with its proof, with that for another seed, or not."""
    provider = PROVIDERS[position]
    seed = por.audit_seed(nonce, public(NODE), provider, AUDITED.key, files)
    proofs = {0: AUDITED.proof(seed, count, files), 1: AUDITED.proof(SEED, count, files)}
    return [provider, nonce, count, [[file.root, file.size] for file in files], outcome,
            proofs.get(outcome)]


def transcript(beacon, providers):
    fields = [22, 1, audit_key, public(NODE), NETWORK, TIME, beacon, providers]
    digest = hashlib.sha256(dumps(fields)).digest()
    return dumps(fields + [NODE.sign(b"cairn/transcript/v1\0" + digest)])


drawn = [por.nonce(BEACON, provider, i) for i, provider in enumerate(PROVIDERS)]
answers = [audited(0, drawn[0], 4096, FILES, 0), audited(1, drawn[1], 1, FILES, 1),
           audited(2, drawn[2], 1, FILES[:1], 2), audited(3, drawn[3], 16, FILES[1:], 3)]

RECORDS = {
    "account_id": account(NODE),
    "node_record": dumps(node),
    "receipt": dumps(receipt),
    "drop_request": dumps(drop),
    "hello_request": dumps(hello),
    "hello_request_nobody": dumps([8, 1, NO_NETWORK, None, None]),
    "hello_reply": dumps([9, 1, node, 1 << 40, 64 << 20, TIME]),
    "put_request": dumps([10, 1, 1, 0, items]),
    "get_request": dumps([11, 1, ROOTS[0], 1 << 20, 65536, 100000]),
    "has_request": dumps([12, 1, ROOTS]),
    "has_reply": dumps([13, 1, [[True, 65536, 12], [False, 0, 0], [True, 64, 0]]]),
    "drop_reply": dumps([14, 1, 2]),
    "list_request": dumps([15, 1, 1, 4096]),
    "list_reply": dumps([16, 1, [[1, ROOTS[0], 512, TIME], [1 << 40, ROOTS[1], 64 << 20, 0]]]),
    "peers_reply": dumps([17, 1, [node, node]]),
    "audit_key": dumps(audit_key),
    "prover_key": dumps([19, 1, audit_key, AUDITED.prover_key()]),
    "challenge": dumps(challenge),
    "storage_proof": dumps([21, 1, challenge, AUDITED.proof(SEED, 5, FILES)]),
    "transcript": transcript(BEACON, answers),
    "transcript_chosen": transcript(None, [audited(1, SEED, 1, FILES, 0)]),
    "prove_request": dumps([23, 1, AUDITED.key, SEED, 512, [file.fid for file in FILES]]),
    "prove_reply": dumps([24, 1, AUDITED.proof(SEED, 5, FILES)]),
    "tags_request": dumps([25, 1, [ROOTS[1], ROOTS[0], AUDITED.key]]),
    "tags_reply": dumps([26, 1, [[], items, [[AUDITED.key, 1024]]]]),
    "tag_file": tag_file(FILES[0]),
    "tag_set": b"".join(map(tag_file, FILES)),
    "list": tree,
    "index_record": index + bytes(-len(index) % 512),
    "node_text": b"cairn-node:" + base64.urlsafe_b64encode(dumps(node)).rstrip(b"="),
    "receipt_text": b"cairn-receipt:" + base64.urlsafe_b64encode(dumps(receipt)).rstrip(b"="),
    "audit_key_text": (b"cairn-audit-key:"
                       + base64.urlsafe_b64encode(dumps(audit_key)).rstrip(b"=")),
}

RECEIPTS = [
    receipt,
    signed(OWNER, b"cairn/receipt/v1", [
        6, 1, NETWORK, public(OWNER), account(NODE), 1, TIME, 0, [[ROOTS[1], 65536]]]),
    signed(NODE, b"cairn/receipt/v1", [
        6, 1, NO_NETWORK, public(NODE), account(OWNER), 1003, TIME + 1, 0,
        [[bytes([i]) * 32, i] for i in range(128)]]),
]

HERE = pathlib.Path(__file__)
with open(HERE.with_name("records.txt"), "w", encoding="ascii") as file:
    for name, data in RECORDS.items():
        print(name, data.hex(), file=file)
with open(HERE.with_name("receipts"), "w", encoding="ascii") as file:
    for one in RECEIPTS:
        print("cairn-receipt:" + base64.urlsafe_b64encode(dumps(one)).decode().rstrip("="),
              file=file)
