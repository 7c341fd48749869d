"""Home: what is held, who looked last, what goes next, what is open."""

from starlette.responses import Response

from troth.web.permission import Permission
from troth.web.visit import Pages, Visit

pages = Pages()


@pages.page("/home", permission=Permission.MEMBER)
async def home(visit: Visit) -> Response:
    """Show the cards."""
    return visit.page("portal/home.html", visit.words("Home"), kinds=0)
