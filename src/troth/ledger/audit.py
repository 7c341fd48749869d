"""Verify a published ledger offline: with neither database nor keys.

Everything is made again from the entry bundles: every leaf hash, every tile, the root; then compared
with what is published and with what was signed. So a flipped, removed, added, reordered or truncated
entry is found and named, as is a missing, changed or superfluous file. A checkpoint kept from an
earlier audit shows whether the log was forked or rolled back since. Memory holds one bundle at a time.
"""

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from troth.clock import SECOND, Instant
from troth.errors import (
    BadEntry,
    EntryBroken,
    EntryUnreadable,
    Forked,
    RootDiffers,
    TileBroken,
    TileExtra,
    TileMissing,
    TimeBackwards,
)
from troth.ledger.checkpoint import Checkpoint, Verifier, open_checkpoint
from troth.ledger.entry import parse
from troth.ledger.tiles import Published, path_of, position_of, unbundle, width_at
from troth.ledger.tree import EMPTY, HASH, WIDTH, Tile, Tree, leaf_hash, root_of

BACKWARDS_MAX = 60 * SECOND
"""How much earlier than the latest time before it an entry may be dated: the tellers of one ledger
read their clocks before they take their place in it, and a batch may wait."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What was verified, all of it. `trusted_on_first_use`: the key came with the ledger itself."""

    origin: str
    size: int
    root: bytes
    vkey: str
    trusted_on_first_use: bool
    continues: int | None
    tiles: int
    first_at: Instant | None
    last_at: Instant | None
    backwards: int


