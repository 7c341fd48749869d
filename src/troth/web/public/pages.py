"""Every public page, gathered; with static files and the states that an operator asks for."""

from importlib import import_module

from starlette.requests import Request as HttpRequest
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from troth.errors import TrothError
from troth.web.assets import PREFIX
from troth.web.frames import Told
from troth.web.hall import Hall
from troth.web.pages import Pages
from troth.web.permission import Permission
from troth.web.problems import plain
from troth.web.public import arrivals
from troth.web.visit import Visit

_ROOMS: tuple[str, ...] = (
    "agreement",
    "machines",
    "ledger",
    "contact",
    "returning",
    "unsubscribe",
    "without_account",
    "by_link",
    "agent_proofs",
)
pages = Pages()


@pages.page("/", permission=Permission.VISITOR)
async def first(visit: Visit) -> Response:
    """The first page."""
    if visit.signed_in:
        return visit.go("/home")
    return visit.page("public/first.html", visit.words("Welcome"))


async def missing(visit: Visit) -> Response:
    """What stands where nothing is."""
    told = Told(404, (visit.words("There is no such page."),), (), "", (), None, refused=False)
    return visit.page("problem.html", visit.words("There is nothing here"), 404, problem=told)


async def static(http: HttpRequest) -> Response:
    """Give a static file at its hashed address, to be kept for ever."""
    hall: Hall = http.app.state.hall
    asset = hall.rendering.assets.at(http.url.path)
    if asset is None:
        return plain(404, "web.no-route", "there is no such file")
    headers = {"cache-control": "public, max-age=31536000, immutable", "vary": "accept-encoding"}
    if "gzip" in http.headers.get("accept-encoding", ""):
        headers["content-encoding"] = "gzip"
        return Response(asset.zipped, headers=headers, media_type=asset.media_type)
    return Response(asset.content, headers=headers, media_type=asset.media_type)


async def health(http: HttpRequest) -> Response:
    """Say that the process answers."""
    _ = http
    return JSONResponse({"status": "ok"})


async def ready(http: HttpRequest) -> Response:
    """Say whether it can serve: the store answers, and it is not about to stop.

    No count is in it: who sees the ledger or the letters grow by one learns whether somebody is a member.
    """
    hall: Hall = http.app.state.hall
    if hall.stopping:
        return plain(503, "web.stopping", "the server is about to stop")
    try:
        await hall.teller.alone_soon(lambda desk: desk.unit.size)
    except TrothError as problem:
        return plain(503, problem.code, "the store does not answer")
    return JSONResponse({"status": "ready"})


for _endpoint, _path in ((static, PREFIX), (health, "/health"), (ready, "/ready")):
    _endpoint.permission, _endpoint.path = Permission.PUBLIC, _path  # type: ignore[attr-defined]


def routes() -> tuple[Route, ...]:
    """Return the public routes."""
    rooms = (import_module(f"troth.web.public.{room}") for room in _ROOMS)
    return (
        Route("/health", health, name="health"),
        Route("/ready", ready, name="ready"),
        Route(PREFIX + "/{digest}/{path:path}", static, name="static"),
        arrivals.route(),
        *pages.routes,
        *(route for room in rooms for route in room.pages.routes),
    )
