"""Addresses that machines know: how each clause stands, where passkeys are made, whom to tell of a hole.

The document `troth.json` is described by a JSON Schema at `/schemas/troth.json`. security.txt is RFC 9116,
change-password and passkey-endpoints are of the W3C, gpc.json is of Global Privacy Control.
"""

from typing import Any

from starlette.responses import JSONResponse, RedirectResponse, Response

from troth.clock import DAY, iso
from troth.evidence.status import Status
from troth.store import entries
from troth.terms.agreement import Contact
from troth.web.hall import Hall
from troth.web.pages import Pages
from troth.web.permission import Permission
from troth.web.public import clauses
from troth.web.visit import Visit

pages = Pages()
LASTS = 180 * DAY  # of what security.txt says; RFC 9116 recommends less than a year
OPEN = {  # for programs of anybody, on any site: nothing in it is about anybody
    "access-control-allow-origin": "*",
    "cross-origin-resource-policy": "cross-origin",
    "cache-control": "public, max-age=60",
}
_TEXT: dict[str, Any] = {"type": "string"}
_TIME: dict[str, Any] = {"type": "string", "format": "date-time"}
_WORD: dict[str, Any] = {"enum": [*(word.value for word in Status), None]}
SCHEMA: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "How the clauses of a privacy agreement stand",
    "type": "object",
    "required": ["agreement", "version", "hash", "effective", "checked", "fresh", "clauses", "ledger"],
    "properties": {
        "agreement": _TEXT,
        "title": _TEXT,
        "organisation": _TEXT,
        "language": _TEXT,
        "version": {"type": "integer", "minimum": 1},
        "hash": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
        "effective": _TIME,
        "source": {"type": "string", "format": "uri"},
        "checked": {"anyOf": [_TIME, {"type": "null"}]},
        "fresh": {"type": "boolean"},
        "ledger_fault": {"type": ["string", "null"]},
        "clauses": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["id", "number", "status", "since"],
                "properties": {
                    "id": _TEXT,
                    "number": _TEXT,
                    "title": _TEXT,
                    "status": _WORD,
                    "since": {"anyOf": [_TIME, {"type": "null"}]},
                },
            },
        },
        "ledger": {
            "type": "object",
            "required": ["url", "verifier_key", "checkpoint"],
            "properties": {
                "url": {"type": "string", "format": "uri"},
                "verifier_key": _TEXT,
                "checkpoint": {"type": ["string", "null"]},
            },
        },
    },
}


@pages.page("/.well-known/troth.json", permission=Permission.PUBLIC)
async def troth(visit: Visit) -> Response:
    """Say how each clause stands, and what proves it."""
    hall, site = visit.hall, visit.hall.site.origins[0]
    promised, watch = hall.agreement, hall.watch
    report = clauses.report_of(promised, watch)
    found = await hall.teller.alone_soon(lambda desk: entries.last_checkpoint(desk.unit))
    document = {
        "$schema": f"{site}/schemas/troth.json",
        "agreement": promised.name,
        "title": promised.title,
        "organisation": promised.organisation.name,
        "language": promised.language,
        "version": promised.version,
        "hash": promised.hash,
        "effective": iso(promised.effective),
        "source": f"{site}/agreement/versions/{promised.version}/agreement.md",
        "checked": iso(report.at) if report else None,
        "fresh": watch.is_fresh(visit.now),
        "ledger_fault": (report.ledger_fault or None) if report else None,
        "clauses": [
            {
                "id": each.id,
                "number": each.number,
                "title": each.title,
                "status": each.word or None,
                "since": iso(each.since) if each.since is not None and each.word else None,
            }
            for each in clauses.shown(promised, watch, visit.now)
        ],
        "ledger": {
            "url": f"{site}/ledger/",
            "verifier_key": hall.house.signer.verifier.vkey,
            "checkpoint": str(found[1]) if found else None,
        },
    }
    return JSONResponse(document, headers=OPEN)


@pages.page("/schemas/troth.json", permission=Permission.PUBLIC)
async def schema(visit: Visit) -> Response:
    """Give the schema of `troth.json`."""
    named = {**SCHEMA, "$id": f"{visit.hall.site.origins[0]}/schemas/troth.json"}
    return JSONResponse(named, headers=OPEN, media_type="application/schema+json")


@pages.page("/.well-known/gpc.json", permission=Permission.PUBLIC)
async def gpc(visit: Visit) -> Response:
    """Say that `Sec-GPC` is honoured, since the agreement in force took effect."""
    effective = iso(visit.hall.agreement.effective).partition("T")[0]
    return JSONResponse({"gpc": True, "lastUpdate": effective}, headers=OPEN)


@pages.page("/.well-known/change-password", permission=Permission.PUBLIC)
async def change_password(visit: Visit) -> Response:
    """Lead a password keeper to where a password is changed."""
    _ = visit
    return RedirectResponse("/security", 302)


@pages.page("/.well-known/passkey-endpoints", permission=Permission.PUBLIC)
async def passkey_endpoints(visit: Visit) -> Response:
    """Say where passkeys are made and kept in order."""
    site = visit.hall.site.origins[0]
    found = {"enroll": f"{site}/security/passkeys", "manage": f"{site}/security"}
    return JSONResponse(found, headers=OPEN)


@pages.page("/.well-known/security.txt", permission=Permission.PUBLIC)
async def security(visit: Visit) -> Response:
    """Say whom to tell of a hole in it (RFC 9116)."""
    site = visit.hall.site.origins[0]
    now = visit.now
    until = now - now % DAY + LASTS
    lines = (
        f"Contact: {contact_of(visit.hall)}",
        f"Expires: {iso(until)}",
        f"Preferred-Languages: {visit.hall.agreement.language}",
        f"Canonical: {site}/.well-known/security.txt",
    )
    return Response("\n".join(lines) + "\n", media_type="text/plain; charset=utf-8")


def contact_of(hall: Hall) -> str:
    """Return whom to tell, as a URI: what the settings say, else the agreement's own address for mail."""
    server = hall.settings.server
    if server and server.security_contact:
        return server.security_contact
    routes = [to for _, rule in hall.agreement.rules() if isinstance(rule, Contact) for _, to in rule.routes]
    mail = next((to for to in routes if "@" in to and " " not in to), hall.agreement.organisation.contact)
    return f"mailto:{mail}" if "@" in mail else mail
