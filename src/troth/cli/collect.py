"""Take in a stream of acts from a file or a pipe, batch by batch; what cannot be taken is named in a file."""

import sys
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import click

from troth.cli.asking import of_house, opened
from troth.cli.speaking import emit, note, progress, say, wants_json
from troth.errors import BadInput, FileUnusable, TrothError

if TYPE_CHECKING:
    from troth.cli.rejects import Rejects
    from troth.cli.stream import Line
    from troth.library import Troth

HEAVIEST_BATCH = 32 * 1024 * 1024  # bytes of lines and pictures held in memory at a time


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, allow_dash=True, path_type=Path))
@of_house
@click.option(
    "--batch", default=1_000, show_default=True, type=click.IntRange(1, 10_000), help="Lines a transaction."
)
@click.option("--each", is_flag=True, help="One ledger line for every act, instead of one a batch and kind.")
@click.option("--by-program", metavar="NAME", help="The program that asks, in lines that name nobody.")
@click.option(
    "--rejects", type=click.Path(dir_okay=False, path_type=Path), help="Instead of FILE.rejects.jsonl."
)
@click.option(
    "--files",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="The folder of pictures and files that lines name; FILE's own by default.",
)
@click.option("--allow-rejects", is_flag=True, help="Exit with 0 although lines were rejected.")
@click.pass_context
def collect(
    ctx: click.Context,
    file: Path,
    batch: int,
    each: bool,
    by_program: str | None,
    rejects: Path | None,
    files: Path | None,
    allow_rejects: bool,
) -> None:  # fmt: skip
    """Take in the acts of FILE (or - for stdin), one JSON object a line.

    \b
    {"reference": "M-1", "circumstance": "registration", "category": "account",
     "fields": {"email": "..."}, "by": {"program": "portal"}, "age": 30}

    `by` ({"program": ...}, or {"staff": ..., "role": ...}) and `age` may be left out; without `by` the
    person themself gives it. A picture is {"file": "relative/path"}, read from beside FILE. What is
    good is kept, batch by batch. A line that is not goes by its number, reason, clause and fix into
    FILE.rejects.jsonl (for you alone, mode 0600); that file repeats no value of the line.

    Exits with 1 when a line was rejected, unless --allow-rejects is given.
    """  # noqa: D301 - click's own mark for lines that stay as they are
    from troth.cli.rejects import SUFFIX, Rejects
    from troth.cli.stream import Acts
    from troth.rules.decision import member, program

    piped = str(file) == "-"
    path = rejects or (Path("stdin" + SUFFIX) if piped else file.with_name(file.name + SUFFIX))
    with ExitStack() as stack:
        source = sys.stdin.buffer if piped else stack.enter_context(_opened(file))
        house = stack.enter_context(opened())
        book = house.teller.house.book
        acts = Acts(
            book, files or (Path() if piped else file.parent), program(by_program) if by_program else member()
        )
        run = Run(house, stack.enter_context(Rejects(path, book)), together=not each)
        bar = stack.enter_context(progress("collecting", None if piped else file.stat().st_size))
        try:
            for line in acts.read(source):
                run.add(line, batch)
                bar(run.place)
            run.serve()
        except BaseException:
            note(f"stopped: what was read up to line {run.done} is kept or rejected; nothing after it is")
            raise
    _report(run, path if run.rejected else None)
    if run.rejected and not allow_rejects:
        ctx.exit(1)


def _opened(file: Path) -> BinaryIO:
    try:
        return file.open("rb")
    except OSError as problem:
        raise FileUnusable(path=str(file), problem=problem.strerror or "it cannot be read") from None


def _report(run: "Run", path: Path | None) -> None:
    codes = dict(sorted(run.rejects.codes.items(), key=lambda pair: -pair[1]))
    if wants_json():
        found: dict[str, Any] = {
            "lines": run.taken + run.rejected,
            "taken": run.taken,
            "rejected": run.rejected,
        }
        emit({**found, "reasons": codes, "rejects": str(path) if path else None})
        return
    say(f"taken {run.taken:,}   rejected {run.rejected:,}")
    if path:
        say("  " + ", ".join(f"{code} {count:,}" for code, count in codes.items()))
        say(f"  every rejected line, by number and without its values: {path}")


@dataclass(slots=True)
class Run:
    """One run over a stream: the batch in hand, and what was done so far."""

    house: "Troth"
    rejects: "Rejects"
    together: bool
    taken: int = 0
    rejected: int = 0
    done: int = 0  # the last line that is kept or rejected
    place: int = 0  # bytes of the stream that are done
    _lines: "list[Line]" = field(default_factory=list)
    _weight: int = 0

    def add(self, line: "Line", most: int) -> None:
        """Put a line into the batch, and serve the batch when it is full."""
        self._lines.append(line)
        self._weight += line.weight
        if len(self._lines) >= most or self._weight >= HEAVIEST_BATCH:
            self.serve()

    def serve(self) -> None:
        """Serve the batch in one transaction; name what is rejected."""
        if not self._lines:
            return
        offers = [line.offer for line in self._lines if not isinstance(line.offer, BadInput)]
        outcomes = iter(self._taken(offers))
        for line in self._lines:
            outcome = line.offer if isinstance(line.offer, BadInput) else next(outcomes)
            if isinstance(outcome, TrothError):
                self.rejects.add(line.number, outcome)
                self.rejected += 1
            else:
                self.taken += 1
        self.rejects.flush()
        self.done, self.place = self._lines[-1].number, self._lines[-1].end
        self._lines, self._weight = [], 0

    def _taken(self, offers: list[Any]) -> list[Any]:
        if not offers:
            return []
        try:
            return list(self.house.collect_many(offers, together=self.together))
        except BadInput as problem:  # of one of them: it must not fail its neighbours
            if len(offers) == 1:
                return [problem]
        return [outcome for offer in offers for outcome in self._taken([offer])]
