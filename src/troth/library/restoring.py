"""Restore a house from its copies, through the library's door."""

from pathlib import Path

from troth import clock as clocks
from troth.acts import restore as restoring
from troth.clock import Clock
from troth.custody.copies.restored import Restored
from troth.custody.frameless import frameless


@frameless
def restore(
    *,
    content: str | Path,
    keys: str | Path,
    root: str | Path,
    into: str | Path,
    ledger: str | Path | None = None,
    checkpoint: str | Path | None = None,
    accept_loss: bool = False,
    store: str = "sqlite",
    keystore: str = "",
    passphrase: str | None = None,
    clock: Clock = clocks.now,
) -> Restored:
    """Make a house of two copies: erasures and every *no* that came after them are replayed first.

    `root` is the root key's file, `ledger` the directory in which the ledger outlived the house, `checkpoint`
    its newest signed state. Raises `LossNotAccepted`, `CopyBroken`, `CopiesUnfit`, `HouseExists` and others.
    """
    return restoring.restore(
        content=Path(content),
        keys=Path(keys),
        root=Path(root),
        into=Path(into),
        ledger=None if ledger is None else Path(ledger),
        checkpoint=None if checkpoint is None else Path(checkpoint),
        accept_loss=accept_loss,
        store=store,
        keystore=keystore,
        passphrase=passphrase,
        clock=clock,
    )
