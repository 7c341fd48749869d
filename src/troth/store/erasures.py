"""Erasures under way: begun, and to be finished whatever happens."""

from sqlalchemy import bindparam, delete, select

from troth.errors import RowBroken
from troth.store.reading import are_names, loaded
from troth.store.schema import erasures
from troth.store.unit import Adding, Prepared, Row, Unit

_ADD = Adding(erasures)
_ALL = Prepared(select(erasures).order_by(erasures.c.begun_at))
_DROP = Prepared(
    delete(erasures).where(erasures.c.erasure == bindparam("erasure")).returning(erasures.c.closing)
)


def begin(unit: Unit, row: Row) -> None:
    """Note an erasure that is to be finished whatever happens; columns in the table's order."""
    unit.add(_ADD, [row])


def begun(unit: Unit) -> list[Row]:
    """Return the erasures under way, oldest first; raises `RowBroken`."""
    rows = unit.rows(_ALL)
    for erasure, subject, classes, whole, *_ in rows:
        known = isinstance(erasure, bytes) and type(subject) is type(whole) is int
        if not (known and are_names(loaded(classes))):
            raise RowBroken(table="erasures")
    return rows


def under_way(unit: Unit) -> frozenset[tuple[int, str]]:
    """Return (subject, retention class) of everything whose erasure is under way."""
    rows = [(subject, loaded(classes)) for _, subject, classes, *_ in unit.rows(_ALL)]
    return frozenset((subject, kept) for subject, some in rows if isinstance(some, list) for kept in some)


def end(unit: Unit, erasure: bytes) -> str | None:
    """Forget an erasure that is done; return what its closing line is to say, None when it is forgotten.

    Raises `RowBroken` where that cannot be told.
    """
    found = unit.rows(_DROP, erasure)
    if not found:
        return None
    said = loaded(found[0][0])
    if not (isinstance(said, dict) and are_names(said.get("clauses")) and isinstance(said.get("keys"), str)):
        raise RowBroken(table="erasures")
    return str(found[0][0])