def audit(
    directory: Path,
    vkey: str | None = None,
    previous: bytes | None = None,
    progress: Callable[[int], object] | None = None,
) -> Report:
    """Return what a published ledger was verified to be, or raise the first thing that is wrong.

    `vkey` is the log's key as its operator published it; without it the `log.vkey` in the directory is
    believed, and the report says so. `previous` is a signed checkpoint kept from this log. `progress` is
    told how many entries are done.

    Raises `NoLedger`, `BadVerifierKey`, `BadNote`, `BadCheckpoint`; `Forked`; `EntryBroken`,
    `EntryUnreadable`, `TimeBackwards`; `TileMissing`, `TileBroken`, `TileExtra`, `RootDiffers`.
    """
    log = Published(directory)
    by = Verifier.from_vkey(log.unverified_vkey() if vkey is None else vkey.strip())
    checkpoint = open_checkpoint(log.unverified_checkpoint(), by)
    kept = None if previous is None else open_checkpoint(previous, by)
    if kept and kept.size > checkpoint.size:
        raise Forked(kept=kept.size, size=checkpoint.size)
    tree, times, tiles = EMPTY, _Times(), 0
    for number in range(-(-checkpoint.size // WIDTH)):
        leaves, hashes = _bundle(log, number, tree, checkpoint)
        if kept and tree.size < kept.size <= tree.size + len(hashes):
            _continued(kept, checkpoint, tree.extend(hashes[: kept.size - tree.size])[0])
        times.read(leaves, tree.size, path_of(None, number, len(leaves)))
        tree, full = tree.extend(hashes)
        for tile in full:
            _compare(log, tile)
        tiles += len(full)
        if progress:
            progress(tree.size)
    for tile in tree.edge_tiles():
        _compare(log, tile)
        tiles += 1
    if tree.root() != checkpoint.root:
        raise RootDiffers(size=checkpoint.size)
    _nothing_else(log, checkpoint.size)
    return Report(
        origin=checkpoint.origin, size=checkpoint.size, root=checkpoint.root,
        vkey=by.vkey, trusted_on_first_use=vkey is None, continues=kept.size if kept else None,
        tiles=tiles, first_at=times.first, last_at=times.last, backwards=times.backwards,
    )  # fmt: skip


def _continued(kept: Checkpoint, checkpoint: Checkpoint, tree: Tree) -> None:
    if tree.root() != kept.root:
        raise Forked(kept=kept.size, size=checkpoint.size)


def _bundle(
    log: Published, number: int, before: Tree, checkpoint: Checkpoint
) -> tuple[list[bytes], list[bytes]]:
    """Return the leaves of a bundle and their hashes, which are those of the tile beside it."""
    width = width_at(checkpoint.size, None, number)
    path = path_of(None, number, width)
    leaves = unbundle(log.file(path), tile=path)
    hashes = [leaf_hash(leaf) for leaf in leaves]
    tile = path_of(0, number, width)
    raw = log.file(tile)
    signed = [raw[at : at + HASH] for at in range(0, len(raw), HASH)]
    if len(raw) != width * HASH:
        raise TileBroken(tile=tile, reason=f"is not {width} hashes of 32 bytes")
    if hashes == signed:
        return leaves, hashes
    if len(hashes) == width and _vouched(log, number, hashes, before, checkpoint):
        raise TileBroken(tile=tile, reason="holds other hashes than the signed entries have")
    index, how = _difference(hashes, signed)
    raise EntryBroken(index=number * WIDTH + index, tile=path, how=how)


def _vouched(log: Published, number: int, hashes: list[bytes], before: Tree, checkpoint: Checkpoint) -> bool:
    """Whether what is above the tile stands for `hashes`: its hash one level up, or the signed root."""
    if before.size + len(hashes) == checkpoint.size:
        return before.extend(hashes)[0].root() == checkpoint.root
    above, place = divmod(number, WIDTH)
    try:
        row = log.reader(checkpoint.size)(1, above)
    except (TileMissing, TileBroken):
        return False
    return row[place * HASH : (place + 1) * HASH] == root_of(hashes)


def _difference(found: Sequence[bytes], signed: Sequence[bytes]) -> tuple[int, str]:
    """Return where a bundle first differs from what was signed, and in which way."""
    same = zip(found, signed, strict=False)
    index = next((i for i, (a, b) in enumerate(same) if a != b), min(len(found), len(signed)))
    here, there = found[index:], signed[index:]
    if not here:
        return index, "removed"
    if not there:
        return index, "added"
    if sorted(here) == sorted(there):
        return index, "reordered"
    if len(there) > 1 and list(here[: len(there) - 1]) == list(there[1:]):
        return index, "removed"
    if len(here) > 1 and list(here[1 : len(there) + 1]) == list(there[: len(here) - 1]):
        return index, "added"
    return index, "altered"


@dataclass(slots=True)
class _Times:
    """Reads entries in order and keeps account of their dates."""

    first: Instant | None = None
    last: Instant | None = None
    latest: Instant = 0
    backwards: int = 0

    def read(self, leaves: Sequence[bytes], start: int, tile: str) -> None:
        for index, leaf in enumerate(leaves, start):
            try:
                at = parse(leaf).at
            except BadEntry as bad:
                raise EntryUnreadable(index=index, tile=tile, reason=bad.reason) from None
            if at >= self.latest:
                self.latest = at
            else:
                self.backwards = max(self.backwards, self.latest - at)
                if self.backwards > BACKWARDS_MAX:
                    raise TimeBackwards(index=index, tile=tile, seconds=self.backwards // SECOND)
            if self.first is None:
                self.first = at
            self.last = at


def _compare(log: Published, tile: Tile) -> None:
    path = path_of(tile.level, tile.index, tile.width)
    if tile.level and log.file(path) != tile.hashes:
        raise TileBroken(tile=path, reason="holds other hashes than the tiles below it make")


def _nothing_else(log: Published, size: int) -> None:
    """Raise `TileExtra` for a file that is not of this log; older partial tiles may stay if they fit."""
    for path in _files(log.directory):
        position = position_of(path)
        if position is None:
            raise TileExtra(tile=path)
        level, index, width = position
        now = width_at(size, level, index)
        if width > now:
            raise TileExtra(tile=path)
        if width < now:
            _fits(log, path, level, index, width, now)


def _fits(log: Published, path: str, level: int | None, index: int, width: int, now: int) -> None:
    part, whole = log.file(path), log.file(path_of(level, index, now))
    count = len(unbundle(part, tile=path)) if level is None else len(part) / HASH
    if count != width or not whole.startswith(part):
        raise TileBroken(tile=path, reason="does not fit the tile that outgrew it")


def _files(directory: Path) -> Iterator[str]:
    for folder, _, names in os.walk(directory / "tile"):
        for name in names:
            yield (Path(folder) / name).relative_to(directory).as_posix()
