"""When it goes: each kind of data, what starts its clock, when it ends, and what holds it."""

from starlette.responses import Response

from troth.web import pictures
from troth.web.knowing import known_of
from troth.web.languages import direction
from troth.web.pages import Pages
from troth.web.permission import Permission
from troth.web.staying import stays
from troth.web.visit import Visit

pages = Pages()


@pages.page("/when", permission=Permission.MEMBER)
async def when(visit: Visit) -> Response:
    """Show the bars, and what bears on each."""
    known = await known_of(visit)
    found = stays(known, visit.hall.house, visit.reader, visit.words)
    rtl = direction(visit.reader.language) == "rtl"
    return visit.page(
        "portal/when.html",
        visit.words("When it goes"),
        picture=pictures.bars([each.stay for each in found], now=visit.now, rtl=rtl),
        staying=sorted(found, key=lambda each: each.stay.ends or each.stay.latest or 1 << 62),
        left=known.standing.left,
        lang=visit.hall.agreement.language,
    )
