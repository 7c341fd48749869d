"""Make, list and end the keys with which programs call the API; a key is shown once, when it is made."""

import click

from troth.cli.asking import of_house, opened
from troth.cli.speaking import emit, say, shown, table, until, wants_json
from troth.clock import DAY, iso


@click.group()
def key() -> None:
    """Make, list and end the service keys (program keys) of the API."""


@key.command()
@click.option("--program", required=True, metavar="NAME", help="The program that the key is for.")
@click.option(
    "--purpose", "purposes", required=True, multiple=True, metavar="PURPOSE",
    help="A purpose that it serves, with all below it; may be given several times.",
)  # fmt: skip
@click.option(
    "--rate", default=600, show_default=True, type=click.IntRange(1), help="Requests a minute, at most."
)
@click.option(
    "--days", default=90, show_default=True, type=click.IntRange(1, 3_650), help="How long it is valid."
)
@of_house
def make(program: str, purposes: tuple[str, ...], rate: int, days: int) -> None:
    """Make a key and print it, once: nobody can read it again.

    Several keys of one program may be valid at a time: make the next one, let the program use it, then
    end the one before.
    """
    from troth.acts.keys import make_key

    with opened() as house:
        end = house.teller.house.clock() + days * DAY
        made = make_key(house.teller, program=program, purposes=purposes, rate=rate, until=end)
    if wants_json():
        emit({"key": made.text, "id": made.key.id, "ends_at": iso(made.key.ends_at)})
        return
    say(made.text)
    say(f"  id {made.key.id}, valid until {until(made.key.ends_at)}; it is not shown again")


@key.command()
@click.argument("key_id", metavar="ID")
@of_house
def end(key_id: str) -> None:
    """End the key of an ID; a running server refuses it within a second."""
    from troth.acts.keys import end_key

    with opened() as house:
        ended = end_key(house.teller, key=key_id)
    if wants_json():
        emit({"ended": ended.id, "program": ended.program})
        return
    say(shown(f"ended {ended.id} of {ended.program}"))


@key.command("list")
@of_house
def list_() -> None:
    """List the keys that were not ended, without their secrets."""
    from troth.acts.keys import keys

    with opened() as house:
        found, now = keys(house.teller), house.teller.house.clock()
    if wants_json():
        emit({"keys": [
            {"id": k.id, "program": k.program, "purposes": list(k.purposes), "rate": k.rate,
             "made_at": iso(k.made_at), "ends_at": iso(k.ends_at), "valid": now < k.ends_at}
            for k in found
        ]})  # fmt: skip
        return
    rows = [
        (
            k.id,
            k.program,
            ", ".join(k.purposes),
            f"{k.rate}/min",
            until(k.ends_at),
            _over(k.ends_at <= now),
        )
        for k in found
    ]
    table(("id", "program", "purposes", "rate", "valid until", ""), rows)


def _over(over: bool) -> str:
    return "over" if over else ""
