"""The published form of a log: a directory of files that any web server can serve (C2SP tlog-tiles).

    checkpoint                     the signed size and root; the only file that changes
    log.vkey                       the key that signs it, for readers who do not have it yet
    tile/<L>/<N>[.p/<W>]           hashes of level L
    tile/entries/<N>[.p/<W>]       the entries themselves, each after its length in 16 bits

`export` writes it, as far as the last time it was not written yet, and the checkpoint last: whatever
moment it stops at, the directory holds a whole log, and running it again goes on. A tile is immutable:
a file that exists with other content stops the export.
"""

import os
import re
import shutil
import stat
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from troth.errors import (
    BadNote,
    BadVerifierKey,
    EntryRefused,
    ForkRefused,
    NoLedger,
    RootDiffers,
    TileBroken,
    TileMissing,
)
from troth.ledger.checkpoint import Checkpoint, Verifier, open_checkpoint, verify_continues
from troth.ledger.entry import LEAF_MAX
from troth.ledger.tree import HASH, WIDTH, Reader, Tree, leaf_hash

CHECKPOINT = "checkpoint"
VKEY = "log.vkey"
_CHECKPOINT_MAX, _VKEY_MAX = 1_000_000, 4_096  # bytes
_BUNDLE_MAX = WIDTH * (2 + LEAF_MAX)
_INCOMING = ".incoming"  # where a file is whole before it gets its name
_tile_name = re.compile(
    r"tile/(entries|[0-9]|[1-5][0-9]|6[0-3])/((?:x[0-9]{3}/)*[0-9]{3})(?:\.p/([1-9][0-9]{0,2}))?"
).fullmatch


def path_of(level: int | None, index: int, width: int = WIDTH) -> str:
    """Return a tile's path below the prefix; level None means the entry bundle."""
    name = f"{index % 1000:03}"
    while index >= 1000:
        index //= 1000
        name = f"x{index % 1000:03}/{name}"
    partial = "" if width == WIDTH else f".p/{width}"
    return f"tile/{'entries' if level is None else level}/{name}{partial}"


def position_of(path: str) -> tuple[int | None, int, int] | None:
    """Return (level, index, width) of a tile's path, or None when it is not exactly one."""
    match = _tile_name(path)
    if not match:
        return None
    level = None if match[1] == "entries" else int(match[1])
    index, width = int(re.sub("[x/]", "", match[2])), int(match[3] or WIDTH)
    return (level, index, width) if path_of(level, index, width) == path else None


def width_at(size: int, level: int | None, index: int) -> int:
    """Return how many hashes (or entries) tile `index` has in a log of `size`: 0 to 256."""
    return max(0, min(WIDTH, (size >> 8 * (level or 0)) - index * WIDTH))


def bundle(leaves: Iterable[bytes]) -> bytes:
    """Return leaves as an entry bundle: uint16 big-endian length, bytes, repeated."""
    out = bytearray()
    for leaf in leaves:
        if len(leaf) > LEAF_MAX:
            raise EntryRefused(field="fields", reason="make an entry beyond 65,535 bytes")
        out += len(leaf).to_bytes(2, "big") + leaf
    return bytes(out)


def unbundle(raw: bytes, *, tile: str) -> list[bytes]:
    """Return the leaves of an entry bundle; raises `TileBroken`, naming `tile`."""
    leaves, at, end = [], 0, len(raw)
    while at < end:
        stop = at + 2 + int.from_bytes(raw[at : at + 2], "big")
        if at + 2 > end or stop > end:
            raise TileBroken(tile=tile, reason="ends in the middle of an entry")
        leaves.append(raw[at + 2 : stop])
        at = stop
    return leaves


