"""Sweep: what time demands. Every step is one transaction, may stop anywhere, and may be run again."""

from base64 import urlsafe_b64decode

from troth.clock import DAY
from troth.custody.desk import Desk
from troth.custody.keymaking import DUTIES
from troth.custody.recalling import WATERMARK
from troth.custody.systems.duties import forget_keys
from troth.ledger import entry as ledger
from troth.ledger.entry import Entry
from troth.store import duties, entries, erasures, files, keystore, packages, registry

CHUNK = 20_000


def sweep_files(desk: Desk) -> int:
    """Remove sealed files that no record knows: left by units that never committed; return how many."""
    desk.house.blobs.sweep(until=desk.now - DAY)
    files.drop_superseded(desk.unit)
    known = files.known(desk.unit) | packages.known(desk.unit)
    orphans = [name for name in desk.house.blobs.names() if name not in known]
    for name in orphans:
        desk.house.blobs.remove(name)
    return len(orphans)


def sweep_keys(desk: Desk, after: int, limit: int = CHUNK) -> tuple[int, int]:
    """Destroy the keys of nobody: made for a newcomer whose unit never committed.

    And those for duties of which none is open: whoever did the last one was killed before they went.
    Looks at the keys of up to `limit` people above `after`; returns (keys destroyed, the last person
    looked at, or -1 at the end). It holds the ledger's lock, so no newcomer is in between.
    """
    with keystore.looking(desk.house.filing) as looking:
        people = keystore.people(looking, after, limit)
        with_duties = {s for s, _ in keystore.find(looking, [(each, DUTIES) for each in people])}
    known = registry.standings(desk.unit, people)
    ending = {row[1] for row in erasures.begun(desk.unit)}
    nobody = [subject for subject in people if subject not in known and subject not in ending]
    nobody = sorted(frozenset(nobody) - duties.people_with_open(desk.unit, nobody))
    gone = 0
    if nobody:
        with keystore.keeping(desk.house.filing) as keeping:
            gone = len(keystore.destroy_all(keeping, nobody))
    forget_keys(desk, with_duties - set(nobody))
    return gone, people[-1] if len(people) == limit else -1


def note_sightings(desk: Desk, limit: int = CHUNK) -> int:
    """Index which entries speak of which pseudonym, from where the last sweep stopped."""
    start = registry.number(desk.unit, WATERMARK)
    end = min(start + limit, desk.unit.size)
    rows = []
    for number, leaf in enumerate(entries.leaves(desk.unit, start, end), start):
        subject = ledger.parse(leaf).subject
        if subject is not None:
            rows.append((_pseudonym(subject), number))
    entries.add_sightings(desk.unit, sorted(rows))
    registry.set_setting(desk.unit, WATERMARK, str(end))
    return end - start


def recall(desk: Desk, subject: int) -> list[tuple[int, Entry]]:
    """Return every ledger entry that speaks of a person, oldest first; empty once their keys are gone."""
    name = desk.pseudonym(subject)
    if name is None:
        return []
    noted = entries.sighted(desk.unit, _pseudonym(name))
    leaves = entries.some(desk.unit, noted)
    found = [(number, ledger.parse(leaves[number])) for number in noted]
    start = registry.number(desk.unit, WATERMARK)
    mark = name.encode("ascii")
    for number, leaf in enumerate(entries.leaves(desk.unit, start, desk.unit.size), start):
        if mark in leaf:
            found.append((number, ledger.parse(leaf)))
    return found


def _pseudonym(text: str) -> bytes:
    return urlsafe_b64decode(text + "==")
