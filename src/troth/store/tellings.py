"""What happened to demands and is still to be told: a row for each event and each who is to know of it."""

from dataclasses import dataclass

from troth.clock import Instant
from troth.errors import RowBroken
from troth.store.schema_rights import tellings
from troth.store.unit import Adding, Prepared, Row, Unit

PERSON, HOUSE = "person", "house"  # readers
INBOX, ONLY, LETTER = "inbox", "only", "letter"  # stages; `only`: the inbox, and no letter after it
_COLUMNS = "case_id, number, reader, stage, made_at, due_at, tries"
_ADD = Adding(tellings, latest=("stage", "made_at", "due_at", "tries"))
_ONE = Prepared(
    f"SELECT {_COLUMNS} FROM tellings WHERE case_id = :case_id AND number = :number AND reader = :reader"  # noqa: S608
)
_DUE = Prepared(
    f"SELECT {_COLUMNS} FROM tellings WHERE due_at <= :now AND reader = :reader"  # noqa: S608
    " ORDER BY due_at, case_id, number LIMIT :limit"
)
_THIS = "case_id = :case_id AND number = :number AND reader = :reader"
_STAGE = Prepared(f"UPDATE tellings SET stage = :stage WHERE {_THIS}")  # noqa: S608
_LATER = Prepared(
    f"UPDATE tellings SET due_at = :again, tries = :tries WHERE {_THIS} AND tries = :tried"  # noqa: S608
)
_DROP = Prepared(f"DELETE FROM tellings WHERE {_THIS}")  # noqa: S608
_DROP_CASE = Prepared("DELETE FROM tellings WHERE case_id = :case_id")
_DROP_OLD = Prepared("DELETE FROM tellings WHERE made_at < :before")


@dataclass(frozen=True, slots=True)
class Telling:
    """One event of a demand that somebody is still to be told of; it says nothing of anybody."""

    case: bytes
    number: int  # of the event
    reader: str
    stage: str
    made_at: Instant
    due_at: Instant
    tries: int = 0


def add(unit: Unit, *some: Telling) -> None:
    """Note that something is to be told; what is noted already is told anew from this stage on."""
    rows: list[Row] = [
        (each.case, each.number, each.reader, each.stage, each.made_at, each.due_at, each.tries)
        for each in some
    ]
    unit.add(_ADD, rows)


def one(unit: Unit, it: Telling) -> Telling | None:
    """Return a telling as it stands now; None when nothing is left to be told. Raises `RowBroken`."""
    return next(iter(_read(row) for row in unit.rows(_ONE, it.case, it.number, it.reader)), None)


def due(unit: Unit, reader: str, now: Instant, limit: int) -> list[Telling]:
    """Return up to `limit` that are due, the longest due first; raises `RowBroken`."""
    return [_read(row) for row in unit.rows(_DUE, now, reader, limit)]


def move(unit: Unit, it: Telling, stage: str) -> None:
    """Bring one to its next stage."""
    unit.run(_STAGE, stage, it.case, it.number, it.reader)


def later(unit: Unit, it: Telling, again: Instant) -> bool:
    """Let one be tried again at an instant; False when another did so meanwhile, or it was told."""
    return unit.count(_LATER, again, it.tries + 1, it.case, it.number, it.reader, it.tries) == 1


def drop(unit: Unit, it: Telling) -> None:
    """Forget one: it was told, or cannot be."""
    unit.run(_DROP, it.case, it.number, it.reader)


def drop_of(unit: Unit, case: bytes) -> None:
    """Forget all that is to be told of a demand."""
    unit.run(_DROP_CASE, case)


def drop_before(unit: Unit, before: Instant) -> None:
    """Forget what was to be told for so long that nobody needs it any more."""
    unit.run(_DROP_OLD, before)


def _read(row: Row) -> Telling:
    case, number, reader, stage, made_at, due_at, tries = row
    if not all(type(each) is int for each in (number, made_at, due_at, tries)):
        raise RowBroken(table="tellings")
    return Telling(bytes(case), number, reader, stage, made_at, due_at, tries)
