"""Transfers of an account that has its coins from the genesis, for query.bats.

query_transfers.py account                            prints its id
query_transfers.py CHAIN SEQUENCE COUNT VALID_UNTIL   writes so many, one after the other, each of a
                                                      coin to the account whose id is 32 times ab"""

import os
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(__file__), "data", "ledger"))
import ed25519  # noqa: E402
import encode  # noqa: E402

COIN = 10 ** 9
pair = ed25519.Pair(bytes(range(32)))
account = encode.account_of_key(pair.public)
if sys.argv[1] == "account":
    print(account.hex())
else:
    chain = bytes.fromhex(sys.argv[1])
    first, count, until = map(int, sys.argv[2:])
    arguments = encode.dumps([[bytes([0xAB]) * 32, COIN], b"for the test"])
    for number in range(first, first + count):
        parts = encode.call(account, 0, number, 1, 1, arguments)
        transaction = encode.Transaction(chain, parts, COIN, until, [pair])
        sys.stdout.buffer.write(transaction.bytes)
