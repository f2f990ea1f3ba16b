"""The two functions that zfec's command line takes from here."""


def pad_size(n, k):
    """How much is missing from n to a multiple of k."""
    return -n % k


def log_ceil(n, b):
    """The least power to raise b to for at least n."""
    power = 0
    while b**power < n:
        power += 1
    return power
