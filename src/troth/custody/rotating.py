"""Rotate: begin a new epoch when its time has come, and wrap every key anew under it.

What the keys sealed is not touched. The key of an old epoch is destroyed only once a verified copy of
the keystore needs it no longer; until copies exist, old epochs stay.
"""

from troth.clock import DAY, Instant
from troth.house import House
from troth.store import keystore
from troth.vault.keyring import KeyRow

EPOCH = 7 * DAY
CHUNK = 5_000


def rotate(house: House, now: Instant) -> int:
    """Begin a new epoch if the current one is a week old, then wrap up to a chunk of old keys anew.

    Returns how many keys were wrapped; 0 when every key is of the current epoch.
    """
    with keystore.keeping(house.filing) as keeping:
        newest = keystore.epoch_made_at(keeping, house.keyring.current_epoch)
        if newest + EPOCH <= now:
            epoch = house.keyring.new_epoch()
            keystore.add_epoch(keeping, epoch.number, epoch.wrapped, now)
            house.keyring.adopt(epoch)
        current = house.keyring.current_epoch
        old = keystore.older(keeping, current, CHUNK)
        for subject, kept, *row in old:
            again = house.keyring.rewrap(subject, kept, KeyRow(row[0], bytes(row[1]), bytes(row[2])))
            keystore.rewrapped(keeping, subject, kept, again.epoch, again.wrapped)
    return len(old)