@dataclass(frozen=True, slots=True)
class Published:
    """A log as it lies in a directory; nothing in it is believed until it is verified."""

    directory: Path

    def unverified_checkpoint(self) -> bytes:
        """Return the signed checkpoint as it stands; raises `NoLedger` or `BadNote`."""
        try:
            return self._front(CHECKPOINT, _CHECKPOINT_MAX)
        except _Unfit as unfit:
            raise BadNote(reason=f"its file {unfit}") from None

    def unverified_vkey(self) -> str:
        """Return the key that lies beside the checkpoint; raises `NoLedger`, or `BadVerifierKey`."""
        try:
            return self._front(VKEY, _VKEY_MAX).decode("utf-8", "replace").strip()
        except _Unfit as unfit:
            raise BadVerifierKey(reason=f"its file {unfit}") from None

    def file(self, path: str) -> bytes:
        """Return one tile or bundle as it stands; raises `TileMissing`, or `TileBroken` for what is none."""
        most = _BUNDLE_MAX if path.startswith("tile/entries/") else WIDTH * HASH
        try:
            return _content(self.directory / path, most)
        except _ABSENT:
            raise TileMissing(tile=path) from None
        except _Unfit as unfit:
            raise TileBroken(tile=path, reason=str(unfit)) from None

    def reader(self, size: int) -> Reader:
        """Return a reader of the tree of `size`; raises `TileMissing` or `TileBroken` as it reads.

        Where a partial tile is gone because its full tile exists, that is read instead.
        """

        def read(level: int, index: int) -> bytes:
            width = width_at(size, level, index)
            path = path_of(level, index, width)
            if width < WIDTH and not (self.directory / path).exists():
                path = path_of(level, index)
            hashes = self.file(path)
            if len(hashes) % HASH or len(hashes) < width * HASH:
                raise TileBroken(tile=path, reason="holds fewer hashes than the tree needs")
            return hashes[: width * HASH]

        return read

    def leaves(self, size: int, start: int = 0) -> Iterator[bytes]:
        """Yield the entries from `start` to `size`, one bundle in memory at a time."""
        for index in range(start // WIDTH, -(-size // WIDTH)):
            width = width_at(size, None, index)
            path = path_of(None, index, width)
            if width < WIDTH and not (self.directory / path).exists():
                path = path_of(None, index)
            found = unbundle(self.file(path), tile=path)
            if len(found) < width:
                raise TileBroken(tile=path, reason="holds fewer entries than the log")
            yield from found[max(0, start - index * WIDTH) : width]

    def _front(self, name: str, most: int) -> bytes:
        try:
            return _content(self.directory / name, most)
        except _ABSENT:
            raise NoLedger(path=name) from None


class _Unfit(Exception):
    """A file that is no part of a published log, whatever is in it; its text says why."""


_ABSENT = (FileNotFoundError, NotADirectoryError, IsADirectoryError)


def _content(path: Path, most: int) -> bytes:
    """Return a regular file of at most `most` bytes, without reading more; raises `_Unfit` for another."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        try:
            found = os.fstat(descriptor)
            if stat.S_ISREG(found.st_mode):
                content = os.read(descriptor, min(found.st_size, most) + 1)
            elif stat.S_ISDIR(found.st_mode):
                raise IsADirectoryError
            else:
                raise _Unfit("is not a regular file")
        finally:
            os.close(descriptor)
    except _ABSENT:
        raise
    except OSError as problem:
        raise _Unfit(f"cannot be read ({problem.strerror})") from None
    if len(content) > most:
        raise _Unfit(f"is larger than {most:,} bytes")
    return content


def export(
    directory: Path, signed: bytes, by: Verifier, leaves: Callable[[int], Iterable[bytes]]
) -> Checkpoint:
    """Publish the log up to the checkpoint `signed` into `directory`, and return that checkpoint.

    `leaves(start)` gives the entries from index `start` on; it is asked once, for what is not there
    yet (from the last whole bundle on). Memory holds one bundle at a time.

    Raises `BadNote` or `BadCheckpoint` for a checkpoint (given, or there already) not by `by`;
    `ForkRefused` when the new one does not continue the one there, or entries are missing;
    `RootDiffers` when the entries do not make the signed root; `TileBroken` rather than rewrite a tile.
    """
    new = open_checkpoint(signed, by)
    log = Published(directory)
    there = (directory / CHECKPOINT).exists()
    old = open_checkpoint(log.unverified_checkpoint(), by) if there else None
    if old and old.size > new.size:
        raise ForkRefused(kept=old.size, size=new.size)
    tree = _whole_bundles(log, old.size) if old else Tree()
    stream = iter(leaves(tree.size))
    while tree.size < new.size:
        index, room = tree.size // WIDTH, min(WIDTH, new.size - tree.size)
        batch = list(islice(stream, room))
        if len(batch) < room:
            raise ForkRefused(kept=new.size, size=tree.size + len(batch))
        tree, tiles = tree.extend(map(leaf_hash, batch))
        _place(directory, path_of(None, index, room), bundle(batch))
        for tile in tiles:
            _place(directory, path_of(tile.level, tile.index), tile.hashes)
    for tile in tree.edge_tiles():
        _place(directory, path_of(tile.level, tile.index, tile.width), tile.hashes)
    if tree.root() != new.root:
        raise RootDiffers(size=new.size)
    if old:
        verify_continues(old, new, log.reader(new.size))
    _replace(directory, VKEY, f"{by.vkey}\n".encode())
    _replace(directory, CHECKPOINT, signed)
    if old:
        _clear_outgrown(directory, old.size, new.size)
    return new


def _whole_bundles(log: Published, size: int) -> Tree:
    """Return the tree of the full bundles among `size` entries, its edge read from the tiles."""
    read, edge = log.reader(size), [b""]
    for level in range(1, (size.bit_length() + 7) // 8):
        index = size >> 8 * (level + 1)
        edge.append(read(level, index) if width_at(size, level, index) else b"")
    return Tree(size & -WIDTH, tuple(edge)) if size >= WIDTH else Tree()


def _place(directory: Path, path: str, content: bytes) -> None:
    target = directory / path
    if target.exists():
        if Published(directory).file(path) != content:
            raise TileBroken(tile=path, reason="is published already with other content")
        return
    _replace(directory, path, content)


def _replace(directory: Path, path: str, content: bytes) -> None:
    """Write a file so that its name never stands for half of it, not even after a power failure."""
    target, incoming = directory / path, directory / _INCOMING
    target.parent.mkdir(parents=True, exist_ok=True)
    with incoming.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    incoming.replace(target)
    _sync(target.parent)


def _sync(folder: Path) -> None:
    """Make the name of a file durable, as its content is."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _clear_outgrown(directory: Path, old: int, new: int) -> None:
    """Remove partial tiles of size `old` whose full tile now exists (allowed by C2SP tlog-tiles)."""
    for level in (None, *range((old.bit_length() + 7) // 8)):
        index = old >> 8 * ((level or 0) + 1)
        if width_at(new, level, index) == WIDTH:
            shutil.rmtree(directory / f"{path_of(level, index)}.p", ignore_errors=True)
