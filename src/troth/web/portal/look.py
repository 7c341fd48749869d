"""How pages look: language, theme and time zone, kept in a cookie of the reader's own choice."""

from starlette.responses import Response

from troth.web.languages import known_zone
from troth.web.pages import LOOK_COOKIE, Pages
from troth.web.permission import Permission
from troth.web.visit import Visit, back_of

pages = Pages()
YEAR = 365 * 86_400
SYSTEM = "system"  # follow what the reader's own system shows


@pages.page("/look", permission=Permission.VISITOR, methods=("POST",), lasting=True)
async def look(visit: Visit) -> Response:
    """Keep what was chosen, and go back."""
    language, theme, zone = visit.reader.language, visit.theme, visit.reader.zone
    if visit.form.get("language") in visit.hall.languages:
        language = visit.form["language"]
    if visit.form.get("theme") in ("light", "dark", SYSTEM):
        theme = visit.form["theme"].removeprefix(SYSTEM)
    if known_zone(visit.form.get("zone", "")):
        zone = visit.form["zone"]
    visit.remember(LOOK_COOKIE, f"{language}|{theme}|{zone}", YEAR)
    return visit.go(back_of(visit, "/"))
