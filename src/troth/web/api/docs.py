"""What the description of the API says of itself, and of what FastAPI does not know."""

from collections.abc import Sequence
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from starlette.routing import BaseRoute

from troth import __version__
from troth.web.api import results, shapes
from troth.web.api.operations import SCHEME

SUMMARY = "A privacy agreement that executes."
DESCRIPTION = """
Every act on personal data names its purpose, is decided by the agreement, and is remembered before it is
answered. A refusal is a problem document (RFC 9457) that names the clauses, the reasons and the way on.

* **Keys.** `troth key make` prints a service key (program key) once. It belongs to one program of the
  agreement, serves the purposes it was made for, and is limited in rate. Several keys of a program may be
  valid at once: make the next, use it, end the one before.
* **Purpose.** `Troth-Purpose` says what a read, a search or a disclosure is for; `Troth-Case` and
  `Troth-Reason` are sent where a clause asks for them.
* **Names.** People, records and cases have opaque ids. An e-mail address or phone number stands in a body,
  never in an address.
* **Once.** An act sent again with the same `Idempotency-Key` within a day is done once, and answered alike.
* **Nothing is passed over.** A parameter that there is not, or a parameter or header given twice, is refused.
* **Versions.** `If-Match` names an `ETag` in a change, `If-None-Match` in a read: 304 where it is the same.
* **Lists** have a stable order and an opaque cursor, and no totals.
* **Times** are RFC 3339 in UTC.
""".strip()
_SCHEMES = {
    SCHEME: {
        "type": "http",
        "scheme": "bearer",
        "description": "A service key (program key), as `troth key make` printed it.",
    }
}
_APART = (results.Problem, shapes.Offer, shapes.OfferWithFiles)  # which FastAPI meets at no endpoint
_NEEDED = frozenset({"Troth-Purpose", "If-Match"})  # what is missing without them, a problem tells


def describe(app: FastAPI) -> None:
    """Let an application describe itself as it is."""
    app.openapi = lambda: _described(app)  # type: ignore[method-assign]


def _described(app: FastAPI) -> dict[str, Any]:
    if app.openapi_schema is None:
        app.openapi_schema = description(app.routes)
    return app.openapi_schema


def description(routes: Sequence[BaseRoute]) -> dict[str, Any]:
    """Return the description of the API (OpenAPI 3.1)."""
    found = get_openapi(
        title="Troth",
        version=__version__,
        summary=SUMMARY,
        description=DESCRIPTION,
        routes=routes,
        servers=[{"url": "/"}],
    )
    components = found.setdefault("components", {})
    components["securitySchemes"] = _SCHEMES
    schemas = components.setdefault("schemas", {})
    for shape in _APART:
        schema = shape.model_json_schema(ref_template="#/components/schemas/{model}")
        schemas.update(schema.pop("$defs", {}))
        schemas[shape.__name__] = schema
    components["schemas"] = dict(sorted(schemas.items()))
    for path in found["paths"].values():
        for operation in path.values():
            for parameter in operation.get("parameters", ()):
                _complete(parameter)
    return found


def _complete(parameter: dict[str, Any]) -> None:
    """Write a parameter as it travels: headers in their usual letters, and nothing is null."""
    if parameter["in"] == "header":
        parameter["name"] = "-".join(part.capitalize() for part in parameter["name"].split("-"))
    if parameter["name"] in _NEEDED:
        parameter["required"] = True
    schema = parameter["schema"]
    kinds = [kind for kind in schema.pop("anyOf", ()) if kind.get("type") != "null"]
    schema.update(*kinds[:1])
    schema.pop("title", None)
    schema.pop("description", None)
