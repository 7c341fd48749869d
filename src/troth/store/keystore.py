"""The rows of the keystore: wrapped keys, epochs, secrets; in transactions of their own.

Keys are committed before anything is sealed under them, and deleted before the rows they opened, so
a crash in between leaves an unused key or an unreadable row, never a readable remnant.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

from sqlalchemy import bindparam, delete, insert, select, update

from troth.store.databases import Filing, reachable
from troth.store.schema import epochs, keys, secrets
from troth.store.unit import Adding, Joining, Prepared, Row, Unit

_ADD = Adding(keys)
_columns = (keys.c.subject, keys.c.kept, keys.c.epoch, keys.c.wrapped, keys.c.commitment)
_KEYS = Joining(
    "SELECT k.subject, k.kept, k.epoch, k.wrapped, k.commitment FROM {given}"
    " CROSS JOIN keys k WHERE k.subject = g.subject AND k.kept = g.kept",
    subject="bigint",
    kept="text",
)
_KEYS_OF = Prepared(select(*_columns).where(keys.c.subject == bindparam("subject")).order_by(keys.c.kept))
_PEOPLE = Prepared("SELECT DISTINCT subject FROM keys WHERE subject > :after ORDER BY subject LIMIT :limit")
_DROP = Prepared(delete(keys).where(keys.c.subject == bindparam("subject"), keys.c.kept == bindparam("kept")))
_EPOCHS = Prepared(select(epochs.c.epoch, epochs.c.wrapped).order_by(epochs.c.epoch))
_ADD_EPOCH = Prepared(insert(epochs))
_MADE_AT = Prepared(select(epochs.c.made_at).where(epochs.c.epoch == bindparam("epoch")))
_OLDER = Prepared(
    "SELECT subject, kept, epoch, wrapped, commitment FROM keys WHERE epoch < :epoch LIMIT :limit"
)
_REWRAPPED = Prepared(
    update(keys)
    .where(keys.c.subject == bindparam("in_subject"), keys.c.kept == bindparam("in_kept"))
    .values(epoch=bindparam("epoch"), wrapped=bindparam("wrapped"))
)
_SECRETS = Prepared(select(secrets.c.name, secrets.c.sealed))
_ADD_SECRET = Prepared(insert(secrets))


@contextmanager
def keeping(filing: Filing) -> Iterator[Unit]:
    """Give one transaction on the keystore, durable when the block ends."""
    with filing.locked(), reachable("keystore"):
        raw = filing.keystore.raw()
        cursor = raw.cursor() if filing.sqlite else raw.cursor(binary=True)
        try:
            cursor.execute("BEGIN IMMEDIATE" if filing.sqlite else "BEGIN")
            yield Unit(filing.keystore, cursor)
            cursor.execute("COMMIT")
        except BaseException:
            filing.keystore.abandon()  # and the cursor with it
            raise
        cursor.close()


@contextmanager
def looking(filing: Filing) -> Iterator[Unit]:
    """Give the keystore for reading, outside of any transaction."""
    with reachable("keystore"):
        raw = filing.keystore.raw()
        cursor = raw.cursor() if filing.sqlite else raw.cursor(binary=True)
        try:
            yield Unit(filing.keystore, cursor)
        finally:
            cursor.close()


def find(unit: Unit, wanted: Iterable[tuple[int, str]]) -> dict[tuple[int, str], Row]:
    """Return (epoch, wrapped, commitment) of each (subject, retention class) that has a key."""
    rows = _KEYS.run(unit, list(wanted))
    return {(s, k): (epoch, bytes(wrapped), bytes(c)) for s, k, epoch, wrapped, c in rows}


def of(unit: Unit, subject: int) -> dict[str, Row]:
    """Return (epoch, wrapped, commitment) of every key of a person, by retention class."""
    return {k: (e, bytes(w), bytes(c)) for _, k, e, w, c in unit.rows(_KEYS_OF, subject)}


def people(unit: Unit, after: int, limit: int) -> list[int]:
    """Return up to `limit` people above a number who have keys, in order."""
    return [subject for (subject,) in unit.rows(_PEOPLE, after, limit)]


def add(unit: Unit, rows: Sequence[tuple[int, str, int, bytes, bytes]]) -> None:
    """Add wrapped keys: (subject, retention class, epoch, wrapped, commitment)."""
    unit.add(_ADD, rows)


def destroy(unit: Unit, subject: int, kept: Iterable[str]) -> int:
    """Delete the keys of a person's retention classes; return how many there were."""
    return sum(unit.run(_DROP, subject, one) for one in kept)


def all_epochs(unit: Unit) -> list[Row]:
    """Return (epoch, wrapped), oldest first."""
    return unit.rows(_EPOCHS)


def add_epoch(unit: Unit, epoch: int, wrapped: bytes, at: int) -> None:
    """Keep the wrapped key of an epoch."""
    unit.run(_ADD_EPOCH, epoch, wrapped, at)


def all_secrets(unit: Unit) -> dict[str, bytes]:
    """Return the sealed secrets of the house by name."""
    return {name: bytes(sealed) for name, sealed in unit.rows(_SECRETS)}


def add_secret(unit: Unit, name: str, sealed: bytes) -> None:
    """Keep a sealed secret of the house."""
    unit.run(_ADD_SECRET, name, sealed)


def epoch_made_at(unit: Unit, epoch: int) -> int:
    """Return when an epoch began."""
    return int(unit.rows(_MADE_AT, epoch)[0][0])


def older(unit: Unit, epoch: int, limit: int) -> list[Row]:
    """Return up to `limit` (subject, retention class, epoch, wrapped, commitment) of earlier epochs."""
    return unit.rows(_OLDER, epoch, limit)


def rewrapped(unit: Unit, subject: int, kept: str, epoch: int, wrapped: bytes) -> None:
    """Replace the wrapped form of one key."""
    unit.run(_REWRAPPED, epoch, wrapped, subject, kept)
