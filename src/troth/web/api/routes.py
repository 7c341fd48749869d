"""Every route of the API, gathered."""

from starlette.routing import BaseRoute

from troth.web.api import (
    agreements,
    casework,
    changing,
    collecting,
    disclosing,
    holding,
    keeping,
    ledger,
    messages,
    reading,
    rights,
    searching,
)

_ROOMS = (
    reading,
    collecting,
    changing,
    searching,
    disclosing,
    messages,
    casework,
    rights,
    keeping,
    holding,
    agreements,
    ledger,
)


def routes() -> tuple[BaseRoute, ...]:
    """Return the routes of the API."""
    return tuple(route for room in _ROOMS for route in room.router.routes)
