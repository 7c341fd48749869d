"""What time does to a grace: it finishes what was cut off, and begins the erasure that was put off."""

import json
from collections.abc import Sequence
from dataclasses import replace

from troth.clock import FOREVER
from troth.custody.desk import Desk
from troth.custody.endings import erasing
from troth.custody.endings.erasing import Kept, Outlook
from troth.custody.endings.grace import by_time, finish
from troth.custody.endings.returning import settle
from troth.custody.serving import in_unit
from troth.custody.systems import duties
from troth.errors import (
    TrothError,
)
from troth.house import House
from troth.rules.standing import write
from troth.store import graces, keystore, registry, sealed_keys
from troth.store.graces import Grace
from troth.terms.vocabulary import ClauseId, RetentionClass


def look(house: House) -> tuple[int, tuple[TrothError, ...]]:
    """Finish what was cut off, and end what is over; return how many graces ended, and what is in the way.

    What an end begins is an erasure that `Teller.resume` finishes.
    """
    ended, stuck = 0, list[TrothError]()
    with house.filing.alone():
        for subject in in_unit(house, _waiting):
            try:
                ended += in_unit(house, lambda desk, one=subject: _attend(desk, one))  # type: ignore[misc]
            except TrothError as problem:
                stuck.append(problem)
        if ended:
            house.filing.fold()
    return ended, tuple(stuck)


def _waiting(desk: Desk) -> Sequence[int]:
    """Return whose grace is cut off, or over: a code that opened keys may have come to nothing, too."""
    some = graces.waiting(desk.unit, desk.now)
    with keystore.looking(desk.house.filing) as looking:
        away = sealed_keys.people(looking)
    back = (subject for subject in graces.subjects(desk.unit) if subject not in away)
    return tuple(dict.fromkeys((*some, *back)))


def _attend(desk: Desk, subject: int) -> int:
    """Bring one grace a step on; return 1 when it ended for good."""
    finish(desk, subject)
    grace = graces.one(desk.unit, subject)
    if grace is None:
        return 0
    desk.find([subject])
    with keystore.looking(desk.house.filing) as looking:
        is_back = sealed_keys.one(looking, subject) is None
    if is_back:
        settle(desk, grace)
        return 0
    if grace.ends_at > desk.now:
        return 0
    _end(desk, grace)
    return 1


def _end(desk: Desk, grace: Grace) -> None:
    """Begin the erasure that a grace put off; finishing it destroys what the code opens."""
    subject, noted = grace.subject, json.loads(grace.noted)
    goes = tuple(map(RetentionClass, noted["goes"]))
    clauses = tuple(map(ClauseId, noted["clauses"]))
    stays: list[Kept] = []
    if not noted["whole"]:
        desk.standings[subject] = replace(desk.standings[subject], grace=None)
        registry.set_standing(desk.unit, subject, write(desk.standings[subject]))
        kept = [RetentionClass(each) for each in desk.key_rows(subject) if not each.startswith(":")]
        stays = [Kept(each, FOREVER, "", "") for each in kept]
    outlook = Outlook(goes, tuple(stays), noted["whole"], clauses)
    graces.end(desk.unit, subject)
    duties.begin(desk, grace.case)
    leaves = desk.standings[subject].left is None
    erasing.enter(desk, by_time(), outlook, subject, noted["commitment"], leaves=leaves)
