#!/usr/bin/env -S python3 -B
"""What it takes to start each filter, beyond what it takes to start /bin/true."""

import harness
from harness import Command

FILTERS = ["keygen", "sign", "verify", "encrypt", "decrypt", "encode", "decode", "tag", "challenge",
           "prove", "plot", "inspect"]
ROUNDS = 200


def compare(bench):
    commands = {"true": Command([[bench.peer("true")]])}
    for name in FILTERS:
        try:
            commands[name] = Command([[bench.tool(name), "--version"]])
        except harness.Missing:
            continue
    try:
        commands["age"] = Command([[bench.peer("age"), "--version"]])
    except harness.Missing:
        pass
    runs = harness.alternate(commands, max(ROUNDS * bench.rounds // 5, 1))
    base = runs.pop("true")
    for name, taken in runs.items():
        def beyond(statistic, taken=taken):
            return (statistic(taken) - statistic(base)) * 1e3

        least = beyond(lambda some: min(run.wall_s for run in some))
        bench.report(harness.Result(
            f"{name} --version", beyond(harness.median), "ms", ours=taken, peer="true", theirs=base,
            at_most=None if name == "age" else 3, note=f"the quickest {least:.2f} ms"))


if __name__ == "__main__":
    harness.main("startup", compare)
