"""Rights cases: file what a person demands, and let what happens to it follow its table of steps.

Whether somebody may demand, prove, decide or take back, the agreement says (`decide`); what may happen next,
`troth.rules.rights_cases`. Each event is a line of the ledger, in the transaction that files it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from os import urandom
from typing import Any

from troth.clock import FOREVER, Instant
from troth.custody.asking import of_act, refusal_of
from troth.custody.demands.demand_lines import line
from troth.custody.demands.noting import note
from troth.custody.demands.regimes import regimes, regimes_of
from troth.custody.demands.told import forget, sealed_for
from troth.custody.desk import About, Desk
from troth.custody.plans import misfits
from troth.custody.references import drawn
from troth.errors import TrothError
from troth.ledger.receipt import Receipt
from troth.rules.decision import (
    ASSURANCES,
    Act,
    Actor,
    ActorKind,
    Permit,
    Reason,
    Refusal,
    Request,
    Why,
)
from troth.rules.rights_cases import (
    ENDED,
    EVERYTHING,
    Deadline,
    Event,
    Happened,
    RightsCase,
    Scope,
    State,
    deadline,
    next_look,
    proof_ends,
    rule_of,
)
from troth.rules.rulebook import Rulebook
from troth.store import cases, rights_cases
from troth.terms.agreement import Protect, RightRule, Use
from troth.terms.vocabulary import Category, Circumstance, Period, RightName, covers

BY_STAFF = "filed_by_staff"
KEPT = "requests_kept"
LATE = "late"
_KEPT = Period(months=36)


@dataclass(frozen=True, slots=True)
class Demand:
    """A FILE request: what is demanded, and what the person told with it.

    `proven` says how sure it is already who asks; None: as sure as who asks is. `by` names who files it as
    people are told, where the request does not say so itself.
    """

    request: Request
    about: About = field(repr=False)
    scope: Scope = EVERYTHING
    told: Mapping[str, Any] = field(default_factory=dict, repr=False)
    proven: str | None = None
    by: str = ""

    def __post_init__(self) -> None:
        """Raise `WrongAct` for a request of another act."""
        of_act(self.request, Act.FILE)


@dataclass(frozen=True, slots=True)
class Advance:
    """A request to let something happen to a demand: a proof, a decision, or that it is taken back."""

    request: Request
    case: bytes
    event: Event
    codes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Raise `WrongAct` for a request of another act."""
        of_act(self.request, Act.VOUCH, Act.DETERMINE, Act.CANCEL)


@dataclass(frozen=True, slots=True)
class Lodged:
    """A demand as it stands now, when it is due, and the receipt of the line that says so."""

    case: RightsCase
    due: Deadline | None
    receipt: Receipt


# ---- what the agreement says of them


def clause_of(book: Rulebook, case: RightsCase) -> tuple[str, RightRule] | None:
    """Return the clause and rule that a demand rests on, where the agreement in force still has one."""
    return rule_of(book, case.right, case.scope)


def due_of(desk: Desk, case: RightsCase) -> Deadline | None:
    """Return when a demand is due, as it is now."""
    found = clause_of(desk.house.book, case)
    return deadline(case, regimes(), desk.now, promised=found[1].deadline if found else None)


def kept_for(book: Rulebook) -> Period:
    """Return how long it stays known that something was demanded, and what became of it."""
    said = _measure(book, KEPT)
    return (Period.parse(said) if said else None) or _KEPT


def _measure(book: Rulebook, name: str) -> str:
    rules = (rule for _, rule in book.agreement.rules() if isinstance(rule, Protect))
    return next((value for rule in rules for key, value in rule.measures if key == name), "")


def needed(book: Rulebook, rule: RightRule, by: Actor) -> str:
    """Return how sure it must be who asks: as the clause says, and where staff file, as theirs."""
    if by.kind is ActorKind.SUBJECT:
        return rule.assurance
    return max(rule.assurance, _measure(book, BY_STAFF) or ASSURANCES[1], key=ASSURANCES.index)


# ---- filing


def file_demands(desk: Desk, jobs: Sequence[Demand]) -> list[Lodged | TrothError]:
    """File demands, one after the other, as one may be the same as the next."""
    return [_file(desk, job) for job in jobs]


