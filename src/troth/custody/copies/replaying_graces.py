"""Replay what became of people who are in grace in a copy: their keys are sealed away, so lines find them.

The line that began a grace names its person and commits to the keys that it sealed, as its row does.
"""

from collections.abc import Iterable
from dataclasses import replace

from troth.clock import DAY
from troth.custody.desk import Desk
from troth.custody.endings.grace import LONGEST
from troth.custody.systems import duties
from troth.ledger.entry import Entry
from troth.rules.standing import write
from troth.store import graces, keystore, registry, sealed_keys
from troth.store.graces import Grace


def named_by(desk: Desk, entries: Iterable[Entry]) -> dict[str, int]:
    """Return who is in grace in the copy, by the pseudonym that the line of its beginning names."""
    some = {grace.commitment: grace.subject for grace in _every(desk)}
    return {
        entry.subject: some[entry.commitment]
        for entry in entries
        if entry.kind == "grace.begun" and entry.subject and entry.commitment in some
    }


def is_any(desk: Desk) -> bool:
    """Whether anybody is in grace in the copy."""
    return bool(graces.subjects(desk.unit))


def committed_to(desk: Desk, commitment: str | None) -> Grace | None:
    """Return the grace of the copy that a line commits to."""
    return next((grace for grace in _every(desk) if grace.commitment == commitment), None)


def came_back(desk: Desk, entry: Entry) -> bool:
    """Give whoever came back after the copy the longest grace from now: they have to use their code again."""
    grace = committed_to(desk, entry.commitment)
    if grace is None:
        return False
    ends_at = max(grace.ends_at, desk.now + LONGEST * DAY)
    graces.prolong(desk.unit, grace.subject, ends_at)
    desk.find([grace.subject])
    after = replace(desk.standings[grace.subject], grace=ends_at)
    desk.standings[grace.subject] = after
    registry.set_standing(desk.unit, grace.subject, write(after))
    return True


def end(desk: Desk, subject: int, goes: frozenset[str], *, whole: bool) -> bool:
    """End the grace of somebody who was erased after the copy; False where it sealed more than that."""
    grace = graces.one(desk.unit, subject)
    if grace is None:
        return True
    if not whole and not goes >= frozenset(grace.goes):
        return False
    graces.end(desk.unit, subject)
    duties.begin(desk, grace.case)
    if not whole:
        desk.find([subject])
        after = replace(desk.standings[subject], grace=None)
        desk.standings[subject] = after
        registry.set_standing(desk.unit, subject, write(after))
    return True


def forget_keyless(desk: Desk) -> None:
    """End the graces of which neither the sealed keys nor what they sealed are in a later copy of keys."""
    with keystore.looking(desk.house.filing) as looking:
        away = sealed_keys.people(looking)
    for grace in _every(desk):
        if grace.subject not in away and grace.carrier not in desk.key_rows(grace.subject):
            end(desk, grace.subject, frozenset(grace.goes), whole=False)


def _every(desk: Desk) -> list[Grace]:
    some = (graces.one(desk.unit, subject) for subject in graces.subjects(desk.unit))
    return [grace for grace in some if grace is not None]
