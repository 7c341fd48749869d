"""Erase a person, or some retention classes of them; the receipt says what went and what stays, and why."""

import sys
from typing import TYPE_CHECKING, Any

import click

from troth.cli.asking import about, about_person, asker, by_someone, of_house, opened
from troth.cli.speaking import emit, note, say, table, until, wants_json
from troth.clock import iso

if TYPE_CHECKING:
    from troth.custody.erasing import Gone, Outlook
    from troth.rules.rulebook import Rulebook


@click.command()
@about_person
@click.option(
    "--class", "classes", multiple=True, metavar="NAME", help="Only this retention class; repeatable."
)
@click.option("--case", default="", help="The case of the erasure, where there is one.")
@click.option("--dry-run", is_flag=True, help="Show what would go and what would stay; do nothing.")
@click.option("--yes", is_flag=True, help="Do not ask; needed off a terminal.")
@by_someone
@of_house
def erase(classes: tuple[str, ...], case: str, dry_run: bool, yes: bool) -> None:
    """Erase what is held of a person (GDPR Art. 17): keys destroyed, rows and index entries removed.

    What a legal duty or a matter keeps stays, and is named with its clause and its end. There is no
    way back.
    """
    from troth.acts.rights import erasing
    from troth.custody.erasing import preview
    from troth.errors import TrothError

    if not dry_run and not yes and not sys.stdin.isatty():
        raise click.UsageError("off a terminal, say --yes (or --dry-run to see what would be done)")
    person, by = about(), asker(or_self=True)
    with opened() as house:
        job = erasing(by=by, about=person, classes=classes, case=case)
        book = house.teller.house.book
        if dry_run or not yes:
            outlook = house.teller.alone(lambda desk: preview(desk, job))
            if isinstance(outlook, TrothError):
                raise outlook
            _show(_rows(outlook.goes, outlook, book, "would be erased"), outlook, None)
            if dry_run:
                return
            click.confirm("Erase this? There is no way back", abort=True, err=True)
        gone = house.teller.erase(job)
        _show(_rows(gone.erased, gone, book, "erased"), gone, gone)


def _rows(
    goes: tuple[str, ...], found: "Outlook | Gone", book: "Rulebook", word: str
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


def _show(rows: list[dict[str, Any]], found: "Outlook | Gone", gone: "Gone | None") -> None:
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
        say("nothing of the person is left")
    say(
        f"{gone.records:,} records and {gone.files:,} files removed, their keys destroyed; "
        f"receipt {gone.begun} and {gone.done}"
    )
