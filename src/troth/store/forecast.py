"""Forecast: how many records go on which day, and how many a hold keeps from it; nothing is changed."""

from collections.abc import Iterator

from troth.clock import DAY, Instant
from troth.rules.standing import Standing, read
from troth.store.expiry import FREE, HELD, OF_A_MATTER, due
from troth.store.unit import Prepared, Row, Unit

_TABLES = ("records", "streams")
_HELD_PEOPLE = Prepared(
    "SELECT standing FROM subjects WHERE subject IN (SELECT subject FROM holds) ORDER BY subject"
)


COMING, OVER, LOST = 0, 1, 2  # LOST: over since before an instant, such as that of a restore


def going(unit: Unit, now: Instant, until: Instant, *, since: Instant, spare: Instant) -> Iterator[Row]:
    """Yield (origin, day, state, shelf, how many, the first end) of what ends before an instant.

    Days are counted from the epoch. The shelf is that of a partition with which something goes that is over,
    as `expiry.expire_streams` leaves it there for `spare`, and 0 otherwise. What a hold keeps is left out.
    """
    state = (
        f"CASE WHEN expires_at > {now} THEN {COMING} WHEN expires_at > {since} THEN {OVER} ELSE {LOST} END"
    )
    for table in _TABLES:
        left = "0"
        if table == "streams" and not unit.sqlite:
            left = f"CASE WHEN expires_at <= {now} AND NOT {due(unit, now, spare)} THEN shelf ELSE 0 END"
        yield from unit.fetch(
            f"SELECT origin, expires_at / {DAY}, {state}, {left}, count(*), min(expires_at) FROM {table}"  # noqa: S608
            f" WHERE expires_at < {until} AND {_now(FREE, now)} GROUP BY 1, 2, 3, 4",
            (),
        )


def _now(condition: str, now: Instant) -> str:
    """Return a condition on what is held, less what a matter held that is over and was not swept yet."""
    over = f"m.matter = h.matter AND m.reason = h.reason AND m.ends_at <= {now}"
    alive = f"{OF_A_MATTER} WHERE NOT EXISTS (SELECT 1 FROM matters m WHERE {over})"  # noqa: S608
    return condition.replace(OF_A_MATTER, alive)


def held(unit: Unit, now: Instant, until: Instant) -> Iterator[Row]:
    """Yield (origin, how many) of what would end before an instant and is held."""
    for table in _TABLES:
        yield from unit.fetch(
            f"SELECT origin, count(*) FROM {table}"  # noqa: S608
            f" WHERE expires_at < {until} AND {_now(HELD, now)} GROUP BY origin",
            (),
        )


def held_people(unit: Unit) -> Iterator[Standing]:
    """Yield the standing of everybody of whom something is held by a matter; raises `RowBroken`."""
    for (text,) in unit.rows(_HELD_PEOPLE):
        yield read(text)
