"""The ledger lines of acts and refusals: what each says, in the agreement's own words only."""

from troth.clock import Instant
from troth.house import House
from troth.ledger.entry import Entry, is_name
from troth.rules.decision import (
    ENTRY_KIND,
    UNKNOWN_WORD,
    Act,
    Actor,
    ActorKind,
    Permit,
    Reason,
    Refusal,
    Request,
    Why,
)
from troth.terms.vocabulary import FieldName

HOLDING = frozenset({Act.HOLD, Act.RELEASE, Act.RETIME})  # whose reason is a word of the agreement
_UNSAID = UNKNOWN_WORD | {Why.NO_CLAUSE, Why.RESTRICTED}


def actor(house: House, by: Actor) -> tuple[str, str | None]:
    """Return (actor, on behalf of) as the ledger names them; a person by pseudonym only."""
    known: tuple[str, str | None] | None = house.lines.get(by)
    if known is None:
        name = by.kind.value
        if by.kind is ActorKind.STAFF:
            role = by.role if by.role in house.book.roles else "-"
            name = f"staff:{role}:{house.keyring.actor_pseudonym(by.name)}"
        elif by.kind is ActorKind.PROGRAM:
            name = f"program:{by.name}" if by.name in house.book.programs else "program"
        elif by.through:
            name = f"program:{by.through}" if by.through in house.book.programs else "program"
        known = name, "self" if by.through else None
        house.keep(house.lines, by, known)
    return known


def of_act(
    house: House, now: Instant, request: Request, permit: Permit, fields: frozenset[FieldName] | None
) -> Entry:
    """Return what the lines of all acts like this one say; `fields` of several acts together."""
    return Entry(
        at=now,
        kind=ENTRY_KIND[request.act],
        actor=actor(house, request.by)[0],
        act=request.act.value,
        outcome="permitted",
        category=request.category if request.category in house.book.fields else None,
        fields=tuple(sorted(permit.fields if fields is None else fields)),
        purpose=request.purpose or None,
        circumstance=request.circumstance or None,
        recipient=request.recipient or None,
        clauses=permit.clauses,
        agreement=house.book.agreement.version,
        reasons=(request.reason,) if request.act in HOLDING and is_name(request.reason) else (),
    )


def of_refusal(
    house: House, now: Instant, request: Request, refusal: Refusal, *, subject: str | None, count: int | None
) -> Entry:
    """Return the line of a refusal; words that the agreement does not know are left out of it."""
    book = house.book
    known = book.fields.get(request.category, {})
    asker, behalf = actor(house, request.by)
    return Entry(
        at=now,
        kind="request.refused",
        actor=asker,
        on_behalf_of=behalf,
        act=request.act.value,
        outcome="refused",
        subject=subject,
        category=request.category if request.category in book.fields else None,
        fields=tuple(sorted(name for name in request.fields if name in known)),
        purpose=request.purpose if request.purpose in book.purposes else None,
        circumstance=request.circumstance
        if request.circumstance in book.circumstances
        or request.circumstance in book.cases
        or request.circumstance in {right.value for right in book.rights}
        else None,
        recipient=request.recipient if request.recipient in book.recipients else None,
        clauses=tuple(dict.fromkeys(c for reason in refusal.reasons for c in reason.clauses)),
        agreement=book.agreement.version,
        reasons=tuple(dict.fromkeys(_code(reason) for reason in refusal.reasons)),
        case=request.case if is_name(request.case) else None,
        count=count,
    )


def _code(reason: Reason) -> str:
    """Return a reason as the ledger writes it: a code, with its word only when that is the agreement's."""
    if reason.why in _UNSAID or not reason.word:
        return reason.why.value
    whole = f"{reason.why.value}:{reason.word}"
    return whole if is_name(whole) else reason.why.value
