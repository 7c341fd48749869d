"""When it goes: a bar for each kind of data from today to the day it is erased, as far as that is known."""

from collections.abc import Sequence
from dataclasses import dataclass

from troth.clock import DAY, Instant
from troth.terms.vocabulary import Period
from troth.web.pictures.plane import WIDTH, Plane, Text, label

_ROW, _TOP, _BAR = 58.0, 30.0, 12.0
# Near dates matter by the day and far ones by the year: the axis runs evenly from each mark to the next.
MARKS = (
    Period(),
    Period(days=30),
    Period(months=12),
    Period(months=60),
    Period(months=120),
    Period(months=360),
)


@dataclass(frozen=True, slots=True)
class Stay:
    """How long one kind of data stays."""

    words: str
    ends: Instant | None  # when it goes; None while nobody knows, because a clock has not begun
    latest: Instant | None = None  # when it goes in any case
    waits: str = ""  # what the clock waits for, in words
    held: bool = False  # kept for a legal matter beyond its end
    clause: str = ""


@dataclass(frozen=True, slots=True)
class Bar:
    """One row: its label, the certain part, the part that nobody knows yet, and a hold."""

    words: str
    label: Text
    date: Instant | None
    latest: Instant | None
    waits: str
    note: Text  # where the date or the reason is written; its words are the template's
    x: float
    y: float
    wide: float
    open_x: float
    open_wide: float  # 0 when everything is known
    held: bool
    lock: float  # x of the hold's mark
    clause: str


@dataclass(frozen=True, slots=True)
class Bars:
    """The drawn bars, with the marks of their axis."""

    high: float
    marks: tuple[tuple[float, Period, str], ...]  # x, how far from today, and `start`, `middle` or `end`
    rows: tuple[Bar, ...]
    thick: float = _BAR
    top: float = _TOP
    wide: float = WIDTH


def place(at: Instant, now: Instant) -> float:
    """Return where an instant lies on the axis, from 0 (today) to 1 (30 years or more)."""
    stops = [mark.after(now) for mark in MARKS]
    if at <= now:
        return 0.0
    for number in range(1, len(stops)):
        if at <= stops[number]:
            inside = (at - stops[number - 1]) / (stops[number] - stops[number - 1])
            return (number - 1 + inside) / (len(stops) - 1)
    return 1.0


def bars(stays: Sequence[Stay], *, now: Instant, rtl: bool = False) -> Bars:
    """Return the bars, soonest first; what nobody knows comes last."""
    plane = Plane(rtl)
    rows = []
    for number, stay in enumerate(sorted(stays, key=_soonest)):
        top = _TOP + number * _ROW
        known = place(stay.ends, now) * WIDTH if stay.ends is not None else 0.0
        if stay.ends is not None and stay.ends > now - DAY:
            known = max(known, 4.0)
        last = WIDTH if stay.latest is None else place(stay.latest, now) * WIDTH
        unknown = max(last - known, 0.0) if stay.ends is None or stay.held else 0.0
        rows.append(
            Bar(
                words=stay.words,
                label=label(stay.words, plane.x(0), top + 22, WIDTH * 0.5),
                date=stay.ends,
                latest=stay.latest,
                waits=stay.waits,
                note=Text(plane.x(WIDTH), top + 22, ""),
                x=plane.x(0, round(known, 1)),
                y=top + 31,
                wide=round(known, 1),
                open_x=plane.x(round(known, 1), round(unknown, 1)),
                open_wide=round(unknown, 1),
                held=stay.held,
                lock=plane.x(min(known + 10, WIDTH - 10)),
                clause=stay.clause,
            )
        )
    last_mark = len(MARKS) - 1
    return Bars(
        high=_TOP + len(rows) * _ROW,
        marks=tuple(
            (
                plane.x(WIDTH * number / last_mark),
                mark,
                "start" if number == 0 else "end" if number == last_mark else "middle",
            )
            for number, mark in enumerate(MARKS)
        ),
        rows=tuple(rows),
    )


def _soonest(stay: Stay) -> tuple[bool, Instant]:
    return (stay.ends is None, stay.ends if stay.ends is not None else stay.latest or 0)
