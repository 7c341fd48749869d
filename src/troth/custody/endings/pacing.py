"""Pace: how long what is over may wait for company, so that it still goes within what was promised."""

from troth.clock import DAY, Instant
from troth.custody.desk import Desk
from troth.store import registry

SWEPT_AT, GAP = "swept_at", "sweep_gap"  # settings: when the last sweep began, and how long after another
_SOONEST = DAY // 24


def leeway(desk: Desk, promised: Instant) -> Instant:
    """Return how long what is over may wait: what was promised, less twice the time between two sweeps.

    Less than 0: nothing may wait.
    """
    gap = registry.number(desk.unit, GAP)
    return promised - 2 * max(gap, _SOONEST) if gap else -1
