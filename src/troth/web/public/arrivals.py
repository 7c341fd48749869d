"""Arrivals: the address at which another provider brings a package that a member lets come here.

Whoever has the code may ask who is here, and bring one package; nothing about the member is told.
"""

import asyncio
from base64 import b64decode, b64encode
from hashlib import sha256

from starlette.requests import ClientDisconnect
from starlette.requests import Request as HttpRequest
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from troth.acts.arrivals import LARGEST, Reception
from troth.custody.packages.arriving import taken_here
from troth.errors import BlobTooLarge, PackageFaulty, TrothError
from troth.gates.transfer import FORMAT, SIGNATURE
from troth.web.credentials.limits import network_of
from troth.web.hall import Hall
from troth.web.permission import Permission
from troth.web.problems import plain, status_of

PATH = "/api/v1/arrivals/{code}"
_LONGEST = 8_192  # characters of a signature
_AT_ONCE = asyncio.Semaphore(4)  # packages that come at the same time


async def arrival(http: HttpRequest) -> Response:
    """Say who is here (GET), or take one package in (PUT) and answer with its receipt."""
    hall: Hall = http.app.state.hall
    verdict = hall.limits.take("arrival", network_of(str(http.scope["troth.address"])), at=hall.now)
    if not verdict.allowed:
        return plain(429, "web.too-many", "there were too many attempts")
    if http.method != "PUT":
        return JSONResponse(
            {
                "format": FORMAT,
                "organisation": hall.agreement.organisation.name,
                "vkey": hall.house.signer.verifier.vkey,
                "takes": list(taken_here(hall.house)),
            },
            headers={"cache-control": "no-store"},
        )
    try:
        async with _AT_ONCE:
            receipt = await _received(hall, http)
    except ClientDisconnect:
        return plain(400, "package.cut-off", "the package broke off")
    except TrothError as problem:
        return plain(status_of(problem), problem.code, problem.message)
    return PlainTextResponse(receipt.decode("utf-8"), 201, headers={"cache-control": "no-store"})


async def _received(hall: Hall, http: HttpRequest) -> bytes:
    said = http.headers.get("content-length", "")
    if said.isascii() and said.isdecimal() and int(said) > LARGEST:
        raise BlobTooLarge(limit=LARGEST)
    signature, digest = _signature(http.headers.get(SIGNATURE, "")), sha256()
    code = http.path_params["code"]
    reception = await asyncio.to_thread(Reception, hall.teller, code, signature)
    try:
        async for chunk in http.stream():
            digest.update(chunk)
            await asyncio.to_thread(reception.write, chunk)
        if http.headers.get("content-digest", "") != _digest(digest.digest()):
            raise PackageFaulty(fault="hash")
    except BaseException:
        await asyncio.to_thread(reception.stop)
        raise
    return await asyncio.to_thread(reception.finish)


def _digest(digest: bytes) -> str:
    return f"sha-256=:{b64encode(digest).decode('ascii')}:"


def _signature(said: str) -> bytes:
    try:
        if not said or len(said) > _LONGEST:
            raise ValueError
        return b64decode(said, validate=True)
    except ValueError:
        raise PackageFaulty(fault="signature") from None


def route() -> Route:
    """Return the route."""
    arrival.permission = Permission.PUBLIC  # type: ignore[attr-defined]
    return Route(PATH, arrival, methods=["GET", "PUT"], name="arrivals.arrival")
