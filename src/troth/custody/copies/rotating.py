"""Rotate: begin a new epoch when its time has come, and wrap every key anew under it.

What the keys sealed is not touched. The key of an old epoch is destroyed once the newest verified copy of
the keystore was taken in the current epoch and needs it no longer (`retire`); a house that is never copied
keeps them all. With it every older copy of the keystore closes for good.
"""

from dataclasses import dataclass

from troth.clock import DAY, Instant
from troth.custody.keymaking import adopt_epochs
from troth.errors import EpochUnknown, SealBroken, UnknownSuite
from troth.house import House
from troth.store import keystore
from troth.vault.keyring import EPOCHS_KEPT, KeyRow, VerifiedCopy

EPOCH = 7 * DAY
CHUNK = 5_000
Place = tuple[int, str]  # of a key: its person and retention class
START: Place = (0, "")


@dataclass(frozen=True, slots=True)
class Rotated:
    """What one chunk came to; `last` is where the next one begins, None at the end."""

    wrapped: int
    broken: tuple[Place, ...]  # keys that do not open, left as they are
    last: Place | None


def rotate(house: House, now: Instant, *, after: Place = START, limit: int = CHUNK) -> Rotated:
    """Begin a new epoch if the current one is a week old, then wrap up to a chunk of old keys anew.

    A key that does not open was altered, or its epoch is gone: it is passed over and named, so that it
    keeps no other in an old epoch. Nobody else makes or destroys a key meanwhile, nor begins an epoch.
    """
    with house.filing.alone():
        _begin_epoch(house, now)
        return _rewrap(house, after, limit)


def _begin_epoch(house: House, now: Instant) -> None:
    keyring = house.keyring
    with keystore.keeping(house.filing) as keeping:
        adopt_epochs(house, keeping)
        fresh = None
        if keystore.epoch_made_at(keeping, keyring.current_epoch) + EPOCH <= now:
            fresh = keyring.new_epoch()
            keystore.add_epoch(keeping, fresh.number, fresh.wrapped, now)
    if fresh:
        keyring.adopt(fresh)  # only now is it durable: what is wrapped under it can be opened for ever


def _rewrap(house: House, after: Place, limit: int) -> Rotated:
    keyring = house.keyring
    with keystore.keeping(house.filing) as keeping:
        old = keystore.older(keeping, keyring.current_epoch, after, limit)
        broken = []
        for subject, kept, *row in old:
            try:
                again = keyring.rewrap(subject, kept, KeyRow(*row))
            except (EpochUnknown, SealBroken, UnknownSuite):
                broken.append((subject, kept))
            else:
                keystore.rewrapped(keeping, subject, kept, again)
    last = (old[-1][0], old[-1][1]) if len(old) == limit else None
    return Rotated(len(old) - len(broken), tuple(broken), last)


def over(house: House) -> tuple[int, ...]:
    """Return the epochs whose keys may be destroyed: two or more behind, and needed by no key or copy."""
    with keystore.looking(house.filing) as looking:
        newest = keystore.newest_copy(looking)
        numbers = [number for number, _ in keystore.all_epochs(looking)]
    if newest is None or not numbers:
        return ()
    epoch, oldest, _ = newest
    current = max(numbers)
    return tuple(n for n in numbers if n <= current - EPOCHS_KEPT and epoch == current and n < oldest)


def retire(house: House) -> tuple[int, ...]:
    """Destroy the keys of epochs that are over, and return their numbers; older copies are closed by that."""
    with house.filing.alone():
        with keystore.keeping(house.filing) as keeping:
            adopt_epochs(house, keeping)
            newest = keystore.newest_copy(keeping)
            if newest is None:
                return ()
            gone = [n for n in over(house) if keystore.drop_epoch(keeping, n)]
        for epoch in gone:
            house.keyring.destroy_epoch(epoch, verified_copy=VerifiedCopy(*newest))
        if gone:
            house.filing.fold()
    return tuple(gone)
