"""Pace: how long what is over may wait for company, so that it still goes within what was promised."""

from troth.clock import DAY, Instant
from troth.custody.desk import Desk
from troth.store import registry

SWEPT_AT, GAP = "swept_at", "sweep_gap"  # settings: when the last sweep began, and how long after another
_SOONEST = DAY // 24


def gap_now(desk: Desk) -> Instant:
    """Return the time between two sweeps as one that began now would find it; 0: it would be the first."""
    last = registry.number(desk.unit, SWEPT_AT)
    return max(1, desk.now - last) if last else 0


def leeway(desk: Desk, promised: Instant, gap: Instant | None = None) -> Instant:
    """Return how long what is over may wait: what was promised, less twice the time between two sweeps.

    That is the one between the last two, unless `gap` says otherwise. Less than 0: nothing may wait.
    """
    gap = registry.number(desk.unit, GAP) if gap is None else gap
    return promised - 2 * max(gap, _SOONEST) if gap else -1
