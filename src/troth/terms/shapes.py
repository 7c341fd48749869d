"""The shapes that values of the language have: a closed set, read by `reading`, shown by `schema`."""

from dataclasses import dataclass
from typing import TypeAlias, Union

from troth.terms.vocabulary import LONGEST_WORD


@dataclass(frozen=True, slots=True)
class Word:
    """A dotted word. `role` says which words are known: see `declared.Declared`; "" means any word."""

    role: str = ""
    longest: int = LONGEST_WORD


@dataclass(frozen=True, slots=True)
class Text:
    """Plain words of at most `limit` characters."""

    limit: int = 2000


@dataclass(frozen=True, slots=True)
class Flag:
    """`true` or `false`."""


@dataclass(frozen=True, slots=True)
class Whole:
    """A whole number from `low` to `high`."""

    low: int = 0
    high: int = 2**53 - 1


@dataclass(frozen=True, slots=True)
class Span:
    """A period such as `P90D`, `P1Y` or `PT72H`."""


@dataclass(frozen=True, slots=True)
class Moment:
    """An instant such as `2027-01-01T00:00:00Z`."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One of a closed list of words; a hyphen may stand for an underscore."""

    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Pattern:
    """Text of one form, described by `words`."""

    regex: str
    words: str


@dataclass(frozen=True, slots=True)
class Many:
    """A list without repeats of at least `least`; one item may stand without brackets."""

    of: "Shape"
    least: int = 1


@dataclass(frozen=True, slots=True)
class Table:
    """A map from the agreement's own words to values."""

    key: Word
    value: "Shape"


@dataclass(frozen=True, slots=True)
class Key:
    """One key of a closed map; `lint` is the code under which its absence is told."""

    name: str
    shape: "Shape"
    words: str
    required: bool = False
    lint: str = "missing"


@dataclass(frozen=True, slots=True)
class Closed:
    """A map of known keys; a bare scalar stands for the key `short` where there is one."""

    keys: tuple[Key, ...]
    short: str | None = None

    def key(self, name: str) -> Key | None:
        """Return the key of that name, or None."""
        return next((key for key in self.keys if key.name == name), None)


@dataclass(frozen=True, slots=True)
class Either:
    """One shape or another, told apart by what was written: a scalar, a list or a map."""

    scalar: "Shape"
    list: "Shape | None" = None
    map: "Shape | None" = None

    def options(self) -> "tuple[tuple[str, Shape], ...]":
        """Return the shapes there are, each with the form that chooses it."""
        found = (("scalar", self.scalar), ("list", self.list), ("map", self.map))
        return tuple((form, shape) for form, shape in found if shape is not None)


@dataclass(frozen=True, slots=True)
class Named:
    """The shape of that name in `grammar.NAMED`; lets a shape hold itself."""

    name: str


Shape: TypeAlias = Union[
    Word, Text, Flag, Whole, Span, Moment, Choice, Pattern, Many, Table, Closed, Either, Named
]
