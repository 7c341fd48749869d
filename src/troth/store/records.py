"""Sealed records of a category: put, got, replaced, moved, removed; in the table where it stands.

Categories that are streams stand apart, in `streams`, where expiry drops whole partitions (`shelves`).
Who asks for a category looks into one of the two tables; `belongings` looks into both.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Generic, TypeVar

from sqlalchemy.sql.schema import Table

from troth.errors import SealBroken
from troth.rules.record import Origin, Record
from troth.store import shelves
from troth.store.origins import Origins
from troth.store.schema import records, streams
from troth.store.unit import Adding, Joining, Prepared, Row, Unit

S = TypeVar("S", Adding, Joining, Prepared)
OF_A_RECORD = (
    "r.subject, r.category_code, r.record, r.origin, r.collected_at, r.narrows_at, r.expires_at, r.sealed"
)
_ONE = "WHERE subject = :subject AND category_code = :code AND record = :record"


class Apart(Generic[S]):
    """One statement for each of the two tables."""

    __slots__ = ("both", "ordinary", "streams")

    def __init__(self, make: Callable[[Table], S]) -> None:
        self.ordinary: S = make(records)
        self.streams: S = make(streams)
        self.both: tuple[S, S] = (self.ordinary, self.streams)

    def of(self, origins: Origins, code: int) -> S:
        """Return the statement for the table in which a category stands."""
        return self.streams if code in origins.streams else self.ordinary


_ADD = Apart(Adding)
_OF = Apart(
    lambda table: Joining(
        f"SELECT {OF_A_RECORD} FROM {{given}} CROSS JOIN {table} r"  # noqa: S608
        " WHERE r.subject = g.subject AND r.category_code = g.code",
        subject="bigint",
        code="smallint",
    )
)
_AFTER = Apart(
    lambda table: Prepared(
        f"SELECT {OF_A_RECORD} FROM {table} r WHERE subject = :subject AND category_code = :code"  # noqa: S608
        " AND record > :after ORDER BY record LIMIT :limit"
    )
)
_HAS = Apart(
    lambda table: Joining(
        f"SELECT DISTINCT r.subject, r.category_code FROM {{given}} CROSS JOIN {table} r"  # noqa: S608
        " WHERE r.subject = g.subject AND r.category_code = g.code AND r.expires_at > g.now",
        subject="bigint",
        code="smallint",
        now="bigint",
    )
)
_ENDS_OF = Apart(
    lambda table: Joining(
        f"SELECT r.subject, r.record, r.expires_at FROM {{given}} CROSS JOIN {table} r"  # noqa: S608
        " WHERE r.subject = g.subject AND r.category_code = g.code AND r.record = g.record",
        subject="bigint",
        code="smallint",
        record="bytea",
    )
)
_REMOVE = Apart(lambda table: Prepared(f"DELETE FROM {table} {_ONE}"))  # noqa: S608
_REPLACE = Apart(lambda table: Prepared(f"UPDATE {table} SET sealed = :sealed {_ONE}"))  # noqa: S608
_MOVE_END = "SET narrows_at = :narrows_at, expires_at = :expires_at"
_MOVE = Prepared(f"UPDATE records {_MOVE_END} {_ONE}")
_MOVE_STREAM = Prepared(f"UPDATE streams {_MOVE_END}, shelf = :shelf {_ONE}")
_TALLY = Apart(
    lambda table: Prepared(
        f"SELECT count(*), min(collected_at), max(collected_at) FROM {table} WHERE origin = :origin"  # noqa: S608
    )
)
_FEW = Apart(
    lambda table: Prepared(
        f"SELECT {OF_A_RECORD} FROM {table} r WHERE r.origin = :origin LIMIT :limit"  # noqa: S608
    )
)
_SAMPLE = Apart(
    lambda table: Prepared(f"SELECT subject, sealed FROM {table} WHERE origin = :origin LIMIT :limit")  # noqa: S608
)


def put(unit: Unit, rows: Sequence[Row], origins: Origins) -> None:
    """Add records, each row in the order of the columns of `records`."""
    apart = [row for row in rows if row[1] in origins.streams] if origins.streams else ()
    if apart:
        flowing = [(*row, shelves.shelf_of(row[4], row[6])) for row in apart]
        shelves.need(unit, {(row[8], row[6]) for row in flowing}, origins)
        unit.add(_ADD.streams, flowing)
        rows = [row for row in rows if row[1] not in origins.streams]
    unit.add(_ADD.ordinary, rows)


def each_of(unit: Unit, joining: Apart[Joining], wanted: Sequence[Row], origins: Origins) -> Iterator[Row]:
    """Yield what is found for rows of (subject, category code, ...), each in the table of its category."""
    apart = [row for row in wanted if row[1] in origins.streams] if origins.streams else ()
    if apart:
        yield from joining.streams.run(unit, apart)
        wanted = [row for row in wanted if row[1] not in origins.streams]
    yield from joining.ordinary.run(unit, wanted)


def of(unit: Unit, wanted: Sequence[tuple[int, int]], origins: Origins) -> Iterator[Record]:
    """Yield the records of each (subject, category code), in no order.

    Raises `SealBroken` for a row that is filed under another category than its origin's.
    """
    for row in each_of(unit, _OF, wanted, origins):
        record = read(unit, row, origins)
        if origins.code(record.origin.category) != row[1]:
            raise SealBroken
        yield record


def after(unit: Unit, subject: int, code: int, record: bytes, limit: int, origins: Origins) -> list[Record]:
    """Return up to `limit` records of a person and category after one of them, in the order of their ids.

    Raises `SealBroken` for a row that is filed under another category than its origin's.
    """
    rows = unit.rows(_AFTER.of(origins, code), subject, code, record, limit)
    found = [read(unit, row, origins) for row in rows]
    if any(origins.code(each.origin.category) != code for each in found):
        raise SealBroken
    return found


def read(unit: Unit, row: Row, origins: Origins) -> Record:
    """Return the record of a row of `OF_A_RECORD`; raises `SealBroken` where nobody knows its origin."""
    subject, _, record, number, collected_at, narrows_at, expires_at, sealed = row
    origin = origins.by_number.get(number) or origin_of(unit, number, origins)
    return Record(bytes(record), subject, origin, collected_at, expires_at, narrows_at, bytes(sealed))


def origin_of(unit: Unit, number: int, origins: Origins) -> Origin:
    """Return an origin that another process may have added; raises `SealBroken` when there is none."""
    if number not in origins.by_number:
        origins.load(unit)
    if number not in origins.by_number:
        raise SealBroken
    return origins.by_number[number]


def held(unit: Unit, wanted: Sequence[tuple[int, int]], now: int, origins: Origins) -> set[tuple[int, int]]:
    """Return those (subject, category code) of which anything unexpired is held."""
    return {
        (subject, code) for subject, code in each_of(unit, _HAS, [(s, c, now) for s, c in wanted], origins)
    }


def ends_of(
    unit: Unit, wanted: Sequence[tuple[int, int, bytes]], origins: Origins
) -> dict[tuple[int, bytes], int]:
    """Return when each of some (subject, category code, record) that are here expires."""
    return {
        (subject, bytes(record)): end for subject, record, end in each_of(unit, _ENDS_OF, wanted, origins)
    }


def remove(unit: Unit, subject: int, code: int, record: bytes, origins: Origins) -> int:
    """Remove one record; return how many there were."""
    return unit.count(_REMOVE.of(origins, code), subject, code, record)


def replace(unit: Unit, subject: int, code: int, record: bytes, sealed: bytes, origins: Origins) -> None:
    """Replace the sealed bytes of one record."""
    unit.run(_REPLACE.of(origins, code), sealed, subject, code, record)


def move_end(unit: Unit, record: Record, narrows_at: int, expires_at: int, origins: Origins) -> None:
    """Move the end of one record's life."""
    code = origins.code(record.origin.category) or 0
    if code not in origins.streams:
        unit.run(_MOVE, narrows_at, expires_at, record.subject, code, record.id)
        return
    shelf = shelves.shelf_of(record.collected_at, expires_at)
    shelves.need(unit, {(shelf, expires_at)}, origins)
    unit.run(_MOVE_STREAM, narrows_at, expires_at, shelf, record.subject, code, record.id)


# ---- for evidence


def tally(unit: Unit, origin: int, origins: Origins) -> tuple[int, int, int]:
    """Return (how many, first collected, last collected) of the records of an origin."""
    statement = _TALLY.of(origins, _code(origin, origins))
    count, first, last = unit.rows(statement, origin)[0]
    return int(count), int(first or 0), int(last or 0)


def sample(unit: Unit, origin: int, limit: int, origins: Origins) -> list[tuple[int, bytes]]:
    """Return (subject, sealed value) of up to `limit` records of an origin; nothing is opened.

    A value that is not stored as bytes comes as none at all.
    """
    found = unit.rows(_SAMPLE.of(origins, _code(origin, origins)), origin, limit)
    return [(subject, sealed if isinstance(sealed, bytes) else b"") for subject, sealed in found]


def few(unit: Unit, origin: int, limit: int, origins: Origins) -> list[Record]:
    """Return up to `limit` records of an origin."""
    statement = _FEW.of(origins, _code(origin, origins))
    return [read(unit, row, origins) for row in unit.rows(statement, origin, limit)]


def _code(origin: int, origins: Origins) -> int:
    return origins.code(origins.by_number[origin].category) or 0
