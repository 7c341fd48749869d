"""What was asked by an address alone, filed behind the page that answered it: once, whatever is cut off.

What is answered never depends on who is known. Only an address that one person alone has, and proved, leads
to them: what was asked is filed, with the letter that asks for a proof. Every other gets the letter that
says so, whichever it is.
"""

import asyncio
from collections.abc import Mapping

from troth.acts import filing
from troth.custody.demands import awaiting
from troth.custody.demands.awaiting import Asked
from troth.custody.demands.filing import Demand
from troth.errors import BadArgument, BadValue, HouseClosed, TrothError
from troth.rules.decision import member
from troth.rules.rights_cases import RightsCase
from troth.web import proofs_by_letter
from troth.web.accounts import entering
from troth.web.accounts.entering import Identifier
from troth.web.credentials.letters import Asker
from troth.web.credentials.limits import account_key
from troth.web.hall import Hall, sign_in_of
from troth.web.languages import Reader
from troth.web.logs import log
from troth.web.news.letters import reader_of
from troth.web.proofs_by_letter import Link

NAME = "request"  # in the log


def said_of(right: str, purpose: str, identifier: Identifier, reader: Reader, asker: Asker) -> dict[str, str]:
    """Return what is kept, sealed, until it is filed."""
    return {
        "right": right, "purpose": purpose, "field": identifier.spec.name, "value": identifier.value,
        "language": reader.language, "place": asker.place, "known": "yes" if asker.known else "",
    }  # fmt: skip


def run(hall: Hall) -> int:
    """File all that waits, in this thread; return how many there were."""
    return hall.asking.take(lambda: asyncio.run(_run(hall)))


async def _run(hall: Hall) -> int:
    count = 0
    while not hall.stopping and (some := await hall.teller.alone_soon(awaiting.taken_up)):
        for it in some:
            count += 1
            try:
                await _file(hall, it)
            except HouseClosed:
                return count
            except TrothError as problem:  # taken up again
                log(f"{NAME}-failed", code=problem.code)
    return count


async def _file(hall: Hall, it: Asked) -> None:
    """File it for whoever proved the address; else, and where nothing is to be proven, send a letter."""
    said, teller = it.said, hall.teller
    identifier = _identifier(hall, said)
    asker = Asker(said["place"], known=bool(said["known"]))
    account = account_key(hall.key, f"request:{identifier.about}") if identifier else b""
    if identifier is None or not hall.letters.may_go(account, asker, at=hall.now):
        await teller.alone_soon(awaiting.forgotten(it))
        return
    subject = await proofs_by_letter.whose(hall, identifier)
    case: RightsCase | None = None
    demand = None if subject is None else _demand(hall, subject, said)
    if demand is not None:
        mark = proofs_by_letter.mark_of(hall, identifier)
        is_all, case = await teller.alone_soon(awaiting.filing(it, demand, mark))
        if is_all:
            return
    _tell(hall, reader_of(hall, said["language"]), identifier, case)
    await teller.alone_soon(awaiting.forgotten(it))


def _identifier(hall: Hall, said: Mapping[str, str]) -> Identifier | None:
    """Return the address it was asked by; None where the agreement has no such field any more."""
    try:
        return entering.read_identifier(hall, said["field"], said["value"])
    except (BadValue, StopIteration):
        return None


def _demand(hall: Hall, subject: int, said: Mapping[str, str]) -> Demand | None:
    """Return the demand; None where it is none any more."""
    rule = sign_in_of(hall.house)
    by = member(rule.program if rule else None, "signed_in")
    try:
        return filing.demanding(
            by=by, about=subject, right=said["right"], purpose=said["purpose"], language=said["language"],
            proven="", as_="self",
        )  # fmt: skip
    except BadArgument:
        return None


def _tell(hall: Hall, reader: Reader, identifier: Identifier, case: RightsCase | None) -> None:
    """Send the link by which a demand is followed that is proven already; or the letter that says no."""
    until = hall.now + proofs_by_letter.LIFETIME
    if case is not None:
        mark = proofs_by_letter.mark_of(hall, identifier)
        path = proofs_by_letter.link(hall, Link.TRACK, case.id, mark=mark)
        proofs_by_letter.send(
            hall, reader, identifier, "track", asker=None, until=until,
            link=hall.site.origins[0] + path, reference=case.reference,
        )  # fmt: skip
    elif identifier.spec.type == "email":  # a text to whoever has the number would tell, and cost
        proofs_by_letter.send(hall, reader, identifier, "nobody", asker=None, until=until)
