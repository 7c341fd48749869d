"""The data map: kinds of data, what for, who gets them, where; as columns with lines between them."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

from troth.web.pictures.plane import WIDTH, Plane, Text, stacked, wrapped

_BOX, _GAP, _TOP = 44.0, 12.0, 34.0
_THIN, _THICK = 1.5, 11.0


@dataclass(frozen=True, slots=True)
class Node:
    """One box: a name that flows refer to, and its words."""

    name: str
    words: str


@dataclass(frozen=True, slots=True)
class Column:
    """The boxes of one kind, under a heading."""

    words: str
    nodes: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Flow:
    """From a box of one column to one of the next: declared by the agreement, seen in the ledger, or both."""

    source: str
    target: str
    uses: int = 0  # seen in 90 days
    declared: bool = True


@dataclass(frozen=True, slots=True)
class Box:
    """A box with its lines of text."""

    x: float
    y: float
    wide: float
    high: float
    lines: tuple[Text, ...]


@dataclass(frozen=True, slots=True)
class Ribbon:
    """A line between two boxes: how it was found tells how it is drawn."""

    path: str
    middle: tuple[float, float]
    thick: float
    found: str  # `observed`, `declared` or `undeclared`


@dataclass(frozen=True, slots=True)
class FlowRow:
    """One line of the table below: names in words, uses, and how it was found."""

    source: str
    target: str
    uses: int
    found: str


@dataclass(frozen=True, slots=True)
class Flows:
    """The drawn map."""

    high: float
    heads: tuple[Text, ...]
    boxes: tuple[Box, ...]
    ribbons: tuple[Ribbon, ...]
    rows: tuple[FlowRow, ...]
    wide: float = WIDTH


def found(flow: Flow) -> str:
    """Return whether a flow is declared and seen (`observed`), only declared, or seen and not declared."""
    if not flow.declared:
        return "undeclared"
    return "observed" if flow.uses else "declared"


def flows(columns: Sequence[Column], found_flows: Sequence[Flow], *, rtl: bool = False) -> Flows:
    """Return the map. Thickness grows with the root of the uses; a flow joins neighbouring columns."""
    plane = Plane(rtl)
    between = 84.0 if len(columns) > 3 else 110.0
    wide = (WIDTH - between * (len(columns) - 1)) / max(len(columns), 1)
    tallest = max((len(column.nodes) for column in columns), default=0)
    whole = tallest * (_BOX + _GAP)
    boxes, heads = [], []
    starts: dict[str, float] = {}
    tops: dict[str, float] = {}
    words: dict[str, str] = {}
    for place, column in enumerate(columns):
        start = place * (wide + between)
        heads.append(Text(plane.x(start), 14.0, wrapped(column.words, wide + between / 2, 1)[0]))
        top = _TOP + (whole - len(column.nodes) * (_BOX + _GAP)) / 2
        for row, node in enumerate(column.nodes):
            y = top + row * (_BOX + _GAP)
            starts[node.name], tops[node.name], words[node.name] = start, y, node.words
            lines = stacked(node.words, plane.x(start + 12), y + _BOX / 2, wide - 20)
            boxes.append(Box(plane.x(start, wide), round(y, 1), round(wide, 1), _BOX, lines))
    known = [each for each in found_flows if each.source in starts and each.target in starts]
    return Flows(
        high=round(_TOP + whole, 1),
        heads=tuple(heads),
        boxes=tuple(boxes),
        ribbons=_ribbons(known, plane, wide, starts, tops),
        rows=tuple(FlowRow(words[f.source], words[f.target], f.uses, found(f)) for f in known),
    )


def _ribbons(
    known: Sequence[Flow], plane: Plane, wide: float, starts: dict[str, float], tops: dict[str, float]
) -> tuple[Ribbon, ...]:
    most = max((flow.uses for flow in known), default=0) or 1
    leaves = {
        end: sorted((f for f in known if f.source == end), key=lambda f: tops[f.target]) for end in starts
    }
    enters = {
        end: sorted((f for f in known if f.target == end), key=lambda f: tops[f.source]) for end in starts
    }
    drawn = []
    for flow in sorted(known, key=lambda f: -f.uses):
        x1, x2 = plane.x(starts[flow.source] + wide), plane.x(starts[flow.target])
        y1 = _berth(tops[flow.source], leaves[flow.source], flow)
        y2 = _berth(tops[flow.target], enters[flow.target], flow)
        middle = round((x1 + x2) / 2, 1)
        thick = _THIN + (_THICK - _THIN) * sqrt(flow.uses / most) if flow.uses else 2.0
        path = f"M{x1} {y1}C{middle} {y1} {middle} {y2} {x2} {y2}"
        drawn.append(Ribbon(path, (middle, round((y1 + y2) / 2, 1)), round(thick, 1), found(flow)))
    return tuple(drawn)


def _berth(top: float, beside: Sequence[Flow], flow: Flow) -> float:
    """Where along the side of its box a flow leaves or enters, so that flows do not lie on each other."""
    return round(top + _BOX * (beside.index(flow) + 1) / (len(beside) + 1), 1)
