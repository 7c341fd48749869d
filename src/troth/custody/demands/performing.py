"""Carry out what was demanded, read back that it is so, and only then say that it is done.

A demand goes on from where its events say it is: whatever cut it off, the next sweep takes it up again, and
what was done already is not done twice. Each right is carried out as the person themself asks for it, in the
case that is named, so that every rule that holds for them holds here. While any other system still has
something to do for it, it is not done.
"""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Protocol, TypeVar

from troth.clock import SECOND
from troth.custody.demands.at_once import done_at_once, is_immediate, is_lost
from troth.custody.demands.demand_lines import failed
from troth.custody.demands.filing import clause_of, happen, is_ready
from troth.custody.demands.told import told_with
from troth.custody.desk import About, Desk
from troth.custody.endings.erasing import Begun, Erase, Gone
from troth.custody.packages import making, packing
from troth.custody.packages.covering import Pack
from troth.custody.packages.packing import Making
from troth.custody.packages.parcels import Package
from troth.custody.systems import attempts, duties
from troth.errors import (
    Broken,
    Erased,
    NotDoneThere,
    NotFound,
    NothingThere,
    PackageBusy,
    PackageGone,
    Refused,
    RowBroken,
    TrothError,
    Unfinished,
)
from troth.house import House
from troth.ledger.receipt import Receipt
from troth.rules.decision import Act, Actor, ActorKind, Request
from troth.rules.rights_cases import BY_HAND, PARTIAL, Event, Happened, RightsCase
from troth.store import duties as duty_rows
from troth.store import erasures, packages, rights_cases
from troth.store.duties import SETTLED, Duty
from troth.store.packages import GONE as PACKAGE_GONE
from troth.store.packages import MAKING, READY, TAKEN
from troth.terms.vocabulary import Category, RetentionClass, RightName

T = TypeVar("T")
Texts = Callable[[str], Mapping[str, str]]
AGAIN = 60 * SECOND  # before what failed is tried again
GONE = "erased"  # a code: of whom everything is gone, nothing can be shown or changed any more
_TIME = "time"
_TAKEN_ALONG = {RightName.ACCESS: Act.ACCESS, RightName.PORT: Act.PORT}


class Serving(Protocol):
    """Whoever serves a house: its teller."""

    house: House

    def ask(self, job: Any, /) -> Any:  # noqa: ANN401 - what the job's server answers
        """Serve one job."""

    def alone(self, work: Callable[[Desk], T], /) -> T:
        """Do some work in a transaction of its own."""

    def erase(self, job: Erase, *, also: Callable[[Desk, Begun], object] = ...) -> Gone:
        """Erase to the end; `also` is done in the transaction that begins it."""

    def resume(self) -> Any:  # noqa: ANN401 - how many, and why not others
        """Finish the erasures that were cut off."""


@dataclass(frozen=True, slots=True)
class TakenUp:
    """A demand that was taken up, and by what its person is known where more is to be done for it now."""

    case: RightsCase | None
    goes_on: bool = False
    about: About = field(default=0, repr=False)


def perform(
    teller: Serving,
    case: bytes,
    *,
    taken: TakenUp | None = None,
    elsewhere: bool = True,
    texts: Texts = lambda _: {},
    origin: str = "",
) -> RightsCase | None:
    """Carry out a demand as far as it goes now; return how it stands then, None when there is none.

    What refuses it ends it, with the codes of the refusal. What fails leaves it open, to be tried again.
    Other systems are asked at once, unless `elsewhere` is False. `taken`: it was taken up just now. `texts`
    are the words of a package in a language, `origin` where the pages of this house are.
    """
    try:
        ours = _ours(teller, taken or teller.alone(partial(take_up, case=case)), texts, origin)
        if ours is None or not elsewhere or ours.ended_at is not None:
            return ours
        if teller.alone(partial(duties.open_of, case_id=case)):
            attempts.run_due(teller.house, teller.alone, progress=lambda _: None)
        return teller.alone(partial(closed, case=case))
    except Broken as problem:  # nothing of the transaction that met it stands
        return teller.alone(partial(put_off, case=case, code=problem.code))


def take_up(desk: Desk, case: bytes) -> TakenUp:
    """Take up a demand; what can be done in one transaction is done in this one. Raises `NotSo`."""
    found = rights_cases.one(desk.unit, case)
    if found is None or not is_ready(desk.house.book, found):
        return TakenUp(found)
    rights_cases.look(desk.unit, case, desk.now + AGAIN)
    desk.find([found.subject])
    if found.subject in desk.away:  # in grace: they may be back, and it goes on then
        return TakenUp(found)
    done = "done" in found.outcome
    if found.subject not in desk.people and found.right is not RightName.ERASE and not done:
        return TakenUp(_ended(desk, found, Event.REFUSED, GONE))
    if done or is_lost(desk, found):
        return TakenUp(closed(desk, case))
    if is_immediate(found.right):
        _at_once(desk, found)
        return TakenUp(closed(desk, case))
    return TakenUp(found, goes_on=True, about=told_with(desk, found).get("reference", found.subject))


