"""Drills: where one builds its house for a while, and what is left of one that was cut off."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp

from troth.custody.copies.backing import to_oneself

_PREFIX = ".drill-"


@contextmanager
def place(directory: Path) -> Iterator[Path]:
    """Give a folder in the directory of a house that is gone afterwards."""
    clear(directory)
    made = Path(mkdtemp(prefix=_PREFIX, dir=directory))
    try:
        with to_oneself(made):
            yield made
    finally:
        rmtree(made, ignore_errors=True)


def clear(directory: Path) -> None:
    """Remove what drills left that were cut off: whoever was erased since is in it. One that runs stays."""
    for left in directory.glob(f"{_PREFIX}*"):
        with suppress(OSError):
            descriptor = os.open(left, os.O_RDONLY | os.O_DIRECTORY)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                rmtree(left)
            finally:
                os.close(descriptor)
