"""Disclose to a recipient; and what a disclosure may need first: instruments and approvals."""

from collections.abc import Iterable

from troth.clock import Instant
from troth.custody.desk import About, Desk
from troth.custody.hand_out import HandOut
from troth.errors import InstrumentOver, UnknownRecipient
from troth.ledger.entry import Entry
from troth.ledger.receipt import Receipt
from troth.rules.decision import Act, Actor, Request
from troth.store import registry
from troth.teller import Teller
from troth.terms.vocabulary import Category, FieldName, Purpose, Recipient


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
    """Return the job of a disclosure; answered with `Handed`, whose values go to the recipient."""
    names = frozenset(FieldName(name) for name in fields)
    request = Request(
        Act.DISCLOSE,
        by,
        Category(category),
        names,
        Purpose(purpose),
        recipient=Recipient(to),
        case=case,
        reason=reason,
    )
    return HandOut(request, about)


def record_instrument(
    teller: Teller, *, by: Actor, recipient: str, kind: str, reference: str, until: Instant
) -> Receipt:
    """Record that a recipient signed something: a contract, a duty of confidentiality, a safeguard.

    `reference` is where the paper is filed. Raises `UnknownRecipient` for one that no clause lists,
    `InstrumentOver` unless `until` is an instant to come.
    """

    def work(desk: Desk) -> Receipt:
        if Recipient(recipient) not in desk.house.book.recipients:
            raise UnknownRecipient(recipient=recipient)
        if type(until) is not int or until <= desk.now:
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

    return teller.alone(work)


def approve(teller: Teller, *, by: Actor, job: HandOut) -> Receipt:
    """Approve exactly one disclosure, once: the same person, fields, purpose, recipient, case and reason.

    Whoever asks for it cannot be counted as approving it (four eyes); deciding looks to that.
    """

    def work(desk: Desk) -> Receipt:
        desk.find([job.about])
        name = desk.house.keyring.actor_pseudonym(by.name)
        print_ = desk.fingerprint(job.request, job.about)
        registry.add_approval(desk.unit, print_, by.role or "", name, desk.now)
        actor, _ = desk.actor(by)
        return desk.remember(
            Entry(
                at=desk.now,
                kind="disclosure.approved",
                actor=actor,
                act="approve",
                outcome="done",
                subject=desk.pseudonym(desk.people.get(job.about)),
                category=job.request.category or None,
                recipient=job.request.recipient
                if job.request.recipient in desk.house.book.recipients
                else None,
                agreement=desk.house.book.agreement.version,
            )
        )

    return teller.alone(work)
