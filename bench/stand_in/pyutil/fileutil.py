"""The one function that zfec's command line takes from here, when it cannot write."""

import os


def remove_if_possible(path):
    """Remove a file, or leave it."""
    try:
        os.remove(path)
    except OSError:
        pass
