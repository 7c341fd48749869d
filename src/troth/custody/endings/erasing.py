"""Erase: decide, destroy the keys, remove what they opened, read back, remember.

Three transactions, so that a crash anywhere is resumed and nothing is said before it is true:

1. in the store: the decision, an erasure row, the line `erasure.begun`; a person who goes whole is found
   by nobody from here on;
2. in the keystore: the keys are deleted, and from here on nobody can read, whatever copy they have;
3. in the store: rows, tokens and files are removed, the line `erasure.done` is written.

The first is here, the others are in `troth.custody.endings.finishing`.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from os import urandom

from troth.clock import Instant
from troth.custody.asking import of_act, refusal_of
from troth.custody.desk import LEAVE, About, Desk
from troth.custody.endings.finishing import finish_of, origins_of
from troth.custody.endings.leaving import start
from troth.custody.keymaking import OWN
from troth.custody.labels import doubt
from troth.custody.systems import duties
from troth.errors import RowBroken, TrothError
from troth.gates.systems.system import ERASE
from troth.ledger.entry import Entry
from troth.ledger.receipt import Receipt
from troth.rules.decision import ENTRY_KIND, TIME, Act, Permit, Reason, Refusal, Request, Why
from troth.rules.record import Fate, Origin, ends_after, fates
from troth.rules.rulebook import class_of
from troth.rules.standing import write
from troth.store import (
    belongings,
    erasures,
    registry,
    repeats,
    rights_cases,
)
from troth.terms.vocabulary import Category, ClauseId, RetentionClass, covers
from troth.vault.keyring import KeyRow

WHOLE = "whole"  # the circumstance of an erasure of which nothing stays, as the ledger says it


@dataclass(frozen=True, slots=True)
class Erase:
    """An ERASE request; of everything, or of some retention classes."""

    request: Request
    about: About = field(repr=False)
    classes: frozenset[RetentionClass] = frozenset()
    case_id: bytes = b""  # of the demand that it carries out, if any

    def __post_init__(self) -> None:
        """Raise `WrongAct` for a request of another act: a permit opens what it was asked for alone."""
        of_act(self.request, Act.ERASE)


@dataclass(frozen=True, slots=True)
class Kept:
    """A retention class that stays, until when (`FOREVER`: until somebody ends a hold), and why."""

    kept: RetentionClass
    until: Instant
    clause: str
    why: str


@dataclass(frozen=True, slots=True)
class Begun:
    """An erasure that is under way: what goes, what stays, and the line that says so."""

    id: bytes
    subject: int
    classes: tuple[RetentionClass, ...]
    whole: bool
    stays: tuple[Kept, ...]
    receipt: Receipt


@dataclass(frozen=True, slots=True)
class Gone:
    """What an erasure did: a receipt that holds no personal data."""

    erased: tuple[RetentionClass, ...]
    stays: tuple[Kept, ...]
    whole: bool
    records: int
    files: int
    begun: Receipt
    done: Receipt  # of the closing line; of the opening one when another process closed it


@dataclass(frozen=True, slots=True)
class Outlook:
    """What an erasure would do: the classes that would go, those that would stay, and under which clauses."""

    goes: tuple[RetentionClass, ...]
    stays: tuple[Kept, ...]
    whole: bool
    clauses: tuple[ClauseId, ...]


def preview(desk: Desk, job: Erase) -> Outlook | TrothError:
    """Return what an erasure would do now; nothing is done, and only a refusal is remembered."""
    found = decided(desk, job)
    if isinstance(found, TrothError):
        return found
    return found[1]


def begin(desk: Desk, job: Erase) -> Begun | TrothError:
    """Decide an erasure and note it, to be finished whatever happens."""
    desk.find([job.about])
    finish_of(desk, desk.people.values())
    found = decided(desk, job)
    if isinstance(found, TrothError):
        return found
    request, outlook, keys = found
    subject = desk.people[job.about]
    commitment = desk.commitment(row.commitment for kept, row in keys.items() if kept in outlook.goes)
    tell_elsewhere(desk, job, outlook)
    return enter(desk, request, outlook, subject, commitment, leaves=_leaves(desk, job, subject))


def tell_elsewhere(
    desk: Desk, job: Erase, outlook: Outlook, *, put_off: bool = False, case_id: bytes = b""
) -> None:
    """Note what other systems have to erase (GDPR Art. 17(2), 19), while it is known by what they know them.

    Where it is put off, nothing is asked of them before somebody says so.
    """
    subject, request = desk.people[job.about], job.request
    systems = duties.concerned(desk, subject, ERASE)
    if systems:
        book = desk.house.book
        going = {word for kept in outlook.goes for word in book.keep(kept)[1].of}
        some = [name for name in book.fields if any(covers(word, name) for word in going)]
        duties.note(
            desk,
            case_id=job.case_id or case_id or urandom(16),
            subject=subject,
            act=ERASE,
            known=duties.known_by(desk, job.about, systems, by=request.by, case=request.case),
            categories=() if outlook.whole else some,
            systems=systems,
            put_off=put_off,
        )


def enter(
    desk: Desk, request: Request, outlook: Outlook, subject: int, commitment: str, *, leaves: bool
) -> Begun:
    """Note an erasure that is decided, to be finished whatever happens; `commitment` is of its keys."""
    goes, stays, whole = outlook.goes, outlook.stays, outlook.whole
    line = _line(desk, "erasure.begun", request, outlook.clauses, subject, goes)
    if request.by is TIME:  # whose keys are sealed away has no name: what it commits to leads to who it was
        line = replace(line, commitment=commitment)
    receipt = desk.remember(replace(line, circumstance=WHOLE if whole else None))
    if not whole and leaves:
        _leave(desk, request, outlook, subject)
    erasure = note(desk, subject, goes, outlook.clauses, commitment, whole=whole)
    return Begun(erasure, subject, goes, whole, stays, receipt)


def note(
    desk: Desk,
    subject: int,
    goes: Sequence[str],
    clauses: Sequence[str],
    commitment: str,
    *,
    whole: bool,
) -> bytes:
    """Note an erasure, to be finished whatever happens, and return its id; `commitment` is of its keys.

    Who goes whole is found by nobody from here on, so nothing is added while they go.
    """
    if not whole:
        for category, specs in desk.house.book.fields.items():
            if any(category in desk.house.book.keep(RetentionClass(kept))[1].of for kept in goes):
                doubt(desk, subject, category, specs)
    erasure = urandom(16)
    closing = json.dumps({"clauses": clauses, "keys": commitment})  # not hashed
    erasures.begin(
        desk.unit, (erasure, subject, json.dumps(goes), int(whole), closing, desk.now)  # not hashed
    )  # fmt: skip
    if whole:  # from here on nobody finds the person, so nothing is added while they go
        rights_cases.look_of(desk.unit, subject, desk.now)
        registry.drop_names(desk.unit, subject)
        registry.remove_subject(desk.unit, subject, desk.now)
        repeats.drop_of(desk.unit, [subject])
    return erasure


def _leaves(desk: Desk, job: Erase, subject: int) -> bool:
    """Whether a person leaves with an erasure: whoever wants everything gone stays in nothing."""
    return not job.classes and desk.standings[subject].left is None


def _leave(desk: Desk, request: Request, outlook: Outlook, subject: int) -> None:
    """Let a person leave, so that what has to stay ends when its period after leaving does."""
    desk.standings[subject] = after = replace(desk.standings[subject], left=desk.now)
    registry.set_standing(desk.unit, subject, write(after))
    book, origins = desk.house.book, desk.house.origins
    running = [stay.kept for stay in outlook.stays if book.keep(stay.kept)[1].event == LEAVE]
    numbers = origins_of(desk, subject, running) if running else ()
    start(desk, subject, belongings.of_origins(desk.unit, subject, numbers, origins))
    left = replace(request, act=Act.LEAVE)
    desk.remember(_line(desk, ENTRY_KIND[Act.LEAVE], left, outlook.clauses, subject, ()))


def decided(desk: Desk, job: Erase) -> tuple[Request, Outlook, dict[str, KeyRow]] | TrothError:
    """Decide an erasure, and what it does to each class; the error of a refusal is remembered.

    Returns the person's keys too. However many records there are, it looks at those only that may stay.
    """
    desk.find([job.about])
    request = job.request if job.about in desk.people else replace(job.request, known=False)
    decision = _decide(desk, request, job)
    if isinstance(decision, Refusal):
        return desk.refuse(request, decision, job.about)
    subject = desk.people[job.about]
    book, standing = desk.house.book, desk.standings[subject]
    keys = desk.key_rows(subject)
    origins = belongings.present(desk.unit, subject, desk.house.origins)
    named = frozenset(RetentionClass(kept) for kept in keys if not kept.startswith(OWN))
    held = named | {origin.kept for origin in origins.values()}
    if not all(map(book.knows, held)):
        raise RowBroken(table="keys")
    wanted = frozenset(kept for kept in held if not job.classes or class_of(kept) in job.classes)
    maybe = frozenset(fate.kept for fate in fates(book, standing, wanted, now=desk.now) if not fate.erase)
    some = {n: o for n, o in origins.items() if o.kept in maybe}
    ends = _last_ends(desk, subject, some, maybe, leaves=_leaves(desk, job, subject))
    over = frozenset(kept for kept in maybe if ends.get(kept, 0) <= desk.now)
    plan = fates(book, standing, wanted, over, desk.now)
    until = {f.kept: ends[f.kept] if _is_duty(f) else f.until for f in plan if not f.erase}
    stays = tuple(Kept(f.kept, until[f.kept], f.clause, f.why) for f in plan if not f.erase)
    goes = tuple(f.kept for f in plan if f.erase)
    whole = not stays and wanted == held
    if not goes and not whole:
        return desk.refuse(request, _nothing(plan, decision), job.about)
    return request, Outlook(goes, stays, whole, decision), keys


def _decide(desk: Desk, request: Request, job: Erase) -> tuple[ClauseId, ...] | Refusal:
    """Return the clauses that allow it: for everything, or every category of every class named."""
    if not job.classes:
        decision = desk.admit(replace(request, category=Category("*")), job.about)
        return decision if isinstance(decision, Refusal) else decision.clauses
    strange = sorted(job.classes - desk.house.book.keeps.keys())
    if strange:
        return Refusal(tuple(Reason(Why.UNKNOWN_CLASS, (), kept) for kept in strange))
    categories = [c for kept in sorted(job.classes) for c in desk.house.book.keeps[kept][1].of]
    known = [c for c in desk.house.book.fields if any(covers(word, c) for word in categories)]
    if not known:
        return refusal_of(Why.UNKNOWN_CLASS, word=", ".join(sorted(job.classes)))
    decisions = [desk.admit(replace(request, category=c), job.about) for c in known]
    refusals = [d for d in decisions if isinstance(d, Refusal)]
    if refusals:
        reasons = tuple(dict.fromkeys(r for refusal in refusals for r in refusal.reasons))
        return Refusal(reasons, tuple(c for refusal in refusals for c in refusal.considered))
    return tuple(dict.fromkeys(c for d in decisions if isinstance(d, Permit) for c in d.clauses))


def _last_ends(
    desk: Desk, subject: int, some: Mapping[int, Origin], classes: frozenset[RetentionClass], *, leaves: bool
) -> dict[RetentionClass, Instant]:
    """Return the last expiry of what a person has of some classes, as it is once they left where they do.

    Of a class of which no record is where it should be, every record is looked at: one may be misfiled.
    """
    unit, origins = desk.unit, desk.house.origins
    last = belongings.last_ends(unit, subject, some, origins)
    if classes - {origin.kept for origin in some.values()}:
        last = belongings.every_end(unit, subject, origins)
    ends: dict[RetentionClass, Instant] = {}
    for number, end in last.items():
        origin = origins.by_number[number]
        kept, keep = origin.kept, desk.house.book.keep(origin.kept)[1]
        if kept in classes:
            after = ends_after(origin, keep, end, desk.now) if leaves and keep.event == LEAVE else end
            ends[kept] = max(ends.get(kept, 0), after)
    return ends


def _nothing(plan: Sequence[Fate], clauses: tuple[ClauseId, ...]) -> Refusal:
    """Return the refusal of an erasure of which every class must stay."""
    reasons = tuple(
        Reason(Why.DUTY if _is_duty(fate) else Why.HELD, (fate.clause,), fate.kept) for fate in plan
    )
    return Refusal(reasons or (Reason(Why.NO_CLAUSE, clauses, "nothing is held"),), clauses)


def _is_duty(fate: Fate) -> bool:
    """Whether it is a duty that keeps a class, and not a matter."""
    return fate.why.startswith("duty")


def _line(
    desk: Desk, kind: str, request: Request, clauses: tuple[ClauseId, ...], subject: int, goes: Sequence[str]
) -> Entry:
    actor, behalf = desk.actor(request.by)
    return Entry(
        at=desk.now,
        kind=kind,
        actor=actor,
        on_behalf_of=behalf,
        act=request.act.value,
        outcome="permitted",
        subject=desk.pseudonym(subject),
        fields=tuple(goes),
        clauses=clauses,
        agreement=desk.house.book.agreement.version,
        case=request.case or None,
    )
