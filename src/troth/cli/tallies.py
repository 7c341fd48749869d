"""What was counted of data whose time is over, for a purpose that gets totals alone."""

import click

from troth.cli.asking import asker, by_someone, of_house, opened
from troth.cli.speaking import emit, say, table, wants_json


@click.command()
@click.option("--purpose", required=True, help="What it is read for; a purpose that gets totals alone.")
@click.option("--category", required=True, help="Which category of data.")
@click.option(
    "--fields", default="", metavar="A,B", help="Only these fields; all that are allowed by default."
)
@click.option("--case", default="", help="The case it is read for, where a clause asks for one.")
@click.option("--reason", default="", help="The reason, where a clause asks for one.")
@by_someone
@of_house
def tallies(purpose: str, category: str, fields: str, case: str, reason: str) -> None:
    """Read what was counted of a category whose time is over, by month of collection.

    Only of months that are entirely over. The ledger line that remembers it is committed before anything
    is shown; so is a refusal.
    """
    by = asker()
    names = [name.strip() for name in fields.split(",") if name.strip()]
    with opened() as house:
        found = house.tallies(
            by=by, category=category, purpose=purpose, fields=names, case=case, reason=reason
        )
    if wants_json():
        totals = [
            {"field": each.field, "value": each.value, "month": each.month, "count": each.count}
            for each in found.totals
        ]
        emit({"totals": totals, "entry": found.receipt.entry})
    elif not found.totals:
        say("nothing was counted, or no month is over")
    else:
        rows = [[each.field, each.value, each.month, f"{each.count:,}"] for each in found.totals]
        table(["field", "value", "month", "count"], rows)
