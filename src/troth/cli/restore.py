"""Restore a house from its copies: in quarantine until all that came after them is replayed and verified."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from troth.cli import asking
from troth.cli.asking import FILE, as_json
from troth.cli.speaking import emit, note, progress, say, wants_json

if TYPE_CHECKING:
    from troth.custody.copies.restored import Restored

_FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)


@click.command()
@click.option("--data", "content", required=True, type=_FOLDER, help="One copy of the data.")
@click.option(
    "--keys", required=True, type=_FOLDER, help="One copy of the keys: of the same backup, or a later one."
)
@click.option("--root", required=True, type=FILE, help="The file of the root key, which is in no copy.")
@click.option(
    "--into", required=True, type=click.Path(file_okay=False, path_type=Path),
    help="The directory of the new house.",
)  # fmt: skip
@click.option("--ledger", type=_FOLDER, help="The ledger that was kept outside, with all that came after.")
@click.option("--checkpoint", type=FILE, help="The newest signed state of the ledger that anybody kept.")
@click.option(
    "--accept-loss", is_flag=True, help="Restore without that ledger: whoever was erased since is back."
)
@click.option("--store", default="sqlite", envvar="TROTH_STORE", metavar="URL", help="An empty PostgreSQL.")
@click.option("--keystore", default="", envvar="TROTH_KEYSTORE", metavar="URL", help="Another, for the keys.")
@click.option("--passphrase-file", type=FILE, help="A file whose first line opens the root.")
@click.option("--dry-run", is_flag=True, help="Read and judge the copies and the ledger; build nothing.")
@as_json
def restore(
    content: Path,
    keys: Path,
    root: Path,
    passphrase_file: Path | None,
    dry_run: bool,
    **chosen: Any,  # noqa: ANN401
) -> None:
    """Make a house of two copies, replay what came after them, verify it, and let it open.

    Erasures, withdrawals and other refusals are replayed; what would permit more is not. Cut off, it is
    run again with the same arguments and begins anew.
    """
    from troth.acts.restore import preview
    from troth.acts.restore import restore as restored
    from troth.settings import SETTINGS, read_settings

    secret = None
    if (content / SETTINGS).exists() and read_settings(content).root == "passphrase":
        secret = asking.first_line(passphrase_file) if passphrase_file else asking.passphrase()
    given: dict[str, Any] = {"content": content, "keys": keys, "root": root, "passphrase": secret}
    with progress("restoring", None) as bar:
        if dry_run:
            more = {name: chosen[name] for name in ("ledger", "checkpoint", "accept_loss")}
            lines = preview(progress=bar, **given, **more)
        else:
            report = restored(progress=bar, **given, **chosen)
    if dry_run:
        if wants_json():
            emit({"dry_run": True, **lines})
            return
        say(f"the copies are whole and belong together; {lines['lines']:,} ledger lines came after them")
        say(f"  {lines['erasures']:,} erasures and {lines['noes']:,} refusals among them would be replayed")
        return
    _tell(report, chosen["into"])


def _tell(found: "Restored", into: Path) -> None:
    if wants_json():
        from dataclasses import asdict

        emit({"dry_run": False, "into": str(into), **asdict(found)})
        return
    say(f"a house stands in {into}, as of {found.taken_at}, with {found.continued:,} ledger lines since")
    say(f"  replayed: {found.erased:,} erasures, {found.noes:,} refusals, {found.left:,} people who left")
    say(f"  opened: {found.opened:,} records to see that they can be; the ledger is whole")
    if found.loss_accepted:
        note("  what came after the copy is not known: whoever was erased or refused since is as before")
    for number, kind in found.aside[:20]:
        say(f"  look at ledger entry {number} ({kind}): what it changed is as before, and is restricted")
    if len(found.aside) > 20:
        say(f"  and at {len(found.aside) - 20:,} more: restored.json in the house lists all")
    for kind, count in found.widened.items():
        say(f"  not replayed, as it permits more: {count:,} of {kind}")
    for kind, count in found.lost.items():
        say(f"  lost but for its lines: {count:,} of {kind}")
    if found.keys or found.approvals:
        say(
            f"  ended: {found.keys:,} keys of programs and agents, {found.approvals:,} approvals;"
            " make them anew"
        )
    if found.missing:
        note(f"  {found.missing:,} files are in no copy", fg="red")
    for name in found.secrets:
        say(f"  put back {name}, which no copy holds")
