"""Keys of people in grace: sealed together in the keystore, until a code opens them or time destroys them."""

from sqlalchemy import bindparam, delete, select

from troth.errors import RowBroken
from troth.store.schema_keys import sealed_keys
from troth.store.unit import Adding, Prepared, Unit

_ADD = Adding(sealed_keys)
_ONE = Prepared(
    select(sealed_keys.c.salt, sealed_keys.c.sealed).where(sealed_keys.c.subject == bindparam("subject"))
)
_PEOPLE = Prepared(select(sealed_keys.c.subject))
_DROP = Prepared(delete(sealed_keys).where(sealed_keys.c.subject == bindparam("subject")))


def add(unit: Unit, subject: int, salt: bytes, sealed: bytes, ends_at: int) -> None:
    """Keep the sealed keys of a person."""
    unit.add(_ADD, [(subject, salt, sealed, ends_at)])


def one(unit: Unit, subject: int) -> tuple[bytes, bytes] | None:
    """Return (salt, sealed) of a person, or None; raises `RowBroken`."""
    found = unit.rows(_ONE, subject)
    if not found:
        return None
    salt, sealed = found[0]
    if not (isinstance(salt, bytes) and isinstance(sealed, bytes)):
        raise RowBroken(table="sealed_keys")
    return salt, sealed


def people(unit: Unit) -> frozenset[int]:
    """Return everybody whose keys are sealed away."""
    return frozenset(subject for (subject,) in unit.rows(_PEOPLE))


def destroy(unit: Unit, subject: int) -> None:
    """Delete the sealed keys of a person; from here on no code opens them."""
    unit.run(_DROP, subject)
