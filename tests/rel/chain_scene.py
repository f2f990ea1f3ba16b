"""Blocks put on a chain, for the harnesses that run commands with faults: what is there afterwards
is the chain up to some block, and the same command again puts on the rest."""

import os
import shutil

import rel
import scenes

BLOCKS, BEFORE = 40, 25
NAMES = {"genesis.json", "state", "blocks", "lock"}


def program():
    """The path of rel_chain; none where it is not built."""
    paths = [os.path.join(d, "rel", "rel_chain") for d in rel.build_directories()]
    return next((path for path in paths if os.access(path, os.X_OK)), None)


class ChainScene(scenes.Scene):
    """All blocks put on a chain that is new, or that has the first ones in `before`."""

    def __init__(self, name, tool, made, before=None):
        genesis, blocks = (rel.content(os.path.join(made, n)) for n in ("genesis.json", "blocks"))
        super().__init__(name, [tool, "-q", "--dir", "chain", "--genesis", "genesis", "--replay",
                                "stream"],
                         {"genesis": (genesis, 0o644), "stream": (blocks, 0o644)},
                         {"chain": None}, reruns=(0,), is_partial=True)
        self.tool = tool
        self.blocks = blocks
        self.before = before
        self.statuses = {75}  # a full disk
        self.interrupted = {75}  # LMDB makes no call again
        self.threads = 2  # signatures are checked beside

    def set_up(self, directory):
        super().set_up(directory)
        if self.before:
            shutil.copytree(self.before, os.path.join(directory, "chain"))

    def export(self, directory, last):
        return rel.run([self.tool, "--dir", "chain", "--export", f"1-{last}"], cwd=directory)

    def state(self, directory):
        for name, (data, _) in self.inputs.items():
            if rel.content(os.path.join(directory, name)) != data:
                return f"the input '{name}' was changed"
        if not os.path.exists(os.path.join(directory, "chain")) and not self.before:
            return scenes.OLD
        done = self.export(directory, BLOCKS)
        if done.returncode == 0:
            return scenes.NEW if done.stdout == self.blocks else "other blocks are there"
        if done.returncode == 66 and self.before:
            done = self.export(directory, BEFORE)
            if done.returncode == 0 and self.blocks.startswith(done.stdout) and done.stdout:
                return scenes.OLD
        elif done.returncode == 66 or (done.returncode == 75 and not self.before):
            return scenes.OLD  # with 75 the disk is too full for a chain to be made
        return f"export exits {done.returncode}: {done.stderr.decode().strip()}"

    def strays(self, directory):
        place = os.path.join(directory, "chain")
        return sorted(set(os.listdir(place)) - NAMES) if os.path.isdir(place) else []

    def chosen(self, points):
        """Of the many equal reads and writes the first, the last and some others."""
        found = []
        for call in dict.fromkeys(point.call for point in points):
            same = [point for point in points if point.call == call]
            if len(same) > 24 and not rel.is_night():
                some = rel.rng(f"points of {call}").sample(same[8:-8], 8)
                same = same[:8] + some + same[-8:]
            found += same
        return found


def all_scenes(workspace):
    """A chain that is new, and one that there is."""
    path, tool = program(), rel.tool("cairn-chain-node")
    if path is None or tool is None:
        return []
    made = os.path.join(workspace, "made chain")
    os.mkdir(made)
    rel.must([path, str(BEFORE)], cwd=made)
    before = os.path.join(made, "chain")
    rel.must([tool, "-q", "--dir", before, "--genesis", "genesis.json", "--replay", "blocks"],
             cwd=made)
    rel.must([path, str(BLOCKS)], cwd=made)
    return [ChainScene("replay", tool, made), ChainScene("replay more", tool, made, before)]
