"""What calls do: coins, the registry of providers, files and the policy."""

import encode
import ed25519

GROUP, COINS, REGISTRY, FILES, POLICY = range(5)
STATUS = ["done", "no-funds", "absent", "exists", "locked", "not-allowed", "too-small", "too-many",
          "no-sequence", "not-true"]
SUPPLY = encode.state_key(POLICY, 1)
CCC = encode.state_key(POLICY, 4, b"ccc")
POINTS = encode.state_key(POLICY, 4, b"points")
ACCOUNT_BYTES, PROVIDER_BYTES, HEAD_BYTES = 320, 1536, 64  # that deposits are for


class Record:
    """Named parts, written in the order in which they were given. A name that ends in _wide is of a
    number of 128 bits."""

    def __init__(self, **parts):
        self.__dict__.update(parts)

    def bytes(self):
        row = []
        for name, part in self.__dict__.items():
            row += encode.wide(part) if name.endswith("_wide") else [part]
        return encode.dumps(row)


class Failed(Exception):
    """The status of a transaction that is in a block and has done nothing."""


def account_key(account):
    return encode.state_key(COINS, 1, account)


def provider_key(account):
    return encode.state_key(REGISTRY, 1, account)


def owner_key(node):
    return encode.state_key(REGISTRY, 2, node)


def earning_key(account, height):
    return encode.state_key(REGISTRY, 3, account, height)


def assignment_key(account, salt):
    return encode.state_key(REGISTRY, 4, account, salt)


def head_key(account, slot):
    return encode.state_key(FILES, 1, account, slot)


def reward_key(height):
    return encode.state_key(POLICY, 2, b"", height) if height >= 0 else None


def remembered_key(height):
    return encode.state_key(POLICY, 3, b"", height) if height >= 0 else None


def consent_message(chain, account):
    return b"cairn/provider/v1\0" + chain + account


def require(holds, status):
    if not holds:
        raise Failed(status)


def deposit(chain, size):
    return size * chain.genesis["fee"]["byte_atoms"]


def new_account(chain, balance, kept):
    return Record(balance=balance, deposit=kept, created=chain.block.height,
                         active=chain.block.height, controller=None, lanes=[])


def take(chain, account, amount):
    record = chain.state.get(account_key(account))
    require(record.balance >= amount if record else amount == 0, "no-funds")
    if record:
        record.balance -= amount


def give(chain, account, amount):
    """What the rules pay, which needs no deposit."""
    key = account_key(account)
    if key not in chain.state:
        chain.state[key] = new_account(chain, 0, 0)
    chain.state[key].balance += amount
    chain.events.append([COINS, 1, encode.dumps([account, amount])])


def send(chain, account, amount):
    key = account_key(account)
    if key in chain.state:
        chain.state[key].balance += amount
        return
    needed = deposit(chain, ACCOUNT_BYTES)
    require(amount >= needed, "too-small")
    chain.state[key] = new_account(chain, amount - needed, needed)


def transfer(chain, sender, flat, _reference):
    take(chain, sender, sum(flat[1::2]))
    for account, amount in zip(flat[::2], flat[1::2]):
        send(chain, account, amount)


def controller(chain, sender, descriptor):
    chain.state[account_key(sender)].controller = descriptor


def close(chain, sender, account):
    require(provider_key(sender) not in chain.state, "locked")
    require(account != sender, "not-allowed")
    record = chain.state.pop(account_key(sender))
    if record.balance + record.deposit:
        send(chain, account, record.balance + record.deposit)


def rules_of(chain):
    return chain.genesis["registry"]


def counted(chain, bond):
    least, most = (int(rules_of(chain)[name]) for name in ("bond_min", "bond_max"))
    return 0 if bond < least else min(bond, most)


def set_bond(chain, account, provider, bond):
    settle_share(chain, account, provider)
    if POINTS in chain.state:
        chain.state[POINTS].bonded += counted(chain, bond) - counted(chain, provider.bond)
    provider.bond = bond


def settle_share(chain, account, provider):
    if POINTS not in chain.state:
        return
    points = chain.state[POINTS]
    earned = (points.share_wide - provider.share_wide) * counted(chain, provider.bond) >> 32
    provider.share_wide = points.share_wide
    points.owed -= earned
    earn(chain, account, provider, earned)


