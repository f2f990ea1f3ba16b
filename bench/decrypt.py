#!/usr/bin/env -S python3 -B
"""cairn-decrypt beside age -d, with the same identity, of a file that age encrypted."""

import harness
from harness import Command


def compare(bench):
    decrypt, age = bench.tool("decrypt"), bench.peer("age")
    identity, recipient = bench.identity()
    sealed = bench.path("sealed.age")
    bench.do([age, "-r", recipient, "-o", sealed, bench.data(bench.size_mib)])
    bench.warm(sealed)
    ours = [decrypt, "-i", identity, sealed]
    theirs = Command([[age, "-d", "-i", identity, sealed]])

    bench.ratio("decrypt, 2 threads, to /dev/null", Command([[*ours, "-j2"]]),
                "age -d", theirs, at_least=3.5)
    bench.ratio("decrypt, 1 thread, to /dev/null", Command([[*ours, "-j1"]]), "age -d", theirs)
    out, age_out = bench.path("out"), bench.path("age.out")
    bench.ratio("decrypt to a file (ours is synced)",
                Command([[*ours, "-o", out]], outputs=(out,)), "age -d",
                Command([[age, "-d", "-i", identity, "-o", age_out, sealed]], outputs=(age_out,)))
    harness.remove(sealed)


if __name__ == "__main__":
    harness.main("decrypt", compare)
