"""Where a rehearsal is kept: a temporary directory of its own, locked while it is in use.

What a process that was killed left behind is removed by the next that rehearses: its lock went with it.
"""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

PREFIX = "troth-rehearsal-"


@contextmanager
def own_place() -> Iterator[Path]:
    """Give an empty directory, and remove it at the end; what others left behind is removed first."""
    remove_abandoned()
    place, held = _made()
    try:
        yield place
    finally:
        try:
            shutil.rmtree(place)
        finally:
            os.close(held)


def remove_abandoned() -> None:
    """Remove the directories of rehearsals that no living process holds, of this account alone."""
    for place in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        with suppress(OSError):  # it is in use, another's, or being removed by another
            held = os.open(place, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
            try:
                if os.fstat(held).st_uid == os.getuid():
                    fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    shutil.rmtree(place)
            finally:
                os.close(held)


def _made() -> tuple[Path, int]:
    """Make a directory and hold it; one that was taken for abandoned before it was held is made anew."""
    while True:
        place = Path(tempfile.mkdtemp(prefix=PREFIX))
        with suppress(FileNotFoundError):
            held = os.open(place, os.O_RDONLY | os.O_DIRECTORY)
            fcntl.flock(held, fcntl.LOCK_EX)
            if place.exists():
                return place, held
            os.close(held)
