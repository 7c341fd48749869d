"""Duties: rows of what systems beyond ours still have to do for a case."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import bindparam, update

from troth.clock import FOREVER, Instant
from troth.errors import RowBroken
from troth.store.reading import loaded
from troth.store.schema_rights import duties
from troth.store.unit import Adding, Joining, Prepared, Row, Unit

WAITING, DONE, STUCK, PUT_OFF = "waiting", "done", "stuck", "put-off"
SETTLED = "settled"  # by hand: nobody read back that it is done
OPEN = (WAITING, STUCK, PUT_OFF)
OVER = (DONE, SETTLED)

_ADD = Adding(duties)
_columns = ", ".join(f"d.{column.name}" for column in duties.columns)
_FROM = "FROM duties d LEFT JOIN rights_cases r ON r.case_id = d.case_id"
_DUE = Prepared(
    f"SELECT {_columns}, r.reference {_FROM} WHERE d.state = 'waiting'"
    " AND (d.due_at <= :now OR d.due_at > :never) ORDER BY d.due_at LIMIT :limit"
)
_ONE = Prepared(f"SELECT {_columns}, r.reference {_FROM} WHERE d.duty = :duty")
_OF_CASE = Prepared(
    f"SELECT {_columns}, r.reference {_FROM} WHERE d.case_id = :case_id ORDER BY d.system, d.duty"
)
_OF_SUBJECT = Prepared(
    f"SELECT {_columns}, r.reference {_FROM} WHERE d.subject = :subject ORDER BY d.system, d.duty"
)
_OF_SYSTEM = Prepared(
    f"SELECT {_columns}, r.reference {_FROM} WHERE d.system = :system AND d.state NOT IN ('done', 'settled')"
    " ORDER BY d.due_at, d.duty"
)
_OPEN = Prepared(
    f"SELECT {_columns}, r.reference {_FROM} WHERE d.state NOT IN ('done', 'settled')"
    " AND d.duty > :after ORDER BY d.duty LIMIT :limit"
)
_OPEN_PEOPLE = Joining(
    "SELECT DISTINCT d.subject FROM {given} CROSS JOIN duties d"
    " WHERE d.subject = g.subject AND d.state NOT IN ('done', 'settled')",
    subject="bigint",
)
_OPEN_COUNT = Prepared(
    "SELECT system, state, count(*), min(due_at) FROM duties WHERE state NOT IN ('done', 'settled')"
    " GROUP BY system, state ORDER BY system, state"
)
_SET = Prepared(
    update(duties)
    .where(duties.c.duty == bindparam("in_duty"))
    .values(
        state=bindparam("state"),
        tries=bindparam("tries"),
        due_at=bindparam("due_at"),
        sealed=bindparam("sealed"),
        found=bindparam("found"),
    )
)
_BEGIN = Prepared(
    "UPDATE duties SET state = 'waiting', due_at = :now WHERE case_id = :case_id AND state = 'put-off'"
)
_DROP = Prepared("DELETE FROM duties WHERE case_id = :case_id")
_AGAIN = Prepared(
    "UPDATE duties SET state = 'waiting', due_at = :now WHERE system = :system"
    " AND state IN ('waiting', 'stuck')"
)


@dataclass(frozen=True, slots=True)
class Duty:
    """What one system still has to do, or did, for one person."""

    id: bytes
    case_id: bytes
    subject: int
    system: str
    act: str
    state: str
    tries: int
    due_at: Instant
    sealed: bytes = field(repr=False)
    code: str = ""  # of the last failure, or why it was settled
    since: Instant = 0  # when it was first noted
    failing: Instant = 0  # since when it fails without a change
    asked: bool = False  # the system said that it has begun
    counts: Mapping[str, int] = field(default_factory=dict)  # rows by table
    kept: Mapping[str, tuple[str, int]] = field(default_factory=dict)  # clause and rows, by table
    reference: str = ""  # of its case
    settled_by: str = ""  # as people are told
    entry: int = -1  # the line that says that it was settled
    failed: Instant = 0  # since when no attempt came to anything, whatever was in the way

    @property
    def open(self) -> bool:
        """Whether it is still to be done."""
        return self.state not in OVER


def add(unit: Unit, some: Sequence[Duty]) -> None:
    """File duties."""
    unit.add(_ADD, [_row(duty) for duty in some])


def due(unit: Unit, now: Instant, latest: Instant, limit: int) -> list[Duty]:
    """Return what waits and is due, longest first.

    What would be due only after `latest`, which is later than any pause, was put there by a clock that was
    ahead, and is due at once.
    """
    return [_duty(row) for row in unit.rows(_DUE, now, latest, limit)]


def one(unit: Unit, duty: bytes) -> Duty | None:
    """Return one duty, or None."""
    found = unit.rows(_ONE, duty)
    return _duty(found[0]) if found else None


def of_case(unit: Unit, case_id: bytes) -> list[Duty]:
    """Return all duties of a case, also those that were done."""
    return [_duty(row) for row in unit.rows(_OF_CASE, case_id)]


def of_subject(unit: Unit, subject: int) -> list[Duty]:
    """Return all duties about a person, also those that were done."""
    return [_duty(row) for row in unit.rows(_OF_SUBJECT, subject)]


def of_system(unit: Unit, system: str) -> list[Duty]:
    """Return what a system still has to do."""
    return [_duty(row) for row in unit.rows(_OF_SYSTEM, system)]


def open_after(unit: Unit, after: bytes, limit: int) -> list[Duty]:
    """Return up to `limit` duties that are still open, by their ids, behind one."""
    return [_duty(row) for row in unit.rows(_OPEN, after, limit)]


def people_with_open(unit: Unit, people: Iterable[int]) -> frozenset[int]:
    """Return those of some people about whom any system still has something to do."""
    return frozenset(s for (s,) in _OPEN_PEOPLE.run(unit, [(subject,) for subject in people]))


def open_counts(unit: Unit) -> list[tuple[str, str, int, Instant]]:
    """Return (system, state, how many, when the first is due) of all that is open."""
    return [(str(s), str(state), int(n), int(at)) for s, state, n, at in unit.rows(_OPEN_COUNT)]


def begin(unit: Unit, case_id: bytes, now: Instant) -> None:
    """Let what was put off of a case be due."""
    unit.run(_BEGIN, now, case_id)


def drop(unit: Unit, case_id: bytes) -> None:
    """Forget all duties of a case."""
    unit.run(_DROP, case_id)


def put(unit: Unit, duty: Duty) -> None:
    """Put a duty back as it is now."""
    row = _row(duty)
    unit.run(_SET, *row[5:], duty.id)


def again(unit: Unit, system: str, now: Instant) -> int:
    """Let all that a system still has to do be tried at once; return how many there are."""
    return unit.count(_AGAIN, now, system)


def _row(duty: Duty) -> Row:
    found = {
        "code": duty.code, "since": duty.since, "failing": duty.failing, "failed": duty.failed,
        "asked": duty.asked, "counts": dict(duty.counts),
        "kept": {name: list(each) for name, each in duty.kept.items()},
        "settled_by": duty.settled_by, "entry": duty.entry,
    }  # fmt: skip
    due_at = duty.due_at if duty.state == WAITING else FOREVER
    return (
        duty.id, duty.case_id, duty.subject, duty.system, duty.act, duty.state, duty.tries, due_at,
        duty.sealed, json.dumps(found),  # not hashed
    )  # fmt: skip


def _duty(row: Row) -> Duty:
    """Return a row as a value; raises `RowBroken`."""
    duty, case_id, subject, system, act, state, tries, due_at, sealed, found, reference = row
    said: Any = loaded(found)
    whole = isinstance(said, dict) and type(subject) is type(tries) is type(due_at) is int
    if not (whole and isinstance(sealed, bytes) and isinstance(system, str) and state in (*OPEN, *OVER)):
        raise RowBroken(table="duties")
    try:
        return Duty(
            bytes(duty), bytes(case_id), subject, system, str(act), str(state), tries, due_at, sealed,
            str(said["code"]), int(said["since"]), int(said["failing"]), bool(said["asked"]),
            {str(name): int(n) for name, n in said["counts"].items()},
            {str(name): (str(clause), int(n)) for name, (clause, n) in said["kept"].items()},
            str(reference or ""), str(said.get("settled_by", "")), int(said.get("entry", -1)),
            failed=int(said.get("failed", said["failing"])),
        )  # fmt: skip
    except (KeyError, TypeError, ValueError, AttributeError):
        raise RowBroken(table="duties") from None
