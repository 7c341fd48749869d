"""What systems.toml declares of each system: where it is, and how its tables know and forget people."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

Scalar: TypeAlias = str | int | bool

OWNED, ACCESSED = "owned by", "accessed by"
DELETE, ANONYMISE, KEEP = "delete", "anonymise", "keep"
FOLDED, EXACT = "folded", "exact"
NOBODY = "nobody"


@dataclass(frozen=True, slots=True)
class Owner:
    """One way in which a row belongs to a person: a column of it names them."""

    column: str
    by: str  # `number`, `reference` or `category.field`
    role: str = OWNED
    columns: Mapping[str, str] = field(default_factory=dict)  # of this owner alone: column to category.field
    blank: tuple[str, ...] = ()  # set to NULL when this owner goes and the row stays
    constant: Mapping[str, Scalar] = field(default_factory=dict)  # set to these then
    match: str = FOLDED  # text is compared without case, or as it stands
    absent: str = ""  # `nobody`: who has no such value with us is nobody there

    @property
    def parting(self) -> dict[str, Scalar | None]:
        """What is set in a row that stays for somebody else."""
        gone: dict[str, Scalar | None] = dict.fromkeys((self.column, *self.columns, *self.blank))
        return {**gone, **self.constant}


@dataclass(frozen=True, slots=True)
class Step:
    """A row belongs to whoever the row of another table belongs to, that it is joined to."""

    column: str
    table: str
    other: str


@dataclass(frozen=True, slots=True)
class TableRule:
    """How one table knows people, what it holds of them, and what erasing does to it."""

    name: str
    erase: str
    owners: tuple[Owner, ...] = ()
    through: Step | None = None
    columns: Mapping[str, str] = field(default_factory=dict)  # column to category.field
    ignored: frozenset[str] = frozenset()  # looks personal, and is not
    blank: tuple[str, ...] = ()
    constant: Mapping[str, Scalar] = field(default_factory=dict)
    clause: str = ""  # under which its rows are kept
    restrict: Mapping[str, Scalar] = field(default_factory=dict)
    lift: Mapping[str, Scalar] = field(default_factory=dict)

    @property
    def parting(self) -> dict[str, Scalar | None]:
        """What is set in a row that is anonymised; what leads to the person goes first of all."""
        gone: dict[str, Scalar | None] = dict.fromkeys((*self.columns, *self.blank))
        if self.through:
            gone[self.through.column] = None
        for owner in self.owners:
            gone |= owner.parting
        return {**gone, **self.constant}

    @property
    def mapped(self) -> frozenset[str]:
        """Every column that the declaration names."""
        return frozenset(self.parting.keys() | self.restrict.keys() | self.lift.keys())


@dataclass(frozen=True, slots=True)
class Database:
    """A database beyond ours."""

    name: str
    url: str  # without a password
    tables: tuple[TableRule, ...]  # each after the one it is joined through
    password_file: str = ""
    trust: str = ""  # a file of certificates to believe instead of the system's
    patience: int = 60  # seconds for one statement
    batch: int = 5_000  # rows that are read at a time
    recipient: str = ""


@dataclass(frozen=True, slots=True)
class Hook:
    """A system that is told by HTTP: a signed web hook, or OpenDSR."""

    name: str
    kind: str  # `webhook` or `opendsr`
    url: str
    tells: tuple[str, ...]  # by what it knows people, and is therefore told
    acts: tuple[str, ...]
    secret_file: str = ""  # the key of a web hook's signatures
    certificate_file: str = ""  # OpenDSR: of the processor, pinned
    domain: str = ""  # OpenDSR: the processor's, as it signs
    regulation: str = "gdpr"
    trust: str = ""
    patience: int = 20
    recipient: str = ""
    receipts: str = "signed"  # or `explicit`: one that is not signed is enough
    identities: Mapping[str, str] = field(default_factory=dict)  # OpenDSR: its identity type of each


Declared: TypeAlias = Database | Hook
