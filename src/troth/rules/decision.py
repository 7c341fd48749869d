"""What is asked, and what follows: Request in, Permit or Refusal out, each with its clauses.

All are pure values. `troth.rules.decide.decide` alone makes a `Permit`; a test over the syntax tree
holds that.
"""

from dataclasses import dataclass
from enum import StrEnum

from troth.clock import Instant
from troth.errors import BadArgument
from troth.rules import given
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
    Role,
)


class Act(StrEnum):
    """Every verb the engine knows; each has exactly one kind of ledger entry."""

    JOIN = "join"
    LEAVE = "leave"
    COLLECT = "collect"
    USE = "use"
    ACCESS = "access"
    DISCLOSE = "disclose"
    CORRECT = "correct"
    CONSENT = "consent"
    DECLINE = "decline"
    WITHDRAW = "withdraw"
    OBJECT = "object"
    YIELD = "yield"
    RESTRICT = "restrict"
    LIFT = "lift"
    SHORTEN = "shorten"
    LENGTHEN = "lengthen"
    ERASE = "erase"
    HOLD = "hold"
    RELEASE = "release"
    RETIME = "retime"
    FIND = "find"
    REMOVE = "remove"
    PROVE = "prove"
    OPEN = "open"
    MOVE = "move"
    RESTORE = "restore"
    SEND = "send"
    STOP = "stop"
    START = "start"
    PORT = "port"
    FILE = "file"
    VOUCH = "vouch"
    DETERMINE = "determine"
    CANCEL = "cancel"
    HEAR = "hear"
    COUNT = "count"
    TALLY = "tally"
    FOLLOW = "follow"
    SETTLE = "settle"


ENTRY_KIND: dict[Act, str] = {
    Act.JOIN: "member.joined",
    Act.LEAVE: "member.left",
    Act.COLLECT: "record.collected",
    Act.USE: "record.used",
    Act.ACCESS: "record.accessed",
    Act.DISCLOSE: "record.disclosed",
    Act.CORRECT: "record.corrected",
    Act.CONSENT: "consent.given",
    Act.DECLINE: "consent.refused",
    Act.WITHDRAW: "consent.withdrawn",
    Act.OBJECT: "objection.made",
    Act.YIELD: "objection.ended",
    Act.RESTRICT: "restriction.set",
    Act.LIFT: "restriction.lifted",
    Act.SHORTEN: "retention.shortened",
    Act.LENGTHEN: "retention.lengthened",
    Act.ERASE: "erasure.begun",
    Act.HOLD: "hold.placed",
    Act.RELEASE: "hold.ended",
    Act.RETIME: "matter.moved",
    Act.FIND: "record.searched",
    Act.REMOVE: "record.removed",
    Act.PROVE: "field.proven",
    Act.OPEN: "case.opened",
    Act.MOVE: "case.moved",
    Act.RESTORE: "grace.ended",
    Act.SEND: "message.sent",
    Act.STOP: "channel.stopped",
    Act.START: "channel.opened",
    Act.PORT: "record.ported",
    Act.FILE: "right.filed",
    Act.VOUCH: "right.proven",
    Act.DETERMINE: "right.determined",
    Act.CANCEL: "right.cancelled",
    Act.HEAR: "right.heard",
    Act.COUNT: "tally.added",
    Act.TALLY: "tally.read",
    Act.FOLLOW: "demand.followed",
    Act.SETTLE: "duty.settled",
}


ASSURANCES = ("signed_in", "step_up", "verified")
"""How sure it is who asks, weakest first: signed in, confirmed just now, of a proven identity."""


class ActorKind(StrEnum):
    """The kinds of asker."""

    SUBJECT = "self"
    STAFF = "staff"
    PROGRAM = "program"
    TIME = "time"


@dataclass(frozen=True, slots=True)
class Actor:
    """Who asks. Software acting for a person names both: the person, and `through` what."""

    kind: ActorKind
    name: str = ""  # staff sign-in name (only ever written as a pseudonym) or program name
    role: Role | None = None
    through: Program | None = None
    assurance: str = ""  # how sure `through` is that it is them; "": whoever calls vouches for it

    def __hash__(self) -> int:
        """Who asks is looked up with every request: what tells most of them apart is enough."""
        return hash(self.name or self.through)

    def __post_init__(self) -> None:
        """Raise `BadArgument` unless it says who asks: staff by name and role, a program by name."""
        if not isinstance(self.kind, ActorKind):
            raise BadArgument(name="kind", wanted="a kind of actor")
        named = self.kind in (ActorKind.STAFF, ActorKind.PROGRAM)
        if given.text("name", self.name) == "" and named:
            raise BadArgument(name="name", wanted="the name of who asks")
        if self.role is not None or self.kind is ActorKind.STAFF:
            given.text("role", self.role)
        if self.through is not None:
            given.text("through", self.through)
        if self.assurance and self.assurance not in ASSURANCES:
            raise BadArgument(name="assurance", wanted="one of " + ", ".join(ASSURANCES))


def asker(by: object) -> Actor:
    """Return who asks, as it was given; raises `BadArgument`."""
    if isinstance(by, Actor):
        return by
    raise BadArgument(name="by", wanted="an actor, made by `member`, `staff` or `program`")


def member(through: str | None = None, assurance: str = "") -> Actor:
    """Return the person the data is about, acting for themself.

    `through` is the program that signed them in, and `assurance` how sure it is that it is them: one of
    `ASSURANCES`, weakest first. Without it whoever calls vouches for them.
    """
    return Actor(ActorKind.SUBJECT, through=Program(through) if through else None, assurance=assurance)


