"""Carry out what was demanded, read back that it is so, and only then say that it is done.

A demand goes on from where its events say it is: whatever cut it off, the next sweep takes it up again, and
what was done already is not done twice. Each right is carried out as the person themself asks for it, in the
case that is named, so that every rule that holds for them holds here.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol, TypeVar

from troth.clock import SECOND, Instant
from troth.custody.at_once import done_at_once, is_immediate
from troth.custody.desk import Desk
from troth.custody.erasing import Begun, Erase, Gone
from troth.custody.filing import clause_of, due_of, happen, is_ready
from troth.errors import Erased, NotFound, Refused, TrothError, Unfinished
from troth.ledger.receipt import Receipt
from troth.rules.decision import Act, Actor, ActorKind, Request
from troth.rules.rights_cases import ENDED, PARTIAL, Event, Happened, RightsCase, State
from troth.store import erasures, rights_cases
from troth.terms.vocabulary import Category, RetentionClass, RightName

T = TypeVar("T")
AGAIN = 60 * SECOND  # before what failed is tried again
CHUNK = 500
GONE = "erased"  # a code: of whom everything is gone, nothing can be shown or changed any more
_TIME = "time"


class Serving(Protocol):
    """Whoever serves a house: its teller."""

    def alone(self, work: Callable[[Desk], T]) -> T:
        """Do some work in a transaction of its own."""

    def erase(self, job: Erase, *, also: Callable[[Desk, Begun], object] = ...) -> Gone:
        """Erase to the end; `also` is done in the transaction that begins it."""

    def resume(self) -> Any:  # noqa: ANN401 - how many, and why not others
        """Finish the erasures that were cut off."""


def perform(teller: Serving, case: bytes) -> RightsCase | None:
    """Carry out a demand as far as it goes now; return how it stands then, None when there is none.

    What refuses it ends it, with the codes of the refusal. What fails leaves it open, to be tried again.
    """
    found = teller.alone(partial(_taken_up, case=case))
    if found is None or found.ended_at is not None or found.state not in (State.RECEIVED, State.WORKING):
        return found
    if found.right is RightName.ERASE and teller.alone(partial(_goes_on, case=case)):
        return _erase(teller, found)
    return teller.alone(lambda desk: rights_cases.one(desk.unit, case))


def _taken_up(desk: Desk, case: bytes) -> RightsCase | None:
    """Take up a demand: what can be done in one transaction is done in this one."""
    found = rights_cases.one(desk.unit, case)
    if found is None or not is_ready(desk.house.book, found):
        return found
    rights_cases.look(desk.unit, case, desk.now + AGAIN)
    desk.find([found.subject])
    if found.subject not in desk.people and found.right is not RightName.ERASE:
        return _ended(desk, found, Event.REFUSED, GONE)
    return _at_once(desk, found) if is_immediate(found.right) else found


def _at_once(desk: Desk, case: RightsCase) -> RightsCase:
    outcome = done_at_once(desk, case, _person(case))
    if isinstance(outcome, TrothError):
        return _ended(desk, case, Event.REFUSED, *_codes(outcome))
    if outcome is False:
        return case
    begun, _ = happen(desk, case, Happened(desk.now, Event.BEGUN, _TIME), _clauses(desk, case))
    if isinstance(outcome, Receipt):
        rights_cases.set_outcome(desk.unit, case.id, {"entry": outcome.entry})
    return _ended(desk, begun, Event.CONFIRMED)


def _goes_on(desk: Desk, case: bytes) -> bool:
    found = rights_cases.one(desk.unit, case)
    return found is not None and is_ready(desk.house.book, found)


# ---- erasing


def _erase(teller: Serving, case: RightsCase) -> RightsCase | None:
    def noted(desk: Desk, begun: Begun) -> None:
        at = rights_cases.one(desk.unit, case.id)
        assert at is not None  # noqa: S101 - it was there when it was taken up, and nothing removes an open one
        happen(desk, at, Happened(desk.now, Event.BEGUN, _TIME), _clauses(desk, at))
        rights_cases.set_outcome(
            desk.unit,
            case.id,
            {
                "erased": list(begun.classes),
                "stays": [[s.kept, s.until, s.clause, s.why] for s in begun.stays],
                "whole": begun.whole,
                "entries": [begun.receipt.entry],
            },
        )

    if "erased" not in case.outcome:
        classes = frozenset(map(RetentionClass, case.scope.classes))
        request = Request(
            Act.ERASE, _person(case), Category("*"), case=case.reference, reviewed=case.has(Event.GRANTED)
        )
        try:
            gone = teller.erase(Erase(request, case.subject, classes), also=noted)
        except Unfinished:
            return teller.alone(lambda desk: rights_cases.one(desk.unit, case.id))
        except (Erased, NotFound):  # another demand of theirs was there first: nothing is left to erase
            return teller.alone(partial(_nothing_left, case=case.id))
        except Refused as problem:
            codes = _codes(problem)
            return teller.alone(partial(_refused, case=case.id, codes=codes))
        return teller.alone(partial(_erased, case=case.id, gone=gone))
    teller.resume()
    return teller.alone(partial(_erased, case=case.id, gone=None))


def _nothing_left(desk: Desk, case: bytes) -> RightsCase | None:
    found = rights_cases.one(desk.unit, case)
    if found is None or found.ended_at is not None:
        return found
    found, _ = happen(desk, found, Happened(desk.now, Event.BEGUN, _TIME), _clauses(desk, found))
    rights_cases.set_outcome(desk.unit, case, {"erased": [], "stays": [], "whole": True, "entries": []})
    return _ended(desk, found, Event.CONFIRMED)


def _refused(desk: Desk, case: bytes, codes: tuple[str, ...]) -> RightsCase | None:
    found = rights_cases.one(desk.unit, case)
    return (
        found if found is None or found.ended_at is not None else _ended(desk, found, Event.REFUSED, *codes)
    )


def _erased(desk: Desk, case: bytes, gone: Gone | None) -> RightsCase | None:
    """End a demand whose erasure is finished here; one that is not is looked at again."""
    found = rights_cases.one(desk.unit, case)
    if found is None or found.ended_at is not None:
        return found
    if any(subject == found.subject for subject, _ in erasures.under_way(desk.unit)):
        return found
    outcome = dict(found.outcome)
    if gone is not None:
        outcome |= {
            "records": gone.records,
            "files": gone.files,
            "entries": [gone.begun.entry, gone.done.entry],
        }
        rights_cases.set_outcome(desk.unit, case, outcome)
    stays = outcome.get("stays")
    return _ended(desk, found, Event.CONFIRMED, *([PARTIAL] if stays else []))


# ---- what all share


def _person(case: RightsCase) -> Actor:
    """Return the person themself, as sure as the demand's events say that it is them."""
    return Actor(ActorKind.SUBJECT, assurance=case.proven)


