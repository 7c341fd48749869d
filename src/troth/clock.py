"""The only place that asks what time it is.

Times inside Troth are whole microseconds since 1970-01-01T00:00:00Z, as `int`: they compare, store
and hash the same everywhere. They become ISO 8601 text only in ledger lines and faces.
"""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TypeAlias

from troth.errors import BadTime

Instant: TypeAlias = int
Clock: TypeAlias = Callable[[], Instant]

SECOND = 1_000_000
DAY = 86_400 * SECOND
FOREVER: Instant = 253_402_300_799 * SECOND  # 9999-12-31T23:59:59Z
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_BEGINNING: Instant = -62_135_596_800 * SECOND  # 0001-01-01T00:00:00Z


def now() -> Instant:
    """Return the present as microseconds since the epoch."""
    return time.time_ns() // 1000


def iso(instant: Instant) -> str:
    """Return an instant as ISO 8601 in UTC, to the microsecond where it has any."""
    moment = _EPOCH + timedelta(microseconds=instant)
    return moment.isoformat().replace("+00:00", "Z")


def instant(text: str) -> Instant:
    """Return ISO 8601 text with a zone as an instant; raises `BadTime` without one, or out of range."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise BadTime(text=text) from None
    if moment.tzinfo is None:
        raise BadTime(text=text)
    found = (moment - _EPOCH) // timedelta(microseconds=1)
    if not _BEGINNING <= found <= FOREVER:
        raise BadTime(text=text)
    return found


class Settable:
    """A clock that a test or a rehearsal moves by hand; call it for the present."""

    __slots__ = ("at",)

    def __init__(self, at: Instant) -> None:
        self.at = at

    def __call__(self) -> Instant:
        """Return the present, as it was set."""
        return self.at

    def forward(self, by: int) -> None:
        """Move the present `by` microseconds ahead."""
        self.at += by
