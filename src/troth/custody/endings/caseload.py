"""What time does to cases: it ends one that nobody moves, and removes one of which nothing is left."""

from collections.abc import Iterator

from troth.clock import DAY, SECOND, Instant
from troth.custody.cases import machine_of, moved, prove
from troth.custody.desk import Desk
from troth.errors import Broken
from troth.ledger.entry import Entry
from troth.rules.cases import Case, Side
from troth.store import cases
from troth.terms.agreement import CaseRule, Keep
from troth.terms.vocabulary import ClauseId, covers

CHUNK = 1_000
_SLACK = 3 * DAY  # a month is reckoned as 30.44 days, and no count of them is as far off as that


def settle(desk: Desk, limit: int = CHUNK) -> int:
    """End and remove up to about `limit` cases whose time is over; return how many.

    A case that has not ended is ended by time once nobody moved it for as long as the longest class that
    waits for its end may last. One that has ended goes when no record belongs to it any more, and the
    longest class of its categories has passed since its last step.
    """
    done = 0
    for clause, rule in desk.house.book.cases.values():
        if done < limit:
            done += _end(desk, clause, rule, limit - done)
        if done < limit:
            done += _remove(desk, clause, rule, limit - done)
    return done


def _classes(desk: Desk, rule: CaseRule) -> Iterator[Keep]:
    """Yield the classes in which what belongs to a case is kept."""
    book = desk.house.book
    for _, keep in book.keeps.values():
        if any(covers(a, b) or covers(b, a) for a in rule.of for b in keep.of):
            yield keep


def _since(desk: Desk, keeps: list[Keep]) -> Instant:
    """Return an instant from which the longest of some classes has passed."""
    periods = [keep.maximum or keep.period for keep in keeps]
    return desk.now - max((period.roughly() for period in periods), default=0) * SECOND - _SLACK


def _end(desk: Desk, clause: ClauseId, rule: CaseRule, limit: int) -> int:
    machine, keeps = machine_of(rule), list(_classes(desk, rule))
    until = _since(desk, [keep for keep in keeps if keep.event and keep.event == rule.event] or keeps)
    ended = 0
    for step in machine.steps:
        if Side.TIME in step.sides and step.before not in machine.ended and ended < limit:
            for case in cases.idle(desk.unit, rule.name, step.before, until, limit - ended):
                desk.find([case.subject])
                after = moved(desk, case, rule, step.after)
                desk.remember(_line(desk, clause, after))
                ended += 1
    return ended


def _line(desk: Desk, clause: ClauseId, case: Case) -> Entry:
    try:
        subject = desk.pseudonym(case.subject)
    except Broken:  # an altered key: it is said without a name
        subject = None
    return Entry(
        at=desk.now,
        kind="case.moved",
        actor="time",
        act="move",
        outcome="done",
        subject=subject,
        circumstance=case.name,
        fields=(case.state,),
        clauses=(clause,),
        agreement=desk.house.book.agreement.version,
        case=case.reference,
    )


def _remove(desk: Desk, clause: ClauseId, rule: CaseRule, limit: int) -> int:
    machine, until = machine_of(rule), _since(desk, list(_classes(desk, rule)))
    gone: list[Case] = []
    for state in sorted(machine.ended):
        gone += cases.empty(desk.unit, rule.name, state, until, limit - len(gone))
    if gone:
        cases.remove(desk.unit, gone)
        desk.find(case.subject for case in gone)
        for subject in {case.subject for case in gone if case.state == machine.label}:
            prove(desk, subject, rule)
        desk.remember(
            Entry(
                at=desk.now,
                kind="case.removed",
                actor="time",
                act="expire",
                outcome="done",
                circumstance=rule.name,
                clauses=(clause,),
                agreement=desk.house.book.agreement.version,
                count=len(gone),
                commitment=desk.commitment(case.id for case in gone),
            )
        )
    return len(gone)
