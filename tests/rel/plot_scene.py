"""Plots that are made, for the harnesses that run commands with faults: a plot that has its name is
complete, and the same command goes on where one was stopped."""

import os
import re

import rel
import scenes

ACCOUNT, NONCES = 7, 3
NAME = f"{ACCOUNT}_0_{NONCES}"


def memory_for_one(tool):
    """Bytes of memory that make stripes of one nonce: a little more than what is too little."""
    done = rel.run([tool, "--form=poc2", "--account", str(ACCOUNT), "--nonces", "1", "--threads", "1",
                    "--memory", "1"])
    needed = re.search(rb"need ([0-9.]+) MiB", done.stderr)
    return int(float(needed.group(1)) * 2**20) + 64 * 1024


class PlotScene(scenes.Scene):
    """A plot of three stripes in an empty directory."""

    def __init__(self, tool, plot, sums):
        argv = [tool, "--form=poc2", "--account", str(ACCOUNT), "--nonces", str(NONCES),
                "--threads", "1", "--memory", str(memory_for_one(tool)), "--reserve", "0"]
        super().__init__("plot", argv, {}, {NAME: plot, NAME + ".sum": sums}, reruns=(0,),
                         acknowledges=True, is_partial=True)
        self.threads = 2  # one makes, one writes

    def chosen(self, points):
        """Of the thousands of equal writes the first, the last and some others."""
        found = []
        for call in dict.fromkeys(point.call for point in points):
            same = [point for point in points if point.call == call]
            if len(same) > 24:
                some = rel.rng(f"points of {call}").sample(same[4:-4], 60 if rel.is_night() else 8)
                same = same[:4] + some + same[-4:]
            found += same
        return found

    def strays(self, directory):
        """An unfinished plot is no stray; beside a finished one nothing may be left but, when its
        removal failed, the journal, which the next run takes away."""
        allowed = {NAME + ".journal"}
        if not os.path.exists(os.path.join(directory, NAME)):
            allowed |= {NAME + ".part", NAME + ".sum.part"}
        return [name for name in super().strays(directory) if name not in allowed]


def all_scenes(workspace):
    tool, = rel.tools("plot")
    place = os.path.join(workspace, "plot")
    os.mkdir(place)
    rel.must([tool, "-q", "--form=poc2", "--account", str(ACCOUNT), "--nonces", str(NONCES), "-d",
              place])
    whole = rel.content(os.path.join(place, NAME))
    scene = PlotScene(tool, whole, lambda _path, data: len(data) == 64 + NONCES * 4096 * 32)
    return [scene]
