"""What was promised, as values: an agreement, its clauses, and the rule each clause carries.

Pure and frozen. `parse` makes these from Markdown, `check` judges them, the rulebook compiles them.
The kinds of rule are the language's; the words in them (categories, purposes, recipients, places)
are the agreement's own, and nothing in the engine knows them by name.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

from troth.clock import Instant
from troth.terms.vocabulary import (
    Basis,
    Category,
    Circumstance,
    ClauseId,
    FieldName,
    Period,
    Place,
    Program,
    Purpose,
    Recipient,
    Relationship,
    RetentionClass,
    RightName,
    Role,
)


@dataclass(frozen=True, slots=True)
class Spot:
    """Where something stands in the text: file, line and column, both from 1."""

    file: str
    line: int
    column: int = 1


@dataclass(frozen=True, slots=True)
class Target:
    """Data a rule speaks of: a category with all below it, or one field of it; `*` is everything."""

    category: Category
    field: FieldName | None = None

    def __str__(self) -> str:
        return f"{self.category}.{self.field}" if self.field else self.category


@dataclass(frozen=True, slots=True)
class Who:
    """Who may ask: staff roles, programs by name, the person themself, and time (automatic duties)."""

    roles: frozenset[Role] = frozenset()
    programs: frozenset[Program] = frozenset()
    subject: bool = False


@dataclass(frozen=True, slots=True)
class FieldSpec:
    """One field of a category: its type, and what is demanded of a value."""

    name: FieldName
    type: str
    find: str | None = None  # "unique" (one holder at a time) or "exact"
    required: bool = False
    special: bool = False  # GDPR Art. 9
    countries: tuple[str, ...] = ()
    choices: tuple[str, ...] = ()
    limit: int | None = None  # longest value: characters, or bytes of a picture or file
    words: str = ""  # the field in plain words


@dataclass(frozen=True, slots=True)
class Collect:
    """Which fields of a category may be taken in, in which circumstances."""

    category: Category
    circumstances: tuple[Circumstance, ...]
    fields: tuple[FieldSpec, ...]
    basis: Basis
    purposes: tuple[Purpose, ...]
    keep: RetentionClass
    by: Who
    need: tuple[FieldName, ...] | str = "all"  # "all", "any", or the names without which none is taken
    consent: Purpose | None = None  # consent to this purpose must stand before anything is taken
    source: str = "subject"  # or "observed", "third_party"
    opens: bool = False  # a person unknown so far may begin here
    records: str = "many"  # or "one": at most one at a time, corrected rather than repeated
    stream: bool = False  # taken in batches, one ledger line a batch
    minimum_age: int | None = None
    special_condition: str | None = None  # GDPR Art. 9(2)
    notice: str = ""  # just-in-time notice; generated from the clause when empty


@dataclass(frozen=True, slots=True)
class Use:
    """A purpose, what it may read, and who may read for it."""

    purpose: Purpose
    of: tuple[Target, ...]
    by: Who
    basis: Basis
    consent: bool = False  # only while consent to this purpose stands
    objection: bool = False  # ends when the person objects
    leaves: str = "rows"  # or "aggregates": no row ever leaves
    mask: tuple[Target, ...] = ()
    needs: tuple[str, ...] = ()  # "case", "reason": what the request must carry
    channels: tuple[str, ...] = ()  # ways of reaching the member that this purpose may use


@dataclass(frozen=True, slots=True)
class Party:
    """One named recipient: who it is, where it is, what it is to us."""

    name: Recipient
    place: Place
    relationship: Relationship
    words: str = ""


@dataclass(frozen=True, slots=True)
class Disclose:
    """A class of recipients and what each may get."""

    name: Recipient  # the class; a recipient `x` of class `c` is `c.x`
    parties: tuple[Party, ...]
    of: tuple[tuple[Recipient, tuple[Target, ...]], ...]  # party -> data
    purposes: tuple[Purpose, ...]
    by: Who
    basis: Basis
    needs: tuple[
        str, ...
    ] = ()  # instruments on record: contract, confidentiality, safeguard, legal_basis; or "reason", "case"
    approvals: int = 0
    approvers: frozenset[Role] = frozenset()
    tell: str = (
        "record"  # when the member is told: record, on_change, before, at_once, after, unless_forbidden
    )
    review: bool = False
    within: Period | None = None  # how long an emergency opening lasts


@dataclass(frozen=True, slots=True)
class Scope:
    """What a prohibition reaches: empty tuples reach everything; exceptions nest."""

    of: tuple[Target, ...] = ()
    purposes: tuple[Purpose, ...] = ()
    recipients: tuple[Recipient, ...] = ()
    places: tuple[Place, ...] = ()
    excepts: tuple["Scope", ...] = ()


@dataclass(frozen=True, slots=True)
class Never:
    """What may not happen at all; it beats every permission."""

    practices: tuple[
        str, ...
    ]  # "sell", "rent" (no act performs them); "collect", "use", "disclose", "transfer"
    scope: Scope = field(default_factory=Scope)


@dataclass(frozen=True, slots=True)
class Longer:
    """A reason to keep some fields beyond their class, and then for that purpose alone."""

    why: Purpose
    of: tuple[Target, ...]
    period: Period


@dataclass(frozen=True, slots=True)
class Keep:
    """How long a retention class lives, and what happens at its end."""

    name: RetentionClass
    of: tuple[Category, ...]
    period: Period  # from collection; or from the event when there is one
    event: str | None = None  # "leave", "decision", ...
    maximum: Period | None = None  # from collection, whatever the event does
    then: str = "erase"  # or "anonymise"
    longer: tuple[Longer, ...] = ()
    duty: str = ""  # the legal duty that keeps it against a wish to erase; "" when none
    holds: tuple[str, ...] = ()  # reasons for which a matter may hold it
    held_by: Who = Who()  # who may place and end such a hold
    shorter: bool = False  # the member may choose a shorter time
    gone_within: Period = Period(days=1)  # from unreadable to physically gone


@dataclass(frozen=True, slots=True)
class Store:
    """Where data may stand."""

    places: tuple[Place, ...]
    home: bool = False  # each person's data stays in their home place
    residency: tuple[tuple[Category, tuple[Place, ...]], ...] = ()


@dataclass(frozen=True, slots=True)
class Transfer:
    """From which place to which, under which safeguard."""

    origin: Place
    destination: Place
    safeguard: str
    of: tuple[Target, ...] = ()


@dataclass(frozen=True, slots=True)
class Protect:
    """Measures of protection, as a closed list of names with values in text form."""

    measures: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Change:
    """How the agreement itself changes."""

    notice: tuple[str, ...]  # channels
    ahead: Period
    material: tuple[str, ...]
    fresh_consent: tuple[str, ...] = ()
    continued_use_accepts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RightRule:
    """A right of the member over some data."""

    right: RightName
    of: tuple[Target, ...] = ()  # empty: everything
    how: str = "self"  # or "review"
    by: Who = Who(subject=True)
    assurance: str = "signed_in"
    deadline: Period | None = None  # None: the regime's
    purposes: tuple[Purpose, ...] = ()  # for object, opt_out, withdraw; empty: all that allow it


@dataclass(frozen=True, slots=True)
class SignIn:
    """How members sign in, through which program, and where what that needs is kept."""

    program: Program
    identifiers: Category  # its unique fields name a member
    credentials: Category  # with the fields `kind`, `key`, `label` and `secret`
    sessions: Category  # with the fields `key`, `started`, `method`, `browser` and `address`
    purpose: Purpose  # for which the program finds and reads all of these
    methods: tuple[str, ...]  # "passkey", "code", "password"
    messages: Category | None = None  # with the fields `subject` and `text`
    activity: Category | None = None  # of sign-ins: with the fields `time`, `action` and `succeeded`
    usage: Category | None = None  # of pages opened: with the fields `time` and `page`, and others if wanted


@dataclass(frozen=True, slots=True)
class Contact:
    """Where to turn."""

    routes: tuple[tuple[str, str], ...]
    languages: tuple[str, ...]
    authority: str


@dataclass(frozen=True, slots=True)
class CaseRule:
    """A matter with one person that has states and an end: what belongs to it, who feeds it, who decides."""

    name: str
    kind: str  # "verification" or "conversation"; what states each has, `troth.rules.cases` says
    of: tuple[Category, ...]  # whose records may belong to it
    by: Who  # who opens and feeds it
    decided_by: Who = Who()  # who decides it, or answers and closes it
    event: str | None = None  # what its end is called: a `keep ... from` that event starts then
    reasons: tuple[str, ...] = ()  # the only codes that a decision may give


@dataclass(frozen=True, slots=True)
class Inform:
    """A clause that promises nothing to enforce, and why that is so."""

    reason: str


Rule: TypeAlias = (
    Collect
    | Use
    | Disclose
    | Never
    | Keep
    | Store
    | Transfer
    | Protect
    | Change
    | RightRule
    | SignIn
    | Contact
    | CaseRule
    | Inform
)


@dataclass(frozen=True, slots=True)
class Clause:
    """One sentence or section of the agreement with what it makes the machine do."""

    id: ClauseId
    number: str
    title: str
    text: str
    rules: tuple[Rule, ...]
    spot: Spot
    rule_spots: tuple[Spot, ...] = ()


@dataclass(frozen=True, slots=True)
class Organisation:
    """Who promises."""

    name: str
    contact: str
    place: Place
    regimes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Agreement:
    """Everything that may be done with personal data, at one version; named by its hash."""

    name: str
    title: str
    organisation: Organisation
    version: int
    effective: Instant
    language: str
    clauses: tuple[Clause, ...]
    hash: str  # SHA-256 of the canonical form, lower-case hex
    source: str  # the Markdown it was read from

    def rules(self) -> Iterator[tuple[Clause, Rule]]:
        """Yield every rule with its clause, in the order of the text."""
        for clause in self.clauses:
            for rule in clause.rules:
                yield clause, rule

    def clause(self, by_id: str) -> Clause | None:
        """Return the clause of that id, or None."""
        return next((clause for clause in self.clauses if clause.id == by_id), None)


@dataclass(frozen=True, slots=True)
class Finding:
    """Something `check` noticed: where, which lint, what, and one way to mend it."""

    code: str
    level: str  # "error" or "warning"
    spot: Spot
    clause: ClauseId | None
    sentence: str
    fix: str
    other: ClauseId | None = None
