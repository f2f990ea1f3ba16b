#!/usr/bin/env -S python3 -B
"""Nonces and scoops by each instruction set, beside figures that were measured of the best peers on
another machine: what bench_capacity prints, as results."""

import harness

# Cycles of a permutation for each lane, at most; millions of scoops a second, at least; and what
# the best peers reach: an Intel core with AVX-512 at 2.95 GHz. Engraver's plain words, PoCX's SSE
# and AVX2, engraver's AVX-512; scavenger's and PoCX's scans.
BARS = {"scalar": (300, None), "simd128": (98, 5.2), "avx2": (50, 10.4), "avx512": (23.3, 24)}
PEERS = {"scalar": (405, 1.61), "simd128": (103, 5.2), "avx2": (53.5, 10.4), "avx512": (24.8, 20.5)}
SCALING_BAR = 0.97  # of twice what one thread does


def compare(bench):
    for line in bench.do([bench.program("capacity"), str(bench.rounds)]).splitlines():
        kernel, _, alone, both, _, cycles, _, scan = line.split()
        cycles_max, scan_min = BARS[kernel]
        peer_cycles, peer_scan = PEERS[kernel]
        bench.report(harness.Result(
            f"{kernel}: cycles per permutation and lane", float(cycles), "", at_most=cycles_max,
            note=f"peer {peer_cycles}; {alone} nonces/s"))
        bench.report(harness.Result(
            f"{kernel}: scoops ranked", float(scan), "M/s", at_least=scan_min,
            note=f"peer {peer_scan}"))
        bench.report(harness.Result(
            f"{kernel}: two threads beside one", float(both) / (2 * float(alone)), "x",
            at_least=SCALING_BAR, note=f"{both} nonces/s"))


if __name__ == "__main__":
    harness.main("capacity", compare)