def earn(chain, account, provider, amount):
    """An amateur's at once, a professional's when its lock has ended."""
    if not amount:
        return
    if not provider.kind:
        give(chain, account, amount)
        return
    record = chain.state.setdefault(earning_key(account, chain.block.height),
                                    Record(amount=0))
    record.amount += amount


def provider_of(chain, sender):
    require(provider_key(sender) in chain.state, "absent")
    return chain.state[provider_key(sender)]


def join(chain, sender, node, consent, kind, bond, offered):
    require(bond >= int(rules_of(chain)["bond_min"]), "too-small")
    require(provider_key(sender) not in chain.state and owner_key(node) not in chain.state,
            "exists")
    require(ed25519.verify(node, consent_message(chain.chain, sender), consent), "not-true")
    kept = deposit(chain, PROVIDER_BYTES)
    take(chain, sender, bond + kept)
    height = chain.block.height
    points = chain.state.get(POINTS)
    chain.state[provider_key(sender)] = Record(
        node=node, next_node=None, next_height=0, offer=offered, kind=kind, registered=height,
        bond=bond, bonded=height, unbonding=0, unbonds=0, deposit=kept,
        share_wide=points.share_wide if points else 0)
    if points:
        points.bonded += counted(chain, bond)
    chain.state[owner_key(node)] = Record(account=sender)


def offer(chain, sender, *offered):
    provider_of(chain, sender).offer = list(offered)


def add_bond(chain, sender, amount):
    provider = provider_of(chain, sender)
    take(chain, sender, amount)
    set_bond(chain, sender, provider, provider.bond + amount)
    provider.bonded = chain.block.height


def unbond(chain, sender, amount):
    provider, now = provider_of(chain, sender), chain.block.height
    require(not provider.kind or now >= provider.bonded + rules_of(chain)["professional_blocks"],
            "locked")
    require(amount <= provider.bond, "no-funds")
    left = provider.bond - amount
    require(not left or left >= int(rules_of(chain)["bond_min"]), "too-small")
    set_bond(chain, sender, provider, left)
    provider.unbonding += amount
    provider.unbonds = now + rules_of(chain)["unbond_blocks"]


def withdraw(chain, sender):
    provider = provider_of(chain, sender)
    require(provider.unbonding, "absent")
    require(chain.block.height >= provider.unbonds, "locked")
    give(chain, sender, provider.unbonding)
    provider.unbonding = 0


def leave(chain, sender):
    provider = provider_of(chain, sender)
    require(not provider.bond and not provider.unbonding, "locked")
    give(chain, sender, provider.deposit)
    for node in (provider.node, provider.next_node):
        if node is not None:
            del chain.state[owner_key(node)]
    del chain.state[provider_key(sender)]


def rotate(chain, sender, node, consent):
    provider, now = provider_of(chain, sender), chain.block.height
    require(owner_key(node) not in chain.state, "exists")
    require(ed25519.verify(node, consent_message(chain.chain, sender), consent), "not-true")
    if provider.next_node is not None:
        require(now >= provider.next_height, "locked")
        del chain.state[owner_key(provider.node)]
        provider.node = provider.next_node
    provider.next_node = node
    provider.next_height = now + rules_of(chain)["assign_blocks"]
    chain.state[owner_key(node)] = Record(account=sender)


def settle(chain, sender):
    settle_share(chain, sender, provider_of(chain, sender))


def release(chain, sender, *heights):
    for height in heights:
        key = earning_key(sender, height)
        require(key in chain.state, "absent")
        require(chain.block.height >= height + rules_of(chain)["earnings_blocks"], "locked")
        give(chain, sender, chain.state.pop(key).amount)


def assign(chain, sender, salt, key):
    now = chain.block.height
    before = chain.state.get(assignment_key(sender, salt))
    require(not before or (before.until is not None and now >= before.until), "exists")
    chain.state[assignment_key(sender, salt)] = Record(
        key=key, start=now + rules_of(chain)["assign_blocks"], until=None)


def revoke(chain, sender, salt):
    assignment = chain.state.get(assignment_key(sender, salt))
    require(assignment, "absent")
    require(assignment.until is None, "exists")
    assignment.until = chain.block.height + rules_of(chain)["revoke_blocks"]


