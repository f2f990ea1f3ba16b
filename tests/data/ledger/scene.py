"""Who does what on the chains of chain.txt: drawn, but the same each time."""

import ed25519
import encode
import emission
import ledger
import modules
from modules import COINS, FILES, GROUP, POLICY, REGISTRY

COIN = 10 ** 9
PEOPLE = [ed25519.Pair(encode.sha256(b"person", bytes([i]))) for i in range(12)]
NODES = [ed25519.Pair(encode.sha256(b"node", bytes([i]))) for i in range(14)]
ACCOUNTS = [encode.account_of_key(pair.public) for pair in PEOPLE]
FOUNDATION = ACCOUNTS[8]
SHARED = {}  # descriptors and the pairs that meet them, by the descriptors' ids


def share(threshold, pairs, enough):
    data = encode.descriptor(threshold, [pair.public for pair in pairs])
    SHARED[encode.descriptor_id(data)] = data, enough
    return data


JOINT = encode.account_of_descriptor(share(2, PEOPLE[:3], [PEOPLE[0], PEOPLE[2]]))
ALONE = encode.account_of_descriptor(share(1, PEOPLE[3:4], PEOPLE[3:4]))
BEHIND = share(1, NODES[7:], NODES[7:])  # what controls accounts from time to time
BOTH = share(2, PEOPLE[4:6], PEOPLE[4:6])
OWN = {encode.account_of_descriptor(data): (data, pairs) for data, pairs in SHARED.values()}
SENDERS = [ACCOUNTS[0], ACCOUNTS[0], *ACCOUNTS[:7], *ACCOUNTS[9:], JOINT, ALONE]  # account 7 sleeps


