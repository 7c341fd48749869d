"""Records whose time is over: which, since when, and their removal, but for what a hold keeps."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import NamedTuple

from troth.clock import Instant
from troth.store import shelves
from troth.store.origins import Origins
from troth.store.shelves import Shelf
from troth.store.unit import Prepared, Row, Unit

OF_A_MATTER = (
    "SELECT h.subject, o.origin FROM holds h JOIN origins o"
    " ON substr(o.kept || ':', 1, length(h.kept) + 1) = h.kept || ':'"
)
HELD = f"(subject IN (SELECT subject FROM holds) AND (subject, origin) IN ({OF_A_MATTER}))"  # noqa: S608
# What no hold of its class keeps: of nearly everybody the index alone tells that nothing is held.
FREE = f"(subject NOT IN (SELECT subject FROM holds) OR (subject, origin) NOT IN ({OF_A_MATTER}))"  # noqa: S608
_HELD_BACK = Prepared("SELECT 1 FROM holds LIMIT 1")
_OVERDUE = f"SELECT origin, min(expires_at) FROM %s WHERE %s AND {FREE} GROUP BY origin"  # noqa: S608
SUMMED = 100_000  # records of a partition whose ids its line commits to
_SEALED = "SELECT origin, subject, record, collected_at, expires_at, sealed"
_EACH = "SELECT origin, subject, record, expires_at"
_SUMMED = (  # PostgreSQL: nothing but the answer travels
    "SELECT origin, count(*), min(expires_at), sha256(string_agg(record, ''::bytea ORDER BY record)),"
    " array_agg(subject) FILTER (WHERE origin = ANY(%s::integer[])),"
    " array_agg(record) FILTER (WHERE origin = ANY(%s::integer[]))"
)


@dataclass(frozen=True, slots=True)
class Expired:
    """Records of one origin that were removed."""

    origin: int
    count: int
    oldest: Instant  # the first of their ends
    digest: bytes  # SHA-256 over their sorted ids; empty where many went with their partition
    traced: Sequence[tuple[int, bytes]]  # (subject, record) of each, where that was asked for


@dataclass(frozen=True, slots=True)
class Counted:
    """Origins whose records are counted when they go, of what ends after an instant: `take` removes them."""

    origins: frozenset[int] = frozenset()
    after: Instant = 0

    @property
    def these(self) -> str:
        """Return the SQL for their records; there has to be one."""
        return f"(origin IN ({', '.join(map(str, sorted(self.origins)))}) AND expires_at > {self.after})"

    @property
    def others(self) -> str:
        """Return the SQL that leaves their records out."""
        return f" AND NOT {self.these}" if self.origins else ""


NONE = Counted()


class Due(NamedTuple):
    """One record that is over, with what is sealed in it."""

    origin: int
    subject: int
    record: bytes
    collected_at: Instant
    expires_at: Instant
    sealed: bytes


def oldest_due(unit: Unit, now: Instant, counted: Counted) -> tuple[Instant, int] | None:
    """Return since when something that is counted is over, and its origin; of what no hold keeps."""
    found: list[Row] = []
    for table in ("records", "streams") if counted.origins else ():
        over = f"FROM {table} WHERE expires_at <= {now} AND {counted.these}{_unheld(unit)}"
        found += unit.fetch(f"SELECT expires_at, origin {over} ORDER BY expires_at LIMIT 1", ())
    return min(((end, origin) for end, origin in found), default=None)


def take(unit: Unit, now: Instant, limit: int, counted: Counted) -> list[Due]:
    """Remove about `limit` records that are over, oldest first and of one table, and return what they were.

    What ended at the same instant goes together.
    """
    for table in ("records", "streams") if counted.origins else ():
        over = f"FROM {table} WHERE expires_at <= {now} AND {counted.these}{_unheld(unit)}"
        bounded = _first(unit, over, limit)
        if bounded:
            found = [_due_of(*row) for row in unit.fetch(f"{_SEALED} {bounded}", ())]
            unit.later(f"DELETE {bounded}", ())
            return found
    return []


def _due_of(origin: int, subject: int, record: bytes, start: Instant, end: Instant, sealed: bytes) -> Due:
    return Due(origin, subject, bytes(record), start, end, bytes(sealed))


def gone(some: Iterable[Due]) -> list[Expired]:
    """Return what was taken as what is gone, each record named."""
    rows = [(due.origin, due.subject, due.record, due.expires_at) for due in some]
    return _summed(rows, {origin for origin, *_ in rows})


def expire(
    unit: Unit, now: Instant, limit: int, traced: Collection[int], counted: Counted = NONE
) -> list[Expired]:
    """Remove about `limit` expired records, oldest first, but none of a class that is held.

    What ended at the same instant goes together, so that one range of the index is removed. `traced` are
    the origins of which every record is to be named. Streams are left out, and what is counted.
    """
    over = f"FROM records WHERE expires_at <= {now}{counted.others}{_unheld(unit)}"
    return _expire(unit, over, limit, traced)


def expire_streams(
    unit: Unit,
    now: Instant,
    limit: int,
    traced: Collection[int],
    counted: Counted = NONE,
    *,
    spare: Instant,
) -> list[Expired]:
    """Remove about `limit` expired records of streams, as `expire` does.

    On PostgreSQL what the drop of its partition will take in time is left to that: `spare` is how long
    that may be late without anything of it staying longer than was promised; less than 0 leaves nothing.
    """
    over = f"FROM streams WHERE {due(unit, now, spare)}{counted.others}{_unheld(unit)}"
    return _expire(unit, over, limit, traced)


def due(unit: Unit, now: Instant, spare: Instant) -> str:
    """Return the SQL for what of streams is over and has to go row by row."""
    if unit.sqlite:
        return f"expires_at <= {now}"
    ranges = (
        f"(shelf = {kind} AND expires_at >= {start} AND expires_at < {end})"
        for kind, start, end in _by_row(now, spare)
    )
    return f"({' OR '.join(ranges)})"


def _by_row(now: Instant, spare: Instant) -> list[tuple[int, Instant, Instant]]:
    """Return (kind, first end, first end no more) of what goes row by row, of partitions not over."""
    found = [(shelves.APART, 0, now + 1)]
    for kind in (shelves.BY_DAY, shelves.BY_MONTH):
        for shelf in dict.fromkeys(shelves.shelf_at(kind, at) for at in (now - shelves.RESTED, now)):
            end = min(now + 1, shelf.end, shelf.end + shelves.RESTED - spare)
            if end > shelf.start:
                found.append((kind, shelf.start, end))
    return found


def empty_shelf(
    unit: Unit, shelf: Shelf, limit: int, traced: Collection[int], counted: Counted = NONE, *, only: bool
) -> list[Expired]:
    """Remove about `limit` records of a partition that is over: of the traced origins `only`, or of all."""
    if only and not traced:
        return []
    some = f" AND origin IN ({', '.join(map(str, sorted(traced)))})" if only else ""
    over = f"FROM {shelf.name} WHERE true{some}{counted.others}{_unheld(unit)}"
    return _expire(unit, over, limit, traced)


def drop_shelf(unit: Unit, shelf: Shelf, origins: Origins, counted: Counted = NONE) -> list[Expired]:
    """Drop a partition that is over, with all that is in it but what is held, and what is to be counted.

    More than `SUMMED` records are counted and nothing is made of their ids: to sort them would take longer
    than to delete them.
    """
    staying = [HELD] if unit.rows(_HELD_BACK) else []
    staying += [counted.these] if counted.origins else []
    if staying:
        shelves.set_apart(unit, shelf, f"({' OR '.join(staying)})", origins)
    every = f"FROM {shelf.name} GROUP BY origin"
    sums = unit.fetch(f"SELECT origin, count(*), min(expires_at), ''::bytea, NULL, NULL {every}", ())
    if 0 < sum(row[1] for row in sums) <= SUMMED:
        sums = unit.fetch(f"{_SUMMED} {every}", ([], []))
    gone = [_gone(*row) for row in sums]
    shelves.drop(unit, shelf, origins)
    return sorted(gone, key=lambda some: some.origin)


def _unheld(unit: Unit) -> str:
    return f" AND {FREE}" if unit.rows(_HELD_BACK) else ""


def _first(unit: Unit, over: str, limit: int) -> str:
    """Return the SQL for about `limit` of what is over, oldest first; empty where nothing is."""
    ends = f"SELECT expires_at {over} ORDER BY expires_at LIMIT 1"
    first = unit.fetch(ends, ())
    last = unit.fetch(f"{ends} OFFSET {limit - 1}", ()) if first else ()
    if last:  # with both bounds, so that it is seen how little that is, however much was removed before
        over += f" AND expires_at >= {int(first[0][0])} AND expires_at <= {int(last[0][0])}"
    return over if first else ""


def _expire(unit: Unit, over: str, limit: int, traced: Collection[int]) -> list[Expired]:
    """Remove the first of what is over; `over` are our own words and numbers alone."""
    over = _first(unit, over, limit)
    if not over:
        return []
    if unit.sqlite:
        gone = _summed(unit.fetch(f"{_EACH} {over}", ()), traced)
    else:
        summed = unit.fetch(f"{_SUMMED} {over} GROUP BY origin", (list(traced), list(traced)))
        gone = [_gone(*row) for row in summed]
    unit.later(f"DELETE {over}", ())  # the same rows, as nobody else writes while a unit lasts
    return sorted(gone, key=lambda some: some.origin)


def _summed(rows: Iterable[Row], traced: Collection[int]) -> list[Expired]:
    by_origin: dict[int, list[tuple[bytes, int, Instant]]] = defaultdict(list)
    for origin, subject, record, end in rows:
        by_origin[origin].append((record, subject, end))
    return [
        Expired(
            origin,
            len(some),
            min(end for _, _, end in some),
            sha256(b"".join(sorted([record for record, _, _ in some]))).digest(),
            [(subject, record) for record, subject, _ in some] if origin in traced else (),
        )
        for origin, some in by_origin.items()
    ]


def _gone(
    origin: int,
    count: int,
    oldest: Instant,
    digest: bytes,
    subjects: Sequence[int] | None,
    ids: Sequence[bytes] | None,
) -> Expired:
    pairs = tuple(zip(subjects or (), map(bytes, ids or ()), strict=True))
    return Expired(origin, count, oldest, bytes(digest), pairs)


def overdue(unit: Unit, now: Instant, spare: Instant) -> list[Row]:
    """Return (origin, oldest expiry) of every origin of which expired records are here that no hold keeps.

    What waits for the drop of its partition in time, as `expire_streams` lets it, is not overdue.
    """
    found = unit.fetch(_OVERDUE % ("records", f"expires_at <= {now}"), ())
    found += unit.fetch(_OVERDUE % ("streams", due(unit, now, spare)), ())
    for shelf in [] if unit.sqlite else shelves.over(unit, now):
        found += unit.fetch(_OVERDUE % (shelf.name, "true"), ())
    return found
