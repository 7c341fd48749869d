"""Load: many connections to one HTTP server, each of which asks, waits for the answer, and asks again."""

import asyncio
from collections.abc import Callable
from time import perf_counter

from troth.bench.measure import CALLERS, Turn


class _Connection(asyncio.BufferedProtocol):
    """One kept-alive connection; answers are told apart by their Content-Length."""

    def __init__(self, ask: Callable[[], bytes], until: float, took: list[float]) -> None:
        self._ask, self._until, self._took = ask, until, took
        self._transport: asyncio.Transport | None = None
        self._room = bytearray(1 << 16)
        self._had, self._wanted, self._sent = b"", 0, 0.0
        self.over: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - a TCP connection's is one
        self._transport = transport
        self._next()

    def _next(self) -> None:
        first, self._sent = not self._sent, perf_counter()
        assert self._transport is not None  # noqa: S101 - it is connected
        if self._sent >= self._until and not first:  # each asks at least once
            self._transport.close()
            return
        self._had, self._wanted = b"", 0
        self._transport.write(self._ask())

    def get_buffer(self, sizehint: int) -> bytearray:  # noqa: ARG002 - asyncio's own signature
        return self._room

    def buffer_updated(self, nbytes: int) -> None:
        self._had += self._room[:nbytes]
        if not self._wanted:
            head, found, _ = self._had.partition(b"\r\n\r\n")
            if not found:
                return
            if head[9:10] != b"2":
                self._fail(RuntimeError(f"the server answered {self._had[:300]!r}"))
                return
            lower = head.lower()
            at = lower.index(b"content-length:") + 15
            length = int(lower[at : lower.find(b"\r", at) if b"\r" in lower[at:] else None])
            self._wanted = len(head) + 4 + length
        if len(self._had) >= self._wanted:
            self._took.append(perf_counter() - self._sent)
            self._next()

    def connection_lost(self, problem: Exception | None) -> None:
        if not self.over.done():
            if problem is None:
                self.over.set_result(None)
            else:
                self.over.set_exception(problem)

    def _fail(self, problem: Exception) -> None:
        if not self.over.done():
            self.over.set_exception(problem)
        if self._transport is not None:
            self._transport.abort()


def asking(
    port: int, ask: Callable[[], bytes], seconds: float, connections: int = CALLERS
) -> Callable[[], Turn]:
    """Return the turn of many connections; `ask` gives each next request. Raises at an answer but 2xx."""

    async def every() -> Turn:
        took: list[float] = []
        start = perf_counter()
        loop = asyncio.get_running_loop()
        made = []
        for _ in range(connections):
            _, protocol = await loop.create_connection(
                lambda: _Connection(ask, start + seconds, took), "127.0.0.1", port
            )
            made.append(protocol.over)
        await asyncio.gather(*made)
        return Turn(len(took) / (perf_counter() - start), took)

    return lambda: asyncio.run(every())


def request(method: str, path: str, host: str, *, body: bytes = b"", **headers: str) -> bytes:
    """Return the bytes of one request; a header's name is written with `_` for `-`."""
    lines = [f"{method} {path} HTTP/1.1", f"host: {host}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    if body or method == "POST":
        lines += ["content-type: application/json", f"content-length: {len(body)}"]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body
