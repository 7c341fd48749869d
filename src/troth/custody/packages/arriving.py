"""Arriving: a package of another provider that somebody lets come here, until it is taken in or turned away.

The person gets a code that names the arrival for an hour; whoever has it may bring one package. It is sealed
under the person's own key while it comes, read back and judged, and answered with a receipt that our ledger's
key signs. Nothing of it is used: taking it in is the person's own act, for which the agreement is asked.
"""

import json
from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from os import urandom
from secrets import token_urlsafe
from typing import Any

from troth.clock import DAY, SECOND, Instant, iso
from troth.custody.desk import About, Desk
from troth.custody.keymaking import PACKAGES, SELF
from troth.custody.packages import parcels
from troth.custody.packages.covering import line
from troth.custody.packages.packing import signed
from troth.errors import NotAbout, PackageGone, TooManyWaiting, TrothError
from troth.house import House
from troth.ledger.entry import Entry
from troth.rules.decision import Act, Actor, Refusal, Request
from troth.store import arrivals as rows
from troth.store.arrivals import AWAITED, HERE, TAKEN, ArrivalRow
from troth.terms.vocabulary import ARRIVAL, Category
from troth.vault.blobs import new_name
from troth.vault.keyring import SubjectKey

HOUR = 3_600 * SECOND  # how long the code counts
LASTS = 7 * DAY  # what came, until somebody takes it in
MOST = 5  # that one person awaits, or has here, at a time
BEGUN = DAY // 2  # what is being taken in: what was done of it is known for a day (`repeating.KEPT`)
RECEIPT = "troth-receipt/1"
_CODE = 24  # bytes
_KIND = "troth.arrival.outcome"


@dataclass(frozen=True, slots=True)
class Awaited:
    """An arrival that is awaited: the code that names it, which is told once, and until when it counts."""

    id: bytes
    code: str = field(repr=False)
    ends_at: Instant


@dataclass(frozen=True, slots=True)
class Arrival:
    """An arrival as it stands; `outcome` says by category what was taken in and what was not."""

    id: bytes
    subject: int
    sender: str
    state: str
    size: int
    made_at: Instant
    ends_at: Instant
    outcome: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Incoming:
    """A package on its way in: where it goes, and under which key."""

    row: ArrivalRow
    key: SubjectKey = field(repr=False)
    known: bool  # it came before: what comes now has to be the same


def taken_here(house: House) -> tuple[Category, ...]:
    """Return the categories that a clause of the agreement takes in from what somebody brings along."""
    return tuple(dict.fromkeys(category for category, when in house.book.intakes if when == ARRIVAL))


def expect(desk: Desk, by: Actor, about: About) -> Awaited | TrothError:
    """Let a package come, where any clause takes something of one in; else it is refused.

    Raises `TooManyWaiting`: each that came takes room on the disk until it is over.
    """
    desk.find([about])
    some = taken_here(desk.house)
    for category in some or (Category(""),):
        known = about in desk.people
        request = Request(Act.COLLECT, by, category, circumstance=ARRIVAL, known=known)
        decision = desk.admit(request, about)
        if not isinstance(decision, Refusal):
            break
    if isinstance(decision, Refusal):
        return desk.refuse(request, decision, about)
    subject, code = desk.people[about], token_urlsafe(_CODE)
    here = (r for r in rows.of(desk.unit, subject) if r.state in (AWAITED, HERE) and r.ends_at > desk.now)
    if len(list(here)) >= MOST:
        raise TooManyWaiting(most=MOST)
    desk.need_keys([(subject, PACKAGES)])
    row = ArrivalRow(
        urandom(16), subject, _token(desk.house, code), "", "", 0, bytes(32), AWAITED, desk.now,
        desk.now + HOUR, "{}",
    )  # fmt: skip
    rows.add(desk.unit, row)
    desk.remember(line(desk, "arrival.awaited", request, subject, decision.clauses, 0))
    return Awaited(row.arrival, code, row.ends_at)


def begin(desk: Desk, code: str) -> Incoming:
    """Let a package in that a code names; whoever comes with the same code later takes over.

    Raises `PackageGone` for a code that names nothing, or no more.
    """
    row = rows.by_token(desk.unit, _token(desk.house, code))
    if row is None or row.state not in (AWAITED, HERE) or row.ends_at <= desk.now:
        raise PackageGone
    desk.open_keys([(row.subject, PACKAGES)])
    key = desk.keys.get((row.subject, PACKAGES))
    if key is None:
        raise PackageGone
    if row.state == HERE:
        return Incoming(row, key, known=True)
    if row.blob:
        desk.house.blobs.remove(row.blob)
    row = row._replace(blob=new_name())
    rows.put(desk.unit, row)
    return Incoming(row, key, known=False)


def arrived(desk: Desk, incoming: Incoming, *, sender: str, size: int, digest: bytes) -> bytes:
    """Note that a package is here, and return its receipt; `digest` is its SHA-256.

    Raises `PackageGone` when the person was erased meanwhile, or somebody else came with the same code.
    """
    row = rows.one(desk.unit, incoming.row.arrival)
    keyed = _keyed(desk.house, digest)
    if row is not None and row.state == HERE and row.digest == keyed:
        said = json.loads(row.outcome)
        return _receipt(desk.house, row, digest, at=str(said["at"]), entry=said["entry"])
    if row is None or row.state != AWAITED or row.blob != incoming.row.blob or incoming.known:
        raise PackageGone
    entry = Entry(
        at=desk.now, kind="arrival.received", actor="program", act="collect", outcome="done",
        subject=desk.pseudonym(row.subject), agreement=desk.house.book.agreement.version, count=size,
        commitment=b64encode(keyed).decode("ascii"),  # and not the sender: their name is their text
    )  # fmt: skip
    number = desk.remember(entry).entry
    moment = iso(desk.now)
    told = {"at": moment, "entry": number}
    row = row._replace(
        sender=sender, size=size, digest=keyed, state=HERE, ends_at=desk.now + LASTS,
        outcome=json.dumps(told),  # not hashed
    )  # fmt: skip
    rows.put(desk.unit, row)
    return _receipt(desk.house, row, digest, at=moment, entry=number)


