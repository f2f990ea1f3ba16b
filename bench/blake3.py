#!/usr/bin/env -S python3 -B
"""BLAKE3 of a file on one core beside b3sum, and beside sha256sum."""

import harness
from harness import Command


def compare(bench):
    data = bench.data(bench.size_mib)
    ours = Command([[bench.program("blake3"), data]])
    bench.ratio("blake3 of a file, 1 thread", ours, "b3sum",
                Command([[bench.peer("b3sum"), "--num-threads", "1", data]]), at_least=0.9)
    bench.ratio("blake3 of a file, 2 threads", Command([[bench.program("blake3"), data, "2"]]),
                "b3sum", Command([[bench.peer("b3sum"), "--num-threads", "2", data]]))
    bench.ratio("blake3 of a file, 1 thread", ours, "sha256sum",
                Command([[bench.peer("sha256sum"), data]]))


if __name__ == "__main__":
    harness.main("blake3", compare)
