"""What is known of one person without opening a value: choices, what is held, cases, and what happened."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from troth.clock import Instant
from troth.custody.desk import About, Desk
from troth.custody.holdings import Holding, beyond, holdings
from troth.custody.recalling import Recalled, first_entry, recall_some
from troth.ledger.entry import Entry
from troth.rules.cases import Case
from troth.rules.decision import Act, Permit, Refusal, Request, Why, program, staff
from troth.rules.rulebook import Rulebook
from troth.rules.standing import NEWCOMER, Standing
from troth.store import belongings, cases, registry
from troth.terms.vocabulary import Category, Purpose

NOTHING = Recalled((), None)


@dataclass(frozen=True, slots=True)
class Known:
    """One person, as far as anything is known of them without opening it."""

    standing: Standing
    held: tuple[Holding, ...]
    cases: tuple[Case, ...]
    recalled: Recalled = NOTHING
    since: Instant | None = None  # of the first entry about them
    now: Instant = 0  # when this was so
    beyond: tuple[Holding, ...] = ()  # what is over, and here for a matter alone


def know(
    desk: Desk,
    subject: int,
    *,
    wanted: Callable[[Entry], bool] | None = None,
    before: int | None = None,
    limit: int = 50,
    having: bytes = b"",
    since: Instant = 0,
) -> Known:
    """Return what is known of a person; with entries about them when `wanted` says which.

    `having` is a part of those entries as they are written, where they all have one.
    """
    desk.find([subject])
    standing = desk.standings.get(subject, NEWCOMER)
    own = tuple(cases.of(desk.unit, subject))
    if wanted is None:
        return Known(standing, holdings(desk, subject), own, now=desk.now, beyond=beyond(desk, subject))
    recalled = recall_some(
        desk, subject, before=before, limit=limit, wanted=wanted, having=having, since=since
    )
    first = first_entry(desk, subject)
    oldest = recall_some(desk, subject, before=first + 1, limit=1) if first is not None else NOTHING
    start = oldest.entries[0][1].at if oldest.entries else None
    held = holdings(desk, subject)
    return Known(standing, held, own, recalled, start, desk.now, beyond(desk, subject))


def is_held(desk: Desk, subject: int, some: Iterable[bytes]) -> bool:
    """Whether any of some records of a person is still held."""
    return belongings.lives(desk.unit, subject, some, desk.now)


def permitted(desk: Desk, request: Request, about: About) -> bool:
    """Whether a request about a person would be permitted now; it is neither done nor remembered."""
    desk.find([about])
    return isinstance(desk.admit(request, about), Permit)


def unused(desk: Desk, about: About, some: Iterable[str]) -> tuple[Category, ...]:
    """Return those of some categories that others would read, if the person had not restricted them."""
    desk.find([about])
    if not desk.standing(about).restrictions:
        return ()
    return tuple(
        category
        for category in dict.fromkeys(map(Category, some))
        if any(
            isinstance(decision := desk.admit(request, about), Refusal)
            and any(reason.why is Why.RESTRICTED for reason in decision.reasons)
            for request in _uses_by_others(desk.house.book, category)
        )
    )


def _uses_by_others(book: Rulebook, category: Category) -> Iterator[Request]:
    """Yield a request for each use of a category that a clause lets staff or a program make."""
    for (act, of, purpose), cell in book.cells.items():
        if act is Act.USE and of == category:
            for grant in cell.grants:
                for by in (*map(program, grant.by.programs), *(staff(role, role) for role in grant.by.roles)):
                    yield Request(Act.USE, by, category, purpose=Purpose(purpose))


def on_record(desk: Desk) -> tuple[tuple[str, str, Instant], ...]:
    """Return (recipient, kind, until when) of every instrument that is valid now."""
    return tuple(
        (recipient, kind, until) for recipient, kind, until in registry.on_record(desk.unit, desk.now)
    )
