"""The rows of sealed files: whose each is, and of which record."""

from collections.abc import Sequence

from sqlalchemy import bindparam, delete, select, update

from troth.store.schema import blobs
from troth.store.unit import Adding, Prepared, Unit

_ADD = Adding(blobs)
_OF = Prepared(select(blobs.c.blob, blobs.c.record).where(blobs.c.subject == bindparam("subject")))
_ALL = Prepared(select(blobs.c.blob))
_SUPERSEDE = Prepared(update(blobs).where(blobs.c.blob == bindparam("name")).values(record=bindparam("none")))
_DROP_SUPERSEDED = Prepared(delete(blobs).where(blobs.c.record == bindparam("none")))
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


def supersede(unit: Unit, name: str) -> None:
    """Note that a record has another file now: this one goes with the next sweep, or with the person."""
    unit.run(_SUPERSEDE, b"", name)


def drop_superseded(unit: Unit) -> None:
    """Forget the files that records have no more."""
    unit.run(_DROP_SUPERSEDED, b"")


def known(unit: Unit) -> set[str]:
    """Return the names of all sealed files that are noted."""
    return {name for (name,) in unit.rows(_ALL)}
