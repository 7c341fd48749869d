"""Links that sign somebody in once: printed by `troth demo` for its made-up cast, and closed otherwise."""

from starlette.responses import Response

from troth.canonical import Plain
from troth.clock import DAY
from troth.web.credentials.flows import Flow, open_flow, seal_flow
from troth.web.hall import Hall
from troth.web.pages import Pages
from troth.web.permission import Permission
from troth.web.portal.letting_in import enter
from troth.web.public.pages import missing
from troth.web.visit import Visit

pages = Pages()
KIND = "link"


def link_for(hall: Hall, subject: int, name: str) -> str:
    """Return the address that signs somebody in, once, within a day; `hall.links` must be set."""
    state: dict[str, Plain] = {"subject": str(subject), "name": name}
    token = seal_flow(hall.key, KIND, state, at=hall.now, until=hall.now + DAY, bound_to=b"")
    return f"{hall.site.origins[0]}/sign-in/link/{token}"


def _opened(visit: Visit) -> Flow:
    token = str(visit.http.path_params["token"])
    return open_flow(visit.hall.key, KIND, token, at=visit.now, bound_to=b"")


@pages.page("/sign-in/link/{token}", permission=Permission.VISITOR)
async def offer(visit: Visit) -> Response:
    """Say whose link it is; opening it does nothing yet, as programs that look at letters open links, too."""
    if not visit.hall.links:
        return await missing(visit)
    flow = _opened(visit)
    return visit.page(
        "entry/link.html", visit.words("Sign in"), name=flow.state["name"], action=visit.http.url.path
    )


@pages.page("/sign-in/link/{token}", permission=Permission.VISITOR, methods=("POST",))
async def use(visit: Visit) -> Response:
    """Sign in; the link is used up then."""
    if not visit.hall.links:
        return await missing(visit)
    flow = _opened(visit)
    visit.hall.spent.use(flow, at=visit.now)
    await enter(visit, int(str(flow.state["subject"])), "link")
    return visit.go("/home")
