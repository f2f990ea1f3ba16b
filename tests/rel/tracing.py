"""Faults at chosen system calls, by strace.

strace counts the calls of each name apart, so a point is a name and a number: the 7th write. The
points are read off a run without faults, from the moment that main() prepares its process."""

import os
import re

import rel

# What concerns files and descriptors; the rest is memory, signals and locks inside the process.
FILE_CALLS = ("openat,read,pread64,readv,write,pwrite64,writev,fsync,fdatasync,syncfs,close,link,"
              "linkat,rename,renameat,renameat2,unlink,unlinkat,mkdir,rmdir,ftruncate,fallocate,"
              "fcntl,flock,newfstatat,fstat,lseek,getdents64,access,ioctl,fadvise64,fchmod,"
              "getrandom,exit_group")
PUBLISHING = {"link", "linkat", "rename", "renameat", "renameat2"}
MARK = "PR_SET_DUMPABLE"  # the first thing that every tool does
NO_UNNAMED = ["-e", "inject=access:error=ENOENT"]  # as where the system has no unnamed files


class Point:
    """The `number`-th call of a name, with what it was called with."""

    def __init__(self, call, number, order, text):
        self.call = call
        self.number = number
        self.order = order  # among all points
        self.text = text
        self.is_published = False  # whether a file got its name before

    def __str__(self):
        return f"{self.call} {self.number} ({self.text[:60]})"

    def descriptor(self):
        found = re.match(r"\w+\((\d+)", self.text)
        return int(found.group(1)) if found else None

    def is_creating(self):
        return "O_CREAT" in self.text or "O_TMPFILE" in self.text


def need_strace():
    rel.need("strace")
    if rel.run(["strace", "-qq", "-o", "/dev/null", "true"]).returncode != 0:
        rel.skip("strace may not trace here")


def wrapper(calls, rules, log="/dev/null"):
    """The front of a command line that applies these rules to the calls that are traced."""
    argv = ["strace", "-f", "-qq", "-o", log, "-e", f"trace={calls}"]
    if not any("signal=" in rule for rule in rules):  # strace 6.1 would not send it
        argv.insert(1, "--seccomp-bpf")  # stops at nothing else: faster
    for rule in rules:
        argv += ["-e", rule]
    return argv


def points(scene, directory, calls=FILE_CALLS, extra=()):
    """All points of a scene; the run itself must succeed and be complete."""
    scene.set_up(directory)
    log = directory + ".log"
    watched = calls if calls == "all" else calls + ",prctl,access"
    done = scene.run(directory, [*wrapper(watched, (), log), *extra])
    if done.returncode != 0 or (scene.outputs and scene.state(directory) != "new"):
        raise RuntimeError(f"{scene.name}: exit {done.returncode}, {scene.state(directory)}: "
                           f"{done.stderr.decode(errors='replace')}")
    found = {}
    counts = {}
    early = set()  # what another thread would call so often would hit the loader before
    is_marked = is_published = scene.outputs == {}
    with open(log, encoding="utf-8", errors="replace") as lines:
        for line in lines:
            match = re.match(r"(?:\d+ +)?((\w+)\(.*)", line)
            if not match:
                continue
            text, call = match.groups()
            thread = line.split(" ", 1)[0]
            number = counts[thread, call] = counts.get((thread, call), 0) + 1
            is_marked = is_marked or MARK in text
            if not is_marked:
                early.add((call, number))
            elif call != "prctl" and (call, number) not in found and (call, number) not in early:
                point = Point(call, number, len(found), text)
                point.is_published = is_published
                found[call, number] = point
            is_published = is_published or (is_marked and call in PUBLISHING)
    os.remove(log)
    return list(found.values())
