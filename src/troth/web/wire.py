"""Connections: what one may send before it is heard, how long it may take, and how many one place may have.

What comes before a request is understood costs memory and a connection, and nobody has been asked
anything yet. So heads and the rest of what is no body are bounded while they arrive, every wait for
somebody has an end, and a place that has all its connections gives up the one that waited longest.
Proxies of ours may have as many as they like: they stand for many places, and count for themselves.
"""

from asyncio import BaseTransport
from enum import Enum
from math import inf
from typing import Any, ClassVar

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from troth.settings import Network
from troth.web.credentials.limits import network_of
from troth.web.proxies import is_proxy

MOST_HEAD = 32 * 1024  # bytes of a request that are not its body, at a stretch
PIECE = 4 * 1024  # bytes that are looked at together
MOST_AHEAD = 16  # requests that wait for the one before
EACH_PLACE = 200  # connections of one place
WHOLE = 300.0  # seconds for a body in all
UNREAD = 60.0  # seconds without reading what is answered
_TOO_LARGE = b"HTTP/1.1 431 Request Header Fields Too Large\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"


class Stage(Enum):
    """What a connection waits for, and how many seconds it may."""

    HEAD = "a request", 20.0
    BODY = "more of a body", 20.0
    REST = "the rest of a body that nobody reads", 20.0
    ANSWER = "us", inf
    NOTHING = "another request", 60.0

    def __init__(self, _: str, patience: float) -> None:
        self.patience = patience


class Places:
    """Every connection there is, by the place it comes from."""

    def __init__(self, proxies: tuple[Network, ...] = ()) -> None:
        """Count the connections of each place but those of proxies."""
        self._proxies = proxies
        self._known: dict[str, set[Wire]] = {}

    def enter(self, wire: "Wire", peer: str) -> str:
        """Note a connection; from a full place another one has to go, or this one. Return the place."""
        place = network_of(peer)
        here = self._known.setdefault(place, set())
        if len(here) >= EACH_PLACE and not is_proxy(peer, self._proxies):
            waiting = (each for each in here if each.stage in (Stage.HEAD, Stage.NOTHING))
            min(waiting, key=lambda each: each.since, default=wire).end()
        here.add(wire)
        return place

    def leave(self, wire: "Wire", place: str) -> None:
        """Forget a connection."""
        here = self._known.get(place, set())
        here.discard(wire)
        if not here:
            self._known.pop(place, None)

    async def look(self) -> None:
        """End every connection that waits for somebody for too long."""
        for wire in [each for here in self._known.values() for each in here]:
            if wire.is_late():
                wire.end()


class Wire(HttpToolsProtocol):
    """One connection."""

    places: ClassVar[Places]

    def __init__(self, *given: Any, **named: Any) -> None:  # noqa: ANN401 - of uvicorn
        super().__init__(*given, **named)
        self.stage = Stage.HEAD
        self.since = self._began = self.loop.time()
        self._loose = 0  # bytes since a request began, or since its last bytes of body
        self._unread: float | None = None  # since when nobody reads what is answered
        self._place = ""

    def end(self) -> None:
        """End it at once, and what is being done for it."""
        self.places.leave(self, self._place)
        self.transport.abort()

    def is_late(self) -> bool:
        """Whether it let us wait for too long; where it is us who do not read, its time stands still."""
        now = self.loop.time()
        if self.flow.read_paused:
            self.since = now
        return (
            now - self.since > self.stage.patience
            or (self.stage is Stage.BODY and now - self._began > WHOLE)
            or (self._unread is not None and now - self._unread > UNREAD)
        )

    def _at(self, stage: Stage) -> None:
        self.stage, self.since = stage, self.loop.time()

    # ---- as the loop calls it

    def connection_made(self, transport: BaseTransport) -> None:
        """Begin."""
        super().connection_made(transport)  # type: ignore[arg-type]
        self._place = self.places.enter(self, self.client[0] if self.client else "")

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget it."""
        super().connection_lost(exc)
        self.places.leave(self, self._place)

    def data_received(self, some: bytes) -> None:
        """Read, piece by piece; refuse a head, a trailer or a line of requests that has no end."""
        for start in range(0, len(some), PIECE):
            if self.transport.is_closing():
                return
            piece = some[start : start + PIECE]
            self._loose += len(piece)
            super().data_received(piece)
            if self._loose > MOST_HEAD:
                if self.cycle is None or self.cycle.response_complete:
                    self.transport.write(_TOO_LARGE)
                    self.transport.close()
                else:
                    self.end()
            elif len(self.pipeline) > MOST_AHEAD:
                self.end()

    def pause_writing(self) -> None:
        """Note that what is answered is not read."""
        self._unread = self.loop.time()
        super().pause_writing()

    def resume_writing(self) -> None:
        """Note that it is."""
        self._unread = None
        super().resume_writing()

    # ---- as the parser calls it

    def on_message_begin(self) -> None:
        """Begin a request."""
        super().on_message_begin()
        self._loose = 0
        self._at(Stage.HEAD)

    def on_header(self, name: bytes, value: bytes) -> None:
        """Keep a line of a head; what follows a body is none."""
        if self.stage is Stage.HEAD:
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """Begin its body."""
        self._at(Stage.BODY)
        self._began = self.since
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """Take some of its body."""
        self._loose = 0
        if self.stage is Stage.BODY:
            self.since = self.loop.time()
        super().on_body(body)

    def on_message_complete(self) -> None:
        """Let it wait for us, unless it was answered already."""
        self._at(Stage.NOTHING if self.cycle.response_complete else Stage.ANSWER)
        super().on_message_complete()

    def on_response_complete(self) -> None:
        """Wait for another request; or for the end of this one, so that the answer is not lost with it."""
        super().on_response_complete()
        if self.cycle.response_complete and self.stage is not Stage.HEAD:
            self._at(Stage.REST if self.stage is Stage.BODY else Stage.NOTHING)


def wire_of(proxies: tuple[Network, ...]) -> type[Wire]:
    """Return the kind of connection of one server."""

    class Served(Wire):
        places = Places(proxies)

    return Served
