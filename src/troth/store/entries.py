"""The ledger's rows: leaves in order, full tiles, signed checkpoints, and who is spoken of where."""

from collections.abc import Iterator, Sequence

from sqlalchemy import bindparam, select

from troth.errors import LeafDamaged, RowBroken, TileBroken
from troth.store.schema import entries, sightings, tiles
from troth.store.unit import Adding, Joining, Prepared, Row, Unit

_ADD_ENTRIES = Adding(entries)
_ADD_TILES = Adding(tiles)
_ADD_SIGHTINGS = Adding(sightings)
_BLOB = "CASE typeof({0}) WHEN 'blob' THEN {0} END"  # on SQLite, which stores what it is given: NULL if other


def _both(statement: str, column: str) -> dict[bool, Prepared]:
    """Return a statement for SQLite (True) and for PostgreSQL (False)."""
    return {
        sqlite: Prepared(statement.format(_BLOB.format(column) if sqlite else column))
        for sqlite in (True, False)
    }


_LEAVES = _both(
    "SELECT entry, {0} FROM entries WHERE entry >= :start AND entry < :end ORDER BY entry", "leaf"
)
_TILE = _both("SELECT {0} FROM tiles WHERE level = :level AND tile = :tile", "hashes")
_ADD_CHECKPOINT = Prepared(
    "INSERT INTO checkpoints (size, note, signed_at) VALUES (:size, :note, :at) ON CONFLICT DO NOTHING"
)
_LAST_CHECKPOINT = Prepared("SELECT size, note FROM checkpoints ORDER BY size DESC LIMIT 1")
_LAST_SIGNED = Prepared("SELECT max(signed_at) FROM checkpoints")
_SIGHTINGS = Prepared(
    select(sightings.c.entry)
    .where(sightings.c.pseudonym == bindparam("pseudonym"))
    .order_by(sightings.c.entry)
)
_SIGHTED_BEFORE = Prepared(
    "SELECT entry FROM sightings WHERE pseudonym = :pseudonym AND entry < :before"
    " ORDER BY entry DESC LIMIT :limit"
)
_FIRST_SIGHTED = Prepared("SELECT min(entry) FROM sightings WHERE pseudonym = :pseudonym")
_SOME = Joining(
    "SELECT e.entry, e.leaf FROM {given} CROSS JOIN entries e WHERE e.entry = g.entry", entry="bigint"
)
CHUNK = 4096
NO_BYTES = "it is missing, or not stored as bytes"


def append(unit: Unit, start: int, leaves: Sequence[bytes]) -> None:
    """Add leaves from number `start` on."""
    unit.add(_ADD_ENTRIES, list(enumerate(leaves, start)))


def add_tiles(unit: Unit, full: Sequence[tuple[int, int, bytes]]) -> None:
    """Add full tiles: (level, index, 256 hashes)."""
    unit.add(_ADD_TILES, full)


def leaves(unit: Unit, start: int, end: int) -> Iterator[bytes]:
    """Yield the leaves from `start` up to, not including, `end`, in bounded memory; raises `LeafDamaged`."""
    for number, leaf in found(unit, start, end):
        if leaf is None:
            raise LeafDamaged(entry=number, reason=NO_BYTES)
        yield leaf


def found(unit: Unit, start: int, end: int) -> Iterator[tuple[int, bytes | None]]:
    """Yield the leaves with their numbers, as `leaves` does; None for one that is not stored as bytes.

    Where some are missing, the first of them is None and the others are left out.
    """
    due = start
    for low in range(start, end, CHUNK):
        for number, leaf in unit.rows(_LEAVES[unit.sqlite], low, min(low + CHUNK, end)):
            if number != due:
                yield due, None
            yield number, None if leaf is None else bytes(leaf)
            due = number + 1


def tile(unit: Unit, level: int, index: int) -> bytes:
    """Return the hashes of a full tile; empty when there is none; raises `TileBroken`."""
    found = unit.rows(_TILE[unit.sqlite], level, index)
    if found and found[0][0] is None:
        raise TileBroken(tile=f"{level}/{index}", reason="is not stored as bytes")
    return bytes(found[0][0]) if found else b""


def add_checkpoint(unit: Unit, size: int, note: str, at: int) -> None:
    """Keep a signed checkpoint."""
    unit.run(_ADD_CHECKPOINT, size, note, at)


def last_checkpoint(unit: Unit) -> Row | None:
    """Return (size, note) of the latest checkpoint, or None."""
    found = unit.rows(_LAST_CHECKPOINT)
    return found[0] if found else None


def last_signed_at(unit: Unit) -> int:
    """Return when the latest checkpoint was signed; 0 when none was; raises `RowBroken`."""
    found = unit.rows(_LAST_SIGNED)[0][0] or 0
    if type(found) is not int:
        raise RowBroken(table="checkpoints")
    return found


def add_sightings(unit: Unit, rows: Sequence[tuple[bytes, int]]) -> None:
    """Note which entries speak of which pseudonym."""
    unit.add(_ADD_SIGHTINGS, rows)


def sighted(unit: Unit, pseudonym: bytes) -> list[int]:
    """Return the numbers of the noted entries that speak of a pseudonym, in order."""
    return [entry for (entry,) in unit.rows(_SIGHTINGS, pseudonym)]


def sighted_before(unit: Unit, pseudonym: bytes, before: int, limit: int) -> list[int]:
    """Return up to `limit` numbers, below `before`, of noted entries about a pseudonym; latest first."""
    return [entry for (entry,) in unit.rows(_SIGHTED_BEFORE, pseudonym, before, limit)]


def first_sighted(unit: Unit, pseudonym: bytes) -> int | None:
    """Return the number of the first noted entry that speaks of a pseudonym."""
    found: int | None = unit.rows(_FIRST_SIGHTED, pseudonym)[0][0]
    return found


def some(unit: Unit, numbers: Sequence[int]) -> dict[int, bytes]:
    """Return the leaves of these numbers; raises `LeafDamaged` for one that is missing or no bytes."""
    there: dict[int, bytes] = {}
    for number, leaf in _SOME.run(unit, [(number,) for number in numbers]):
        if isinstance(leaf, bytes | memoryview):
            there[number] = bytes(leaf)
    for number in numbers:
        if number not in there:
            raise LeafDamaged(entry=number, reason=NO_BYTES)
    return there
