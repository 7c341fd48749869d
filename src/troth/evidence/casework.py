"""Cases as the ledger and the store tell of them: each step by who may, each state, each clock."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from itertools import pairwise

from troth.clock import Instant
from troth.custody.cases import running
from troth.custody.desk import Desk
from troth.errors import Broken
from troth.ledger.entry import Entry
from troth.rules.cases import CONVERSATION, MACHINES, Case, Machine, Side, Step, of_sides
from troth.rules.record import ends
from troth.rules.rulebook import Rulebook, class_of
from troth.rules.standing import Standing
from troth.store import cases
from troth.terms.agreement import CaseRule
from troth.terms.vocabulary import Program, RetentionClass, Role

SAMPLE = 1_000  # ended cases of each name whose records are looked at


@dataclass(slots=True)
class Told:
    """What the ledger tells of one case: its state, when it ended, how often it was taken up again."""

    name: str
    state: str
    ended_at: Instant | None = None
    resumed: int = 0


class Steps:
    """Reads the lines of cases in order; a step that its clause does not allow is a fault."""

    def __init__(self, book: Rulebook) -> None:
        self._rules = book.cases
        self.told: dict[str, Told] = {}  # by reference

    def read(self, entry: Entry) -> str:
        """Take in a line of a case; return what contradicts its clause in it, empty when nothing."""
        name, reference = entry.circumstance or "", entry.case or ""
        clause, rule = self._rules.get(name, (None, None))
        if rule is None or clause not in entry.clauses or len(entry.fields) != 1:
            return "speaks of a case that it does not have"
        machine, state = MACHINES[rule.kind], entry.fields[0]
        known = self.told.get(reference)
        if entry.kind == "case.opened":
            self.told[reference] = Told(name, state)
            opens = known is None and state in (machine.first, machine.consented)
            return "" if opens and _may(entry, rule, (Side.FEEDING,)) else "opened a case as nobody may"
        if known is None or known.name != name:
            return "moved a case that was never opened"
        step = machine.step(known.state, state)
        fault = _fault(entry, rule, machine, known, step)
        _follow(known, machine, state, entry.at)
        return fault


def _follow(known: Told, machine: Machine, state: str, at: Instant) -> None:
    if machine.ends(known.state, state):
        known.ended_at = at
    elif machine.takes_up(known.state, state):
        known.ended_at, known.resumed = None, known.resumed + 1
    known.state = state


def _fault(entry: Entry, rule: CaseRule, machine: Machine, known: Told, step: Step | None) -> str:
    if step is None:
        return f"brought a case from `{known.state}` to `{entry.fields[0]}`"
    if not _may(entry, rule, step.sides, human=step.human):
        return f"brought a case to `{step.after}` by somebody who may not"
    if (step.reasoned and not entry.reasons) or not set(entry.reasons) <= set(rule.reasons):
        return f"brought a case to `{step.after}` without a reason of its list"
    again = machine.takes_up(step.before, step.after)
    if again and machine.resumes is not None and known.resumed >= machine.resumes:
        return "took a case up once too often"
    return ""


def _may(entry: Entry, rule: CaseRule, sides: tuple[Side, ...], *, human: bool = False) -> bool:
    """Whether the actor of a line stands on one of some sides of a case."""
    who = of_sides(rule, sides)
    who = replace(who, programs=frozenset()) if human else who
    kind, _, rest = entry.actor.partition(":")
    if kind == "self" or entry.on_behalf_of:
        return who.subject
    if kind == "staff":
        return Role(rest.partition(":")[0]) in who.roles
    return Program(rest) in who.programs if kind == "program" else Side.TIME in sides


# ---- the store


@dataclass(slots=True)
class Seen:
    """What the store holds of the cases of one name, compared with the ledger."""

    rows: int = 0
    untold: int = 0  # that are in another state, or ended at another time, than the ledger tells
    clocks: dict[RetentionClass, tuple[int, int]] = field(
        default_factory=dict
    )  # records looked at; late ones
    waits_since: Instant | None = None  # of those who wrote and wait for an answer, the one who waits longest


Restricted = Mapping[str, Sequence[tuple[Instant, Standing]]]  # by person: from when on what was restricted


def seen(desk: Desk, told: dict[str, Told], restricted: Restricted) -> dict[str, Seen]:
    """Return what is seen of every case in the store, by name."""
    found: dict[str, Seen] = defaultdict(Seen)
    looked: dict[str, int] = defaultdict(int)
    for case in cases.every(desk.unit):
        mine, said = found[case.name], told.get(case.reference)
        mine.rows += 1
        if case.state == CONVERSATION.first and case.name in desk.house.book.cases:
            since = _waits_since(desk, case, restricted)
            mine.waits_since = min(filter(None, (mine.waits_since, since)), default=None)
        mine.untold += said is None or (said.name, said.state, said.ended_at, said.resumed) != (
            case.name,
            case.state,
            case.ended_at,
            case.resumed,
        )
        if case.ended_at is not None and case.name in desk.house.book.cases and looked[case.name] < SAMPLE:
            looked[case.name] += 1
            _look(desk, case, mine)
    return dict(found)


def _waits_since(desk: Desk, case: Case, restricted: Restricted) -> Instant | None:
    """Return since when somebody waits for an answer that may be given; None while none may be.

    While they have what they wrote stored without use nobody may read it, and that time does not count.
    """
    name = _pseudonym(desk, case.subject) if restricted else None
    _, rule = desk.house.book.cases[case.name]
    turns = [
        (max(at, case.changed_at), any(standing.restricted(word) for word in rule.of))
        for at, standing in restricted.get(name or "", ())
    ]
    if turns and turns[-1][1]:
        return None
    paused = sum(until - at for (at, stored), (until, _) in pairwise(turns) if stored)
    return case.changed_at + paused


def _pseudonym(desk: Desk, subject: int) -> str | None:
    with suppress(Broken):  # an altered key is told elsewhere
        return desk.pseudonym(subject)
    return None


def _look(desk: Desk, case: Case, mine: Seen) -> None:
    """Count the records of an ended case, and those whose time did not begin with its end."""
    _, rule = desk.house.book.cases[case.name]
    for record in running(desk, case, rule):
        _, keep = desk.house.book.keep(record.origin.kept)
        kept = class_of(record.origin.kept)
        count, late = mine.clocks.get(kept, (0, 0))
        mine.clocks[kept] = (
            count + 1,
            late + (record.narrows_at > ends(keep, record.collected_at, case.ended_at)),
        )
