"""The states of a case, as tables: which there are, who brings it from one to another, and what an end is.

A *verification* (of who somebody is) is fed by one side and decided by the other; a *conversation* goes to
and fro. Which sides are whom, the agreement's `case` rule says. A step that is not in a table is never made.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from troth.clock import Instant
from troth.rules.decision import NO_CATEGORY, Act
from troth.rules.rulebook import Grant, Rulebook, passage
from troth.terms.agreement import CaseRule, Who
from troth.terms.vocabulary import Category, ClauseId, Purpose, covers

RESUMED = 1  # how often a verification may be taken up again after its end: one appeal


class Side(StrEnum):
    """Who makes a step: whoever feeds the case, whoever decides it, or time alone."""

    FEEDING = "feeding"
    DECIDING = "deciding"
    TIME = "time"


@dataclass(frozen=True, slots=True)
class Step:
    """One way from state to state: the sides that may go it, and whether it needs a reason code.

    One that is `human` no program may go: a decision against somebody is not left to it (GDPR Art. 22).
    """

    before: str
    after: str
    sides: tuple[Side, ...]
    reasoned: bool = False
    human: bool = False


@dataclass(frozen=True, slots=True)
class Machine:
    """All states of one kind of case, and the steps between them."""

    kind: str
    first: str
    consented: str  # in which it opens instead when consents are needed, and every one stands
    fed: frozenset[str]  # in which records may be added
    feeders: tuple[Side, ...]  # who may add them
    ended: frozenset[str]
    steps: tuple[Step, ...]
    alone: bool  # one that has not ended excludes a second one
    label: str = ""  # the state that proves something of the person
    resumes: int | None = None  # how often it may be taken up again after an end; None: as often as wanted

    @property
    def states(self) -> tuple[str, ...]:
        """Every state, in the order of the steps."""
        return tuple(dict.fromkeys(state for step in self.steps for state in (step.before, step.after)))

    def step(self, before: str, after: str) -> Step | None:
        """Return the step between two states, or None."""
        return next((s for s in self.steps if (s.before, s.after) == (before, after)), None)

    def ends(self, before: str, after: str) -> bool:
        """Whether going from state to state ends a case that had not ended."""
        return before not in self.ended and after in self.ended

    def takes_up(self, before: str, after: str) -> bool:
        """Whether going from state to state takes a case up again after its end."""
        return before in self.ended and after not in self.ended


_F, _D, _T = (Side.FEEDING,), (Side.DECIDING,), (Side.TIME,)
_ALL = (*_F, *_D, *_T)
_UNDECIDED = ("consented", "collecting", "submitted", "in_review", "needs_more")

VERIFICATION = Machine(
    "verification",
    first="collecting",
    consented="consented",
    fed=frozenset({"collecting", "needs_more"}),
    feeders=_F,
    ended=frozenset({"verified", "rejected", "withdrawn", "expired"}),
    steps=(
        Step("consented", "collecting", _F),
        Step("collecting", "submitted", _F),
        Step("needs_more", "submitted", _F),
        Step("submitted", "in_review", _D),
        Step("in_review", "needs_more", _D, reasoned=True),
        Step("in_review", "verified", _D),
        Step("in_review", "rejected", _D, reasoned=True, human=True),
        Step("rejected", "in_review", _F),  # the appeal
        Step("verified", "expired", _D),
        *(Step(state, "withdrawn", _F) for state in _UNDECIDED),
        *(Step(state, "expired", _T) for state in _UNDECIDED),
    ),
    alone=True,
    label="verified",
    resumes=RESUMED,
)

CONVERSATION = Machine(
    "conversation",
    first="open",
    consented="open",
    fed=frozenset({"open", "answered"}),
    feeders=(Side.FEEDING, Side.DECIDING),
    ended=frozenset({"closed"}),
    steps=(
        Step("open", "answered", _D),
        Step("answered", "open", _F),
        Step("open", "closed", _ALL),
        Step("answered", "closed", _ALL),
        Step("closed", "open", _F),
    ),
    alone=False,
)

MACHINES: Mapping[str, Machine] = {machine.kind: machine for machine in (VERIFICATION, CONVERSATION)}


@dataclass(frozen=True, slots=True)
class Case:
    """One case of one person, as it stands; it says nothing of them but that it is theirs."""

    id: bytes
    subject: int
    name: str  # of its rule
    state: str
    reference: str  # shown to people, such as `IC-7K3M-Q2XD`
    opened_at: Instant
    changed_at: Instant
    ended_at: Instant | None
    reasons: tuple[str, ...] = ()  # of its last step
    resumed: int = 0  # how often it was taken up again after an end


def of_sides(rule: CaseRule, sides: tuple[Side, ...]) -> Who:
    """Return who stands on some sides of a case; time is nobody."""
    some = [who for side, who in ((Side.FEEDING, rule.by), (Side.DECIDING, rule.decided_by)) if side in sides]
    return Who(
        frozenset().union(*(who.roles for who in some)),
        frozenset().union(*(who.programs for who in some)),
        any(who.subject for who in some),
    )


def consents(book: Rulebook, rule: CaseRule) -> frozenset[Purpose]:
    """Return the purposes whose consent must stand before anything that belongs to a case is taken in."""
    taken = [intake.rule for intake in book.intakes.values()]
    mine = [collect for collect in taken if any(covers(word, collect.category) for word in rule.of)]
    return frozenset(collect.consent for collect in mine if collect.consent)


def label(name: str) -> str:
    """Return the word that stands in a person's standing while a case of that name is decided for them."""
    return f"case:{name}"


def grants_of(clause: ClauseId, rule: CaseRule) -> Iterator[tuple[tuple[Act, Category, str], Grant]]:
    """Yield what a rule allows: to open a case, and every step that somebody may make."""
    yield (Act.OPEN, NO_CATEGORY, rule.name), Grant(clause, frozenset(), rule.by)
    for step in MACHINES[rule.kind].steps:
        by = of_sides(rule, step.sides)
        by = replace(by, programs=frozenset()) if step.human else by
        needs = ("reason",) if step.reasoned else ()
        if step.sides != _T:
            grant = Grant(clause, frozenset(), by, needs=needs, reasons=frozenset(rule.reasons))
            yield (Act.MOVE, NO_CATEGORY, passage(rule.name, step.before, step.after)), grant
