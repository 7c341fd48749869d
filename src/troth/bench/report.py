"""The result as people read it: one line a measurement, its target, and whether it was met."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from troth.bench.measure import Rate


@dataclass(frozen=True, slots=True)
class Line:
    """One measurement: ours beside a baseline. `ratio` is throughput, so more is better, also of times."""

    work: str
    ours: str
    baseline: str
    other: str
    ratio: float
    target: float | None = None
    spread: float = 0.0

    @property
    def met(self) -> str:
        """Whether the target was met; nothing where there is none."""
        if self.target is None:
            return "-"
        return "yes" if self.ratio >= self.target else "**no**"


@dataclass(frozen=True, slots=True)
class Table:
    """Plain figures under a title."""

    title: str
    head: Sequence[str]
    rows: Sequence[Sequence[str]]


@dataclass(slots=True)
class Part:
    """What one workload found: lines, tables, and what is to be said about them."""

    title: str
    shape: str  # what was done, on what
    lines: list[Line] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    files: dict[str, str] = field(default_factory=dict)  # beside the report


def compared(
    work: str, ours: Rate, baseline: str, other: Rate, *, target: float | None = None, unit: str = "/s"
) -> Line:
    """Return the line of two rates."""
    return Line(
        work,
        f"{figure(ours.median)}{unit}",
        baseline,
        f"{figure(other.median)}{unit}",
        ours.median / other.median,
        target,
        max(ours.spread, other.spread),
    )


def timed(
    work: str, ours: float, baseline: str, other: float, *, target: float | None = None, spread: float = 0.0
) -> Line:
    """Return the line of two times, in seconds; the ratio is how much sooner ours is done."""
    return Line(work, duration(ours), baseline, duration(other), other / ours, target, spread)


def figure(value: float) -> str:
    """Return a number with as many digits as it deserves."""
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def duration(seconds: float) -> str:
    """Return a time in the unit that suits it."""
    if seconds >= 1:
        return f"{seconds:.2f} s"
    if seconds >= 1e-3:
        return f"{seconds * 1e3:.2f} ms"
    return f"{seconds * 1e6:.1f} µs"


def rendered(head: Sequence[tuple[str, str]], parts: Sequence[Part], preface: Sequence[str]) -> str:
    """Return the whole report as Markdown."""
    lines = [line for part in parts for line in part.lines if line.target is not None]
    missed = [line for line in lines if line.ratio < (line.target or 0)]
    text = ["# What keeping the promises costs", "", *preface, ""]
    text += _table(("", ""), head)
    text += ["## In one look", ""]
    text.append(
        f"{len(lines) - len(missed)} of {len(lines)} targets met." if lines else "No target measured."
    )
    if missed:
        text += ["", "Fell short:", ""]
        text += [
            f"* {line.work}, against {line.baseline}: {line.ratio:.2f} where {line.target:g} was aimed at"
            for line in missed
        ]
    text.append("")
    for part in parts:
        text += _part(part)
    return "\n".join(text).rstrip() + "\n"


def _part(part: Part) -> list[str]:
    text = [f"## {part.title}", "", part.shape, ""]
    if part.lines:
        head = ("work", "ours", "baseline", "its figure", "ratio", "target", "met", "spread")
        text += _table(head, [_row(line) for line in part.lines])
    for table in part.tables:
        text += [f"**{table.title}**", "", *_table(table.head, table.rows)]
    for note in part.notes:
        text += [note, ""]
    return text


def _row(line: Line) -> tuple[str, ...]:
    target = "-" if line.target is None else f"≥ {line.target:g}"
    spread = f"±{line.spread * 50:.0f} %" if line.spread else "-"
    return (
        line.work, line.ours, line.baseline, line.other, f"**{line.ratio:.2f}**", target, line.met, spread,
    )  # fmt: skip


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    rule = ["---" if n == 0 else "--:" for n in range(len(head))]
    return [f"| {' | '.join(cells)} |" for cells in (head, rule, *rows)] + [""]