def _clauses(desk: Desk, case: RightsCase) -> tuple[str, ...]:
    found = clause_of(desk.house.book, case)
    return (found[0],) if found else ()


def _ended(desk: Desk, case: RightsCase, event: Event, *codes: str) -> RightsCase:
    happen(desk, case, Happened(desk.now, event, _TIME, codes), _clauses(desk, case))
    after = rights_cases.one(desk.unit, case.id)
    assert after is not None  # noqa: S101 - it was filed before this
    return after


def _codes(problem: TrothError) -> tuple[str, ...]:
    return tuple(problem.codes) if isinstance(problem, Refused) else (problem.code,)


# ---- what time does


@dataclass(frozen=True, slots=True)
class Ran:
    """What one run came to."""

    ended: int = 0
    open: int = 0  # looked at, and not ended by it
    escalated: int = 0
    removed: int = 0


def run_due(teller: Serving) -> Ran:
    """Go on with every demand that is due: carry it out, say that its end comes, forget what is long over."""
    ended = waiting = escalated = removed = 0
    seen = set[bytes]()
    while some := [case for case in teller.alone(_due) if case not in seen]:
        for case in some:
            seen.add(case)
            what = teller.alone(partial(_look, case=case))
            escalated, removed = escalated + (what == "escalated"), removed + (what == "removed")
            if what == "ready":
                after = perform(teller, case)
                over = after is None or after.state in ENDED
                ended, waiting = ended + over, waiting + (not over)
    return Ran(ended, waiting, escalated, removed)


def _due(desk: Desk) -> list[bytes]:
    return rights_cases.due(desk.unit, desk.now, CHUNK)


def _look(desk: Desk, case: bytes) -> str:
    found = rights_cases.one(desk.unit, case)
    if found is None:
        return "removed"
    if found.ended_at is not None:
        rights_cases.remove(desk.unit, case)
        return "removed"
    if is_ready(desk.house.book, found):
        return "ready"
    due = due_of(desk, found)
    late: Instant = due.at if due is not None else desk.now + 1
    code = "late" if late <= desk.now else "soon"
    if due is None or found.has(Event.ESCALATED, code):
        rights_cases.look(desk.unit, case, max(late, desk.now + AGAIN))
        return "left"
    _ended(desk, found, Event.ESCALATED, code)
    return "escalated"
