"""Tallies: how often values stood in a category in a month; of nobody."""

from collections.abc import Iterable
from typing import NamedTuple

from troth.errors import RowBroken
from troth.store.unit import Prepared, Unit

_ADD = Prepared(
    "INSERT INTO tallies (category, field, value, month, count)"
    " VALUES (:category, :field, :value, :month, :count)"
    " ON CONFLICT (category, field, value, month) DO UPDATE SET count = tallies.count + excluded.count"
)
_SELECT = "SELECT category, field, value, month, count FROM tallies"
_ALL = Prepared(f"{_SELECT} ORDER BY category, field, month, value")
_OF = Prepared(f"{_SELECT} WHERE category = :category ORDER BY field, month, value")


class Tally(NamedTuple):
    """How often a value of a field stood in what was collected of a category in a month."""

    category: str
    field: str
    value: str
    month: int
    often: int


def add(unit: Unit, some: Iterable[Tally]) -> None:
    """Add to what was counted before."""
    for tally in some:
        unit.run(_ADD, *tally)


def of(unit: Unit, category: str) -> list[Tally]:
    """Return all of one category, in order; raises `RowBroken`."""
    return [_read(row) for row in unit.rows(_OF, category)]


def every(unit: Unit) -> list[Tally]:
    """Return everything that was counted, in order; raises `RowBroken`."""
    return [_read(row) for row in unit.rows(_ALL)]


def _read(row: tuple[object, ...]) -> Tally:
    if tuple(map(type, row)) != (str, str, str, int, int):
        raise RowBroken(table="tallies")
    return Tally(*row)  # type: ignore[arg-type]
