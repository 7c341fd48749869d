"""What a key of a program is good for: which program, for which purposes, how often, until when."""

from collections.abc import Collection
from dataclasses import dataclass

from troth.clock import Instant
from troth.rules.decision import Act
from troth.rules.rulebook import Rulebook
from troth.terms.vocabulary import Category, Circumstance, Program, Purpose, covers

EVERYTHING = "*"


@dataclass(frozen=True, slots=True)
class ProgramKey:
    """A key of a program, without its secret. It serves its purposes and those below them, no other."""

    id: str
    program: Program
    purposes: tuple[Purpose, ...]
    rate: int  # requests a minute
    made_at: Instant
    ends_at: Instant

    def serves(self, purpose: str) -> bool:
        """Whether the key is for a purpose."""
        return any(covers(mine, purpose) for mine in self.purposes)

    def takes_in(self, book: Rulebook, category: str, when: str) -> bool:
        """Whether the key is for any of what a category is collected for, in a circumstance.

        What no clause collects is left to the decision, which says so.
        """
        intake = book.intakes.get((Category(category), Circumstance(when)))
        if intake is None:
            return True
        return self._is_for(intake.rule.purposes)

    def concerns(self, book: Rulebook, category: str) -> bool:
        """Whether the key is for acts on a category that name no purpose, such as to correct or to remove.

        It is when it is for any of what its program uses the category for, signing in apart; of one that
        its program does not use, for any of what it is collected for. For everything at once it must be so
        of each that its program uses. What no clause speaks of is left to the decision, which says so.
        """
        if category != EVERYTHING:
            return self._is_for(self._served(book, Category(category)))
        used = [some for each in book.fields if (some := self._used(book, each))]
        return all(map(self._is_for, used or [_collected(book, each) for each in book.fields]))

    def concerns_case(self, book: Rulebook, name: str) -> bool:
        """Whether the key is for cases of a name: for acts on any of the categories that belong to one."""
        if name not in book.cases:
            return True
        _, rule = book.cases[name]
        some = [each for each in book.fields if any(covers(word, each) for word in rule.of)]
        return any(self._is_for(self._served(book, each)) for each in some)

    def _is_for(self, wanted: Collection[Purpose]) -> bool:
        related = (covers(mine, word) or covers(word, mine) for mine in self.purposes for word in wanted)
        return not wanted or any(related)

    def _served(self, book: Rulebook, category: Category) -> Collection[Purpose]:
        return self._used(book, category) or _collected(book, category)

    def _used(self, book: Rulebook, category: Category) -> list[Purpose]:
        """Return what the key's program uses a category for, beside signing in."""
        signing_in = book.sign_in[1].purpose if book.sign_in else None
        cells = ((word, book.cells.get((Act.USE, category, word))) for word in book.purposes)
        return [
            word
            for word, cell in cells
            if cell and word != signing_in and any(self.program in each.by.programs for each in cell.grants)
        ]


def _collected(book: Rulebook, category: Category) -> list[Purpose]:
    return [
        word
        for (each, _), intake in book.intakes.items()
        if each == category
        for word in intake.rule.purposes
    ]


def is_purpose(book: Rulebook, word: str) -> bool:
    """Whether a word is a purpose of the agreement, or one above purposes of it."""
    return any(covers(word, purpose) for purpose in (*book.purposes, *book.consentable))
