"""What somebody has done so far at the door is held by their own browser, sealed.

Until somebody has finished registering or signing in, nothing about them is stored here: the browser
brings the state back with each step. A flow is bound to its kind, to a nonce in a cookie of that
browser and to a time; its length tells no more than a multiple of 256 bytes.

    token = base64url(0x01 || id (16) || sealed)
    sealed = Branch.seal(state, "troth.flow", kind, bound_to, salt=id)

`Spent` is the one thing that is remembered about flows: which were used, and how often was tried.
"""

import heapq
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from threading import Lock

from troth.canonical import Plain, decode, encode
from troth.clock import Instant
from troth.errors import FlowOver, FlowRefused, NotCanonical, SealBroken, UnknownSuite
from troth.vault.keyring import Branch

VERSION = b"\x01"
ID = 16
NONCE = 32
PAGE = 256
LONGEST = 8_192  # characters of a token
REMEMBERED = 100_000
_USED = -1


@dataclass(frozen=True, slots=True)
class Flow:
    """One unfinished step, opened: its id (16 random bytes), kind, times and state."""

    id: bytes
    kind: str
    begun: Instant
    until: Instant
    state: Mapping[str, Plain] = field(repr=False)


def new_nonce() -> bytes:
    """Return 32 random bytes for the cookie that binds flows to a browser."""
    return secrets.token_bytes(NONCE)


def seal_flow(
    key: Branch, kind: str, state: dict[str, Plain], *, at: Instant, until: Instant, bound_to: bytes
) -> str:
    """Return a token (base64url text) that `open_flow` opens for the same kind and binding, before `until`.

    `bound_to` is the nonce of the browser; empty for a token that is itself the binding, such as
    that of a known device. Each token has an id of its own, so a step that seals anew begins a new
    flow. Raises `NotCanonical` for a state that is not plain values, and `ValueError` for one that
    is too long to be carried.
    """
    flow_id = secrets.token_bytes(ID)
    body = encode({"begun": at, "state": state, "until": until})
    padded = body.ljust(-(-len(body) // PAGE) * PAGE)
    token = _text(VERSION + flow_id + key.seal(padded, "troth.flow", kind, bound_to, salt=flow_id))
    if len(token) > LONGEST:
        raise ValueError("a flow that long is not carried by a form")
    return token


def open_flow(key: Branch, kind: str, token: str, *, at: Instant, bound_to: bytes) -> Flow:
    """Return the flow of a token.

    Raises `FlowRefused` when it was altered, made for another kind or another browser, or never made
    here, without saying which; `FlowOver` when it is genuine and its time has passed.
    """
    raw = _bytes(token)
    flow_id, sealed = raw[1 : 1 + ID], raw[1 + ID :]
    if raw[:1] != VERSION or len(flow_id) != ID:
        raise FlowRefused
    try:
        body = decode(key.unseal(sealed, "troth.flow", kind, bound_to, salt=flow_id).rstrip(b" "))
    except (SealBroken, UnknownSuite, NotCanonical):
        raise FlowRefused from None
    flow = Flow(flow_id, kind, body["begun"], body["until"], body["state"])
    if at >= flow.until:
        raise FlowOver(reason="expired")
    return flow


def page_of(path: str, token: str) -> str:
    """Return the address of the page on which a flow goes on: it can be opened again while the flow lasts."""
    return f"{path}?flow={token}"


class Spent:
    """Which flows were used and how often was tried, in the memory of this process, at most so many.

    Flows that began before the memory did are refused, so that a restart revives none. When the
    memory is full, the flow that began first is dropped, and from then on counts, with all that began
    before it, as from before the memory: it is refused, while whoever begins anew is not affected.
    """

    __slots__ = ("_lock", "_most", "_oldest", "_since", "_tries")

    def __init__(self, *, since: Instant, most: int = REMEMBERED) -> None:
        """Remember from the instant `since` on."""
        self._since = since
        self._most = most
        self._tries: dict[bytes, int] = {}
        self._oldest: list[tuple[Instant, bytes, Instant]] = []
        self._lock = Lock()

    def __len__(self) -> int:
        return len(self._tries)

    def use(self, flow: Flow, *, at: Instant) -> None:
        """Use a flow, which can be done once; raises `FlowOver`."""
        with self._lock:
            self._known(flow, at)
            self._tries[flow.id] = _USED

    def check(self, flow: Flow, *, at: Instant) -> None:
        """Raise `FlowOver` for a flow that was used, or of which nothing is known any more."""
        with self._lock:
            if at >= flow.until:
                raise FlowOver(reason="expired")
            if self._tries.get(flow.id) == _USED:
                raise FlowOver(reason="used")
            if flow.id not in self._tries and flow.begun < self._since:
                raise FlowOver(reason="forgotten")

    def release(self, flow: Flow) -> None:
        """Let a flow be used after all: what it was used for was not done."""
        with self._lock:
            if self._tries.get(flow.id) == _USED:
                self._tries[flow.id] = 0

    def attempt(self, flow: Flow, *, most: int, at: Instant) -> int:
        """Count a try before it is judged, and return how many are left; raises `FlowOver`."""
        with self._lock:
            tries = self._known(flow, at) + 1
            if tries > most:
                raise FlowOver(reason="tries")
            self._tries[flow.id] = tries
            return most - tries

    def _known(self, flow: Flow, at: Instant) -> int:
        """How often a flow was tried; after this it is remembered."""
        if at >= flow.until:
            raise FlowOver(reason="expired")
        if flow.id not in self._tries:
            self._remember(flow, at)
        tries = self._tries[flow.id]
        if tries == _USED:
            raise FlowOver(reason="used")
        return tries

    def _remember(self, flow: Flow, at: Instant) -> None:
        if flow.begun < self._since:
            raise FlowOver(reason="forgotten")
        self._tries[flow.id] = 0
        heapq.heappush(self._oldest, (flow.begun, flow.id, flow.until))
        while self._oldest[0][2] <= at:
            del self._tries[heapq.heappop(self._oldest)[1]]
        while len(self._tries) > self._most:
            begun, dropped, _ = heapq.heappop(self._oldest)
            del self._tries[dropped]
            self._since = max(self._since, begun + 1)
        if flow.id not in self._tries:
            raise FlowOver(reason="forgotten")


def _text(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode("ascii")


def _bytes(token: str) -> bytes:
    """Return the bytes of a token written exactly as `_text` writes them; nothing is overlooked."""
    if len(token) > LONGEST:
        raise FlowRefused
    try:
        raw = urlsafe_b64decode(token + "=" * (-len(token) % 4))
    except ValueError:
        raise FlowRefused from None
    if _text(raw) != token:
        raise FlowRefused
    return raw
