#!/usr/bin/env -S python3 -B
"""The most memory that each tool has resident, whatever the size of its input."""

import os

import harness
from harness import Command

STREAM_MAX_MIB = 32
SEGMENT_MIB = 16
ROOT_SIZE = 32  # bytes


def compare(bench):
    data = bench.data(bench.size_mib)
    identity, recipient = bench.identity()
    sealed, signature, stream = (bench.path(name) for name in ("sealed.age", "sig", "stream"))
    key = bench.do([bench.tool("keygen"), "-y", "--minisign", identity]).split()[-1]
    bench.do([bench.tool("encrypt"), "-r", recipient, "-o", sealed, data])
    bench.do([bench.tool("sign"), "-i", identity, "-o", signature, data])

    def report(name, words, at_most_mib):
        runs = [harness.measure(Command([words]), watch=True) for _ in range(bench.rounds)]
        peak_mib = max(run.peak_rss for run in runs) / harness.MIB
        bench.report(harness.Result(f"memory of {name}", peak_mib, "MiB", at_most=at_most_mib,
                                    ours=runs, size=bench.size_mib * harness.MIB))

    for name, words in {
            "encrypt": ["-r", recipient, data],
            "decrypt": ["-i", identity, sealed],
            "sign": ["-i", identity, "-o", "-", data],
            "verify": ["signature", "-p", key, "-s", signature, data],
            "inspect": [sealed]}.items():
        report(name, [bench.tool(name), *words], STREAM_MAX_MIB)
    harness.remove(sealed)

    for k, m in ((4, 2), (29, 51)):
        # Three segments with their parity, and the roots of all.
        segments = -(-bench.size_mib // SEGMENT_MIB)
        bound_mib = round(3 * (k + m) / k * SEGMENT_MIB
                          + segments * (k + m) * ROOT_SIZE / harness.MIB, 1)
        shape = ["-k", str(k), "-m", str(m), "--segment", f"{SEGMENT_MIB}MiB"]
        shards = bench.path("shards")
        report(f"encode {k}+{m} to a pipe", [bench.tool("encode"), *shape, "-o", "-", data],
               bound_mib)
        bench.do([bench.tool("encode"), *shape, "-d", shards, data])
        report(f"decode {k}+{m}", [bench.tool("decode"), shards], bound_mib)
        for index in range(min(k, m)):
            os.unlink(os.path.join(shards, f"{index:03}.shard"))
        report(f"decode {k}+{m} without {min(k, m)}", [bench.tool("decode"), shards], bound_mib)
        harness.remove(shards)
        bench.do([bench.tool("encode"), *shape, "-o", stream, data])
        report(f"decode {k}+{m}, a stream", [bench.tool("decode"), stream], bound_mib)
        harness.remove(stream)


if __name__ == "__main__":
    harness.main("memory", compare)