class Scene:
    """Draws transactions for a chain's next block."""

    def __init__(self, chain, seed):
        self.chain, self.noise = chain, emission.Noise(seed)
        self.sealed = []  # each block's header and the pair that sealed it
        self.calls = 0  # of the account that uses many lanes
        self.used = {}  # sequence numbers of accounts' lanes that a group has used

    def account(self, account):
        return self.chain.state.get(modules.account_key(account))

    def pair_of(self, account):
        return PEOPLE[ACCOUNTS.index(account)] if account in ACCOUNTS else None

    def authority(self, account):
        """Pairs and descriptors that act for an account."""
        record = self.account(account)
        if record and record.controller is not None:
            data, pairs = SHARED[record.controller]
            return pairs, [data]
        if account in OWN:
            data, pairs = OWN[account]
            return pairs, [data]
        return [self.pair_of(account)], []

    def sequence(self, account, lane):
        record = self.account(account)
        following = ledger.next_sequence(record, lane) if record else 7
        ahead = self.used.get((account, lane), 0)
        self.used[account, lane] = ahead + 1
        return following + ahead

    def call(self, sender, choice=None):
        module, method, *arguments = choice or self.choice(sender)
        self.calls += sender == ACCOUNTS[0]
        lane = self.calls % 20 if sender == ACCOUNTS[0] else self.noise.below(2)
        return encode.call(sender, lane, self.sequence(sender, lane), module, method,
                           encode.dumps(arguments))

    def sender(self):
        """Seldom one that is not there."""
        there = [account for account in SENDERS if self.account(account)]
        return self.noise.pick(SENDERS if self.noise.below(12) == 0 else there)

    def transaction(self):
        """One that is likely to be done, or at least to be in a block."""
        self.used = {}
        sender = self.sender()
        if self.noise.below(6):
            return self.signed(self.call(sender), [sender])
        lane = self.noise.below(2)
        sequence = self.sequence(sender, lane)
        others = [self.sender() for _ in range(1 + self.noise.below(4))]
        calls = [self.call(other) for other in others]
        if self.noise.below(5) == 0:
            calls[-1][2] += 1
        group = encode.call(sender, lane, sequence, GROUP, 1, encode.dumps(calls))
        return self.signed(group, [sender, *others])

    def signed(self, call, senders, **changed):
        pairs, descriptors = [], []
        for account in senders:
            more = self.authority(account)
            pairs += more[0]
            descriptors += more[1]
        height = self.chain.block.height
        parts = {"chain": self.chain.chain, "fee": 10 ** 6, "pairs": pairs,
                 "descriptors": descriptors, "valid_until": height + self.noise.below(20),
                 **changed}
        first = encode.Transaction(call_parts=call, **parts)
        if "fee" not in changed:
            try:
                weight = ledger.weight_of(first, modules.calls_of(call))
            except encode.Malformed:
                weight = 1000
            parts["fee"] = weight * self.chain.genesis["fee"]["weight_atoms"] + self.noise.below(9)
        return encode.Transaction(call_parts=call, **parts)

    def strange(self):
        """One that is likely to be refused."""
        self.used = {}
        sender = self.noise.pick(SENDERS)
        call, height = self.call(sender, (POLICY, 3)), self.chain.block.height
        wrong = self.noise.below(13)
        if wrong < 3:
            call[3:6] = [(POLICY, 99, b"\x80"), (9, 1, b"\x80"), (COINS, 1, b"\x82\x82")][wrong]
        if wrong == 3:
            return self.signed(call, [sender], chain=bytes(32))
        if wrong == 4:
            return self.signed(call, [sender], valid_until=max(height, 1) - 1)
        if wrong == 5:
            return self.signed(call, [sender], valid_until=height + 21)
        if wrong == 6:
            return self.signed(call, [sender], fee=1000)
        if wrong == 7:
            return self.signed(call, [sender], pairs=[NODES[0]])
        if wrong == 8:
            return self.signed(call, [sender], pairs=[NODES[0], *self.authority(sender)[0]])
        if wrong == 9:
            return self.signed(call, [sender], descriptors=[*self.authority(sender)[1], BOTH])
        if wrong in (10, 11):
            call[2] += 2 * wrong - 21
        if wrong == 12:
            return self.signed(call, [sender], fee=2 ** 63)
        return self.signed(call, [sender])

    def amount(self, account):
        balance = self.account(account).balance if self.account(account) else 0
        return self.noise.pick([1, 1000, 255_999, 256_000, 300_000, COIN, 2 * COIN, 5 * COIN,
                                9 * COIN, balance // 9 + 1, balance + 1])

    def everybody(self):
        return self.noise.pick([*ACCOUNTS, JOINT, ALONE])

    def choice(self, sender):
        """A module, a method and its arguments."""
        draw = self.noise.below(100)
        if draw < 20:
            return self.coins(sender)
        if draw < 70:
            return self.registry(sender)
        if draw < 80:
            slot = self.noise.below(3)
            if self.noise.below(3) == 0:
                return FILES, 2, slot
            return FILES, 1, slot, self.noise.bytes(1 + self.noise.below(40))
        return self.policy(sender)

    def coins(self, sender):
        draw = self.noise.below(12)
        if draw == 0:
            return COINS, 3, self.everybody()
        if draw == 1:
            return COINS, 2, self.noise.pick([None, *map(encode.descriptor_id, (BEHIND, BOTH))])
        flat = []
        for _ in range(1 + self.noise.below(3)):
            flat += [self.everybody(), self.amount(sender)]
        return COINS, 1, flat, self.noise.bytes(self.noise.below(8))

    def consented(self, sender):
        """A node's key and its consent, which now and then is for another account."""
        node = self.noise.pick(NODES)
        account = self.everybody() if self.noise.below(8) == 0 else sender
        return node.public, node.sign(modules.consent_message(self.chain.chain, account))

    def offer(self):
        addresses = [b"localhost:7000", b"[::1]:80", b"node.example.org:65535"]
        return [self.noise.next(), self.noise.below(COIN), *addresses[:self.noise.below(4)]]

    def registry(self, sender):
        provider, height = self.chain.state.get(modules.provider_key(sender)), \
            self.chain.block.height
        amount = self.noise.pick([COIN - 1, COIN, 3 * COIN, 40 * COIN, 10 ** 18])
        draw = self.noise.below(21)
        if not provider and draw < 12:
            kind = self.noise.below(2)
            return REGISTRY, 1, *self.consented(sender), kind, amount, self.offer()
        mine = [h for h in range(height + 1) if modules.earning_key(sender, h) in self.chain.state]
        if provider and draw < 10:
            if mine and height >= mine[0] + 9:
                return REGISTRY, 9, mine[0]
            if provider.unbonding and height >= provider.unbonds:
                return REGISTRY, 5
            if not provider.bond and not provider.unbonding:
                return REGISTRY, 6
            if provider.bond and (not provider.kind or height >= provider.bonded + 12):
                return REGISTRY, 4, provider.bond
            return REGISTRY, 8
        if draw == 10:
            return REGISTRY, 2, *self.offer()
        if draw < 13:
            return REGISTRY, 3, amount
        if draw == 13:
            return REGISTRY, 4, amount
        if draw == 14:
            return REGISTRY, self.noise.pick([5, 6])
        if draw == 15:
            return REGISTRY, 7, *self.consented(sender)
        if draw == 16:
            return REGISTRY, 9, *(mine[:2] or [max(height - 9, 0)])
        if draw < 19:
            salt = self.noise.below(2)
            if modules.assignment_key(sender, salt) in self.chain.state and draw == 18:
                return REGISTRY, 11, salt
            return REGISTRY, 10, salt, self.noise.pick(NODES).public
        if draw == 19:
            return REGISTRY, 11, self.noise.below(2)
        return REGISTRY, 8

    def policy(self, sender):
        draw = self.noise.below(10)
        if draw < 4:
            providers = [account for account in [*ACCOUNTS, JOINT, ALONE]
                         if modules.provider_key(account) in self.chain.state]
            return POLICY, 1, self.noise.pick([*providers, self.everybody()]), \
                self.amount(sender), self.noise.bytes(self.noise.below(8))
        if draw < 6:
            return POLICY, 2, self.noise.pick([ACCOUNTS[7], self.everybody()])
        if draw == 7 or not self.sealed or self.noise.below(2):
            return POLICY, 3
        header, pair = self.sealed[-1 - self.noise.below(min(7, len(self.sealed)))]
        other = header.changed(time_s=header.time_s + 1)
        change = self.noise.below(9)
        if change == 0:
            other = header
        if change == 1:
            pair = NODES[0]
        if change == 2:
            header = header.changed(time_s=header.time_s + 2)
        if change == 3:
            other = other.changed(parent=bytes(32))
        first, second = encode.seal(header.id, pair), encode.seal(other.id, pair)
        if change == 4:
            second = second[:-1] + bytes([second[-1] ^ 1])
        if change == 5:
            first = b"\x80"
        return POLICY, 4, header.bytes, first, other.bytes, second