def _file(desk: Desk, job: Demand) -> Lodged | TrothError:
    desk.find([job.about])
    request = job.request if job.about in desk.people else replace(job.request, known=False)
    decision = desk.admit(request, job.about)
    if isinstance(decision, Refusal):
        return desk.refuse(request, decision, job.about)
    right, book, subject = RightName(request.circumstance), desk.house.book, desk.people[job.about]
    found = rule_of(book, right, job.scope)
    if found is None:
        return desk.refuse(request, refusal_of(Why.NO_CLAUSE, *decision.clauses, word=right.value), job.about)
    same = same_open(desk, subject, right, job.scope)
    if same is not None:
        return desk.refuse(request, refusal_of(Why.ALREADY_OPEN, found[0], word=same.reference), job.about)
    strange = strange_words(desk, job.scope)
    if not strange and right is RightName.CORRECT and job.told.get("values"):
        strange = misfits(desk.house, Category(job.scope.category or ""), job.told["values"])
    if strange:
        return desk.refuse(request, Refusal(strange, decision.clauses), job.about)
    by, rule = request.by, found[1]
    mine = by.kind is ActorKind.SUBJECT
    events = [Happened(desk.now, Event.FILED, job.by or told_as(desk, by))]
    needs = needed(book, rule, by)
    proven = (by.assurance or needs if mine else "") if job.proven is None else job.proven
    if proven:
        events.append(Happened(desk.now, Event.PROVEN, events[0].by, (proven,)))
    case = RightsCase(
        id=urandom(16),
        subject=subject,
        right=right,
        reference=drawn(right.value[:2], lambda name: rights_cases.is_known(desk.unit, name)),
        regimes=regimes_of(book.agreement.organisation, desk.standings[subject]),
        scope=job.scope,
        events=tuple(events),
        needs=needs,
    )
    rights_cases.add(desk.unit, case, look_at=look_at(desk, case), sealed=sealed_for(desk, case, job.told))
    receipt = line(desk, case, events[0], decision.clauses, actor=by)
    note(desk, case, 0)
    for event in events[1:]:
        line(desk, case, event, decision.clauses, actor=by)
    return Lodged(case, due_of(desk, case), receipt)


def strange_words(desk: Desk, scope: Scope) -> tuple[Reason, ...]:
    """Return the words of a scope that are none of the agreement's: they would stand in the ledger."""
    book, found = desk.house.book, list[Reason]()
    if scope.category not in (None, "*") and not any(covers(scope.category or "", c) for c in book.fields):
        found.append(Reason(Why.UNKNOWN_CATEGORY, (), scope.category or ""))
    found += [Reason(Why.UNKNOWN_CLASS, (), name) for name in scope.classes if name not in book.keeps]
    if scope.purpose is not None and scope.purpose not in {*book.purposes, *book.consentable}:
        found.append(Reason(Why.UNKNOWN_PURPOSE, (), scope.purpose))
    uses = (rule for _, rule in book.agreement.rules() if isinstance(rule, Use))
    if scope.channel and scope.channel not in {way for use in uses for way in use.channels}:
        found.append(Reason(Why.NO_CLAUSE, (), scope.channel))
    if scope.within and not cases.is_known(desk.unit, scope.within):
        found.append(Reason(Why.UNKNOWN_CASE, (), scope.within))
    return tuple(found)


def same_open(desk: Desk, subject: int, right: RightName, scope: Scope) -> RightsCase | None:
    """Return an open demand of the same right over the same; what is told with it may differ."""
    mine = rights_cases.of(desk.unit, subject)
    same = (one for one in mine if one.right is right and one.scope == scope and one.state not in ENDED)
    return None if right in (RightName.CORRECT, RightName.COMPLAIN) else next(same, None)


def told_as(desk: Desk, by: Actor) -> str:
    """Return who does something, as people are told: never which member of staff."""
    named, _ = desk.actor(by)
    return "self" if by.kind is ActorKind.SUBJECT else ":".join(named.split(":")[:2])


# ---- what happens to them


def advance_demands(desk: Desk, jobs: Sequence[Advance]) -> list[Lodged | TrothError]:
    """Let things happen to demands, one after the other, as one may bear on the next."""
    return [_advance(desk, job) for job in jobs]


