"""Origins: how records came to be held, by number and by value; and which of them are streams."""

import json

from sqlalchemy import insert, select

from troth.errors import RowBroken
from troth.rules.record import Origin
from troth.store.reading import are_names, loaded
from troth.store.schema import origins
from troth.store.unit import Prepared, Unit
from troth.terms.vocabulary import FieldName

_ADD_ORIGIN = Prepared(insert(origins))
_ORIGINS = Prepared(select(origins).order_by(origins.c.origin))


class Origins:
    """The origins known so far, by number and by value; grows, never changes."""

    __slots__ = ("_codes", "_numbers", "by_number", "fresh", "shelves", "streams")

    def __init__(self) -> None:
        self.fresh = False  # as the store is, as far as this process knows
        self.by_number: dict[int, Origin] = {}
        self._numbers: dict[Origin, int] = {}
        self._codes: dict[str, int] = {}
        self.streams: set[int] = set()  # codes of categories that stand apart: as each began, for ever
        self.shelves: set[str] = set()  # partitions of streams that are known to be there

    def load(self, unit: Unit) -> None:
        """Read what the store has; it may have been written by another process. Raises `RowBroken`."""
        for row in unit.rows(_ORIGINS):
            number, code, category, circumstance, clause, version, kept, listed, only_for, stream = row
            names = loaded(listed)
            if not are_names(names):
                raise RowBroken(table="origins")
            origin = Origin(
                category, circumstance, clause, version, kept, tuple(map(FieldName, names)), only_for or None
            )
            self._keep(number, code, origin, stream)
        self.fresh = True

    def code(self, category: str) -> int | None:
        """Return the number that stands for a category in record rows, if any was ever held."""
        return self._codes.get(category)

    def category(self, code: int) -> str:
        """Return the category that a number stands for."""
        return next(category for category, number in self._codes.items() if number == code)

    def number(self, unit: Unit, origin: Origin, *, stream: bool = False) -> tuple[int, int]:
        """Return (origin number, category code), adding the origin in this unit when it is new.

        `stream` tells where a category goes that was never held before.
        """
        known = self._numbers.get(origin)
        if known is None:
            self.load(unit)
            known = self._numbers.get(origin)
        if known is None:
            known = len(self.by_number) + 1
            code = self._codes.get(origin.category, len(self._codes) + 1)
            apart = int(code in self.streams if origin.category in self._codes else stream)
            unit.run(
                _ADD_ORIGIN, known, code, origin.category, origin.circumstance, origin.clause, origin.version,
                origin.kept, json.dumps(origin.fields), origin.only_for or "", apart,  # not hashed
            )  # fmt: skip
            self._keep(known, code, origin, apart)
        return known, self._codes[origin.category]

    def forget(self) -> None:
        """Forget everything, after a unit that may have added origins was rolled back."""
        self.fresh = False
        self.by_number.clear()
        self._numbers.clear()
        self._codes.clear()
        self.streams.clear()
        self.shelves.clear()

    def _keep(self, number: int, code: int, origin: Origin, stream: int) -> None:
        self.by_number[number] = origin
        self._numbers[origin] = number
        self._codes[origin.category] = code
        if stream:
            self.streams.add(code)
