"""Every page of the portal, gathered."""

from importlib import import_module

from starlette.routing import Route

_ROOMS = (
    "register",
    "sign_in",
    "confirm",
    "links",
    "look",
    "home",
    "choices",
    "identifiers",
    "correcting",
    "mine",
    "places",
    "when",
    "proofs",
    "seen",
    "security",
    "passkeys",
    "password",
    "factor",
    "giving",
    "verification",
    "support",
    "usage",
    "messages",
    "accepted",
    "requests",
    "leave",
    "copying",
)


def routes() -> tuple[Route, ...]:
    """Return the routes of the portal."""
    rooms = (import_module(f"troth.web.portal.{room}") for room in _ROOMS)
    return tuple(route for room in rooms for route in room.pages.routes)
