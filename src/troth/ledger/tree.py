"""The Merkle tree of RFC 6962 (and RFC 9162 §2.1) over SHA-256: growing, proving, verifying.

A tree in memory is only its right edge: for each level of tiles (C2SP tlog-tiles) the hashes of the
last, partial one. Growing it gives a new tree and the tiles that became full; the old tree is
untouched, so a transaction that fails simply keeps it. Proofs are read from tiles through a `Reader`.

    leaf = H(0x00 ‖ d), node = H(0x01 ‖ left ‖ right), empty = H("")
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from typing import TypeAlias

from troth.errors import BadHash, BadProof, TileBroken

HASH = 32
WIDTH = 256  # hashes in a full tile
FULL = WIDTH * HASH
EMPTY_ROOT = sha256(b"").digest()

Reader: TypeAlias = Callable[[int, int], bytes]
"""(level, index) -> the hashes of that tile, 32 bytes each, as many of them as there are."""


def leaf_hash(leaf: bytes) -> bytes:
    """Return H(0x00 ‖ leaf)."""
    return sha256(b"\x00" + leaf).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return H(0x01 ‖ left ‖ right); raises `BadHash` unless both are 32 bytes."""
    _measure((left, right))
    return sha256(b"\x01" + left + right).digest()


def root_of(hashes: Iterable[bytes]) -> bytes:
    """Return the root over leaf hashes in order; H("") of none. Raises `BadHash`."""
    return EMPTY.extend(hashes)[0].root()


@dataclass(frozen=True, slots=True)
class Tile:
    """Consecutive hashes of one level: `index` counts tiles, 256 hashes make one full."""

    level: int
    index: int
    hashes: bytes

    @property
    def width(self) -> int:
        """How many hashes it holds, 1 to 256."""
        return len(self.hashes) // HASH


