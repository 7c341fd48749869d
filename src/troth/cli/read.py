"""Read for a purpose, or show a person what is held of them; values are masked until `--reveal` is given."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import click

from troth.cli.asking import about, about_person, asker, by_someone, of_house, opened
from troth.cli.speaking import emit, say, shown, table, until, wants_json
from troth.clock import iso

if TYPE_CHECKING:
    from troth.custody.hand_out import Handed, Held
    from troth.rules.rulebook import Rulebook

reveal_option = click.option(
    "--reveal", is_flag=True, help="Show the values themselves; without it each is masked by its type."
)


@click.command()
@about_person
@click.option("--purpose", required=True, help="What it is read for; a purpose of the agreement.")
@click.option("--category", required=True, help="Which category of data.")
@click.option(
    "--fields", default="", metavar="A,B", help="Only these fields; all that are allowed by default."
)
@click.option("--case", default="", help="The case it is read for, where a clause asks for one.")
@click.option("--reason", default="", help="The reason, where a clause asks for one.")
@by_someone
@reveal_option
@of_house
def read(purpose: str, category: str, fields: str, case: str, reason: str, reveal: bool) -> None:
    """Read one category of a person for a purpose, as staff or as a program.

    The ledger line that remembers the read is committed before anything is shown; so is a refusal.
    """
    person, by = about(), asker()
    names = [name.strip() for name in fields.split(",") if name.strip()]
    with opened() as house:
        context = house.purpose(purpose, by=by, case=case, reason=reason)
        handed = context.read(about=person, category=category, fields=names)
        _show([handed], house.teller.house.book, reveal=reveal, withheld={})


@click.command()
@about_person
@click.option("--category", help="Which category of data; every category of the agreement by default.")
@by_someone
@reveal_option
@of_house
def access(category: str | None, reveal: bool) -> None:
    """Show a person what is held of them (GDPR Art. 15); by themself, unless somebody is named."""
    from troth.errors import Refused

    person, by = about(), asker(or_self=True)
    with opened() as house:
        book = house.teller.house.book
        withheld: dict[str, Refused] = {}
        found = []
        for each in [category] if category else sorted(book.fields):
            try:
                found.append(house.access(about=person, category=each, by=by))
            except Refused as refused:
                if category:
                    raise
                withheld[each] = refused
        if not found:
            raise next(iter(withheld.values()))
        _show(found, book, reveal=reveal, withheld={name: r.clauses for name, r in withheld.items()})


def _show(
    answers: "Iterable[Handed]", book: "Rulebook", *, reveal: bool, withheld: dict[str, tuple[str, ...]]
) -> None:
    answers = list(answers)
    held = [(record, _values(record, book, reveal=reveal)) for handed in answers for record in handed.records]
    if wants_json():
        emit(
            {
                "records": [_row(record, values) for record, values in held],
                "revealed": reveal,
                "withheld": {name: list(clauses) for name, clauses in withheld.items()},
                "tell": next((handed.tell for handed in answers if handed.tell), None),
                "entries": [handed.receipt.entry for handed in answers],
            }
        )
        return
    for record, values in held:
        when = f"collected {until(record.collected_at)}, readable until {until(record.expires_at)}"
        say(f"{record.category}, under clause {record.clause}, {when}")
        table(("field", "value"), [(name, _text(value)) for name, value in values.items()])
        say()
    for name, clauses in withheld.items():
        say(f"{name} is not shown (clause {', '.join(clauses)})" if clauses else f"{name} is not shown")
    if not held:
        say("nothing is held")
    masked = "; masked, as --reveal was not given" if held and not reveal else ""
    say(f"remembered in ledger entry {_numbers([handed.receipt.entry for handed in answers])}{masked}")


def _numbers(entries: list[int]) -> str:
    """Return entry numbers in words: `8`, `8, 10`, `8 to 20`."""
    if len(entries) > 2 and entries == list(range(entries[0], entries[-1] + 1)):
        return f"{entries[0]} to {entries[-1]}"
    return ", ".join(map(str, entries))


def _row(record: "Held", values: dict[str, Any]) -> dict[str, Any]:
    return {
        "record": record.id.hex(),
        "category": record.category,
        "clause": record.clause,
        "collected_at": iso(record.collected_at),
        "expires_at": iso(record.expires_at),
        "values": values,
    }


def _values(record: "Held", book: "Rulebook", *, reveal: bool) -> dict[str, Any]:
    """Return the values of a record: masked by their types, or themselves; of a file, its size."""
    from troth.terms.kinds import KINDS
    from troth.terms.masks import STARS

    found: dict[str, Any] = {}
    for name, plaintext in record.values.items():
        value = plaintext.reveal()
        spec = book.fields.get(record.category, {}).get(name)
        if not reveal:
            found[name] = KINDS[spec.type].mask(value) if spec else STARS
        else:
            found[name] = {"bytes": len(value)} if isinstance(value, bytes) else value
    return found


def _text(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name} {shown(part)}" for name, part in value.items())
    return str(value)
