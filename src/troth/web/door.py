"""The door of the server: who may come in, how much they may bring, and what every answer carries.

A pure ASGI layer around everything: the host is ours, bodies are bounded, the address is the true one
where a proxy is believed, headers of security are on each answer, and each request leaves one line in
the log. A line holds names of our own and numbers: the route as it is declared, never the path, no
query, no header, no address, no name of anybody. There is no way for a value of a person into it.
"""

import re
import secrets
import traceback
from collections.abc import Iterable, Iterator
from http import HTTPStatus
from time import perf_counter
from typing import Any, Final

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from troth.gates.addresses import is_loopback
from troth.settings import Network
from troth.web.forms import MOST_BODY
from troth.web.logs import log
from troth.web.problems import plain
from troth.web.proxies import true_address

CONTENT: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; "
    "connect-src 'self'; manifest-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
HEADERS: Final = {
    "content-security-policy": CONTENT,
    "referrer-policy": "no-referrer",
    "permissions-policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}
TRANSPORT: Final = "max-age=63072000; includeSubDomains"  # two years
_PLAIN: Final = [(name.encode("ascii"), value.encode("ascii")) for name, value in HEADERS.items()]
_SECURE: Final = [*_PLAIN, (b"strict-transport-security", TRANSPORT.encode("ascii"))]
LONGEST_PATH = 2_000
WATCHED: Final = frozenset({"/health", "/ready"})
_PORT: Final = re.compile(r":[0-9]{1,5}\Z")
MOST_HEADERS = 100
MOST_COOKIES = 8 * 1024  # bytes
CHUNK = 64 * 1024  # bytes of an answer that are given out together
SLACK = 1024 * 1024  # bytes beyond the largest body, so that whoever reads it can say that it is too large


class Door:
    """The outermost layer of the application."""

    def __init__(
        self, app: ASGIApp, *, hosts: frozenset[str], proxies: tuple[Network, ...], secure: bool
    ) -> None:
        self._app = app
        self._hosts = hosts
        self._proxies = proxies
        self._secure = secure
        self._ids = _ids()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let one request in, or refuse it cheaply."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        peer = scope["client"][0] if scope.get("client") else ""
        scope["troth.address"] = true_address(peer, headers.getlist("x-forwarded-for"), self._proxies)
        scope["troth.id"] = next(self._ids)
        answer = _Answer(scope, send, secure=self._secure)
        start = perf_counter()
        try:
            refusal = self._refusal(scope, headers)
            if refusal is not None:
                await refusal(scope, receive, answer)
            else:
                await self._app(scope, _Bounded(receive), answer)
        except Exception as problem:  # noqa: BLE001 - the edge: what nobody expected ends here, without its text
            _tell(scope, problem)
            if not answer.begun:
                await plain(500, "web.unexpected", "something went wrong; it was noted")(
                    scope, receive, answer
                )
        finally:
            _note(scope, answer, perf_counter() - start)

    def _refusal(self, scope: Scope, headers: Headers) -> Any:  # noqa: ANN401 - a response, or None
        if not self._is_here(headers.getlist("host"), scope["path"]):
            return plain(400, "web.wrong-host", "this host name is none of ours")
        if len(scope["raw_path"] if scope.get("raw_path") else scope["path"]) > LONGEST_PATH:
            return plain(400, "web.long-path", "the address is too long")
        if len(headers.raw) > MOST_HEADERS or sum(map(len, headers.getlist("cookie"))) > MOST_COOKIES:
            return plain(431, "web.long-head", "there are too many headers or cookies")
        length = headers.get("content-length")
        if length is not None and (not length.isascii() or not length.isdecimal() or len(length) > 12):
            return plain(400, "web.bad-length", "the length is no number")
        if "content-encoding" in headers:
            return plain(415, "web.encoded", "send it without a content encoding")
        return None

    def _is_here(self, hosts: list[str], path: str) -> bool:
        """Whether a host is ours; whoever watches us from this machine may ask for loopback instead."""
        if len(hosts) != 1:
            return False
        host = hosts[0].lower()
        return host in self._hosts or (path in WATCHED and is_loopback(_PORT.sub("", host).strip("[]")))


class _Answer:
    """The way back: puts the headers on, and counts."""

    __slots__ = ("_scope", "_secure", "_send", "begun", "bytes", "status")

    def __init__(self, scope: Scope, send: Send, *, secure: bool) -> None:
        self._scope, self._send, self._secure = scope, send, secure
        self.begun, self.status, self.bytes = False, 500, 0

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.begun, self.status = True, message["status"]
            given = message.get("headers", ())
            named = {name for name, _ in given}
            ours = [pair for pair in (_SECURE if self._secure else _PLAIN) if pair[0] not in named]
            mark = (b"x-request-id", self._scope["troth.id"].encode("ascii"))
            message["headers"] = [*given, *ours, mark]
        elif message["type"] == "http.response.body":
            body = message.get("body", b"")
            self.bytes += len(body)
            for start in range(CHUNK, len(body), CHUNK):  # all but the last
                given = body[start - CHUNK : start]
                await self._send({"type": "http.response.body", "body": given, "more_body": True})
            if len(body) > CHUNK:
                message["body"] = body[(len(body) - 1) // CHUNK * CHUNK :]
        await self._send(message)


class _Bounded:
    """The way in: ends when more comes than anybody takes."""

    __slots__ = ("_had", "_receive")

    def __init__(self, receive: Receive) -> None:
        self._receive, self._had = receive, 0

    async def __call__(self) -> Message:
        message = await self._receive()
        if message["type"] == "http.request":
            self._had += len(message.get("body", b""))
            if self._had > MOST_BODY + SLACK:
                return {"type": "http.disconnect"}
        return message


def written(answer: Response, *, secure: bool, more: Iterable[tuple[bytes, bytes]] = ()) -> bytes:
    """Return an answer as it is sent where the application was not asked, with what every answer carries."""
    ours = _SECURE if secure else _PLAIN
    lines = [*more, *answer.raw_headers, *ours, (b"connection", b"close")]
    phrase = HTTPStatus(answer.status_code).phrase.encode("ascii")
    head = b"".join(b"%b: %b\r\n" % line for line in lines)
    return b"HTTP/1.1 %d %b\r\n%b\r\n%b" % (answer.status_code, phrase, head, bytes(answer.body))


def _ids() -> Iterator[str]:
    """Yield names for requests: random, drawn many at a time, as each draw asks the kernel."""
    while True:
        drawn = secrets.token_hex(8 * 256)
        yield from (drawn[n : n + 16] for n in range(0, len(drawn), 16))


def _note(scope: Scope, answer: _Answer, seconds: float) -> None:
    if "troth.trial" in scope:  # set in this process alone: nobody asked, we try our own pages
        return
    route = scope.get("route") or scope.get("endpoint")
    log(
        "request",
        id=scope["troth.id"],
        method=scope["method"] if scope["method"].isalpha() and len(scope["method"]) < 10 else "-",
        route=str(getattr(route, "path", "-")),
        status=answer.status,
        bytes=answer.bytes,
        microseconds=int(seconds * 1_000_000),
    )


def _tell(scope: Scope, problem: Exception) -> None:
    """Log where something unexpected arose: its type and the places in the code, never its text."""
    frames = traceback.extract_tb(problem.__traceback__)[-6:]
    log(
        "failure",
        id=scope["troth.id"],
        type=type(problem).__name__,
        within=[f"{frame.filename.rpartition('/')[2]}:{frame.lineno}" for frame in frames],
    )
