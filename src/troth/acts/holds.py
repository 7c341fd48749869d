"""Hold: stop erasure for as long as a matter lasts; end a hold, move the end of a matter, list matters.

Every job here raises `BadArgument` for what is not of its type.
"""

from collections.abc import Callable

from troth.clock import FOREVER, Instant
from troth.custody.desk import About, Desk
from troth.custody.matters import Foreseen, Retime, Terms, foresee, listed
from troth.custody.rehearsing import rehearsed, retimed
from troth.custody.stand import Stand
from troth.errors import BadArgument, TrothError
from troth.ledger.entry import is_name
from troth.rules import given
from troth.rules.decision import Act, Actor, Request, asker
from troth.store.matters import Matter


def holding(
    *,
    by: Actor,
    about: About,
    matter: str,
    reason: str,
    until: Instant | None = None,
    owner: str = "",
    untold: str = "",
) -> Stand:
    """Hold what is kept in every class whose clause names the reason, for as long as a matter lasts.

    A hold stops erasure and removal; it permits no use. The first for a matter opens it: with `until`, the
    instant at which it ends by itself (microseconds since 1970; None: when somebody ends it), `owner`, the
    role that may end it (the caller's own when left out), and `untold`, the legal ground for not telling
    people of it before it ends (a name, such as `AMLR-73`), which requires an end. For a matter that is open
    they may be left out; others than it has raise `MatterUnlike`.
    """
    terms = Terms(_end(until), given.text("owner", owner), given.text("untold", untold))
    if untold and (not is_name(untold) or len(untold) > 100):
        raise BadArgument(name="untold", wanted="a name of up to 100 letters, digits and `_.:/#-`")
    return Stand(_asked(Act.HOLD, by, matter, reason), given.about(about), terms=terms)


def releasing(*, by: Actor, about: About, matter: str, reason: str) -> Stand:
    """End the hold of a matter on one person; refused to everybody but the owner of the matter."""
    return Stand(_asked(Act.RELEASE, by, matter, reason), given.about(about))


def foreseeing(job: Stand) -> Callable[[Desk], Foreseen | TrothError]:
    """Return the work that says what placing or ending a hold would do; it does nothing."""
    return lambda desk: foresee(desk, job.request, job.about, job.terms)


def retiming(*, by: Actor, matter: str, reason: str, until: Instant | None) -> Retime:
    """Move the end of a matter for everybody; with None it ends now. Refused to everybody but its owner."""
    return Retime(_asked(Act.RETIME, by, matter, reason), _end(until))


def foreseeing_end(job: Retime) -> Callable[[Desk], Foreseen | TrothError]:
    """Return the work that says how a matter would be once its end is moved; it does nothing."""
    return rehearsed(retimed(job))


def listing(*, by: Actor) -> Callable[[Desk], tuple[Matter, ...] | TrothError]:
    """Return the work that lists the open matters for whoever may hold for their reasons."""
    who = asker(by)
    return lambda desk: listed(desk, who)


def _asked(act: Act, by: Actor, matter: str, reason: str) -> Request:
    return Request(act, asker(by), case=given.written("matter", matter), reason=given.text("reason", reason))


def _end(until: Instant | None) -> Instant | None:
    if until is not None and (type(until) is not int or not 0 < until <= FOREVER):
        raise BadArgument(name="until", wanted="an instant, in microseconds since 1970")
    return until
