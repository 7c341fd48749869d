"""Replay what people demanded after a copy: every event of a demand is a line, and so the demand is known.

What they told with it is not in the ledger. A correction or a complaint that is still open waits for somebody
who asks them again; any other goes on by itself.
"""

from dataclasses import replace
from os import urandom

from troth.clock import FOREVER
from troth.custody.demands.filing import look_at
from troth.custody.demands.regimes import regimes_of
from troth.custody.desk import Desk
from troth.custody.systems.duties import forget_keys
from troth.ledger.entry import Entry
from troth.rules.decision import ASSURANCES, ENTRY_KIND, Act
from troth.rules.rights_cases import ENDED, STEPS, Event, Happened, RightsCase, Scope, State, rule_of
from troth.rules.standing import NEWCOMER
from troth.store import duties, rights_cases
from troth.terms.vocabulary import Category, Purpose, RightName

FILED = ENTRY_KIND[Act.FILE]
DEMANDS = frozenset({FILED, *(ENTRY_KIND[a] for a in (Act.VOUCH, Act.DETERMINE, Act.CANCEL)), "right.moved"})
SETTLED = ENTRY_KIND[Act.SETTLE]
TOLD_WITH = frozenset({RightName.CORRECT, RightName.COMPLAIN})  # what they are about, no line says


def replay_demand(desk: Desk, subject: int | None, entry: Entry) -> bool:
    """Replay one line of a demand; return whether somebody has to look at it.

    `subject` is the person of the copy whom it names, if any.
    """
    case = rights_cases.named(desk.unit, entry.case or "")
    happened = Happened(entry.at, Event(entry.fields[0]), _told_as(entry), entry.reasons)
    if case is None:
        if entry.kind != FILED or subject is None:
            return False
        case = _filed(desk, subject, entry, happened)
        rights_cases.add(desk.unit, case, look_at=FOREVER, sealed=b"")
        return case.right in TOLD_WITH
    if happened in case.events or (case.state, happened.event) not in STEPS:
        return False
    after = replace(case, events=(*case.events, happened))
    rights_cases.happened(desk.unit, after, look_at=FOREVER)
    if after.state in ENDED:
        rights_cases.forget_told(desk.unit, case.id)
    return (
        after.state is State.WORKING and case.right is RightName.ERASE and happened.event is Event.PERFORMED
    )


def replay_settled(desk: Desk, number: int, entry: Entry) -> None:
    """Settle again, in a copy, what was settled by hand after it."""
    case = rights_cases.named(desk.unit, entry.case or "")
    if case is None:
        return
    for duty in duties.of_case(desk.unit, case.id):
        if duty.open and duty.system == entry.recipient:
            code, by = next(iter(entry.reasons), ""), _told_as(entry)
            after = replace(
                duty, state=duties.SETTLED, due_at=FOREVER, sealed=b"", code=code, settled_by=by, entry=number
            )
            duties.put(desk.unit, after)
    forget_keys(desk, [case.subject])


def go_on(desk: Desk) -> None:
    """Let every demand be looked at when it is due: nothing is gone on with before all is replayed."""
    for case in rights_cases.every(desk.unit):
        rights_cases.look(desk.unit, case.id, look_at(desk, case))


def _filed(desk: Desk, subject: int, entry: Entry, happened: Happened) -> RightsCase:
    book, right = desk.house.book, RightName(entry.circumstance or "")
    said = dict(word.split(":", 1) for word in entry.fields[1:] if not word.startswith("class:"))
    scope = Scope(
        category=Category(entry.category) if entry.category else None,
        classes=tuple(word.removeprefix("class:") for word in entry.fields[1:] if word.startswith("class:")),
        purpose=Purpose(entry.purpose) if entry.purpose else None,
        channel=said.get("channel", ""),
        within=said.get("within", ""),
    )
    found = rule_of(book, right, scope)
    return RightsCase(
        id=urandom(16),
        subject=subject,
        right=right,
        reference=entry.case or "",
        regimes=regimes_of(book.agreement.organisation, desk.standings.get(subject, NEWCOMER)),
        scope=scope,
        events=(happened,),
        needs=found[1].assurance if found and happened.by == "self" else ASSURANCES[1],
    )


def _told_as(entry: Entry) -> str:
    """Return who did something, as people are told."""
    if entry.on_behalf_of or entry.actor == "self":
        return "self"
    return ":".join(entry.actor.split(":")[:2])
