"""Logs for the tests: a signer, entries, and a directory published from them."""

import json
from pathlib import Path

from troth.clock import SECOND
from troth.ledger.checkpoint import Checkpoint, Signer, advance
from troth.ledger.entry import Entry, encode
from troth.ledger.tiles import export
from troth.ledger.tree import EMPTY, Reader, Tree, leaf_hash

VECTORS = Path(__file__).parent.parent / "vectors"
SIGNER = Signer.from_seed("ledger.example.org", bytes(range(32)))
STRANGER = Signer.from_seed("ledger.example.org", bytes(32))
START = 1_830_340_800 * SECOND


def vectors(name: str) -> dict:
    return json.loads((VECTORS / name).read_text("utf-8"))


def leaves(count: int, *, of: str = "account") -> list[bytes]:
    return [
        encode(
            Entry(
                at=START + i * SECOND, kind="record.collected", actor="self", act="collect",
                outcome="permitted", category=of, count=i,
            )
        )
        for i in range(count)
    ]  # fmt: skip


def grown(log: list[bytes]) -> tuple[Tree, Reader]:
    """Return the tree over leaves and a reader of all its tiles."""
    tree, tiles = EMPTY.extend(map(leaf_hash, log))
    kept = {(tile.level, tile.index): tile.hashes for tile in tiles}
    return tree, tree.reader(lambda level, index: kept[level, index])


def signed(log: list[bytes], *, by: Signer = SIGNER) -> tuple[Checkpoint, bytes]:
    tree, reader = grown(log)
    return advance(None, tree, reader, by=by)


def published(directory: Path, log: list[bytes], *, by: Signer = SIGNER) -> Path:
    export(directory, signed(log, by=by)[1], by.verifier, lambda start: log[start:])
    return directory
