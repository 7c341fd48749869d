"""Usage logs: which page a member opened, told by a script of ours unless the browser asks not to be tracked.

Taken in as the program that the agreement names for it. The time and the browser are what the server sees;
of addresses only the path of a page of ours is kept, without its query and without sealed links.
"""

import json
from typing import Any
from urllib.parse import urlsplit

from starlette.requests import ClientDisconnect
from starlette.requests import Request as HttpRequest
from starlette.responses import Response
from starlette.routing import Route

from troth.acts import collect
from troth.clock import SECOND, iso
from troth.custody.drafts import Offer
from troth.errors import FormUnreadable, TooManyAttempts, TrothError
from troth.rules.decision import program
from troth.rules.rulebook import Intake
from troth.web.accounts import sessions
from troth.web.credentials.limits import network_of
from troth.web.hall import Hall, sign_in_of
from troth.web.pages import MEMBER_COOKIE, Pages
from troth.web.permission import Permission
from troth.web.problems import plain, problem_response

pages = Pages()
MOST = 2_048  # bytes of a report
LONGEST = 48  # letters of a part of a path: one that is longer is a sealed link, and no page's name
_SENT = {"time", "page", "came_from", "language"}  # by the script


async def usage(http: HttpRequest) -> Response:
    """Take one report; nothing is kept without a session, or when the browser asks not to be tracked."""
    hall: Hall = http.app.state.hall
    rule = sign_in_of(hall.house)
    intake = _intake(hall)
    if rule is None or intake is None or "1" in http.headers.getlist("sec-gpc"):
        return Response(status_code=204)
    if http.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        return plain(403, "web.form-refused", "a report comes from a page of ours")
    token, network = http.cookies.get(MEMBER_COOKIE, ""), network_of(str(http.scope["troth.address"]))
    try:
        known = token and await sessions.resume(
            hall.teller, hall.sign_ins, rule, token, limits=hall.limits, network=network, at=hall.now
        )
    except TooManyAttempts as problem:
        return _too_many(problem.wait)
    if not known:
        return Response(status_code=204)
    verdict = hall.limits.take("usage", network, at=hall.now)
    if not verdict.allowed:
        return _too_many(verdict.wait)
    try:
        offer, sound = _offer(hall, intake, known.subject, await _read(http), http)
        if sound:
            hall.gathered.put(hall.teller, offer)
            return Response(status_code=204)
        (refused,) = await hall.teller.ask_soon(collect.taking([offer]))
    except TrothError as problem:
        return problem_response(problem)
    return problem_response(refused) if isinstance(refused, TrothError) else Response(status_code=204)


def _too_many(wait: int) -> Response:
    return plain(429, "web.too-many-attempts", "too many reports", headers={"Retry-After": f"{wait}"})


def _intake(hall: Hall) -> Intake | None:
    """Return how pages that members open are taken in, by some program."""
    rule = sign_in_of(hall.house)
    some = hall.house.book.intakes.items()
    return next(
        (i for (name, _), i in some if rule is not None and name == rule.usage and i.rule.by.programs), None
    )


async def _read(http: HttpRequest) -> dict[str, Any]:
    """Return a report; raises `FormUnreadable` for what is none, or too large."""
    body = b""
    try:
        async for chunk in http.stream():
            body += chunk
            if len(body) > MOST:
                raise FormUnreadable(reason=f"it is larger than {MOST} bytes")
        found = json.loads(body)
    except ClientDisconnect:
        raise FormUnreadable(reason="the connection broke off") from None
    except (ValueError, RecursionError):
        raise FormUnreadable(reason="it is no JSON") from None
    if not isinstance(found, dict):
        raise FormUnreadable(reason="it is no object")
    return found


def _offer(
    hall: Hall, intake: Intake, subject: int, told: dict[str, Any], http: HttpRequest
) -> tuple[Offer, bool]:
    """Return what is taken in of a report, and whether all of it is as it must be.

    What a browser need not tell is left out where it is not of its type. Raises `FormUnreadable`.
    """
    page = _ours(hall, told.get("page"))
    if page is None:
        raise FormUnreadable(reason="it names no page of ours")
    spare = {
        "browser": http.headers.get("user-agent", ""),
        "language": told.get("language"),
        "came_from": _ours(hall, told.get("came_from")),
    }
    values: dict[str, Any] = {n: v for n, v in spare.items() if sessions.fits(intake, n, v)}
    now = hall.now
    values |= {"time": iso(now - now % SECOND), "page": page}
    strange = {name: str(value) for name, value in told.items() if name not in _SENT}
    offer = collect.offering(
        by=program(min(intake.rule.by.programs)),
        about=subject,
        category=intake.rule.category,
        when=intake.rule.circumstances[0],
        values=values | strange,
    )
    return offer, not strange and sessions.fits(intake, "page", page)


def _ours(hall: Hall, address: object) -> str | None:
    """Return the address of a page of ours, without query and without what a sealed link holds."""
    if not isinstance(address, str):
        return None
    try:
        parts = urlsplit(address)
    except ValueError:
        return None
    if f"{parts.scheme}://{parts.netloc}" not in hall.site.origins:
        return None
    path: list[str] = []
    for each in parts.path.split("/"):
        if len(each) > LONGEST:
            break
        path.append(each)
    return f"{parts.scheme}://{parts.netloc}{'/'.join(path)}"


usage.permission, usage.path = Permission.VISITOR, "/usage"  # type: ignore[attr-defined]
pages.routes.append(Route("/usage", usage, methods=["POST"], name="usage.usage"))
