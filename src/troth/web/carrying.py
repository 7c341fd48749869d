"""Carry out, beside the pages, what somebody demanded: its words are its reader's, its links this house's."""

import asyncio
from collections.abc import Mapping

from troth.custody.demands.performing import Texts, perform
from troth.rules.rights_cases import RightsCase
from troth.terms.vocabulary import RightName
from troth.web import packing
from troth.web.hall import Hall
from troth.web.languages import LANGUAGES, Reader

ENDS = (RightName.ERASE, RightName.LEAVE)  # who is signed in meanwhile is looked for anew
PACKED = (RightName.ACCESS, RightName.PORT)  # takes long, and is done behind the page


def texts_in(hall: Hall, otherwise: str) -> Texts:
    """Return what gives the words of a package in a language; in `otherwise` where pages have no such one."""

    def texts(language: str) -> Mapping[str, str]:
        reader = Reader(next(tag for tag in (language, otherwise, hall.languages[0]) if tag in LANGUAGES))
        return packing.texts(lambda text: hall.rendering.words(reader, text))

    return texts


async def carry_out(hall: Hall, reader: Reader, case: RightsCase) -> RightsCase | None:
    """Carry out a demand as far as it goes now, in a thread; return how it stands then."""
    after = await asyncio.to_thread(
        perform, hall.teller, case.id, texts=texts_in(hall, reader.language), origin=hall.site.origins[0]
    )
    if case.right in ENDS:
        hall.sign_ins.drop_all_of(case.subject)
    return after
