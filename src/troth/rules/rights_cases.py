"""What a person demanded of a right, as it stands: states, steps and clock, which follow from its events.

A demand is its events, oldest first; nothing of it is said anywhere else. No step brings it to work before
an event says that it is proven who asks, however it came in: that is a rule of the table here, and of no way
in. Its clock is worked out anew each time, from what was received, asked for and told.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

from troth.clock import DAY, Instant
from troth.rules.decision import ASSURANCES
from troth.rules.regimes import Regimes, Row
from troth.rules.rulebook import Rulebook
from troth.terms.agreement import RightRule
from troth.terms.vocabulary import Category, ClauseId, Period, Purpose, RightName, covers

SOON = 7 * DAY  # before an end, somebody is told that it comes


class Event(StrEnum):
    """What can happen to a demand."""

    FILED = "filed"
    ASKED = "asked"  # for a proof of who they are
    PROVEN = "proven"  # its code says how sure it is
    BEGUN = "begun"  # to be carried out; from here on it cannot be taken back
    REVIEWED = "reviewed"  # somebody looks into it who may decide it
    GRANTED = "granted"  # they decided for it
    PERFORMED = "performed"  # our own part is done, and read back
    CONFIRMED = "confirmed"  # every other system's part is, too
    EXTENDED = "extended"  # with a reason, told to the person
    ESCALATED = "escalated"  # its end is near, or passed
    REFUSED = "refused"  # with reasons
    CANCELLED = "cancelled"  # by the person


class State(StrEnum):
    """Where a demand stands."""

    RECEIVED = "received"
    VERIFYING = "verifying"
    DECIDING = "deciding"
    WORKING = "working"
    DONE = "done"
    PARTLY = "partly"  # done as far as the law and the agreement let it; the outcome says what stays
    REFUSED = "refused"
    CANCELLED = "cancelled"


ENDED = frozenset({State.DONE, State.PARTLY, State.REFUSED, State.CANCELLED})
PARTIAL = "partial"  # a code of `CONFIRMED`: something stays
BY_HAND = "by-hand"  # a code of `CONFIRMED`: a part of another system was settled, and not read back
LETTER = "letter"  # a code of `ASKED`: a link went to an address that the person proved
NOT_ME = "not-me"  # a code of `CANCELLED`: the person says that somebody else asked
NOT_PROVEN = "not-proven"  # a code of `REFUSED`: the proof that a letter asked for did not come
PROOF_LASTS = 7 * DAY  # how long a proof is waited for that a letter asked for
_OPEN = tuple(state for state in State if state not in ENDED)
_UNDECIDED = (State.RECEIVED, State.VERIFYING, State.DECIDING)

STEPS: Mapping[tuple[State | None, Event], State] = MappingProxyType(
    {
        (None, Event.FILED): State.RECEIVED,
        (State.RECEIVED, Event.ASKED): State.VERIFYING,
        (State.RECEIVED, Event.PROVEN): State.RECEIVED,
        (State.VERIFYING, Event.PROVEN): State.RECEIVED,
        (State.RECEIVED, Event.REVIEWED): State.DECIDING,
        (State.DECIDING, Event.ASKED): State.VERIFYING,
        (State.DECIDING, Event.GRANTED): State.WORKING,
        (State.RECEIVED, Event.BEGUN): State.WORKING,
        (State.WORKING, Event.BEGUN): State.WORKING,
        (State.WORKING, Event.PERFORMED): State.WORKING,
        (State.WORKING, Event.CONFIRMED): State.DONE,
        (State.WORKING, Event.REFUSED): State.REFUSED,
        **{(state, Event.EXTENDED): state for state in _OPEN},
        **{(state, Event.ESCALATED): state for state in _OPEN},
        **{(state, Event.REFUSED): State.REFUSED for state in _UNDECIDED},
        **{(state, Event.CANCELLED): State.CANCELLED for state in _UNDECIDED},
    }
)
_PROVEN_FIRST = frozenset({Event.REVIEWED, Event.GRANTED, Event.BEGUN, Event.PERFORMED, Event.CONFIRMED})


@dataclass(frozen=True, slots=True)
class Happened:
    """One event of a demand: when, what, by whom as people are told, and its codes."""

    at: Instant
    event: Event
    by: str  # `self`, `staff:ROLE`, `program:NAME`, `agent:ID` or `time`
    codes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Scope:
    """What a demand is about, in the agreement's own words; empty: all that the right covers."""

    category: Category | None = None
    classes: tuple[str, ...] = ()
    purpose: Purpose | None = None
    channel: str = ""
    within: str = ""  # the reference of a conversation it goes on in


