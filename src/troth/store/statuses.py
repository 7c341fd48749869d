"""How each clause stood on each day; nothing in it is about anybody."""

from collections.abc import Sequence

from sqlalchemy import bindparam, delete, select

from troth.store.schema import statuses
from troth.store.unit import Adding, Prepared, Row, Unit

_ADD = Adding(statuses, latest=("word", "failing"))
_SINCE = Prepared(
    select(statuses.c.clause, statuses.c.day, statuses.c.word, statuses.c.failing)
    .where(statuses.c.day >= bindparam("day"))
    .order_by(statuses.c.day, statuses.c.clause)
)
_DROP = Prepared(delete(statuses).where(statuses.c.day < bindparam("day")))


def put(unit: Unit, rows: Sequence[tuple[str, int, str, str]]) -> None:
    """Add or replace (clause, day, word, failing check)."""
    unit.add(_ADD, rows)


def since(unit: Unit, day: int) -> list[Row]:
    """Return (clause, day, word, failing check) from a day on, oldest first."""
    return unit.rows(_SINCE, day)


def drop(unit: Unit, before: int) -> None:
    """Remove the days before one."""
    unit.run(_DROP, before)
