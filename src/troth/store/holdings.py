"""Holdings: how many records a person has of each origin, and when they come and go; no value is read."""

from troth.errors import RowBroken
from troth.store.unit import Prepared, Row, Unit

_HELD = Prepared(
    "SELECT origin, count(*), min(collected_at), max(collected_at), min(expires_at), max(expires_at)"
    " FROM records WHERE subject = :subject AND expires_at > :now GROUP BY origin ORDER BY origin"
)


def held(unit: Unit, subject: int, now: int) -> list[Row]:
    """Return (origin, how many, first and last collected, first and last to go) of what has not expired.

    Raises `RowBroken`.
    """
    rows = unit.rows(_HELD, subject, now)
    if any(type(value) is not int for row in rows for value in row):
        raise RowBroken(table="records")
    return rows
