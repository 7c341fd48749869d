"""Shorter: the ends of a person's records of one origin, brought forward in one statement."""

from troth.clock import DAY, Instant
from troth.store import shelves
from troth.store.origins import Origins
from troth.store.unit import Unit


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
