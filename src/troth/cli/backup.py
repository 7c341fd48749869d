"""Back up a house into two places, data and keys apart; what was copied is read back in full."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from troth.cli.asking import of_house, opened
from troth.cli.speaking import emit, note, progress, say, wants_json

if TYPE_CHECKING:
    from troth.acts.backup import Backup, Outlook

_FOLDER = click.Path(file_okay=False, path_type=Path)


@click.command()
@click.option("--data", "content", required=True, type=_FOLDER, help="Where copies of the data go.")
@click.option(
    "--keys", required=True, type=_FOLDER, help="Where copies of the keys go: elsewhere, under other rights."
)
@click.option(
    "--keep", default=2, show_default=True, type=click.IntRange(1),
    help="How many copies of the keys stay. None of an epoch before the last two does.",
)  # fmt: skip
@click.option(
    "--keep-data", "keep_content", default=0, type=click.IntRange(0), help="How many of the data; 0 for all."
)
@click.option("--drill", is_flag=True, help="Restore what was copied into a temporary house, and look at it.")
@click.option("--dry-run", is_flag=True, help="Show what would be copied and removed; do nothing.")
@of_house
def backup(content: Path, keys: Path, keep: int, keep_content: int, drill: bool, dry_run: bool) -> None:
    """Copy the house: data to one place, wrapped keys to another, and what opens those beside them.

    The root key is in no copy: keep keys/root, or the passphrase, in a third place. Exits with 3 when
    something that the house has is damaged: then the copy is made, and does not count as verified.
    """
    from troth.acts.backup import back_up, preview
    from troth.acts.restore import drill as drilled

    kept = {"keep": keep, "keep_content": keep_content}
    with opened() as house:
        if dry_run:
            _plan(preview(house.teller, content=content, keys=keys, **kept))
            return
        with progress("reading back", None) as bar:
            made = back_up(house.teller, content=content, keys=keys, progress=bar, **kept)
            opened_again = (
                drilled(house.teller, content=made.content, keys=made.keys).opened if drill else None
            )
    _tell(made, opened_again)
    if not made.verified:
        raise click.exceptions.Exit(3)


def _plan(found: "Outlook") -> None:
    if wants_json():
        emit(
            {"dry_run": True, "entries": found.entries, "people": found.people, "files": found.files,
             "epoch": found.epoch, "pruned": list(found.pruned)}
        )  # fmt: skip
        return
    say(
        f"would copy {found.people:,} people, {found.files:,} files and {found.entries:,} lines of the ledger"
    )
    for name in found.pruned:
        say(f"would remove the older copy {name}")


def _tell(made: "Backup", drilled: int | None) -> None:
    if wants_json():
        emit(
            {"dry_run": False, "copy": made.copy, "data": str(made.content), "keys": str(made.keys),
             "at": made.at, "entries": made.entries, "epoch": made.epoch, "bytes": made.bytes,
             "files": made.files, "verified": made.verified, "missing": made.missing,
             "broken": [list(place) for place in made.broken], "retired": list(made.retired),
             "pruned": list(made.pruned), "drilled": drilled}
        )  # fmt: skip
        return
    say(f"data in {made.content}")
    say(f"keys in {made.keys}")
    say(f"  {made.bytes:,} bytes, {made.files:,} files, {made.entries:,} ledger lines; epoch {made.epoch}")
    if made.verified:
        say("  read back in full: every file is as it was written, and every key opens")
    if made.missing:
        note(f"  {made.missing:,} files that rows tell of are missing in the house", fg="red")
    for subject, kept in made.broken[:10]:
        note(f"  the key of person {subject} and class {kept} does not open", fg="red")
    for epoch in made.retired:
        say(f"  the key of epoch {epoch} is destroyed: older copies of the keys are closed for good")
    for name in made.pruned:
        say(f"  the older copy {name} is removed")
    if drilled is not None:
        say(f"  restored as a drill: the ledger is whole, and {drilled:,} records were opened of it")
    say("the root key is in no copy: keep it in a third place")
