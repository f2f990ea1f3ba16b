#!/usr/bin/env -S python3 -B
"""encrypt | encode with the pipe that the tools ask for, and with the one the kernel gives."""

import os

import harness
from harness import Command


def compare(bench):
    stages = [[bench.tool("encrypt"), "-r", bench.identity()[1], bench.data(bench.size_mib)],
              [bench.tool("encode"), "-o", "-"]]
    shim = bench.path("default_pipes.so")
    bench.do([bench.peer("cc"), "-O2", "-shared", "-fPIC", "-o", shim,
              os.path.join(harness.BENCH, "default_pipes.c")])
    runs = bench.ratio("encrypt | encode, in pipes of 1 MiB", Command(stages), "64 KiB",
                       Command(stages, environment={"LD_PRELOAD": shim}), at_least=2.5)
    rate = bench.size_mib * harness.MIB / harness.median(runs["ours"]) / 1e9
    bench.report(harness.Result("encrypt | encode", rate, "GB/s", at_least=1.2,
                                ours=runs["ours"], size=bench.size_mib * harness.MIB))
    stages = [stages[0], [bench.peer("cat")]]
    bench.ratio("encrypt | cat, in pipes of 1 MiB", Command(stages), "64 KiB",
                Command(stages, environment={"LD_PRELOAD": shim}))


if __name__ == "__main__":
    harness.main("pipe", compare)
