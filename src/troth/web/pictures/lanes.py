"""Who saw my data: a lane for each kind of actor along time, a shape for each kind of act, gaps marked."""

from collections.abc import Sequence
from dataclasses import dataclass

from troth.clock import Instant
from troth.web.pictures.plane import WIDTH, Plane, Text, stacked

ACTS = ("read", "change", "disclose")
_NAMES, _LANE, _FOOT, _BUCKETS = 220.0, 64.0, 30.0, 30


@dataclass(frozen=True, slots=True)
class Lane:
    """A kind of actor."""

    name: str
    words: str


@dataclass(frozen=True, slots=True)
class Mark:
    """One access: when, in which lane, and whether it read, changed or disclosed."""

    at: Instant
    lane: str
    act: str  # one of ACTS


@dataclass(frozen=True, slots=True)
class Spot:
    """All accesses of one act in one lane in one stretch of time: a shape, larger for more."""

    x: float
    y: float
    size: float  # half its width
    act: str
    count: int


@dataclass(frozen=True, slots=True)
class Gap:
    """A stretch that the log does not know."""

    x: float
    wide: float


@dataclass(frozen=True, slots=True)
class LaneRow:
    """One line of the table below: how often a kind of actor did what."""

    words: str
    read: int
    change: int
    disclose: int


@dataclass(frozen=True, slots=True)
class Lanes:
    """The drawn lanes."""

    high: float
    start: float  # x of the plot's rectangle
    wide_plot: float
    names: tuple[tuple[Text, ...], ...]
    acts: tuple[tuple[float, float, str], ...]  # where the name of an act stands, for each that a lane has
    rules: tuple[float, ...]  # y of the lines between lanes
    spots: tuple[Spot, ...]
    gaps: tuple[Gap, ...]
    ticks: tuple[tuple[float, Instant], ...]  # x, and the instant to be written there
    foot: float
    rows: tuple[LaneRow, ...]
    wide: float = WIDTH


def lanes(
    kinds: Sequence[Lane],
    marks: Sequence[Mark],
    *,
    since: Instant,
    until: Instant,
    gaps: Sequence[tuple[Instant, Instant]] = (),
    rtl: bool = False,
) -> Lanes:
    """Return the lanes from `since` to `until`; what lies outside is left out of picture and table."""
    plane = Plane(rtl)
    plot = WIDTH - _NAMES
    whole = max(until - since, 1)
    seen = [mark for mark in marks if since <= mark.at <= until and mark.act in ACTS]
    counts: dict[tuple[str, int, str], int] = {}
    for mark in seen:
        bucket = min((mark.at - since) * _BUCKETS // whole, _BUCKETS - 1)
        counts[mark.lane, bucket, mark.act] = counts.get((mark.lane, bucket, mark.act), 0) + 1
    order = {kind.name: place for place, kind in enumerate(kinds)}
    spots = []
    for (lane, bucket, act), count in sorted(counts.items()):
        if lane in order:
            x = plane.x(_NAMES + (bucket + 0.5) * plot / _BUCKETS)
            y = _row_of(order[lane], ACTS.index(act))
            spots.append(Spot(x, y, min(5.0 + count.bit_length() - 1, 8.5), act, count))
    high = len(kinds) * _LANE
    done = sorted({(order[mark.lane], ACTS.index(mark.act)) for mark in seen if mark.lane in order})
    return Lanes(
        high=high + _FOOT,
        start=plane.x(_NAMES, plot),
        wide_plot=plot,
        names=tuple(
            stacked(kind.words, plane.x(0), place * _LANE + _LANE / 2, _NAMES - 96)
            for place, kind in enumerate(kinds)
        ),
        acts=tuple((plane.x(_NAMES - 14), _row_of(lane, act) + 4, ACTS[act]) for lane, act in done),
        rules=tuple(place * _LANE for place in range(len(kinds) + 1)),
        spots=tuple(spots),
        gaps=_gaps(gaps, plane, since, until),
        ticks=tuple((plane.x(_NAMES + plot * part), since + int(whole * part)) for part in (0.0, 0.5, 1.0)),
        foot=high + 20,
        rows=tuple(_row(kind, seen) for kind in kinds),
    )


def _row_of(lane: int, act: int) -> float:
    """Return the y of an act in a lane: each act has a row of its own."""
    return lane * _LANE + _LANE / 2 + (act - 1) * 18


def _row(kind: Lane, seen: Sequence[Mark]) -> LaneRow:
    own = [mark.act for mark in seen if mark.lane == kind.name]
    return LaneRow(kind.words, own.count("read"), own.count("change"), own.count("disclose"))


def _gaps(
    gaps: Sequence[tuple[Instant, Instant]], plane: Plane, since: Instant, until: Instant
) -> tuple[Gap, ...]:
    plot, whole = WIDTH - _NAMES, max(until - since, 1)
    drawn = []
    for begin, end in gaps:
        first, last = max(begin, since), min(end, until)
        if first < last:
            start = _NAMES + (first - since) / whole * plot
            wide = round(max((last - first) / whole * plot, 2.0), 1)
            drawn.append(Gap(plane.x(start, wide), wide))
    return tuple(drawn)
