"""Place and end holds: a matter, such as a lawsuit, that stops erasure and removal while it lasts."""

import click

from troth.cli.asking import about, about_person, asker, by_someone, of_house, opened
from troth.cli.choices import acknowledge

MATTER = click.option("--matter", required=True, help="The matter's own reference.")
REASON = click.option("--reason", required=True, help="A reason for which the agreement lets data be held.")


@click.group()
def hold() -> None:
    """Place or end a hold on what is kept of a person; a hold permits no use."""


@hold.command()
@MATTER
@REASON
@about_person
@by_someone
@of_house
def place(matter: str, reason: str) -> None:
    """Place a hold: nothing of what it covers is erased or removed while it lasts."""
    person, by = about(), asker()
    with opened() as house:
        acknowledge(house.hold(about=person, matter=matter, reason=reason, by=by))


@hold.command()
@MATTER
@REASON
@about_person
@by_someone
@of_house
def end(matter: str, reason: str) -> None:
    """End the hold of a matter; what had expired under it goes with the next sweep."""
    person, by = about(), asker()
    with opened() as house:
        acknowledge(house.end_hold(about=person, matter=matter, reason=reason, by=by))
