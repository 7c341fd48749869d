"""What is wrong with a text is gathered here, so that all of it is told at once."""

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Protocol

from troth.errors import Fault


class Placed(Protocol):
    """Anything that stands somewhere in the text; line and column count from 1."""

    @property
    def line(self) -> int:
        """The line."""

    @property
    def column(self) -> int:
        """The column."""


class Faults:
    """The faults found in one file so far."""

    __slots__ = ("file", "found")

    def __init__(self, file: str) -> None:
        self.file = file
        self.found: list[Fault] = []

    def add(self, at: Placed, code: str, sentence: str, fix: str) -> None:
        """Note one fault where `at` stands."""
        self.found.append(Fault(self.file, at.line, at.column, code, sentence, fix))

    def in_order(self) -> tuple[Fault, ...]:
        """Return the faults in the order of the text, each once."""
        return tuple(sorted(dict.fromkeys(self.found), key=lambda f: (f.line, f.column, f.code, f.sentence)))


def nearest(word: str, known: Iterable[str]) -> str | None:
    """Return the known word most like `word`, or None when none is like it."""
    matches = get_close_matches(word, sorted(known), n=1, cutoff=0.6)
    return matches[0] if matches else None


def or_one_of(word: str, known: Iterable[str]) -> str:
    """Return a fix for an unknown word: the nearest known one, else the list."""
    words = sorted(known)
    like = nearest(word, words)
    if like:
        return f"did you mean `{like}`?"
    if not words:
        return "nothing of that kind is declared yet"
    shown = ", ".join(f"`{w}`" for w in words[:12])
    return f"use one of {shown}" + (" and others declared in the text" if len(words) > 12 else "")
