"""The rules of a chain: a state, which is a table of records by their keys, and what transactions
and the ends of blocks do to it. What a call does is in modules.py."""

import copy

import emission
import encode
import modules
from modules import Failed, Record

WEIGHT_BASE, WEIGHT_SIGNATURE, WEIGHT_WRITE = 50, 60, 20
LANES_MAX = 16
ENGINES = {"solo": 1, "poc": 2}


class Refused(Exception):
    """Why a transaction cannot be in a block."""


def sequence_end(height):
    return (height + 1) << 16


def next_sequence(account, lane):
    return dict(zip(account.lanes[::2], account.lanes[1::2])).get(
        lane, sequence_end(account.created))


def weight_of(transaction, calls):
    writes = 1 + sum(1 + modules.writes_of(one) for one in calls)
    return (WEIGHT_BASE + len(transaction.bytes) + WEIGHT_SIGNATURE * len(transaction.keys)
            + WEIGHT_WRITE * writes)


class Ledger:
    """A chain and its state after its last block. `block` is what is known of the block that is
    being made: height, producer, parent, beacon, sealer, space."""

    def __init__(self, genesis):
        self.genesis = genesis
        self.chain = encode.chain_id(genesis)
        self.state = {}
        self.events = []
        self.block = Record(height=0, parent=encode.ALL_ZERO, beacon=encode.ALL_ZERO, space=0)
        supply = sum(int(first["atoms"]) for first in genesis["accounts"])
        self.state[modules.SUPPLY] = Record(minted=supply, burnt=0)
        for first in genesis["accounts"]:
            if int(first["atoms"]):
                modules.give(self, bytes.fromhex(first["account"]), int(first["atoms"]))
        if "ccc" in genesis["policy"]:
            self.emission = emission.Ccc(supply)
            self.state[modules.CCC] = Record(
                phase=self.emission.phase, left=self.emission.left, rest_wide=0, sum_wide=0,
                blocks=0, pool=0)
        else:
            self.state[modules.POINTS] = Record(base=0, users=0, servers=0, owed=0, bonded=0,
                                                share_wide=0)
        self.remember()
        self.header = encode.Header(
            chain=self.chain, height=0, parent=encode.ALL_ZERO, time_s=genesis["time_s"],
            transactions=encode.list_root([]), state=self.root(), receipts=encode.list_root([]),
            producer=encode.ALL_ZERO, engine=self.engine(), consensus=b"")

    def engine(self):
        return next(ENGINES[name] for name in self.genesis["engine"])

    def values(self):
        return {key: record.bytes() for key, record in self.state.items()}

    def root(self):
        return encode.state_root(self.values())

    def begin(self, time_s, producer, sealer, beacon, space, consensus):
        self.block = Record(height=self.header.height + 1, parent=self.header.id, beacon=beacon,
                            space=space, producer=producer, sealer=sealer, time_s=time_s,
                            consensus=consensus)
        self.transactions, self.receipts = [], []
        self.fees = self.weight = self.size = 0

    def add(self, transaction):
        """The status and the weight, or raises Refused."""
        try:
            calls = modules.calls_of(transaction.call)
            weight = weight_of(transaction, calls)
        except encode.Malformed:
            raise Refused("malformed") from None
        self.check(transaction, weight, calls)
        self.charge(transaction)
        before, status = copy.deepcopy(self.state), 0
        self.events = []
        try:
            for one in calls:
                if transaction.call[3] == modules.GROUP:
                    self.use_sequence_in_group(one)
                modules.run(self, one)
        except Failed as failure:
            self.state, self.events = before, []
            status = modules.STATUS.index(str(failure))
        self.transactions.append(transaction)
        self.receipts.append(encode.receipt(transaction.id, status, weight, self.events))
        self.weight += weight
        self.size += len(transaction.bytes)
        return status, weight

    def check(self, transaction, weight, calls):
        rules, height = self.genesis["block"], self.block.height
        for is_wrong, fault in (
                (transaction.chain != self.chain, "other-chain"),
                (transaction.valid_until < height, "expired"),
                (transaction.valid_until > height + rules["valid_blocks"], "too-early"),
                (transaction.fee < weight * self.genesis["fee"]["weight_atoms"], "low-fee"),
                (self.weight + weight > rules["weight_max"], "full"),
                (self.size + len(transaction.bytes) > rules["size_max"], "full"),
                (not self.is_authorised(transaction, calls), "not-authorised")):
            if is_wrong:
                raise Refused(fault)

    def is_authorised(self, transaction, calls):
        """Whether what signs is enough for all accounts, and needed for one."""
        used_keys, used_descriptors = set(), set()
        for sender in [transaction.call[0], *(one[0] for one in calls)]:
            account = self.state.get(modules.account_key(sender))
            controller = account.controller if account else None
            own = [key for key in transaction.keys if encode.account_of_key(key) == sender]
            if own and controller is None:
                used_keys.update(own)
                continue
            meant = [data for data in transaction.descriptors
                     if encode.descriptor_id(data) == controller
                     or (controller is None and encode.account_of_descriptor(data) == sender)]
            if not meant:
                return False
            threshold, keys = encode.loads(meant[0])[2:]
            signing = set(keys) & set(transaction.keys)
            if len(signing) < threshold:
                return False
            used_keys |= signing
            used_descriptors.add(meant[0])
        return (used_keys == set(transaction.keys)
                and used_descriptors == set(transaction.descriptors))

    def use_sequence(self, account, lane, sequence):
        following = next_sequence(account, lane)
        if sequence < following:
            raise Refused("used-sequence")
        if sequence > following or following >= sequence_end(self.block.height):
            raise Refused("early-sequence")
        lanes = dict(zip(account.lanes[::2], account.lanes[1::2]))
        if lane not in lanes and len(lanes) == LANES_MAX:
            raise Refused("many-lanes")
        lanes[lane] = following + 1
        account.lanes = [part for pair in sorted(lanes.items()) for part in pair]
        account.active = self.block.height

    def use_sequence_in_group(self, one):
        account = self.state.get(modules.account_key(one[0]))
        if account is None:
            raise Failed("absent")
        try:
            self.use_sequence(account, one[1], one[2])
        except Refused as refused:
            many = str(refused) == "many-lanes"
            raise Failed("too-many" if many else "no-sequence") from None

    def charge(self, transaction):
        key = modules.account_key(transaction.call[0])
        if key not in self.state:
            raise Refused("no-funds")
        account = copy.deepcopy(self.state[key])
        self.use_sequence(account, transaction.call[1], transaction.call[2])
        if account.balance < transaction.fee:
            raise Refused("no-funds")
        account.balance -= transaction.fee
        self.fees += transaction.fee
        self.state[key] = account

    def may_seal(self, account, salt, key):
        now = self.block.height
        assignment = self.state.get(modules.assignment_key(account, salt))
        if (assignment and assignment.start <= now
                and (assignment.until is None or now < assignment.until)):
            return assignment.key == key
        alone = encode.descriptor(1, [key])
        record = self.state.get(modules.account_key(account))
        if record and record.controller is not None:
            return record.controller == encode.descriptor_id(alone)
        return account in (encode.account_of_key(key), encode.account_of_descriptor(alone))

    def end(self):
        """The block's header."""
        self.events = []
        producer = self.state.get(modules.account_key(self.block.producer))
        if producer:
            producer.active = self.block.height
        reward = self.fees
        if "ccc" in self.genesis["policy"]:
            reward += self.mint_ccc(self.genesis["policy"]["ccc"])
        else:
            self.mint_points(self.genesis["policy"]["points"])
        height = self.block.height
        if reward:
            self.state[modules.reward_key(height)] = Record(
                account=self.block.producer, amount=reward, sealer=self.block.sealer)
        ripe = self.state.pop(
            modules.reward_key(height - self.genesis["block"]["reward_blocks"]), None)
        if ripe:
            modules.give(self, ripe.account, ripe.amount)
        self.remember()
        self.check_supply()
        self.header = encode.Header(
            chain=self.chain, height=height, parent=self.header.id, time_s=self.block.time_s,
            transactions=encode.list_root([one.bytes for one in self.transactions]),
            state=self.root(), receipts=encode.list_root(self.receipts),
            producer=self.block.producer, engine=self.engine(), consensus=self.block.consensus)

    def remember(self):
        """The last memory_blocks blocks."""
        height = self.block.height
        self.state[modules.remembered_key(height)] = Record(
            parent=self.block.parent, beacon=self.block.beacon, space=self.block.space)
        self.state.pop(
            modules.remembered_key(height - self.genesis["block"]["memory_blocks"]), None)

    def mint_ccc(self, policy):
        """The mean is over the blocks that are remembered and were found: not the first."""
        memory = self.genesis["block"]["memory_blocks"]
        first = max(1, self.block.height - memory + 1)
        spaces = [self.state[modules.remembered_key(height)].space
                  for height in range(first, self.block.height)] + [self.block.space]
        space = int(policy["space_bytes"]) or min(sum(spaces) // len(spaces), 2 ** 60)
        record = self.state[modules.CCC]
        again = min(record.pool, self.emission.rate(space))
        minted = self.emission.mint(space)
        record.pool -= again
        record.sum_wide, record.blocks = sum(spaces), len(spaces)
        record.phase, record.left = self.emission.phase, self.emission.left
        record.rest_wide = self.emission.rest
        self.state[modules.SUPPLY].minted += minted
        return minted + again

    def mint_points(self, policy):
        height = self.block.height
        if height % policy["epoch_blocks"]:
            return
        record, supply = self.state[modules.POINTS], self.state[modules.SUPPLY]
        epoch = (height // policy["epoch_blocks"] - 1) % policy["year_epochs"]
        if epoch == 0:
            record.base = supply.minted - supply.burnt
        minted = emission.points(record.base, policy["inflation_per_mille"], epoch,
                                 policy["year_epochs"])
        parts = policy["server_parts"] + policy["user_parts"]
        servers = minted * policy["server_parts"] // parts
        record.servers += servers
        record.users += minted - servers
        if record.bonded:
            each = (record.servers << 32) // record.bonded
            given = -(-each * record.bonded >> 32)
            record.share_wide += each
            record.servers -= given
            record.owed += given
        supply.minted += minted

    def check_supply(self):
        supply = self.state[modules.SUPPLY]
        names = ("balance", "deposit", "bond", "unbonding", "amount", "pool", "users", "servers",
                 "owed")
        assert all(getattr(record, name, 0) >= 0 for record in self.state.values()
                   for name in names)
        there = sum(getattr(record, name, 0) for record in self.state.values() for name in names)
        assert there == supply.minted - supply.burnt
        points = self.state.get(modules.POINTS)
        if points:
            assert points.bonded == sum(modules.counted(self, record.bond)
                                        for record in self.state.values()
                                        if hasattr(record, "bond"))
