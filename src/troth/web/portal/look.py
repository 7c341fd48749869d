"""How pages look: language, theme and time zone, kept in a cookie of the reader's own choice."""

from starlette.responses import Response

from troth.web import zones
from troth.web.looks import Look
from troth.web.pages import Pages
from troth.web.permission import Permission
from troth.web.visit import Visit, back_of

pages = Pages()
pages.look("/look", Look.with_chosen)


@pages.page("/look", permission=Permission.VISITOR)
async def zone(visit: Visit) -> Response:
    """Ask for the time zone, the one in use first."""
    here, language = visit.reader.zone, visit.reader.language
    others = [pair for pair in zones.named(language) if pair[0] != here]
    return visit.page(
        "portal/zone.html",
        visit.words("Time zone"),
        200,
        zones=[(here, zones.name_of(here, language)), *others],
        now=visit.now,
        back=back_of(visit, "/"),
        scripts=("zone.js",),
    )
