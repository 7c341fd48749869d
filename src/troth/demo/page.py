"""The page a person reads while the story is told: headings, sentences and small tables; or JSON."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, TextIO

if TYPE_CHECKING:
    from rich.console import Console

WIDTH = 112  # columns, where nobody says otherwise


class Page:
    """Collects what is told, and shows it as it happens unless it is `silent`.

    `told` is the whole of it as plain values; `figures` are the measurements by name.
    """

    def __init__(self, console: "Console", *, silent: bool = False) -> None:
        self._console = console
        self._silent = silent
        self.told: list[dict[str, Any]] = []
        self.figures: dict[str, Any] = {}

    @classmethod
    def on(cls, file: TextIO | None = None, *, silent: bool = False) -> "Page":
        """Return a page on a stream; with colour only where that is a terminal."""
        from rich.console import Console

        console = Console(file=file, highlight=False)
        if not console.is_terminal or console.width > WIDTH:
            console = Console(file=file, highlight=False, width=WIDTH)
        return cls(console, silent=silent)

    def scene(self, title: str) -> None:
        """Begin a scene."""
        self.told.append({"scene": title, "says": [], "tables": []})
        if not self._silent:
            self._console.print()
            number = len(self.told)
            self._console.rule(f"[bold]{number}  {_plain(title)}[/bold]", align="left", style="dim")

    def say(self, text: str, *, good: bool | None = None) -> None:
        """Say one or two sentences; `good` puts a tick or a cross before them."""
        self.told[-1]["says"].append(text)
        if not self._silent:
            mark = "" if good is None else "[green]✓[/green] " if good else "[red]✗[/red] "
            self._console.print(f"{mark}{_plain(text)}")

    def code(self, line: str) -> None:
        """Show a line that may be copied, never broken in two."""
        self.told[-1]["says"].append(line)
        if not self._silent:
            self._console.print(f"  [cyan]{_plain(line)}[/cyan]", soft_wrap=True)

    def table(self, head: Sequence[str], rows: Iterable[Sequence[str]], *, good: bool | None = None) -> None:
        """Show rows under a head; columns whose head ends in `#` are numbers."""
        rows = [tuple(row) for row in rows]
        names = [name.removesuffix("#").strip() for name in head]
        self.told[-1]["tables"].append({"head": names, "rows": rows})
        if self._silent:
            return
        from rich.table import Table

        table = Table(box=None, pad_edge=False, header_style="dim", padding=(0, 2, 0, 0))
        if good is not None:
            table.add_column("")
        for name, raw in zip(names, head, strict=True):
            table.add_column(name, justify="right" if raw.endswith("#") else "left", overflow="fold")
        mark = [] if good is None else ["[green]✓[/green]" if good else "[red]✗[/red]"]
        for row in rows:
            table.add_row(*mark, *(_plain(cell) for cell in row))
        self._console.print(table)

    def figure(self, name: str, value: Any) -> None:  # noqa: ANN401
        """Keep a measurement by name: a number, a word, a truth, or several."""
        self.figures[name] = value

    def plain(self) -> dict[str, Any]:
        """Return everything as plain values, for JSON."""
        return {"scenes": self.told, "figures": self.figures}


def _plain(text: str) -> str:
    from rich.markup import escape

    return escape(text)
