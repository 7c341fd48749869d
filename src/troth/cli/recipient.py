"""Record what a recipient has signed, before anything is disclosed to it."""

import click

from troth.cli.asking import DRY, asker, by_someone, of_house, opened
from troth.cli.choices import acknowledge
from troth.cli.speaking import emit, say, wants_json
from troth.clock import instant


@click.group()
def recipient() -> None:
    """Record what a recipient has signed."""


@recipient.command()
@click.argument("name")
@click.option(
    "--kind",
    required=True,
    type=click.Choice(("contract", "confidentiality", "safeguard", "legal_basis")),
    help="What was signed.",
)
@click.option("--reference", required=True, help="Where the paper is filed.")
@click.option("--until", required=True, metavar="TIME", help="Its end, such as 2027-12-31T23:59:59Z.")
@DRY
@by_someone
@of_house
def add(name: str, kind: str, reference: str, until: str, *, dry_run: bool) -> None:
    """Record an instrument of the recipient NAME, written as `class.name` of the agreement."""
    by, end = asker(), instant(until)
    from troth.acts.disclose import instrument
    from troth.acts.rehearse import trial

    work = instrument(by=by, recipient=name, kind=kind, reference=reference, until=end)
    with opened() as house:
        if not dry_run:
            acknowledge(house.teller.alone(work))
            return
        found = trial(house.teller, work)
    if wants_json():
        emit({"dry_run": True, "done": found.kind})
    else:
        say(f"{found.kind} would be remembered; nothing was done")
