"""Records whose time is over: which, since when, and their removal, but for what a hold keeps."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256

from troth.store.unit import Prepared, Row, Unit

# What no hold of its class keeps: of nearly everybody the index alone tells that nothing is held.
_FREE = (
    "(subject NOT IN (SELECT subject FROM holds) OR (subject, origin) NOT IN (SELECT h.subject, o.origin"
    " FROM holds h JOIN origins o ON substr(o.kept || ':', 1, length(h.kept) + 1) = h.kept || ':'))"
)
_HELD_BACK = Prepared("SELECT 1 FROM holds LIMIT 1")


def _expiring(free: str) -> tuple[Prepared, Prepared, Prepared, Prepared]:
    """Return the statements of expiry; `free` keeps them off what is held, when anything is."""
    over = f"FROM records WHERE expires_at <= :until{free}"
    return (
        Prepared(f"SELECT expires_at {over} ORDER BY expires_at LIMIT 1 OFFSET :limit"),
        Prepared(f"SELECT origin, subject, record {over}"),
        Prepared(  # PostgreSQL: nothing but the answer travels
            "SELECT origin, count(*), sha256(string_agg(record, ''::bytea ORDER BY record)),"
            " array_agg(subject) FILTER (WHERE origin = ANY(CAST(:traced AS integer[]))),"
            " array_agg(record) FILTER (WHERE origin = ANY(CAST(:traced_too AS integer[])))"
            f" {over} GROUP BY origin"
        ),
        Prepared(f"DELETE {over}"),
    )


_EXPIRING = {True: _expiring(f" AND {_FREE}"), False: _expiring("")}
_OVERDUE = Prepared(
    f"SELECT origin, min(expires_at) FROM records WHERE expires_at <= :now AND {_FREE} GROUP BY origin"  # noqa: S608
)


@dataclass(frozen=True, slots=True)
class Expired:
    """Records of one origin that were removed."""

    origin: int
    count: int
    digest: bytes  # SHA-256 over their sorted ids
    traced: Sequence[tuple[int, bytes]]  # (subject, record) of each, where that was asked for


def expire(unit: Unit, now: int, limit: int, traced: Collection[int]) -> list[Expired]:
    """Remove about `limit` expired records, oldest first, but none of a class that is held.

    What ended at the same instant goes together, so that one range of the index is removed. `traced` are
    the origins of which every record is to be named.
    """
    until_, each, summed, delete = _EXPIRING[bool(unit.rows(_HELD_BACK))]
    found = unit.rows(until_, now, limit - 1)
    until = found[0][0] if found else now
    if unit.sqlite:
        gone = _summed(unit.rows(each, until), traced)
    else:
        gone = [_gone(*row) for row in unit.rows(summed, list(traced), list(traced), until)]
    unit.run(delete, until)  # the same rows, as nobody else writes while a unit lasts
    return sorted(gone, key=lambda some: some.origin)


def _summed(rows: Iterable[Row], traced: Collection[int]) -> list[Expired]:
    by_origin: dict[int, list[tuple[bytes, int]]] = defaultdict(list)
    for origin, subject, record in rows:
        by_origin[origin].append((record, subject))
    return [
        Expired(
            origin,
            len(some),
            sha256(b"".join(sorted([record for record, _ in some]))).digest(),
            [(subject, record) for record, subject in some] if origin in traced else (),
        )
        for origin, some in by_origin.items()
    ]


def _gone(
    origin: int, count: int, digest: bytes, subjects: Sequence[int] | None, ids: Sequence[bytes] | None
) -> Expired:
    pairs = tuple(zip(subjects or (), map(bytes, ids or ()), strict=True))
    return Expired(origin, count, bytes(digest), pairs)


def overdue(unit: Unit, now: int) -> list[Row]:
    """Return (origin, oldest expiry) of every origin of which expired records are here that no hold keeps."""
    return unit.rows(_OVERDUE, now)
