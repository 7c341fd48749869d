"""The rows of the keystore: wrapped keys, epochs, secrets; in transactions of their own.

Keys are committed before anything is sealed under them, and deleted before the rows they opened, so
a crash in between leaves an unused key or an unreadable row, never a readable remnant.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

from sqlalchemy import bindparam, delete, insert, select, update

from troth.errors import RowBroken
from troth.store.databases import Filing, reachable
from troth.store.schema_keys import copies, epochs, keys, secrets
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
_DROP_ALL = Joining(
    "DELETE FROM keys WHERE subject IN (SELECT g.subject FROM {given}) RETURNING commitment", subject="bigint"
)
_DROP_SEALED = Joining(
    "DELETE FROM sealed_keys WHERE subject IN (SELECT g.subject FROM {given}) RETURNING subject",
    subject="bigint",
)
_WITH_KEYS = Joining(
    "SELECT k.subject FROM {given} CROSS JOIN keys k WHERE k.subject = g.subject", subject="bigint"
)
_EPOCHS = Prepared(select(epochs.c.epoch, epochs.c.wrapped).order_by(epochs.c.epoch))
_ADD_EPOCH = Prepared(insert(epochs))
_MADE_AT = Prepared(select(epochs.c.made_at).where(epochs.c.epoch == bindparam("epoch")))
_OLDER = Prepared(
    "SELECT subject, kept, epoch, wrapped, commitment FROM keys"
    " WHERE epoch < :epoch AND (subject, kept) > (:subject, :kept) ORDER BY subject, kept LIMIT :limit"
)
_REWRAPPED = Prepared(
    update(keys)
    .where(
        keys.c.subject == bindparam("in_subject"),
        keys.c.kept == bindparam("in_kept"),
        keys.c.commitment == bindparam("in_commitment"),
    )
    .values(epoch=bindparam("epoch"), wrapped=bindparam("wrapped"))
)
_SECRETS = Prepared(select(secrets.c.name, secrets.c.sealed))
_ADD_SECRET = Prepared(insert(secrets))

_DROP_EPOCH = Prepared(delete(epochs).where(epochs.c.epoch == bindparam("epoch")))
_NEEDED = Prepared("SELECT count(*) FROM keys WHERE epoch = :epoch")
_ADD_COPY = Prepared(insert(copies))
_NEWEST_COPY = Prepared(
    "SELECT epoch, oldest, verified_at FROM copies ORDER BY verified_at DESC, epoch DESC LIMIT 1"
)
_LAST_COPY = Prepared("SELECT copy FROM copies ORDER BY verified_at DESC, epoch DESC LIMIT 1")
_DROP_COPIES = Prepared("DELETE FROM copies WHERE epoch < :epoch")


@contextmanager
def keeping(filing: Filing) -> Iterator[Unit]:
    """Give one transaction on the keystore, durable when the block ends."""
    with filing.locked(), reachable("keystore"):
        raw = filing.keystore.raw()
        cursor = raw.cursor() if filing.sqlite else raw.cursor(binary=True)
        try:
            here = Unit(filing.keystore, cursor)
            here.later("BEGIN IMMEDIATE" if filing.sqlite else "BEGIN", ())
            yield here
            here.write("COMMIT")
        except BaseException:
            filing.keystore.abandon(cursor)
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
        except BaseException:
            if filing.sqlite:
                cursor.close()
            else:
                filing.keystore.forget()
            raise
        cursor.close()


def find(unit: Unit, wanted: Iterable[tuple[int, str]]) -> dict[tuple[int, str], Row]:
    """Return (epoch, wrapped, commitment) of each (subject, retention class) that has a key.

    What is not stored as bytes comes as none at all, so that it does not open.
    """
    rows = _KEYS.run(unit, list(wanted))
    return {(s, k): (epoch, _stored(wrapped), _stored(c)) for s, k, epoch, wrapped, c in rows}


def of(unit: Unit, subject: int) -> dict[str, Row]:
    """Return (epoch, wrapped, commitment) of every key of a person, by retention class, as `find` does."""
    return {k: (e, _stored(w), _stored(c)) for _, k, e, w, c in unit.rows(_KEYS_OF, subject)}


def people(unit: Unit, after: int, limit: int) -> list[int]:
    """Return up to `limit` people above a number who have keys, in order."""
    return [subject for (subject,) in unit.rows(_PEOPLE, after, limit)]


def add(unit: Unit, rows: Sequence[tuple[int, str, int, bytes, bytes]]) -> None:
    """Add wrapped keys: (subject, retention class, epoch, wrapped, commitment)."""
    unit.add(_ADD, rows)


def destroy(unit: Unit, subject: int, kept: Iterable[str]) -> None:
    """Delete the keys of a person's retention classes."""
    for one in kept:
        unit.run(_DROP, subject, one)


