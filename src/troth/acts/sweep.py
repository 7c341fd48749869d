"""Sweep: what time does by itself. Expired records go, interrupted erasures end, a checkpoint is signed."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from troth.custody import sweeping
from troth.custody.publishing import publish
from troth.custody.rotating import rotate
from troth.ledger.checkpoint import Checkpoint
from troth.teller import Teller


@dataclass(frozen=True, slots=True)
class Swept:
    """What one sweep did."""

    expired: int
    resumed: int
    files: int
    noted: int
    rewrapped: int
    orphans: int  # keys of nobody
    checkpoint: Checkpoint


def sweep(teller: Teller, *, progress: Callable[[int], object] = lambda _: None) -> Swept:
    """Do everything that is due; may be interrupted anywhere and run again.

    `progress` is called with the number of records removed so far.
    """
    resumed = teller.resume()
    expired = noted = 0
    while gone := teller.alone(sweeping.expire):
        expired += gone
        progress(expired)
    rewrapped = 0
    while wrapped := teller.chore(lambda house: rotate(house, house.clock())):
        rewrapped += wrapped
    orphans, person = 0, 0
    while person >= 0:
        gone, person = teller.alone(partial(sweeping.sweep_keys, after=person))
        orphans += gone
    files = teller.alone(sweeping.sweep_files)
    while fresh := teller.alone(sweeping.note_sightings):
        noted += fresh
    if expired:
        teller.chore(lambda house: house.filing.fold())
    return Swept(expired, resumed, files, noted, rewrapped, orphans, teller.alone(publish))
