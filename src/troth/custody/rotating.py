"""Rotate: begin a new epoch when its time has come, and wrap every key anew under it.

What the keys sealed is not touched. The key of an old epoch is destroyed only once a verified copy of
the keystore needs it no longer; until copies exist, old epochs stay.
"""

from troth.clock import DAY, Instant
from troth.house import House
from troth.store import keystore
from troth.vault.keyring import Epoch, KeyRow

EPOCH = 7 * DAY
CHUNK = 5_000


def rotate(house: House, now: Instant) -> int:
    """Begin a new epoch if the current one is a week old, then wrap up to a chunk of old keys anew.

    Returns how many keys were wrapped; 0 when every key is of the current epoch.
    """
    keyring = house.keyring
    with keystore.keeping(house.filing) as keeping:
        for number, wrapped in keystore.all_epochs(keeping):
            if number not in keyring:  # another process began it
                keyring.adopt(Epoch(number, bytes(wrapped)))
        fresh = None
        if keystore.epoch_made_at(keeping, keyring.current_epoch) + EPOCH <= now:
            fresh = keyring.new_epoch()
            keystore.add_epoch(keeping, fresh.number, fresh.wrapped, now)
    if fresh:
        keyring.adopt(fresh)  # only now is it durable: what is wrapped under it can be opened for ever
    with keystore.keeping(house.filing) as keeping:
        old = keystore.older(keeping, keyring.current_epoch, CHUNK)
        for subject, kept, *row in old:
            again = keyring.rewrap(subject, kept, KeyRow(row[0], bytes(row[1]), bytes(row[2])))
            keystore.rewrapped(keeping, subject, kept, again.epoch, again.wrapped)
    return len(old)
