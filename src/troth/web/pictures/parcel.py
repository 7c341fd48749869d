"""Where a request is: its stations on one line, with dates, the one it stands at, and what ended it."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from troth.clock import Instant
from troth.web.pictures.plane import LINE, WIDTH, Plane, Text, wrapped

_MIDDLE = 24.0
STATES = ("past", "now", "next", "refused", "ended")


@dataclass(frozen=True, slots=True)
class Station:
    """One station: its words, whether it is past, now, next, refused or ended, and when it was reached."""

    words: str
    state: str  # one of STATES
    at: Instant | None = None
    note: str = ""  # such as why it is paused


@dataclass(frozen=True, slots=True)
class Stop:
    """A drawn station."""

    x: float
    state: str
    lines: tuple[Text, ...]
    at: Instant | None
    date: Text
    note: Text
    words: str


@dataclass(frozen=True, slots=True)
class Parcel:
    """The drawn line of stations."""

    high: float
    middle: float
    stops: tuple[Stop, ...]
    tracks: tuple[tuple[float, float, str], ...]  # from x, to x, and `past` or `next`
    wide: float = WIDTH


def parcel(stations: Sequence[Station], *, rtl: bool = False) -> Parcel:
    """Return the line of stations, evenly spaced."""
    plane = Plane(rtl)
    pitch = WIDTH / max(len(stations), 1)
    stops = []
    for place, station in enumerate(stations):
        x = plane.x(pitch * (place + 0.5))
        lines = tuple(
            Text(x, _MIDDLE + 40 + row * LINE, line)
            for row, line in enumerate(wrapped(station.words, pitch - 12))
        )
        below = _MIDDLE + 40 + len(lines) * LINE + 2
        note = wrapped(station.note, pitch - 8, 1)[0]
        stops.append(
            Stop(
                x=x,
                state=station.state,
                lines=lines,
                at=station.at,
                date=Text(x, below, ""),
                note=Text(x, below + (LINE if station.at is not None else 0), note),
                words=station.words,
            )
        )
    tracks = tuple(
        (before.x, after.x, "next" if after.state == "next" else "past") for before, after in pairwise(stops)
    )
    lowest = max((max(stop.date.y, stop.note.y) for stop in stops), default=_MIDDLE)
    return Parcel(high=lowest + 10, middle=_MIDDLE, stops=tuple(stops), tracks=tracks)
