#!/usr/bin/env -S python3 -B
"""Bulk of one stream between two processes: a link beside a plain ZMQ_STREAM socket, as bench_link
prints it."""

import harness

RATIO_BAR = 0.55  # of the plain socket's rate
RATE_BAR = 0.7  # GB/s


def compare(bench):
    words = [bench.program("link"), str(bench.size_mib), str(bench.rounds)]
    line = bench.do(words).split()
    values = {name: float(line[line.index(name) + 1]) for name in ("plain", "link", "ratio")}
    note = f"{values['link']:.0f} and {values['plain']:.0f} MB/s"
    bench.report(harness.Result("link, one stream", values["ratio"], "x", peer="ZMQ_STREAM",
                                at_least=RATIO_BAR, note=note))
    bench.report(harness.Result("link, its rate", values["link"] / 1000, "GB/s",
                                at_least=RATE_BAR))


if __name__ == "__main__":
    harness.main("link", compare)
