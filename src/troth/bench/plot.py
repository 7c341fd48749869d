"""One small plot, as SVG text: lines over a few named points."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 760, 400, 60, 220, 50, 50
COLOURS = ("#1b6e53", "#8a4b08", "#3b4cc0", "#8b1e5b")


@dataclass(frozen=True, slots=True)
class Series:
    """A name, and one value for each point."""

    name: str
    values: Sequence[float]


def plotted(title: str, points: Sequence[str], series: Sequence[Series]) -> str:
    """Return the SVG of a plot; the vertical axis starts at nought, and 1 is drawn as a line."""
    top = max(1.0, *(value for one in series for value in one.values)) * 1.1
    across = (WIDTH - LEFT - RIGHT) / max(1, len(points) - 1)

    def x(n: int) -> float:
        return LEFT + n * across

    def y(value: float) -> float:
        return HEIGHT - BOTTOM - value / top * (HEIGHT - TOP - BOTTOM)

    out = [
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img"'
            ' font-family="system-ui, sans-serif" font-size="13">'
        ),
        f"<title>{escape(title)}</title>",
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>',
        f'<text x="{LEFT}" y="26" font-size="16" fill="#222">{escape(title)}</text>',
    ]
    step = next(step for step in (0.25, 0.5, 1, 2, 5, 10, 20, 50, 100, 1e9) if top / step <= 8)
    for n in range(int(top / step) + 1):
        colour = "#777" if n * step == 1 else "#ddd"
        level = y(n * step)
        out.append(
            f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{level:.1f}" y2="{level:.1f}" stroke="{colour}"/>'
        )
        out.append(
            f'<text x="{LEFT - 8}" y="{level + 4:.1f}" text-anchor="end" fill="#555">{n * step:g}</text>'
        )
    for n, name in enumerate(points):
        out.append(
            f'<text x="{x(n):.1f}" y="{HEIGHT - 24}" text-anchor="middle" fill="#555">{escape(name)}</text>'
        )
    for n, one in enumerate(series):
        colour = COLOURS[n % len(COLOURS)]
        path = " ".join(f"{x(i):.1f},{y(value):.1f}" for i, value in enumerate(one.values))
        out.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        out += [
            f'<circle cx="{x(i):.1f}" cy="{y(value):.1f}" r="3.5" fill="{colour}"/>'
            for i, value in enumerate(one.values)
        ]
        label = TOP + 20 * n
        out.append(f'<rect x="{WIDTH - RIGHT + 16}" y="{label - 9}" width="12" height="3" fill="{colour}"/>')
        out.append(f'<text x="{WIDTH - RIGHT + 34}" y="{label - 3}" fill="#222">{escape(one.name)}</text>')
    return "\n".join([*out, "</svg>"]) + "\n"
