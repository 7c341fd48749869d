"""Hand out: get, unseal, remember, and only then answer; for uses, access and disclosures."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from json import JSONDecoder
from operator import attrgetter
from typing import Any, NamedTuple

from troth.clock import Instant
from troth.custody.approving import consult, fingerprint
from troth.custody.asking import of_act, refusal_of
from troth.custody.desk import About, Desk
from troth.custody.keymaking import SELF
from troth.custody.plans import MOST_PARTS, STORED_APART, stem_of
from troth.errors import BadArgument, TrothError
from troth.house import House
from troth.ledger.receipt import Receipt
from troth.rules.decision import Act, ActorKind, Permit, Refusal, Request, Why
from troth.rules.record import Origin, Record, readable, sealed_as
from troth.store import records, registry
from troth.terms.kinds import KINDS
from troth.terms.vocabulary import Category, ClauseId, FieldName
from troth.vault.blobs import BlobDirectory
from troth.vault.keyring import SubjectKey, mark_of
from troth.vault.plaintext import Closed, Plaintext

BLOB = "blob"
_decoded = JSONDecoder().decode


@dataclass(frozen=True, slots=True)
class Page:
    """A part of what is held, in the order of the records' ids: so many records at most, after one of them.

    Pictures and files come as `Apart`, to be read piece by piece once the unit is committed.
    """

    after: bytes = b""
    limit: int = 5_000

    def __post_init__(self) -> None:
        """Raise `BadArgument` for one that may be too small for all parts of one record."""
        if self.limit <= MOST_PARTS:
            raise BadArgument(name="limit", wanted=f"more than {MOST_PARTS}, the most parts of one record")


@dataclass(frozen=True, slots=True)
class HandOut:
    """A request to read what is held of one category of one person (USE, ACCESS, PORT or DISCLOSE)."""

    request: Request
    about: About = field(repr=False)
    records: frozenset[bytes] = frozenset()  # the only ones that are opened; empty: all
    page: Page | None = None

    def __post_init__(self) -> None:
        """Raise `WrongAct` for a request of another act: a permit opens what it was asked for alone."""
        of_act(self.request, Act.USE, Act.ACCESS, Act.DISCLOSE, Act.PORT)


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
    origin: Origin | None = None


@dataclass(frozen=True, slots=True)
class Handed:
    """The answer to a read: records, and the receipt of the line that remembers it."""

    records: tuple[Held, ...]
    receipt: Receipt
    tell: str = ""
    following: bytes | None = None  # of a page: after which record the next begins; None: there is none


class Apart(Closed):
    """A picture or file that is opened piece by piece; its line is in the ledger."""

    __slots__ = ("_about", "_blobs", "_key", "_name")

    def __init__(self, blobs: BlobDirectory, name: str, key: SubjectKey, about: bytes) -> None:
        self._blobs, self._name, self._key, self._about = blobs, name, key, about

    def chunks(self) -> Iterator[bytes]:
        """Give it from the beginning; raises `BlobMissing` once it is gone, and `SealBroken`."""
        return self._blobs.read(self._name, under=self._key, about=self._about)


def hand_out(desk: Desk, jobs: Sequence[HandOut]) -> list[Handed | TrothError]:
    """Serve reads: decide all, load and unseal what is permitted, remember every one."""
    if len(jobs) > 1 and any(job.request.act is Act.DISCLOSE or job.page for job in jobs):
        # Approvals serve once, so each disclosure is decided when the one before it has used its own.
        # A page is read by itself.
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
    page = jobs[0].page
    given = _paged(desk, wanted, page) if page else records.of(desk.unit, list(wanted), origins)
    for record in given:
        found[record.subject, record.origin.category].append(record)
        keys[record.subject, record.origin.kept] = None
    for (subject, _), held in found.items():
        if not held:
            keys[subject, SELF] = None
    desk.open_keys(keys)
    return found


def _paged(desk: Desk, wanted: Iterable[tuple[int, int]], page: Page) -> Iterator[Record]:
    """Yield the records of one page; of a full one without the last record, whose parts may go on."""
    for subject, code in wanted:
        found = records.after(desk.unit, subject, code, page.after, page.limit, desk.house.origins)
        if len(found) == page.limit:
            last = stem_of(found[-1].id)
            found = [record for record in found if stem_of(record.id) != last]
        yield from found


def _answer(desk: Desk, job: HandOut, decision: Permit | Refusal, found: Found) -> Handed | TrothError:
    request = job.request
    if isinstance(decision, Refusal):
        return desk.refuse(request, decision, job.about)
    subject = desk.people[job.about]
    held = [r for r in found.get((subject, request.category), []) if (subject, r.origin.kept) in desk.keys]
    purpose = request.purpose
    own = job.page is not None or (request.act is Act.ACCESS and request.by.kind is ActorKind.SUBJECT)
    if job.records:
        held = [record for record in held if record.id in job.records]
    here = [record for record in held if readable(record, purpose, desk.now, own=own)]
    if len(here) > 1:
        here.sort(key=attrgetter("collected_at", "id"))
    if not here and desk.standings[subject].grace is not None:
        return desk.refuse(request, refusal_of(Why.IN_GRACE, *decision.clauses), job.about)
    if held and not here and job.page is None:
        return desk.refuse(request, refusal_of(Why.EXPIRED, held[0].origin.clause), job.about)
    paged = job.page is not None
    handed = tuple(
        _open(desk, record, _shown(desk.house, record.origin, decision), whole=not paged) for record in here
    )
    receipt = desk.remember_act(request, decision, subject, count=len(handed) if paged else None)
    if request.act is Act.DISCLOSE:
        registry.use_approvals(desk.unit, fingerprint(desk, request, job.about))
    return Handed(handed, receipt, decision.tell, _following(job, found.get((subject, request.category), [])))


def _following(job: HandOut, found: Sequence[Record]) -> bytes | None:
    """Return after which record the next page begins; None at the end, and without pages."""
    if job.page is None or len(found) < job.page.limit - MOST_PARTS:
        return None
    return max(record.id for record in found)


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


def _open(desk: Desk, record: Record, shows: tuple[_Show, ...], *, whole: bool) -> Held:
    """Unseal one record and show of it what the permit names; masked where it says so.

    Pictures and files are read when the record is `whole`, and else left to be.
    """
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
            file = Apart(desk.house.blobs, shown[BLOB], key, record.id + name.encode())
            shown = b"".join(file.chunks()) if whole else file
        values[name] = Plaintext(shown, label)
    ends, version = record.expires_at, mark_of(record.sealed)
    return Held(record.id, origin.category, origin.clause, record.collected_at, ends, values, version, origin)
