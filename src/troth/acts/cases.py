"""Cases: open one, bring it from state to state; read whose are where. Values are read by other acts."""

from collections.abc import Callable, Iterable, Mapping

from troth.clock import Instant
from troth.custody.asking import refusal_of
from troth.custody.cases import Move, Open
from troth.custody.desk import About, Desk
from troth.errors import BadArgument, NothingThere, TrothError
from troth.rules import given
from troth.rules.cases import Case, Side, of_sides
from troth.rules.decide import is_by
from troth.rules.decision import Act, Actor, Refusal, Request, Why, asker
from troth.store import cases
from troth.teller import Teller
from troth.terms.vocabulary import Circumstance

MOST = 1_000  # cases of a queue at a time
START: tuple[Instant, bytes] = (-1, b"")


def opening(*, by: Actor, about: About, name: str) -> Open:
    """Return the job that opens a case of one name; answered with `Filed`. Raises `BadArgument`.

    A verification opens as `consented` where consents are needed and every one stands, or as `collecting`.
    """
    word = Circumstance(given.text("name", name))
    return Open(Request(Act.OPEN, asker(by), circumstance=word), given.about(about))


def moving(*, by: Actor, about: About, case: bytes, to: str, reasons: Iterable[str] = ()) -> Move:
    """Return the job that brings a case of a person to another state; answered with `Filed`.

    `reasons` are codes that the clause lists; to reject, or to ask for more, takes one. Raises `BadArgument`.
    """
    codes = " ".join(sorted(given.texts("reasons", reasons)))
    request = Request(Act.MOVE, asker(by), reason=codes, states=("", given.text("to", to)))
    return Move(request, given.about(about), _id(case))


def listing(about: About) -> Callable[[Desk], tuple[Case, ...]]:
    """Return the work that finds the cases of a person, oldest first; none of somebody unknown.

    It is given to `Teller.alone` or `Teller.alone_soon`. Raises `BadArgument`.
    """
    given.about(about)

    def work(desk: Desk) -> tuple[Case, ...]:
        desk.find([about])
        subject = desk.people.get(about)
        return () if subject is None else tuple(cases.of(desk.unit, subject))

    return work


def contents(about: About, case: bytes) -> Callable[[Desk], Mapping[bytes, str]]:
    """Return the work that finds what belongs to a case of a person, and nothing of one that is not theirs.

    It answers with the ids of records, each with who gave it: `self`, `staff:ROLE` or `program:NAME`.
    Raises `BadArgument`.
    """
    given.about(about), _id(case)

    def work(desk: Desk) -> Mapping[bytes, str]:
        desk.find([about])
        subject = desk.people.get(about)
        found = None if subject is None else cases.one(desk.unit, case, subject)
        return {} if found is None else cases.givers_of(desk.unit, found)

    return work


def cases_of(teller: Teller, about: About) -> tuple[Case, ...]:
    """Return the cases of a person, oldest first; none of somebody unknown. Raises `BadArgument`."""
    return teller.alone(listing(about))


def queue(
    teller: Teller, name: str, state: str, after: tuple[Instant, bytes] = START, limit: int = 100
) -> tuple[Case, ...]:
    """Return up to `limit` cases that are in a state, the one that has been in it longest first.

    `after` is (`changed_at`, `id`) of the last case of the page before. A case names its person by their
    number, and nothing that they told. Raises `BadArgument`.
    """
    given.text("name", name), given.text("state", state)
    if type(limit) is not int or not 0 < limit <= MOST:
        raise BadArgument(name="limit", wanted=f"a whole number from 1 to {MOST}")
    at, case = after
    place = (at if type(at) is int else -1, _id(case) if case else b"")
    return teller.alone(lambda desk: tuple(cases.waiting(desk.unit, name, state, place, limit)))


def records_of(teller: Teller, about: About, case: bytes) -> frozenset[bytes]:
    """Return the ids of the records that belong to a case of a person; none of a case that is not theirs."""
    return frozenset(teller.alone(contents(about, case)))


def finding_case(by: Actor, reference: str) -> Callable[[Desk], Case]:
    """Return the work that finds a case by its reference, for whoever feeds or decides it.

    Raises `NothingThere`, alike for one that is not there and for one that is none of theirs; `BadArgument`.
    """
    asker(by), given.text("reference", reference)

    def work(desk: Desk) -> Case:
        found = cases.named(desk.unit, reference)
        if found is None or not _concerns(desk, by, found.name, Side.FEEDING, Side.DECIDING):
            raise NothingThere
        return found

    return work


def waiting(
    by: Actor, name: str, state: str, after: tuple[Instant, bytes] = START, limit: int = 100
) -> Callable[[Desk], tuple[Case, ...] | TrothError]:
    """Return the work that finds what `queue` does, for whoever decides such cases; others are refused.

    The refusal is remembered, and returned. Raises `BadArgument`.
    """
    asker(by), given.text("name", name), given.text("state", state)
    at, case = after

    def work(desk: Desk) -> tuple[Case, ...] | TrothError:
        refusal = _undecided_by(desk, by, name)
        if refusal is not None:
            return desk.refuse(Request(Act.MOVE, by, circumstance=Circumstance(name)), refusal, None)
        return tuple(cases.waiting(desk.unit, name, state, (at, case), limit))

    return work


def _concerns(desk: Desk, by: Actor, name: str, *sides: Side) -> bool:
    """Whether somebody stands on one of these sides of the cases of a name."""
    _, rule = desk.house.book.cases.get(name, (None, None))
    return rule is not None and is_by(of_sides(rule, sides), by)


def _undecided_by(desk: Desk, by: Actor, name: str) -> Refusal | None:
    """Return why somebody may not see which cases of a name wait; None when they decide them."""
    if _concerns(desk, by, name, Side.DECIDING):
        return None
    if name not in desk.house.book.cases:
        return refusal_of(Why.UNKNOWN_CASE, word=name)
    clause, _ = desk.house.book.cases[name]
    return refusal_of(Why.NOT_BY, clause, word=by.kind.value)


def _id(case: object) -> bytes:
    if isinstance(case, bytes) and len(case) == 16:
        return case
    raise BadArgument(name="case", wanted="the id of a case (16 bytes)")
