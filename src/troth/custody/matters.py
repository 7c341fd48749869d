"""Matters: place a hold, end it, move its end; and end what time has ended. Each is a line, and at once so.

A matter is known by its reference and its reason. Placing a hold opens it when it is new; the same words
again add to it. It ends for everybody at its end, by the instant alone; a sweep then writes that down.
"""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from troth.clock import FOREVER, Instant, iso
from troth.custody import lines
from troth.custody.asking import of_act, refusal_of
from troth.custody.desk import About, Desk
from troth.custody.keymaking import SELF
from troth.errors import BadArgument, MatterUnlike, TrothError
from troth.ledger.entry import Entry, is_name
from troth.ledger.receipt import Receipt
from troth.rules.decide import decide, key_of
from troth.rules.decision import NO_CATEGORY, Act, Actor, Permit, Refusal, Request, Why
from troth.rules.matters import UNTOLD, owner_of
from troth.rules.standing import NEWCOMER, Hold, Standing, write
from troth.store import leaving, registry
from troth.store import matters as filed
from troth.store.matters import Matter
from troth.terms.vocabulary import ClauseId, RetentionClass

ACTS = frozenset({Act.HOLD, Act.RELEASE})  # those about one person
CHUNK = 500  # holds that are ended in one unit


@dataclass(frozen=True, slots=True)
class Terms:
    """What a matter is opened with; what is left out it has already, or by default."""

    until: Instant | None = None  # None: until somebody ends it
    owner: str = ""  # the role that may end it; empty: that of whoever opens it
    untold: str = ""  # the legal ground not to tell people of it; it requires an end


