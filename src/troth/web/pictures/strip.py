"""The agreement strip: for each clause, one block a day with the worst word of that day."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from troth.clock import DAY, Instant
from troth.web.pictures.plane import WIDTH, Plane, Text, label

DAYS = 90
_ROW, _BLOCK, _TALL = 54.0, 7.0, 18.0
_PITCH = WIDTH / DAYS
# Each word with the shape of its block, so that none is told by colour alone.
_HEIGHTS = {"kept": _TALL, "attested": _TALL, "at risk": _TALL * 0.6, "unproven": _TALL, "broken": _TALL}


@dataclass(frozen=True, slots=True)
class Days:
    """A clause, how it stands, and its last days with the last one last; None where nobody looked."""

    number: str
    title: str
    status: str
    since: Instant | None
    days: tuple[str | None, ...]
    href: str = ""  # where the checks of this clause are


@dataclass(frozen=True, slots=True)
class Blocks:
    """Blocks of one word in one row, as one path; `cuts` marks the broken ones."""

    word: str
    path: str
    cuts: str


@dataclass(frozen=True, slots=True)
class StripRow:
    """One clause of the picture and of the table below."""

    number: str
    title: str
    status: str
    since: Instant | None
    href: str
    label: Text
    stands: Text
    shape: tuple[float, float]
    blocks: tuple[Blocks, ...]
    bad: tuple[tuple[Instant, str], ...]  # the days that were broken or at risk, with the word
    unchecked: int


@dataclass(frozen=True, slots=True)
class Strip:
    """The drawn strip."""

    high: float
    rows: tuple[StripRow, ...]
    first: Instant
    last: Instant
    start: float
    end: float
    wide: float = WIDTH


def strip(clauses: Sequence[Days], *, today: Instant, rtl: bool = False) -> Strip:
    """Return the strip of the 90 days that end with `today`; days before a clause's first are unproven."""
    plane = Plane(rtl)
    return Strip(
        high=len(clauses) * _ROW + 24,
        rows=tuple(_row(each, place * _ROW, today, plane) for place, each in enumerate(clauses)),
        first=today - (DAYS - 1) * DAY,
        last=today,
        start=plane.x(0),
        end=plane.x(WIDTH),
    )


def _row(each: Days, top: float, today: Instant, plane: Plane) -> StripRow:
    words = [word or "unproven" for word in (None,) * (DAYS - len(each.days)) + each.days[-DAYS:]]
    placed = sorted(enumerate(words), key=lambda day: day[1])
    blocks = tuple(
        _blocks(word, [day for day, _ in days], top + 28, plane)
        for word, days in groupby(placed, key=lambda day: day[1])
    )
    return StripRow(
        number=each.number,
        title=each.title,
        status=each.status,
        since=each.since,
        href=each.href,
        label=label(each.title, plane.x(0), top + 18, WIDTH * 0.72, f"{each.number} "),
        stands=Text(plane.x(WIDTH - 24), top + 18, each.status),
        shape=(plane.x(WIDTH - 16, 16), top + 5),
        blocks=blocks,
        bad=tuple(
            (today - (DAYS - 1 - day) * DAY, word)
            for day, word in enumerate(words)
            if word in ("broken", "at risk")
        ),
        unchecked=words.count("unproven"),
    )


def _blocks(word: str, days: Sequence[int], top: float, plane: Plane) -> Blocks:
    tall = _HEIGHTS[word]
    y = round(top + _TALL - tall, 1)
    path, cuts = [], []
    wide = _BLOCK - 1.5 if word == "attested" else _BLOCK  # an outline is drawn on both sides of its edge
    for day in days:
        x = plane.x(day * _PITCH + (_BLOCK - wide) / 2, wide)
        path.append(f"M{x} {y}h{wide:g}v{tall:g}h-{wide:g}z")
        if word == "broken":
            cuts.append(f"M{x + 1.5:.1f} {y + 6:g}l4 5m0-5l-4 5")
    return Blocks(word, "".join(path), "".join(cuts))
