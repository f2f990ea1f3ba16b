#!/usr/bin/env -S python3 -B
"""Plotting to a disk beside what the processor and the disk do alone, and rounds from plots beside
memory and plain reads."""

import json
import os
import time

import harness

WARPS = 6  # of the plot that is timed, one written while the next is made
MEMORY = "2200MiB"
CHAIN, ACCOUNT = "1".zfill(64), "2".zfill(64)
PLOT_BAR, CACHE_BAR, DISK_BAR, VERIFY_BAR = 0.95, 0.8, 0.9, 0.9

# Warp 0 of that account on that chain, as a plot of its own: SHA-256 of the file.
GOLDEN = "9fb8f7ae07dd7b7498a632674b4528da316e4b20f843c8455b5fa23dfc6ae94b"

ROUNDS, NONCES = 64, 262144  # rows of 16 MiB, of which only those that are read are written


def make_plot(bench, directory):
    """The plot of some warps: its rate, the processor's, the disk's, in bytes a second."""
    tool = bench.tool("plot")
    speed = [json.loads(line) for line in bench.do(
        [tool, "--json", "--bench", "-d", directory]).splitlines()]
    command = [tool, "-q", "--chain", CHAIN, "--account", ACCOUNT, "-d", directory, "--reserve", "0"]
    golden = os.path.join(directory, "golden")
    os.mkdir(golden)
    bench.do([*command[:-4], "-d", golden, "--warps", "1"])
    name, = [n for n in os.listdir(golden) if n.endswith(".x1")]
    digest = bench.do(["/usr/bin/sha256sum", os.path.join(golden, name)]).split()[0]
    if digest != GOLDEN:
        raise harness.Failed(f"warp 0 has the digest {digest}")
    start = time.perf_counter()
    bench.do([*command, "--start", "1", "--warps", str(WARPS), "--memory", MEMORY])
    return WARPS * 2**30 / (time.perf_counter() - start), speed


def sparse_plot(directory):
    """A plot of noise where the rounds look."""
    path = os.path.join(directory, f"1_0_{NONCES}")
    with open(path, "wb") as file:
        file.truncate(NONCES * 262144)
        for i in range(ROUNDS):  # as bench_plots chooses them
            file.seek((i * 2503 % 4096) * NONCES * 64)
            file.write(os.urandom(NONCES * 64))
        os.fsync(file.fileno())
    return path


def scans(bench, directory):
    os.makedirs(directory, exist_ok=True)
    path = sparse_plot(directory)
    try:
        lines = bench.do([bench.program("plots"), path, str(ROUNDS)]).splitlines()
    finally:
        os.unlink(path)
    return [[float(word) for word in line.split()[1:]] for line in lines]


def compare(bench):
    directory = bench.path("plots")
    os.mkdir(directory)
    rate, (processor, disk) = make_plot(bench, directory)
    least = min(processor["plot_bytes_per_s"], disk["write_bytes_per_s"])
    bench.report(harness.Result(
        "plotting to the disk beside the smaller of both", rate / least, "x", at_least=PLOT_BAR,
        note=f"{rate / 2**20:.0f} MiB/s; processor {processor['plot_bytes_per_s'] / 2**20:.0f}, "
             f"disk {disk['write_bytes_per_s'] / 2**20:.0f}"))
    (memory, scan, reads), (one, many) = scans(bench, directory)
    bench.report(harness.Result(
        "rounds from the disk beside plain reads", scan / reads, "x", at_least=DISK_BAR,
        note=f"{scan:.1f} M scoops/s; reads {reads:.1f}; one thread in memory {memory:.1f}"))
    bench.report(harness.Result("one answer checked beside its nonce", one, "x",
                                at_least=VERIFY_BAR))
    bench.report(harness.Result("many answers checked beside all lanes", many, "x",
                                at_least=VERIFY_BAR))
    (memory, scan, _), _ = scans(bench, f"/dev/shm/cairn-bench-{os.getpid()}")
    os.rmdir(f"/dev/shm/cairn-bench-{os.getpid()}")
    bench.report(harness.Result(
        "rounds from the page cache beside memory", scan / memory, "x", at_least=CACHE_BAR,
        note=f"{scan:.1f} M scoops/s; one thread in memory {memory:.1f}"))


if __name__ == "__main__":
    harness.main("plot", compare)
