"""What the agreement's own words are called on pages, marked as its language; and what places are called."""

from babel import Locale

from troth.house import House
from troth.rules.lexicon import Lexicon as Words
from troth.terms.agreement import Agreement, Clause
from troth.web.content import Content

_MOST = 64
_known: dict[str, "Lexicon"] = {}


def lexicon_of(agreement: Agreement) -> "Lexicon":
    """Return the lexicon of an agreement, made once."""
    found = _known.get(agreement.hash)
    if found is None:
        if len(_known) >= _MOST:
            _known.clear()
        found = _known[agreement.hash] = Lexicon(agreement)
    return found


def lexicon_at(house: House, version: int | None) -> "Lexicon":
    """Return the lexicon of the version that an entry or a record names; of the one in force without one."""
    book = house.books.get(version or 0, house.book)
    return lexicon_of(book.agreement)


class Lexicon(Words):
    """The words of one agreement, as pages say them."""

    def said(self, words: str) -> str:
        """Return words of the agreement as what they are."""
        return Content(words, self.language)


def place_words(place: str, language: str) -> str:
    """Return a place in words: of `EEA.IE` the name of the country, of what is no country the word itself."""
    code = place.rpartition(".")[2]
    return str(Locale.parse("en_001" if language == "en" else language).territories.get(code, code))


def cite(clause: Clause) -> tuple[str, str, str]:
    """Return (number, title, address) of a clause."""
    return clause.number, clause.title, f"/agreement#{clause.id}"