def _receipt(house: House, row: ArrivalRow, digest: bytes, *, at: str, entry: int) -> bytes:
    return signed(house, receipt_of(house.signer.name, row.sender, digest, row.size, at=at, entry=entry))


def receipt_of(log: str, sender: str, digest: bytes, size: int, *, at: str, entry: int | str) -> str:
    """Return the text of a receipt: who got it, from whom, which bytes, when, and where it is remembered."""
    return f"{RECEIPT}\n{log}\nfrom {sender}\nsha256:{digest.hex()}\nsize {size}\nat {at}\nentry {entry}\n"


def turn_away(desk: Desk, incoming: Incoming) -> None:
    """Keep nothing of a package that is none, or was cut off; the code counts on."""
    desk.house.blobs.remove(incoming.row.blob)
    row = rows.one(desk.unit, incoming.row.arrival)
    if row is not None and row.state == AWAITED and row.blob == incoming.row.blob:
        rows.put(desk.unit, row._replace(blob=""))


def opened(desk: Desk, arrival: bytes, about: About) -> Incoming:
    """Return an arrival that is here, with its key, for its person. Raises `PackageGone`, `NotAbout`."""
    desk.find([about])
    row = rows.one(desk.unit, arrival)
    subject = desk.people.get(about)
    if row is None or subject is None or row.state != HERE or row.ends_at <= desk.now:
        raise PackageGone
    if row.subject != subject:
        raise NotAbout(number=0)
    desk.open_keys([(subject, PACKAGES)])
    if (subject, PACKAGES) not in desk.keys:
        raise PackageGone
    return Incoming(row, desk.keys[subject, PACKAGES], known=True)


def begun(desk: Desk, arrival: bytes, about: About) -> Incoming:
    """Do as `opened` does, and let what is taken in now be gone on with for half a day at most."""
    incoming = opened(desk, arrival, about)
    row = incoming.row
    rows.put(desk.unit, row._replace(ends_at=min(row.ends_at, desk.now + BEGUN)))
    return incoming


def close(
    desk: Desk, arrival: bytes, *, by: Actor | None, outcome: Mapping[str, Any], state: str = TAKEN
) -> None:
    """End an arrival; what was made of it stays known for a while. `parcels.clear` comes next.

    It is sealed under the person's own key: the names in it are the sender's, who may write what they like.
    """
    row = rows.one(desk.unit, arrival)
    if row is None or row.state not in (AWAITED, HERE):
        raise PackageGone
    told = json.loads(row.outcome)
    if outcome:
        desk.need_keys([(row.subject, SELF)])
        said = json.dumps(dict(outcome)).encode("ascii")  # not hashed
        sealed = desk.keys[row.subject, SELF].seal(said, record=arrival, category=_KIND, schema=1)
        told["sealed"] = b64encode(sealed).decode("ascii")
    until = max(row.ends_at, row.made_at + LASTS) if state == TAKEN else row.ends_at
    rows.put(desk.unit, row._replace(state=state, ends_at=until, outcome=json.dumps(told)))  # not hashed
    actor, behalf = desk.actor(by) if by else ("time", None)
    desk.remember(
        Entry(
            at=desk.now, kind=f"arrival.{state}", actor=actor, on_behalf_of=behalf, act="collect",
            outcome="done", subject=desk.pseudonym(row.subject),
            agreement=desk.house.book.agreement.version,
        )
    )  # fmt: skip


def of(desk: Desk, subject: int) -> tuple[Arrival, ...]:
    """Return the arrivals of a person as they stand, oldest first."""
    desk.open_keys([(subject, SELF)])
    key = desk.keys.get((subject, SELF))
    found = (told(row, key) for row in rows.of(desk.unit, subject))
    return tuple(
        replace(each, state="over") if each.state in (AWAITED, HERE) and each.ends_at <= desk.now else each
        for each in found
    )


def told(row: ArrivalRow, key: SubjectKey | None) -> Arrival:
    """Return an arrival as it stands, without where it is; what was made of it needs the person's key."""
    said = json.loads(row.outcome)
    sealed = said.pop("sealed", "")
    if sealed and key is not None:
        said |= json.loads(key.unseal(b64decode(sealed), record=row.arrival, category=_KIND, schema=1))
    return Arrival(row.arrival, row.subject, row.sender, row.state, row.size, row.made_at, row.ends_at, said)


def expire(desk: Desk, limit: int = 100) -> int:
    """End arrivals whose time is over, with what came; those that ended long ago are forgotten."""
    found = rows.over(desk.unit, desk.now, limit)
    for row in found:
        if row.state in (AWAITED, HERE):
            close(desk, row.arrival, by=None, outcome={}, state="refused")
    parcels.clear(desk, {row.subject for row in found})
    for row in found:
        rows.drop(desk.unit, row.arrival)
    return len(found)


def _token(house: House, code: str) -> bytes:
    return house.keyring.branch("arrivals").digest("code", code)


def _keyed(house: House, digest: bytes) -> bytes:
    return house.keyring.branch("arrivals").digest("package", digest)
