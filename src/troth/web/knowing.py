"""What pages know of the member who is signed in, read in one transaction and without opening a value."""

from collections.abc import Callable, Iterable
from functools import partial

from troth.clock import DAY, Instant
from troth.custody import knowing
from troth.custody.desk import About, Desk
from troth.custody.hand_out import HandOut
from troth.custody.knowing import Known, know
from troth.ledger.entry import Entry
from troth.web.lexicon import lexicon_of
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


async def permitted(visit: Visit, job: HandOut) -> bool:
    """Whether custody would permit a read now; it is neither made nor remembered."""
    return await visit.hall.teller.alone_soon(
        lambda desk: knowing.permitted(desk, job.request, job.about),
    )


async def unused(visit: Visit, about: About, categories: Iterable[str]) -> tuple[str, ...]:
    """Return, in words, which kinds of data nobody of ours may read, as their person restricted them."""
    some = tuple(categories)
    found = await visit.hall.teller.alone_soon(lambda desk: knowing.unused(desk, about, some))
    lexicon = lexicon_of(visit.hall.agreement)
    return tuple(dict.fromkeys(map(lexicon.category, found)))
