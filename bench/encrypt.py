#!/usr/bin/env -S python3 -B
"""cairn-encrypt beside age, to the same recipient."""

import shlex

import harness
from harness import Command


def compare(bench):
    encrypt, age = bench.tool("encrypt"), bench.peer("age")
    cat, sh, sync = bench.peer("cat"), bench.peer("sh"), bench.peer("sync")
    data = bench.data(bench.size_mib)
    _, recipient = bench.identity()
    ours = [encrypt, "-r", recipient, data]
    theirs = [age, "-r", recipient, data]

    bench.ratio("encrypt, 2 threads, to /dev/null", Command([[*ours, "-j2"]]),
                "age", Command([theirs]), at_least=2.8)
    single = bench.ratio("encrypt, 1 thread, to /dev/null", Command([[*ours, "-j1"]]),
                         "age", Command([theirs]), at_least=1.5)

    out, age_out = bench.path("out.age"), bench.path("age.age")
    to_file = Command([[encrypt, "-r", recipient, "-o", out, data]], outputs=(out,))
    age_to_file = [age, "-r", recipient, "-o", age_out, data]
    bench.ratio("encrypt to a file (ours is synced)", to_file,
                "age", Command([age_to_file], outputs=(age_out,)), at_least=2.5)
    synced = f"{shlex.join(age_to_file)} && {shlex.join([sync, age_out])}"
    bench.ratio("encrypt to a file, both synced", to_file,
                "age; sync", Command([[sh, "-c", synced]], outputs=(age_out,)))

    bench.ratio("encrypt | cat", Command([ours, [cat]]), "age | cat", Command([theirs, [cat]]),
                at_least=5)

    # How much of what OpenSSL can do reaches the user.
    fields = bench.do([bench.program("primitive")]).split()
    raw_mbps = float(fields[fields.index("seal") + 1])
    rate_mbps = bench.size_mib * harness.MIB / harness.median(single["ours"], "cpu_s") / 1e6
    bench.report(harness.Result(
        "encrypt, 1 thread, CPU", rate_mbps / raw_mbps, "x", ours=single["ours"],
        peer="OpenSSL", size=bench.size_mib * harness.MIB, note=f"alone {raw_mbps:.0f} MB/s"))


if __name__ == "__main__":
    harness.main("encrypt", compare)
