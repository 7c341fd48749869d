"""What time does to demands: it goes on with them, says that an end comes, and forgets what is long over."""

from dataclasses import dataclass
from functools import partial

from troth.clock import Instant
from troth.custody.demands.filing import due_of, happen, is_ready
from troth.custody.demands.performing import AGAIN, GONE, Serving, Texts, clauses_of, close, perform
from troth.custody.desk import Desk
from troth.custody.systems import attempts
from troth.rules.rights_cases import ENDED, NOT_PROVEN, Event, Happened, proof_ends
from troth.store import rights_cases

CHUNK = 500
LATE, SOON = "late", "soon"


@dataclass(frozen=True, slots=True)
class Ran:
    """What one run came to."""

    ended: int = 0  # or left, as nothing was to be done
    open: int = 0  # gone on with, and not ended by it
    escalated: int = 0
    removed: int = 0


def run_due(teller: Serving, *, texts: Texts = lambda _: {}, origin: str = "") -> Ran:
    """Go on with every demand that is due; may be interrupted anywhere and run again."""
    escalated = removed = 0
    gone_on = dict[bytes, bool]()
    while some := [case for case in teller.alone(_due) if case not in gone_on]:
        for case in some:
            what = teller.alone(partial(_look, case=case))
            gone_on[case] = what == "ready"
            escalated, removed = escalated + (what == "escalated"), removed + (what == "removed")
            if what == "ready":
                after = perform(teller, case, elsewhere=False, texts=texts, origin=origin)
                gone_on[case] = after is not None and after.state not in ENDED
    waiting = [case for case, is_open in gone_on.items() if is_open]
    if waiting:
        attempts.run_due(teller.house, teller.alone, progress=lambda _: None)
    left = [case for case in waiting if (after := close(teller, case)) is None or after.state not in ENDED]
    return Ran(len(gone_on) - escalated - removed - len(left), len(left), escalated, removed)


def _due(desk: Desk) -> list[bytes]:
    return rights_cases.due(desk.unit, desk.now, CHUNK)


def _look(desk: Desk, case: bytes) -> str:
    found = rights_cases.one(desk.unit, case)
    if found is None:
        return "gone"
    if found.ended_at is not None:
        rights_cases.remove(desk.unit, case)
        return "removed"
    if is_ready(desk.house.book, found):
        return "ready"
    desk.find([found.subject])
    if found.subject not in desk.people and found.subject not in desk.away:
        happen(desk, found, Happened(desk.now, Event.REFUSED, "time", (GONE,)), clauses_of(desk, found))
        return "ended"
    unproven = proof_ends(found)
    if unproven is not None and unproven <= desk.now:
        ended = Happened(desk.now, Event.REFUSED, "time", (NOT_PROVEN,))
        happen(desk, found, ended, clauses_of(desk, found))
        return "ended"
    due = due_of(desk, found)
    late: Instant = due.at if due is not None else desk.now + 1
    code = LATE if late <= desk.now else SOON
    if due is None or found.has(Event.ESCALATED, code):
        again = max(late, desk.now + AGAIN)
        rights_cases.look(desk.unit, case, again if unproven is None else min(again, unproven))
        return "left"
    happen(desk, found, Happened(desk.now, Event.ESCALATED, "time", (code,)), clauses_of(desk, found))
    return "escalated"
