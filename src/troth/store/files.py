"""The rows of sealed files: whose each is, and of which record."""

from collections.abc import Sequence

from sqlalchemy import bindparam, delete, select

from troth.store.schema import blobs
from troth.store.unit import Adding, Prepared, Unit

_ADD = Adding(blobs)
_OF = Prepared(select(blobs.c.blob, blobs.c.record).where(blobs.c.subject == bindparam("subject")))
_ALL = Prepared(select(blobs.c.blob))
_DROP = Prepared(delete(blobs).where(blobs.c.blob == bindparam("blob")))


def add(unit: Unit, rows: Sequence[tuple[str, int, bytes, int]]) -> None:
    """Note sealed files: (blob, subject, record, made_at)."""
    unit.add(_ADD, rows)


def of(unit: Unit, subject: int) -> list[tuple[str, bytes]]:
    """Return (blob, record) of every sealed file of a person."""
    return [(name, bytes(record)) for name, record in unit.rows(_OF, subject)]


def drop(unit: Unit, name: str) -> None:
    """Forget a sealed file."""
    unit.run(_DROP, name)


def known(unit: Unit) -> set[str]:
    """Return the names of all sealed files that records know."""
    return {name for (name,) in unit.rows(_ALL)}
