"""Look at the shorter times that people chose: whether anything of theirs is to stay for longer."""

import secrets

from troth.custody.desk import Desk
from troth.rules.record import Origin
from troth.rules.rulebook import class_of
from troth.rules.standing import Shorter, Standing
from troth.store import belongings
from troth.store import shorter as rows

PEOPLE = 1000  # at a time; where more chose, some of them by chance
_BITS = 62  # people's numbers are so many random bits, with one before them


def chosen_times(desk: Desk) -> dict[str, tuple[int, int]]:
    """Return of each retention class how many records a choice bears on, and how many outlive it.

    A record outlives a choice when it may still be read at this moment or later, after the days that
    were chosen. The standings say who chose; nothing is opened.
    """
    found: dict[str, tuple[int, int]] = {}
    for subject, standing in _choosers(desk).items():
        for origin, number in _present(desk, subject):
            name = class_of(origin.kept)
            for choice in standing.shorter:
                if choice.kept == name:
                    count, late = _outliving(desk, subject, number, choice)
                    before = found.get(name, (0, 0))
                    found[name] = before[0] + count, before[1] + late
    return found


def _choosers(desk: Desk) -> dict[int, Standing]:
    people = rows.choosers(desk.unit, 1 << _BITS | secrets.randbits(_BITS), PEOPLE)
    if len(people) < PEOPLE:
        people = rows.choosers(desk.unit, 0, PEOPLE)
    desk.find(people)
    return {subject: desk.standing(subject) for subject in people}


def _present(desk: Desk, subject: int) -> list[tuple[Origin, int]]:
    some = belongings.present(desk.unit, subject, desk.house.origins)
    return [(origin, number) for number, origin in some.items()]


def _outliving(desk: Desk, subject: int, number: int, choice: Shorter) -> tuple[int, int]:
    until = desk.now if choice.until is None else choice.until
    return rows.outliving(desk.unit, subject, number, choice.days, desk.now, desk.house.origins, until=until)
