#!/usr/bin/env -S python3 -B
"""The groups of BLS12-381 and storage proofs: what bench_pairing prints, as results. Bars are shares
of what blst was measured to take elsewhere, scaled by the field product of this run, and what is
asked for in itself."""

import harness

BLST_PRODUCT = 40.0  # ns, on the machine where the others were measured
BLST = {"pairing": 0.63e6, "hash": 68e3, "multiply": 97e3, "msm": 57e6}  # ns
TIMES = {"prove": 30, "verify": 4, "batch-1": 2, "batch-50": 4}  # ms, at most
RATES = {"tag-1024": 90, "tag-4096": 300, "accept": 150}  # MiB/s, at least


def compare(bench):
    lines = bench.do([bench.program("pairing"), str(bench.rounds)]).splitlines()
    took = {name: float(ns) for name, ns in (line.split() for line in lines)}
    bench.report(harness.Result("field product", took["product"], "ns",
                                note=f"blst elsewhere {BLST_PRODUCT}"))
    scale = took["product"] / BLST_PRODUCT
    for name, ns in BLST.items():
        bench.report(harness.Result(
            f"{name} beside blst, by field products", took[name] / (ns * scale), "x", at_most=1.5,
            note=f"{took[name] / 1e3:.0f} us; blst elsewhere {ns / 1e3:.0f}"))
    for name, most in TIMES.items():
        bench.report(harness.Result(name, took[name] / 1e6, "ms", at_most=most))
    for name, least in RATES.items():
        bench.report(harness.Result(name, 1e9 / took[name] / 2**20, "MiB/s", at_least=least))


if __name__ == "__main__":
    harness.main("pairing", compare)
