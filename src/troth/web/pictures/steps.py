"""Consent history: a line for each purpose, up while the consent is given and down while it is not."""

from collections.abc import Sequence
from dataclasses import dataclass

from troth.clock import Instant
from troth.web.pictures.plane import WIDTH, Plane, Text, label

STATES = ("given", "refused", "withdrawn", "expired", "superseded")
_ROW, _UP, _DOWN = 92.0, 44.0, 72.0


@dataclass(frozen=True, slots=True)
class Turn:
    """One change of a consent."""

    at: Instant
    state: str  # one of STATES


@dataclass(frozen=True, slots=True)
class Course:
    """Everything that happened to the consent for one purpose, in order."""

    words: str
    turns: tuple[Turn, ...]


@dataclass(frozen=True, slots=True)
class CourseRow:
    """A drawn line with a mark at each change; `up` tells where a mark stands."""

    label: Text
    words: str
    turns: tuple[Turn, ...]
    path: str
    marks: tuple[tuple[float, float, str], ...]
    now: str | None
    end: Text
    top: float
    never: str  # the line that stands for no answer at all


@dataclass(frozen=True, slots=True)
class Courses:
    """The drawn history."""

    high: float
    rows: tuple[CourseRow, ...]
    ticks: tuple[tuple[float, Instant], ...]
    foot: float
    wide: float = WIDTH


def steps(courses: Sequence[Course], *, since: Instant, until: Instant, rtl: bool = False) -> Courses:
    """Return the lines from `since` to `until`; before the first change nothing is drawn."""
    plane = Plane(rtl)
    whole = max(until - since, 1)

    def x(at: Instant) -> float:
        return plane.x(8 + (min(max(at, since), until) - since) / whole * (WIDTH - 16))

    rows = []
    for place, course in enumerate(courses):
        top = place * _ROW
        path, marks = "", []
        for turn in sorted(course.turns, key=lambda each: each.at):
            y = top + (_UP if turn.state == "given" else _DOWN)
            path += f"H{x(turn.at)}V{y}" if path else f"M{x(turn.at)} {y}"
            marks.append((x(turn.at), y, turn.state))
        rows.append(
            CourseRow(
                label=label(course.words, plane.x(0), top + 24, WIDTH * 0.7),
                words=course.words,
                turns=course.turns,
                path=f"{path}H{x(until)}" if path else "",
                marks=tuple(marks),
                now=marks[-1][2] if marks else None,
                end=Text(plane.x(WIDTH), top + 24, ""),
                top=top,
                never="" if path else f"M{x(since)} {top + _DOWN}H{x(until)}",
            )
        )
    high = len(courses) * _ROW
    return Courses(
        high=high + 24,
        rows=tuple(rows),
        ticks=((plane.x(0), since), (plane.x(WIDTH), until)),
        foot=high + 18,
    )
