"""Providers on this machine for harnesses: started, killed, made to rot, and put behind relays that
spoil what passes."""

import os
import select
import shutil
import subprocess
import threading
import time

import rel

START_LIMIT_S = 20
PACK_HEADER = 16  # bytes, of a file with many small shards, cairn-store(5)


def start_daemon(argv, log):
    """Starts a daemon that tells by --ready-fd when it serves; the process and what it tells."""
    reader, writer = os.pipe()
    with open(log, "ab") as out:
        process = subprocess.Popen([*argv, "--ready-fd", str(writer)], pass_fds=[writer],
                                   stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=out)
    os.close(writer)
    told = b""
    deadline = time.monotonic() + START_LIMIT_S
    while not told.endswith(b"\n"):
        left = deadline - time.monotonic()
        if left <= 0 or not select.select([reader], [], [], left)[0]:
            break
        more = os.read(reader, 4096)
        if not more:
            break
        told += more
    os.close(reader)
    if not told.endswith(b"\n"):
        process.kill()
        process.wait()
        raise RuntimeError(f"{argv[0]} does not start: {rel.content(log)[-300:]}")
    return process, told.decode().strip()


class Provider:
    """One provider, in a directory of its own."""

    def __init__(self, network, number):
        self.network = network
        self.number = number
        self.directory = os.path.join(network.directory, str(number))
        self.process = None
        self.relay = None
        self.port = 0
        self.key = ""
        self.line = ""  # as a provider list names it
        self.is_rotten = False  # it may have seen that, and only read from then on
        os.mkdir(self.directory)

    def start(self):
        """The same key and address as before."""
        argv = [self.network.store, "--dir", os.path.join(self.directory, "depot"),
                "--listen", f"127.0.0.1:{self.port}", "--grants", self.network.grants,
                "--reserve", "0", "--scrub", "0"]
        self.process, line = start_daemon(argv, os.path.join(self.directory, "log"))
        self.line = line
        self.key, address = line.split("@")
        self.port = int(address.rsplit(":", 1)[1])

    def is_up(self):
        return self.process is not None and self.process.poll() is None

    def kill(self):
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    def impair(self, impairments):
        """Puts it behind a relay; the list names that one from now on."""
        self.relay, address = start_daemon(
            [self.network.relay, "--to", f"127.0.0.1:{self.port}", "--impair", impairments],
            os.path.join(self.directory, "relay.log"))
        self.line = f"{self.key}@{address}"

    def files(self):
        """The files of shards: those with one, and those with many."""
        depot = os.path.join(self.directory, "depot")
        found = [[], []]
        for place, kind in (("shards", 0), ("packs", 1)):
            for directory, _, names in os.walk(os.path.join(depot, place)):
                found[kind] += [os.path.join(directory, name) for name in sorted(names)]
        return found

    def heal(self):
        """As it was at first, but for what was stored."""
        if self.relay is not None:
            self.relay.kill()
            self.relay.wait()
            self.relay = None
        if self.is_rotten:
            self.kill()
            self.is_rotten = False
        if not self.is_up():
            self.start()
        self.line = f"{self.key}@127.0.0.1:{self.port}"


class Network:
    """Some providers, with whom anyone may store."""

    def __init__(self, directory, count):
        self.store, self.relay = rel.tools("store", "relay")
        self.directory = directory
        os.makedirs(directory)
        self.grants = os.path.join(directory, "grants")
        rel.save(self.grants, b"anyone 1TiB 1000000000\n")
        self.providers = [Provider(self, number) for number in range(count)]
        starts = [threading.Thread(target=each.start) for each in self.providers]
        for start in starts:
            start.start()
        for start in starts:
            start.join()
        if not all(each.is_up() for each in self.providers):
            raise RuntimeError("the providers do not start")

    def write_list(self, name="providers"):
        """A provider list as it is now; its path."""
        path = os.path.join(self.directory, name)
        rel.save(path, "".join(each.line + "\n" for each in self.providers).encode())
        return path

    def heal(self):
        for each in self.providers:
            each.heal()

    def close(self):
        for each in self.providers:
            each.kill()
            if each.relay is not None:
                each.relay.kill()
                each.relay.wait()


def rewrite(path, change):
    """Changes a file in place, as a disk does: whoever has it open sees it."""
    with open(path, "r+b", buffering=0) as file:
        data = bytearray(file.read())
        changed = change(data)
        file.seek(0)
        file.write(changed)
        file.truncate(len(changed))


def flip(provider, random):
    """A bit here and there, in every shard."""
    single, packed = provider.files()
    for path, step in [(path, 16_384) for path in single] + [(path, 64) for path in packed]:
        def change(data, step=step):
            for at in range(PACK_HEADER + random.randrange(step), len(data), step):
                data[at] ^= 1 << random.randrange(8)
            if data:
                data[-1] ^= 1
            return data
        rewrite(path, change)


def truncate(provider, random):
    """Each file ends somewhere in its first half."""
    for path in sum(provider.files(), []):
        rewrite(path, lambda data: data[:random.randrange(max(1, len(data) // 2))])


def withhold(provider, _random):
    """The files are gone, though the database says that they are there."""
    for path in sum(provider.files(), []):
        os.unlink(path)


def swap(provider, random):
    """Each file has the bytes of another one, perhaps of another provider."""
    contents = [rel.content(path) for each in provider.network.providers
                for path in sum(each.files(), [])]
    for path in sum(provider.files(), []):
        own = rel.content(path)
        others = [other for other in contents if other != own] or [bytes(len(own))]
        rewrite(path, lambda _, other=random.choice(others): other)


def zero(provider, _random):
    """The bytes were never written, as after a crash."""
    for path in sum(provider.files(), []):
        rewrite(path, lambda data: bytes(len(data)))


class Replay:
    """An older state of all its files, from before an object was put."""

    def __init__(self, provider):
        self.source = os.path.join(provider.directory, "depot")
        self.copy = os.path.join(provider.directory, "older")
        shutil.copytree(self.source, self.copy, ignore=lambda _, names: [
            name for name in names if name.endswith(".sock")])

    def restore(self, provider):
        provider.kill()
        shutil.rmtree(self.source)
        os.rename(self.copy, self.source)
        provider.start()

    def drop(self):
        shutil.rmtree(self.copy, ignore_errors=True)
