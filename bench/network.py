#!/usr/bin/env -S python3 -B
"""put and get with six providers on this machine, beside restic and rclone's crypt."""

import os
import shlex
import signal
import subprocess

import harness
from harness import Command

PROVIDERS = 6
DEAD = 2
SMALL_FILES = 10_000
SMALL_SIZE = 4096  # bytes


class Network:
    """Providers, each a process with a directory of its own."""

    def __init__(self, bench):
        self._bench = bench
        self.providers = bench.path("providers")
        grants = bench.path("grants")
        with open(grants, "w", encoding="ascii") as file:
            file.write("anyone 1TiB 10000000\n")
        self._processes = []
        lines = []
        for number in range(PROVIDERS):
            ready, told = os.pipe()
            self._processes.append(subprocess.Popen(
                [bench.tool("store"), "--dir", bench.path(f"provider.{number}"), "--listen",
                 "127.0.0.1:0", "--grants", grants, "--reserve", "0", "--ready-fd", str(told)],
                pass_fds=[told], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))
            os.close(told)
            with os.fdopen(ready, encoding="ascii") as file:
                lines.append(file.readline())
            if not lines[-1]:
                raise harness.Failed("a provider does not start")
        with open(self.providers, "w", encoding="ascii") as file:
            file.write("".join(lines))

    def kill(self, count):
        for process in self._processes[:count]:
            process.send_signal(signal.SIGKILL)
            process.wait()
        self._processes = self._processes[count:]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.kill(len(self._processes))
        for number in range(PROVIDERS):
            harness.remove(self._bench.path(f"provider.{number}"))


def restic(bench, data):
    """A backup into a new repository, and a restore from another."""
    program, sh, copy = bench.peer("restic"), bench.peer("sh"), bench.peer("cp")
    password, empty, repository = (bench.path(name) for name in ("password", "empty", "backup"))
    with open(password, "w", encoding="ascii") as file:
        file.write("benchmark\n")
    base = [program, "-q", "--no-cache", "-p", password, "-r"]
    bench.do([*base, empty, "init"])
    backup = (f"{shlex.join([copy, '-r', empty, repository])} && "
              f"{shlex.join([*base, repository, 'backup', data])}")
    whole, out = bench.path("restic.whole"), bench.path("restic.out")
    bench.do([copy, "-r", empty, whole])
    bench.do([*base, whole, "backup", data])
    return (Command([[sh, "-c", backup]], outputs=(repository,)),
            Command([[*base, whole, "restore", "latest", "-t", out]], outputs=(out,)))


def rclone(bench, data):
    """A copy to a crypt remote on this disk, and one back."""
    program = bench.peer("rclone")
    remote, whole, out = (bench.path(name) for name in ("crypt", "rclone.whole", "rclone.out"))
    secret = bench.do([program, "obscure", "benchmark"]).strip()

    def environment(path):
        return {"RCLONE_CONFIG": os.devnull, "RCLONE_CONFIG_C_TYPE": "crypt",
                "RCLONE_CONFIG_C_REMOTE": path, "RCLONE_CONFIG_C_PASSWORD": secret}

    bench.do([program, "copy", data, "c:"], env={**os.environ, **environment(whole)})
    name = os.path.basename(data)
    return (Command([[program, "copy", data, "c:"]], environment=environment(remote),
                    directories=(remote,)),
            Command([[program, "copyto", f"c:{name}", out]], environment=environment(whole),
                    outputs=(out,)))


def compare(bench):
    data = bench.data(bench.size_mib)
    size = bench.size_mib * harness.MIB
    identity, _ = bench.identity()
    with Network(bench) as network:
        put = [bench.tool("put"), "-i", identity, "--providers", network.providers]
        get = [bench.tool("get"), "--providers", network.providers]
        link = bench.path("link")
        with open(link, "w", encoding="ascii") as file:
            file.write(bench.do([*put, data]))
        out = bench.path("out")
        peers = {"restic": restic(bench, data), "rclone crypt": rclone(bench, data)}

        large_transfers(bench, {"put": Command([[*put, data]]),
                                "get": Command([[*get, "-o", out, f"@{link}"]], outputs=(out,))},
                        peers, size)
        peak(bench, "put", [*put, data], size)
        peak(bench, "get", [*get, f"@{link}"], size)
        small_objects(bench, put)

        runs = {"whole": [], "less": []}
        get_command = Command([[*get, f"@{link}"]])
        runs["whole"] = [harness.measure(get_command) for _ in range(bench.rounds)]
        network.kill(DEAD)
        runs["less"] = [harness.measure(get_command) for _ in range(bench.rounds)]
        value = harness.median(runs["whole"]) / harness.median(runs["less"])
        bench.report(harness.Result(
            f"get with {DEAD} of {PROVIDERS} providers dead", value, "x", at_least=0.6,
            ours=runs["less"], peer="none dead", theirs=runs["whole"], size=size))


def large_transfers(bench, ours, peers, size):
    """Rates of put and get, and their ratios to the peers'; all in turns."""
    for verb, rate_min, ratio_min in (("put", 0.25, 1.5), ("get", 0.4, None)):
        theirs = {name: commands[0 if verb == "put" else 1] for name, commands in peers.items()}
        runs = harness.alternate({"ours": ours[verb], **theirs}, bench.rounds)
        rate = size / harness.median(runs["ours"]) / 1e9
        bench.report(harness.Result(f"{verb}, {PROVIDERS} providers, 4+2", rate, "GB/s",
                                    at_least=rate_min, ours=runs["ours"], size=size))
        for name in peers:
            value = harness.median(runs[name]) / harness.median(runs["ours"])
            bench.report(harness.Result(f"{verb}, the same", value, "x", at_least=ratio_min,
                                        ours=runs["ours"], peer=name, theirs=runs[name],
                                        size=size))


def peak(bench, verb, words, size):
    run = harness.measure(Command([words]), watch=True)
    bench.report(harness.Result(f"memory of {verb}", run.peak_rss / harness.MIB, "MiB",
                                at_most=128, ours=[run], size=size))


def small_objects(bench, put):
    source, names = bench.path("small"), bench.path("names")
    os.mkdir(source)
    paths = [os.path.join(source, f"{number:05}") for number in range(SMALL_FILES)]
    for path in paths:
        with open(path, "wb") as file:
            file.write(os.urandom(SMALL_SIZE))
    with open(names, "w", encoding="utf-8") as file:
        file.write("".join(path + "\0" for path in paths))

    runs = [harness.measure(Command([[*put, paths[0]]])) for _ in range(4 * bench.rounds)]
    bench.report(harness.Result("put one object of 4 KiB", harness.median(runs) * 1e3, "ms",
                                at_most=50, ours=runs, size=SMALL_SIZE))
    runs = [harness.measure(Command([[*put, "--files-from", "-", "-0"]], stdin=names))
            for _ in range(bench.rounds)]
    bench.report(harness.Result(f"put {SMALL_FILES} objects of 4 KiB, in a second",
                                SMALL_FILES / harness.median(runs), "", at_least=1000, ours=runs,
                                size=SMALL_FILES * SMALL_SIZE))
    harness.remove(source)


if __name__ == "__main__":
    harness.main("network", compare)
