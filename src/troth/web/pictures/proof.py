"""A Merkle proof as a climb: from the entry, past one sibling at each level, to the signed root.

Left and right are the order of hashing (RFC 9162, section 2.1), so this picture is not mirrored.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from troth.web.pictures.plane import WIDTH

_LEVEL, _BOX, _HALF = 74.0, 40.0, 130.0


@dataclass(frozen=True, slots=True)
class Step:
    """One level: the sibling's hash, the side it stands on, and the hash of both together (hexadecimal)."""

    sibling: str
    side: str  # `left` or `right`
    together: str


@dataclass(frozen=True, slots=True)
class HashBox:
    """A drawn hash: `leaf`, `sibling`, `node` or `root`."""

    x: float
    y: float
    wide: float
    high: float
    kind: str
    hash: str


@dataclass(frozen=True, slots=True)
class Climb:
    """The drawn proof, the root on top."""

    high: float
    boxes: tuple[HashBox, ...]
    lines: tuple[str, ...]
    steps: tuple[Step, ...]
    leaf: str
    root: str
    reaches: bool  # whether the last hash is the root
    wide: float = WIDTH


def climb(leaf: str, steps: Sequence[Step], root: str) -> Climb:
    """Return the picture of a proof; it draws what it is given and recomputes nothing."""
    middle = WIDTH / 2
    bottom = len(steps) * _LEVEL
    last = steps[-1].together if steps else leaf
    boxes = [_box(middle, bottom, "leaf" if steps else "root", leaf)]
    lines = []
    for level, step in enumerate(steps, start=1):
        y = bottom - level * _LEVEL
        aside = middle + (-1 if step.side == "left" else 1) * (_HALF * 2 - 10)
        boxes.append(_box(aside, y + _LEVEL, "sibling", step.sibling))
        boxes.append(_box(middle, y, "root" if level == len(steps) else "node", step.together))
        joint = y + _BOX + (_LEVEL - _BOX) / 2
        lines.append(f"M{middle} {y + _LEVEL}V{y + _BOX}M{aside} {y + _LEVEL}V{joint}H{middle}")
    return Climb(
        high=bottom + _BOX + 4,
        boxes=tuple(boxes),
        lines=tuple(lines),
        steps=tuple(steps),
        leaf=leaf,
        root=root,
        reaches=last == root,
    )


def _box(middle: float, y: float, kind: str, digest: str) -> HashBox:
    return HashBox(middle - _HALF * 0.8, y + 2, _HALF * 1.6, _BOX, kind, f"{digest[:10]}…{digest[-6:]}")
