"""The last letter: what was erased, or left, is told to an address that is not held here any more.

The address is kept in memory alone while it is erased, and until a mail server took the letter, an hour at
most. Whatever cuts that off, no letter comes: nothing is held that it could go to.
"""

from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial

from troth.clock import SECOND
from troth.custody.demands import telling
from troth.errors import BadMessage, CourierFull, HouseClosed, NoGate, TrothError
from troth.rules.rights_cases import RightsCase, State
from troth.terms.vocabulary import RightName
from troth.web import proofs_by_letter
from troth.web.accounts.entering import Identifier
from troth.web.hall import Hall, sign_in_of
from troth.web.languages import Reader
from troth.web.news import letters
from troth.web.news.said import speaking
from troth.web.proofs_by_letter import Link

LASTS = 3_600 * SECOND
ENDS = (RightName.ERASE, RightName.LEAVE)


@dataclass(frozen=True, slots=True)
class Whom:
    """Who is to be told, read before it is gone."""

    reader: Reader
    identifier: Identifier = field(repr=False)


async def whom(hall: Hall, case: RightsCase) -> Whom | None:
    """Return who is to be told when a demand has ended their account; None where no address is proven."""
    if case.right not in ENDS or sign_in_of(hall.house) is None or case.ended_at is not None:
        return None
    with suppress(TrothError):  # then no letter comes; what was asked for is done all the same
        told = await hall.teller.alone_soon(partial(telling.told_by, case=case))
        identifier = await letters.address_of(hall, case, told.mark)
        if identifier is not None:
            return Whom(letters.reader_of(hall, told.language), identifier)
    return None


async def tell(hall: Hall, whom: Whom, case: RightsCase) -> None:
    """Send the last letter, where what was asked for took the address with it."""
    gone = case.state in (State.DONE, State.PARTLY) or "done" in case.outcome
    if not gone or await letters.address_of(hall, case, b"") is not None:  # else it is told as all is
        return
    words = speaking(hall, whom.reader)
    sentence = words("Your request was carried out.")
    if case.state is State.PARTLY:
        sentence = words("Your request was carried out, as far as the law and the agreement let it.")
    elif case.state is not State.DONE:
        sentence = words(
            "Our own part of your request was carried out. Other systems still have theirs to do."
        )
    path = proofs_by_letter.link(hall, Link.TRACK, case.id, mark=b"")
    message = letters.last(hall, whom.reader, whom.identifier, case, sentence, path)
    with suppress(NoGate, CourierFull, HouseClosed, BadMessage):
        hall.courier.send(message, by=letters.way_of(whom.identifier), until=hall.now + LASTS)
