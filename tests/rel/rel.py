"""What the reliability harnesses share: tools, a place to work, and the line that tells the result.

A harness is started as HARNESS short|night SEED and ends in Report.finish() or skip()."""

import concurrent.futures
import json
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
DATA = os.path.join(ROOT, "tests", "data")
MODE = sys.argv[1] if len(sys.argv) > 1 else "short"
SEED = int(sys.argv[2]) if len(sys.argv) > 2 else 1
NAME = os.path.basename(sys.argv[0])
WORKERS = 2
STARTED = time.monotonic()

# The exit status that a tool may end with, whatever happens to it (cairn(7)); 70 is a bug.
DOCUMENTED = {0, 1, 3, 64, 65, 66, 68, 69, 71, 73, 74, 75, 76, 77, 78}


# A harness that is told to end removes what it made.
signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))


def is_night():
    return MODE == "night"


def rng(purpose):
    """Random numbers that depend on the seed and on what they are for."""
    return random.Random(f"{SEED} {purpose}")


def build_directories():
    """Where programs of ours may be: beside the tools that $PATH finds, else in the tree."""
    found = [os.path.join(ROOT, "build", preset) for preset in ("release", "dev")]
    on_path = shutil.which("cairn-encode")
    if on_path:
        found.insert(0, os.path.dirname(os.path.dirname(os.path.realpath(on_path))))
    return found


def tool(name):
    """The path of a tool, or none."""
    found = shutil.which(name)
    if found:
        return os.path.realpath(found)
    for directory in build_directories():
        path = os.path.join(directory, "bin", name)
        if os.access(path, os.X_OK):
            return path
    return None


def tools(*names):
    """Paths of the tools; the harness is skipped where one is missing."""
    paths = [tool("cairn-" + name) for name in names]
    for name, path in zip(names, paths):
        if path is None:
            skip(f"cairn-{name} is not built")
    return paths


def need(*programs):
    for program in programs:
        if shutil.which(program) is None:
            skip(f"no {program}")


def skip(reason):
    print(json.dumps({"harness": NAME, "skipped": reason, "seed": SEED}, separators=(",", ":")))
    sys.exit(77)


def workspace():
    """A directory that vanishes: in memory where possible, for syncs are no matter here."""
    place = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    return tempfile.TemporaryDirectory(prefix="cairn-rel-", dir=place)


def run(argv, cwd=None, stdin=b"", env=None, timeout=60, **more):
    """Runs a command to its end: status (negative: the signal), output and messages."""
    source = {"stdin": subprocess.DEVNULL} if stdin == b"" else {"input": stdin}
    try:
        return subprocess.run(argv, cwd=cwd, env=env, timeout=timeout, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, check=False, **source, **more)
    except subprocess.TimeoutExpired:
        return subprocess.CompletedProcess(argv, 124, b"", b"timed out")


def must(argv, **more):
    """Runs a command that has to succeed, for a harness to begin with."""
    done = run(argv, **more)
    if done.returncode != 0:
        text = done.stderr.decode(errors="replace")
        raise RuntimeError(f"{argv} exits {done.returncode}: {text}")
    return done.stdout


def for_each(items, work):
    """Calls work(item) for all of them, on as many cores as a harness may use."""
    with concurrent.futures.ThreadPoolExecutor(WORKERS) as pool:
        for _ in pool.map(work, items):
            pass


def names_below(directory):
    """All paths below a directory, relative to it."""
    found = set()
    for place, directories, files in os.walk(directory):
        for name in directories + files:
            found.add(os.path.relpath(os.path.join(place, name), directory))
    return found


def content(path):
    """The bytes of a file; none where there is no file."""
    try:
        with open(path, "rb") as file:
            return file.read()
    except FileNotFoundError:
        return None


def save(path, data, mode=0o644):
    with open(path, "wb") as file:
        os.fchmod(file.fileno(), mode)
        file.write(data)


class Report:
    """Counts cases and failures, from any thread, and tells of the first failures at once."""

    TOLD_MAX = int(os.environ.get("REL_TOLD_MAX", "40"))

    def __init__(self):
        self.cases = 0
        self.failures = 0
        self.canary = "missed"
        self.notes = {}
        self.lock = threading.Lock()

    def case(self, fault=None, count=1):
        """So many cases were tried; `fault` says what was wrong with them, if anything was."""
        with self.lock:
            self.cases += count
            if fault is None:
                return
            self.failures += 1
            if self.failures <= self.TOLD_MAX:
                print(f"{NAME}: {fault[:600]}", file=sys.stderr)

    def caught(self, is_caught):
        """Whether the planted fault was found."""
        self.canary = "caught" if is_caught else "missed"

    def note(self, name, value):
        self.notes[name] = value

    def finish(self):
        own, children = (resource.getrusage(who) for who in
                         (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
        cpu = sum(used.ru_utime + used.ru_stime for used in (own, children))
        line = {"harness": NAME, "cases": self.cases, "failures": self.failures,
                "seconds": round(time.monotonic() - STARTED), "cpu_seconds": round(cpu),
                "seed": SEED,
                "canary": self.canary, **self.notes}
        print(json.dumps(line, separators=(",", ":")))
        sys.exit(0 if self.failures == 0 and self.canary == "caught" else 1)
