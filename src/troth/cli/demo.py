"""Watch an agreement being kept: the story of `troth.demo`, told on a terminal."""

import os
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import click

from troth.cli.asking import as_json
from troth.cli.speaking import answering, emit, wants_json

if TYPE_CHECKING:
    from troth.demo.page import Page
    from troth.gates.message import Message


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
@click.option(
    "--port", type=click.IntRange(0, 65_535), default=8080, show_default=True, help="Of the server; 0: any."
)
@click.option("--once", is_flag=True, help="End when the story is told, without a server.")
@as_json
def demo(members: int, where: Path | None, seed: int, port: int, once: bool) -> None:
    """Watch an agreement being kept, from collection to erasure; then meet it in a browser.

    Makes people up, founds a house on the agreement that ships with Troth, lets them register, pay,
    trade and write, refuses what no clause allows, erases two of them, and proves it. In the end the
    house is served on this machine, with a small cast inside, and a link that signs you in as each.
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
    if not once:
        _serve(page, directory, port)
    elif wants_json():
        emit(page.plain())


def _serve(page: "Page", directory: Path, port: int) -> None:
    """Serve the house of the story until told to stop, with the cast inside."""
    from datetime import UTC, datetime

    from troth import library
    from troth.clock import now
    from troth.demo.cast import cast_of
    from troth.demo.people import Crowd
    from troth.settings import read_settings
    from troth.web.listening import listen
    from troth.web.logs import write_to
    from troth.web.portal.links import link_for
    from troth.web.running import Running

    listener = listen("127.0.0.1", port)
    with library.open(directory) as house, Path(os.devnull).open("w") as devnull:
        crowd = Crowd(41, datetime.fromtimestamp(now() / 1_000_000, UTC).date())
        cast = cast_of(house, crowd)
        letters = _Terminal(page)
        running = Running(
            house.teller, read_settings(directory), directory, listener=listener,
            ways={"mail": letters, "sms": letters},
        )  # fmt: skip
        running.hall.links = True
        write_to(devnull)

        def ready(origin: str) -> None:
            page.scene("Served: the same house in your browser")
            page.say(
                f"The house is served on {origin} until you press Ctrl-C. Its public page: {origin}/agreement"
            )
            page.say(
                "Each link signs you in once; letters with codes are printed here instead of being sent."
            )
            for role in cast:
                page.say(f"{role.name}: {role.stands} ({role.email})")
                page.code(link_for(running.hall, role.subject, role.name))
            if wants_json():
                emit(page.plain())

        running.run(ready)


class _Terminal:
    """A way out that ends on the terminal of whoever watches: the people it writes to are made up."""

    def __init__(self, page: "Page") -> None:
        self._page = page

    def hand_out(self, message: "Message", /) -> None:
        """Print a letter."""
        self._page.say(f"[letter to {message.to}] {message.subject}: {' '.join(message.text.split())}")
