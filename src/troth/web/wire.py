"""Connections: what one may send before it is heard, and how long it may take.

What comes before a request is understood costs memory and a connection, and nobody has been asked
anything yet. So heads and the rest of what is no body are bounded while they arrive, and every wait for
somebody has an end. What cannot be read as a request is refused with a fixed answer, and nothing that
follows on its connection is read as one: bytes whose place is in doubt are never the next request.
"""

from asyncio import BaseTransport
from typing import Any, ClassVar

from httptools import HttpParserError
from starlette.responses import Response
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from troth.settings import Network
from troth.web.door import CHUNK, written
from troth.web.places import MOST, Places, Stage
from troth.web.problems import plain

MOST_HEAD = 32 * 1024  # bytes of a request that are not its body, at a stretch
PIECE = 4 * 1024  # bytes that are looked at together
MOST_AHEAD = 16  # requests that wait for the one before
WHOLE = 300.0  # seconds for a body in all
UNREAD = 60.0  # seconds in which nothing is read of what is answered
_BODY = frozenset({b"content-length", b"transfer-encoding"})
_TOO_LARGE = plain(431, "web.long-head", "there are too many headers or cookies")
_UNREADABLE = plain(
    400, "web.not-understood", "it is no request of HTTP/1.1; one with a body may not ask for an upgrade"
)


class Wire(HttpToolsProtocol):
    """One connection."""

    places: ClassVar[Places]
    secure: ClassVar[bool]

    def __init__(self, *given: Any, **named: Any) -> None:  # noqa: ANN401 - of uvicorn
        super().__init__(*given, **named)
        self.stage = Stage.HEAD
        self.since = self._began = self.loop.time()
        self._loose = 0  # bytes since a request began, or since its last bytes of body
        self._deaf = False  # what still comes is no request any more
        self._left = 0  # bytes of answers that were not read when it was last looked at
        self._read = self.since  # when some of them were
        self._place = ""

    def end(self) -> None:
        """End it at once, and what is being done for it."""
        self.places.leave(self, self._place)
        self.transport.abort()

    def is_late(self) -> bool:
        """Whether it let us wait for too long; where it is us who do not read, its time stands still."""
        now = self.loop.time()
        left = self.transport.get_write_buffer_size()
        if left < self._left or not left:
            self._read = now
        self._left = left
        if self.flow.read_paused or (left and self.stage is Stage.NOTHING):
            self.since = now
        return (
            now - self.since > self.stage.patience
            or (self.stage is Stage.BODY and now - self._began > WHOLE)
            or now - self._read > UNREAD
        )

    def _at(self, stage: Stage) -> None:
        self.stage, self.since = stage, self.loop.time()

    # ---- as the loop calls it

    def connection_made(self, transport: BaseTransport) -> None:
        """Begin."""
        super().connection_made(transport)  # type: ignore[arg-type]
        self.transport.set_write_buffer_limits(CHUNK)  # by TLS it would be much more
        self._place = self.places.enter(self, self.client[0] if self.client else "")

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget it."""
        super().connection_lost(exc)
        self.places.leave(self, self._place)

    def data_received(self, some: bytes) -> None:
        """Read, piece by piece; refuse a head, a trailer or a line of requests that has no end."""
        for start in range(0, len(some), PIECE):
            if self._deaf or self.transport.is_closing():
                return
            piece = some[start : start + PIECE]
            self._loose += len(piece)
            super().data_received(piece)
            if self._loose > MOST_HEAD:
                self._refuse(_TOO_LARGE)
            elif len(self.pipeline) > MOST_AHEAD:
                self.end()

    def resume_writing(self) -> None:
        """Note that what is answered is read."""
        self._read = self.loop.time()
        super().resume_writing()

    def send_400_response(self, msg: str) -> None:
        """Refuse what the parser refused."""
        _ = msg
        self._refuse(_UNREADABLE)

    def _refuse(self, answer: Response) -> None:
        """Answer with a refusal and read no further; end it where that would stand for another answer."""
        cycle = self.cycle
        if self.stage is Stage.REFUSED:
            return
        if cycle is not None and not cycle.response_complete:
            if self.stage is Stage.HEAD or self.pipeline or cycle.response_started:
                self.end()
                return
            cycle.disconnected = True
            cycle.message_event.set()
        self._deaf = True
        self._at(Stage.REFUSED)
        self.flow.resume_reading()  # what is left unread would take the answer away with it
        self.transport.write(written(answer, secure=self.secure, more=self.server_state.default_headers))
        if self.transport.can_write_eof():
            self.transport.write_eof()

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
        """Begin its body; what asks for an upgrade gets none, and has no body that could be told apart."""
        if self.parser.should_upgrade():
            self._deaf = True
            if self.parser.get_method() == b"CONNECT" or any(name in _BODY for name, _ in self.headers):
                raise HttpParserError
        super().on_headers_complete()
        if self._deaf:
            self.cycle.keep_alive = False
        self._at(Stage.BODY)
        self._began = self.since

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


def wire_of(proxies: tuple[Network, ...], *, secure: bool = False, most: int = MOST) -> type[Wire]:
    """Return the kind of connection of one server; `secure` when browsers reach it by TLS."""
    by_tls = secure

    class Served(Wire):
        places = Places(proxies, most=most)
        secure = by_tls

    return Served