def _ours(teller: Serving, taken: TakenUp, texts: Texts, origin: str) -> RightsCase | None:
    """Do our own part of a demand that was taken up."""
    if taken.case is None or not taken.goes_on:
        return taken.case
    if taken.case.right is RightName.ERASE:
        return _erase(teller, taken.case, taken.about)
    return _pack(teller, taken.case, texts, origin)


def close(teller: Serving, case: bytes) -> RightsCase | None:
    """End a demand of which every part is done; return how it stands then, None when there is none."""
    return teller.alone(partial(closed, case=case))


def put_off(desk: Desk, case: bytes, code: str) -> RightsCase | None:
    """Say that a demand met something broken, and try it again later; None when it cannot be read."""
    rights_cases.look(desk.unit, case, desk.now + AGAIN * 60)
    with suppress(RowBroken):
        found = rights_cases.one(desk.unit, case)
        failed(desk, found, code)
        return found
    failed(desk, None, code)
    return None


def _at_once(desk: Desk, case: RightsCase) -> RightsCase:
    outcome = done_at_once(desk, case, _person(case))
    if isinstance(outcome, TrothError):
        return _ended(desk, case, Event.REFUSED, *codes_of(outcome))
    entries = [outcome.entry] if isinstance(outcome, Receipt) else []
    return _ours_done(desk, _begun(desk, case), {"entries": entries})


def closed(desk: Desk, case: bytes) -> RightsCase | None:
    """End a demand of which our own part is done, once every other system's part is; say what each did."""
    found = rights_cases.one(desk.unit, case)
    if found is None or found.ended_at is not None or "done" not in found.outcome:
        return found
    some = duty_rows.of_case(desk.unit, case)
    if any(duty.open for duty in some):
        due = min(duty.due_at for duty in some if duty.open)
        rights_cases.look(desk.unit, case, max(min(due, desk.now + AGAIN * 60), desk.now + AGAIN))
        return found
    if some:
        duties.forget_keys(desk, [found.subject])  # also where whoever did the last of them was killed first
        elsewhere = {duty.system: _became(duty) for duty in some}
        rights_cases.set_outcome(desk.unit, case, {**found.outcome, "systems": elsewhere})
    codes = [PARTIAL] if found.outcome.get("stays") or any(duty.kept for duty in some) else []
    codes += [BY_HAND] if any(duty.state == SETTLED for duty in some) else []
    return _ended(desk, found, Event.CONFIRMED, *codes)


def _became(duty: Duty) -> dict[str, object]:
    """Return what became of a duty: what was read back, or why and by whom it was settled by hand."""
    kept = {name: list(kept) for name, kept in duty.kept.items()}
    by_hand = {"settled": {"reason": duty.code, "by": duty.settled_by}} if duty.state == SETTLED else {}
    return {"counts": dict(duty.counts), "kept": kept, **by_hand}


# ---- erasing


def _erase(teller: Serving, case: RightsCase, about: About) -> RightsCase | None:
    if "erased" in case.outcome:
        teller.resume()
        return teller.alone(partial(_erased, case=case.id, gone=None))
    try:
        gone = teller.erase(erasure_of(case, about), also=partial(_erasing, case=case.id))
    except Unfinished:
        return case
    except (Erased, NotFound, NothingThere, Refused) as problem:
        return teller.alone(partial(_not_erased, case=case.id, problem=problem))
    return teller.alone(partial(_erased, case=case.id, gone=gone))


def erasure_of(case: RightsCase, about: About) -> Erase:
    """Return the erasure that carries a demand out, as its person asks for it."""
    classes = frozenset(map(RetentionClass, case.scope.classes))
    request = Request(
        Act.ERASE, _person(case), Category("*"), case=case.reference, reviewed=case.has(Event.GRANTED)
    )
    return Erase(request, about, classes, case.id)


def _not_erased(desk: Desk, case: bytes, problem: TrothError) -> RightsCase | None:
    """End a demand of which nothing can be erased; one that another run of it began is that one's to end."""
    found = _one(desk, case)
    if found.ended_at is not None or "erased" in found.outcome:
        return found
    if isinstance(problem, Refused):
        return _ended(desk, found, Event.REFUSED, *codes_of(problem))
    # another demand of theirs was there first
    nothing: dict[str, object] = {"erased": [], "stays": [], "whole": True, "entries": []}
    _ours_done(desk, _begun(desk, found), nothing)
    return closed(desk, case)


def _erasing(desk: Desk, begun: Begun, *, case: bytes) -> None:
    """Note, with the beginning of an erasure, what it is to come to: from here on it is resumed by itself."""
    was = _one(desk, case)
    if was.ended_at is not None or "erased" in was.outcome:  # by another run of it: what came since stays
        raise NothingThere
    found = _begun(desk, was)
    stays = [[each.kept, each.until, each.clause, each.why] for each in begun.stays]
    noted = {
        "erased": list(begun.classes),
        "stays": stays,
        "whole": begun.whole,
        "entries": [begun.receipt.entry],
    }
    rights_cases.set_outcome(desk.unit, found.id, noted)


