"""What was asked by an address alone, sealed, from the moment it is answered until it is filed."""

from dataclasses import dataclass, field

from troth.clock import Instant
from troth.errors import RowBroken
from troth.store.schema_rights import askings
from troth.store.unit import Adding, Prepared, Row, Unit

_ADD = Adding(askings)
_COLUMNS = "asking, made_at, due_at, sealed"
_ONE = Prepared(f"SELECT {_COLUMNS} FROM askings WHERE asking = :asking")  # noqa: S608
_DUE = Prepared(
    f"SELECT {_COLUMNS} FROM askings WHERE due_at <= :now ORDER BY due_at, asking LIMIT :limit"  # noqa: S608
)
_COUNT = Prepared("SELECT count(*) FROM askings")
_LATER = Prepared("UPDATE askings SET due_at = :again WHERE asking = :asking AND due_at = :due_at")
_DROP = Prepared("DELETE FROM askings WHERE asking = :asking")


@dataclass(frozen=True, slots=True)
class Asking:
    """One of them; what was asked, and by which address, is sealed."""

    id: bytes
    made_at: Instant
    due_at: Instant
    sealed: bytes = field(repr=False)


def add(unit: Unit, it: Asking) -> bool:
    """Keep one; False where it is there already."""
    if is_there(unit, it.id):
        return False
    unit.add(_ADD, [(it.id, it.made_at, it.due_at, it.sealed)])
    return True


def is_there(unit: Unit, asking: bytes) -> bool:
    """Whether one still waits."""
    return bool(unit.rows(_ONE, asking))


def due(unit: Unit, now: Instant, limit: int) -> list[Asking]:
    """Return up to `limit` that are due, the longest due first; raises `RowBroken`."""
    return [_read(row) for row in unit.rows(_DUE, now, limit)]


def count(unit: Unit) -> int:
    """Return how many there are."""
    return int(unit.rows(_COUNT)[0][0])


def later(unit: Unit, it: Asking, again: Instant) -> bool:
    """Let one be looked at again at an instant; False when another did so meanwhile, or it was filed."""
    return unit.count(_LATER, again, it.id, it.due_at) == 1


def drop(unit: Unit, asking: bytes) -> bool:
    """Forget one that was filed; False where it is gone."""
    return unit.count(_DROP, asking) == 1


def _read(row: Row) -> Asking:
    asking, made_at, due_at, sealed = row
    if type(made_at) is not int or type(due_at) is not int:
        raise RowBroken(table="askings")
    return Asking(bytes(asking), made_at, due_at, bytes(sealed))
