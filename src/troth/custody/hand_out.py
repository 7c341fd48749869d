"""Hand out: get, unseal, remember, and only then answer; for uses, access and disclosures."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from json import JSONDecoder
from operator import attrgetter
from typing import Any, NamedTuple

from troth.clock import Instant
from troth.custody.approving import consult, fingerprint
from troth.custody.asking import of_act, refusal_of
from troth.custody.desk import About, Desk
from troth.custody.keymaking import SELF
from troth.custody.plans import STORED_APART
from troth.errors import TrothError
from troth.house import House
from troth.ledger.receipt import Receipt
from troth.rules.decision import Act, ActorKind, Permit, Refusal, Request, Why
from troth.rules.record import Origin, Record, readable, sealed_as
from troth.store import records, registry
from troth.terms.kinds import KINDS
from troth.terms.vocabulary import Category, ClauseId, FieldName
from troth.vault.keyring import mark_of
from troth.vault.plaintext import Plaintext

BLOB = "blob"
_decoded = JSONDecoder().decode


@dataclass(frozen=True, slots=True)
class HandOut:
    """A request to read what is held of one category of one person (USE, ACCESS or DISCLOSE)."""

    request: Request
    about: About = field(repr=False)
    records: frozenset[bytes] = frozenset()  # the only ones that are opened; empty: all

    def __post_init__(self) -> None:
        """Raise `WrongAct` for a request of another act: a permit opens what it was asked for alone."""
        of_act(self.request, Act.USE, Act.ACCESS, Act.DISCLOSE)


@dataclass(frozen=True, slots=True)
class Held:
    """One record as it is handed out: how it came here, when it goes, and the permitted values."""

    id: bytes
    category: Category
    clause: ClauseId
    collected_at: Instant
    expires_at: Instant
    values: Mapping[FieldName, Plaintext[Any]]
    version: bytes = b""  # another one after each correction


@dataclass(frozen=True, slots=True)
class Handed:
    """The answer to a read: records, and the receipt of the line that remembers it."""

    records: tuple[Held, ...]
    receipt: Receipt
    tell: str = ""


def hand_out(desk: Desk, jobs: Sequence[HandOut]) -> list[Handed | TrothError]:
    """Serve reads: decide all, load and unseal what is permitted, remember every one."""
    if len(jobs) > 1 and any(job.request.act is Act.DISCLOSE for job in jobs):
        # Approvals serve once, so each disclosure is decided when the one before it has used its own.
        return [answer for job in jobs for answer in hand_out(desk, [job])]
    desk.find(job.about for job in jobs)
    decisions = [_admit(desk, job) for job in jobs]
    found = _load(desk, jobs, decisions)
    return [_answer(desk, job, decision, found) for job, decision in zip(jobs, decisions, strict=True)]


Found = Mapping[tuple[int, str], list[Record]]


def _admit(desk: Desk, job: HandOut) -> Permit | Refusal:
    request = job.request
    if job.about not in desk.people:
        request = replace(request, known=False)
    if request.act is Act.DISCLOSE:
        consult(desk, request, job.about)
    return desk.admit(request, job.about)


def _load(desk: Desk, jobs: Sequence[HandOut], decisions: Sequence[Permit | Refusal]) -> Found:
    """Load the records of every permitted (person, category), and open the keys they need."""
    origins = desk.house.origins
    wanted: dict[tuple[int, int], str] = {}
    keys: dict[tuple[int, str], None] = {}
    for job, decision in zip(jobs, decisions, strict=True):
        subject = desk.people.get(job.about)
        if subject is None:
            continue
        code = origins.code(job.request.category)
        if isinstance(decision, Permit) and code is not None:
            wanted[subject, code] = job.request.category
        else:
            keys[subject, SELF] = None
    found: dict[tuple[int, str], list[Record]] = {
        (subject, category): [] for (subject, _), category in wanted.items()
    }
    for record in records.of(desk.unit, list(wanted), origins):
        found[record.subject, record.origin.category].append(record)
        keys[record.subject, record.origin.kept] = None
    for (subject, _), held in found.items():
        if not held:
            keys[subject, SELF] = None
    desk.open_keys(keys)
    return found


def _answer(desk: Desk, job: HandOut, decision: Permit | Refusal, found: Found) -> Handed | TrothError:
    request = job.request
    if isinstance(decision, Refusal):
        return desk.refuse(request, decision, job.about)
    subject = desk.people[job.about]
    held = [r for r in found.get((subject, request.category), []) if (subject, r.origin.kept) in desk.keys]
    purpose = request.purpose
    own = request.act is Act.ACCESS and request.by.kind is ActorKind.SUBJECT
    if job.records:
        held = [record for record in held if record.id in job.records]
    here = [record for record in held if readable(record, purpose, desk.now, own=own)]
    if len(here) > 1:
        here.sort(key=attrgetter("collected_at", "id"))
    if not here and desk.standings[subject].grace is not None:
        return desk.refuse(request, refusal_of(Why.IN_GRACE, *decision.clauses), job.about)
    if held and not here:
        return desk.refuse(request, refusal_of(Why.EXPIRED, held[0].origin.clause), job.about)
    handed = tuple(_open(desk, record, _shown(desk.house, record.origin, decision)) for record in here)
    receipt = desk.remember_act(request, decision, subject)
    if request.act is Act.DISCLOSE:
        registry.use_approvals(desk.unit, fingerprint(desk, request, job.about))
    return Handed(handed, receipt, decision.tell)


class _Show(NamedTuple):
    """Where a value stands in its record, what it is called, and how it is shown."""

    place: int
    name: FieldName
    label: str
    mask: Callable[[Any], Any] | None
    apart: bool


def _shown(house: House, origin: Origin, permit: Permit) -> tuple[_Show, ...]:
    """Return what is shown of the records of an origin under a permit; worked out once."""
    known = house.shows.get((id(origin), id(permit)))
    if known is None:
        specs = house.book.fields[origin.category]
        shown = tuple(
            _Show(
                place,
                name,
                f"{origin.category}.{name}",
                KINDS[specs[name].type].mask if name in permit.mask else None,
                specs[name].type in STORED_APART,
            )
            for place, name in enumerate(origin.fields)
            if name in permit.fields
        )
        known = shown, origin, permit  # both live as long as their ids are used
        house.keep(house.shows, (id(origin), id(permit)), known)
    found: tuple[_Show, ...] = known[0]
    return found


def _open(desk: Desk, record: Record, shows: tuple[_Show, ...]) -> Held:
    """Unseal one record and show of it what the permit names; masked where it says so."""
    origin = record.origin
    key = desk.keys[record.subject, origin.kept]
    sealed = key.unseal(record.sealed, record=record.id, category=sealed_as(origin), schema=origin.version)
    opened = _decoded(sealed.decode("utf-8"))
    values: dict[FieldName, Plaintext[Any]] = {}
    for place, name, label, mask, apart in shows:
        shown = opened[place]
        if shown is None:
            continue
        if mask is not None:
            shown = mask(shown)
        elif apart:
            chunks = desk.house.blobs.read(shown[BLOB], under=key, about=record.id + name.encode())
            shown = b"".join(chunks)
        values[name] = Plaintext(shown, label)
    ends, version = record.expires_at, mark_of(record.sealed)
    return Held(record.id, origin.category, origin.clause, record.collected_at, ends, values, version)
