"""What goes when, and why something is kept: for `sweep --dry-run` and `kept`."""

from typing import TYPE_CHECKING

import click

from troth.cli.asking import about, about_person, asker, by_someone, of_house, opened
from troth.cli.speaking import emit, say, wants_json
from troth.clock import FOREVER, iso

if TYPE_CHECKING:
    from troth.custody.endings.foretelling import Going
    from troth.rules.matters import Told


def show(found: "tuple[Going, ...]") -> None:
    """Show what goes now and within the next days, by retention class."""
    if wants_json():
        emit({"classes": [_plain(each) for each in found]})
        return
    if not found:
        say("nothing goes within the next 30 days")
    for each in found:
        say(f"{each.kept} ({each.clause}): {sum(count for _, count in each.days):,} in the next 30 days")
        if each.overdue:
            since = iso(each.oldest or 0)
            say(f"  {each.overdue:,} are over, the first since {since}: they go with the next sweep")
        for day, count in each.days:
            say(f"  {iso(day)[:10]}  {count:,}")
        if each.held:
            say(f"  {each.held:,} are held, by {', '.join(matter for matter, _ in each.matters)}")


def _plain(each: "Going") -> dict[str, object]:
    return {
        "class": each.kept,
        "clause": each.clause,
        "overdue": each.overdue,
        "oldest": None if each.oldest is None else iso(each.oldest),
        "days": [{"day": iso(day)[:10], "records": count} for day, count in each.days],
        "held": each.held,
        "matters": [{"matter": matter, "people": people} for matter, people in each.matters],
    }


@click.command("kept")
@click.option("--category", default="", help="Of one category alone.")
@about_person
@by_someone
@of_house
def kept(category: str) -> None:
    """Say why what is held of a person is kept: class, clause, clock, end, and what holds it.

    Decided as access to it, and remembered: by the person themself, unless somebody is named.
    """
    person, by = about(), asker(or_self=True)
    with opened() as house:
        found = house.why_kept(about=person, category=category, by=by)
    if wants_json():
        lines = [
            {
                "class": each.kept, "category": each.category, "clause": each.clause,
                "records": each.records, "starts": each.starts, "soonest": iso(each.soonest),
                "latest": iso(each.latest), "then": each.then, "duty": each.duty or None,
                "could_hold": list(each.could_hold), "only_for": each.only_for or None,
                "held": [_held(hold) for hold in each.held],
                "chosen_days": each.chosen, "over": each.over,
            }
            for each in found
        ]  # fmt: skip
        emit({"kept": lines})
        return
    if not found:
        say("nothing is held of this person")
    for each in found:
        say(f"{each.category}: {each.records:,} records, class {each.kept}, clause {each.clause}")
        say(f"  runs from {each.starts}; {_ends(each.latest, over=each.over)}, then: {each.then}")
        if each.chosen is not None:
            say(f"  the person chose {each.chosen} days")
        if each.duty:
            say(f"  a duty keeps it: {each.duty}")
        for hold in each.held:
            end = "somebody ends it" if hold.until >= FOREVER else iso(hold.until)
            if hold.matter:
                since = iso(hold.since)
                say(f"  held by {hold.matter} since {since}: {hold.reason}; {hold.owner}, until {end}")
            else:
                say(f"  kept for a legal reason, until {end} at most")


def _ends(at: int, *, over: bool) -> str:
    return f"over since {iso(at)}, and here for what holds it alone" if over else f"ends by {iso(at)}"


def _held(hold: "Told") -> dict[str, object]:
    """Return a hold as the person is told of it; of one that they may not be told of, its end alone."""
    until = None if hold.until >= FOREVER else iso(hold.until)
    if not hold.matter:
        return {"until": until}
    return {
        "matter": hold.matter, "reason": hold.reason, "owner": hold.owner,
        "since": iso(hold.since), "until": until,
    }  # fmt: skip
