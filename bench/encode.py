#!/usr/bin/env -S python3 -B
"""cairn-encode, which also hashes, beside zfec and par2: to files, all roots computed."""

import os

import harness
from harness import Command

SLOW_SIZE_MIB = 128  # at most, for peers that need seconds for it
SLOW_ROUNDS = 3


def compare(bench):
    encode = bench.tool("encode")
    slow_mib, slow_rounds = min(SLOW_SIZE_MIB, bench.size_mib), min(SLOW_ROUNDS, bench.rounds)
    data, slow_data = bench.data(bench.size_mib), bench.data(slow_mib)
    out = bench.path("shards")

    def ours(k, m, file):
        return Command([[encode, "-k", str(k), "-m", str(m), "-d", out, file]], outputs=(out,))

    zfec, environment = bench.zfec("cmdline_zfec")
    zfec_out = bench.path("zfec")
    os.mkdir(zfec_out)

    def theirs(k, m, file):
        # Its names are the number of a share and of all shares, with as many digits.
        digits = len(str(k + m))
        shares = tuple(os.path.join(zfec_out, f"share.{i:0{digits}}_{k + m}.fec")
                       for i in range(k + m))
        return Command([[*zfec, "-q", "-d", zfec_out, "-p", "share", "-k", str(k), "-m",
                         str(k + m), file]], environment=environment, outputs=shares)

    bench.ratio("encode 4+2 to files (ours are synced)", ours(4, 2, data),
                "zfec", theirs(4, 2, data), at_least=4)
    bench.ratio("encode 29+51 to files (ours are synced)", ours(29, 51, slow_data),
                "zfec", theirs(29, 51, slow_data), at_least=20, size_mib=slow_mib,
                rounds=slow_rounds)

    # par2 writes beside its input.
    par2_out = bench.path("par2")
    os.mkdir(par2_out)
    source = os.path.join(par2_out, "data")
    os.link(slow_data, source)
    bench.warm(source)
    par2 = bench.peer("par2")
    command = f'cd {par2_out} && exec {par2} create -q -q -r50 out.par2 data && :'
    par2_files = [f"out.par2"]
    runs = Command([[bench.peer("sh"), "-c", command]], outputs=tuple(par2_files))
    bench.ratio("encode 4+2 to files, half as much again", ours(4, 2, slow_data),
                "par2 -r50", runs, at_least=100, size_mib=slow_mib, rounds=slow_rounds)


if __name__ == "__main__":
    harness.main("encode", compare)