def _erased(desk: Desk, case: bytes, gone: Gone | None) -> RightsCase | None:
    """Say that an erasure is finished here, and end the demand where nothing else is to be done."""
    found = _one(desk, case)
    if found.ended_at is not None or any(s == found.subject for s, _ in erasures.under_way(desk.unit)):
        return found  # looked at again
    more: dict[str, object] = {}
    if gone is not None:
        more = {"records": gone.records, "files": gone.files, "entries": [gone.begun.entry, gone.done.entry]}
    _ours_done(desk, found, {**found.outcome, **more})
    return closed(desk, case)


# ---- taking along


def _pack(teller: Serving, case: RightsCase, texts: Texts, origin: str) -> RightsCase | None:
    """Have a package made for a demand, and read back; one that was cut off is taken up again."""
    ready = teller.alone(partial(_packing, case=case.id))
    if isinstance(ready, Making):
        try:
            package = making.made(teller, ready, texts=texts(ready.language), origin=origin)
        except (PackageGone, PackageBusy, NotDoneThere):  # erased meanwhile, or not whole: looked at again
            return case
        return teller.alone(partial(_packed, case=case.id, package=package))
    return close(teller, case.id)


def _packing(desk: Desk, case: bytes) -> Making | None:
    """Begin the package of a demand, or take it up again; None when there is none to be made now."""
    found = _one(desk, case)
    if found.ended_at is not None:  # another run of it was first
        return None
    known = bytes.fromhex(str(found.outcome.get("package", "")))
    row = packages.one(desk.unit, known) if known else None
    if row is not None and row.state in (READY, TAKEN):
        _ours_done(desk, found, found.outcome)
        return None
    if row is not None and row.state == MAKING:
        return packing.again(desk, row.package)
    if found.subject not in desk.people:
        desk.find([found.subject])
    request = Request(
        _TAKEN_ALONG[found.right],
        _person(found),
        Category("*"),
        case=found.reference,
        reviewed=found.has(Event.GRANTED),
    )
    language = str(told_with(desk, found).get("language", ""))
    try:
        begun = packing.begin(desk, Pack(request, found.subject, language, found.id))
    except PackageBusy:
        return None
    if isinstance(begun, TrothError):
        _ended(desk, found, Event.REFUSED, *codes_of(begun))
        return None
    if row is None or row.state != PACKAGE_GONE:
        _begun(desk, found)
    rights_cases.set_outcome(desk.unit, found.id, {"package": begun.row.package.hex()})
    return begun


def _packed(desk: Desk, case: bytes, package: Package) -> RightsCase | None:
    found = _one(desk, case)
    if found.ended_at is None:
        _ours_done(desk, found, {**found.outcome, "size": package.size, "until": package.ends_at})
    return closed(desk, case)


# ---- what all share


def _one(desk: Desk, case: bytes) -> RightsCase:
    found = rights_cases.one(desk.unit, case)
    assert found is not None  # noqa: S101 - it was there when it was taken up, and nothing removes an open one
    return found


def _person(case: RightsCase) -> Actor:
    """Return the person themself, as sure as the demand's events say that it is them."""
    return Actor(ActorKind.SUBJECT, assurance=case.proven)


def clauses_of(desk: Desk, case: RightsCase) -> tuple[str, ...]:
    """Return the clause that a demand rests on, to be cited."""
    found = clause_of(desk.house.book, case)
    return (found[0],) if found else ()


def _begun(desk: Desk, case: RightsCase) -> RightsCase:
    return happen(desk, case, Happened(desk.now, Event.BEGUN, _TIME), clauses_of(desk, case))[0]


def _ours_done(desk: Desk, case: RightsCase, outcome: Mapping[str, object]) -> RightsCase:
    """Note that our own part is done and read back; where others have a part, an event says so."""
    rights_cases.set_outcome(desk.unit, case.id, {**outcome, "done": desk.now})
    if duties.open_of(desk, case.id) and not case.has(Event.PERFORMED):
        happen(desk, case, Happened(desk.now, Event.PERFORMED, _TIME), clauses_of(desk, case))
    return _one(desk, case.id)


def _ended(desk: Desk, case: RightsCase, event: Event, *codes: str) -> RightsCase:
    happen(desk, case, Happened(desk.now, event, _TIME, codes), clauses_of(desk, case))
    return _one(desk, case.id)


def codes_of(problem: TrothError) -> tuple[str, ...]:
    """Return the codes with which what is refused ends a demand."""
    if isinstance(problem, Erased | NotFound):  # meanwhile, by another demand of theirs
        return (GONE,)
    return tuple(problem.codes) if isinstance(problem, Refused) else (problem.code,)
