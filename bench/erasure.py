#!/usr/bin/env -S python3 -B
"""The erasure code in the cache, beside ISA-L's own: what bench_erasure prints, as results."""

import harness

# Where the processor has GFNI; elsewhere ISA-L does the work for both sides.
BARS = {("encode", "29+51", 65536): 2, ("decode", "29+51", 65536): 2}


def compare(bench):
    quick = ["--quick"] if bench.rounds < 5 else []
    for line in bench.do([bench.program("erasure"), *quick]).splitlines():
        task, shape, size, _, _, isal, _, ours, _, _, ratio = line.split()
        if int(size) == 4096:
            continue
        bench.report(harness.Result(
            f"erasure {task} {shape}, {int(size) // 1024} KiB", float(ratio), "x", peer="ISA-L",
            at_least=BARS.get((task, shape, int(size))), note=f"{ours} and {isal} MB/s"))


if __name__ == "__main__":
    harness.main("erasure", compare)
