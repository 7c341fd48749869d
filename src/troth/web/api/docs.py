"""What the description of the API says of itself, and of what FastAPI does not know."""

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from troth.web.api import shapes
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
_DESCRIBED_APART = (shapes.Problem, shapes.Offer, shapes.OfferWithFiles)  # which no endpoint of FastAPI's own form names
_NEEDED = frozenset({"Troth-Purpose", "If-Match"})


def describe(app: FastAPI) -> None:
    """Let an application describe itself as it is."""
    app.openapi = lambda: _described(app)  # type: ignore[method-assign]


def _described(app: FastAPI) -> dict[str, Any]:
    if app.openapi_schema is None:
        found = get_openapi(
            title=app.title,
            version=app.version,
            summary=app.summary,
            description=app.description,
            routes=app.routes,
            servers=[{"url": "/"}],
        )
        _complete(found)
        app.openapi_schema = found
    return app.openapi_schema


def _complete(found: dict[str, Any]) -> None:
    components = found.setdefault("components", {})
    components["securitySchemes"] = _SCHEMES
    schemas = components.setdefault("schemas", {})
    for shape in _DESCRIBED_APART:
        schema = shape.model_json_schema(ref_template="#/components/schemas/{model}")
        schemas.update(schema.pop("$defs", {}))
        schemas[shape.__name__] = schema
    components["schemas"] = dict(sorted(schemas.items()))
    for path in found["paths"].values():
        for operation in path.values():
            for parameter in operation.get("parameters", ()):
                if parameter["in"] == "header":
                    parameter["name"] = "-".join(part.capitalize() for part in parameter["name"].split("-"))
                if parameter["name"] in _NEEDED:
                    _needed(parameter)


def _needed(parameter: dict[str, Any]) -> None:
    """Say that a header is needed: what is missing without it, its own problem document tells."""
    parameter["required"] = True
    kinds = [kind for kind in parameter["schema"].pop("anyOf", ()) if kind.get("type") != "null"]
    parameter["schema"].update(*kinds[:1])
