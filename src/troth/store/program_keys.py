"""The rows of program keys: what each is for, and the proof that it was made here; never the key."""

import json

from sqlalchemy import bindparam, delete, select

from troth.errors import RowBroken
from troth.rules.program_keys import ProgramKey
from troth.store.reading import are_names, loaded
from troth.store.schema import program_keys
from troth.store.unit import Adding, Prepared, Row, Unit
from troth.terms.vocabulary import Program, Purpose

_ADD = Adding(program_keys)
_EVERY = Prepared(select(program_keys).order_by(program_keys.c.made_at, program_keys.c.key_id))
_REMOVE = Prepared(delete(program_keys).where(program_keys.c.key_id == bindparam("key_id")))


def add(unit: Unit, key: ProgramKey, proof: bytes) -> None:
    """Add a key with its proof (32 bytes)."""
    said = json.dumps(key.purposes)  # not hashed
    unit.add(_ADD, [(key.id, proof, key.program, said, key.rate, key.made_at, key.ends_at)])


def every(unit: Unit) -> list[tuple[ProgramKey, bytes]]:
    """Return every key with its proof, the oldest first; raises `RowBroken`."""
    return [_read(row) for row in unit.rows(_EVERY)]


def remove(unit: Unit, key_id: str) -> int:
    """Remove a key; return how many there were."""
    return unit.count(_REMOVE, key_id)


def _read(row: Row) -> tuple[ProgramKey, bytes]:
    key_id, proof, program, listed, rate, made_at, ends_at = row
    purposes = loaded(listed)
    whole = all(type(each) is int for each in (rate, made_at, ends_at))
    if not are_names(purposes) or not whole or isinstance(proof, str | int):
        raise RowBroken(table="program_keys")
    key = ProgramKey(key_id, Program(program), tuple(map(Purpose, purposes)), rate, made_at, ends_at)
    return key, bytes(proof)
