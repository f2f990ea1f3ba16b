"""How much is minted."""

ATOMS = 10 ** 9  # of a coin
GIB = 2 ** 30
PHASES = 31


class Ccc:
    """Phase p has 2^(29-p) coins at 2^p GiB of found space each, the last phase one of 2^30 GiB;
    a block finds a 2^19th of the space."""

    def __init__(self, skipped=0):
        self.phase, self.left, self.rest = 0, self.coins(0), 0
        self.skip(skipped)

    def skip(self, skipped):
        while skipped:
            taken = min(skipped, self.left)
            skipped -= taken
            self.left -= taken
            if not self.left:
                self.phase += 1
                self.left = self.coins(self.phase)

    @staticmethod
    def coins(phase):
        return ATOMS * (2 ** (29 - phase) if phase < 30 else 1 if phase == 30 else 0)

    def price(self):
        """Bytes of space in a block, for a coin."""
        return GIB * 2 ** self.phase * 2 ** 19

    def mint(self, space):
        """What is left of a division is carried; what a phase has too little for buys in the next
        one, less the bytes that bought the last of the phase."""
        minted = 0
        while space and self.phase < PHASES:
            atoms, rest = divmod(self.rest + space * ATOMS, self.price())
            if atoms < self.left:
                self.left -= atoms
                self.rest = rest
                return minted + atoms
            needed = self.left * self.price() - self.rest
            space -= -(-needed // ATOMS)
            minted += self.left
            self.phase += 1
            self.left, self.rest = self.coins(self.phase), 0
        return minted

    def rate(self, space):
        return space * ATOMS // (GIB * 2 ** min(self.phase, PHASES - 1) * 2 ** 19)


def points(base, per_mille, epoch, epochs):
    """Of an epoch, so that those of a year are exactly the year's growth, rounded down."""
    def until(count):
        return base * per_mille * count // (1000 * epochs)
    return until(epoch + 1) - until(epoch)


class Noise:
    """splitmix64, so that others can have the same numbers."""

    def __init__(self, seed):
        self.state = seed

    def next(self):
        self.state = (self.state + 0x9E3779B97F4A7C15) % 2 ** 64
        z = self.state
        z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9 % 2 ** 64
        z = (z ^ z >> 27) * 0x94D049BB133111EB % 2 ** 64
        return z ^ z >> 31

    def below(self, bound):
        return self.next() % bound

    def pick(self, items):
        return items[self.below(len(items))]

    def bytes(self, size):
        return b"".join(self.next().to_bytes(8, "big") for _ in range(-(-size // 8)))[:size]


def write(file):
    """Tables for emission_test.cpp."""
    eib = 2 ** 60
    model, total = Ccc(), 0
    print("phase 0 0", file=file)
    for minute in range(1, 2 ** 23 + 1):
        before = model.phase
        total += model.mint(eib)
        for phase in range(before + 1, model.phase + 1):
            print("phase", phase, minute, file=file)
            assert minute == phase * 2 ** 18 or (phase, minute) == (31, 2 ** 23)
        if minute % 525_600 == 0:
            print("year", minute // 525_600, total, file=file)
    assert total == 2 ** 30 * ATOMS and model.phase == PHASES and model.mint(eib) == 0
    assert 30 * 2 ** 18 == 15 * 2 ** 19

    noise, model, total, checksum = Noise(1), Ccc(), 0, 0
    for step in range(1, 300_001):
        minted = model.mint(min(noise.next() >> noise.below(20), eib))
        total += minted
        checksum = (checksum * 6364136223846793005 + minted) % 2 ** 64
        if step % 10_000 == 0:
            print("steps", step, model.phase, model.left, *divmod(model.rest, 2 ** 64), total,
                  checksum, file=file)
            model.skip(model.left - model.left // 1000)

    supply = 10 ** 18
    for year in range(1, 21):
        grown = supply * 25 // 1000
        assert sum(points(supply, 25, epoch, 365) for epoch in range(365)) == grown
        supply += grown
        print("points", year, supply, file=file)
    assert abs(supply / 10 ** 18 - 1.025 ** 20) < 1e-9
    for amount in (1, 199, 200, 201, 399, 400, 10 ** 9, 10 ** 18 + 199, 2 ** 64 - 1):
        print("share", amount, amount * 5 // 1000, file=file)
