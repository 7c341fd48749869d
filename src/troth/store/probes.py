"""What came of trying the pages: one row for each promise that was tried; nothing in it is about anybody."""

from collections.abc import Sequence

from sqlalchemy import select

from troth.store.schema import probes
from troth.store.unit import Adding, Prepared, Row, Unit

_ADD = Adding(probes, latest=("at", "passed", "tries", "detail"))
_EVERY = Prepared(
    select(probes.c.name, probes.c.at, probes.c.passed, probes.c.tries, probes.c.detail).order_by(
        probes.c.name
    )
)


def put(unit: Unit, rows: Sequence[tuple[str, int, int, int, str]]) -> None:
    """Add or replace (name, when, 1 if nothing was found against it, how much was tried, code)."""
    unit.add(_ADD, rows)


def every(unit: Unit) -> list[Row]:
    """Return (name, when, passed, how much was tried, code) of every promise that was ever tried."""
    return unit.rows(_EVERY)
