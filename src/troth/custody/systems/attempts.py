"""Attempts: take a duty that is due, ask the system outside of any transaction, note what came of it.

What is taken is lent to one worker for a while. Whoever is killed with it leaves it to the next: asked again
with the same number, a system does no more, or finds nothing left to do.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from troth.clock import DAY, FOREVER, SECOND
from troth.custody.desk import Desk
from troth.custody.keymaking import DUTIES
from troth.custody.systems.duties import forget_keys, line_of, opened
from troth.errors import Broken, NotDoneThere
from troth.gates.systems.system import CORRECT, LIFT, RESTRICT, Answer, Order
from troth.house import House
from troth.store import duties
from troth.store.duties import DONE, STUCK, WAITING, Duty

AT_ONCE = 4  # duties that one worker takes
FIRST_PAUSE, LONGEST_PAUSE = 60 * SECOND, 6 * 3_600 * SECOND
LENT = 15 * 60 * SECOND  # how long nobody else takes what was taken
PATIENCE = DAY  # how long a system may refuse us before somebody has to look
NEEDS_SOMEBODY = ("credentials", "refused")
AWAY = ("unreachable", "timeout", "credentials", "undeclared")
IN_ORDER = ((CORRECT,), (RESTRICT, LIFT))
KEY_GONE, UNDECLARED = "key-gone", "undeclared"


@dataclass(frozen=True, slots=True)
class Taken:
    """A duty that one worker does now."""

    duty: Duty
    order: Order = field(repr=False)


@dataclass(frozen=True, slots=True)
class Ended:
    """How an attempt ended: the answer of the system, or the word for what was in the way."""

    answer: Answer | None
    problem: str = ""
    stuck: bool = False


@dataclass(frozen=True, slots=True)
class Ran:
    """How many duties were done, how many wait for another attempt, how many need somebody."""

    done: int = 0
    waiting: int = 0
    stuck: int = 0


def run_due(
    house: House, alone: Callable[[Callable[[Desk], Any]], Any], *, progress: Callable[[Ran], object]
) -> Ran:
    """Do what is due, one after the other; `alone` does some work in a transaction of its own.

    What fails waits for its next attempt. A system that did not answer is not asked again in this run, so
    that one that is away keeps nobody else's duty from being done.
    """
    ran, away, over = Ran(), dict[str, Ended](), frozenset[int]()
    while some := alone(partial(_next, over=over)):
        ended = set[int]()
        for each in some:
            duty = each if isinstance(each, Duty) else _tried(house, alone, each, away)
            if duty is None:
                continue
            ran = Ran(
                ran.done + (duty.state == DONE),
                ran.waiting + (duty.state == WAITING),
                ran.stuck + (duty.state == STUCK),
            )
            if duty.state == DONE:
                ended.add(duty.subject)
            progress(ran)
        over = frozenset(ended)
    return ran


def _next(desk: Desk, over: frozenset[int]) -> list[Taken | Duty]:
    """Lend what is due next; of people of whom a duty was done, and none is open any more, the key goes."""
    if over:
        forget_keys(desk, over)
    return take(desk, AT_ONCE)


def _tried(
    house: House, alone: Callable[[Callable[[Desk], Any]], Any], taken: Taken, away: dict[str, Ended]
) -> Duty | None:
    system = taken.duty.system
    ended = away.get(system) or ask(house, taken)
    if ended.problem in AWAY:
        away[system] = ended
    found: Duty | None = alone(partial(settle, taken=taken, ended=ended))
    return found


def take(desk: Desk, limit: int = 1) -> list[Taken | Duty]:
    """Lend up to `limit` duties that are due; what cannot be opened is stuck, and comes so.

    One that is behind another, which its system has to do before, is put off until that one is over.
    """
    taken: list[Taken | Duty] = []
    latest = desk.now + LONGEST_PAUSE + LENT
    while len(taken) < limit and (rows := duties.due(desk.unit, desk.now, latest, limit - len(taken))):
        taken += _lent(desk, rows)
    return taken


def _lent(desk: Desk, rows: Sequence[Duty]) -> Iterator[Taken | Duty]:
    desk.open_keys((duty.subject, DUTIES) for duty in rows)
    for duty in rows:
        if _is_behind(desk, duty):
            duties.put(desk.unit, replace(duty, due_at=desk.now + FIRST_PAUSE))
            continue
        order = _order(desk, duty)
        if order is None:
            yield _ended(desk, duty, Ended(None, KEY_GONE, stuck=True))
            continue
        lent = replace(duty, tries=duty.tries + 1, due_at=desk.now + LENT)
        duties.put(desk.unit, lent)
        yield Taken(lent, order)


def _is_behind(desk: Desk, duty: Duty) -> bool:
    """Whether a system has something of the same kind to do first: corrections, and limits, in their order.

    An erasure waits for nobody.
    """
    return any(other.since < duty.since for other in _in_order(desk, duty))


def _in_order(desk: Desk, duty: Duty) -> list[Duty]:
    """Return what else of the same kind a system still has to do for the same person."""
    kinds = next((some for some in IN_ORDER if duty.act in some), ())
    others = duties.of_subject(desk.unit, duty.subject) if kinds else ()
    return [each for each in others if each.open and each.act in kinds and each.system == duty.system]


def _order(desk: Desk, duty: Duty) -> Order | None:
    key = desk.keys.get((duty.subject, DUTIES))
    if key is None:
        return None
    try:
        said = opened(key, duty)
    except Broken:
        return None
    known = {word: tuple(values) for word, values in said["known"].items()}
    return Order(
        duty.id, duty.act, known, said["change"], frozenset(said["categories"]), duty.since, duty.asked
    )


def ask(house: House, taken: Taken) -> Ended:
    """Ask the system, outside of any transaction; whatever it says or does comes back as a value."""
    system = house.systems.get(taken.duty.system)
    if system is None:
        return Ended(None, UNDECLARED, stuck=True)
    try:
        return Ended(system.do(taken.order))
    except NotDoneThere as undone:
        return Ended(None, undone.problem, undone.stuck)


def settle(desk: Desk, taken: Taken, ended: Ended) -> Duty | None:
    """Note how an attempt ended; None when somebody else has taken the duty meanwhile, or did it."""
    duty = duties.one(desk.unit, taken.duty.id)
    if duty is None or duty.state != WAITING or duty.tries != taken.duty.tries:
        return None
    return _ended(desk, duty, ended)


def _ended(desk: Desk, duty: Duty, ended: Ended) -> Duty:
    answer = ended.answer
    if answer is not None and answer.done:
        after = replace(
            duty, state=DONE, due_at=FOREVER, sealed=b"", code="", failing=0, failed=0, asked=False,
            counts=answer.counts, kept=answer.kept,
        )  # fmt: skip
        duties.put(desk.unit, after)
        for other in _in_order(desk, duty):
            if other.state == WAITING and other.since > duty.since:
                duties.put(desk.unit, replace(other, due_at=desk.now))
        desk.remember(line_of(desk, "duty.done", after))
        return after
    due = desk.now + pause(duty.tries)
    if answer is not None:  # it has begun, and is asked again
        after = replace(duty, due_at=due, asked=True, code="", failing=0, failed=0)
        duties.put(desk.unit, after)
        return after
    failing = duty.failing if duty.code == ended.problem and duty.failing else desk.now
    hopeless = ended.problem in NEEDS_SOMEBODY and desk.now - failing >= PATIENCE
    stuck = ended.stuck or hopeless
    after = replace(
        duty, state=STUCK if stuck else WAITING, due_at=due, code=ended.problem, failing=failing,
        failed=duty.failed or desk.now,
    )  # fmt: skip
    duties.put(desk.unit, after)
    kind = "duty.stuck" if stuck else "duty.failed"
    desk.remember(line_of(desk, kind, after))
    return after


def pause(tries: int) -> int:
    """Return the pause after so many attempts: a minute, then twice as long each time, six hours at most."""
    return min(FIRST_PAUSE << min(max(tries - 1, 0), 16), LONGEST_PAUSE)
