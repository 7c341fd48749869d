"""Records whose time is over: which, since when, and their removal, but for what a hold keeps."""

from collections import defaultdict
from collections.abc import Collection, Sequence
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
        Prepared(f"DELETE {over}"),
        Prepared(  # PostgreSQL: nothing but the answer travels
            f"WITH gone AS (DELETE {over} RETURNING origin, subject, record)"  # noqa: S608
            " SELECT origin, count(*), sha256(string_agg(record, ''::bytea ORDER BY record)),"
            " array_agg(subject) FILTER (WHERE origin = ANY(CAST(:traced AS integer[]))),"
            " array_agg(record) FILTER (WHERE origin = ANY(CAST(:traced_too AS integer[])))"
            " FROM gone GROUP BY origin"
        ),
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
    until_, select_, delete_, both = _EXPIRING[bool(unit.rows(_HELD_BACK))]
    found = unit.rows(until_, now, limit - 1)
    until = found[0][0] if found else now
    if not unit.sqlite:
        gone = []
        for origin, count, digest, subjects, ids in unit.rows(both, until, list(traced), list(traced)):
            pairs = zip(subjects or (), map(bytes, ids or ()), strict=True)
            gone.append(Expired(origin, count, bytes(digest), tuple(pairs)))
        return sorted(gone, key=lambda some: some.origin)
    by_origin: dict[int, list[tuple[bytes, int]]] = defaultdict(list)
    for origin, subject, record in unit.rows(select_, until):
        by_origin[origin].append((record, subject))
    unit.run(delete_, until)
    return [
        Expired(
            origin,
            len(some),
            sha256(b"".join(sorted([record for record, _ in some]))).digest(),
            [(subject, record) for record, subject in some] if origin in traced else (),
        )
        for origin, some in sorted(by_origin.items())
    ]


def overdue(unit: Unit, now: int) -> list[Row]:
    """Return (origin, oldest expiry) of every origin of which expired records are here that no hold keeps."""
    return unit.rows(_OVERDUE, now)
