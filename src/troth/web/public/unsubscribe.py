"""Unsubscribe with one click (RFC 8058): the token in the address is all it takes; GET changes nothing.

No cookie is read or set and nobody signs in. Programs of mail providers send the form without any mark of
ours: so it is taken from anywhere, as the token can do nothing but stop what its person may stop.
"""

import asyncio
from functools import partial

from starlette.requests import Request as HttpRequest
from starlette.responses import Response
from starlette.routing import Route

from troth.acts import channels
from troth.errors import BodyTooLarge, NothingThere, TrothError
from troth.web import frames
from troth.web.credentials.limits import network_of
from troth.web.forms import read_form
from troth.web.hall import Hall
from troth.web.pages import Pages, visit_of
from troth.web.permission import Permission
from troth.web.problems import plain, problem_response, status_of
from troth.web.public.pages import missing
from troth.web.visit import Visit

pages = Pages()
PATH = "/u/{token}"
MOST = 16 * 1024  # bytes of a form
FIELD, SAID = "List-Unsubscribe", "One-Click"


@pages.page(PATH, permission=Permission.PUBLIC)
async def ask(visit: Visit) -> Response:
    """Ask for the press; whoever only looks, such as a scanner of links, changes nothing."""
    return _page(visit, done=False)


def _page(visit: Visit, *, done: bool) -> Response:
    title = visit.words("They are ended") if done else visit.words("End these messages")
    return visit.page("public/unsubscribe.html", title, 200, title=title, done=done, field=FIELD, said=SAID)


async def end(http: HttpRequest) -> Response:
    """Stop it at once: one answer, whether somebody is still there or not; never a redirect."""
    hall: Hall = http.app.state.hall
    network, token = network_of(str(http.scope["troth.address"])), http.path_params["token"]
    visit = visit_of(http, Permission.PUBLIC)
    try:
        said = await _said(http)
        if said != SAID:
            return _page(visit, done=False)
        # Providers send many from few places: each token counts for itself, and strange ones by their place.
        named = hall.key.digest("troth.unsubscribe", token).hex()
        verdict = hall.limits.take("unsubscribe", named, at=hall.now)
        if verdict.allowed:
            await asyncio.to_thread(partial(channels.ending, hall.teller, token=token))
    except NothingThere:
        strange = hall.limits.take("unsubscribe", network, at=hall.now)
        return await missing(visit) if strange.allowed else _too_many(strange.wait)
    except BodyTooLarge as problem:
        return problem_response(problem)
    except TrothError as problem:
        status = status_of(problem)
        told = frames.told(visit, problem, status)
        return visit.page("problem.html", frames.title_of(visit, problem, status), status, problem=told)
    return _too_many(verdict.wait) if not verdict.allowed else _page(visit, done=True)


async def _said(http: HttpRequest) -> str:
    """Return what the form says; raises `FormUnreadable` and `BodyTooLarge`."""
    had = 0

    def take(count: int) -> None:
        nonlocal had
        had += count
        if had > MOST:
            raise BodyTooLarge(limit=MOST)

    fields, files = await read_form(http, take)
    for upload in files.values():
        await upload.close()
    return fields.get(FIELD, "")


def _too_many(wait: int) -> Response:
    return plain(429, "web.too-many-attempts", "too many attempts", headers={"Retry-After": f"{wait}"})


end.permission, end.path = Permission.PUBLIC, PATH  # type: ignore[attr-defined]
pages.routes.append(Route(PATH, end, methods=["POST"], name="unsubscribe.end"))
