"""The commands that make files, as kill, ioerr, enospc and oom run them: what stands in the
directory before, what is complete afterwards, and nothing else."""

import os
import shutil

import rel

ABSENT, OLD, NEW = "absent", "old", "new"
SIZE = 300_000  # bytes of the file that is encrypted and encoded: several reads and writes
PROFILE = ["-k", "2", "-m", "1", "--segment", "64KiB"]
SECTORS = ["--sectors", "256"]  # 38 blocks of it


class Scene:
    """One command. `outputs` maps the name of each file it makes to what tells a complete one: its
    bytes, or a function of path and bytes. `kept` files must stay as they were."""

    def __init__(self, name, argv, inputs, outputs, *, stdin=b"", old=None, prepare=None,
                 reruns=(0, 73), acknowledges=False, is_partial=False, secret=False):
        self.name = name
        self.argv = argv
        self.inputs = inputs  # name -> (bytes, mode)
        self.outputs = outputs
        self.stdin = stdin
        self.old = old or {}  # what stood under the names of the outputs before
        self.prepare = prepare
        self.reruns = reruns
        self.acknowledges = acknowledges  # by what it prints
        self.is_partial = is_partial  # some outputs may be there and others not
        self.secret = secret
        self.threads = 1
        self.statuses = set()  # of failures, besides those of all commands
        self.interrupted = set()  # statuses after EINTR

    def set_up(self, directory):
        shutil.rmtree(directory, ignore_errors=True)
        os.mkdir(directory)
        for name, (data, mode) in {**self.inputs, **self.old}.items():
            path = os.path.join(directory, name)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            rel.save(path, data, mode)

    def run(self, directory, wrapper=(), **more):
        return rel.run([*wrapper, *self.argv], cwd=directory, stdin=self.stdin, **more)

    def state_of(self, directory, name):
        """absent, old, new, or what is wrong with an output."""
        path = os.path.join(directory, name)
        data = rel.content(path)
        if data is None:
            return ABSENT if name not in self.old else f"'{name}' is lost"
        if name in self.old and data == self.old[name][0]:
            return OLD
        if self.secret and os.stat(path).st_mode & 0o077:
            return f"'{name}' can be read by others"
        expected = self.outputs[name]
        is_new = expected(path, data) if callable(expected) else data == expected
        return NEW if is_new else f"'{name}' is torn: {len(data)} bytes"

    def state(self, directory):
        """One word for all outputs, or what is wrong. In a set of files that appear one by one,
        'mixed' is allowed."""
        states = {self.state_of(directory, name) for name in self.outputs}
        for state in states:
            if state not in (ABSENT, OLD, NEW):
                return state
        for name, (data, _) in self.inputs.items():
            if rel.content(os.path.join(directory, name)) != data:
                return f"the input '{name}' was changed"
        if NEW not in states:
            return OLD
        if states == {NEW}:
            return NEW
        return "mixed" if self.is_partial else f"some outputs of {sorted(states)}"

    def chosen(self, points):
        """Those of all points that are tried."""
        return points

    def strays(self, directory):
        """Names that belong to nothing."""
        known = set()
        for name in [*self.inputs, *self.outputs]:
            while name:
                known.add(name)
                name = os.path.dirname(name)
        return sorted(rel.names_below(directory) - known)


