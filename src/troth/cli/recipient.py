"""Record what a recipient has signed, before anything is disclosed to it."""

import click

from troth.cli.asking import asker, by_someone, of_house, opened
from troth.cli.choices import acknowledge
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
@by_someone
@of_house
def add(name: str, kind: str, reference: str, until: str) -> None:  # fmt: skip
    """Record an instrument of the recipient NAME, written as `class.name` of the agreement."""
    by, end = asker(), instant(until)
    with opened() as house:
        acknowledge(house.record_instrument(by=by, recipient=name, kind=kind, reference=reference, until=end))
