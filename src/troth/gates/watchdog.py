"""A watchdog: ends a connection once its time is over, whatever still comes through it.

A time limit for each step is none for all of them: who sends a byte before each is over keeps one waiting
for ever.
"""

import socket
from contextlib import suppress
from threading import Timer


class Watchdog:
    """Watches one connection from when it stands until the end of its `with` block."""

    def __init__(self, seconds: float) -> None:
        """Say for how long a connection may stand."""
        self.is_over = False
        self._timer = Timer(seconds, self._end)
        self._timer.daemon = True
        self._held: socket.socket | None = None

    def watch(self, connection: socket.socket) -> socket.socket:
        """Watch a connection, and return it; it may be wrapped in TLS later."""
        self._held = connection.dup()  # ours, so that it ends this connection and never another's number
        self._timer.start()
        return connection

    def _end(self) -> None:
        self.is_over = True
        if self._held is not None:
            with suppress(OSError):  # it ended by itself
                self._held.shutdown(socket.SHUT_RDWR)

    def __enter__(self) -> "Watchdog":
        """Begin."""
        return self

    def __exit__(self, *_: object) -> None:
        """Watch no longer."""
        self._timer.cancel()
        if self._held is not None:
            self._timer.join()
            self._held.close()
