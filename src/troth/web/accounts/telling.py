"""Tell somebody what happened to their account: in their inbox, and by a mail that says where to look.

After OWASP ASVS 6.3.7: a change of what somebody signs in with is told, and so is a browser that is new.
A message stands in the inbox, sealed like all that is held. The mail goes to an address that was proven
by a code, and holds no value: what it was, and the way to the inbox. That a letter cannot go out never
undoes what it tells of.
"""

from contextlib import suppress

from troth.acts import collect
from troth.clock import DAY
from troth.errors import Absent, CourierFull, Denied, HouseClosed, NoGate
from troth.gates.message import Message
from troth.rules.decision import program
from troth.terms.agreement import SignIn
from troth.web.accounts import holding
from troth.web.accounts.entering import WAYS, rule_of
from troth.web.accounts.keeping import circumstance_of
from troth.web.hall import Hall
from troth.web.languages import Reader

MAIL = "email"  # the type of field that a letter can go to


async def tell(
    hall: Hall,
    subject: int,
    title: str,
    text: str,
    *,
    reader: Reader,
    mail: bool = True,
    to: tuple[str, ...] | None = None,
) -> None:
    """Put a message into somebody's inbox, and mail them that there is one: `to` what is `reached` otherwise.

    `title` and `text` are in the reader's language; neither may hold a value of anybody.
    """
    rule = rule_of(hall)
    if rule.messages is not None:
        offer = collect.offering(
            by=program(rule.program),
            about=subject,
            category=rule.messages,
            when=circumstance_of(hall.teller, rule.messages),
            values={"subject": title, "text": text},
        )
        with suppress(Absent, Denied):  # whoever is gone meanwhile needs no message
            await hall.teller.ask_soon(collect.taking([offer]))
    if mail:
        _mail(hall, rule, await reached(hall, subject) if to is None else to, title, reader)


async def reached(hall: Hall, subject: int) -> tuple[str, ...]:
    """Return the addresses that somebody proved are theirs; whoever calls shows them to nobody."""
    return tuple(each.value for each in await holding.proven_of(hall, subject) if each.spec.type == MAIL)


def _mail(hall: Hall, rule: SignIn, to: tuple[str, ...], title: str, reader: Reader) -> None:
    """Send a letter to each address; none where there is no way out."""
    letter = hall.rendering.part(
        "letters/told.txt",
        reader,
        house=hall.agreement.organisation.name,
        site=hall.site.origins[0],
        title=title,
        inbox=rule.messages is not None,
    ).strip()
    head, _, body = letter.partition("\n")
    for address in to:
        with suppress(NoGate, CourierFull, HouseClosed):
            hall.courier.send(
                Message(address, head.strip(), body.strip()), by=WAYS[MAIL], until=hall.now + DAY
            )
