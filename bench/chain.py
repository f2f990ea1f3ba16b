#!/usr/bin/env -S python3 -B
"""Chains: blocks of 10,000 transfers, a file of blocks executed again, fresh nodes that follow
10,000 blocks of each engine, and four nodes under load."""

import json
import os
import signal
import subprocess
import time

import harness

BLOCKS = 10_000
SENDERS = 4
TRANSFERS = 10_000  # of each sender


class Node:
    """A node of a chain, until its with block ends."""

    def __init__(self, bench, directory, *options):
        self.directory = directory
        self._tool = bench.tool("chain-node")
        self._bench = bench
        ready, told = os.pipe()
        self._process = subprocess.Popen(
            [self._tool, "--dir", directory, "--ready-fd", str(told), "-q", *options],
            pass_fds=[told], stdout=subprocess.DEVNULL)
        os.close(told)
        with os.fdopen(ready, encoding="ascii") as file:
            self.address = file.readline().strip()
        if not self.address:
            raise harness.Failed("a chain's node does not start")

    def status(self):
        return json.loads(self._bench.do([self._tool, "--dir", self.directory, "--status",
                                          "--json"]))

    def anonymous_mib(self):
        with open(f"/proc/{self._process.pid}/status", encoding="ascii") as file:
            sizes = [line.split()[1] for line in file if line.startswith("RssAnon")]
        return int(sizes[0]) / 1024

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._process.send_signal(signal.SIGTERM)
        self._process.wait()


def follow(bench, chain):
    """Blocks a second of a fresh node that follows another one's BLOCKS, and its memory."""
    fresh = bench.path("fresh")
    with Node(bench, chain) as other:
        begun = time.monotonic()
        with Node(bench, fresh, "--genesis", os.path.join(chain, "genesis.json"), "--peer",
                  other.address) as node:
            while node.status()["height"] < BLOCKS:
                time.sleep(0.1)
            rate = BLOCKS / (time.monotonic() - begun)
            memory = node.anonymous_mib()
    harness.remove(fresh)
    return rate, memory


def kernel(bench):
    found = json.loads(bench.do([bench.program("chain"), "kernel", bench.path("kernel")]))
    bench.report(harness.Result("blocks of 10,000 transfers, 500,000 accounts",
                                found["per_s"], "/s",
                                note=f"checking signatures alone takes "
                                     f"{found['share_of_verifying']:.0%} of the time"))
    bench.report(harness.Result("the same, the next one's signatures meanwhile",
                                found["overlapped_per_s"] / found["per_s"], "x",
                                note=f"{found['overlapped_per_s']} a second"))


def replay(bench):
    chain, stream = bench.path("long"), bench.path("blocks")
    made = json.loads(bench.do([bench.program("chain"), "make", chain, "20", "5000"]))
    with open(stream, "wb") as file:
        subprocess.run([bench.tool("chain-node"), "--dir", chain, "--export",
                        f"1-{made['height']}"], stdout=file, check=True)
    begun = time.monotonic()
    bench.do([bench.tool("chain-node"), "--genesis", os.path.join(chain, "genesis.json"),
              "--replay", stream])
    bench.report(harness.Result("100,000 transactions replayed",
                                100_000 / (time.monotonic() - begun), "/s", at_least=15_000))
    harness.remove(chain)


def sync(bench):
    chain = bench.path("chain")
    bench.do([bench.program("chain"), "make", chain, str(BLOCKS), "1"])
    rate, memory = follow(bench, chain)
    bench.report(harness.Result("blocks of one producer, fresh node", rate, "/s", at_least=500))
    bench.report(harness.Result("memory of its own after that", memory, "MiB", at_most=256))
    made = json.loads(bench.do([bench.program("chain_poc"), chain, str(BLOCKS)]))
    rate, _ = follow(bench, chain)
    bench.report(harness.Result(
        "blocks of plots, fresh node, beside their proofs", rate / made["proofs_per_s"], "x",
        at_least=0.8, note=f"{rate:.0f} a second; {made['proofs_per_s']:.0f} proofs of two nonces"))
    harness.remove(chain)


def load(bench):
    keygen = bench.tool("keygen")
    keys = [bench.path(f"key.{number}") for number in range(SENDERS)]
    for key in keys:
        bench.do([keygen, "-o", key])
    forms = [json.loads(bench.do([keygen, "-y", "--json", key])) for key in keys]
    genesis = json.loads(bench.do([bench.tool("chain-node"), "--print-genesis", "dev"]))
    genesis["engine"] = {"solo": {"producer": forms[0]["key"], "interval_ms": 1000, "future_s": 5}}
    genesis["block"].update(size_max=16 * harness.MIB, weight_max=1_000_000_000, final_blocks=1)
    genesis["accounts"] = sorted(
        ({"account": form["account"], "atoms": "1000000000000000"} for form in forms),
        key=lambda entry: entry["account"])
    path = bench.path("genesis.json")
    with open(path, "w", encoding="ascii") as file:
        json.dump(genesis, file)
    options = ["--genesis", path, "--account-max", str(TRANSFERS)]
    first = Node(bench, bench.path("node.0"), *options, "--mine", keys[0])
    nodes = [first] + [Node(bench, bench.path(f"node.{number}"), *options, "--peer",
                            first.address) for number in range(1, SENDERS)]
    try:
        words = [bench.program("chain_load"), str(TRANSFERS)]
        for node, key in zip(nodes, keys):
            words += [f"ipc://{node.directory}/api.sock", key]
        found = json.loads(bench.do(words))
        bench.report(harness.Result("transfers made final by four nodes", found["final_per_s"],
                                    "/s", at_least=3000))
        bench.report(harness.Result("the largest pool meanwhile", found["pool_bytes"] / 2**20,
                                    "MiB", at_most=64))
    finally:
        for node in nodes:
            node.__exit__()


def compare(bench):
    kernel(bench)
    replay(bench)
    sync(bench)
    load(bench)


if __name__ == "__main__":
    harness.main("chain", compare)
