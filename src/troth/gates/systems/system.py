"""What a system beyond ours is asked and answers, as values, and the port behind which each stands."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol, TypeAlias, runtime_checkable

from troth.clock import Instant

ERASE, CORRECT, RESTRICT, LIFT = "erase", "correct", "restrict", "lift"
ACTS = (ERASE, CORRECT, RESTRICT, LIFT)
NUMBER, REFERENCE = "number", "reference"  # by what a person is known, beside `category.field`

Known: TypeAlias = Mapping[str, tuple[str, ...]]
"""By what a person is known: `number`, `reference` or `category.field`, each with every value of theirs."""
Found: TypeAlias = tuple[str, str, Mapping[str, object]]
"""What a table holds of a person: its name, a category, and values by field."""


@dataclass(frozen=True, slots=True)
class Order:
    """One thing to do for one person; asked again with the same number, it does no more than once."""

    number: bytes  # 16 random bytes
    act: str
    known: Known = field(repr=False)
    change: Mapping[str, str] = field(default_factory=dict, repr=False)  # new values by `category.field`
    categories: frozenset[str] = frozenset()  # the only ones that are erased; empty: all
    since: Instant = 0  # when it was first asked for
    asked: bool = False  # it was taken on before, and is asked how far it came


@dataclass(frozen=True, slots=True)
class Answer:
    """What a system did: rows by table (or what it calls them), and what it keeps under which clause.

    `done` is said after reading back alone; a system that has only begun says False.
    """

    done: bool
    counts: Mapping[str, int] = field(default_factory=dict)
    kept: Mapping[str, tuple[str, int]] = field(default_factory=dict)  # clause and rows, by table


class System(Protocol):
    """A system of the organisation, or of a recipient, that holds something of people."""

    @property
    def name(self) -> str:
        """As systems.toml calls it."""
        ...

    @property
    def recipient(self) -> str:
        """The recipient of the agreement whose system it is; empty: the organisation's own."""
        ...

    @property
    def acts(self) -> frozenset[str]:
        """What it can be asked to do."""
        ...

    @property
    def wants(self) -> frozenset[str]:
        """By what it knows people."""
        ...

    def do(self, order: Order, /) -> Answer:
        """Do it, whole or not at all, and read back; raises `NotDoneThere`."""
        ...


@dataclass(frozen=True, slots=True)
class Suspect:
    """A column that looks personal and is not mapped: where it is, what it looks like, and by what."""

    system: str
    table: str
    column: str
    looks: str  # a type of a field, or `address`, `geo`, `health`
    by: str  # `name`, `values`, or `both`
    declared: bool  # its table is mapped
    like: tuple[str, ...] = ()  # fields of the agreement that it may be


@dataclass(frozen=True, slots=True)
class Scanned:
    """What one database was looked through for."""

    system: str
    tables: int
    columns: int
    suspects: tuple[Suspect, ...]


@runtime_checkable
class Source(System, Protocol):
    """A system whose rows can be read, for a person's copy of what is held of them."""

    def rows(self, known: Known, /) -> Iterator[Found]:
        """Yield what is held of a person, in bounded memory; raises `NotDoneThere`."""
        ...


@runtime_checkable
class Scannable(Protocol):
    """A system whose columns can be looked through."""

    def scan(self, types: Mapping[str, str], /) -> Scanned:
        """Return the columns that look personal and are not mapped; raises `NotDoneThere`."""
        ...
