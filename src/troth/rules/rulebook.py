"""An agreement compiled once into tables, so that a decision is a few dictionary look-ups.

A `Cell` holds everything the agreement says of one (act, category, key), where the key is the
purpose of a use, the circumstance of a collection, the delivery of a disclosure. Parents are spread
over their children here, prohibitions with their nested exceptions are worked out here, per field;
deciding never walks the agreement.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from troth.rules.decision import Act
from troth.terms.agreement import (
    Agreement,
    CaseRule,
    Collect,
    FieldSpec,
    Keep,
    Never,
    Party,
    Protect,
    SignIn,
    Who,
)
from troth.terms.vocabulary import (
    Category,
    Circumstance,
    ClauseId,
    FieldName,
    Place,
    Program,
    Purpose,
    Recipient,
    RetentionClass,
    RightName,
    Role,
)

NOTHING: frozenset[FieldName] = frozenset()


def class_of(kept: RetentionClass) -> RetentionClass:
    """Return the retention class that a part kept longer belongs to; any other class is itself."""
    return RetentionClass(kept.partition(":")[0])


def delivery(to: Recipient, serving: Purpose) -> str:
    """Return the key of a disclosure; a word holds no space, so no two deliveries share a key."""
    return f"{to} for {serving}"


def passage(case: str, before: str, after: str) -> str:
    """Return the key of a step of a case; no word holds a `:`."""
    return f"{case}:{before}:{after}"


@dataclass(frozen=True, slots=True, eq=False)  # looked up by identity, which is quick
class Grant:
    """One clause that allows, with all it demands."""

    clause: ClauseId
    fields: frozenset[FieldName]
    by: Who
    purposes: tuple[Purpose, ...] = ()  # of a collection or a disclosure: what it serves
    consent: Purpose | None = None
    objection: Purpose | None = None
    needs: tuple[str, ...] = ()
    instruments: tuple[str, ...] = ()
    approvals: int = 0
    approvers: frozenset[Role] = frozenset()
    safeguards: tuple[ClauseId, ...] | None = None  # transfer clauses, empty: none; None: no transfer
    mask: frozenset[FieldName] = NOTHING
    aggregates: bool = False
    review: bool = False
    minimum_age: int | None = None
    tell: str = ""
    reasons: frozenset[str] = frozenset()  # of a step of a case: the only ones it may give
    noise: bool = False  # what is read has to carry noise
    assurance: str = ""  # how sure it must be that it is the person; "": as sure as the caller is
    proven: str = ""  # how sure the person must have proven that it is them, before staff ask for them


@dataclass(frozen=True, slots=True, eq=False)  # looked up by identity, which is quick
class Cell:
    """Everything the agreement says of one act on one category under one key."""

    grants: tuple[Grant, ...]
    denied: Mapping[FieldName, tuple[ClauseId, ...]]
    considered: tuple[ClauseId, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """The fields of one collection that share a retention class, in the order they are sealed."""

    kept: RetentionClass
    fields: tuple[FieldName, ...]
    keep: Keep
    only_for: Purpose | None = None  # after the ordinary end, for this purpose alone
    longer: int = -1  # index into keep.longer, or -1


@dataclass(frozen=True, slots=True)
class Intake:
    """How one category is taken in, in one circumstance."""

    clause: ClauseId
    rule: Collect
    specs: Mapping[FieldName, FieldSpec]
    needed: tuple[FieldName, ...]  # all of them; empty with `any` set: at least one
    any: bool
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Rulebook:
    """One agreement in force, as tables."""

    agreement: Agreement
    cells: Mapping[tuple[Act, Category, str], Cell]
    intakes: Mapping[tuple[Category, Circumstance], Intake]
    fields: Mapping[Category, Mapping[FieldName, FieldSpec]]
    purposes: frozenset[Purpose]
    circumstances: frozenset[Circumstance]
    recipients: Mapping[Recipient, Party]
    keeps: Mapping[RetentionClass, tuple[ClauseId, Keep]]
    consentable: Mapping[Purpose, tuple[ClauseId, ...]]
    objectable: Mapping[Purpose, tuple[ClauseId, ...]]
    rights: Mapping[RightName, tuple[ClauseId, ...]]
    places: tuple[tuple[Place, ClauseId], ...]
    residency: Mapping[Category, tuple[tuple[tuple[Place, ...], ClauseId], ...]]  # parents' limits too
    home: ClauseId | None
    programs: frozenset[Program]
    roles: frozenset[Role]
    everything: tuple[ClauseId, ...]
    nevers: Mapping[
        tuple[Act, Category], tuple[tuple[ClauseId, Never], ...]
    ]  # to be cited where no clause allows anything
    sign_in: tuple[ClauseId, SignIn] | None = None
    cases: Mapping[str, tuple[ClauseId, CaseRule]] = field(default_factory=dict)
    earlier: Mapping[RetentionClass, tuple[ClauseId, Keep]] = field(default_factory=dict)

    def keep(self, kept: RetentionClass) -> tuple[ClauseId, Keep]:
        """Return the clause and rule of a retention class, or of the class it is a longer part of.

        For a class that this version names no more: of the last version that named it.
        """
        name = class_of(kept)
        return self.keeps[name] if name in self.keeps else self.earlier[name]

    def knows(self, kept: RetentionClass) -> bool:
        """Whether a version names, or named, a retention class."""
        name = class_of(kept)
        return name in self.keeps or name in self.earlier

    def measured(self, name: str) -> tuple[ClauseId, ...]:
        """Return the clauses that promise a measure of protection."""
        return tuple(
            clause.id
            for clause, rule in self.agreement.rules()
            if isinstance(rule, Protect) and name in dict(rule.measures)
        )

    def following(self, books: Iterable["Rulebook"]) -> "Rulebook":
        """Return this book with the retention classes that earlier versions, oldest first, had besides."""
        return replace(self, earlier={name: found for book in books for name, found in book.keeps.items()})