EVERYTHING = Scope()


@dataclass(frozen=True, slots=True)
class RightsCase:
    """A demand of one person; it says nothing of them but that it is theirs."""

    id: bytes
    subject: int
    right: RightName
    reference: str  # shown to people, such as `ER-7K3M-Q2XD`
    regimes: tuple[str, ...]
    scope: Scope
    events: tuple[Happened, ...]
    needs: str  # how sure it must be who asks: one of `ASSURANCES`
    outcome: Mapping[str, object] = field(default_factory=dict)

    @property
    def state(self) -> State:
        """Where it stands, as its events say."""
        return state_of(self.events)

    @property
    def filed_at(self) -> Instant:
        """When it was received."""
        return self.events[0].at

    @property
    def ended_at(self) -> Instant | None:
        """When it ended; None while it is open."""
        return self.events[-1].at if self.state in ENDED else None

    @property
    def proven(self) -> str:
        """How sure it is who asks: the best that was said since a proof was asked for, or nothing."""
        asked = max((n for n, one in enumerate(self.events) if one.event is Event.ASKED), default=0)
        return _best_proof(self.events[asked:])

    @property
    def is_proven(self) -> bool:
        """Whether it is as sure who asks as the clause demands."""
        return self.is_enough(self.proven)

    @property
    def was_proven(self) -> bool:
        """Whether it was that sure at any time, also where somebody asked for another proof since."""
        return self.is_enough(_best_proof(self.events))

    def is_enough(self, assurance: str) -> bool:
        """Whether a word of `ASSURANCES` is as sure as the clause demands; nothing said is not."""
        return bool(assurance) and ASSURANCES.index(assurance) >= ASSURANCES.index(self.needs)

    @property
    def waits(self) -> bool:
        """Whether it waits for a proof of who demands it."""
        return not self.is_proven and self.state in (State.RECEIVED, State.VERIFYING)

    def has(self, event: Event, code: str = "") -> bool:
        """Whether something happened to it already."""
        return any(one.event is event and (not code or code in one.codes) for one in self.events)

    def may(self, event: Event) -> bool:
        """Whether something may happen to it next, as it stands."""
        if event in _PROVEN_FIRST and not self.is_proven:
            return False
        if event is Event.EXTENDED and self.has(Event.EXTENDED):
            return False
        if event is Event.REFUSED and self.has(Event.BEGUN):  # what was done is not refused any more
            return False
        return (self.state, event) in STEPS

    def was_told(self, code: str) -> bool:
        """Whether somebody was told already that its end is near, or passed: the end as it is now."""
        extended = max((n for n, one in enumerate(self.events) if one.event is Event.EXTENDED), default=0)
        since = self.events[extended:]
        return any(one.event is Event.ESCALATED and code in one.codes for one in since)


def _best_proof(events: Iterable[Happened]) -> str:
    said = [code for one in events if one.event is Event.PROVEN for code in one.codes]
    return max((code for code in said if code in ASSURANCES), key=ASSURANCES.index, default="")


def state_of(events: Iterable[Happened]) -> State:
    """Return the state that events lead to; raises `ValueError` for events that no demand has."""
    state: State | None = None
    for one in events:
        after = STEPS.get((state, one.event))
        if after is None:
            raise ValueError(f"`{one.event}` does not follow where a demand is {state}")
        partly = one.event is Event.CONFIRMED and not {PARTIAL, BY_HAND}.isdisjoint(one.codes)
        state = State.PARTLY if partly else after
    if state is None:
        raise ValueError("a demand has no events")
    return state


