"""Rotate: begin a new epoch when its time has come, and wrap every key anew under it.

What the keys sealed is not touched. The key of an old epoch is destroyed only once a verified copy of
the keystore needs it no longer; until copies exist, old epochs stay.
"""

from dataclasses import dataclass

from troth.clock import DAY, Instant
from troth.custody.keymaking import adopt_epochs
from troth.errors import EpochUnknown, SealBroken, UnknownSuite
from troth.house import House
from troth.store import keystore
from troth.vault.keyring import KeyRow

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
