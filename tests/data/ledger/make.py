"""Writes chain-ccc.txt, chain-points.txt, records.txt and emission.txt beside it, made without
cairn."""

import json
import pathlib

import emission
import encode
import ledger
import modules
import records
import scene

BLOCKS = 60
HERE = pathlib.Path(__file__)


def genesis(name, engine, policy, accounts):
    return {
        "name": name, "test": True, "time_s": 1_800_000_000, "rules": [{"height": 0, "rules": 1}],
        "engine": engine, "policy": policy,
        "block": {"size_max": 4096, "weight_max": 4500, "valid_blocks": 20, "final_blocks": 2,
                  "memory_blocks": 16, "reward_blocks": 5},
        "fee": {"weight_atoms": 10, "byte_atoms": 1000},
        "registry": {"bond_min": str(scene.COIN), "bond_max": str(50 * scene.COIN),
                     "professional_blocks": 12, "earnings_blocks": 9, "unbond_blocks": 5,
                     "assign_blocks": 3, "revoke_blocks": 4},
        "accounts": [{"account": account.hex(), "atoms": str(atoms)}
                     for account, atoms in sorted(accounts.items())]}


POC = {"poc": {
    "block_time_s": 60, "challenge": "epoch", "epoch_blocks": 16, "base_target": "73300775185",
    "base_target_max": "75059993789440", "retarget_s": 600, "bending": True,
    "bending_factor": "73714433715", "future_s": 15, "reorganisation_max": 720, "form": "x1",
    "scales": [{"height": 0, "scale": 1}]}}
SOLO = {"solo": {"producer": scene.PEOPLE[0].public.hex(), "interval_ms": 1000, "future_s": 5}}
CCC = {"ccc": {"space_bytes": "0", "space_per_mille": 1000, "recycling": True,
               "recycle_blocks": 8}}
POINTS = {"points": {
    "inflation_per_mille": 25, "epoch_blocks": 4, "year_epochs": 5,
    "foundation": scene.FOUNDATION.hex(), "foundation_per_mille": 5, "server_parts": 4,
    "user_parts": 1}}
RICH = {account: 1000 * scene.COIN for account in
        [*scene.ACCOUNTS[:6], scene.JOINT, scene.ALONE]}
PRODUCERS = scene.ACCOUNTS[2:6]  # who makes blocks does not sleep, and some have to
FIRST_PHASE_LEFT = 20_000 * scene.COIN  # so that the second begins soon
CHAINS = {
    "ccc": genesis("oracle-ccc", POC, CCC, {
        **RICH, scene.ACCOUNTS[7]: 2 ** 29 * scene.COIN - FIRST_PHASE_LEFT - sum(RICH.values())}),
    "points": genesis("oracle-points", SOLO, POINTS, {
        **RICH, scene.ACCOUNTS[7]: 10 ** 15, scene.ACCOUNTS[6]: 300_000}),
}


def choose_sealer(chain, noise, file):
    """The pair that seals the next block, and what is said of its plot."""
    pairs = [*scene.PEOPLE, *scene.NODES]
    if chain.engine() == ledger.ENGINES["solo"]:
        return scene.PEOPLE[0], "-"
    while True:
        account, salt = noise.pick([*scene.ACCOUNTS, scene.ALONE, scene.JOINT]), noise.below(2)
        may = [chain.may_seal(account, salt, pair.public) for pair in pairs]
        if not any(may):
            continue
        chosen = pairs[may.index(True)]
        other = noise.below(len(pairs))
        print("seals", pairs[other].public.hex(), "yes" if may[other] else "no", file=file)
        return chosen, f"{account.hex()} {salt}"


def write_chain(name, file, seen):
    """Of each block what is known of it besides, what could not be in it and before which of its
    transactions, the block, what became of its transactions, its id, and the supply after it."""
    chain = ledger.Ledger(CHAINS[name])
    story = scene.Scene(chain, len(name))
    noise = story.noise
    print("genesis", json.dumps(chain.genesis), file=file)
    print("chain", chain.chain.hex(), file=file)
    print("first", chain.header.bytes.hex(), file=file)
    for _ in range(BLOCKS):
        space = min(noise.next() >> noise.below(6), 2 ** 60)
        beacon = noise.bytes(32)
        chain.begin(chain.header.time_s + 30 + noise.below(60), noise.pick(PRODUCERS), None,
                    beacon, space, noise.bytes(noise.below(20)))
        print("block", chain.block.height, file=file)
        pair, plot = choose_sealer(chain, noise, file)
        chain.block.sealer = pair.public
        print("context", beacon.hex(), pair.public.hex(), space, plot, file=file)
        became = []
        for _ in range(noise.below(8)):
            made = story.strange() if noise.below(6) == 0 else story.transaction()
            try:
                status, weight = chain.add(made)
                became.append(f"{modules.STATUS[status]} {weight}")
                seen.add(modules.STATUS[status])
                for one in modules.calls_of(made.call):
                    seen.add((*one[3:5], status == 0))
            except ledger.Refused as fault:
                if (fault.args, name) in seen and noise.below(8):
                    continue
                seen.add((fault.args, name))
                seen.add(f"refused {fault}")
                print("refused", len(became), fault, made.bytes.hex(), file=file)
        chain.end()
        record = [encode.BLOCK, 1, chain.header.record, encode.seal(chain.header.id, pair),
                  [one.record for one in chain.transactions]]
        print("bytes", encode.dumps(record).hex(), file=file)
        for line in became:
            print("became", line, file=file)
        supply = chain.state[modules.SUPPLY]
        print("id", chain.header.id.hex(), file=file)
        print("supply", supply.minted, supply.burnt, file=file)
        story.sealed.append((chain.header, pair))
    return chain


def require_all(seen):
    for method in modules.METHODS:
        assert (*method, True) in seen, f"{method} was never done"
    for status in modules.STATUS:
        assert status in seen or status == "too-many", f"nothing is {status}"
    for fault in ("malformed", "other-chain", "expired", "too-early", "low-fee", "not-authorised",
                  "used-sequence", "early-sequence", "many-lanes", "no-funds", "full"):
        assert f"refused {fault}" in seen, f"nothing was refused as {fault}"


def main():
    seen, chains = set(), []
    for name in CHAINS:
        with open(HERE.with_name(f"chain-{name}.txt"), "w", encoding="ascii") as file:
            chains.append(write_chain(name, file, seen))
    assert chains[0].emission.phase == 1
    require_all(seen)
    with open(HERE.with_name("records.txt"), "w", encoding="ascii") as file:
        for name, data in records.all_of(chains):
            print(name, data.hex(), file=file)
    with open(HERE.with_name("emission.txt"), "w", encoding="ascii") as file:
        emission.write(file)


if __name__ == "__main__":
    main()