@dataclass(frozen=True, slots=True)
class Tree:
    """A size and a right edge; a value, never changed in place."""

    size: int = 0
    edge: tuple[bytes, ...] = ()

    def extend(self, leaf_hashes: Iterable[bytes]) -> tuple["Tree", tuple[Tile, ...]]:
        """Return the tree grown by `leaf_hashes`, and the tiles that became full, lower levels first.

        Adopt the new tree once its leaves and tiles are committed. Raises `BadHash`.
        """
        hashes = tuple(leaf_hashes)
        _measure(hashes)
        tiles: list[Tile] = []
        edge: list[bytes] = []
        fresh, level = b"".join(hashes), 0
        while fresh:
            run = self.edge[level] + fresh if level < len(self.edge) else fresh
            first, whole = self.size >> 8 * (level + 1), len(run) // FULL
            above = bytearray()
            for offset in range(whole):
                tile = run[offset * FULL : (offset + 1) * FULL]
                tiles.append(Tile(level, first + offset, tile))
                above += _rows(tile)[8]
            edge.append(run[whole * FULL :])
            fresh, level = bytes(above), level + 1
        return Tree(self.size + len(hashes), (*edge, *self.edge[level:])), tuple(tiles)

    def root(self) -> bytes:
        """Return the root over all leaves so far; H("") when there are none."""
        root = b""
        for hashes in self.edge:
            for peak in _peaks(hashes):
                root = sha256(b"\x01" + peak + root).digest() if root else peak
        return root or EMPTY_ROOT

    def edge_tiles(self) -> tuple[Tile, ...]:
        """Return the partial tiles of this size: `floor(size / 256^level) mod 256` hashes wide each."""
        return tuple(
            Tile(level, self.size >> 8 * (level + 1), hashes)
            for level, hashes in enumerate(self.edge)
            if hashes
        )

    def reader(self, full: Reader) -> Reader:
        """Return a reader of this tree: its own edge for partial tiles, `full` for the full ones."""

        def read(level: int, index: int) -> bytes:
            if level < len(self.edge) and index == self.size >> 8 * (level + 1):
                return self.edge[level]
            return full(level, index)

        return read

    @classmethod
    def load(cls, size: int, full: Reader, leaf_hashes: Sequence[bytes]) -> "Tree":
        """Return the tree of `size` leaves from stored full tiles and the leaf hashes after them.

        `leaf_hashes` are those of the last `size mod 256` leaves. Raises `BadHash`, and `TileBroken`
        for a tile of another width. Reads at most 255 tiles a level.
        """
        hashes = tuple(leaf_hashes)
        _measure(hashes)
        if len(hashes) != size % WIDTH:
            raise BadHash(reason=f"{len(hashes)} leaf hashes where {size % WIDTH} end the tree")
        edge = [b"".join(hashes)] if size else []
        for level in range(1, (size.bit_length() + 7) // 8):
            last = size >> 8 * level
            edge.append(b"".join(_rows(_full(full, level - 1, n))[8] for n in range(last & ~255, last)))
        return cls(size, tuple(edge))


EMPTY = Tree()


def inclusion_path(index: int, size: int, reader: Reader) -> tuple[bytes, ...]:
    """Return the audit path of leaf `index` in the tree of `size`, the leaf's sibling first.

    RFC 6962 §2.1.1. Raises `BadProof` when there is no such leaf, `TileBroken` for a short tile.
    """
    if not 0 <= index < size:
        raise BadProof(proof="inclusion", reason=f"there is no leaf {index} in a tree of {size}")
    low, high, path = 0, size, []
    while high - low > 1:
        split = low + _split(high - low)
        if index < split:
            path.append(_range_root(split, high, reader))
            high = split
        else:
            path.append(_range_root(low, split, reader))
            low = split
    return tuple(reversed(path))


def consistency_path(old: int, size: int, reader: Reader) -> tuple[bytes, ...]:
    """Return the proof that the tree of `size` continues the tree of `old` leaves.

    RFC 6962 §2.1.2. Raises `BadProof` unless 0 < old <= size, `TileBroken` for a short tile.
    """
    if not 0 < old <= size:
        raise BadProof(proof="consistency", reason=f"there is none from size {old} to size {size}")
    low, high, path = 0, size, []
    while high != old:
        split = low + _split(high - low)
        if old <= split:
            path.append(_range_root(split, high, reader))
            high = split
        else:
            path.append(_range_root(low, split, reader))
            low = split
    if low:
        path.append(_range_root(low, high, reader))
    return tuple(reversed(path))


def verify_inclusion(leaf: bytes, path: Sequence[bytes], *, index: int, size: int, root: bytes) -> None:
    """Raise `BadProof` unless `path` shows leaf hash `leaf` at `index` under `root` (RFC 9162 §2.1.3.2).

    Raises `BadHash` for any hash that is not 32 bytes.
    """
    _measure((leaf, root, *path))
    if not 0 <= index < size:
        raise BadProof(proof="inclusion", reason=f"there is no leaf {index} in a tree of {size}")
    fn, sn, made = index, size - 1, leaf
    for step in path:
        if sn == 0:
            raise BadProof(proof="inclusion", reason="the path is too long")
        if fn & 1 or fn == sn:
            made = node_hash(step, made)
            while fn and not fn & 1:
                fn, sn = fn >> 1, sn >> 1
        else:
            made = node_hash(made, step)
        fn, sn = fn >> 1, sn >> 1
    if sn:
        raise BadProof(proof="inclusion", reason="the path is too short")
    if made != root:
        raise BadProof(proof="inclusion", reason="the path leads to another root")


def verify_consistency(path: Sequence[bytes], *, old: int, size: int, old_root: bytes, root: bytes) -> None:
    """Raise `BadProof` unless `path` shows that `root` continues `old_root` (RFC 9162 §2.1.4.2).

    Defined for 0 < old <= size only. Raises `BadHash` for any hash that is not 32 bytes.
    """
    _measure((old_root, root, *path))
    if not 0 < old <= size:
        raise BadProof(proof="consistency", reason=f"there is none from size {old} to size {size}")
    if old == size:
        if path or old_root != root:
            raise BadProof(proof="consistency", reason="one size has two roots, or a path to itself")
        return
    steps = [old_root, *path] if path and not old & (old - 1) else list(path)
    if not steps:
        raise BadProof(proof="consistency", reason="the path is empty")
    fn, sn = old - 1, size - 1
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    before = after = steps[0]
    for step in steps[1:]:
        if sn == 0:
            raise BadProof(proof="consistency", reason="the path is too long")
        if fn & 1 or fn == sn:
            before, after = node_hash(step, before), node_hash(step, after)
            while fn and not fn & 1:
                fn, sn = fn >> 1, sn >> 1
        else:
            after = node_hash(after, step)
        fn, sn = fn >> 1, sn >> 1
    if sn or before != old_root or after != root:
        raise BadProof(proof="consistency", reason="the path leads to other roots")


def _measure(hashes: Sequence[bytes]) -> None:
    if hashes and set(map(len, hashes)) != {HASH}:
        raise BadHash(reason="a hash is not exactly 32 bytes")


def _split(count: int) -> int:
    """Return the largest power of two below `count`."""
    return 1 << (count - 1).bit_length() - 1


def _rows(hashes: bytes) -> tuple[bytes, ...]:
    """Return the hashes of a tile and, row by row, of the whole pairs above them."""
    rows = [hashes]
    while len(hashes) >= 2 * HASH:
        pairs = range(0, len(hashes) - 2 * HASH + 1, 2 * HASH)
        hashes = b"".join([sha256(b"\x01" + hashes[i : i + 64]).digest() for i in pairs])
        rows.append(hashes)
    return tuple(rows)


_kept_rows = lru_cache(maxsize=256)(_rows)  # neighbouring proofs read the same tiles


def _peaks(hashes: bytes) -> list[bytes]:
    """Return the roots of the perfect subtrees that a partial tile falls into, right to left."""
    return [row[-HASH:] for row in _rows(hashes) if len(row) // HASH & 1]


def _full(reader: Reader, level: int, index: int) -> bytes:
    hashes = reader(level, index)
    if len(hashes) != FULL:
        raise TileBroken(tile=f"{level}/{index}", reason="is not 256 hashes wide")
    return hashes


def _node(height: int, position: int, reader: Reader) -> bytes:
    """Return the root of the perfect subtree over 2^height leaves from `position` * 2^height on."""
    level, row = divmod(height, 8)
    index, offset = divmod(position, WIDTH >> row)
    rows = _kept_rows(reader(level, index))
    found = rows[row][offset * HASH : (offset + 1) * HASH] if row < len(rows) else b""
    if len(found) != HASH:
        raise TileBroken(tile=f"{level}/{index}", reason="holds fewer hashes than the tree needs")
    return found


def _range_root(low: int, high: int, reader: Reader) -> bytes:
    """Return the root over leaves `low` to `high` (excluded), where `low` is a split of RFC 6962."""
    root, height = b"", 0
    while low < high:
        if high - low >> height & 1:
            high -= 1 << height
            peak = _node(height, high >> height, reader)
            root = sha256(b"\x01" + peak + root).digest() if root else peak
        height += 1
    return root
