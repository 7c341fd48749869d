"""Calls of agents: who calls, what they signed, and answers as the protocol has them."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from time import monotonic

from starlette.requests import Request as HttpRequest
from starlette.responses import JSONResponse, Response

from troth.custody.demands import agents
from troth.errors import (
    BodyTooLarge,
    CallRefused,
    CallUsed,
    NothingThere,
    TokenRefused,
    TooManyAttempts,
    TrothError,
)
from troth.store.agents import Agent
from troth.web.credentials.limits import network_of
from troth.web.drp.signed import Call, opened
from troth.web.hall import Hall
from troth.web.permission import Permission
from troth.web.problems import status_of

MOST = 64 * 1024  # bytes of a body
PACE = 0.25  # seconds that an answer takes at least: it must not tell by its time whether somebody was found

Endpoint = Callable[[Hall, HttpRequest], Awaitable[Response]]


def business_of(hall: Hall) -> str:
    """Return our id in the directory; raises `NothingThere` where no agents are served."""
    business = hall.settings.server.drp_business if hall.settings.server else ""
    if not business:
        raise NothingThere
    return business


async def body_of(http: HttpRequest) -> bytes:
    """Return what was sent, of whatever type it says to be; raises `BodyTooLarge`."""
    parts, size = [], 0
    async for part in http.stream():
        size += len(part)
        if size > MOST:
            raise BodyTooLarge(limit=MOST)
        parts.append(part)
    return b"".join(parts)


async def bearer(hall: Hall, http: HttpRequest) -> Agent:
    """Return the agent whose token came; raises `TokenRefused`."""
    kind, _, token = http.headers.get("authorization", "").partition(" ")
    if kind.lower() != "bearer" or not 0 < len(token) <= 128 or not token.isascii():
        raise TokenRefused
    found = await hall.teller.alone_soon(lambda desk: agents.of_token(desk, token))
    if found is None:
        raise TokenRefused
    return found


async def signed_by(hall: Hall, http: HttpRequest, agent: Agent) -> Call:
    """Return what an agent signed; raises `CallRefused` and `BodyTooLarge`."""
    body = await body_of(http)
    return opened(body, agent=agent, business=business_of(hall), now=hall.now)


def answering(endpoint: Endpoint, *, paced: bool = False) -> Callable[[HttpRequest], Awaitable[Response]]:
    """Return the endpoint with its limits and errors; one that is `paced` answers no sooner than `PACE`."""

    async def answer(http: HttpRequest) -> Response:
        hall: Hall = http.app.state.hall
        begun = monotonic()
        try:
            business_of(hall)
            limit(hall, http)
            response = await endpoint(hall, http)
        except TrothError as problem:
            response = wrong(problem)
        if paced:
            await asyncio.sleep(max(0.0, begun + PACE - monotonic()))
        response.headers["cache-control"] = "no-store"
        return response

    answer.permission = Permission.AGENT  # type: ignore[attr-defined]
    return answer


def limit(hall: Hall, http: HttpRequest) -> None:
    """Count a call from its place; raises `TooManyAttempts`."""
    place = network_of(str(http.scope["troth.address"]))
    verdict = hall.limits.take("agent", place, at=hall.now)
    if not verdict.allowed:
        raise TooManyAttempts(wait=verdict.wait)


def wrong(problem: TrothError) -> Response:
    """Return an error as the protocol has it: a code as text, and whether to send it again is of no use."""
    own = {TokenRefused: 401, CallRefused: 400}
    status = own.get(type(problem)) or status_of(problem)
    said: dict[str, object] = {"code": str(status), "message": problem.message}
    if isinstance(problem, CallRefused | CallUsed) or 400 <= status <= 422:
        said["fatal"] = True
    headers = {"www-authenticate": "Bearer"} if status == 401 else {}
    if isinstance(problem, TooManyAttempts):
        headers["retry-after"] = str(problem.wait)
        said.pop("fatal", None)
    return JSONResponse(said, status, headers)


def told(status: Mapping[str, str]) -> Response:
    """Return a status object."""
    return Response(json.dumps(dict(status)), 200, media_type="application/json")  # not hashed
