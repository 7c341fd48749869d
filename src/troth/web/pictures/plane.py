"""The plane pictures are drawn on: its width, its reading direction, and how many words fit."""

import unicodedata
from dataclasses import dataclass

WIDTH = 760.0
LINE = 16.0  # from one line of text to the next
_WIDE = 13.0  # a full-width character at 13 units
_NARROW = 7.2  # any other, a little more than the average of the usual fonts
_ELLIPSIS = "…"


@dataclass(frozen=True, slots=True)
class Text:
    """Words at a place: `x` is where they start, end or have their middle, as the template's class says."""

    x: float
    y: float
    words: str
    language: str = ""  # of words that are not the page's own


@dataclass(frozen=True, slots=True)
class Plane:
    """Turns a distance from the side where reading starts into SVG's x."""

    rtl: bool = False
    width: float = WIDTH

    def x(self, start: float, wide: float = 0.0) -> float:
        """Return the x of something that begins at `start` and is `wide`."""
        return round(self.width - start - wide if self.rtl else start, 1)

    @property
    def forward(self) -> float:
        """1 when reading goes to the right, -1 when it goes to the left."""
        return -1.0 if self.rtl else 1.0


def length(words: str) -> float:
    """Return about how wide words are at 13 units."""
    return sum(_WIDE if unicodedata.east_asian_width(each) in "WF" else _NARROW for each in words)


def wrapped(words: str, wide: float, most: int = 2) -> tuple[str, ...]:
    """Break words into at most `most` lines of a width; what does not fit ends in an ellipsis.

    Where a script has no spaces it breaks between characters. The whole text is in the table below.
    """
    lines: list[str] = []
    line = ""
    for word in _pieces(words):
        if line and length((line + word).rstrip()) > wide:
            lines.append(line.rstrip())
            line = ""
        line += word
    lines.append(line.rstrip())
    if len(lines) > most:
        lines = [*lines[: most - 1], " ".join(lines[most - 1 :])]
    return tuple(_cut(each, wide) for each in lines)


def _pieces(words: str) -> list[str]:
    pieces = [""]
    for each in words:
        if pieces[-1] and (pieces[-1][-1] == " " or unicodedata.east_asian_width(each) in "WF"):
            pieces.append("")
        pieces[-1] += each
    return pieces


def _cut(line: str, wide: float) -> str:
    if length(line) <= wide:
        return line
    while line and length(line) > wide - _WIDE:
        line = line[:-1]
    return line.rstrip() + _ELLIPSIS


def stacked(words: str, x: float, middle: float, wide: float) -> tuple[Text, ...]:
    """Return the lines of words around a middle, ready to be drawn."""
    lines = wrapped(words, wide)
    top = middle - (len(lines) - 1) * LINE / 2 + 4.5
    language = language_of(words)
    return tuple(Text(x, round(top + place * LINE, 1), line, language) for place, line in enumerate(lines))


def label(words: str, x: float, y: float, wide: float, before: str = "") -> Text:
    """Return words on one line, behind others that are written before them."""
    return Text(x, y, wrapped(before + words, wide, 1)[0], language_of(words))


def language_of(words: str) -> str:
    """Return the language that words know; empty for those of the page."""
    return str(getattr(words, "language", ""))
