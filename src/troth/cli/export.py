"""Write down everything that is held of a person, as a package that opens without a network."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import click

from troth.cli.asking import about, about_person, asker, by_someone, of_house, opened
from troth.cli.speaking import emit, note, progress, say, table, wants_json
from troth.errors import FileUnusable

if TYPE_CHECKING:
    from troth.custody.packages.covering import Gap


@click.command()
@about_person
@click.option(
    "--right", type=click.Choice(("access", "port")), default="access", show_default=True,
    help="Everything that is held, or what may be taken to another provider.",
)  # fmt: skip
@click.option("--case", default="", help="The reference of the case that it answers, where there is one.")
@click.option(
    "-o", "--output", type=click.Path(dir_okay=False, path_type=Path, allow_dash=True),
    help="Where the zip is written; `-` is stdout. package.zip by default.",
)  # fmt: skip
@click.option("--dry-run", is_flag=True, help="List what would be in it, and what not; make nothing.")
@by_someone
@of_house
def export(right: str, case: str, output: Path | None, dry_run: bool) -> None:
    """Have a package made of everything that is held of a person, and write it (GDPR Art. 15 and 20).

    It is made page by page, each decided and remembered, sealed, read back, and then given once; by the
    person themself, unless somebody is named. What is written is sealed no more: keep it well.
    """
    from troth.acts import packages
    from troth.custody.packages.making import made

    to_stdout = output is not None and str(output) == "-"
    if to_stdout and wants_json():
        raise click.UsageError("--json and the package cannot both go to stdout: give --output FILE")
    person, by = about(), asker(or_self=True)
    file = output or Path("package.zip")
    with opened() as house:
        job = packages.packing_of(by=by, about=person, right=right, case=case)
        if dry_run:
            _foretell(*packages.outlook(house.teller, job))
            return
        if not to_stdout and file.exists() and not file.is_file():
            raise FileUnusable(path=str(file), problem="it is no file")
        with progress("records", None) as bar:
            package = made(house.teller, packages.order(house.teller, job), progress=bar)
        with _written(file, stdout=to_stdout) as sink:
            for chunk in house.open_package(package.id, about=person, by=by):
                sink.write(chunk)
    if wants_json():
        emit({"file": str(file), "right": right, "size": package.size, "dry_run": False})
    elif to_stdout:
        note(f"{package.size:,} bytes")
    else:
        say(f"{file}: {package.size:,} bytes; open index.html in it; it is not sealed any more, keep it well")


def _foretell(categories: tuple[str, ...], gaps: "tuple[Gap, ...]") -> None:
    if wants_json():
        left = [{"category": g.category, "field": g.field, "why": g.why, "clause": g.clause} for g in gaps]
        emit({"dry_run": True, "categories": list(categories), "withheld": left})
        return
    table(("category", "in it", "why not", "clause"), [
        *((category, "yes", "", "") for category in categories),
        *((f"{g.category}.{g.field}" if g.field else g.category, "no", g.why, g.clause) for g in gaps),
    ])  # fmt: skip
    note("nothing was made")


@contextmanager
def _written(file: Path, *, stdout: bool) -> Iterator[BinaryIO]:
    """Give where the package goes: a file that only its owner reads, whole or absent; or stdout."""
    from troth.vault.files import whole

    if stdout:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    try:
        with whole(file) as sink:
            yield sink
    except OSError as problem:
        raise FileUnusable(path=str(file), problem=problem.strerror or "it cannot be written") from None
