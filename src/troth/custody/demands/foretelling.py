"""Foretell: say what would become of a demand if it were filed, proven or decided now; nothing is done.

It is decided as the act itself would be: whoever may not do it is refused, and that is remembered.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

from troth.custody.asking import refusal_of
from troth.custody.demands.at_once import is_lost
from troth.custody.demands.filing import (
    Advance,
    Demand,
    advance_demands,
    due_of,
    is_ready,
    needed,
    same_open,
    strange_words,
)
from troth.custody.demands.performing import GONE, codes_of, erasure_of, take_up
from troth.custody.demands.told import told_with
from troth.custody.desk import Desk
from troth.custody.endings.erasing import Kept, preview
from troth.custody.systems.duties import concerned
from troth.errors import TrothError
from troth.rules.decision import ASSURANCES, ActorKind, Refusal, Why
from troth.rules.rights_cases import Deadline, RightsCase, Scope, rule_of
from troth.store import duties as duty_rows
from troth.terms.vocabulary import RightName

# what is carried out in the store alone, so that it can be done and undone; corrections may free a name
_REHEARSED = frozenset(
    {RightName.OBJECT, RightName.OPT_OUT, RightName.WITHDRAW, RightName.COMPLAIN, RightName.RESTRICT}
)


@dataclass(frozen=True, slots=True)
class Foretold:
    """Under which clause a demand would go, who has to do what first, and which systems would be told."""

    clause: str
    how: str  # `self`: at once; `review`: somebody decides it first
    needs: str  # how sure it must be who asks
    proven: bool  # it would be carried out, or decided, without another proof
    elsewhere: tuple[str, ...]


def foretell(desk: Desk, job: Demand) -> Foretold | TrothError:
    """Return what would become of a demand, or what would refuse it."""
    desk.find([job.about])
    request = job.request if job.about in desk.people else replace(job.request, known=False)
    decision = desk.admit(request, job.about)
    if isinstance(decision, Refusal):
        return desk.refuse(request, decision, job.about)
    right, by, subject = RightName(request.circumstance), request.by, desk.people[job.about]
    found = rule_of(desk.house.book, right, job.scope)
    strange = strange_words(desk, job.scope)
    same = same_open(desk, subject, right, job.scope)
    if found is None:
        return desk.refuse(request, refusal_of(Why.NO_CLAUSE, *decision.clauses, word=right.value), job.about)
    if same is not None:
        return desk.refuse(request, refusal_of(Why.ALREADY_OPEN, found[0], word=same.reference), job.about)
    if strange:
        return desk.refuse(request, Refusal(strange, decision.clauses), job.about)
    clause, rule = found
    needs = needed(desk.house.book, rule, by)
    level = by.assurance or needs if by.kind is ActorKind.SUBJECT else ""
    proven = bool(level) and ASSURANCES.index(level) >= ASSURANCES.index(needs)
    told = _elsewhere(desk, subject, right, job.scope)
    return Foretold(clause, rule.how, needs, proven, told)


@dataclass(frozen=True, slots=True)
class Ahead:
    """How a demand would stand after a step, and what would be carried out then."""

    case: RightsCase
    due: Deadline | None
    carried_out: bool = False  # at once; the case is as it would be after it, but for what follows
    goes: tuple[str, ...] = ()  # retention classes that would be erased
    stays: tuple[Kept, ...] = ()
    codes: tuple[str, ...] = ()  # with which it would be refused in the end
    elsewhere: tuple[str, ...] = ()  # systems that have to do it too, before it is done


def stepping(job: Advance) -> Callable[[Desk], Ahead | TrothError]:
    """Return the work that takes one step with a demand, and says what would come of it; to be undone."""

    def work(desk: Desk) -> Ahead | TrothError:
        (lodged,) = advance_demands(desk, [job])
        return lodged if isinstance(lodged, TrothError) else ahead(desk, lodged.case)

    return work


def ahead(desk: Desk, case: RightsCase) -> Ahead:
    """Return what would be carried out of a demand as it stands; some of it is done, and is to be undone."""
    if not is_ready(desk.house.book, case):
        return Ahead(case, due_of(desk, case))
    desk.find([case.subject])
    known, due = case.subject in desk.people, due_of(desk, case)
    if "done" in case.outcome:
        some = (duty.system for duty in duty_rows.of_case(desk.unit, case.id) if duty.open)
        return Ahead(case, due, carried_out=True, elsewhere=tuple(sorted(some)))
    if not known:
        codes = () if case.subject in desk.away or case.right is RightName.ERASE else (GONE,)
        return Ahead(case, due, carried_out=case.subject not in desk.away, codes=codes)
    if is_lost(desk, case):  # whoever demanded it has to be asked again
        return Ahead(case, due)
    told = _elsewhere(desk, case.subject, case.right, case.scope)
    if case.right is RightName.ERASE and "erased" not in case.outcome:
        about = told_with(desk, case).get("reference", case.subject)
        outlook = preview(desk, erasure_of(case, about))
        if isinstance(outlook, TrothError):
            return Ahead(case, due, carried_out=True, codes=codes_of(outlook))
        return Ahead(case, due, carried_out=True, goes=outlook.goes, stays=outlook.stays, elsewhere=told)
    if case.right in _REHEARSED and not told:
        after = take_up(desk, case.id).case or case
        return Ahead(after, due_of(desk, after), carried_out=True)
    return Ahead(case, due, carried_out=True, elsewhere=told)


def _elsewhere(desk: Desk, subject: int, right: RightName, scope: Scope) -> tuple[str, ...]:
    """Return the systems that would have to do it too; of a restriction of one category none is told."""
    if right is RightName.RESTRICT and (scope.category or "*") != "*":
        return ()
    return tuple(sorted(system.name for system in concerned(desk, subject, right.value)))
