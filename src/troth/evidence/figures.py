"""Public numbers of a ledger: what was demanded, what was done, by quarter, so that nobody is found by them.

A number is told as five steps wide: its lower end, a multiple of five, and nothing below five. So no sum or
difference of what is told narrows down what is not. Demands are counted by the quarter in which they were
received, as they stood at the end of the quarter after it; deeds by the quarter in which they were done. A
number is told once its quarter is over for a day, and never changes then. Nothing is summed over rights.
"""

from collections import Counter
from dataclasses import dataclass, field
from statistics import median_low

from troth.clock import DAY, Instant, instant, iso
from troth.ledger.entry import Entry
from troth.rules.rights_cases import PARTIAL, Event
from troth.terms.vocabulary import RightName

STEP = 5
SETTLED = DAY  # after a quarter: a clock that went back a little adds nothing to it any more
SHOWN = 8  # quarters
COMPLIED, PARTLY, REFUSED, TAKEN_BACK = "complied", "partly", "refused", "taken-back"
_FILED = "right.filed"
_ENDS = {Event.REFUSED.value: REFUSED, Event.CANCELLED.value: TAKEN_BACK}


@dataclass(frozen=True, slots=True)
class Asked:
    """What is told of one right in one quarter: lower ends of steps, None for fewer than five."""

    right: str
    received: int | None
    complied: int | None
    partly: int | None
    refused: int | None
    days: int | None  # the median until it ended; None unless one of the three is told


@dataclass(frozen=True, slots=True)
class Quarter:
    """What is told of a calendar quarter (UTC)."""

    begins: Instant
    asked: tuple[Asked, ...] = ()
    deeds: tuple[tuple[str, int | None], ...] = ()  # by kind of line


@dataclass(slots=True)
class _Cell:
    received: int = 0
    ended: Counter[str] = field(default_factory=Counter)
    days: Counter[int] = field(default_factory=Counter)


class Figures:
    """Counts the lines of a ledger, one after the other."""

    def __init__(self) -> None:
        self._cells: dict[tuple[int, str], _Cell] = {}
        self._open: dict[str, tuple[str, Instant]] = {}  # by reference: the right, and when it was received
        self._deeds: Counter[tuple[int, str]] = Counter()
        self._first: int | None = None
        self._here = (0, 0, 0)  # the quarter of the last line, its first instant, and its end

    def read(self, entry: Entry) -> None:
        """Count one line."""
        quarter = self._quarter(entry.at)
        self._first = quarter if self._first is None else min(self._first, quarter)
        self._deeds[quarter, entry.kind] += entry.count or 1
        if entry.outcome == "refused" or not entry.kind.startswith("right."):
            return
        if entry.kind == _FILED:
            right = entry.circumstance or ""
            self._open[entry.case or ""] = right, entry.at
            self._cells.setdefault((quarter, right), _Cell()).received += 1
        elif entry.fields:
            self._ended(entry)

    def _ended(self, entry: Entry) -> None:
        how = _ENDS.get(entry.fields[0])
        if entry.fields[0] == Event.CONFIRMED.value:
            how = PARTLY if PARTIAL in entry.reasons else COMPLIED
        found = self._open.pop(entry.case or "", None) if how else None
        if found is None or how is None:
            return
        right, received = found
        quarter = quarter_of(received)
        if entry.at < begin_of(quarter + 2):
            cell = self._cells[quarter, right]
            cell.ended[how] += 1
            cell.days[max(0, entry.at - received) // DAY] += how != TAKEN_BACK

    def _quarter(self, at: Instant) -> int:
        quarter, begins, ends = self._here
        if not begins <= at < ends:
            quarter = quarter_of(at)
            self._here = quarter, begin_of(quarter), begin_of(quarter + 1)
        return quarter

    # ---- what is told

    def quarters(self, now: Instant) -> tuple[Quarter, ...]:
        """Return what is told at an instant, the latest quarter first; demands are told a quarter later."""
        if self._first is None:
            return ()
        over = [q for q in range(self._first, quarter_of(now) + 1) if begin_of(q + 1) + SETTLED <= now]
        return tuple(self._told(q, now) for q in reversed(over[-SHOWN:]))

    def _told(self, quarter: int, now: Instant) -> Quarter:
        asked = tuple(self._asked(quarter, right.value) for right in RightName)
        deeds = ((kind, count) for (q, kind), count in self._deeds.items() if q == quarter)
        return Quarter(
            begin_of(quarter),
            asked if begin_of(quarter + 2) + SETTLED <= now else (),
            tuple(sorted((kind, stepped(count)) for kind, count in deeds)),
        )

    def _asked(self, quarter: int, right: str) -> Asked:
        cell = self._cells.get((quarter, right), _Cell())
        complied, partly, refused = (stepped(cell.ended[how]) for how in (COMPLIED, PARTLY, REFUSED))
        told = any(each is not None for each in (complied, partly, refused))
        days = median_low(sorted(cell.days.elements())) if told else None
        return Asked(right, stepped(cell.received), complied, partly, refused, days)


def stepped(count: int) -> int | None:
    """Return the lower end of the step that a count is in; None below five."""
    return count - count % STEP if count >= STEP else None


def quarter_of(at: Instant) -> int:
    """Return the number of the calendar quarter (UTC) of an instant, counted from the year 0."""
    year, month = iso(at)[:7].split("-")
    return int(year) * 4 + (int(month) - 1) // 3


def begin_of(quarter: int) -> Instant:
    """Return the first instant of a quarter."""
    return instant(f"{quarter // 4:04d}-{quarter % 4 * 3 + 1:02d}-01T00:00:00Z")
