"""Make keys, durably, before anything is sealed under them."""

from collections.abc import Iterable

from troth.house import House
from troth.store import keystore
from troth.store.unit import Unit
from troth.vault.keyring import Epoch, KeyRow, SubjectKey, new_pseudonym

OWN = ":"  # how the names of classes begin that are the engine's own: no word of an agreement does
PACKAGES = ":packages"  # seals copies of all that is held, until they were fetched or run out
SELF = ":self"  # no word of an agreement; the retention class of the key that every known person has
GRACE = ":grace"  # of the key without which a recovery code opens nothing; destroyed with the grace
DUTIES = ":duties"  # of the key for what other systems still have to do; it outlives all others


def open_key(house: House, keystore_: Unit, subject: int, kept: str, row: KeyRow) -> SubjectKey:
    """Open a key as the keystore has it; its epoch may be one that another process began.

    Raises `EpochUnknown`, `SealBroken`, `UnknownSuite`.
    """
    if row.epoch not in house.keyring:
        adopt_epochs(house, keystore_)
    return house.keyring.unwrap(subject, kept, row)


def adopt_epochs(house: House, keystore_: Unit) -> None:
    """Learn the epochs that other processes began."""
    for number, wrapped in keystore.all_epochs(keystore_):
        if number not in house.keyring:
            house.keyring.adopt(Epoch(number, bytes(wrapped)))


def make_keys(house: House, wanted: Iterable[tuple[int, str]]) -> None:
    """Make the keys of (subject, retention class) that do not exist, in one keystore transaction.

    A person's first key brings their ledger pseudonym; every later one carries the same.
    """
    wanted = set(wanted)
    wanted |= {(subject, SELF) for subject, _ in wanted}
    with keystore.keeping(house.filing) as keeping:
        there = keystore.find(keeping, wanted)
        pseudonyms = {
            subject: open_key(house, keeping, subject, kept, KeyRow(*row)).pseudonym
            for (subject, kept), row in there.items()
            if kept == SELF
        }
        made = []
        for subject, kept in sorted(wanted - there.keys()):
            pseudonym = pseudonyms.setdefault(subject, new_pseudonym())
            row = house.keyring.make(subject, kept, pseudonym)
            made.append((subject, kept, row.epoch, row.wrapped, row.commitment))
        keystore.add(keeping, made)
