"""Moving: bring data along from another provider, or have it sent straight to one; each step confirmed."""

import asyncio
from collections.abc import Callable
from functools import partial
from typing import TypeVar
from urllib.parse import urlsplit

from starlette.responses import Response

from troth.acts import arrivals, packages, transfers
from troth.custody.packages.arriving import Awaited, taken_here
from troth.errors import PackageGone, TooManyAttempts
from troth.gates import transfer
from troth.gates.addresses import is_loopback
from troth.gates.transfer import Place
from troth.web import belongings
from troth.web.behind import WAIT
from troth.web.lexicon import lexicon_of
from troth.web.pages import Pages
from troth.web.permission import Permission
from troth.web.public.arrivals import PATH
from troth.web.visit import Visit

T = TypeVar("T")
pages = Pages()
_OUT = asyncio.Semaphore(
    3
)  # that go out at the same time: each keeps a thread, as long as the other side likes
LONGEST = 500  # characters of an address


@pages.page("/move", permission=Permission.MEMBER)
async def moves(visit: Visit) -> Response:
    """Show what came and waits, and how to let something come or have something sent."""
    return await _shown(visit)


async def _shown(visit: Visit, *, awaited: Awaited | None = None) -> Response:
    teller, subject = visit.hall.teller, visit.member.subject
    lexicon = lexicon_of(visit.hall.agreement)
    here = await asyncio.to_thread(arrivals.arrivals_of, teller, subject)
    made = await packages.packages_soon(teller, subject)
    reviewed = []
    for each in here:
        if each.state == "here":
            said = await asyncio.to_thread(partial(arrivals.review, teller, about=subject, arrival=each.id))
            kinds = [(lexicon.category(c), one["offered"], bool(one["clause"])) for c, one in said.items()]
            reviewed.append((each, kinds))
    return visit.page(
        "portal/move.html",
        visit.words("Move your data"),
        address=visit.hall.site.origins[0] + PATH.format(code=awaited.code) if awaited else "",
        until=awaited.ends_at if awaited else 0,
        takes=[lexicon.category(category) for category in taken_here(visit.hall.house)],
        here=reviewed,
        done=[_told(visit, each.outcome) for each in reversed(here) if each.state == "taken"][:3],
        ready=[each for each in made if each.state == "ready" and each.right == "port"],
        lang=visit.hall.agreement.language,
    )


def _told(visit: Visit, outcome: object) -> list[tuple[str, int, int]]:
    """Return (kind, records taken in, records not) of an arrival."""
    lexicon = lexicon_of(visit.hall.agreement)
    found = outcome.get("categories", {}) if isinstance(outcome, dict) else {}
    return [
        (lexicon.category(category), each["taken"], each["offered"] - each["taken"])
        for category, each in found.items()
    ]


@pages.page("/move/expect", permission=Permission.MEMBER, methods=("POST",))
async def expect(visit: Visit) -> Response:
    """Let a package come within the hour, and show its address, once."""
    visit.limit("copy")
    if _unsure(visit):
        return visit.go("/confirm?back=/move")
    work = partial(arrivals.expecting, visit.hall.teller, by=visit.by, about=visit.member.subject)
    return await _shown(visit, awaited=await asyncio.to_thread(work))


@pages.page("/move/take", permission=Permission.MEMBER, methods=("POST",))
async def take(visit: Visit) -> Response:
    """Take in what a clause takes of what came."""
    if _unsure(visit):
        return visit.go("/confirm?back=/move")
    work = partial(
        arrivals.taking_in, visit.hall.teller, by=visit.by, about=visit.member.subject,
        arrival=belongings.record_of(visit.form.get("arrival", "")),
    )  # fmt: skip
    await asyncio.to_thread(work)
    return visit.go("/move")


@pages.page("/move/refuse", permission=Permission.MEMBER, methods=("POST",))
async def refuse(visit: Visit) -> Response:
    """Destroy what came."""
    work = partial(
        arrivals.turning_away, visit.hall.teller, by=visit.by, about=visit.member.subject,
        arrival=belongings.record_of(visit.form.get("arrival", "")),
    )  # fmt: skip
    await asyncio.to_thread(work)
    return visit.go("/move")


@pages.page("/move/ask", permission=Permission.MEMBER, methods=("POST",))
async def ask(visit: Visit) -> Response:
    """Ask who is at an address, and show it before anything is sent."""
    visit.limit("copy")
    if _unsure(visit):
        return visit.go("/confirm?back=/move")
    address = visit.form.get("address", "").strip()[:LONGEST]
    place = await _out(partial(transfer.place_at, address, here=_is_here(visit)))
    return visit.page(
        "portal/move_send.html",
        visit.words("Send to another provider"),
        address=address,
        place=place,
        package=visit.form.get("package", ""),
    )


@pages.page("/move/send", permission=Permission.MEMBER, methods=("POST",))
async def send(visit: Visit) -> Response:
    """Send a package that is ready to whom the member confirmed; the receipt is shown and kept."""
    visit.limit("copy")
    wanted = belongings.record_of(visit.form.get("package", ""))
    if not wanted:
        raise PackageGone
    work = partial(
        transfers.sent, visit.hall.teller, wanted, by=visit.by, about=visit.member.subject,
        address=visit.form.get("address", "").strip()[:LONGEST],
        place=Place(visit.form.get("organisation", ""), visit.form.get("vkey", "")), here=_is_here(visit),
    )  # fmt: skip
    receipt = await _out(work)
    return visit.page(
        "portal/move_sent.html", visit.words("Your data was sent"), receipt=receipt,
        organisation=visit.form.get("organisation", ""),
    )  # fmt: skip


def _is_here(visit: Visit) -> bool:
    """Whether these pages are served to this machine alone: then it has no network to be kept out of."""
    return all(is_loopback(urlsplit(origin).hostname or "") for origin in visit.hall.site.origins)


async def _out(work: Callable[[], T]) -> T:
    """Do what waits for another provider; who comes when as many do is asked to come again."""
    if _OUT.locked():
        raise TooManyAttempts(wait=WAIT)
    async with _OUT:
        return await asyncio.to_thread(work)


def _unsure(visit: Visit) -> bool:
    """Whether it has to be confirmed first who asks, as for every package."""
    return visit.member.assurance(visit.now) == "signed_in"
