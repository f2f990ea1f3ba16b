"""What the comparisons share: commands measured in turns, medians, and one line per result.

A comparison is a file of this directory with a function compare(bench); `run` calls it, and each
file runs alone too. Bench gives it data, tools and peers, and takes its results.
"""

import argparse
import json
import os
import platform
import resource
import shlex
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field

BENCH = os.path.dirname(os.path.abspath(__file__))
REPOSITORY = os.path.dirname(BENCH)
MIB = 1024 * 1024
TICK_S = 1 / os.sysconf("SC_CLK_TCK")

# A run counts as disturbed when others used more than this many cores meanwhile. It is repeated,
# up to this many times for each round asked for; runs too short for the kernel's ticks are not.
DISTURBED_CORES = 0.25
REPEATS = 2
JUDGED_S = 0.2


class Missing(Exception):
    """A program that a comparison needs is not here: the comparison is left out."""


class Failed(Exception):
    """A program that was to be measured did not do its work."""


@dataclass
class Command:
    """A pipeline of programs, each a list of words that starts with an absolute path."""

    stages: list
    stdin: str = os.devnull
    stdout: str = os.devnull
    environment: dict = field(default_factory=dict)
    outputs: tuple = ()  # files and directories to remove before and after each run
    directories: tuple = ()  # the same, but made, empty, before each run

    def __str__(self):
        return " | ".join(shlex.join(stage) for stage in self.stages)


@dataclass
class Run:
    """What one run of a command took."""

    wall_s: float
    cpu_s: float
    peak_rss: int  # bytes, of the largest process
    others: float  # cores that everything else on the machine used

    def is_disturbed(self):
        return self.wall_s >= JUDGED_S and self.others > DISTURBED_CORES


def busy_s():
    """CPU seconds that all of the machine, and its host, have used so far."""
    with open("/proc/stat", encoding="ascii") as file:
        user, nice, system, _idle, _wait, irq, softirq, steal = file.readline().split()[1:9]
    return sum(map(int, (user, nice, system, irq, softirq, steal))) * TICK_S


def remove(path):
    """Remove a file or a directory, if it is there."""
    if os.path.isdir(path) and not os.path.islink(path):
        shutil.rmtree(path)
    elif os.path.lexists(path):
        os.unlink(path)


def _spawn(command, stderr):
    """Start a pipeline; its process ids."""
    environment = {**os.environ, **command.environment}
    stdin = os.open(command.stdin, os.O_RDONLY)
    pids = []
    for index, stage in enumerate(command.stages):
        if index + 1 < len(command.stages):
            following, stdout = os.pipe()
        else:
            following, stdout = -1, os.open(command.stdout, os.O_WRONLY | os.O_CREAT, 0o666)
        streams = [(os.POSIX_SPAWN_DUP2, fd, to) for to, fd in enumerate((stdin, stdout, stderr))]
        pids.append(os.posix_spawn(stage[0], stage, environment, file_actions=streams,
                                   setsigdef=[signal.SIGPIPE]))
        os.close(stdin)
        os.close(stdout)
        stdin = following
    return pids


def _watch_peak(pid):
    """Look at a process until it ends; the most memory that it had, in bytes."""
    peak_kib = 0
    while True:
        try:
            with open(f"/proc/{pid}/status", encoding="ascii") as file:
                lines = [line for line in file if line.startswith("VmHWM:")]
        except OSError:
            lines = []
        if not lines:  # it has ended
            return peak_kib * 1024
        peak_kib = max(peak_kib, int(lines[0].split()[1]))
        time.sleep(0.002)


def measure(command, watch=False):
    """Run a command once.

    The kernel counts this program's own memory to a process it starts, up to the start; `watch`
    looks at the memory of the first process itself instead, as far as that is less.
    """
    outputs = command.outputs + command.directories
    for path in outputs:
        remove(path)
    for path in command.directories:
        os.mkdir(path)
    if outputs:
        os.sync()  # nobody pays for what others wrote
    floor = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    with tempfile.TemporaryFile() as stderr:
        busy = busy_s()
        start = time.perf_counter()
        pids = _spawn(command, stderr.fileno())
        ends = []
        try:
            watched = _watch_peak(pids[0]) if watch else 0
            for pid in pids:
                ends.append(os.wait4(pid, 0))
        except BaseException:  # interrupted: leave nothing running
            for pid in pids[len(ends):]:
                os.kill(pid, signal.SIGKILL)
                os.waitpid(pid, 0)
            raise
        wall_s = time.perf_counter() - start
        busy = busy_s() - busy
        codes = [os.waitstatus_to_exitcode(status) for _, status, _ in ends]
        if any(codes):
            stderr.seek(0)
            text = stderr.read().decode(errors="replace").strip()
            raise Failed(f"{command} exited with {codes}: {text}")
    usages = [usage for _, _, usage in ends]
    cpu_s = sum(usage.ru_utime + usage.ru_stime for usage in usages)
    peak_rss = max(usage.ru_maxrss for usage in usages) * 1024
    if watch and peak_rss <= floor:
        peak_rss = watched
    for path in outputs:
        remove(path)
    return Run(wall_s, cpu_s, peak_rss, max(0.0, busy - cpu_s) / wall_s)


