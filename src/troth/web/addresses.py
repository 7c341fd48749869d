"""Which page an address belongs to: the one that is opened again when somebody comes back to it.

A page that a form was answered with has no address to come back to: what belongs there is the nearest page
above, which is where the form stands.
"""

from urllib.parse import parse_qsl, quote, urlencode

from starlette.requests import Request as HttpRequest
from starlette.routing import Match, Route

_READS = ("GET", "HEAD")


def here(http: HttpRequest) -> str:
    """Return the address to come back to from a page, with its query but for the language chosen there."""
    path: str = http.scope["path"]
    if http.method not in _READS:
        return nearest(http)
    asked = [pair for pair in parse_qsl(http.url.query, keep_blank_values=True) if pair[0] != "language"]
    return quote(path) + (f"?{urlencode(asked)}" if asked else "")


def nearest(http: HttpRequest) -> str:
    """Return the path of the nearest page at or above what was asked for; else the first page."""
    path: str = http.scope["path"]
    while path:
        if any(_is_at(route, path) for route in http.app.router.routes):
            return quote(path)
        path = path.rpartition("/")[0]
    return "/"


def _is_at(route: object, path: str) -> bool:
    """Whether a page can be opened at a path."""
    scope = {"type": "http", "method": "GET", "path": path}
    return isinstance(route, Route) and route.matches(scope)[0] is Match.FULL
