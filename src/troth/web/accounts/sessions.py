"""Sign-in sessions: begun, found by the cookie's token, confirmed anew, ended; sealed like all that is held.

A session is a record of the category that the `sign_in` rule names. Its token is 256 random bits in a
cookie; what is stored is a hash of it. The memory of the process spares a read for each page: whoever is
not in it is found by the blind index and read once. Ending one removes the record and the memory at
once; sessions are ended everywhere when their record is gone.
"""

import secrets
from base64 import urlsafe_b64encode
from collections import OrderedDict
from dataclasses import dataclass, replace
from hashlib import sha256
from threading import Lock

from troth.acts import collect, find, rights, use
from troth.clock import DAY, SECOND, Instant, iso
from troth.custody.frameless import frameless
from troth.errors import Absent, Denied
from troth.rules.decision import Actor, member, program
from troth.teller import Teller
from troth.terms.agreement import SignIn
from troth.terms.vocabulary import FieldName

TOKEN = 32  # bytes
FRESH = 600 * SECOND  # how long somebody counts as confirmed
LONGEST = 14 * DAY  # of a session; its record's own end comes from the clause
IDLE = 12 * 3_600 * SECOND  # how long a session lives without a page
MOST = 50_000  # sessions in memory
AGAIN = 60 * SECOND  # how long memory is believed before the record is looked for again


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
        self._lock = Lock()

    def get(self, key: str) -> SignedIn | None:
        """Return who is known by the hash of a token."""
        with self._lock:
            return self._known.get(key)

    def put(self, signed_in: SignedIn) -> None:
        """Remember a session as it is now."""
        with self._lock:
            self._known[signed_in.key] = signed_in
            self._known.move_to_end(signed_in.key)
            while len(self._known) > MOST:
                self._known.popitem(last=False)

    def drop(self, key: str) -> None:
        """Forget a session."""
        with self._lock:
            self._known.pop(key, None)

    def drop_all_of(self, subject: int, *, but: str = "") -> None:
        """Forget every session of somebody, but one."""
        with self._lock:
            for key in [k for k, each in self._known.items() if each.subject == subject and k != but]:
                del self._known[key]


def began(record: bytes) -> Instant:
    """Return when a session began: the first 48 bits of a record's id are milliseconds."""
    return int.from_bytes(record[:6], "big") * 1_000


def key_of(token: str) -> str:
    """Return what a session is found by: the SHA-256 of its token (256 random bits), in hex."""
    return sha256(token.encode("ascii", "replace")).hexdigest()


@frameless
async def begin(
    teller: Teller,
    sign_ins: SignIns,
    rule: SignIn,
    subject: int,
    *,
    method: str,
    browser: str = "",
    address: str = "",
    at: Instant,
) -> tuple[str, SignedIn]:
    """Begin a session; return its token, which is told to nobody else, and who is signed in by it."""
    token = urlsafe_b64encode(secrets.token_bytes(TOKEN)).rstrip(b"=").decode("ascii")
    key = key_of(token)
    circumstance = next(
        when for (category, when), _ in teller.house.book.intakes.items() if category == rule.sessions
    )
    values = {"key": key, "started": iso(at - at % SECOND), "method": method}
    if browser:
        values["browser"] = browser
    if address:
        values["address"] = address
    offer = collect.offering(
        by=program(rule.program), about=subject, category=rule.sessions, when=circumstance, values=values
    )
    (taken,) = await teller.ask_soon(collect.taking([offer]))
    if isinstance(taken, Exception):
        raise taken
    signed_in = SignedIn(subject, taken.records[0], key, method, at, at, at)
    sign_ins.put(signed_in)
    return token, signed_in