def destroy_all(unit: Unit, people: Iterable[int]) -> list[bytes]:
    """Delete every key of some people, and those that are sealed away; return what each committed to."""
    given = [(subject,) for subject in people]
    list(_DROP_SEALED.run(unit, given))
    return [bytes(one) for (one,) in _DROP_ALL.run(unit, given)]


def count_of(unit: Unit, people: Iterable[int]) -> int:
    """Return how many keys some people have."""
    return sum(1 for _ in _WITH_KEYS.run(unit, [(subject,) for subject in people]))


def all_epochs(unit: Unit) -> list[Row]:
    """Return (epoch, wrapped), oldest first; raises `RowBroken`."""
    rows = unit.rows(_EPOCHS)
    if not all(type(number) is int and isinstance(wrapped, bytes) for number, wrapped in rows):
        raise RowBroken(table="epochs")
    return rows


def add_epoch(unit: Unit, epoch: int, wrapped: bytes, at: int) -> None:
    """Keep the wrapped key of an epoch."""
    unit.run(_ADD_EPOCH, epoch, wrapped, at)


def all_secrets(unit: Unit) -> dict[str, bytes]:
    """Return the sealed secrets of the house by name; raises `RowBroken`."""
    found: dict[str, bytes] = dict(unit.rows(_SECRETS))
    if not all(isinstance(sealed, bytes) for sealed in found.values()):
        raise RowBroken(table="secrets")
    return found


def add_secret(unit: Unit, name: str, sealed: bytes) -> None:
    """Keep a sealed secret of the house."""
    unit.run(_ADD_SECRET, name, sealed)


def epoch_made_at(unit: Unit, epoch: int) -> int:
    """Return when an epoch began; raises `RowBroken`."""
    found = unit.rows(_MADE_AT, epoch)
    if not found or type(found[0][0]) is not int:
        raise RowBroken(table="epochs")
    return int(found[0][0])


def drop_epoch(unit: Unit, epoch: int) -> bool:
    """Remove the wrapped key of an epoch, unless a key is wrapped under it; return whether it went."""
    if unit.rows(_NEEDED, epoch)[0][0]:
        return False
    unit.run(_DROP_EPOCH, epoch)
    return True


def add_copy(unit: Unit, copy: bytes, epoch: int, oldest: int, at: int) -> None:
    """Note a verified copy of the keystore, and forget those of epochs before the last two."""
    unit.run(_ADD_COPY, copy, epoch, oldest, at)
    unit.run(_DROP_COPIES, epoch - 1)


def last_copy(unit: Unit) -> bytes:
    """Return the id of the newest verified copy; empty when there is none."""
    found = unit.rows(_LAST_COPY)
    return _stored(found[0][0]) if found else b""


def newest_copy(unit: Unit) -> tuple[int, int, int] | None:
    """Return (epoch, oldest epoch needed, when verified) of the newest verified copy; raises `RowBroken`."""
    found = unit.rows(_NEWEST_COPY)
    if found and not all(type(value) is int for value in found[0]):
        raise RowBroken(table="copies")
    return (found[0][0], found[0][1], found[0][2]) if found else None


def older(unit: Unit, epoch: int, after: tuple[int, str], limit: int) -> list[Row]:
    """Return up to `limit` (subject, retention class, epoch, wrapped, commitment) of earlier epochs.

    In order of (subject, retention class), above `after`.
    """
    return [
        (subject, kept, made, _stored(wrapped), _stored(commitment))
        for subject, kept, made, wrapped, commitment in unit.rows(_OLDER, epoch, *after, limit)
    ]


def rewrapped(unit: Unit, subject: int, kept: str, again: tuple[int, bytes, bytes]) -> None:
    """Replace the epoch and wrapped form of one key, which its commitment names."""
    epoch, wrapped, commitment = again
    unit.run(_REWRAPPED, epoch, wrapped, subject, kept, commitment)


def _stored(value: object) -> bytes:
    return value if isinstance(value, bytes) else b""
