"""The ledger's rows: leaves in order, full tiles, signed checkpoints, and who is spoken of where."""

from collections.abc import Iterator, Sequence

from sqlalchemy import bindparam, select

from troth.store.schema import entries, sightings, tiles
from troth.store.unit import Adding, Prepared, Row, Unit

_ADD_ENTRIES = Adding(entries)
_ADD_TILES = Adding(tiles)
_ADD_SIGHTINGS = Adding(sightings)
_LEAVES = Prepared(
    select(entries.c.leaf)
    .where(entries.c.entry >= bindparam("start"), entries.c.entry < bindparam("end"))
    .order_by(entries.c.entry)
)
_TILE = Prepared(
    select(tiles.c.hashes).where(tiles.c.level == bindparam("level"), tiles.c.tile == bindparam("tile"))
)
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
CHUNK = 4096


def append(unit: Unit, start: int, leaves: Sequence[bytes]) -> None:
    """Add leaves from number `start` on."""
    unit.add(_ADD_ENTRIES, list(enumerate(leaves, start)))


def add_tiles(unit: Unit, full: Sequence[tuple[int, int, bytes]]) -> None:
    """Add full tiles: (level, index, 256 hashes)."""
    unit.add(_ADD_TILES, full)


def leaves(unit: Unit, start: int, end: int) -> Iterator[bytes]:
    """Yield the leaves from `start` up to, not including, `end`, in bounded memory."""
    for low in range(start, end, CHUNK):
        for (leaf,) in unit.rows(_LEAVES, low, min(low + CHUNK, end)):
            yield bytes(leaf)


def tile(unit: Unit, level: int, index: int) -> bytes:
    """Return the hashes of a full tile; empty when there is none."""
    found = unit.rows(_TILE, level, index)
    return bytes(found[0][0]) if found else b""


def add_checkpoint(unit: Unit, size: int, note: str, at: int) -> None:
    """Keep a signed checkpoint."""
    unit.run(_ADD_CHECKPOINT, size, note, at)


def last_checkpoint(unit: Unit) -> Row | None:
    """Return (size, note) of the latest checkpoint, or None."""
    found = unit.rows(_LAST_CHECKPOINT)
    return found[0] if found else None


def last_signed_at(unit: Unit) -> int:
    """Return when the latest checkpoint was signed; 0 when none was."""
    return int(unit.rows(_LAST_SIGNED)[0][0] or 0)


def add_sightings(unit: Unit, rows: Sequence[tuple[bytes, int]]) -> None:
    """Note which entries speak of which pseudonym."""
    unit.add(_ADD_SIGHTINGS, rows)


def sighted(unit: Unit, pseudonym: bytes) -> list[int]:
    """Return the numbers of the noted entries that speak of a pseudonym, in order."""
    return [entry for (entry,) in unit.rows(_SIGHTINGS, pseudonym)]
