"""Cases: rows of where each stands, and of the records that belong to it."""

import json
from collections.abc import Iterable, Sequence

from sqlalchemy import bindparam, delete, select, update

from troth.errors import RowBroken
from troth.rules.cases import Case
from troth.store.reading import are_names, loaded
from troth.store.schema import case_records, cases
from troth.store.unit import Adding, Joining, Prepared, Row, Unit

_ADD = Adding(cases)
_LINK = Adding(case_records)
_ONE = Prepared(select(cases).where(cases.c.case_id == bindparam("case_id")))
_OF = Prepared(
    select(cases).where(cases.c.subject == bindparam("subject")).order_by(cases.c.opened_at, cases.c.case_id)
)
_NAMED = Prepared(select(cases).where(cases.c.reference == bindparam("reference")))
_KNOWN = Prepared("SELECT 1 FROM cases WHERE reference = :reference")
_EVERY = Prepared(select(cases).order_by(cases.c.case_id))
_SET = Prepared(
    update(cases)
    .where(cases.c.case_id == bindparam("in_case"))
    .values(
        state=bindparam("state"),
        changed_at=bindparam("changed_at"),
        ended_at=bindparam("ended_at"),
        reasons=bindparam("reasons"),
        resumed=bindparam("resumed"),
    )
)
_COLUMNS = ", ".join(column.name for column in cases.columns)
_WAITING = Prepared(
    f"SELECT {_COLUMNS} FROM cases WHERE name = :name AND state = :state"  # noqa: S608
    " AND NOT EXISTS (SELECT 1 FROM graces g WHERE g.subject = cases.subject)"
    " AND (changed_at, case_id) > (:after, :after_case) ORDER BY changed_at, case_id LIMIT :limit"
)
_IDLE = Prepared(
    f"SELECT {_COLUMNS} FROM cases WHERE name = :name AND state = :state AND changed_at <= :until"  # noqa: S608
    " ORDER BY changed_at, case_id LIMIT :limit"
)
_EMPTY = Prepared(
    f"SELECT {_COLUMNS} FROM cases WHERE name = :name AND state = :state AND changed_at <= :until"  # noqa: S608
    " AND NOT EXISTS (SELECT 1 FROM case_records r WHERE r.subject = cases.subject"
    " AND r.case_id = cases.case_id) ORDER BY changed_at, case_id LIMIT :limit"
)
_LINKS = Prepared("SELECT record, giver FROM case_records WHERE subject = :subject AND case_id = :case_id")
_REMOVE = Prepared(delete(cases).where(cases.c.case_id == bindparam("case_id")))
_UNLINK = Joining(
    "DELETE FROM case_records WHERE (subject, record) IN (SELECT g.subject, g.record FROM {given})"
    " RETURNING subject",
    subject="bigint",
    record="bytea",
)


def add(unit: Unit, case: Case) -> None:
    """Add a case that was opened."""
    ended, said = case.ended_at or 0, json.dumps(case.reasons)  # not hashed
    times = (case.opened_at, case.changed_at, ended)
    unit.add(
        _ADD,
        [(case.id, case.subject, case.name, case.state, case.reference, *times, said, case.resumed)],
    )


def put(unit: Unit, case: Case) -> None:
    """Replace what changes of a case: its state with the time and reasons of it, and its end."""
    said = json.dumps(case.reasons)  # not hashed
    unit.run(_SET, case.state, case.changed_at, case.ended_at or 0, said, case.resumed, case.id)


def one(unit: Unit, case: bytes, subject: int) -> Case | None:
    """Return a case of a person; None when there is none, or it is somebody else's. Raises `RowBroken`."""
    found = [_case(row) for row in unit.rows(_ONE, case)]
    return found[0] if found and found[0].subject == subject else None


def named(unit: Unit, reference: str) -> Case | None:
    """Return the case of a reference; None when there is none. Raises `RowBroken`."""
    found = [_case(row) for row in unit.rows(_NAMED, reference)]
    return found[0] if found else None


def of(unit: Unit, subject: int) -> list[Case]:
    """Return the cases of a person, oldest first; raises `RowBroken`."""
    return [_case(row) for row in unit.rows(_OF, subject)]


def is_known(unit: Unit, reference: str) -> bool:
    """Whether a case has this reference."""
    return bool(unit.rows(_KNOWN, reference))


def waiting(unit: Unit, name: str, state: str, after: tuple[int, bytes], limit: int) -> list[Case]:
    """Return up to `limit` cases in a state, the longest in it first, behind (changed_at, case)."""
    return [_case(row) for row in unit.rows(_WAITING, name, state, *after, limit)]


def idle(unit: Unit, name: str, state: str, until: int, limit: int) -> list[Case]:
    """Return up to `limit` cases that have been in a state since an instant or longer."""
    return [_case(row) for row in unit.rows(_IDLE, name, state, until, limit)]


def empty(unit: Unit, name: str, state: str, until: int, limit: int) -> list[Case]:
    """Return those of `idle` to which no record belongs."""
    return [_case(row) for row in unit.rows(_EMPTY, name, state, until, limit)]


def remove(unit: Unit, some: Iterable[Case]) -> None:
    """Remove cases to which no record belongs."""
    for case in some:
        unit.run(_REMOVE, case.id)


# ---- the records that belong to them


def link(unit: Unit, rows: Sequence[tuple[int, bytes, bytes, str]]) -> None:
    """File that records belong to cases: (subject, record, case, who gave it)."""
    unit.add(_LINK, rows)


def links_of(unit: Unit, case: Case) -> frozenset[bytes]:
    """Return the ids of the records that belong to a case."""
    return frozenset(givers_of(unit, case))


def givers_of(unit: Unit, case: Case) -> dict[bytes, str]:
    """Return who gave each record that belongs to a case: `self`, `staff:ROLE` or `program:NAME`."""
    return {bytes(record): giver for record, giver in unit.rows(_LINKS, case.subject, case.id)}


def unlink(unit: Unit, gone: Sequence[tuple[int, bytes]]) -> None:
    """Forget what records that are gone belonged to: (subject, record)."""
    list(_UNLINK.run(unit, gone))


# ---- for evidence


def every(unit: Unit) -> list[Case]:
    """Return all cases; raises `RowBroken`."""
    return [_case(row) for row in unit.rows(_EVERY)]


def _case(row: Row) -> Case:
    case, subject, name, state, reference, opened_at, changed_at, ended_at, reasons, resumed = row
    said = loaded(reasons)
    if not are_names(said) or not isinstance(ended_at, int):
        raise RowBroken(table="cases")
    ended = ended_at or None
    return Case(
        bytes(case), subject, name, state, reference, opened_at, changed_at, ended, tuple(said), resumed
    )
