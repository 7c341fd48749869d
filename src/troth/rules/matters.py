"""Matters: what a person is told of what is held of them, wherever it is told.

A person sees each hold: its matter, reason, role, since when and until when. Where a legal ground forbids
to tell them, they see that something is kept for a legal reason, and until when at most; when that is over
they see the rest. This is the one place that decides it: pages, packages, refusals, the library's
`why_kept` and a person's own entries all ask here.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from troth.clock import FOREVER, Instant
from troth.rules.decision import Actor, ActorKind
from troth.rules.standing import Hold, Standing

ACTS = frozenset({"hold", "release"})  # whose lines, and refusals, name somebody and a matter
UNTOLD = "untold:"  # before the ground, where a line names it


@dataclass(frozen=True, slots=True)
class Told:
    """What a person is told of one hold; of one they may not be told of, only until when at most."""

    until: Instant  # `FOREVER`: until somebody ends it
    matter: str = ""
    reason: str = ""
    owner: str = ""  # a role, or `program:NAME`
    since: Instant = 0


def told(holds: Sequence[Hold]) -> tuple[Told, ...]:
    """Return what the person is told of some holds; those that they may not be told of make one, the last."""
    open_ones = tuple(
        Told(hold.until, hold.matter, hold.reason, hold.owner, hold.since)
        for hold in holds
        if not hold.untold
    )
    untold = [hold.until for hold in holds if hold.untold]
    return (*open_ones, Told(max(untold))) if untold else open_ones


def why(holds: Sequence[Hold]) -> str:
    """Return in a word why some holds keep something: `held: REASON`, and `held` where that is not told."""
    reasons = [each.reason for each in told(holds) if each.reason]
    return f"held: {reasons[0]}" if reasons else "held"


def last(holds: Sequence[Hold]) -> Instant:
    """Return until when some holds last at most."""
    return max((hold.until for hold in holds), default=FOREVER)


def hides(standing: Standing, *, case: str | None, reason: str | None, at: Instant, now: Instant) -> bool:
    """Whether an entry of one of `ACTS` is not shown to the person: it is of a matter they may not know.

    The same reference for another reason is another matter. A refusal does not say for which reason it was
    asked (None): it is hidden as well.
    """
    return any(
        h.untold and now < h.until and h.matter == case and reason in (None, h.reason) and at >= h.since
        for h in standing.holds
    )


def owner_of(by: Actor) -> str:
    """Return as which owner somebody places a hold: staff in their role, a program by its name."""
    return by.role or "" if by.kind is ActorKind.STAFF else f"program:{by.name}"
