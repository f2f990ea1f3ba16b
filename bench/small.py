#!/usr/bin/env -S python3 -B
"""Ten thousand files of 4 KiB: encrypted one by one in one process, and as one stream."""

import os

import harness
from harness import Command

FILES = 10_000
FILE_SIZE = 4096  # bytes


def compare(bench):
    source, names = bench.path("small"), bench.path("names")
    os.mkdir(source)
    paths = [os.path.join(source, f"{i:05}") for i in range(FILES)]
    for path in paths:
        with open(path, "wb") as file:
            file.write(os.urandom(FILE_SIZE))
    with open(names, "w", encoding="utf-8") as file:
        file.write("".join(path + "\0" for path in paths))

    encrypt, tar, (_, recipient) = bench.tool("encrypt"), bench.peer("tar"), bench.identity()
    size = FILES * FILE_SIZE
    # All outputs stay to the end: ext4 looks longer for an inode after many were given back.
    outputs = [bench.path(f"small.{turn}") for turn in range(bench.rounds)]
    runs = [harness.measure(Command([[encrypt, "-r", recipient, "--files-from", "-", "-0", "-d",
                                      out]], stdin=names)) for out in outputs]
    bench.report(harness.Result(f"encrypt {FILES} files, synced", harness.median(runs), "s",
                                at_most=2, ours=runs, size=size))

    archive = [tar, "-c", "-f", "-", "-C", source, "."]
    age = Command([archive, [bench.peer("age"), "-r", recipient]])
    runs = harness.alternate(
        {"ours": Command([archive, [encrypt, "-r", recipient]]), "theirs": age}, bench.rounds)
    bench.report(harness.Result(f"tar of {FILES} files | encrypt", harness.median(runs["ours"]),
                                "s", at_most=0.2, ours=runs["ours"], peer="tar | age",
                                theirs=runs["theirs"], size=size))
    for path in (source, *outputs):
        harness.remove(path)


if __name__ == "__main__":
    harness.main("small", compare)
