"""The ledger as a whole: catching up with it, signing its state, proving entries, exporting it."""

from pathlib import Path

from troth.custody.desk import Desk
from troth.errors import ForkRefused, NoSuchEntry
from troth.house import House
from troth.ledger import tiles
from troth.ledger.checkpoint import Checkpoint, advance, open_checkpoint, verify_continues
from troth.ledger.entry import parse
from troth.ledger.proof import Proof, prove, verify_proof
from troth.ledger.tree import WIDTH, Reader, Tree, leaf_hash
from troth.store import entries
from troth.store.unit import Unit
from troth.vault.files import write_secret


def catch_up(house: House, unit: Unit) -> None:
    """Bring the tree in memory to what the store has: at the start, or after another process wrote."""
    if unit.size == house.tree.size and house.origins.fresh:
        return
    if unit.size < house.tree.size:
        raise ForkRefused(kept=house.tree.size, size=unit.size)
    house.origins.load(unit)
    if unit.size == house.tree.size:
        return
    house.last_at = max(
        house.last_at, *(parse(leaf).at for leaf in entries.leaves(unit, unit.size - 1, unit.size))
    )
    if unit.size > house.tree.size and unit.size - house.tree.size < WIDTH and house.tree.size:
        fresh = [leaf_hash(leaf) for leaf in entries.leaves(unit, house.tree.size, unit.size)]
        house.tree, _ = house.tree.extend(fresh)
        return
    start = unit.size - unit.size % WIDTH
    last = [leaf_hash(leaf) for leaf in entries.leaves(unit, start, unit.size)]
    house.tree = Tree.load(unit.size, full_tiles(unit), last)


def full_tiles(unit: Unit) -> Reader:
    """Return a reader of the full tiles in the store."""
    return lambda level, index: entries.tile(unit, level, index)


def publish(desk: Desk) -> Checkpoint:
    """Sign the ledger's present state, keep it in the store and beside it, and return it.

    Raises `ForkRefused` when the store does not continue the last checkpoint that was published:
    it was rolled back or changed, and nothing is signed.
    """
    house, unit = desk.house, desk.unit
    size, kept = unit.size, entries.last_checkpoint(unit)
    if house.published is not None and house.published.size == size and kept and kept[0] == size:
        return house.published
    checkpoint, note = advance(house.published, house.tree, full_tiles(unit), by=house.signer)
    entries.add_checkpoint(unit, size, note.decode("utf-8"), desk.now)
    write_secret(published_file(house), note, replace=True)
    house.published = checkpoint
    return checkpoint


def published_file(house: House) -> Path:
    """The file, outside of the database, that holds the last checkpoint published."""
    return house.directory / "checkpoint"


def check_continuity(house: House, unit: Unit) -> None:
    """Refuse a store that is older than, or differs from, the last checkpoint published.

    Raises `ForkRefused`.
    """
    file = published_file(house)
    if not file.exists():
        return
    house.published = open_checkpoint(file.read_bytes(), house.signer.verifier)
    here = Checkpoint(house.signer.name, house.tree.size, house.tree.root())
    verify_continues(house.published, here, house.tree.reader(full_tiles(unit)))


def proof_of(desk: Desk, number: int) -> tuple[Proof, bytes]:
    """Return the proof that an entry is in the ledger, and its leaf, under the last checkpoint.

    Raises `NoSuchEntry` when the last checkpoint does not reach it, and `BadProof` when the entry was
    changed or removed.
    """
    unit = desk.unit
    found = entries.last_checkpoint(unit)
    size = found[0] if found else 0
    if found is None or not 0 <= number < size:
        raise NoSuchEntry(number=number, size=size)
    note = str(found[1]).encode("utf-8")
    checkpoint = open_checkpoint(note, desk.house.signer.verifier)
    last = entries.leaves(unit, size - size % WIDTH, size)
    then = Tree.load(size, full_tiles(unit), [leaf_hash(leaf) for leaf in last])
    proof = prove(number, checkpoint, note, then.reader(full_tiles(unit)))
    leaf = next(entries.leaves(unit, number, number + 1), b"")
    verify_proof(proof, leaf, desk.house.signer.verifier)
    return proof, leaf


def export(desk: Desk, directory: Path) -> Checkpoint:
    """Write the ledger up to the last checkpoint as a tlog-tiles directory that others can verify."""
    house, unit = desk.house, desk.unit
    checkpoint = publish(desk)
    note = entries.last_checkpoint(unit)
    assert note is not None  # noqa: S101 - publish wrote it
    tiles.export(
        directory,
        note[1].encode("utf-8"),
        house.signer.verifier,
        lambda start: entries.leaves(unit, start, checkpoint.size),
    )
    return checkpoint
