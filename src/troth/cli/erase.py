"""Erase a person, or some retention classes of them; the receipt says what went and what stays, and why."""

import sys
from typing import TYPE_CHECKING, Any

import click

from troth.cli.asking import about, about_person, asker, by_someone, of_house, opened
from troth.cli.speaking import emit, note, progress, say, table, until, wants_json
from troth.clock import iso

if TYPE_CHECKING:
    from troth.custody.desk import About
    from troth.custody.endings.erasing import Gone, Outlook
    from troth.custody.endings.grace import Away
    from troth.library import Troth
    from troth.rules.decision import Actor
    from troth.rules.rulebook import Rulebook


@click.command()
@about_person
@click.option(
    "--class", "classes", multiple=True, metavar="NAME", help="Only this retention class; repeatable."
)
@click.option("--case", default="", help="The case of the erasure, where there is one.")
@click.option(
    "--after",
    type=click.IntRange(1, 30),
    metavar="DAYS",
    help="Seal it away now and erase it later; the code that is printed calls it back (`recall`).",
)
@click.option("--dry-run", is_flag=True, help="Show what would go and what would stay; do nothing.")
@click.option("--yes", is_flag=True, help="Do not ask; needed off a terminal.")
@by_someone
@of_house
def erase(classes: tuple[str, ...], case: str, after: int | None, dry_run: bool, yes: bool) -> None:
    """Erase what is held of a person (GDPR Art. 17): keys destroyed, rows and index entries removed.

    What a legal duty or a matter keeps stays, and is named with its clause and its end. There is no
    way back, but for whoever has the code of an erasure that comes later.
    """
    from troth.acts.rights import erasing
    from troth.custody.endings import erasing as at_once
    from troth.custody.endings import grace
    from troth.errors import TrothError

    if not dry_run and not yes and not sys.stdin.isatty():
        raise click.UsageError("off a terminal, say --yes (or --dry-run to see what would be done)")
    if after and classes:
        raise click.UsageError("--after is of everything; leave --class out")
    person, by = about(), asker(or_self=True)
    with opened() as house:
        job = erasing(by=by, about=person, classes=classes, case=case)
        book = house.teller.house.book
        if dry_run or not yes:
            preview = grace.preview if after else at_once.preview
            outlook = house.teller.alone(lambda desk: preview(desk, job))
            if isinstance(outlook, TrothError):
                raise outlook
            _show(
                _rows(outlook.goes, outlook, book, "would be sealed away" if after else "would be erased"),
                outlook,
                None,
            )
            if dry_run:
                return
            asked = "Seal this away?" if after else "Erase this? There is no way back"
            click.confirm(asked, abort=True, err=True)
        if after:
            _put_away(house, person, by, days=after, case=case)
            return
        with progress("erasing", None):
            gone = house.teller.erase(job)
        _show(_rows(gone.erased, gone, book, "erased"), gone, gone, others=len(house.teller.house.systems))


def _put_away(house: "Troth", person: "About", by: "Actor", *, days: int, case: str) -> None:
    """Print the code first: whatever cuts this off, it is not lost."""
    code = house.recovery_code()
    if not wants_json():
        say(f"recovery code: {code}")
    else:
        note(f"recovery code: {code}")
    with progress("sealing away", None):
        away = house.erase_later(about=person, days=days, code=code, by=by, case=case)
    rows = _rows(away.goes, away, house.teller.house.book, "sealed away")
    if wants_json():
        emit(
            {
                "dry_run": False,
                "whole": away.whole,
                "classes": rows,
                "ends_at": iso(away.ends_at),
                "code": code,
                "entries": [away.begun.entry, away.sealed.entry],
            }
        )
        return
    table(
        ("class", "fate", "because of clause"), [(row["class"], row["fate"], row["clause"]) for row in rows]
    )
    say(f"until {until(away.ends_at)} the code calls it back, and nothing else does; receipt {away.begun}")


def _rows(
    goes: tuple[str, ...], found: "Outlook | Gone | Away", book: "Rulebook", word: str
) -> list[dict[str, Any]]:
    rows = [
        {"class": kept, "fate": word, "until": None, "clause": book.keep(kept)[0], "why": ""}  # type: ignore[arg-type]
        for kept in goes
    ]
    rows += [
        {"class": stay.kept, "fate": "kept", "until": iso(stay.until), "clause": stay.clause, "why": stay.why}
        for stay in found.stays
    ]
    return rows


def _show(
    rows: list[dict[str, Any]], found: "Outlook | Gone", gone: "Gone | None", *, others: int = 0
) -> None:
    if wants_json():
        document: dict[str, Any] = {"dry_run": gone is None, "whole": found.whole, "classes": rows}
        document["records"] = gone.records if gone else None
        document["files"] = gone.files if gone else None
        document["entries"] = [gone.begun.entry, gone.done.entry] if gone else []
        emit(document)
        return
    ends = {stay.kept: until(stay.until) for stay in found.stays}
    lines = [
        (row["class"], row["fate"], ends.get(row["class"], ""), row["clause"], row["why"]) for row in rows
    ]
    table(("class", "fate", "until", "because of clause", "why"), lines)
    if gone is None:
        note("nothing was done" if found.whole else "nothing was done; what stays goes when its time is over")
        return
    if gone.whole:
        say("nothing of the person is left" + (" here" if others else ""))
    if others:
        say("other systems are told when they are next gone on with: `troth systems` shows what is open")
    say(
        f"{gone.records:,} records and {gone.files:,} files removed, their keys destroyed; "
        f"receipt {gone.begun} and {gone.done}"
    )
