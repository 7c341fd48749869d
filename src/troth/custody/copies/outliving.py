"""What outlived a house: its ledger, kept outside, and the newest state that anybody has of it."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from troth.custody.copies.backing import usable
from troth.errors import LossNotAccepted
from troth.ledger.audit import audit
from troth.ledger.checkpoint import Checkpoint, Verifier, open_checkpoint, verify_continues
from troth.ledger.tiles import CHECKPOINT, Published


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of the ledger after the copy: the log that was kept outside, and its last state."""

    log: Published | None
    last: Checkpoint | None
    loss_accepted: bool


def known_of(
    content: Path, size: int, by: Verifier, ledger: Path | None, checkpoint: Path | None, *,
    accept_loss: bool, progress: Callable[[int], object],
) -> Known:  # fmt: skip
    """Return what is known of the ledger after the copy, audited in full, also where it lacks more.

    `content` is the copy, which had `size` lines; `by` knows what the house signed.
    Raises `LossNotAccepted` when it is less than it could be, `ForkRefused`, and what auditing raises.
    """
    note = (content / CHECKPOINT).read_bytes()
    newest, lacks = open_checkpoint(note, by), ""
    log, last = None, None
    if ledger is not None:
        report = audit(ledger, vkey=by.vkey, progress=progress)
        log, last = Published(ledger), Checkpoint(report.origin, report.size, report.root)
    if checkpoint is not None:
        with usable(checkpoint):
            newest = max(newest, open_checkpoint(checkpoint.read_bytes(), by), key=lambda one: one.size)
    if log is None or last is None:
        lacks = "no ledger was given that outlived the house"
    elif last.size < newest.size:
        lacks = f"the ledger given ends at line {last.size:,}, and {newest.size:,} were published"
        if last.size < size:
            log = last = None
    else:
        verify_continues(newest, last, log.reader(last.size))
    if lacks and not accept_loss:
        raise LossNotAccepted(problem=lacks)
    return Known(log, last, bool(lacks))