def alternate(commands, rounds):
    """Run the commands in turns; the runs of each, by label, after one that warms up.

    Rounds that something else disturbed are repeated; when there is no quiet, they count too.
    """
    for command in commands.values():
        measure(command)
    taken = []
    for _ in range(rounds * (1 + REPEATS)):
        taken.append({label: measure(command) for label, command in commands.items()})
        quiet = [turn for turn in taken if not any(run.is_disturbed() for run in turn.values())]
        if len(quiet) == rounds:
            taken = quiet
            break
    else:
        taken.sort(key=lambda turn: max(run.others for run in turn.values()))
        taken = taken[:rounds]
    return {label: [turn[label] for turn in taken] for label in commands}


def median(runs, value="wall_s"):
    return statistics.median(getattr(run, value) for run in runs)


@dataclass
class Result:
    """One line of the table: our runs, the peer's if there is one, a value and its bar."""

    name: str
    value: float
    unit: str  # x, GB/s, s, ms or MiB
    at_least: float = None
    at_most: float = None
    ours: list = field(default_factory=list)
    peer: str = ""
    theirs: list = field(default_factory=list)
    size: int = 0  # bytes that each run went through
    note: str = ""

    def verdict(self):
        if self.at_least is None and self.at_most is None:
            return "-"
        is_good = (self.at_least is None or self.value >= self.at_least) and (
            self.at_most is None or self.value <= self.at_most)
        return "pass" if is_good else "MISS"

    def bar(self):
        if self.at_least is not None:
            return f">= {self.at_least:g}"
        return "" if self.at_most is None else f"<= {self.at_most:g}"

    def _side(self, runs):
        """Wall time, rate and CPU time of one side."""
        if not runs:
            return f"{'':26}"
        wall_s = median(runs)
        time_text = f"{wall_s:8.3f} s " if wall_s >= 0.1 else f"{wall_s * 1e3:8.3f} ms"
        rate = f"{self.size / wall_s / 1e6:6.0f}" if self.size else f"{'':6}"
        return f"{time_text} {rate} {median(runs, 'cpu_s'):7.3f}"

    def line(self):
        disturbed = sum(run.is_disturbed() for run in self.ours + self.theirs)
        notes = [self.note] if self.note else []
        if disturbed:
            notes.append(f"{disturbed} of {len(self.ours + self.theirs)} runs disturbed")
        return (f"{self.name:<44} {self._side(self.ours)}  {self.peer:<12}"
                f" {self._side(self.theirs)} {self.value:8.2f} {self.unit:<4} {self.bar():<9}"
                f" {self.verdict():<4}  {'; '.join(notes)}").rstrip()

    def json(self):
        def side(runs):
            return {"wall_s": [round(run.wall_s, 6) for run in runs],
                    "cpu_s": [round(run.cpu_s, 6) for run in runs],
                    "peak_rss_bytes": max((run.peak_rss for run in runs), default=0),
                    "others_cores": [round(run.others, 2) for run in runs]}

        return {"v": 1, "name": self.name, "size_bytes": self.size, "ours": side(self.ours),
                "peer": self.peer, "theirs": side(self.theirs), "value": round(self.value, 4),
                "unit": self.unit, "at_least": self.at_least, "at_most": self.at_most,
                "verdict": self.verdict().lower(), "note": self.note}


HEADING = (f"{'':<44} {'ours':>8}    {'MB/s':>6} {'CPU s':>7}  {'peer':<12}"
           f" {'':>8}    {'MB/s':>6} {'CPU s':>7} {'value':>8} {'':<4} bar       verdict")


