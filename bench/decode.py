#!/usr/bin/env -S python3 -B
"""cairn-decode with shards lost, beside itself with none lost and beside zunfec."""

import os

import harness
from harness import Command

SLOW_SIZE_MIB = 128  # at most, for a wide code


def compare(bench):
    decode = bench.tool("decode")
    slow_mib = min(SLOW_SIZE_MIB, bench.size_mib)
    for k, m, size_mib in ((4, 2, bench.size_mib), (10, 6, bench.size_mib), (29, 51, slow_mib)):
        lost = min(k, m)
        whole, damaged = make_sets(bench, k, m, size_mib)
        runs = harness.alternate({"lost": Command([[decode, damaged]]),
                                  "whole": Command([[decode, whole]])}, bench.rounds)
        value = harness.median(runs["whole"]) / harness.median(runs["lost"])
        bench.report(harness.Result(
            f"decode {k}+{m} without {lost} data shards", value, "x", at_least=0.6,
            ours=runs["lost"], peer="none lost", theirs=runs["whole"],
            size=size_mib * harness.MIB))
        if (k, m) == (4, 2):
            beside_zunfec(bench, damaged)
        harness.remove(whole)
        harness.remove(damaged)


def make_sets(bench, k, m, size_mib):
    """A directory of shards, and one of the same shards without as many as may be lost."""
    whole, damaged = bench.path("whole"), bench.path("damaged")
    bench.do([bench.tool("encode"), "-k", str(k), "-m", str(m), "-d", whole, bench.data(size_mib)])
    os.mkdir(damaged)
    for name in os.listdir(whole):
        bench.warm(os.path.join(whole, name))
        if name.endswith(".shard") and int(name[:3]) < min(k, m):
            continue
        os.link(os.path.join(whole, name), os.path.join(damaged, name))
    return whole, damaged


def beside_zunfec(bench, damaged):
    decode = bench.tool("decode")
    zfec, environment = bench.zfec("cmdline_zfec")
    zunfec, _ = bench.zfec("cmdline_zunfec")
    shares = bench.path("shares")
    os.mkdir(shares)
    bench.do([*zfec, "-q", "-d", shares, "-p", "s", "-k", "4", "-m", "6",
              bench.data(bench.size_mib)], env={**os.environ, **environment})
    kept = [os.path.join(shares, name) for name in sorted(os.listdir(shares))[2:]]
    for share in kept:
        bench.warm(share)

    def theirs(out, **more):
        return Command([[*zunfec, "-f", "-o", out, *kept]], environment=environment, **more)

    bench.ratio("decode 4+2 without 2 to /dev/null", Command([[decode, damaged]]),
                "zunfec", theirs(os.devnull), at_least=8)
    out, peer_out = bench.path("out"), bench.path("peer.out")
    bench.ratio("decode 4+2 without 2 to a file (ours synced)",
                Command([[decode, "-o", out, damaged]], outputs=(out,)),
                "zunfec", theirs(peer_out, outputs=(peer_out,)))
    harness.remove(shares)


if __name__ == "__main__":
    harness.main("decode", compare)