class Stage:
    """The inputs, made once, and the scenes that use them."""

    def __init__(self, place):
        names = ("keygen", "sign", "verify", "encrypt", "decrypt", "encode", "decode", "tag",
                 "challenge", "prove")
        self.tool = dict(zip(names, rel.tools(*names)))
        self.place = os.path.join(place, "stage")
        os.mkdir(self.place)
        self.make_inputs()

    def at(self, name):
        return os.path.join(self.place, name)

    def file(self, name, mode=0o644):
        return (rel.content(self.at(name)), mode)

    def make_inputs(self):
        here = {"cwd": self.place}
        rel.save(self.at("plain"), rel.rng("plain").randbytes(SIZE))
        rel.must([self.tool["keygen"], "-o", "me.key"], **here)
        words = rel.must([self.tool["keygen"], "-y", "--words", "me.key"], **here)
        rel.save(self.at("words"), words, 0o600)
        rel.save(self.at("me.pub"), rel.must([self.tool["keygen"], "-y", "--minisign", "me.key"],
                                             **here))
        rel.must([self.tool["encrypt"], "-i", "me.key", "-o", "sealed", "plain"], **here)
        rel.must([self.tool["encode"], *PROFILE, "-d", "set", "plain"], **here)
        rel.must([self.tool["encode"], *PROFILE, "-o", "stream", "plain"], **here)
        for i in range(3):
            rel.save(self.at(f"f{i}"), rel.rng(f"f{i}").randbytes(1000 * i + 10))
        rel.save(self.at("list"), b"f0\nf1\nf2\n")
        keys = ["--public", "me.audit", "--prover", "me.prover"]
        rel.must([self.tool["tag"], "-i", "me.key", *SECTORS, *keys, "plain"], **here)
        rel.must([self.tool["challenge"], "--random", "-n", "99", "-o", "question", "plain.tag"],
                 **here)
        rel.must([self.tool["prove"], "storage", "--challenge", "question", "--key", "me.prover",
                  "-o", "proof", "plain"], **here)
        self.key = self.file("me.key", 0o600)
        self.plain = self.file("plain")
        self.shards = {name: rel.content(self.at(f"set/{name}"))
                       for name in ("000.shard", "001.shard", "002.shard", "manifest")}

    def opens_to(self, plain):
        """Tells whether an age file opens to these bytes."""
        def is_complete(path, _):
            done = rel.run([self.tool["decrypt"], "-j1", "-i", self.at("me.key"), path])
            return done.returncode == 0 and done.stdout == plain
        return is_complete

    def is_identity(self, path, _):
        return rel.run([self.tool["keygen"], "-y", path]).returncode == 0

    def is_signature(self, path, _):
        done = rel.run([self.tool["verify"], "signature", "-p", self.at("me.pub"), "-s", path,
                        self.at("plain")])
        return done.returncode == 0

    def scenes(self, threads=1):
        """All of them, with so many threads where a tool has several."""
        tool, key, plain = self.tool, self.key, self.plain
        jobs = f"-j{threads}"
        old = (b"what was here before\n" * 50, 0o644)
        sealed = self.opens_to(plain[0])
        shards = {f"new/{name}": data for name, data in self.shards.items()}
        lost = {"set/001.shard": (self.shards["001.shard"][:5000] + b"\0" * 9000, 0o644),
                "set/manifest": (self.shards["manifest"][:-1], 0o644)}
        stream = rel.content(self.at("stream"))
        with_key = {"me.key": key, "plain": plain}
        encrypt = [tool["encrypt"], jobs, "-i", "me.key"]
        encode = [tool["encode"], jobs, *PROFILE]
        found = [
            Scene("keygen", [tool["keygen"], "-o", "new.key"], {},
                  {"new.key": self.is_identity}, acknowledges=True, secret=True),
            Scene("recover", [tool["keygen"], "--recover", "-o", "new.key"], {},
                  {"new.key": key[0]}, stdin=rel.content(self.at("words")), acknowledges=True,
                  secret=True),
            Scene("encrypt", [*encrypt, "-o", "out", "plain"], with_key, {"out": sealed}),
            Scene("encrypt -f", [*encrypt, "-f", "-o", "out", "plain"], with_key,
                  {"out": sealed}, old={"out": old}, reruns=(0,)),
            Scene("encrypt -a", [*encrypt, "-a", "-o", "out"], {"me.key": key},
                  {"out": self.opens_to(b"text")}, stdin=b"text"),
            Scene("encrypt --files-from", [*encrypt, "--files-from", "list", "-d", "new"],
                  {"me.key": key, **{n: self.file(n) for n in ("list", "f0", "f1", "f2")}},
                  {f"new/f{i}.age": self.opens_to(rel.content(self.at(f"f{i}")))
                   for i in range(3)}, reruns=(0, 3, 66, 73), is_partial=True),
            Scene("decrypt", [tool["decrypt"], jobs, "-i", "me.key", "-o", "out", "sealed"],
                  {"me.key": key, "sealed": self.file("sealed")}, {"out": plain[0]}),
            Scene("decrypt -f", [tool["decrypt"], jobs, "-f", "-i", "me.key", "-o", "out"],
                  {"me.key": key}, {"out": plain[0]}, stdin=rel.content(self.at("sealed")),
                  old={"out": old}, reruns=(0,)),
            Scene("encode -d", [*encode, "-d", "new", "plain"], {"plain": plain}, shards,
                  acknowledges=True),
            Scene("encode -f -d", [*encode, "-f", "-d", "new", "plain"],
                  {"plain": plain, "new/other": old}, shards, acknowledges=True,
                  is_partial=True, old={"new/001.shard": old}, reruns=(0,)),
            Scene("encode -o", [*encode, "-o", "out", "plain"], {"plain": plain},
                  {"out": stream}, acknowledges=True),
            Scene("decode DIR", [tool["decode"], jobs, "-o", "out", "set"],
                  {f"set/{n}": (d, 0o644) for n, d in self.shards.items()},
                  {"out": plain[0]}),
            Scene("decode STREAM", [tool["decode"], jobs, "-f", "-o", "out"], {},
                  {"out": plain[0]}, stdin=stream, old={"out": old}, reruns=(0,)),
            Scene("decode --repair", [tool["decode"], jobs, "--repair", "set"],
                  {f"set/{n}": (self.shards[n], 0o644) for n in ("000.shard", "002.shard")},
                  {f"set/{n}": self.shards[n] for n in ("001.shard", "manifest")}, old=lost,
                  is_partial=True, reruns=(0,)),
            Scene("sign", [tool["sign"], "-i", "me.key", "-o", "out", "plain"], with_key,
                  {"out": self.is_signature}),
            Scene("sign -f", [tool["sign"], "-f", "-i", "me.key", "-o", "out", "plain"],
                  with_key, {"out": self.is_signature}, old={"out": old}, reruns=(0,)),
        ]
        found += self.proof_scenes(jobs, with_key, old)
        for scene in found:
            scene.threads = threads
        return found

    def proof_scenes(self, jobs, with_key, old):
        """Tags, keys and proofs of storage, which are the same each time."""
        tag = [self.tool["tag"], jobs, "-i", "me.key", *SECTORS]
        prove = [self.tool["prove"], "storage", "--challenge", "question", "--key", "me.prover"]
        tags, proof = rel.content(self.at("plain.tag")), rel.content(self.at("proof"))
        stored = {n: self.file(n) for n in ("plain", "plain.tag", "question", "me.prover")}
        return [
            Scene("tag", [*tag, "plain"], with_key, {"plain.tag": tags}),
            Scene("tag -f", [*tag, "-f", "-o", "out", "plain"], with_key, {"out": tags},
                  old={"out": old}, reruns=(0,)),
            Scene("tag --public", [*tag, "-f", "--public", "audit", "--prover", "prover", "plain"],
                  with_key, {"plain.tag": tags, "audit": rel.content(self.at("me.audit")),
                             "prover": rel.content(self.at("me.prover"))},
                  is_partial=True, reruns=(0,)),
            Scene("challenge", [self.tool["challenge"], "--seed", "00" * 32, "-o", "out",
                                "plain.tag"], stored, {"out": lambda _, data: len(data) == 113}),
            Scene("prove storage", [*prove, "-o", "out", "plain"], stored, {"out": proof}),
            Scene("prove storage -f", [*prove, "-f", "-o", "out", "plain"], stored, {"out": proof},
                  old={"out": old}, reruns=(0,)),
        ]