def set_head(chain, sender, slot, data):
    before = chain.state.get(head_key(sender, slot))
    if before:
        give(chain, sender, before.deposit)
    kept = deposit(chain, HEAD_BYTES + len(data))
    take(chain, sender, kept)
    chain.state[head_key(sender, slot)] = Record(
        height=chain.block.height, deposit=kept, contents=data)


def clear_head(chain, sender, slot):
    before = chain.state.pop(head_key(sender, slot), None)
    require(before, "absent")
    give(chain, sender, before.deposit)


def attach(chain, sender, account, amount, _reference):
    provider = provider_of(chain, account)
    take(chain, sender, amount)
    fee = 0
    if POINTS in chain.state:
        policy = chain.genesis["policy"]["points"]
        fee = amount * policy["foundation_per_mille"] // 1000
        if fee:
            give(chain, bytes.fromhex(policy["foundation"]), fee)
    earn(chain, account, provider, amount - fee)


def sweep(chain, sender, account):
    policy = chain.genesis["policy"].get("ccc", {})
    require(policy.get("recycling") and account != sender, "not-allowed")
    record = chain.state.get(account_key(account))
    require(record, "absent")
    require(chain.block.height >= max(record.active, record.created) + policy["recycle_blocks"],
            "locked")
    require(provider_key(account) not in chain.state, "not-allowed")
    require(record.balance, "absent")
    swept, record.balance = record.balance, 0
    give(chain, sender, swept // 100)
    chain.state[CCC].pool += swept - swept // 100


def touch(_chain, _sender):
    pass


class Sealed:
    """A header, and the key of its seal."""

    def __init__(self, header, seal):
        row, certificate = encode.loads(header), encode.loads(seal)
        if len(certificate) != 2:
            raise encode.Malformed
        self.key, signature = certificate
        self.chain, self.height, self.parent = row[2:5]
        self.id = encode.sha256(b"cairn/header/v1", header)
        self.is_signed = ed25519.verify(self.key, b"cairn/seal/v1\0" + self.id, signature)


def evidence(chain, _sender, *parts):
    try:
        one, other = Sealed(*parts[:2]), Sealed(*parts[2:])
    except encode.Malformed:
        raise Failed("not-true") from None
    require(one.is_signed and other.is_signed and one.key == other.key and one.id != other.id
            and one.height == other.height and one.parent == other.parent
            and one.chain == other.chain == chain.chain, "not-true")
    reward = chain.state.get(reward_key(one.height))
    following = chain.state.get(remembered_key(one.height + 1))
    ours = chain.block.parent if one.height + 1 == chain.block.height else (
        following.parent if following else None)
    require(reward and ours in (one.id, other.id), "absent")
    require(reward.sealer == one.key, "not-true")
    del chain.state[reward_key(one.height)]
    chain.state[SUPPLY].burnt += reward.amount


METHODS = {  # and how many records they may change, besides the sender's account
    (COINS, 1): (transfer, lambda flat, _: len(flat) // 2), (COINS, 2): (controller, 0),
    (COINS, 3): (close, 1),
    (REGISTRY, 1): (join, 3), (REGISTRY, 2): (offer, 1), (REGISTRY, 3): (add_bond, 3),
    (REGISTRY, 4): (unbond, 3), (REGISTRY, 5): (withdraw, 1), (REGISTRY, 6): (leave, 3),
    (REGISTRY, 7): (rotate, 3), (REGISTRY, 8): (settle, 3),
    (REGISTRY, 9): (release, lambda *heights: len(heights)), (REGISTRY, 10): (assign, 1),
    (REGISTRY, 11): (revoke, 1),
    (FILES, 1): (set_head, 1), (FILES, 2): (clear_head, 1),
    (POLICY, 1): (attach, 3), (POLICY, 2): (sweep, 3), (POLICY, 3): (touch, 0),
    (POLICY, 4): (evidence, 8),
}


def calls_of(call):
    """Of a transaction: its own, or those of its group."""
    if call[3] != GROUP:
        return [call]
    if call[4] != 1:
        raise encode.Malformed
    return encode.loads(call[5])


def writes_of(call):
    if tuple(call[3:5]) not in METHODS:
        raise encode.Malformed
    writes, arguments = METHODS[tuple(call[3:5])][1], encode.loads(call[5])
    return writes if isinstance(writes, int) else writes(*arguments)


def run(chain, call):
    METHODS[tuple(call[3:5])][0](chain, call[0], *encode.loads(call[5]))
