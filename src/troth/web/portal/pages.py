"""Every page of the portal, gathered."""

from starlette.routing import Route

from troth.web.portal import (
    accepted,
    choices,
    confirm,
    copying,
    correcting,
    factor,
    giving,
    home,
    identifiers,
    later,
    leave,
    links,
    look,
    messages,
    mine,
    moving,
    passkeys,
    password,
    places,
    proofs,
    register,
    requests,
    security,
    seen,
    sign_in,
    support,
    usage,
    verification,
    when,
)

_ROOMS = (
    register,
    sign_in,
    confirm,
    links,
    look,
    home,
    choices,
    identifiers,
    correcting,
    mine,
    places,
    when,
    proofs,
    seen,
    security,
    passkeys,
    password,
    factor,
    giving,
    verification,
    support,
    usage,
    messages,
    accepted,
    requests,
    leave,
    later,
    copying,
    moving,
)


def routes() -> tuple[Route, ...]:
    """Return the routes of the portal."""
    return tuple(route for room in _ROOMS for route in room.pages.routes)
