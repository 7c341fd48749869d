"""How one becomes a member, and is found again: identifiers, the codes that prove them, first records.

Whoever types in an identifier gets the same answer whether or not it is known: the difference is in
the letter that its owner reads. Nothing is stored of somebody whose code has not come back.
"""

import secrets
from dataclasses import dataclass, field

from troth.acts import collect, find, membership
from troth.clock import Instant
from troth.custody.take_in import Taken
from troth.errors import BadValue, CourierFull, NoSignIn, Refused, TrothError
from troth.gates.message import Message
from troth.ledger.receipt import Receipt
from troth.rules.decision import member, program
from troth.rules.signing_in import PROVABLE
from troth.terms.agreement import FieldSpec, SignIn
from troth.terms.kinds import KINDS
from troth.web.accounts.keeping import circumstance_of
from troth.web.credentials import codes
from troth.web.credentials.letters import Asker
from troth.web.credentials.limits import account_key
from troth.web.hall import Hall, sign_in_of
from troth.web.languages import Reader

TEXT = "sms"
WAYS = {"email": "mail", "phone": TEXT}  # by type: the way out that a code takes
DIGITS = 4  # that are put behind a name that nobody can prove
TRIES = 20  # of other digits, before a name counts as taken


@dataclass(frozen=True, slots=True)
class Identifier:
    """One identifier somebody typed in: the field it is, and its canonical value."""

    spec: FieldSpec
    value: str = field(repr=False)

    @property
    def provable(self) -> bool:
        """Whether a code can prove it."""
        return self.spec.type in PROVABLE

    @property
    def about(self) -> str:
        """What a code for it is bound to."""
        return f"{self.spec.name}:{self.value}"


def rule_of(hall: Hall) -> SignIn:
    """Return the rule by which members sign in; raises `NoSignIn`."""
    rule = sign_in_of(hall.house)
    if rule is None:
        raise NoSignIn
    return rule


def identifiers(hall: Hall) -> tuple[FieldSpec, ...]:
    """Return the fields that name a member, in the order of the agreement."""
    specs = hall.house.book.fields[rule_of(hall).identifiers].values()
    return tuple(spec for spec in specs if spec.find == "unique")


def read_identifier(hall: Hall, name: str, typed: str) -> Identifier:
    """Return what was typed in for one field in its canonical form; raises `BadValue`."""
    spec = next(spec for spec in identifiers(hall) if spec.name == name)
    return Identifier(spec, str(KINDS[spec.type].accepts(typed.strip(), spec)))


def guess_identifier(hall: Hall, typed: str) -> Identifier | None:
    """Return what was typed in as whichever identifier it can be; None when it can be none."""
    order = sorted(identifiers(hall), key=lambda spec: spec.type not in PROVABLE)
    for spec in order:
        if (spec.type == "email") != ("@" in typed):
            continue
        try:
            return Identifier(spec, str(KINDS[spec.type].accepts(typed.strip(), spec)))
        except BadValue:
            continue
    return None


async def whose(hall: Hall, identifier: Identifier) -> int | None:
    """Return the number of the member who has an identifier, or None."""
    rule = rule_of(hall)
    found = await hall.teller.ask_soon(
        find.finding(
            by=program(rule.program),
            field=f"{rule.identifiers}.{identifier.spec.name}",
            value=identifier.value,
            purpose=rule.purpose,
        )
    )
    return found.people[0][0] if len(found.people) == 1 else None


def is_reached(hall: Hall, identifier: Identifier) -> bool:
    """Whether a code can be sent to such an identifier at all, by whomever it is held."""
    return identifier.provable and hall.courier.goes(WAYS[identifier.spec.type])


def offered(hall: Hall) -> tuple[FieldSpec, ...]:
    """Return the fields that can name a member here: those that a code reaches, or that need none."""
    return tuple(
        spec for spec in identifiers(hall) if spec.type not in PROVABLE or hall.courier.goes(WAYS[spec.type])
    )


def check_way(hall: Hall, identifier: Identifier, asker: Asker) -> None:
    """Raise `NoGate` or `CourierFull` when no code could go out, before anything depends on who is known.

    A text counts here, whether or not one goes out in the end.
    """
    way = WAYS[identifier.spec.type]
    hall.courier.check(by=way)
    if way == TEXT and not hall.letters.may_text(asker, at=hall.now):
        raise CourierFull(way=way)


def send(
    hall: Hall,
    reader: Reader,
    identifier: Identifier,
    letter: str,
    *,
    asker: Asker,
    until: Instant,
    code: str = "",
) -> None:
    """Send one letter of ours; it goes out later, so that answering takes as long without one.

    One that would be too many for its recipient does not go out, and nothing says so.
    """
    house = hall.agreement.organisation.name
    texts = hall.rendering.part(
        f"letters/{letter}.txt", reader, house=house, code=code, site=hall.site.origins[0],
        minutes=codes.LIFETIME // 60_000_000,
    ).strip()  # fmt: skip
    subject, _, text = texts.partition("\n")
    message = Message(identifier.value, subject.strip(), text.strip() or subject)
    if hall.letters.may_go(account_key(hall.key, identifier.about), asker, at=hall.now):
        hall.courier.send(message, by=WAYS[identifier.spec.type], until=until)


def suffixed(name: str) -> str:
    """Return a name nobody can prove, with digits behind it: so no answer tells which names there are."""
    return f"{name}-{secrets.randbelow(10**DIGITS):0{DIGITS}d}"


async def join(hall: Hall, identifier: Identifier, *, proven: bool) -> Taken:
    """Make somebody a member under one identifier; raises `Refused`, such as for one that is taken.

    `proven` says that a code came back which was sent to it. A name that no code proves has other digits
    behind it when it is taken meanwhile.
    """
    rule, value = rule_of(hall), identifier.value
    for _ in range(TRIES):
        offer = collect.offering(
            by=member(rule.program, "signed_in"),
            about=f"member-{secrets.token_hex(10)}",
            category=rule.identifiers,
            when=circumstance_of(hall.teller, rule.identifiers),
            values={identifier.spec.name: value},
        )
        outcomes: tuple[Taken | TrothError, ...] = await hall.teller.ask_soon(collect.taking([offer]))
        (taken,) = outcomes
        if isinstance(taken, Taken):
            break
        if identifier.provable or not (isinstance(taken, Refused) and taken.codes == ("taken",)):
            raise taken
        value = suffixed(value.rpartition("-")[0])
    if not isinstance(taken, Taken):
        raise taken
    if proven:
        await prove(hall, taken.subject, identifier)
    return taken


async def prove(hall: Hall, subject: int, identifier: Identifier) -> Receipt:
    """Note that somebody typed in the code that was sent to an identifier of theirs."""
    rule = rule_of(hall)
    job = membership.proving(
        by=program(rule.program), about=subject, field=f"{rule.identifiers}.{identifier.spec.name}"
    )
    receipt: Receipt = await hall.teller.ask_soon(job)
    return receipt