@dataclass(frozen=True, slots=True)
class Retime:
    """A RETIME request: the end of a matter moves for everybody whom it holds."""

    request: Request
    until: Instant | None  # None: it ends now

    def __post_init__(self) -> None:
        """Raise `WrongAct` for a request of another act."""
        of_act(self.request, Act.RETIME)


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What placing or ending a hold would do."""

    matter: Matter  # as it would be, or as it is
    new: bool  # it would be opened
    classes: tuple[RetentionClass, ...]  # that it holds
    people: int  # whom it holds now


def is_untold(desk: Desk, request: Request, terms: Terms) -> bool:
    """Whether an act on a hold is of a matter of which the person may not be told."""
    if request.act not in ACTS:
        return False
    it = filed.one(desk.unit, request.case, request.reason)
    return bool(terms.untold or (it is not None and it.untold))


def change(desk: Desk, request: Request, permit: Permit, subject: int, terms: Terms) -> Receipt | TrothError:
    """Place or end a hold of a person that was permitted."""
    before = desk.standings[subject]
    one = (request.case, request.reason)
    others = tuple(hold for hold in before.holds if (hold.matter, hold.reason) != one)
    if request.act is Act.HOLD:
        it, new = _placed(desk, request, terms)
        if isinstance(it, TrothError):
            return it
        if new:
            filed.open_one(desk.unit, it)
        _set(desk, subject, replace(before, holds=(*others, hold_of(desk, it))))
        return desk.remember(_line(desk, request, permit, subject, it))
    it = filed.one(desk.unit, *one) or Matter(*one, "", 0)
    if not _may_end(desk, request.by, it):
        about = None if it.untold else subject
        return desk.refuse(request, _not_by(request, permit.clauses), about)
    _set(desk, subject, replace(before, holds=others))
    filed.close_empty(desk.unit)
    return desk.remember(_line(desk, request, permit, subject, it))


def foresee(desk: Desk, request: Request, about: About, terms: Terms) -> Foreseen | TrothError:
    """Return what placing or ending a hold would do; nothing is done, and only a refusal is remembered."""
    desk.find([about])
    asked, decision = desk.admit_known(request, about)
    if isinstance(decision, Refusal):
        return desk.refuse(asked, decision, None if is_untold(desk, request, terms) else about)
    here = filed.one(desk.unit, request.case, request.reason)
    it: Matter | TrothError = here or Matter(request.case, request.reason, "", 0)
    new = False
    if request.act is Act.HOLD:
        it, new = _placed(desk, request, terms)
    elif here is not None and not _may_end(desk, request.by, here):
        return desk.refuse(asked, _not_by(request, decision.clauses), None if here.untold else about)
    if isinstance(it, TrothError):
        return it
    people = next(
        (m.people for m in filed.every(desk.unit) if (m.matter, m.reason) == (it.matter, it.reason)), 0
    )
    return Foreseen(it, new, tuple(sorted(classes_of(desk, it.reason))), people)


def retime_matters(desk: Desk, jobs: Sequence[Retime]) -> list[Receipt | TrothError]:
    """Move the ends of matters, each as its owner, one after the other."""
    return [_retime(desk, job.request, job.until) for job in jobs]


def _retime(desk: Desk, request: Request, until: Instant | None) -> Receipt | TrothError:
    if not is_name(request.case):
        return desk.refuse(request, refusal_of(Why.MALFORMED, word="case"), None)
    decision = decide(desk.house.book, request, NEWCOMER, desk.facts)
    if isinstance(decision, Refusal):
        return desk.refuse(request, decision, None)
    it = filed.one(desk.unit, request.case, request.reason)
    if it is None or it.ends_at <= desk.now:
        return MatterUnlike(matter=request.case, what="is not open")
    if not _may_end(desk, request.by, it):
        return desk.refuse(request, _not_by(request, decision.clauses), None)
    end = desk.now if until is None else until
    if until is not None and until <= desk.now:
        return BadArgument(name="until", wanted="an instant to come; to end it now, end the matter")
    if it.untold and end >= FOREVER:
        return BadArgument(name="until", wanted="an end: people are told of this matter when it ends")
    filed.set_end(desk.unit, it.matter, it.reason, end)
    return desk.remember(_line(desk, request, decision, None, replace(it, ends_at=end)))


def end_over(desk: Desk, limit: int = CHUNK) -> int:
    """End up to `limit` holds whose matter is over, each with its line; return how many."""
    rows = filed.over(desk.unit, desk.now, limit)
    ended: dict[int, list[tuple[str, str]]] = {}
    for subject, matter, reason in rows:
        ended.setdefault(subject, []).append((matter, reason))
    desk.find(ended)
    with suppress(TrothError):  # what does not open is tried again, each by itself
        desk.open_keys((subject, SELF) for subject in ended)
    for subject, some in ended.items():
        before = desk.standings.get(subject)
        if before is None:
            filed.set_holds(desk.unit, subject, ())
            continue
        holds = tuple(hold for hold in before.holds if (hold.matter, hold.reason) not in some)
        _set(desk, subject, replace(before, holds=holds))
        for matter, reason in some:
            desk.remember(_ended(desk, subject, matter, reason))
    filed.close_empty(desk.unit)
    return len(rows)


def listed(desk: Desk, by: Actor) -> tuple[Matter, ...] | TrothError:
    """Return the matters that are open for reasons for which somebody may hold; it names nobody.

    Whoever may hold for no reason is refused, which is remembered.
    """
    book = desk.house.book
    reasons = sorted({reason for _, keep in book.keeps.values() for reason in keep.holds})
    asked = [Request(Act.HOLD, by, case="matters", reason=reason) for reason in reasons]
    decisions = [(each, decide(book, each, NEWCOMER, desk.facts)) for each in asked]
    may = {each.reason for each, decision in decisions if isinstance(decision, Permit)}
    if not may:
        for each, decision in decisions:
            if isinstance(decision, Refusal):
                return desk.refuse(each, decision, None)
    return tuple(it for it in filed.every(desk.unit) if it.ends_at > desk.now and it.reason in may)


def hold_of(desk: Desk, it: Matter) -> Hold:
    """Return the hold of a matter, on every class whose clause names its reason."""
    some = classes_of(desk, it.reason)
    return Hold(it.matter, it.reason, some, it.owner, it.opened_at, it.ends_at, it.untold)


def classes_of(desk: Desk, reason: str) -> frozenset[RetentionClass]:
    """Return the retention classes that may be held for a reason."""
    return frozenset(keep.name for _, keep in desk.house.book.keeps.values() if reason in keep.holds)


def file_holds(desk: Desk, subject: int, after: Standing) -> None:
    """File which classes of a person are held, by which matters."""
    every = desk.house.book.keeps.keys()
    filed.set_holds(
        desk.unit,
        subject,
        [(kept, hold.matter, hold.reason) for hold in after.holds for kept in hold.classes or every],
    )


def _set(desk: Desk, subject: int, after: Standing) -> None:
    desk.standings[subject] = after
    registry.set_standing(desk.unit, subject, write(after))
    file_holds(desk, subject, after)
    leaving.look(desk.unit, subject, desk.now)


def _placed(desk: Desk, request: Request, terms: Terms) -> tuple[Matter | TrothError, bool]:
    """Return the matter that a hold is placed for, and whether it is new; or why it cannot be."""
    it = filed.one(desk.unit, request.case, request.reason)
    if it is None:
        return _opened(desk, request, terms), True
    if it.ends_at <= desk.now:
        return MatterUnlike(matter=it.matter, what="has ended, and waits for a sweep"), False
    said = ((terms.until, it.ends_at, "end"), (terms.owner, it.owner, "owner"), (terms.untold, it.untold, ""))
    for given, has, what in said:
        if given and given != has:
            other = f"is open with another {what}" if what else "is open with another ground not to tell"
            return MatterUnlike(matter=it.matter, what=other), False
    return it, False


def _opened(desk: Desk, request: Request, terms: Terms) -> Matter | TrothError:
    owner = terms.owner or owner_of(request.by)
    until = FOREVER if terms.until is None else terms.until
    if until <= desk.now:
        return BadArgument(name="until", wanted="an instant to come")
    if terms.untold and until >= FOREVER:
        return BadArgument(name="untold", wanted="an end beside it: nobody is left untold for ever")
    if owner not in _owners(desk, request):
        return BadArgument(name="owner", wanted="a role that the clause lets hold for this reason")
    return Matter(request.case, request.reason, owner, desk.now, until, terms.untold)


def _owners(desk: Desk, request: Request) -> Iterable[str]:
    """Return who may own a matter for a reason: whom the clauses let hold for it."""
    cell = desk.house.book.cells[request.act, NO_CATEGORY, key_of(request)]
    for grant in cell.grants:
        yield from grant.by.roles
        yield from (f"program:{name}" for name in grant.by.programs)


def _may_end(desk: Desk, by: Actor, it: Matter) -> bool:
    """Whether somebody may end a matter: its owner, or once it is over or has none, whoever may hold."""
    return not it.owner or it.ends_at <= desk.now or owner_of(by) == it.owner


def _not_by(request: Request, clauses: tuple[ClauseId, ...]) -> Refusal:
    by = owner_of(request.by)
    word = by.replace(":", " ") if by.startswith("program:") else f"role {by}"
    return refusal_of(Why.NOT_BY, *clauses, word=word)


def _line(desk: Desk, request: Request, permit: Permit, subject: int | None, it: Matter) -> Entry:
    """Return the line of an act on a hold: with it a restore knows the matter as it was."""
    entry = lines.of_act(desk.house, desk.now, request, permit, None)
    if request.act is Act.RELEASE:
        return replace(entry, case=it.matter, subject=desk.pseudonym(subject))
    other = it.owner != owner_of(request.by)
    return replace(
        entry,
        subject=desk.pseudonym(subject),
        case=it.matter,
        circumstance=None if it.ends_at >= FOREVER else iso(it.ends_at),
        reasons=(it.reason, UNTOLD + it.untold) if it.untold else (it.reason,),
        on_behalf_of=(it.owner if it.owner.startswith("program:") else f"staff:{it.owner}")
        if other
        else None,
    )


def _ended(desk: Desk, subject: int, matter: str, reason: str) -> Entry:
    """Return the line of a hold that time ended; it names nobody whose key is away or does not open."""
    who = None
    with suppress(TrothError):
        who = desk.pseudonym(subject)
    book = desk.house.book
    return Entry(
        at=desk.now,
        kind="hold.ended",
        actor="time",
        act=Act.RELEASE.value,
        outcome="done",
        subject=who,
        clauses=tuple(clause for clause, keep in book.keeps.values() if reason in keep.holds),
        agreement=book.agreement.version,
        reasons=(reason,),
        case=matter,
    )
