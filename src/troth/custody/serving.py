"""Serve: a batch of jobs in one transaction, or, when that fails, each job in one of its own."""

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias, TypeVar

from troth.custody.amend import Amend, amend
from troth.custody.cases import Move, Open, move_cases, open_cases
from troth.custody.demands.filing import Advance, Demand, advance_demands, file_demands
from troth.custody.demands.following import Follow, follow_demands
from troth.custody.demands.hearing import Hear, hear_demands
from troth.custody.desk import About, Desk
from troth.custody.endings.erasing import Erase
from troth.custody.endings.removing import Remove, remove
from troth.custody.endings.shortening import Shorten, shorten
from troth.custody.finding import Find, find
from troth.custody.frameless import bare
from troth.custody.hand_out import HandOut, hand_out
from troth.custody.matters import Retime, retime_matters
from troth.custody.publishing import catch_up
from troth.custody.recalling import follow
from troth.custody.repeating import Once, once_each
from troth.custody.sending import Send, send
from troth.custody.stand import Stand, stand
from troth.custody.systems.settling import Settle, settle_duties
from troth.custody.take_in import TakeIn, take_in
from troth.custody.totals import Tallying, total
from troth.errors import Broken, DiskFull, OutcomeUnknown, StoreUnavailable, TrothError
from troth.house import House
from troth.ledger.entry import Entry
from troth.ledger.tree import Tree
from troth.store.unit import unit

T = TypeVar("T")
Job: TypeAlias = (
    HandOut
    | TakeIn
    | Stand
    | Shorten
    | Amend
    | Find
    | Remove
    | Once
    | Open
    | Move
    | Demand
    | Advance
    | Hear
    | Follow
    | Settle
    | Retime
    | Send
    | Tallying
)
_SERVERS: dict[type, Callable[[Desk, Any], Sequence[Any]]] = {
    HandOut: hand_out,
    TakeIn: take_in,
    Stand: stand,
    Shorten: shorten,
    Amend: amend,
    Find: find,
    Remove: remove,
    Open: open_cases,
    Move: move_cases,
    Demand: file_demands,
    Advance: advance_demands,
    Hear: hear_demands,
    Follow: follow_demands,
    Settle: settle_duties,
    Retime: retime_matters,
    Send: send,
    Tallying: total,
}


def serve(house: House, jobs: Sequence[Job]) -> Sequence[Any]:
    """Return what each job is answered with, which may be an error; a bad job fails no neighbour."""
    outcomes = attempt(lambda: in_unit(house, lambda desk: _served(desk, jobs)))
    if not isinstance(outcomes, BaseException):
        answers: Sequence[Any] = outcomes
        return answers
    if isinstance(outcomes, OutcomeUnknown):
        return [outcomes] * len(jobs)
    if len(jobs) == 1:
        if isinstance(outcomes, Broken):
            attempt(lambda: in_unit(house, lambda desk: _remember_failed(desk, jobs[0], outcomes.code)))
        return [outcomes]
    return [outcome for job in jobs for outcome in serve(house, [job])]


def remembered(house: House, job: Erase, work: Callable[[Desk], T]) -> T:
    """Do an erasure's work in one transaction; what it meets that is broken is remembered, and raised."""
    try:
        return in_unit(house, work)
    except Broken as problem:
        code = problem.code
        attempt(lambda: in_unit(house, lambda desk: _remember_failed(desk, job, code)))
        raise


def in_unit(house: House, work: Callable[[Desk], T]) -> T:
    """Do work at a desk in one transaction.

    A commit whose answer was lost is looked up in the ledger, so that nothing is done twice; raises
    `OutcomeUnknown` when that cannot be, and otherwise what the work and the store raise.
    """
    desk: Desk | None = None
    tree: Tree | None = None
    try:
        with unit(house.filing) as here:
            catch_up(house, here)
            desk = Desk(house, here)
            found = work(desk)
            tree = desk.settle()
        house.tree = tree
        follow(house, desk.unit.size, desk.appended())
        return found
    except (StoreUnavailable, DiskFull):
        house.origins.forget()
        if desk is not None and tree is not None and _stands(house, desk):
            return found
        raise
    except BaseException:
        house.origins.forget()
        raise


def attempt(work: Callable[[], Any]) -> Any:  # noqa: ANN401
    """Return what some work returns or raises; an interrupt is the caller's own, and goes through."""
    try:
        return work()
    except KeyboardInterrupt:
        raise
    except BaseException as problem:  # noqa: BLE001 - it is the outcome, raised again at the caller
        return bare(problem)


def _stands(house: House, desk: Desk) -> bool:
    """Whether the lines of a desk stand in the ledger, although its commit seemed to fail."""
    try:
        with unit(house.filing) as here:
            return desk.stands_in(here)
    except TrothError:
        raise OutcomeUnknown from None


def _served(desk: Desk, jobs: Sequence[Job]) -> list[Any]:
    """Serve jobs; what was done before under the same key is not done again."""
    return once_each(desk, jobs, lambda some: _by_kind(desk, some))


def _by_kind(desk: Desk, jobs: Sequence[Job]) -> list[Any]:
    """Serve jobs kind by kind; callers that wait at the same time have no order among them."""
    kinds: dict[type, list[int]] = {}
    for n, job in enumerate(jobs):
        kinds.setdefault(type(job), []).append(n)
    outcomes: list[Any] = [None] * len(jobs)
    for kind, numbers in kinds.items():
        for n, outcome in zip(numbers, _SERVERS[kind](desk, [jobs[n] for n in numbers]), strict=True):
            outcomes[n] = outcome
    return outcomes


def _remember_failed(desk: Desk, job: Job | Erase, code: str) -> None:
    """Append the line of a job that met something broken: nothing was disclosed or changed."""
    job = job.job if isinstance(job, Once) else job
    asked: Any = job.offers[0] if isinstance(job, TakeIn) else job
    about: About | None = getattr(asked, "about", None)
    desk.find([] if about is None else [about])
    request, book = asked.request, desk.house.book
    subject = attempt(
        lambda: desk.pseudonym(None if about is None else desk.people.get(about))
    )  # its key may be what is broken
    actor, behalf = desk.actor(request.by)
    desk.remember(
        Entry(
            at=desk.now,
            kind="request.failed",
            actor=actor,
            on_behalf_of=behalf,
            act=request.act.value,
            outcome="refused",
            subject=subject if isinstance(subject, str) else None,
            category=request.category if request.category in book.fields else None,
            purpose=request.purpose if request.purpose in book.purposes else None,
            agreement=book.agreement.version,
            reasons=(code,),
        )
    )