class Bench:
    """The data, the tools and the results of a run of comparisons."""

    def __init__(self, options):
        self.size_mib = options.size
        self.rounds = options.rounds
        self.results = []
        self._is_json = options.json
        self._tools = options.bin
        self._keep = os.environ.get("CAIRN_BENCH_DIR")
        base = self._keep or os.environ.get("TMPDIR") or "/var/tmp"
        self.directory = tempfile.mkdtemp(prefix="cairn-bench.", dir=base)
        self._identity = None

    def close(self):
        shutil.rmtree(self.directory, ignore_errors=True)

    def say(self, text):
        print(text, file=sys.stderr if self._is_json else sys.stdout, flush=True)

    # What there is to measure with.

    def path(self, name):
        """A path in the directory of this run."""
        return os.path.join(self.directory, name)

    def data(self, size_mib):
        """A file of random bytes, in the page cache."""
        path = self.path(f"data.{size_mib}")
        if not os.path.exists(path):
            with open(path, "wb") as file:
                for _ in range(size_mib):
                    file.write(os.urandom(MIB))
                os.fsync(file.fileno())
        self.warm(path)
        return path

    @staticmethod
    def warm(path):
        """Read a file, so that it is in the page cache."""
        buffer = bytearray(MIB)
        with open(path, "rb", buffering=0) as file:
            while file.readinto(buffer):
                pass

    def tool(self, name):
        """Our tool: from --bin, else from the release build, else from $PATH."""
        built = os.path.join(REPOSITORY, "build", "release", "bin")
        where = self._tools or (built if os.path.isdir(built) else None)
        return self._find(f"cairn-{name}", where)

    def program(self, name):
        """One of the programs that CMakeLists.txt builds here."""
        where = os.path.join(REPOSITORY, "build", "release", "bench")
        try:
            return self._find(f"bench_{name}", where)
        except Missing:
            raise Missing(f"bench_{name}: cmake --build build/release --target bench_programs"
                          ) from None

    def peer(self, name):
        return self._find(name, None)

    @staticmethod
    def _find(name, where):
        found = shutil.which(name, path=where)
        if not found:
            raise Missing(name)
        return os.path.abspath(found)

    def zfec(self, module):
        """How to start zfec's command line, cmdline_zfec or cmdline_zunfec, and in what
        environment: with a Python that has the library, and a stand-in for what it lacks."""
        environment = {"PYTHONPATH": os.path.join(BENCH, "stand_in")}
        start = f"import sys; from zfec.{module} import main; sys.exit(main())"
        for python in ("/usr/bin/python3", sys.executable):
            probe = [python, "-c", f"import zfec.{module}"]
            if os.path.exists(python) and not subprocess.run(
                    probe, env={**os.environ, **environment}, stderr=subprocess.DEVNULL,
                    check=False).returncode:
                return [python, "-B", "-c", start], environment
        raise Missing("zfec: the package python3-zfec")

    def identity(self):
        """An identity file and its age recipient."""
        if not self._identity:
            path = self.path("identity")
            keygen = self.tool("keygen")
            self.do([keygen, "-o", path])
            self._identity = path, self.do([keygen, "-y", "--recipient", path]).strip()
        return self._identity

    @staticmethod
    def do(words, **options):
        """Run a command that is not measured; its standard output."""
        done = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                              check=False, **options)
        if done.returncode:
            raise Failed(f"{shlex.join(words)} exited with {done.returncode}: {done.stderr}")
        return done.stdout

    # What comes out.

    def report(self, result):
        self.results.append(result)
        self.say(result.line())
        if self._is_json:
            print(json.dumps(result.json()), flush=True)

    def ratio(self, name, ours, peer, theirs, *, at_least=None, size_mib=None, rounds=None):
        """Time a command of ours and a peer's in turns and report how many times as long the
        peer takes."""
        runs = alternate({"ours": ours, "theirs": theirs}, rounds or self.rounds)
        value = median(runs["theirs"]) / median(runs["ours"])
        size = (self.size_mib if size_mib is None else size_mib) * MIB
        self.report(Result(name, value, "x", at_least=at_least, ours=runs["ours"], peer=peer,
                           theirs=runs["theirs"], size=size))
        return runs


def describe_machine():
    model = ""
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        for line in file:
            if line.startswith("model name"):
                model = line.split(":")[1].strip()
                break
    return f"{os.cpu_count()} x {model}, Linux {platform.release()}"


def parse_options(arguments, names=()):
    parser = argparse.ArgumentParser(
        description="Compare cairn's tools with their peers, in turns on the same data.",
        epilog="Exit status: 0 all bars are met, 1 some are missed.")
    if names:
        parser.add_argument("names", metavar="NAME", nargs="*", default=[],
                            help=f"what to compare; all if not given: {' '.join(names)}")
    parser.add_argument("--size", type=int, default=1024, metavar="MIB",
                        help="size of the data (default: %(default)s)")
    parser.add_argument("--rounds", type=int, default=5, metavar="N",
                        help="runs of each command (default: %(default)s)")
    parser.add_argument("--bin", metavar="DIR", help="where cairn's tools are")
    parser.add_argument("--json", action="store_true",
                        help="one JSON line per result on stdout, and the table on stderr")
    options = parser.parse_args(arguments)
    if options.size < 1 or options.rounds < 1:
        parser.error("--size and --rounds are at least 1")
    unknown = set(getattr(options, "names", ())) - set(names)
    if unknown:
        parser.error(f"there is no comparison {' '.join(sorted(unknown))}")
    return options


def run_comparisons(comparisons, options):
    """Run comparisons, by name; the exit status."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    bench = Bench(options)
    is_whole = True
    try:
        bench.say(f"# {describe_machine()}; {options.size} MiB, {options.rounds} rounds, "
                  f"data in {os.path.dirname(bench.directory)}\n{HEADING}")
        for name, compare in comparisons.items():
            try:
                compare(bench)
            except Missing as missing:
                bench.say(f"{name}: left out, for want of {missing}")
            except Failed as failure:
                bench.say(f"{name}: {failure}")
                is_whole = False
    finally:
        bench.close()
    missed = [result for result in bench.results if result.verdict() == "MISS"]
    return 1 if missed or not is_whole else 0


def main(name, compare):
    """The main program of a comparison that runs alone."""
    sys.exit(run_comparisons({name: compare}, parse_options(sys.argv[1:])))
