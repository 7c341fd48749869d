"""What the agreement says, on pages of any language: words that know theirs, and are marked as it."""

from collections.abc import Iterable

from markupsafe import Markup, escape

from troth.web.languages import Reader


class Content(str):
    """Words of an agreement; as HTML they say their language, and keep their direction of writing."""

    __slots__ = ("language",)
    language: str

    def __new__(cls, words: str, language: str) -> "Content":
        """Take words and the language (BCP 47) that they are written in."""
        made = super().__new__(cls, words)
        made.language = language
        return made

    def __html__(self) -> str:
        """Return the words as HTML; an attribute and a title want them `plain`."""
        return Markup('<bdi lang="{}">{}</bdi>').format(self.language, str(self))


def content(words: str, language: str) -> str:
    """Return words as written in a language; those that know theirs, and what is HTML, as they are."""
    return words if hasattr(words, "__html__") or not words else Content(words, language)


def all_of(reader: Reader, parts: Iterable[str], language: str = "") -> str:
    """Return several things as one list in words.

    It is a list in the language of its parts, all of it marked so, if that is given or they know it; else
    one in the reader's, and each part keeps its direction of writing.
    """
    parts = tuple(parts)
    known = {getattr(part, "language", "") for part in parts}
    language = language or (known.pop() if len(known) == 1 else "")
    if language:
        return Content(reader.all_of([str(part) for part in parts], language), language)
    each = [part if hasattr(part, "__html__") else Markup("<bdi>{}</bdi>").format(part) for part in parts]
    return Markup(reader.all_of([escape(part) for part in each]))  # noqa: S704 - every part is escaped
