"""People in grace: whose keys are sealed away, until when, and what is to be said of it in the end."""

import json
from dataclasses import dataclass

from sqlalchemy import bindparam, delete, select, update

from troth.clock import Instant
from troth.errors import RowBroken
from troth.store.reading import are_names, loaded
from troth.store.schema_rights import graces
from troth.store.unit import Adding, Prepared, Row, Unit

_ADD = Adding(graces)
_subject = graces.c.subject == bindparam("subject")
_ONE = Prepared(select(graces).where(_subject))
_DROP = Prepared(delete(graces).where(_subject))
_SEALED = Prepared(
    update(graces).where(graces.c.subject == bindparam("in_subject")).values(sealed_at=bindparam("sealed_at"))
)
_PROLONG = Prepared(
    update(graces).where(graces.c.subject == bindparam("in_subject")).values(ends_at=bindparam("ends_at"))
)
_OPEN = Prepared(
    "SELECT subject FROM graces WHERE sealed_at = 0 OR ends_at <= :now ORDER BY ends_at, subject"
)
_SUBJECTS = Prepared(select(graces.c.subject).order_by(graces.c.subject))


@dataclass(frozen=True, slots=True)
class Grace:
    """One person in grace, as their row says."""

    subject: int
    case: bytes
    ends_at: Instant
    sealed_at: Instant  # 0: begun, and the keys are not sealed away yet
    noted: str
    standing: bytes

    @property
    def commitment(self) -> str:
        """What the lines of this grace commit to: the keys that it sealed away."""
        return str(json.loads(self.noted)["commitment"])

    @property
    def goes(self) -> tuple[str, ...]:
        """The retention classes that it sealed away."""
        return tuple(json.loads(self.noted)["goes"])

    @property
    def carrier(self) -> str:
        """The retention class under whose key the rest of this row is sealed."""
        return str(json.loads(self.noted)["carrier"])


def begin(unit: Unit, grace: Grace) -> None:
    """Note that a person's grace begins."""
    unit.add(
        _ADD,
        [(grace.subject, grace.case, grace.ends_at, grace.sealed_at, grace.noted, grace.standing)],
    )


def one(unit: Unit, subject: int) -> Grace | None:
    """Return a person's grace, or None; raises `RowBroken`."""
    found = [_grace(row) for row in unit.rows(_ONE, subject)]
    return found[0] if found else None


def sealed(unit: Unit, subject: int, at: Instant) -> None:
    """Note that the keys are sealed away."""
    unit.run(_SEALED, at, subject)


def prolong(unit: Unit, subject: int, ends_at: Instant) -> None:
    """Let a grace end at another instant."""
    unit.run(_PROLONG, ends_at, subject)


def end(unit: Unit, subject: int) -> None:
    """Forget a grace."""
    unit.run(_DROP, subject)


def waiting(unit: Unit, now: Instant) -> list[int]:
    """Return the people whose grace is to be finished, or is over; the one that ended first, first."""
    return [subject for (subject,) in unit.rows(_OPEN, now)]


def subjects(unit: Unit) -> list[int]:
    """Return everybody in grace, in order."""
    return [subject for (subject,) in unit.rows(_SUBJECTS)]


def _grace(row: Row) -> Grace:
    subject, case, ends_at, sealed_at, noted, standing = row
    said = loaded(noted)
    whole = (
        isinstance(said, dict)
        and all(are_names(said.get(name)) for name in ("goes", "keys", "clauses"))
        and all(isinstance(said.get(name), str) for name in ("carrier", "commitment", "salt"))
        and isinstance(said.get("whole"), bool)
    )
    if not (whole and isinstance(standing, bytes) and type(ends_at) is type(sealed_at) is int):
        raise RowBroken(table="graces")
    return Grace(subject, bytes(case), ends_at, sealed_at, str(noted), standing)
