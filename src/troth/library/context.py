"""A purpose made an object: what every read and every disclosure needs, said once."""

from collections.abc import Iterable
from typing import Any, Self

from troth.acts import disclose, use
from troth.custody.desk import About
from troth.custody.frameless import door
from troth.custody.hand_out import Handed, HandOut
from troth.errors import NothingHeld
from troth.rules import given
from troth.rules.decision import Actor, asker
from troth.teller import Teller
from troth.terms.vocabulary import FieldName
from troth.vault.plaintext import Plaintext


@door
class Context:
    """A purpose, who pursues it, and in which case: what every read needs, said once."""

    __slots__ = ("_about", "_teller", "by", "case", "purpose", "reason")

    def __init__(self, teller: Teller, purpose: str, by: Actor, case: str, reason: str) -> None:
        self._teller = teller
        self.purpose, self.by = given.text("purpose", purpose), asker(by)
        self.case, self.reason = given.text("case", case), given.text("reason", reason)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *problem: object) -> None:
        return None

    def read(self, *, about: About, category: str, fields: Iterable[str] = ()) -> Handed:
        """Return what is held of one category; the ledger line is committed before this returns.

        No fields means all that the purpose may have. Raises `Refused`, `NotFound` or `Erased`.
        """
        return self._answer(self._reading(about, category, fields))

    async def read_soon(self, *, about: About, category: str, fields: Iterable[str] = ()) -> Handed:
        """Do as `read` does, without blocking the event loop."""
        handed: Handed = await self._teller.ask_soon(self._reading(about, category, fields))
        return handed

    def one(self, *, about: About, field: str) -> Plaintext[Any]:
        """Return one value, `category.field`, of the latest record that has it.

        Raises as `read` does, and `NothingHeld` when there is none.
        """
        category, _, name = given.text("field", field).rpartition(".")
        for held in reversed(self.read(about=about, category=category, fields=[name]).records):
            if name in held.values:
                return held.values[FieldName(name)]
        raise NothingHeld(field=field)

    def disclose(self, *, about: About, category: str, to: str, fields: Iterable[str] = ()) -> Handed:
        """Return the values that a recipient may have, for handing over; raises as `read` does."""
        return self._answer(
            disclose.disclosing(
                by=self.by,
                about=about,
                category=category,
                to=to,
                purpose=self.purpose,
                fields=fields,
                case=self.case,
                reason=self.reason,
            )
        )

    def _reading(self, about: About, category: str, fields: Iterable[str]) -> HandOut:
        return use.reading(
            by=self.by,
            about=about,
            category=category,
            fields=fields,
            purpose=self.purpose,
            case=self.case,
            reason=self.reason,
        )

    def _answer(self, job: HandOut) -> Handed:
        handed: Handed = self._teller.ask(job)
        return handed
