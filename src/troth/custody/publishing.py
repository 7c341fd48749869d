"""The ledger as a whole: catching up with it, signing its state, proving entries, exporting it."""

from pathlib import Path

from troth.custody.desk import Desk
from troth.errors import (
    BadCheckpoint,
    BadEntry,
    EntryRefused,
    FileUnusable,
    ForkRefused,
    LeafDamaged,
    NoSuchEntry,
    RootDiffers,
    TileBroken,
)
from troth.house import House
from troth.ledger import tiles
from troth.ledger.checkpoint import Checkpoint, advance, open_checkpoint, verify_continues
from troth.ledger.entry import Entry, parse
from troth.ledger.proof import Proof, prove, verify_proof
from troth.ledger.tree import HASH, WIDTH, Reader, Tree, leaf_hash, root_of
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
    last = unit.size - 1
    for leaf in entries.leaves(unit, last, unit.size):
        house.last_at = max(house.last_at, entry_of(last, leaf).at)
    if unit.size > house.tree.size and unit.size - house.tree.size < WIDTH and house.tree.size:
        fresh = [leaf_hash(leaf) for leaf in entries.leaves(unit, house.tree.size, unit.size)]
        house.tree, _ = house.tree.extend(fresh)
        return
    start = unit.size - unit.size % WIDTH
    rest = [leaf_hash(leaf) for leaf in entries.leaves(unit, start, unit.size)]
    house.tree = Tree.load(unit.size, full_tiles(unit), rest)


def full_tiles(unit: Unit) -> Reader:
    """Return a reader of the full tiles in the store."""
    return lambda level, index: entries.tile(unit, level, index)


def entry_of(number: int, leaf: bytes) -> Entry:
    """Return the entry of a leaf that the store has; raises `LeafDamaged`, which names it."""
    try:
        return parse(leaf)
    except BadEntry as bad:
        raise LeafDamaged(entry=number, reason=bad.reason) from None


def damage(house: House, unit: Unit) -> LeafDamaged | None:
    """Return what is wrong with the first leaf that is not as it was written; None when each is.

    Raises `TileBroken` when it is the hash beside it that is wrong.
    """
    read = house.tree.reader(full_tiles(unit))
    signed: list[bytes] = []
    for number, leaf in entries.found(unit, 0, house.tree.size):
        if not number % WIDTH or not signed:
            signed = _signed(house.tree, read, number // WIDTH)
        if leaf is None:
            return LeafDamaged(entry=number, reason=entries.NO_BYTES)
        if leaf_hash(leaf) != signed[number % WIDTH]:
            return LeafDamaged(entry=number, reason="it is not what was written")
    return unreadable(unit)


def _signed(tree: Tree, read: Reader, index: int) -> list[bytes]:
    """Return the hashes of a tile of leaves; raises `TileBroken` unless the tree is built over them."""
    raw = read(0, index)
    hashes = [raw[at : at + HASH] for at in range(0, len(raw), HASH)]
    place = index % WIDTH * HASH
    if (index + 1) * WIDTH <= tree.size and root_of(hashes) != read(1, index // WIDTH)[place : place + HASH]:
        raise TileBroken(tile=f"0/{index}", reason="is not what the tree was built over")
    return hashes


def unreadable(unit: Unit) -> LeafDamaged | None:
    """Return what is wrong with the first leaf that is missing or no entry at all; None when each is one."""
    for number, leaf in entries.found(unit, 0, unit.size):
        if leaf is None:
            return LeafDamaged(entry=number, reason=entries.NO_BYTES)
        try:
            entry_of(number, leaf)
        except LeafDamaged as damaged:
            return damaged
    return None


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


def publish_everywhere(desk: Desk) -> Checkpoint:
    """Publish, and write the ledger where it is to outlive the store, if anything says where.

    It is durable there when this returns. Raises as `publish` and `export` do.
    """
    house, checkpoint = desk.house, publish(desk)
    if house.outside is not None and house.kept_outside != checkpoint.size:
        export(desk, house.outside)
        house.kept_outside = checkpoint.size
    return checkpoint


def published_file(house: House) -> Path:
    """The file, outside of the database, that holds the last checkpoint published."""
    return house.directory / "checkpoint"


def check_continuity(house: House, unit: Unit) -> None:
    """Refuse a store that is older than, or differs from, the last checkpoint published, here or outside.

    Raises `ForkRefused`; `LeafDamaged` when an entry is found that makes it so; `BadNote` or
    `BadCheckpoint` for a file that is no checkpoint of this ledger.
    """
    here = Checkpoint(house.signer.name, house.tree.size, house.tree.root())
    if house.outside is not None:  # an old copy of the whole directory has its own checkpoint with it
        _must_continue(house, unit, house.outside / tiles.CHECKPOINT, here)
    house.published = _must_continue(house, unit, published_file(house), here)


def _must_continue(house: House, unit: Unit, file: Path, here: Checkpoint) -> Checkpoint | None:
    if not file.exists():
        return None
    try:
        note = file.read_bytes()
    except OSError as problem:
        raise BadCheckpoint(reason=f"its file cannot be read ({problem.strerror})") from None
    kept = open_checkpoint(note, house.signer.verifier)
    try:
        verify_continues(kept, here, house.tree.reader(full_tiles(unit)))
    except (ForkRefused, TileBroken) as problem:
        raise unreadable(unit) or problem from None
    return kept


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


def tile_of(desk: Desk, level: int, index: int, width: int) -> bytes:
    """Return the first `width` hashes of a tile under the last checkpoint; empty where there are none.

    A tile of the tree of leaves is level 0. Raises `TileBroken` for one that is not as it was stored.
    """
    unit = desk.unit
    found = entries.last_checkpoint(unit)
    size = int(found[0]) if found else 0
    if not 0 < width <= tiles.width_at(size, level, index):
        return b""
    if width == WIDTH:
        return entries.tile(unit, level, index)
    last = entries.leaves(unit, size - size % WIDTH, size)
    then = Tree.load(size, full_tiles(unit), [leaf_hash(leaf) for leaf in last])
    return then.reader(full_tiles(unit))(level, index)[: width * HASH]


def export(desk: Desk, directory: Path) -> Checkpoint:
    """Write the ledger up to the last checkpoint as a tlog-tiles directory that others can verify.

    Raises `LeafDamaged`, which names an entry that is not what was written; `FileUnusable` for a directory
    that cannot be written; otherwise as `tiles.export`.
    """
    house, unit = desk.house, desk.unit
    checkpoint = publish(desk)
    note = entries.last_checkpoint(unit)
    assert note is not None  # noqa: S101 - publish wrote it
    try:
        tiles.export(
            directory,
            str(note[1]).encode("utf-8"),
            house.signer.verifier,
            lambda start: entries.leaves(unit, start, checkpoint.size),
        )
    except (EntryRefused, ForkRefused, RootDiffers, TileBroken) as problem:
        raise damage(house, unit) or problem from None
    except OSError as problem:
        raise FileUnusable(path=str(directory), problem=problem.strerror or "it cannot be written") from None
    return checkpoint
