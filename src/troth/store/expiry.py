"""Records whose time is over: which, since when, and their removal, but for what a hold keeps."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256

from troth.clock import Instant
from troth.store import shelves
from troth.store.origins import Origins
from troth.store.shelves import Shelf
from troth.store.unit import Prepared, Row, Unit

_OF_A_MATTER = (
    "SELECT h.subject, o.origin FROM holds h JOIN origins o"
    " ON substr(o.kept || ':', 1, length(h.kept) + 1) = h.kept || ':'"
)
HELD = f"(subject IN (SELECT subject FROM holds) AND (subject, origin) IN ({_OF_A_MATTER}))"  # noqa: S608
# What no hold of its class keeps: of nearly everybody the index alone tells that nothing is held.
FREE = f"(subject NOT IN (SELECT subject FROM holds) OR (subject, origin) NOT IN ({_OF_A_MATTER}))"  # noqa: S608
_HELD_BACK = Prepared("SELECT 1 FROM holds LIMIT 1")
_OVERDUE = f"SELECT origin, min(expires_at) FROM %s WHERE %s AND {FREE} GROUP BY origin"  # noqa: S608
SUMMED = 100_000  # records of a partition whose ids its line commits to
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


def expire(unit: Unit, now: Instant, limit: int, traced: Collection[int]) -> list[Expired]:
    """Remove about `limit` expired records, oldest first, but none of a class that is held.

    What ended at the same instant goes together, so that one range of the index is removed. `traced` are
    the origins of which every record is to be named. Streams are left out.
    """
    return _expire(unit, f"FROM records WHERE expires_at <= {now}{_unheld(unit)}", limit, traced)


def expire_streams(
    unit: Unit, now: Instant, limit: int, traced: Collection[int], *, spare: Instant
) -> list[Expired]:
    """Remove about `limit` expired records of streams, as `expire` does.

    On PostgreSQL what the drop of its partition will take in time is left to that: `spare` is how long
    that may be late without anything of it staying longer than was promised; less than 0 leaves nothing.
    """
    return _expire(unit, f"FROM streams WHERE {_due(unit, now, spare)}{_unheld(unit)}", limit, traced)


def _due(unit: Unit, now: Instant, spare: Instant) -> str:
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
    unit: Unit, shelf: Shelf, limit: int, traced: Collection[int], *, only: bool
) -> list[Expired]:
    """Remove about `limit` records of a partition that is over: of the traced origins `only`, or of all."""
    if only and not traced:
        return []
    some = f" AND origin IN ({', '.join(map(str, sorted(traced)))})" if only else ""
    return _expire(unit, f"FROM {shelf.name} WHERE true{some}{_unheld(unit)}", limit, traced)


def drop_shelf(unit: Unit, shelf: Shelf, origins: Origins) -> list[Expired]:
    """Drop a partition that is over, with all that is in it but what is held.

    More than `SUMMED` records are counted and nothing is made of their ids: to sort them would take longer
    than to delete them.
    """
    if unit.rows(_HELD_BACK):
        shelves.set_apart(unit, shelf, HELD, origins)
    every = f"FROM {shelf.name} GROUP BY origin"
    counted = unit.fetch(f"SELECT origin, count(*), min(expires_at), ''::bytea, NULL, NULL {every}", ())
    if 0 < sum(row[1] for row in counted) <= SUMMED:
        counted = unit.fetch(f"{_SUMMED} {every}", ([], []))
    gone = [_gone(*row) for row in counted]
    shelves.drop(unit, shelf, origins)
    return sorted(gone, key=lambda some: some.origin)


def _unheld(unit: Unit) -> str:
    return f" AND {FREE}" if unit.rows(_HELD_BACK) else ""


def _expire(unit: Unit, over: str, limit: int, traced: Collection[int]) -> list[Expired]:
    """Remove the first of what is over; `over` are our own words and numbers alone."""
    ends = f"SELECT expires_at {over} ORDER BY expires_at LIMIT 1"
    first = unit.fetch(ends, ())
    if not first:
        return []
    last = unit.fetch(f"{ends} OFFSET {limit - 1}", ())
    if last:  # with both bounds, so that it is seen how little that is, however much was removed before
        over += f" AND expires_at >= {int(first[0][0])} AND expires_at <= {int(last[0][0])}"
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
    found += unit.fetch(_OVERDUE % ("streams", _due(unit, now, spare)), ())
    for shelf in [] if unit.sqlite else shelves.over(unit, now):
        found += unit.fetch(_OVERDUE % (shelf.name, "true"), ())
    return found
