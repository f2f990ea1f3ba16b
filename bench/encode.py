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
    out, peer_out = bench.path("shards"), bench.path("peer")

    def ours(k, m, file):
        return Command([[encode, "-k", str(k), "-m", str(m), "-d", out, file]], outputs=(out,))

    zfec, environment = bench.zfec("cmdline_zfec")

    def theirs(k, m, file):
        return Command([[*zfec, "-q", "-d", peer_out, "-p", "share", "-k", str(k), "-m",
                         str(k + m), file]], environment=environment, directories=(peer_out,))

    bench.ratio("encode 4+2 to files (ours are synced)", ours(4, 2, data),
                "zfec", theirs(4, 2, data), at_least=4)
    bench.ratio("encode 29+51 to files (ours are synced)", ours(29, 51, slow_data),
                "zfec", theirs(29, 51, slow_data), at_least=20, size_mib=slow_mib,
                rounds=slow_rounds)
    par2 = [bench.peer("par2"), "create", "-q", "-q", "-r50", "-B", bench.directory,
            os.path.join(peer_out, "data.par2"), slow_data]
    bench.ratio("encode 4+2 to files, half as much again", ours(4, 2, slow_data),
                "par2 -r50", Command([par2], directories=(peer_out,)), at_least=100,
                size_mib=slow_mib, rounds=slow_rounds)


if __name__ == "__main__":
    harness.main("encode", compare)