# ---- the clause


def rule_of(book: Rulebook, right: RightName, scope: Scope) -> tuple[ClauseId, RightRule] | None:
    """Return the clause and rule that speak of a right over a scope; None when none does."""
    for clause, rule in book.agreement.rules():
        if isinstance(rule, RightRule) and rule.right is right and _reaches(book, rule, scope):
            return clause.id, rule
    return None


def _reaches(book: Rulebook, rule: RightRule, scope: Scope) -> bool:
    if scope.purpose is not None and rule.purposes:
        return any(covers(word, scope.purpose) for word in rule.purposes)
    if not rule.of:
        return True
    if scope.category is not None:
        return any(t.category == "*" or covers(t.category, scope.category) for t in rule.of)
    if scope.classes:
        kept = [c for name in scope.classes if name in book.keeps for c in book.keeps[name][1].of]  # type: ignore[index]
        return any(covers(t.category, c) or covers(c, t.category) for t in rule.of for c in kept)
    return True


# ---- the clock


@dataclass(frozen=True, slots=True)
class Deadline:
    """When an answer is due, under which regime and law; it moves as long as it stands still."""

    at: Instant
    regime: str  # `agreement` where a clause gives a shorter time than any law
    law: str
    paused: bool
    extended: bool


def deadline(
    case: RightsCase, regimes: Regimes, now: Instant, *, promised: Period | None = None
) -> Deadline | None:
    """Return when an answer is due (GDPR Art. 12(3)); None where neither a law nor the clause gives a time.

    `promised` is the clause's own period. A clock stands still from the asking for a proof of identity to
    the proof, where its regime lets it; one extension counts, with the first period it extends.
    """
    waited, paused = _waited(case.events, now)
    extended = case.has(Event.EXTENDED)
    ends = [
        Deadline(_end(row, case.filed_at, waited, extended=extended), row.regime, row.law,
                 paused and row.pauses, extended and row.extend is not None)
        for row in regimes.of(case.regimes, case.right, case.filed_at)
    ]  # fmt: skip
    if promised is not None:
        ends.append(Deadline(promised.after(case.filed_at), "agreement", "", paused=False, extended=False))
    return min(ends, key=lambda end: end.at, default=None)


def _end(row: Row, filed_at: Instant, waited: Instant, *, extended: bool) -> Instant:
    end = row.answer.after(filed_at)
    if extended and row.extend is not None:
        end = row.extend.after(end)
    return end + waited if row.pauses else end


def _waited(events: Sequence[Happened], now: Instant) -> tuple[Instant, bool]:
    """Return how long a proof was waited for, until now, and whether it still is."""
    total, since = 0, None
    for one in events:
        if one.event is Event.ASKED and since is None:
            since = one.at
        elif since is not None and one.event in (Event.PROVEN, Event.REFUSED, Event.CANCELLED):
            total, since = total + one.at - since, None
    return (total, False) if since is None else (total + max(0, now - since), True)


def proof_ends(case: RightsCase) -> Instant | None:
    """Return until when a proof is waited for that a letter asked for; None when none is."""
    if case.state is not State.VERIFYING:
        return None
    asked = next(one for one in reversed(case.events) if one.event is Event.ASKED)
    return asked.at + PROOF_LASTS if LETTER in asked.codes else None


def next_look(case: RightsCase, regimes: Regimes, now: Instant, *, promised: Period | None = None) -> Instant:
    """Return when somebody is to be told of an end that comes, or passed; 0 when that is not to be."""
    due = deadline(case, regimes, now, promised=promised)
    if due is None or case.ended_at is not None:
        return 0
    length = due.at - case.filed_at
    if not case.was_told("soon"):
        return max(due.at - min(SOON, length // 2), case.filed_at + 1)
    return due.at if not case.was_told("late") else 0
