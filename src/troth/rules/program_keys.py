"""What a key of a program is good for: which program, for which purposes, how often, until when."""

from dataclasses import dataclass

from troth.clock import Instant
from troth.rules.rulebook import Rulebook
from troth.terms.vocabulary import Category, Circumstance, Program, Purpose, covers


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
        wanted = intake.rule.purposes
        return any(covers(mine, word) or covers(word, mine) for mine in self.purposes for word in wanted)


def is_purpose(book: Rulebook, word: str) -> bool:
    """Whether a word is a purpose of the agreement, or one above purposes of it."""
    return any(covers(word, purpose) for purpose in (*book.purposes, *book.consentable))
