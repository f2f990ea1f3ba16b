"""A provider's store at work (rel_depot), for the harnesses that run commands with faults: what it
acknowledged must be there, and nothing else."""

import os
import shutil

import rel
import scenes


def program():
    """The path of rel_depot; none where it is not built."""
    paths = [os.path.join(d, "rel", "rel_depot") for d in rel.build_directories()]
    return next((path for path in paths if os.access(path, os.X_OK)), None)


class DepotScene(scenes.Scene):
    """One work on a store, that is new or a copy of `before`."""

    def __init__(self, name, path, seed, before=None):
        super().__init__(name, [path, "store", "work", str(seed)], {}, {"store": None},
                         reruns=(0,), is_partial=True)
        self.check = [path, "store", "check", str(seed)]
        self.before = before  # directory of a store, and what it acknowledged
        self.statuses = {75}  # a full disk
        self.interrupted = {75}  # LMDB makes no call again

    def acknowledged(self, directory):
        return directory + ".acknowledged"

    def set_up(self, directory):
        shutil.rmtree(directory, ignore_errors=True)
        os.mkdir(directory)
        if self.before:
            shutil.copytree(self.before, os.path.join(directory, "store"))
        rel.save(self.acknowledged(directory),
                 rel.content(self.acknowledged(self.before)) if self.before else b"")

    def run(self, directory, wrapper=(), **more):
        done = super().run(directory, wrapper, **more)
        with open(self.acknowledged(directory), "ab") as file:
            file.write(done.stdout[:done.stdout.rfind(b"\n") + 1])
        return done

    def state(self, directory):
        done = rel.run(self.check, cwd=directory,
                       stdin=rel.content(self.acknowledged(directory)) or b"\n")
        text = done.stdout.decode().strip()
        is_new = not self.before and not rel.content(self.acknowledged(directory))
        if done.returncode == 75 and is_new:
            return scenes.OLD  # the disk is too full for a store to be made
        if done.returncode != 0:
            return f"check exits {done.returncode}: {text} {done.stderr.decode().strip()}"
        return {"all": scenes.NEW, "some": scenes.OLD}[text]

    def strays(self, directory):
        return []  # state() looks for them


def all_scenes(workspace):
    """A store that is made, and one that there is."""
    path = program()
    if path is None:
        return []
    before = os.path.join(workspace, "before", "store")
    os.makedirs(os.path.dirname(before))
    found = [DepotScene("store", path, 1), DepotScene("store again", path, 2, before)]
    rel.save(found[0].acknowledged(before),
             rel.must([path, before, "work", "1"]))
    return found
