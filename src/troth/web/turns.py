"""Turns: work that one thread of a server does at a time, however many ask for it."""

import threading
from collections.abc import Callable


class Turn:
    """Whoever comes while it is being done has it done once more by whoever does it, and waits for nobody."""

    __slots__ = ("_one", "_wanted")

    def __init__(self) -> None:
        self._one, self._wanted = threading.Lock(), threading.Event()

    def take(self, work: Callable[[], int]) -> int:
        """Do the work, or leave it to whoever does it now; return what it came to here."""
        count = 0
        self._wanted.set()
        while self._wanted.is_set() and self._one.acquire(blocking=False):
            try:
                self._wanted.clear()
                count += work()
            finally:
                self._one.release()
        return count
