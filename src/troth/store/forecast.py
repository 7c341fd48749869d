"""Forecast: how many records go on which day, and how many a hold keeps from it; nothing is changed."""

from collections.abc import Iterator

from troth.clock import DAY, Instant
from troth.rules.standing import Standing, read
from troth.store.expiry import FREE, HELD
from troth.store.unit import Prepared, Row, Unit

_TABLES = ("records", "streams")
_HELD_PEOPLE = Prepared(
    "SELECT standing FROM subjects WHERE subject IN (SELECT subject FROM holds) ORDER BY subject"
)


def going(unit: Unit, now: Instant, until: Instant) -> Iterator[Row]:
    """Yield (origin, day, 1 when it is over, how many, the first end) of what ends before an instant.

    Days are counted from the epoch. What a hold keeps is left out.
    """
    over = f"CASE WHEN expires_at <= {now} THEN 1 ELSE 0 END"
    for table in _TABLES:
        yield from unit.fetch(
            f"SELECT origin, expires_at / {DAY}, {over}, count(*), min(expires_at) FROM {table}"  # noqa: S608
            f" WHERE expires_at < {until} AND {FREE} GROUP BY 1, 2, 3",
            (),
        )


def held(unit: Unit, until: Instant) -> Iterator[Row]:
    """Yield (origin, how many) of what would end before an instant and is held."""
    for table in _TABLES:
        yield from unit.fetch(
            f"SELECT origin, count(*) FROM {table} WHERE expires_at < {until} AND {HELD} GROUP BY origin",  # noqa: S608
            (),
        )


def held_people(unit: Unit) -> Iterator[Standing]:
    """Yield the standing of everybody of whom something is held by a matter; raises `RowBroken`."""
    for (text,) in unit.rows(_HELD_PEOPLE):
        yield read(text)
