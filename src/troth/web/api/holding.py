"""Holds: place one, end it, move or end its matter, see which are open; where a clause names the program."""

from hashlib import sha256
from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from troth.acts import holds
from troth.clock import Instant, instant, iso
from troth.errors import BadTime, BodyUnreadable, TrothError
from troth.ledger.receipt import Receipt
from troth.rules.program_keys import EVERYTHING
from troth.store.matters import Matter
from troth.web.api import bodies, kept_results, results, shapes
from troth.web.api.answers import answer, moment, receipt
from troth.web.api.calls import Acting, Call, Calling
from troth.web.api.casework import Cursor, Limit
from troth.web.api.ids import sealed, unsealed
from troth.web.api.operations import PREFIX, Operation, operation
from troth.web.api.reading import who

router = APIRouter(prefix=PREFIX, route_class=Operation, tags=["holds"])


@operation(router, "POST", "/holds", answers=results.Receipted, takes=(bodies.JSON,))
async def place_hold(call: Acting, asked: shapes.HoldPlaced) -> Response:
    """Hold what is kept of a person: nothing of it is erased or removed for as long as the matter lasts.

    A hold permits no use. The first of a matter opens it; what is left out for the next it has already, and
    other words than it has are a conflict.
    """
    return await _done(
        call,
        holds.holding(
            by=call.by,
            about=who(asked.about),
            matter=asked.matter,
            reason=asked.reason,
            until=None if asked.until is None else _instant(asked.until),
            owner=asked.owner or "",
            untold=asked.untold or "",
        ),
    )


@operation(router, "POST", "/holds/end", answers=results.Receipted, takes=(bodies.JSON,))
async def end_hold(call: Acting, asked: shapes.HoldEnded) -> Response:
    """End the hold of a matter on one person, as its owner; what expired under it goes with a sweep."""
    about = who(asked.about)
    return await _done(
        call, holds.releasing(by=call.by, about=about, matter=asked.matter, reason=asked.reason)
    )


@operation(router, "GET", "/matters", answers=kept_results.Matters)
async def list_matters(call: Calling, cursor: Cursor = None, limit: Limit = 50) -> Response:
    """List the open matters of reasons for which the program may hold, the oldest first; nobody is named."""
    call.on(EVERYTHING)
    about = ("matters", call.key.program)
    after = _after(unsealed(call.hall.key, cursor, *about)) if cursor else (-1, "")
    found = await call.hall.teller.alone_soon(holds.listing(by=call.by))
    if isinstance(found, TrothError):
        raise found
    some = sorted((it for it in found if _place(it) > after), key=_place)
    shown, more = some[:limit], len(some) > limit
    following = sealed(call.hall.key, list(_place(shown[-1])), *about) if more else None
    return answer({"matters": [_shown(it) for it in shown], "next": following})


@operation(router, "POST", "/matters/move", answers=results.Receipted, takes=(bodies.JSON,))
async def move_matter(call: Acting, asked: shapes.MatterMoved) -> Response:
    """Move the end of a matter for everybody whom it holds, as its owner."""
    until = _instant(asked.until)
    return await _done(
        call, holds.retiming(by=call.by, matter=asked.matter, reason=asked.reason, until=until)
    )


@operation(router, "POST", "/matters/end", answers=results.Receipted, takes=(bodies.JSON,))
async def end_matter(call: Acting, asked: shapes.MatterEnded) -> Response:
    """End a matter now for everybody whom it holds, as its owner; a sweep writes each hold's end down."""
    return await _done(call, holds.retiming(by=call.by, matter=asked.matter, reason=asked.reason, until=None))


async def _done(call: Call, job: object) -> Response:
    """Have it done with a key that is for everything: what a matter holds is of many categories."""
    call.on(EVERYTHING)
    found: Receipt = await call.ask(job)
    return answer({"receipt": receipt(found)})


def _instant(text: str) -> Instant:
    try:
        return instant(text)
    except BadTime:
        raise BodyUnreadable(reason="a time in it is none") from None


def _place(it: Matter) -> tuple[Instant, str]:
    """Return where a matter stands in the list; its name, which is long, by its hash."""
    return it.opened_at, sha256(f"{it.matter} {it.reason}".encode("ascii")).hexdigest()


def _after(place: Any) -> tuple[Instant, str]:  # noqa: ANN401 - whatever was sealed
    match place:
        case [int(at), str(name)]:
            return at, name
    raise BodyUnreadable(reason="the cursor is none of this list")


def _shown(it: Matter) -> dict[str, Any]:
    return {
        "matter": it.matter,
        "reason": it.reason,
        "owner": it.owner,
        "opened_at": iso(it.opened_at),
        "ends_at": moment(it.ends_at),
        "untold": it.untold or None,
    }
