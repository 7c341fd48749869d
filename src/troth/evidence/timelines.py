"""Compare what people are shown of the ledger with the ledger: of some by chance, line by line."""

import secrets
from contextlib import suppress

from troth.custody.desk import Desk
from troth.custody.keymaking import SELF
from troth.custody.recalling import recall_some
from troth.errors import TrothError
from troth.store import registry

PEOPLE = 20
LINES = 200  # of each, the last ones
_BITS = 62  # people's numbers are so many random bits, with one before them


class Timelines:
    """Some people, and the numbers of the lines that name each, noted while the ledger is read."""

    def __init__(self, desk: Desk) -> None:
        """Choose the people."""
        some = registry.some_standings(desk.unit, 1 << _BITS | secrets.randbits(_BITS), PEOPLE)
        if len(some) < PEOPLE:
            some = registry.some_standings(desk.unit, 0, PEOPLE)
        people = [row[0] for row in some]
        desk.find(people)
        with suppress(TrothError):  # whose keys do not open, other checks say
            desk.open_keys((person, SELF) for person in people)
        self._people: dict[int, str] = {}
        for person in people:
            with suppress(TrothError):
                if name := desk.pseudonym(person):
                    self._people[person] = name
        self._lines: dict[str, list[int]] = {name: [] for name in self._people.values()}

    def see(self, number: int, subject: str | None) -> None:
        """Note a line of the ledger."""
        if subject in self._lines:
            self._lines[subject].append(number)

    def compare(self, desk: Desk) -> tuple[list[str], int]:
        """Return what is wrong with the lists, and how many lines were compared; raises `LeafDamaged`."""
        faults, count = [], 0
        for person, name in self._people.items():
            lines = self._lines[name][: -LINES - 1 : -1]
            shown = [number for number, _ in recall_some(desk, person, limit=LINES, every=True).entries]
            count += len(lines)
            if shown != lines:
                lacking, strange = len(set(lines) - set(shown)), len(set(shown) - set(lines))
                faults.append(f"a list lacks {lacking} lines, and has {strange} about somebody else")
        return faults, count
