"""A person's own choices: consent, objection, restriction, correction, and leaving."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from troth.cli.asking import DRY, FILE, about, about_person, asker, by_someone, of_house, opened, reads_stdin
from troth.cli.speaking import emit, say, wants_json
from troth.clock import iso
from troth.errors import BadLine

if TYPE_CHECKING:
    from troth.custody.rehearsing import Choice
    from troth.ledger.receipt import Receipt
    from troth.library import Troth

PURPOSE = click.option("--purpose", required=True, help="A purpose of the agreement.")
_MOST = 1_048_576  # bytes of corrected values


def acknowledge(receipt: "Receipt") -> None:
    """Show the receipt of an act: what the ledger remembers, in which entry, under which hash."""
    if wants_json():
        found = {"done": receipt.kind, "entry": receipt.entry, "hash": receipt.hash.hex()}
        emit({**found, "at": iso(receipt.at)})
    else:
        say(f"{receipt.kind}, remembered in ledger entry {receipt.entry}; receipt {receipt}")


def _choose(house: "Troth", job: "Choice", *, dry_run: bool) -> None:
    """Do what a person chose, or say what the ledger would remember of it."""
    if not dry_run:
        acknowledge(house.teller.ask(job))
        return
    from troth.acts.rehearse import choice

    found = choice(house.teller, job)
    if wants_json():
        emit({"dry_run": True, "done": found.kind, "clauses": list(found.clauses)})
    else:
        say(f"{found.kind} would be remembered, under clause {', '.join(found.clauses)}; nothing was done")


@click.group()
def consent() -> None:
    """Give, refuse or withdraw consent to a purpose; effective at once."""


@consent.command()
@PURPOSE
@DRY
@about_person
@by_someone
@of_house
def give(purpose: str, *, dry_run: bool) -> None:
    """Give consent."""
    from troth.acts.consent import giving

    job = giving(by=asker(or_self=True), about=about(), purpose=purpose)
    with opened() as house:
        _choose(house, job, dry_run=dry_run)


@consent.command()
@PURPOSE
@DRY
@about_person
@by_someone
@of_house
def refuse(purpose: str, *, dry_run: bool) -> None:
    """Refuse consent; remembered, so that it is not asked again at once."""
    from troth.acts.consent import refusing

    job = refusing(by=asker(or_self=True), about=about(), purpose=purpose)
    with opened() as house:
        _choose(house, job, dry_run=dry_run)


@consent.command()
@PURPOSE
@DRY
@about_person
@by_someone
@of_house
def withdraw(purpose: str, *, dry_run: bool) -> None:
    """Withdraw consent; the next read for the purpose is refused."""
    from troth.acts.consent import withdrawing

    job = withdrawing(by=asker(or_self=True), about=about(), purpose=purpose)
    with opened() as house:
        _choose(house, job, dry_run=dry_run)


@click.command("shorten")
@click.option("--class", "kept", required=True, help="A retention class whose clause lets the person choose.")
@click.option("--days", type=click.IntRange(1, 36_500), help="For so many days from when it was given.")
@click.option("--end", is_flag=True, help="End the choice, for what is to come.")
@DRY
@about_person
@by_someone
@of_house
def shorten(kept: str, days: int | None, end: bool, *, dry_run: bool) -> None:
    """Keep what is of a retention class for a shorter time; effective at once."""
    if end is (days is not None):
        raise click.UsageError("give --days or --end")
    from troth.acts.rights import lengthening, shortening

    person, by = about(), asker(or_self=True)
    job = (
        lengthening(by=by, about=person, kept=kept)
        if days is None
        else shortening(by=by, about=person, kept=kept, days=days)
    )
    with opened() as house:
        _choose(house, job, dry_run=dry_run)


@click.command("object")
@PURPOSE
@click.option("--end", is_flag=True, help="End an objection instead.")
@DRY
@about_person
@by_someone
@of_house
def object_(purpose: str, end: bool, *, dry_run: bool) -> None:
    """Object to a purpose (GDPR Art. 21); the next read for it is refused."""
    from troth.acts.consent import objecting, yielding

    act = yielding if end else objecting
    job = act(by=asker(or_self=True), about=about(), purpose=purpose)
    with opened() as house:
        _choose(house, job, dry_run=dry_run)


@click.command()
@PURPOSE
@click.option("--channel", required=True, help="A way of reaching people that the agreement names.")
@click.option("--open", "opens", is_flag=True, help="Open it again instead.")
@DRY
@about_person
@by_someone
@of_house
def stop(purpose: str, channel: str, opens: bool, *, dry_run: bool) -> None:
    """Stop one way of reaching a person for a purpose; the next message that way is refused."""
    from troth.acts.channels import opening, stopping

    act = opening if opens else stopping
    job = act(by=asker(or_self=True), about=about(), purpose=purpose, channel=channel)
    with opened() as house:
        _choose(house, job, dry_run=dry_run)


@click.command()
@click.option("--category", default="*", show_default=True, help="A category; * is everything.")
@click.option("--lift", is_flag=True, help="Lift a restriction instead.")
@about_person
@by_someone
@of_house
def restrict(category: str, lift: bool) -> None:
    """Restrict what is held (GDPR Art. 18): it stays stored, and is neither used nor disclosed."""
    person, by = about(), asker(or_self=True)
    with opened() as house:
        act = house.lift if lift else house.restrict
        acknowledge(act(about=person, category=category, by=by))


@click.command()
@about_person
@by_someone
@of_house
def leave() -> None:
    """Leave: every retention class whose time runs from leaving begins to run."""
    person, by = about(), asker(or_self=True)
    with opened() as house:
        acknowledge(house.leave(about=person, by=by))


@click.command()
@click.option("--category", required=True, help="Which category of data.")
@click.option("--values-file", type=FILE, help="A file with the values, instead of stdin.")
@click.option("--record", metavar="HEX", help="Which record; the latest that has the fields by default.")
@about_person
@by_someone
@of_house
def correct(category: str, values_file: Path | None, record: str | None) -> None:
    """Replace wrong values by right ones (GDPR Art. 16), read from stdin as one JSON object."""
    if values_file is None and reads_stdin():
        raise click.UsageError("stdin brings the values: give --about-file, or --values-file")
    person, by = about(), asker(or_self=True)
    values = values_of(values_file)
    try:
        named = bytes.fromhex(record) if record else None
    except ValueError:
        raise click.UsageError("--record takes the hexadecimal name that `read --json` shows") from None
    with opened() as house:
        acknowledge(house.correct(about=person, category=category, values=values, by=by, record=named))


def values_of(file: Path | None) -> dict[str, object]:
    """Return the values of a file, or of stdin: one JSON object; a usage error for anything else."""
    from troth.cli.stream import MARK, loaded

    with click.open_file(str(file or "-"), "rb") as source:
        raw = source.read(_MOST + 1)
    wanted = 'the values are one JSON object, such as {"email": "..."}, of 1 MiB at most'
    if len(raw) > _MOST:
        raise click.UsageError(wanted)
    try:
        return loaded(raw.removeprefix(MARK))
    except BadLine as bad:
        raise click.UsageError(f"{wanted}: {bad.problem}") from None