async def resume(
    teller: Teller, sign_ins: SignIns, rule: SignIn, token: str, *, at: Instant
) -> SignedIn | None:
    """Return who is signed in by a token, or None; the record is looked for once a minute."""
    key = key_of(token)
    known = sign_ins.get(key)
    if known is not None and (at - known.seen > IDLE or at - known.since > LONGEST):
        await end(teller, sign_ins, rule, known, by=program(rule.program))
        return None
    if known is None or at - known.checked > AGAIN:
        found = await teller.ask_soon(
            find.finding(
                by=program(rule.program), field=f"{rule.sessions}.key", value=key, purpose=rule.purpose
            )
        )
        if len(found.people) != 1:
            sign_ins.drop(key)
            return None
        (subject, record) = found.people[0]
        if at - began(record) > LONGEST:
            sign_ins.drop(key)
            return None
        known = known or SignedIn(subject, record, key, "", 0, at, at)
        known = replace(known, checked=at)
    known = replace(known, seen=at)
    sign_ins.put(known)
    return known


def confirm(sign_ins: SignIns, signed_in: SignedIn, *, at: Instant) -> SignedIn:
    """Note that somebody proved anew that it is them."""
    sure = replace(signed_in, confirmed=at)
    sign_ins.put(sure)
    return sure


async def end(
    teller: Teller, sign_ins: SignIns, rule: SignIn, signed_in: SignedIn, *, by: Actor | None = None
) -> None:
    """End a session: its record is removed, and its token opens nothing any more."""
    sign_ins.drop(signed_in.key)
    by = by or member(rule.program, "signed_in")
    job = rights.removing(by=by, about=signed_in.subject, category=rule.sessions, records=[signed_in.record])
    try:
        await teller.ask_soon(job)
    except (Absent, Denied):
        return  # it is gone already, or its person is


@dataclass(frozen=True, slots=True)
class Session:
    """One session as its person sees it."""

    record: bytes
    started: str
    method: str
    browser: str
    address: str
    expires_at: Instant
    here: bool


async def sessions_of(
    teller: Teller, rule: SignIn, signed_in: SignedIn, *, at: Instant
) -> tuple[Session, ...]:
    """Return somebody's sessions that are not over, latest first; read, and remembered, for signing in."""
    job = use.reading(
        by=program(rule.program), about=signed_in.subject, category=rule.sessions, purpose=rule.purpose
    )
    handed = await teller.ask_soon(job)
    found = []
    for held in handed.records:
        if at - began(held.id) > LONGEST:
            continue
        values = {name: str(value.reveal()) for name, value in held.values.items()}
        found.append(
            Session(
                held.id,
                values.get(FieldName("started"), ""),
                values.get(FieldName("method"), ""),
                values.get(FieldName("browser"), ""),
                values.get(FieldName("address"), ""),
                held.expires_at,
                held.id == signed_in.record,
            )
        )
    return tuple(sorted(found, key=lambda each: each.started, reverse=True))


async def end_one(
    teller: Teller, sign_ins: SignIns, rule: SignIn, signed_in: SignedIn, record: bytes
) -> None:
    """End one of somebody's sessions, wherever it runs."""
    job = rights.removing(
        by=member(rule.program, "signed_in"),
        about=signed_in.subject,
        category=rule.sessions,
        records=[record],
    )
    await teller.ask_soon(job)
    sign_ins.drop_all_of(signed_in.subject, but=signed_in.key if record != signed_in.record else "")


async def end_others(teller: Teller, sign_ins: SignIns, rule: SignIn, signed_in: SignedIn) -> int:
    """End every session of somebody but the one they are in; return how many."""
    job = use.reading(
        by=program(rule.program),
        about=signed_in.subject,
        category=rule.sessions,
        fields=["key"],
        purpose=rule.purpose,
    )
    handed = await teller.ask_soon(job)
    others = [held.id for held in handed.records if held.id != signed_in.record]
    if others:
        by = member(rule.program, "signed_in")
        await teller.ask_soon(
            rights.removing(by=by, about=signed_in.subject, category=rule.sessions, records=others)
        )
    sign_ins.drop_all_of(signed_in.subject, but=signed_in.key)
    return len(others)
