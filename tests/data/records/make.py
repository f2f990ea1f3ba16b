"""Writes records.txt and receipts beside it: each record of cairn-node(5), cairn-receipt(5), cairn-storage(7),
cairn-list(5) and cairn-index(5) once, made without cairn, by python3-cbor2 and
python3-cryptography."""

import base64
import hashlib
import pathlib

import cbor2
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

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
    "list": tree,
    "index_record": index + bytes(-len(index) % 512),
    "node_text": b"cairn-node:" + base64.urlsafe_b64encode(dumps(node)).rstrip(b"="),
    "receipt_text": b"cairn-receipt:" + base64.urlsafe_b64encode(dumps(receipt)).rstrip(b"="),
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
