"""Sign-in sessions: begun, found by the cookie's token, confirmed anew, ended; sealed like all that is held.

A session is a record of the category that the `sign_in` rule names. Its token is 256 random bits in a
cookie; what is stored is a hash of it. The memory of the process spares a read for each page: whoever is
not in it is found by the blind index and read once, as often as a place may try. Ending one removes the
record and the memory at once; what was asked meanwhile puts nothing back.
"""

import secrets
from base64 import urlsafe_b64encode
from contextlib import suppress
from dataclasses import dataclass, replace
from hashlib import sha256

from troth.acts import collect, find, rights, use
from troth.clock import DAY, SECOND, Instant, iso
from troth.custody.frameless import frameless
from troth.errors import Absent, BadValue, Denied, NotSignedIn, TooManyAttempts
from troth.rules.decision import Actor, member, program
from troth.rules.rulebook import Intake
from troth.teller import Teller
from troth.terms.agreement import SignIn
from troth.terms.kinds import KINDS
from troth.terms.vocabulary import FieldName
from troth.web.accounts.sign_ins import AGAIN, SignedIn, SignIns, began
from troth.web.credentials.limits import Limits

TOKEN = 32  # bytes
LONGEST = 14 * DAY  # of a session; its record's own end comes from the clause
IDLE = 12 * 3_600 * SECOND  # how long a session lives without a page


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
    """Begin a session; return its token, which is told to nobody else, and who is signed in by it.

    Of browser and address, what is not of its type is left out: no header keeps anybody from signing in.
    """
    token = urlsafe_b64encode(secrets.token_bytes(TOKEN)).rstrip(b"=").decode("ascii")
    key = key_of(token)
    circumstance, intake = next(
        (when, intake)
        for (category, when), intake in teller.house.book.intakes.items()
        if category == rule.sessions
    )
    spare = {"browser": browser, "address": address}
    values = {"key": key, "started": iso(at - at % SECOND), "method": method}
    values |= {name: said for name, said in spare.items() if said and fits(intake, name, said)}
    offer = collect.offering(
        by=program(rule.program), about=subject, category=rule.sessions, when=circumstance, values=values
    )
    since = sign_ins.mark()
    (taken,) = await teller.ask_soon(collect.taking([offer]))
    if isinstance(taken, Exception):
        raise taken
    signed_in = SignedIn(subject, taken.records[0], key, method, at, at, at)
    sign_ins.put(signed_in, since=since)
    return token, signed_in


def fits(intake: Intake, name: str, value: object) -> bool:
    """Whether there is such a field, and a value is of its type."""
    spec = intake.specs.get(FieldName(name))
    if spec is None:
        return False
    try:
        KINDS[spec.type].accepts(value, spec)
    except BadValue:
        return False
    return True


async def resume(
    teller: Teller, sign_ins: SignIns, rule: SignIn, token: str, *, limits: Limits, network: str, at: Instant
) -> SignedIn | None:
    """Return who is signed in by a token, or None; the record is looked for once a minute.

    A token that memory does not know counts as an attempt from its place until its record is found. Raises
    `TooManyAttempts` when it is not looked for: that says nothing of the token.
    """
    key = key_of(token)
    while True:
        known = sign_ins.get(key)
        if known is not None and (at - known.seen > IDLE or at - known.since > LONGEST):
            await end(teller, sign_ins, rule, known, by=program(rule.program))
            return None
        if known is not None and at - known.checked <= AGAIN:
            return sign_ins.renew(key, lambda held: replace(held, seen=at))
        if known is None:
            if sign_ins.is_missed(key, at=at):
                return None
            verdict = limits.take("session", network, at=at)
            if not verdict.allowed:
                raise TooManyAttempts(wait=verdict.wait)
        since = sign_ins.mark()
        found = await _found(teller, rule, key, at=at)
        if found is None:
            sign_ins.miss(key, at=at)
            return None
        if known is None:
            limits.give_back("session", network, at=at)
        kept = sign_ins.put(found, since=since)
        if kept is not None:
            return kept


async def _found(teller: Teller, rule: SignIn, key: str, *, at: Instant) -> SignedIn | None:
    """Return whose session has a key, if its record is there and not over."""
    job = find.finding(
        by=program(rule.program), field=f"{rule.sessions}.key", value=key, purpose=rule.purpose
    )
    people = (await teller.ask_soon(job)).people
    if len(people) != 1 or at - began(people[0][1]) > LONGEST:
        return None
    (subject, record) = people[0]
    return SignedIn(subject, record, key, "", 0, at, at)


def confirm(sign_ins: SignIns, signed_in: SignedIn, *, at: Instant) -> SignedIn:
    """Note that somebody proved anew that it is them; raises `NotSignedIn` when it ended meanwhile."""
    sure = sign_ins.renew(signed_in.key, lambda held: replace(held, confirmed=at))
    if sure is None:
        raise NotSignedIn
    return sure


async def end(
    teller: Teller, sign_ins: SignIns, rule: SignIn, signed_in: SignedIn, *, by: Actor | None = None
) -> None:
    """End a session: its record is removed, and its token opens nothing any more."""
    by = by or member(rule.program, "signed_in")
    job = rights.removing(by=by, about=signed_in.subject, category=rule.sessions, records=[signed_in.record])
    try:
        with suppress(Absent, Denied):  # it is gone already, or its person is
            await teller.ask_soon(job)
    finally:
        sign_ins.drop(signed_in)


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
