"""How the command line speaks: words and tables for people, one JSON document for programs, errors.

Plain text without colour when it is piped. Whatever is shown loses its control characters first, so
that no stored value can move a terminal's cursor or paint over what was said.
"""

import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import Any

import click

from troth.clock import FOREVER, Instant, iso
from troth.errors import AnswerLost, TrothError

JSON = "troth.json"
STYLES = {
    "kept": "green", "erased": "green", "attested": "cyan", "unproven": "yellow", "at risk": "yellow",
    "warning": "yellow", "broken": "red", "error": "red",
}  # fmt: skip


def wants_json() -> bool:
    """Whether the command was asked for one JSON document."""
    return bool(click.get_current_context().meta.get(JSON))


@contextmanager
def answering() -> Iterator[None]:
    """Raise `AnswerLost` for an answer that nobody takes; a pipe that was closed is left to click."""
    if sys.stdout is None:
        raise AnswerLost(problem="there is no output")
    try:
        yield
    except OSError as problem:
        if isinstance(problem, BrokenPipeError) or problem.filename is not None:
            raise
        raise AnswerLost(problem=problem.strerror or "it is closed") from None


def emit(document: Mapping[str, Any]) -> None:
    """Print the one JSON document of a command, in ASCII."""
    say(json.dumps(document, indent=2))


def shown(value: object) -> str:
    """Return text as it may be shown: on one line, without control characters."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in str(value))


def say(text: str = "") -> None:
    """Print a line for people."""
    with answering():
        click.echo(text)


def note(text: str, *, line: bool = True, **style: Any) -> None:  # noqa: ANN401 - of click.style
    """Print beside the answer, on stderr; where that cannot be written, nobody listens."""
    try:
        click.secho(text, err=True, nl=line, **style)
    except OSError:
        drop(sys.stderr)


def drop(stream: Any) -> None:  # noqa: ANN401 - a text stream, or what stands for one
    """Let what an output still holds go nowhere, so that Python does not fail to write it at exit."""
    with suppress(OSError, ValueError, AttributeError):  # it may be no file at all
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def until(instant: Instant) -> str:
    """Return an instant as a date and time, or that it has no end yet."""
    return "no end yet" if instant >= FOREVER else iso(instant)[:16].replace("T", " ") + " UTC"


def table(headers: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Print rows under headers: aligned text when piped, a drawn table on a terminal."""
    cells = [[shown(cell) for cell in row] for row in rows]
    if _pretty():
        _draw(headers, cells)
        return
    widths = [max(map(len, column)) for column in zip(headers, *cells, strict=True)]
    for row in ([*headers], *cells):
        padded = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        say("  ".join(padded).rstrip())


def _pretty() -> bool:
    return sys.stdout is not None and sys.stdout.isatty() and os.environ.get("TERM") != "dumb"


def _draw(headers: Sequence[str], cells: Sequence[Sequence[str]]) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    drawn = Table(box=SIMPLE_HEAD, pad_edge=False)
    for header in headers:
        drawn.add_column(header, overflow="fold")
    for row in cells:
        drawn.add_row(*(Text(cell, style=STYLES.get(cell, "")) for cell in row))
    with answering():
        Console().print(drawn)


@contextmanager
def progress(words: str, total: int | None) -> Iterator[Callable[[int], None]]:
    """Show a bar on stderr while work goes on, if that is a terminal; give what moves it *to* a place."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(words, total=total)
        yield lambda place: bar.update(task, completed=place)


def explained(problem: TrothError) -> dict[str, Any]:
    """Return an error as plain values: code, message, fix, clauses, and what else a refusal says."""
    found: dict[str, Any] = {
        "code": problem.code,
        "message": problem.message,
        "fix": problem.fix,
        "clauses": list(getattr(problem, "clauses", ())),
    }
    if hasattr(problem, "codes"):
        found["reasons"] = list(problem.codes)
        found["allowed"] = list(getattr(problem, "allowed", ()))
    if hasattr(problem, "entry"):
        found["entry"] = problem.entry
    return found


def complain(problem: TrothError) -> None:
    """Print an error and its fix on stderr; and as the JSON document, where one is wanted."""
    if wants_json() and not isinstance(problem, AnswerLost):
        emit({"error": explained(problem)})
    message = "\n".join(map(shown, problem.message.splitlines()))
    note(f"error[{problem.code}]", fg="red", bold=True, line=False)
    note(f": {message}")
    if problem.remedy:
        note(f"  fix: {shown(problem.fix)}")
    if hasattr(problem, "entry"):
        note(f"  remembered in ledger entry {problem.entry}")
