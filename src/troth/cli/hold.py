"""Holds, which stop erasure and removal: place one, end it, move the end of its matter, list the matters."""

from typing import TYPE_CHECKING

import click

from troth.cli.asking import DRY, about, about_nobody, about_person, asker, by_someone, of_house, opened
from troth.cli.choices import acknowledge
from troth.cli.speaking import emit, say, table, wants_json
from troth.clock import FOREVER, instant, iso

if TYPE_CHECKING:
    from troth.custody.matters import Foreseen
    from troth.ledger.receipt import Receipt
    from troth.store.matters import Matter

MATTER = click.option("--matter", required=True, help="The matter's own reference.")
REASON = click.option("--reason", required=True, help="A reason for which the agreement lets data be held.")
UNTIL = "When the matter ends by itself: ISO 8601 with a zone, such as 2030-01-31T00:00:00Z."


@click.group()
def hold() -> None:
    """Place and end holds on what is kept of a person, and see the matters; a hold permits no use."""


@hold.command()
@MATTER
@REASON
@click.option("--until", metavar="TIME", help=UNTIL)
@click.option(
    "--owner", default="", metavar="ROLE", help="Who alone may end it (default: the role that opens it)."
)
@click.option(
    "--untold", default="", metavar="GROUND", help="The legal ground not to tell people before it ends."
)
@DRY
@about_person
@by_someone
@of_house
def place(matter: str, reason: str, until: str | None, owner: str, untold: str, *, dry_run: bool) -> None:
    """Place a hold: nothing of what it covers is erased or removed while it lasts.

    The first opens the matter. --until, --owner and --untold are the matter's: leave them out for the next.
    """
    person, by = about(), asker()
    end = None if until is None else instant(until)
    with opened() as house:
        done = house.hold(
            about=person, matter=matter, reason=reason, by=by, until=end, owner=owner, untold=untold,
            dry_run=dry_run,
        )  # fmt: skip
    _show(done, "is held by")


@hold.command()
@MATTER
@REASON
@click.option("--everybody", is_flag=True, help="End the matter itself, for everybody whom it holds.")
@DRY
@about_person
@by_someone
@of_house
def end(matter: str, reason: str, *, everybody: bool, dry_run: bool) -> None:
    """End the hold of a matter; what had expired under it goes with the next sweep."""
    by = asker()
    if everybody:
        about_nobody()
    person = "" if everybody else about()
    with opened() as house:
        done = (
            house.end_matter(matter=matter, reason=reason, by=by, dry_run=dry_run)
            if everybody
            else house.end_hold(about=person, matter=matter, reason=reason, by=by, dry_run=dry_run)
        )
    _show(done, "is no longer held by")


@hold.command()
@MATTER
@REASON
@click.option("--until", required=True, metavar="TIME", help=UNTIL)
@DRY
@by_someone
@of_house
def move(matter: str, reason: str, until: str, *, dry_run: bool) -> None:
    """Move the end of a matter, for everybody whom it holds; its owner alone may."""
    by = asker()
    with opened() as house:
        end = instant(until)
        done = house.move_matter(matter=matter, reason=reason, until=end, by=by, dry_run=dry_run)
    _show(done, "is held by")


@hold.command("list")
@by_someone
@of_house
def list_() -> None:
    """List the open matters for which you may hold, and how many people each holds; nobody is named."""
    by = asker()
    with opened() as house:
        _list(list(house.matters(by=by)))


def _show(done: "Receipt | Foreseen", what: str) -> None:
    from troth.custody.matters import Foreseen

    if not isinstance(done, Foreseen):
        acknowledge(done)
        return
    it = done.matter
    if wants_json():
        emit(_plain(it) | {"dry_run": True, "new": done.new, "classes": list(done.classes)})
        return
    opened_now = ", which would be opened" if done.new else ""
    say(f"{', '.join(done.classes)} {what} {it.matter} ({it.reason}){opened_now}, {_until(it.ends_at)}")


def _list(some: "list[Matter]") -> None:
    if wants_json():
        emit({"matters": [_plain(each) for each in some]})
        return
    rows = [
        (m.matter, m.reason, m.owner, iso(m.opened_at), _until(m.ends_at), str(m.people), m.untold)
        for m in some
    ]
    table(("matter", "reason", "owner", "since", "ends", "people", "untold"), rows)


def _until(end: int) -> str:
    return "until somebody ends it" if end >= FOREVER else f"until {iso(end)}"


def _plain(it: "Matter") -> dict[str, object]:
    return {
        "matter": it.matter, "reason": it.reason, "owner": it.owner, "since": iso(it.opened_at),
        "until": None if it.ends_at >= FOREVER else iso(it.ends_at), "untold": it.untold or None,
        "people": it.people,
    }  # fmt: skip