def staff(name: str, role: str) -> Actor:
    """Return a member of staff in one role."""
    return Actor(ActorKind.STAFF, name, Role(role))


def program(name: str) -> Actor:
    """Return a program of the organisation."""
    return Actor(ActorKind.PROGRAM, name)


TIME = Actor(ActorKind.TIME, "time")


NO_CATEGORY = Category("")
_NO_PURPOSE = Purpose("")
_NO_CIRCUMSTANCE = Circumstance("")
_NO_RECIPIENT = Recipient("")


@dataclass(frozen=True, slots=True)
class Request:
    """Who asks for which act, on which data, for what; the person concerned is named beside it."""

    act: Act
    by: Actor
    category: Category = NO_CATEGORY
    fields: frozenset[FieldName] = frozenset()  # empty: all that is allowed
    purpose: Purpose = _NO_PURPOSE
    circumstance: Circumstance = _NO_CIRCUMSTANCE
    recipient: Recipient = _NO_RECIPIENT
    case: str = ""
    reason: str = ""
    age: int | None = None
    known: bool = True  # the person is known already
    masked: bool = False  # masked values are enough
    channel: str = ""  # by which somebody is reached
    states: tuple[str, str] = ("", "")  # of a case that is moved: as it is, and as it shall be
    reviewed: bool = False  # the review that a clause demands took place, in the case that is named


@dataclass(frozen=True, slots=True)
class Facts:
    """What is true around a request besides the person's standing."""

    now: Instant
    place: Place
    instruments: frozenset[tuple[Recipient, str]] = frozenset()  # valid now
    approvals: frozenset[tuple[Role, str]] = frozenset()  # of exactly this request


class Why(StrEnum):
    """Stable codes of refusal."""

    NOT_IN_FORCE = "not-in-force"
    UNKNOWN_CATEGORY = "unknown-category"
    UNKNOWN_FIELD = "unknown-field"
    UNKNOWN_PURPOSE = "unknown-purpose"
    UNKNOWN_CIRCUMSTANCE = "unknown-circumstance"
    UNKNOWN_RECIPIENT = "unknown-recipient"
    UNKNOWN_CLASS = "unknown-class"
    UNKNOWN_PERSON = "unknown-person"
    NO_PURPOSE = "no-purpose"
    NO_CLAUSE = "no-clause"
    NOT_BY = "not-by"
    FIELD_NOT_COVERED = "field-not-covered"
    DENIED = "denied"
    CONSENT_MISSING = "consent-missing"
    CONSENT_REFUSED = "consent-refused"
    CONSENT_WITHDRAWN = "consent-withdrawn"
    OBJECTED = "objected"
    RESTRICTED = "restricted"
    LEFT = "left"
    ONLY_AGGREGATES = "only-aggregates"
    CASE_MISSING = "case-missing"
    REASON_MISSING = "reason-missing"
    INSTRUMENT_MISSING = "instrument-missing"
    APPROVAL_MISSING = "approval-missing"
    TRANSFER_MISSING = "transfer-missing"
    WRONG_PLACE = "wrong-place"
    TOO_YOUNG = "too-young"
    NEEDS_REVIEW = "needs-review"
    FIELD_MISSING = "field-missing"
    MALFORMED = "malformed"
    TAKEN = "taken"
    ALREADY_HELD = "already-held"
    EXPIRED = "expired"
    DUTY = "duty"
    HELD = "held"
    NOT_GOVERNED = "not-governed"
    NOT_A_PICTURE = "not-a-picture"
    NOT_A_FILE = "not-an-accepted-file"
    TOO_LARGE = "too-large"
    TOO_MANY_PIXELS = "too-many-pixels"
    DAMAGED = "damaged"
    LOCKED = "locked"
    ACTIVE = "active-content"
    UNKNOWN_CASE = "unknown-case"
    UNKNOWN_REASON = "unknown-reason"
    WRONG_STATE = "wrong-state"
    NOT_OF_CASE = "not-of-case"
    ALREADY_OPEN = "already-open"
    ASSURANCE_MISSING = "assurance-missing"
    IN_GRACE = "in-grace"
    STOPPED = "stopped"
    NOISE_MISSING = "noise-missing"


UNKNOWN_WORD = frozenset(
    {
        Why.UNKNOWN_CATEGORY,
        Why.UNKNOWN_FIELD,
        Why.UNKNOWN_PURPOSE,
        Why.UNKNOWN_CIRCUMSTANCE,
        Why.UNKNOWN_RECIPIENT,
        Why.UNKNOWN_CLASS,
        Why.UNKNOWN_CASE,
        Why.UNKNOWN_REASON,
    }
)
"""The reasons that a word of the caller's is none of the agreement's."""


@dataclass(frozen=True, slots=True)
class Reason:
    """One ground of a refusal: a stable code, the clauses it rests on, and the word it is about."""

    why: Why
    clauses: tuple[ClauseId, ...] = ()
    word: str = ""  # a field, purpose, instrument ...: a name, never a value


@dataclass(frozen=True, slots=True)
class Permit:
    """Allowed, under these clauses, for these fields, with these obligations."""

    fields: frozenset[FieldName]
    clauses: tuple[ClauseId, ...]
    mask: frozenset[FieldName] = frozenset()
    tell: str = ""
    classes: frozenset[RetentionClass] = frozenset()


@dataclass(frozen=True, slots=True)
class Refusal:
    """Not allowed, for all of these reasons; `considered` are the clauses looked at."""

    reasons: tuple[Reason, ...]
    considered: tuple[ClauseId, ...] = ()
