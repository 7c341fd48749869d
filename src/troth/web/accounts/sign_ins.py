"""Who is signed in, in the memory of one process: what was found, what was looked for in vain, what ended.

What was being looked for while a session of the same person ended is not put back by what was found.
"""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, replace
from threading import Lock
from typing import TypeVar

from troth.clock import SECOND, Instant
from troth.rules.decision import Actor, member
from troth.terms.agreement import SignIn

FRESH = 600 * SECOND  # how long somebody counts as confirmed
MOST = 50_000  # sessions in memory; and as many tokens that open nothing
AGAIN = 60 * SECOND  # how long memory is believed before the record is looked for again

K = TypeVar("K")
V = TypeVar("V")


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Somebody who is signed in: their number, the record of the session, and when they were last sure."""

    subject: int
    record: bytes
    key: str  # hex of the hash of the token: what the record is found by
    method: str
    confirmed: Instant  # when they last proved that it is them; 0: not since this process began
    seen: Instant
    checked: Instant  # when the record was last found

    @property
    def since(self) -> Instant:
        """When it began, to the millisecond: the id of its record says so."""
        return began(self.record)

    def assurance(self, at: Instant) -> str:
        """Return how sure it is that it is them."""
        return "step_up" if self.confirmed and at - self.confirmed < FRESH else "signed_in"

    def actor(self, rule: SignIn, at: Instant) -> Actor:
        """Return who asks when they do something on our pages."""
        return member(rule.program, self.assurance(at))


class SignIns:
    """Who is signed in, in the memory of this process; the oldest is forgotten when there are too many."""

    def __init__(self) -> None:
        self._known: OrderedDict[str, SignedIn] = OrderedDict()
        self._missed: OrderedDict[str, Instant] = OrderedDict()
        self._ended: OrderedDict[int, int] = OrderedDict()  # by person: the number of the last ending
        self._endings = 0
        self._lock = Lock()

    def get(self, key: str) -> SignedIn | None:
        """Return who is known by the hash of a token."""
        with self._lock:
            return self._known.get(key)

    def mark(self) -> int:
        """Return how many endings there were until now; for `put`."""
        with self._lock:
            return self._endings

    def put(self, signed_in: SignedIn, *, since: int) -> SignedIn | None:
        """Remember a session that was found, and return it; None if one of theirs ended since a mark."""
        with self._lock:
            if self._ended.get(signed_in.subject, 0) > since:
                return None
            held = self._known.get(signed_in.key, signed_in)
            kept = replace(held, seen=signed_in.seen, checked=signed_in.checked)
            _push(self._known, kept.key, kept)
            return kept

    def renew(self, key: str, change: Callable[[SignedIn], SignedIn]) -> SignedIn | None:
        """Change a session as it is now, and return it; None when it is not known any more."""
        with self._lock:
            held = self._known.get(key)
            if held is None:
                return None
            fresh = change(held)
            _push(self._known, key, fresh)
            return fresh

    def drop(self, signed_in: SignedIn) -> None:
        """Forget a session that ended."""
        with self._lock:
            self._known.pop(signed_in.key, None)
            self._note(signed_in.subject)

    def drop_all_of(self, subject: int, *, but: str = "") -> None:
        """Forget every session of somebody, but one."""
        with self._lock:
            for key in [k for k, each in self._known.items() if each.subject == subject and k != but]:
                del self._known[key]
            self._note(subject)

    def _note(self, subject: int) -> None:
        self._endings += 1
        _push(self._ended, subject, self._endings)

    def miss(self, key: str, *, at: Instant) -> None:
        """Remember for a while that a token opens nothing."""
        with self._lock:
            self._known.pop(key, None)
            _push(self._missed, key, at)

    def is_missed(self, key: str, *, at: Instant) -> bool:
        """Whether a token was looked for in vain a moment ago."""
        with self._lock:
            missed = self._missed.get(key)
            return missed is not None and at - missed <= AGAIN


def _push(memory: OrderedDict[K, V], key: K, value: V) -> None:
    """Put a value last; the first goes when there are too many."""
    memory[key] = value
    memory.move_to_end(key)
    if len(memory) > MOST:
        memory.popitem(last=False)


def began(record: bytes) -> Instant:
    """Return when a session began: the first 48 bits of a record's id are milliseconds."""
    return int.from_bytes(record[:6], "big") * 1_000
