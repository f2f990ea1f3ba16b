"""One record of each kind, by name."""

import encode
import modules
import scene
from modules import COINS, FILES, POLICY, REGISTRY


def arguments_of(chain):
    keys = [pair.public for pair in scene.NODES]
    accounts = scene.ACCOUNTS
    header = chain.header
    other = header.changed(time_s=header.time_s + 1)
    consent = scene.NODES[0].sign(modules.consent_message(chain.chain, accounts[0]))
    seals = [encode.seal(one.id, scene.PEOPLE[0]) for one in (header, other)]
    return {
        "transfer": (COINS, 1, [accounts[1], 1, accounts[2], 2 ** 64 - 1], b"reference"),
        "controller": (COINS, 2, encode.descriptor_id(scene.BOTH)),
        "controller_none": (COINS, 2, None),
        "close": (COINS, 3, accounts[3]),
        "join": (REGISTRY, 1, keys[0], consent, 1, 10 ** 9,
                 [2 ** 40, 7, b"localhost:7000", b"[::1]:80"]),
        "offer": (REGISTRY, 2, 2 ** 64 - 1, 0),
        "amount": (REGISTRY, 3, 10 ** 9),
        "none": (REGISTRY, 5),
        "rotate": (REGISTRY, 7, keys[1], consent),
        "release": (REGISTRY, 9, 0, 23, 24, 2 ** 32 - 1),
        "assign": (REGISTRY, 10, 2 ** 32 - 1, keys[2]),
        "revoke": (REGISTRY, 11, 0),
        "set": (FILES, 1, 3, bytes(range(24))),
        "clear": (FILES, 2, 256),
        "attach": (POLICY, 1, accounts[4], 10 ** 12, b""),
        "sweep": (POLICY, 2, accounts[5]),
        "evidence": (POLICY, 4, header.bytes, seals[0], other.bytes, seals[1]),
    }


def state_records(chains):
    """The first of each table, of whichever chain has one."""
    tables = {"account": (COINS, 1), "provider": (REGISTRY, 1), "owner": (REGISTRY, 2),
              "earning": (REGISTRY, 3), "assignment": (REGISTRY, 4), "head": (FILES, 1),
              "supply": (POLICY, 1), "reward": (POLICY, 2), "remembered": (POLICY, 3)}
    state = {key: record.bytes() for chain in chains for key, record in chain.state.items()}
    for name, table in tables.items():
        front = encode.state_key(*table)
        yield f"state_{name}", next(state[key] for key in sorted(state) if key.startswith(front))
    yield "state_ccc", state[modules.CCC]
    yield "state_points", state[modules.POINTS]


def state_proofs(chain):
    """Of a value, and of two accounts that are not there: one where another leaf is, one where
    nothing is."""
    state = {key: record.bytes() for key, record in chain.state.items()}
    assert encode.state_root(state) == chain.header.state
    yield "state_proof", encode.state_proof(chain.header, state, modules.SUPPLY)
    absent = [encode.state_proof(chain.header, state, modules.account_key(bytes([i]) * 32))
              for i in range(100)]
    yield "state_proof_other", next(proof for proof in absent if not proof.endswith(b"\xf6"))
    yield "state_proof_nothing", next(proof for proof in absent if proof.endswith(b"\xf6"))


def snapshots(chain):
    """One of eight chunks, and of one of very many chunks those that differ: with a value, with
    none where another leaf is alone, and with none where nothing is."""
    state, header = chain.values(), chain.header
    block_seal = encode.seal(header.id, scene.PEOPLE[0])
    yield "snapshot_head", encode.snapshot_head(header.record, block_seal, 3, len(state))
    for prefix in range(8):
        yield f"snapshot_chunk_{prefix}", encode.snapshot_chunk(state, 3, prefix)
    yield "snapshot_head_16", encode.snapshot_head(header.record, block_seal, 16, len(state))
    chunks = [encode.snapshot_chunk(state, 16, prefix) for prefix in range(0, 2 ** 16, 257)]
    value = encode.prefix_of(encode.sha256(modules.POINTS), 16)
    yield "snapshot_chunk_value", encode.snapshot_chunk(state, 16, value)
    yield "snapshot_chunk_other", next(one for one in chunks if not one.endswith(b"\xf6\x80"))
    yield "snapshot_chunk_nothing", next(one for one in chunks if one.endswith(b"\xf6\x80"))


def all_of(chains):
    chain = chains[-1]
    arguments = arguments_of(chain)
    yield "public_key", scene.PEOPLE[0].public
    yield "account_of_key", scene.ACCOUNTS[0]
    yield "descriptor", scene.BOTH
    yield "descriptor_id", encode.descriptor_id(scene.BOTH)
    yield "account_of_descriptor", encode.account_of_descriptor(scene.BOTH)
    for name, (_module, _method, *parts) in arguments.items():
        yield f"arguments_{name}", encode.dumps(parts)
    calls = [encode.call(account, lane, 2 ** 48 - 1, module, method, encode.dumps(parts))
             for account, (lane, (module, method, *parts)) in zip(
                 scene.ACCOUNTS, enumerate(arguments.values()))][:3]
    yield "arguments_group", encode.dumps(calls)
    pairs = [*scene.PEOPLE[4:6], scene.PEOPLE[0]]
    call = encode.call(scene.ACCOUNTS[0], 2 ** 16 - 1, 2 ** 47, 0, 1, encode.dumps(calls))
    made = encode.Transaction(chain.chain, call, 10 ** 9, 2 ** 32 - 1, pairs,
                              [scene.BOTH, scene.BEHIND])
    yield "body", encode.dumps(made.body)
    yield "transaction_id", made.id
    yield "transaction", made.bytes
    header, pair = chain.header.changed(consensus=bytes(range(30))), scene.PEOPLE[0]
    yield "header", header.bytes
    yield "block_id", header.id
    yield "seal", encode.seal(header.id, pair)
    yield "block", encode.dumps([encode.BLOCK, 1, header.record, encode.seal(header.id, pair),
                                 [made.record, made.record]])
    yield "receipt", encode.receipt(made.id, 0, 2 ** 40, [[COINS, 1, b"\x80"], [POLICY, 2, b""]])
    yield "receipt_failed", encode.receipt(made.id, 9, 700, [])
    yield "consent_message", modules.consent_message(chain.chain, scene.ACCOUNTS[0])
    for count in (0, 1, 2, 3, 7, 8, 9):
        yield f"list_root_{count}", encode.list_root([bytes([i]) * i for i in range(count)])
    keys = {"account_key": modules.account_key(scene.ACCOUNTS[0]),
            "provider_key": modules.provider_key(scene.ACCOUNTS[0]),
            "owner_key": modules.owner_key(scene.PEOPLE[0].public),
            "earning_key": modules.earning_key(scene.ACCOUNTS[0], 258),
            "assignment_key": modules.assignment_key(scene.ACCOUNTS[0], 258),
            "head_key": modules.head_key(scene.ACCOUNTS[0], 258),
            "reward_key": modules.reward_key(258),
            "remembered_key": modules.remembered_key(258),
            "supply_key": modules.SUPPLY, "ccc_key": modules.CCC, "points_key": modules.POINTS}
    yield from keys.items()
    yield from state_records(chains)
    yield from state_proofs(chain)
    yield from snapshots(chain)
    for count in (0, 1, 2, 3, 100):
        state = {bytes([i]): bytes(i) for i in range(count)}
        yield f"state_root_{count}", encode.state_root(state)
