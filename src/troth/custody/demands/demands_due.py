"""What time does to demands: it goes on with them, says that an end comes, and forgets what is long over."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from troth.custody.demands.filing import LATE, clause_of, due_of, happen, is_ready, look_at
from troth.custody.demands.foretelling import ahead
from troth.custody.demands.noting import forget_old
from troth.custody.demands.performing import (
    AGAIN,
    GONE,
    Serving,
    TakenUp,
    Texts,
    clauses_of,
    closed,
    perform,
    put_off,
    take_up,
)
from troth.custody.demands.regimes import regimes
from troth.custody.desk import Desk
from troth.custody.systems import attempts
from troth.errors import Broken
from troth.rules.rights_cases import ENDED, NOT_PROVEN, Event, Happened, RightsCase, next_look, proof_ends
from troth.store import rights_cases

T = TypeVar("T")
CHUNK = 500
SOON = "soon"


@dataclass(frozen=True, slots=True)
class Ran:
    """What one run came to."""

    ended: int = 0
    open: int = 0  # looked at, and not ended: gone on with, or waiting for somebody
    escalated: int = 0
    removed: int = 0


def run_due(
    teller: Serving,
    *,
    texts: Texts = lambda _: {},
    origin: str = "",
    progress: Callable[[int], object] = lambda _: None,
) -> Ran:
    """Go on with every demand that is due; may be interrupted anywhere and run again.

    `progress` is told how many were looked at so far.
    """
    teller.alone(forget_old)
    went, said = dict[bytes, str](), 0
    while some := [case for case in teller.alone(_due) if case not in went]:
        for case in some:
            looked = _or_put_off(teller, case, partial(_look, case=case)) or Looked("broken")
            went[case], said = looked.what, said + looked.told
            if went[case] == "ready":
                after = perform(teller, case, taken=looked.taken, elsewhere=False, texts=texts, origin=origin)
                if after is not None and after.state in ENDED:
                    went[case] = "ended"
            progress(len(went))
    if "ready" in went.values():
        attempts.run_due(teller.house, teller.alone, progress=lambda _: None)
    for case, what in went.items():
        if what == "ready" and _ended(teller, case):
            went[case] = "ended"
    came = Counter(went.values())
    return Ran(came["ended"], _still(came), said, came["removed"])


def foresee_due(desk: Desk) -> tuple[Ran, int]:
    """Return what a run would come to, and how many more demands wait for what other systems answer.

    It is done as far as the store alone is concerned, and is to be undone.
    """
    went, said = dict[bytes, str](), 0
    while some := [case for case in _due(desk) if case not in went]:
        for case in some:
            try:
                went[case], told = _foreseen(desk, case)
            except Broken:
                went[case], told = "broken", False
            said += told
            rights_cases.look(desk.unit, case, desk.now + AGAIN)
    came = Counter(went.values())
    return Ran(came["ended"], _still(came), said, came["removed"]), came["elsewhere"]


def _still(came: Counter[str]) -> int:
    return sum(came[what] for what in ("left", "told", "ready", "broken"))


def _foreseen(desk: Desk, case: bytes) -> tuple[str, bool]:
    """Return what a run would make of a demand, and whether somebody would be told of its end."""
    found = rights_cases.one(desk.unit, case)
    if found is None or found.ended_at is not None or not is_ready(desk.house.book, found):
        looked = _look(desk, case)
        return looked.what, looked.told
    told, after = _escalated(desk, found), ahead(desk, found)
    if after.case.ended_at is not None or (after.carried_out and not after.elsewhere):
        return "ended", told
    return ("elsewhere" if after.elsewhere else "ready"), told


def _ended(teller: Serving, case: bytes) -> bool:
    after = _or_put_off(teller, case, partial(closed, case=case))
    return after is not None and after.state in ENDED


def _or_put_off(teller: Serving, case: bytes, work: Callable[[Desk], T]) -> T | None:
    """Do some work on a demand; one that meets something broken keeps no other from being gone on with."""
    try:
        return teller.alone(work)
    except Broken as problem:
        teller.alone(partial(put_off, case=case, code=problem.code))
        return None


def _due(desk: Desk) -> list[bytes]:
    return rights_cases.due(desk.unit, desk.now, CHUNK)


@dataclass(frozen=True, slots=True)
class Looked:
    """What a demand is now, whether somebody was told of its end just now, and what taking it up gave."""

    what: str
    told: bool = False
    taken: TakenUp | None = None


def _look(desk: Desk, case: bytes) -> Looked:
    """Look at a demand; one that is ready is taken up at once, unless an end was told: that has to stand."""
    found = rights_cases.one(desk.unit, case)
    if found is None:
        return Looked("gone")
    if found.ended_at is not None:
        rights_cases.remove(desk.unit, case)
        return Looked("removed")
    if is_ready(desk.house.book, found):
        if _escalated(desk, found):
            return Looked("ready", told=True)
        return Looked("ready", taken=take_up(desk, case))
    desk.find([found.subject])
    if found.subject not in desk.people and found.subject not in desk.away:
        happen(desk, found, Happened(desk.now, Event.REFUSED, "time", (GONE,)), clauses_of(desk, found))
        return Looked("ended")
    unproven = proof_ends(found)
    if unproven is not None and unproven <= desk.now:
        ended = Happened(desk.now, Event.REFUSED, "time", (NOT_PROVEN,))
        happen(desk, found, ended, clauses_of(desk, found))
        return Looked("ended")
    if _escalated(desk, found):
        return Looked("told", told=True)
    rights_cases.look(desk.unit, case, max(look_at(desk, found), desk.now + AGAIN))
    return Looked("left")


def _escalated(desk: Desk, case: RightsCase) -> bool:
    """Say that the end of a demand is near, or passed, unless that was said; whatever it waits for."""
    due, found = due_of(desk, case), clause_of(desk.house.book, case)
    look = next_look(case, regimes(), desk.now, promised=found[1].deadline if found else None)
    if due is None or not look or desk.now < look:
        return False
    code = LATE if due.at <= desk.now else SOON
    if case.was_told(code):
        return False
    happen(desk, case, Happened(desk.now, Event.ESCALATED, "time", (code,)), clauses_of(desk, case))
    return True
