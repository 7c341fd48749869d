"""Disclose to a recipient; and what a disclosure may need first: instruments and approvals."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import cast

from troth.clock import Instant
from troth.custody.approving import fingerprint
from troth.custody.asking import refusal_of
from troth.custody.desk import About, Desk
from troth.custody.frameless import frameless
from troth.custody.hand_out import HandOut
from troth.errors import BadArgument, BadReference, InstrumentOver, TrothError, UnknownRecipient
from troth.ledger.entry import Entry, is_name
from troth.ledger.receipt import Receipt
from troth.rules import given
from troth.rules.decide import key_of
from troth.rules.decision import Act, Actor, Request, Why, asker
from troth.store import registry
from troth.teller import Teller
from troth.terms.vocabulary import LONGEST_WORD, Category, FieldName, Purpose, Recipient


@frameless
def disclosing(
    *,
    by: Actor,
    about: About,
    category: str,
    to: str,
    purpose: str,
    fields: Iterable[str] = (),
    case: str = "",
    reason: str = "",
) -> HandOut:
    """Return the job of a disclosure; answered with `Handed`, whose values go to the recipient.

    Raises `BadArgument`.
    """
    request = Request(
        Act.DISCLOSE,
        asker(by),
        Category(given.text("category", category)),
        cast("frozenset[FieldName]", given.texts("fields", fields)),
        Purpose(given.text("purpose", purpose)),
        recipient=Recipient(given.text("to", to)),
        case=given.text("case", case),
        reason=given.text("reason", reason),
    )
    return HandOut(request, given.about(about))


def record_instrument(
    teller: Teller, *, by: Actor, recipient: str, kind: str, reference: str, until: Instant
) -> Receipt:
    """Do the work of `instrument` at once; raises what it raises."""
    return teller.alone(instrument(by=by, recipient=recipient, kind=kind, reference=reference, until=until))


def instrument(
    *, by: Actor, recipient: str, kind: str, reference: str, until: Instant
) -> Callable[[Desk], Receipt]:
    """Return the work that records what a recipient signed: contract, confidentiality, safeguard.

    `reference` is the name under which the paper is filed; it stands in the store in the clear, so it
    is a name and no text: 1 to 128 letters, digits and `_.:/#-`. Raises `UnknownRecipient` for one that
    no clause lists, `BadReference`, `BadArgument`, `InstrumentOver` unless `until` is an instant to come.
    """
    asker(by), given.text("recipient", recipient)
    if not is_name(given.text("kind", kind)) or len(kind) > LONGEST_WORD:
        raise BadArgument(name="kind", wanted="the name of an instrument, such as `contract`")
    if not is_name(given.text("reference", reference)):
        raise BadReference

    def work(desk: Desk) -> Receipt:
        if Recipient(recipient) not in desk.house.book.recipients:
            raise UnknownRecipient(recipient=recipient)
        if type(until) is not int or not desk.now < until < 1 << 63:
            raise InstrumentOver(kind=kind)
        registry.add_instrument(desk.unit, recipient, kind, reference, desk.now, until)
        actor, _ = desk.actor(by)
        return desk.remember(
            Entry(
                at=desk.now,
                kind="instrument.recorded",
                actor=actor,
                act="record",
                outcome="done",
                recipient=recipient,
                fields=(kind,),
                agreement=desk.house.book.agreement.version,
            )
        )

    return work


def approve(teller: Teller, *, by: Actor, job: HandOut) -> Receipt:
    """Approve exactly one disclosure, once: the same person, fields, purpose, recipient, case and reason.

    Whoever asks for it cannot be counted as approving it (four eyes); deciding looks to that. Raises
    `BadArgument`, and `NotFound` for somebody unknown, which is remembered.
    """
    asker(by)
    if not isinstance(job, HandOut):
        raise BadArgument(name="job", wanted="a disclosure, made by `disclosing`")

    def work(desk: Desk) -> Receipt | TrothError:
        desk.find([job.about])
        book, request = desk.house.book, job.request
        if job.about not in desk.people:
            return desk.refuse(
                replace(request, by=by, known=False), refusal_of(Why.UNKNOWN_PERSON), job.about
            )
        subject = desk.people[job.about]
        name = desk.house.keyring.actor_pseudonym(by.name)
        print_ = fingerprint(desk, request, job.about)
        role = by.role if by.role in book.roles else ""  # no word but the agreement's is kept
        registry.add_approval(desk.unit, print_, role, name, about=subject, at=desk.now)
        actor, _ = desk.actor(by)
        return desk.remember(
            Entry(
                at=desk.now,
                kind="disclosure.approved",
                actor=actor,
                act="approve",
                outcome="done",
                subject=desk.pseudonym(subject),
                category=request.category if request.category in book.fields else None,
                recipient=request.recipient if request.recipient in book.recipients else None,
                agreement=book.agreement.version,
            )
        )

    outcome = teller.alone(work)
    if isinstance(outcome, TrothError):
        raise outcome
    return outcome


@dataclass(frozen=True, slots=True)
class Pending:
    """A disclosure that others have to approve: its keyed name, whose yes counts, and how many said it."""

    name: bytes
    roles: frozenset[str]  # empty: any
    given: int


def pending(job: HandOut) -> Callable[[Desk], Pending]:
    """Return the work that says how far a disclosure, made by `disclosing`, is approved."""

    def work(desk: Desk) -> Pending:
        desk.find([job.about])
        request = job.request
        cell = desk.house.book.cells.get((request.act, request.category, key_of(request)))
        roles = frozenset[str]().union(*(grant.approvers for grant in (cell.grants if cell else ())))
        name = fingerprint(desk, request, job.about)
        return Pending(name, roles, given_to(name, roles)(desk))

    return work


def given_to(name: bytes, roles: frozenset[str]) -> Callable[[Desk], int]:
    """Return the work that counts who approved the disclosure of a keyed name, in roles that count."""

    def work(desk: Desk) -> int:
        found = registry.approvals_of(desk.unit, name)
        return len({approver for role, approver in found if not roles or role in roles})

    return work
