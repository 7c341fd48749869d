"""Finish an erasure that was begun: the keys go, then what they opened; read back; then it is said.

The keystore is written while the store's transaction is open, and so the ledger's lock is held around it:
nobody makes a new key of the class, or meets rows whose key is gone, while it lasts.
"""

import json
from collections.abc import Iterable, Sequence

from troth.custody.desk import Desk
from troth.custody.keymaking import DUTIES, GRACE, SELF
from troth.custody.packages import parcels
from troth.errors import NotErased
from troth.house import House
from troth.ledger.entry import Entry
from troth.ledger.receipt import Receipt
from troth.store import belongings, cases, erasures, files, keystore, leaving, registry, sealed_keys


def destroy_keys(
    house: House, subject: int, classes: Sequence[str], *, whole: bool, sealed: bool = True
) -> None:
    """Delete the keys; from here on nothing they sealed can be read, here or in any copy.

    Those that a grace sealed away go with them, unless `sealed` is False.
    """
    with keystore.keeping(house.filing) as keeping:
        keystore.destroy(keeping, subject, [*classes, *([SELF] if whole else [])])
        if sealed:
            keystore.destroy(keeping, subject, [GRACE])
            sealed_keys.destroy(keeping, subject)


def classes_of(noted: str) -> tuple[str, ...]:
    """Return the retention classes of an erasure row."""
    return tuple(json.loads(noted))


def finish(
    desk: Desk,
    erasure: bytes,
    subject: int,
    classes: Sequence[str],
    *,
    whole: bool,
    kind: str = "erasure.done",
    sealed: bool = True,
) -> tuple[int, int, Receipt] | None:
    """Destroy the keys, remove what they opened, read back that nothing is left, write the closing line.

    Returns (records, files, receipt), or None when it was finished meanwhile: then no key is touched, as
    there may be new ones. What a grace sealed away goes as well, unless `sealed` is False.
    Raises `NotErased` when anything is left; then it stays noted and is tried again.
    """
    house, unit = desk.house, desk.unit
    noted = erasures.end(unit, erasure)
    if noted is None:
        return None
    destroy_keys(house, subject, classes, whole=whole, sealed=sealed)
    parcels.drop_of(desk, subject)  # a copy of what is erased
    count, removed = _remove(desk, subject, classes, whole=whole)
    leaving.look(unit, subject, desk.now)
    left = [belongings.any_of(unit, subject)] if whole else origins_of(desk, subject, classes)
    with keystore.looking(house.filing) as looking:
        over = {*classes, *([GRACE] if sealed else [])}
        keys = [k for k in keystore.of(looking, subject) if k in over or (whole and k != DUTIES)]
    if any(left) or keys:
        raise NotErased(rows=len(left), keys=len(keys))
    said = json.loads(noted)
    receipt = desk.remember(
        Entry(
            at=desk.now,
            kind=kind,
            actor="time",
            act="erase",
            outcome="done",
            fields=tuple(classes),
            clauses=tuple(said["clauses"]),
            agreement=house.book.agreement.version,
            count=count,
            commitment=said["keys"],
        )
    )
    return count, removed, receipt


def finish_of(desk: Desk, people: Iterable[int]) -> None:
    """Finish what was begun to be erased of some people, so that nothing new of theirs goes with it."""
    if not desk.ending:
        return
    people = frozenset(people)
    for erasure, subject, classes, whole, *_ in erasures.begun(desk.unit):
        if subject in people:
            finish(desk, bytes(erasure), subject, classes_of(classes), whole=bool(whole))
    desk.ending = frozenset(pair for pair in desk.ending if pair[0] not in people)


def _remove(desk: Desk, subject: int, classes: Sequence[str], *, whole: bool) -> tuple[int, int]:
    """Remove what the keys opened; return (records, files) removed."""
    house, unit = desk.house, desk.unit
    keep = set[bytes]()
    mine = origins_of(desk, subject, classes)
    if not whole:
        for number, record in belongings.ids_of(unit, subject):
            if number in mine:
                registry.drop_names(unit, subject, record)
                cases.unlink(unit, [(subject, record)])
            else:
                keep.add(record)
    removed = 0
    for name, record_id in files.of(unit, subject):
        if record_id not in keep:
            house.blobs.remove(name)
            files.drop(unit, name)
            removed += 1
    if whole:
        return belongings.remove_person(unit, subject), removed
    return sum(belongings.remove_all(unit, subject, number) for number in mine), removed


def origins_of(desk: Desk, subject: int, classes: Sequence[str]) -> list[int]:
    """Return the numbers of the origins of some classes of which a person has records.

    What is filed under an origin that nobody knows was altered: it is of no class, and cannot be read.
    """
    origins = desk.house.origins
    origins.load(desk.unit)
    known = [n for n in belongings.origins_of(desk.unit, subject) if n in origins.by_number]
    return [n for n in known if origins.by_number[n].kept in classes]
