"""The application: every face's routes in one place, each with its permission, behind the door."""

from collections.abc import Iterable
from urllib.parse import urlsplit

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request as HttpRequest
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Match, Route

from troth import __version__
from troth.web import addresses
from troth.web.api import docs
from troth.web.api.answers import invalid
from troth.web.api.routes import routes as api
from troth.web.door import Door
from troth.web.drp import routes as drp
from troth.web.forms import Room
from troth.web.hall import Hall
from troth.web.pages import serve
from troth.web.permission import Permission
from troth.web.portal import pages as portal
from troth.web.problems import plain, wants_page
from troth.web.public import pages as public
from troth.web.unexpected import unexpected


def application(hall: Hall) -> Door:
    """Return the ASGI application of a hall; raises `RuntimeError` for a route without a permission."""
    app = FastAPI(
        title="Troth",
        version=__version__,
        summary=docs.SUMMARY,
        description=docs.DESCRIPTION,
        openapi_url="/api/v1/openapi.json",
        docs_url=None,
        redoc_url=None,
        swagger_ui_oauth2_redirect_url=None,
        redirect_slashes=False,
    )
    app.state.hall, app.state.room = hall, Room()
    for route in (*api(), *drp.routes(), *public.routes(), *portal.routes()):
        app.router.routes.append(route)
    docs.describe(app)
    app.add_exception_handler(HTTPException, _no_route)
    app.add_exception_handler(RequestValidationError, _not_as_described)
    app.add_exception_handler(Exception, unexpected)
    undeclared = [route for route in every(app.router.routes) if permission_of(route) is None]
    if undeclared:
        raise RuntimeError(f"routes without a permission: {[getattr(r, 'path', '?') for r in undeclared]}")
    server = hall.settings.server
    return Door(
        app,
        hosts=hosts_of(hall.site.origins[0]),
        proxies=server.proxies if server else (),
        secure=hall.secure,
    )


def hosts_of(origin: str) -> frozenset[str]:
    """Return what a `Host` header may say to mean an origin: a port that goes without saying may be said."""
    parts = urlsplit(origin)
    usual = 443 if parts.scheme == "https" else 80
    return frozenset({parts.netloc, f"{parts.netloc}:{usual}"} if parts.port is None else {parts.netloc})


def every(routes: Iterable[BaseRoute]) -> Iterable[BaseRoute]:
    """Yield the routes that answer requests."""
    return (route for route in routes if isinstance(route, Route) or hasattr(route, "endpoint"))


def permission_of(route: BaseRoute) -> Permission | None:
    """Return the permission that a route declares."""
    if getattr(route, "path", "") == "/api/v1/openapi.json":
        return Permission.PUBLIC
    found = getattr(getattr(route, "endpoint", None), "permission", None)
    return found if isinstance(found, Permission) else None


async def _no_route(http: HttpRequest, problem: Exception) -> Response:
    """Answer what no route answers, in the form that was asked for."""
    assert isinstance(problem, HTTPException)  # noqa: S101 - it is registered for these alone
    status, headers = problem.status_code, dict(problem.headers or {})
    is_page = wants_page(http) and not http.url.path.startswith("/api/")
    if status == 405 and is_page and http.method in ("GET", "HEAD"):  # reloaded after a form, or gone back to
        return RedirectResponse(addresses.nearest(http), 303)
    if status == 405:
        headers["Allow"] = ", ".join(_methods(http))
    said = {404: "there is no such page", 405: "this method is not taken here"}.get(
        status, "it was not understood"
    )
    code = {404: "web.no-route", 405: "web.no-method"}.get(status, "web.not-understood")
    if not is_page or status == 405:
        return plain(status, code, said, headers=headers)
    return await serve(http, public.missing, Permission.VISITOR)


async def _not_as_described(http: HttpRequest, problem: Exception) -> Response:
    """Answer what the API does not describe: where it differs, and nothing of what was sent."""
    _ = http
    assert isinstance(problem, RequestValidationError)  # noqa: S101 - it is registered for these alone
    return invalid(problem.errors())


def _methods(http: HttpRequest) -> list[str]:
    """Return every method that is taken at an address; several routes may share it (RFC 9110, 10.2.1)."""
    here = (
        route for route in every(http.app.router.routes) if route.matches(http.scope)[0] is not Match.NONE
    )
    return sorted({method for route in here for method in getattr(route, "methods", None) or ()})
