"""Who left, when to look whether anything is held of them still, and their end; many people at a time."""

from collections.abc import Sequence

from sqlalchemy import bindparam, delete, update

from troth.clock import DAY
from troth.store.schema import erased, leavers
from troth.store.unit import Adding, Joining, Prepared, Row, Unit

_ADD = Adding(leavers, latest=("due_at",))
_ADD_ERASED = Adding(erased)
_DROP = Prepared(delete(leavers).where(leavers.c.subject == bindparam("subject")))
_LOOK = Prepared(
    update(leavers).where(leavers.c.subject == bindparam("in_subject")).values(due_at=bindparam("due_at"))
)
_DUE = Prepared(
    "SELECT l.subject, (SELECT max(e.last) FROM ("
    "SELECT max(r.expires_at) AS last FROM records r WHERE r.subject = l.subject UNION ALL"
    " SELECT max(s.expires_at) FROM streams s WHERE s.subject = l.subject) e),"
    " EXISTS (SELECT 1 FROM holds h WHERE h.subject = l.subject)"
    " FROM leavers l WHERE l.due_at <= :now ORDER BY l.due_at LIMIT :limit"
)
_OF = "WHERE subject IN (SELECT g.subject FROM {given}) RETURNING"
_REMOVE = tuple(
    Joining(f"DELETE FROM {table} {_OF} subject", subject="bigint")  # noqa: S608
    for table in ("subjects", "names", "tokens", "approvals", "leavers", "cases", "case_records", "graces")
)
_REMOVE_BLOBS = tuple(
    Joining(f"DELETE FROM {table} {_OF} blob", subject="bigint")  # noqa: S608
    for table in ("blobs", "packages", "arrivals")
)


def note(unit: Unit, rows: Sequence[tuple[int, int]]) -> None:
    """Note people who left, or note them anew: (subject, when to look)."""
    unit.add(_ADD, rows)


def look(unit: Unit, subject: int, at: int) -> None:
    """Look at a person again, if they left: less may be held of them."""
    unit.run(_LOOK, at, subject)


def forget(unit: Unit, subject: int) -> None:
    """Forget that a person left: they are back."""
    unit.run(_DROP, subject)


def due(unit: Unit, now: int, limit: int) -> list[Row]:
    """Return (subject, last expiry of their records or None, whether a matter holds anything) to look at."""
    return unit.rows(_DUE, now, limit)


def remove(unit: Unit, subjects: Sequence[int], at: int) -> list[str]:
    """Remove people of whom no record is here, with all that hangs on them; return their sealed files."""
    given = [(subject,) for subject in subjects]
    for each in _REMOVE:
        list(each.run(unit, given))
    unit.add(_ADD_ERASED, [(subject, at - at % DAY) for subject in subjects])
    return [blob for each in _REMOVE_BLOBS for (blob,) in each.run(unit, given) if blob]
