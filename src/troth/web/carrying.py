"""Carry out, beside the pages, what somebody demanded: its words are its reader's, its links this house's."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from functools import partial

from troth.custody.demands.filing import is_ready
from troth.custody.demands.performing import Texts, perform
from troth.custody.desk import Desk
from troth.errors import Broken, TrothError
from troth.rules.rights_cases import RightsCase
from troth.store import rights_cases
from troth.terms.vocabulary import RightName
from troth.web import packing
from troth.web.hall import Hall
from troth.web.languages import LANGUAGES, Reader
from troth.web.news import last

ENDS = last.ENDS  # who is signed in meanwhile is looked for anew
MOST = 100_000  # that are looked through at a time
PACKED = (RightName.ACCESS, RightName.PORT)  # takes long, and is done behind the page


def texts_in(hall: Hall, otherwise: str) -> Texts:
    """Return what gives the words of a package in a language; in `otherwise` where pages have no such one."""

    def texts(language: str) -> Mapping[str, str]:
        reader = Reader(next(tag for tag in (language, otherwise, hall.languages[0]) if tag in LANGUAGES))
        return packing.texts(lambda text: hall.rendering.words(reader, text))

    return texts


async def carry_out(hall: Hall, reader: Reader, case: RightsCase) -> RightsCase | None:
    """Carry out a demand as far as it goes now, in a thread; return how it stands then.

    Whoever it takes the address of is told by a last letter.
    """
    whom = await last.whom(hall, case)
    after = await asyncio.to_thread(
        perform, hall.teller, case.id, texts=texts_in(hall, reader.language), origin=hall.site.origins[0]
    )
    if case.right in ENDS:
        hall.sign_ins.drop_all_of(case.subject)
    if whom is not None and after is not None:
        with suppress(TrothError):  # then no letter comes; it is done all the same
            await last.tell(hall, whom, after)
    return after


def resume(hall: Hall) -> None:
    """Carry out the demands that are due and end an account, so that their people are told; in this thread.

    The sweep carries out all others, and what is cut off here.
    """
    for each in hall.teller.alone(lambda desk: rights_cases.due(desk.unit, desk.now, MOST)):
        case = hall.teller.alone(partial(_ending, case=each))
        if case is not None and not hall.stopping:
            asyncio.run(carry_out(hall, Reader(hall.languages[0]), case))


def _ending(desk: Desk, case: bytes) -> RightsCase | None:
    """Return a demand that ends an account, and needs nobody to decide it any more; else None."""
    try:
        one = rights_cases.one(desk.unit, case)
    except Broken:  # the sweep puts it off, and goes on with the others
        return None
    ends = one is not None and one.right in ENDS and one.ended_at is None
    return one if one is not None and ends and is_ready(desk.house.book, one) else None
