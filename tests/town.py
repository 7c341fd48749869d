"""A town library, where what is over is counted: its readers, what they do, and what remains."""

from collections.abc import Callable, Iterable
from typing import Any

from tests.inside import rows_of
from troth.acts import collect
from troth.clock import DAY, Settable
from troth.library import Troth
from troth.rules.decision import member, program, staff
from troth.store import schema

DESK, GATE, STATISTICS = program("desk"), program("gate"), program("statistics")
DIRECTOR, LIBRARIAN = staff("dora", "director"), staff("lea", "librarian")
PEOPLE = 24
HOUR = DAY // 24
OVER = 140 * DAY  # after the start: what June brought is over, whatever its class


def reader(n: int) -> str:
    return f"R-{n}"


def everything(n: int) -> dict[str, Any]:
    """Everything that can be told of a loan; of yes and no twelve each, and money of one magnitude."""
    return {
        "kind": "book",
        "days": 14,
        "late": n % 2 == 0,
        "fee": {"amount": f"{10 + n}.50", "currency": "EUR"},
        "made": f"1958-02-{1 + n:02}",
        "at": f"2027-05-{1 + n:02}T10:00:00Z",
        "from": "AT",
        "tongue": "de",
    }


def joined(house: Troth, people: Iterable[int] = range(PEOPLE)) -> None:
    _take_in(house, ({"category": "reader", "when": "joining", "by": member()}, people, {"name": "Ida"}))


def borrowed(
    house: Troth, each: Callable[[int], dict[str, Any]], people: Iterable[int] = range(PEOPLE)
) -> None:
    """Let people borrow something; `each` gives what, by their number."""
    for n in people:
        house.collect(about=reader(n), category="loan", when="borrowing", values=each(n), by=DESK)


def came(house: Troth, people: Iterable[int] = range(PEOPLE), door: str = "north") -> None:
    _take_in(house, ({"category": "visit", "when": "entering", "by": GATE}, people, {"door": door}))


def rated(house: Troth, people: Iterable[int] = range(PEOPLE)) -> None:
    for n in people:
        house.consent(about=reader(n), purpose="opinions")
        house.collect(about=reader(n), category="opinion", when="returning", values={"stars": 5})


def _take_in(house: Troth, said: tuple[dict[str, Any], Iterable[int], dict[str, Any]]) -> None:
    how, people, values = said
    house.collect_many(
        [collect.offering(about=reader(n), values=values, **how) for n in people], together=True
    )


def swept(house: Troth, clock: Settable, days: int, every: int = DAY) -> list[Any]:
    """Sweep as a server does until some days passed; return what was swept."""
    found, until = [], clock.at + days * DAY
    while clock.at < until:
        clock.forward(every)
        found.append(house.sweep())
    return found


def totals(house: Troth, category: str = "loan", **more: Any) -> dict[tuple[str, str, str], int]:
    found = house.tallies(**{"by": STATISTICS, "category": category, "purpose": "counting"} | more)
    return {(each.field, each.value, each.month): each.count for each in found.totals}


def tallies(house: Troth) -> set[tuple[str, str, str, int]]:
    """Return what the store has counted, whether or not its month is over."""
    return {(row.category, row.field, row.value, row.count) for row in rows_of(house, schema.tallies)}