def admitted(desk: Desk, request: Request, number: bytes) -> tuple[RightsCase, Request, Permit] | TrothError:
    """Decide a request about one demand: return it, the request with what is known of it, and the permit.

    Otherwise return the refusal, which is remembered.
    """
    case = rights_cases.one(desk.unit, number)
    if case is None:
        return desk.refuse(request, refusal_of(Why.UNKNOWN_CASE), None)
    request = replace(request, circumstance=Circumstance(case.right.value), case=case.reference)
    desk.find([case.subject])
    if case.subject not in desk.people:
        request = replace(request, known=False)
    decision = desk.admit(request, case.subject)
    if isinstance(decision, Refusal):
        return desk.refuse(request, decision, case.subject)
    return case, request, decision


def _advance(desk: Desk, job: Advance) -> Lodged | TrothError:
    found = admitted(desk, job.request, job.case)
    if isinstance(found, TrothError):
        return found
    case, request, decision = found
    if job.event is Event.PROVEN and request.by.kind is ActorKind.SUBJECT and request.by.assurance:
        job = replace(job, codes=(request.by.assurance,))
    kept = _kept_from(desk, case, job, decision.clauses)
    if kept is not None:
        return desk.refuse(request, kept, case.subject)
    happened = Happened(desk.now, job.event, told_as(desk, request.by), job.codes)
    after, receipt = happen(desk, case, happened, decision.clauses, actor=request.by)
    return Lodged(after, due_of(desk, after), receipt)


def _kept_from(desk: Desk, case: RightsCase, job: Advance, clauses: Sequence[str]) -> Refusal | None:
    """Return why something may not happen to a demand that its clause would let happen; else None."""
    if not case.may(job.event):
        if not case.is_proven and replace(case, needs="").may(job.event):
            return refusal_of(Why.ASSURANCE_MISSING, *clauses, word=case.needs)
        return refusal_of(Why.WRONG_STATE, *clauses, word=case.state.value)
    by = job.request.by
    if job.event is Event.CANCELLED and not _is_theirs(desk, case, by):
        return refusal_of(Why.NOT_BY, *clauses, word=told_as(desk, by))
    if job.event is Event.REVIEWED and is_ready(
        desk.house.book, case
    ):  # its clause wants nobody to decide it
        return refusal_of(Why.WRONG_STATE, *clauses, word=case.state.value)
    due = due_of(desk, case) if job.event is Event.EXTENDED else None
    if (
        due is not None and due.at <= desk.now
    ):  # more time is told before the end (GDPR Art. 12(3)), or is none
        return refusal_of(Why.WRONG_STATE, *clauses, word=LATE)
    return None


def _is_theirs(desk: Desk, case: RightsCase, by: Actor) -> bool:
    """Whether somebody may take a demand back: its person, and whoever filed it until it is proven.

    What its person wants is refused with a reason, by whoever may decide it, and never taken back for them.
    """
    if by.kind is ActorKind.SUBJECT:
        return True
    return not case.was_proven and case.events[0].by == told_as(desk, by)


def happen(
    desk: Desk, case: RightsCase, event: Happened, clauses: Sequence[str], *, actor: Actor | None = None,
    letter: bool = True,
) -> tuple[RightsCase, Receipt]:  # fmt: skip
    """File one event of a demand with its line, and note who is to be told; `letter`: also by a letter.

    Raises `ValueError` where its table has no such step.
    """
    after = replace(case, events=(*case.events, event))
    rights_cases.happened(desk.unit, after, look_at=look_at(desk, after))
    note(desk, after, len(case.events), letter=letter)
    if after.state in ENDED:
        forget(desk, after)
    return after, line(desk, after, event, clauses, actor=actor)


def look_at(desk: Desk, case: RightsCase) -> Instant:
    """Return when a sweep is to look at a demand: at once while there is work that nobody has to decide."""
    if case.ended_at is not None:
        return kept_for(desk.house.book).after(case.ended_at)
    if is_ready(desk.house.book, case):
        return desk.now
    found = clause_of(desk.house.book, case)
    look = next_look(case, regimes(), desk.now, promised=found[1].deadline if found else None)
    return min(look or FOREVER, proof_ends(case) or FOREVER)


def is_ready(book: Rulebook, case: RightsCase) -> bool:
    """Whether the engine itself can go on with a demand: it is proven, and nobody has to decide it first."""
    if case.state is State.WORKING:
        return True
    found = clause_of(book, case)
    reviewed = found is None or found[1].how == "review"
    return case.state is State.RECEIVED and case.is_proven and not reviewed
