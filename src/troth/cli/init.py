"""Found a house: a directory with its sealed store, its keys, and its ledger, under one agreement."""

from pathlib import Path

import click

from troth.cli import asking
from troth.cli.agreements import MEMBER, MINIMAL, text_of
from troth.cli.asking import FILE, as_json, in_directory
from troth.cli.speaking import emit, say, wants_json


@click.command()
@click.argument("agreement", type=FILE, required=False)
@click.option("--member", is_flag=True, help="Take the reference agreement of a member service.")
@in_directory
@click.option("--passphrase", "asks", is_flag=True, help="Guard the root key with a passphrase; asked twice.")
@click.option("--passphrase-stdin", is_flag=True, help="The same, read from the first line of stdin.")
@click.option("--passphrase-file", type=FILE, help="The same, read from the first line of a file.")
@click.option("--store", default="sqlite", envvar="TROTH_STORE", metavar="URL", help="A PostgreSQL database.")
@click.option(
    "--keystore", default="", envvar="TROTH_KEYSTORE", metavar="URL", help="One of its own for keys."
)
@click.option(
    "--place", default="", help="Where the house stands, such as EEA.IE; the agreement's by default."
)
@as_json
def init(
    agreement: Path | None,
    member: bool,
    asks: bool,
    passphrase_stdin: bool,
    passphrase_file: Path | None,
    store: str,
    keystore: str,
    place: str,
) -> None:
    """Found a house under AGREEMENT, a Markdown file; without one, under the minimal agreement.

    The root key is a file in the house unless a passphrase is given (or TROTH_PASSPHRASE is set).
    """
    if member and agreement:
        raise click.UsageError("give an agreement, or --member, not both")
    secret = _passphrase(asks, passphrase_stdin, passphrase_file)
    from troth.library import init as found

    file = agreement or (MEMBER if member else MINIMAL)
    here = asking.directory()
    with found(here, text_of(file), passphrase=secret, store=store, keystore=keystore, place=place) as house:
        promised, own = house.agreement, house.teller.house
        document = {
            "directory": str(here),
            "agreement": promised.name,
            "title": promised.title,
            "version": promised.version,
            "hash": promised.hash,
            "clauses": len(promised.clauses),
            "place": own.place,
            "root": "key-file" if secret is None else "passphrase",
            "store": "sqlite" if own.filing.sqlite else "postgresql",
            "vkey": own.signer.verifier.vkey,
        }
    if wants_json():
        emit(document)
        return
    say(f"A house stands in {here}, under “{promised.title}”, version {promised.version}.")
    say(f"  clauses    {len(promised.clauses)}   agreement {promised.hash[:16]}")
    say(f"  root key   {document['root']}   store {document['store']}   place {own.place}")
    say(f"  ledger key {document['vkey']}")
    say("Publish the ledger key: with it, anyone can verify the ledger offline.")
    if secret is None:
        say(f"Keep a copy of {here / 'keys'} apart from the rest: without it nothing can be read again.")


def _passphrase(asks: bool, stdin: bool, file: Path | None) -> str | None:
    import os
    import sys

    if asks + stdin + (file is not None) > 1:
        raise click.UsageError("say once where the passphrase comes from")
    if stdin:
        return asking.stdin_line()
    if file is not None:
        return asking.first_line(file)
    if asks:
        if not sys.stdin.isatty():
            raise click.UsageError("off a terminal, give --passphrase-stdin or --passphrase-file")
        return str(click.prompt("Passphrase", hide_input=True, confirmation_prompt=True, err=True))
    return os.environ.get("TROTH_PASSPHRASE") or None
