"""Watch an agreement being kept: the story of `troth.demo`, told on a terminal."""

import sys
import tempfile
from pathlib import Path

import click

from troth.cli.asking import as_json
from troth.cli.speaking import answering, emit, wants_json


@click.command()
@click.option(
    "--members", type=click.IntRange(10, 100_000), default=1_000, show_default=True, help="How many people."
)
@click.option(
    "--dir",
    "where",
    type=click.Path(file_okay=False, path_type=Path),
    help="Where to found the house; a new temporary directory by default.",
)
@click.option(
    "--seed", type=int, default=7, show_default=True, help="The same people for the same seed and day."
)
@click.option("--once", is_flag=True, help="End when the story is told.")
@as_json
def demo(members: int, where: Path | None, seed: int, once: bool) -> None:  # noqa: ARG001 - it always ends, so far
    """Watch an agreement being kept, from collection to erasure.

    Makes people up, founds a house on the agreement that ships with Troth, lets them register, pay,
    trade and write, refuses what no clause allows, erases two of them, and proves it.
    """
    from troth.cli.agreements import MEMBER, text_of
    from troth.demo.page import Page
    from troth.demo.story import tell

    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="replace")  # a terminal that cannot write a name shows a mark
    directory = where if where is not None else Path(tempfile.mkdtemp(prefix="troth-demo-")) / "house"
    page = Page.on(silent=wants_json())
    with answering():
        tell(page, text_of(MEMBER), directory=directory, members=members, seed=seed)
    if wants_json():
        emit(page.plain())
