"""What pages know of the member who is signed in, read in one transaction and without opening a value."""

from collections.abc import Callable
from functools import partial

from troth.clock import DAY, Instant
from troth.custody.desk import Desk
from troth.custody.knowing import Known, know
from troth.ledger.entry import Entry
from troth.web.visit import Visit

SPAN = 90 * DAY  # of which pictures show what happened


async def known_of(
    visit: Visit,
    *,
    wanted: Callable[[Entry], bool] | None = None,
    before: int | None = None,
    limit: int = 50,
    having: bytes = b"",
    since: Instant = 0,
) -> Known:
    """Return what is known of the member; with entries about them when `wanted` says which."""
    work: Callable[[Desk], Known] = partial(
        know,
        subject=visit.member.subject,
        wanted=wanted,
        before=before,
        limit=limit,
        having=having,
        since=since,
    )
    return await visit.hall.teller.alone_soon(work)
