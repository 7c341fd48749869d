"""Shorter: the ends of a person's records of one origin, brought forward in one statement."""

from troth.clock import DAY, Instant
from troth.store import shelves
from troth.store.origins import Origins
from troth.store.unit import Prepared, Unit

_CHOOSERS = Prepared(
    "SELECT subject FROM subjects WHERE subject > :after AND standing LIKE :said ORDER BY subject LIMIT :most"
)


def shorten(
    unit: Unit, subject: int, origin: int, span: int, now: Instant, origins: Origins, *, ends: bool
) -> None:
    """Let what is held end `span` microseconds after it was taken in; no later than before, nor before now.

    Without `ends` it is only narrowed then, to what it is kept longer for. What is over stays as it is.
    """
    soonest = f"CASE WHEN collected_at + {span} > {now} THEN collected_at + {span} ELSE {now} END"
    mine = f"subject = {subject} AND origin = {origin} AND"
    code = origins.code(origins.by_number[origin].category) or 0
    columns = ["narrows_at", "expires_at"] if ends else ["narrows_at"]
    for column in columns:
        where = f"WHERE {mine} {column} > {soonest}"
        if code not in origins.streams:
            unit.later(f"UPDATE records SET {column} = {soonest} {where}", ())  # noqa: S608
            continue
        moved = f"{column} = {soonest}"
        if column == "expires_at":
            kind = shelves.BY_DAY if span <= shelves.BY_DAY_UNTIL else shelves.BY_MONTH
            days = unit.fetch(f"SELECT DISTINCT ({soonest}) / {DAY} FROM streams {where}", ())  # noqa: S608
            shelves.need(unit, {(kind, day * DAY) for (day,) in days}, origins)
            moved += f", shelf = {kind}"
        unit.later(f"UPDATE streams SET {moved} {where}", ())  # noqa: S608


# ---- for evidence


def choosers(unit: Unit, after: int, limit: int) -> list[int]:
    """Return up to `limit` people beyond a number who chose a shorter time for anything, in order."""
    return [subject for (subject,) in unit.rows(_CHOOSERS, after, '%"shorter":%', limit)]


def outliving(
    unit: Unit, subject: int, origin: int, days: int, now: Instant, origins: Origins, *, until: Instant
) -> tuple[int, int]:
    """Return how many records came until an instant, and how many of them may be read after `days`.

    What was read too late and is over by now does not count; nor what they are kept longer for alone.
    """
    code = origins.code(origins.by_number[origin].category) or 0
    table = "streams" if code in origins.streams else "records"
    end = "expires_at" if origins.by_number[origin].only_for is None else "narrows_at"
    late = f"{end} > {now} AND {end} > collected_at + {days * DAY}"
    found = unit.fetch(
        f"SELECT count(*), sum(CASE WHEN {late} THEN 1 ELSE 0 END) FROM {table}"  # noqa: S608
        f" WHERE subject = {subject} AND origin = {origin} AND collected_at <= {until}",
        (),
    )
    count, beyond = found[0]
    return int(count), int(beyond or 0)
