"""Matters: why something is held, who may end it, and when it ends by itself; and whom each holds."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from troth.clock import FOREVER, Instant
from troth.rules.standing import Hold, Standing
from troth.store.schema import holds
from troth.store.schema_rights import matters
from troth.store.unit import Adding, Prepared, Row, Unit

_ADD = Adding(matters, latest=("owner", "opened_at", "ends_at", "untold"))
_ADD_HOLDS = Adding(holds)
_ONE = Prepared(
    "SELECT owner, opened_at, ends_at, untold FROM matters WHERE matter = :matter AND reason = :reason"
)
_EVERY = Prepared(
    "SELECT m.matter, m.reason, m.owner, m.opened_at, m.ends_at, m.untold,"
    " (SELECT count(DISTINCT h.subject) FROM holds h WHERE h.matter = m.matter AND h.reason = m.reason)"
    " FROM matters m ORDER BY m.opened_at, m.matter, m.reason"
)
_SET_END = Prepared("UPDATE matters SET ends_at = :ends_at WHERE matter = :matter AND reason = :reason")
_DROP_EMPTY = Prepared(
    "DELETE FROM matters WHERE NOT EXISTS"
    " (SELECT 1 FROM holds h WHERE h.matter = matters.matter AND h.reason = matters.reason)"
)
_OVER = Prepared(
    "SELECT DISTINCT h.subject, h.matter, h.reason FROM matters m"
    " JOIN holds h ON h.matter = m.matter AND h.reason = m.reason"
    " WHERE m.ends_at <= :now ORDER BY h.subject, h.matter, h.reason LIMIT :limit"
)
_DROP_HOLDS = Prepared("DELETE FROM holds WHERE subject = :subject")


@dataclass(frozen=True, slots=True)
class Matter:
    """A matter that is open, as everybody whom it holds has it."""

    matter: str
    reason: str
    owner: str  # a role, or `program:NAME`
    opened_at: Instant
    ends_at: Instant = FOREVER
    untold: str = ""  # the legal ground not to tell people of it
    people: int = 0  # whom it holds; counted by `every` alone


def one(unit: Unit, matter: str, reason: str) -> Matter | None:
    """Return a matter, or None where none is open."""
    found = unit.rows(_ONE, matter, reason)
    return Matter(matter, reason, *found[0]) if found else None


def every(unit: Unit) -> list[Matter]:
    """Return every matter that is open or was not swept yet, the oldest first, with how many it holds."""
    return [Matter(*row) for row in unit.rows(_EVERY)]


def open_one(unit: Unit, it: Matter) -> None:
    """Open a matter; one that is open already is from now on as this says."""
    unit.add(_ADD, [(it.matter, it.reason, it.owner, it.opened_at, it.ends_at, it.untold)])


def set_end(unit: Unit, matter: str, reason: str, ends_at: Instant) -> None:
    """Move the end of a matter, for everybody whom it holds."""
    unit.run(_SET_END, ends_at, matter, reason)


def close_empty(unit: Unit) -> None:
    """Close the matters that hold nobody."""
    unit.run(_DROP_EMPTY)


def over(unit: Unit, now: Instant, limit: int) -> list[Row]:
    """Return (subject, matter, reason) of up to `limit` holds whose matter is over."""
    return unit.rows(_OVER, now, limit)


def set_holds(unit: Unit, subject: int, rows: Sequence[tuple[str, str, str]]) -> None:
    """Replace what is held of a person: (retention class, matter, reason); a sweep leaves those classes."""
    unit.run(_DROP_HOLDS, subject)
    unit.add(_ADD_HOLDS, [(subject, *row) for row in sorted(rows)])


def with_terms(unit: Unit, standing: Standing) -> Standing:
    """Return a standing whose holds have what their matters say.

    A hold whose matter is not there stands until somebody ends it: what is lost frees nothing.
    """
    return replace(standing, holds=tuple(_with_terms(unit, hold) for hold in standing.holds))


def _with_terms(unit: Unit, hold: Hold) -> Hold:
    it = one(unit, hold.matter, hold.reason)
    if it is None:
        return hold
    return replace(hold, owner=it.owner, since=it.opened_at, until=it.ends_at, untold=it.untold)
