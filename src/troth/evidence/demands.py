"""What people demanded, as the store and the ledger tell of it: in time, proven first, and done as said."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from troth.clock import Instant
from troth.custody.demands.filing import due_of, kept_for
from troth.custody.desk import Desk
from troth.evidence.status import CheckResult, Status, judged
from troth.ledger.entry import Entry
from troth.rules.rights_cases import SOON, Event, RightsCase, State
from troth.store import duties, rights_cases
from troth.terms.agreement import RightRule
from troth.terms.vocabulary import RightName

KINDS = frozenset({"right.filed", "right.proven", "right.determined", "right.cancelled", "right.moved"})
_WORK = frozenset({Event.REVIEWED.value, Event.GRANTED.value, Event.BEGUN.value})


@dataclass(slots=True)
class Line:
    """What one line of the ledger says of a demand: what happened, and whether the person did it themself."""

    event: str
    own: bool


Lines = dict[str, list[Line]]  # by the reference of the demand


def follow(lines: Lines, entry: Entry) -> None:
    """Keep what a line says of a demand."""
    own = entry.actor == "self" or entry.on_behalf_of == "self"
    lines[entry.case or ""].append(Line(entry.fields[0] if entry.fields else "", own))


def no_lines() -> Lines:
    """Return a table that lines of the ledger are kept in."""
    return defaultdict(list)


@dataclass(slots=True)
class Seen:
    """What is seen of the demands of one right."""

    rows: int = 0
    late: int = 0  # open, and past their end
    near: int = 0  # open, and their end is near
    untold: int = 0  # whose events are not those of the ledger
    early: int = 0  # said to be done while another system still has to do something
    over: int = 0  # kept longer than promised


@dataclass(frozen=True, slots=True)
class Demanded:
    """What is seen of all demands."""

    by_right: Mapping[RightName, Seen] = field(default_factory=dict)
    unproven: int = 0  # begun, as the ledger tells, before anybody proved who asks
    proven: int = 0


def look(desk: Desk, lines: Lines) -> Demanded:
    """Compare every demand of the store with the ledger and with its clock."""
    found: dict[RightName, Seen] = defaultdict(Seen)
    systems = {system for system, *_ in duties.open_counts(desk.unit)}
    waiting = {duty.case_id for system in systems for duty in duties.of_system(desk.unit, system)}
    states = rights_cases.states(desk.unit)
    for case in rights_cases.every(desk.unit):
        mine = found[case.right]
        mine.rows += 1
        told = [line.event for line in lines.get(case.reference, ())]
        same = told == [one.event.value for one in case.events] and states[case.id] == case.state.value
        mine.untold += not same
        mine.early += case.state in (State.DONE, State.PARTLY) and case.id in waiting
        _clock(desk, case, mine)
    unproven, proven = _proofs(lines)
    return Demanded(found, unproven, proven)


def _clock(desk: Desk, case: RightsCase, mine: Seen) -> None:
    if case.ended_at is not None:
        mine.over += kept_for(desk.house.book).after(case.ended_at) + _SWEPT < desk.now
        return
    due = due_of(desk, case)
    if due is not None:
        mine.late += due.at <= desk.now
        mine.near += due.at - SOON <= desk.now < due.at


_SWEPT: Instant = 86_400 * 1_000_000  # until a sweep has come by


def _proofs(lines: Lines) -> tuple[int, int]:
    """Return how many demands went on before their person proved themself, and how many after."""
    unproven = proven = 0
    for said in lines.values():
        at = next((n for n, line in enumerate(said) if line.event in _WORK), None)
        if at is not None:
            first = any(line.event == Event.PROVEN.value and line.own for line in said[:at])
            unproven, proven = unproven + (not first), proven + first
    return unproven, proven


# ---- the checks


def of_demands(rule: RightRule, demanded: Demanded) -> tuple[CheckResult, ...]:
    """Return what shows that demands of a right are answered in time, and done when they are said to be.

    A right that people exercise themselves, at once, needs none.
    """
    seen = demanded.by_right.get(rule.right, Seen())
    if not seen.rows and rule.how == "self":
        return ()
    measures = "each request is answered within its deadline, which follows from what happened to it"
    limits = "requests that nobody entered; whether an answer satisfied"
    nothing = "nobody made a request of this kind yet"
    faults = [f"{seen.late} requests are open past their deadline"] if seen.late else []
    in_time = judged("answered-in-time", measures, limits, faults, seen.rows, nothing)
    if seen.near and not faults:
        detail = f"the deadline of {seen.near} requests is near"
        in_time = CheckResult("answered-in-time", measures, limits, Status.AT_RISK, seen.rows, detail)
    faults = [f"{seen.untold} requests are not as the ledger tells"] if seen.untold else []
    if seen.early:
        faults.append(f"{seen.early} requests are called done while a system has not done its part")
    measures = "each request stands as its lines of the ledger say, and none is done before every part is"
    limits = "requests that were taken out of the store"
    return in_time, judged("requests-told", measures, limits, faults, seen.rows, nothing)


def of_proofs(demanded: Demanded) -> CheckResult:
    """Return what shows that nothing is done for anybody before they proved that it is them."""
    measures = "no request was begun before its person proved themself, whoever filed it"
    limits = "whether a proof was good: the pages, and programs that call the library, vouch for it"
    faults = [f"{demanded.unproven} requests were begun without a proof"] if demanded.unproven else []
    count = demanded.unproven + demanded.proven
    return judged("filed-by-staff", measures, limits, faults, count, "no request was begun yet")


def of_keeping(demanded: Demanded) -> CheckResult:
    """Return what shows that ended requests are forgotten when they should be."""
    over: Sequence[int] = [seen.over for seen in demanded.by_right.values()]
    rows = sum(seen.rows for seen in demanded.by_right.values())
    faults = [f"{sum(over)} requests are known longer than promised"] if sum(over) else []
    measures = "that somebody made a request is known no longer than promised"
    return judged(
        "requests-kept", measures, "copies outside of this house", faults, rows, "none was made yet"
    )
