"""The handshake of TLS: who is connected is counted and waited for from the first moment, not only after it.

What is accepted is a `Greeting`; once hands are shaken, a connection like any other takes its place.
"""

import asyncio
import socket
import ssl
from collections.abc import Callable
from contextlib import suppress

from troth.web.places import Places, Stage
from troth.web.wire import WHOLE

AGAIN = 0.1  # seconds until somebody is accepted again, after nobody could be


class Greeting:
    """A connection whose hands are not shaken yet."""

    def __init__(self, here: socket.socket, peer: str, *, places: Places, now: Callable[[], float]) -> None:
        self._here, self._places, self._now = here, places, now
        self.stage, self.since = Stage.SHAKE, now()
        self._place = ""
        self._place = places.enter(self, peer)

    def end(self) -> None:
        """End it at once: nothing more comes, so the handshake fails."""
        self.leave()
        with suppress(OSError):  # it has ended
            self._here.shutdown(socket.SHUT_RDWR)

    def leave(self) -> None:
        """Give its place to whatever comes of it."""
        self._places.leave(self, self._place)

    def is_late(self) -> bool:
        """Whether it let us wait for too long."""
        return self._now() - self.since > self.stage.patience


class Entrance:
    """What accepts connections by TLS, until it is closed."""

    def __init__(
        self,
        listener: socket.socket,
        context: ssl.SSLContext,
        places: Places,
        made: Callable[[], asyncio.BaseProtocol],
    ) -> None:
        """Begin to accept; `made` makes what serves a connection once hands are shaken."""
        listener.setblocking(False)  # noqa: FBT003 - of the standard library
        self._listener, self._context, self._places, self._made = listener, context, places, made
        self._loop = asyncio.get_running_loop()
        self._shaking: dict[asyncio.Task[None], Greeting] = {}
        self._accepting = self._loop.create_task(self._accept())

    def close(self) -> None:
        """Accept nobody any more, and shake no hands."""
        self._accepting.cancel()
        for each in self._shaking.values():
            each.end()

    async def wait_closed(self) -> None:
        """Wait until nobody is being greeted."""
        await asyncio.gather(self._accepting, *self._shaking, return_exceptions=True)

    async def _accept(self) -> None:
        while True:
            try:
                here, peer = await self._loop.sock_accept(self._listener)
            except OSError:
                await asyncio.sleep(AGAIN)
                continue
            now = self._loop.time
            greeting = Greeting(here, str(peer[0]), places=self._places, now=now)
            task = self._loop.create_task(self._shake(greeting, here))
            self._shaking[task] = greeting
            task.add_done_callback(self._shaking.pop)

    async def _shake(self, greeting: Greeting, here: socket.socket) -> None:
        try:
            await self._loop.connect_accepted_socket(
                self._made,
                here,
                ssl=self._context,
                ssl_handshake_timeout=2 * Stage.SHAKE.patience,
                ssl_shutdown_timeout=WHOLE,  # the wire sees to how long that may take
            )
        except OSError:  # it broke off, or what came was no TLS
            here.close()
        finally:
            greeting.leave()
