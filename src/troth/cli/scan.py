"""Scan other databases for columns that nobody mapped, and show what other systems still have to do."""

from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from troth.cli.asking import of_house, opened
from troth.cli.speaking import emit, note, say, table, wants_json

if TYPE_CHECKING:
    from troth.gates.systems.system import Scanned


@click.command()
@click.argument("system", required=False, default="")
@of_house
@click.pass_context
def scan(ctx: click.Context, system: str) -> None:
    """Print the columns that look personal and are not mapped in systems.toml, of SYSTEM or of all databases.

    Names count, and what most of a few values look like; no value is printed, kept or sent. A column that is
    found is mapped under `columns` of its table, or named in `ignored`. Exits with 3 when any is found.
    """
    from troth.acts import downstream

    with opened() as house:
        found = downstream.scan(house.teller, system)
    if wants_json():
        emit({"systems": [asdict(each) for each in found]})
    else:
        _show(found)
    if any(each.suspects for each in found):
        ctx.exit(3)


def _show(found: "tuple[Scanned, ...]") -> None:
    rows = [
        (
            f"{s.system}:{s.table}.{s.column}",
            s.looks,
            s.by,
            " or ".join(s.like) or "-",
            "" if s.declared else "no",
        )
        for each in found
        for s in each.suspects
    ]
    if rows:
        table(("column", "looks like", "by", "may be", "table mapped"), rows)
    looked = ", ".join(f"{each.system} ({each.tables} tables, {each.columns} columns)" for each in found)
    say(f"looked through {looked}; {len(rows)} found" if found else "no database is declared in systems.toml")


@click.command()
@click.option("--retry", metavar="SYSTEM", help="Try at once what SYSTEM has to do, also what is stuck.")
@of_house
def systems(retry: str | None) -> None:
    """Show what each system of systems.toml still has to do for people, or try it again."""
    from troth.acts import downstream

    with opened() as house:
        declared = sorted(house.teller.house.systems)
        if retry is not None:
            again = downstream.retry(house.teller, retry)
            note(f"{again} to be tried")
            downstream.run_due(house.teller)
        found = downstream.open_duties(house.teller)
    if wants_json():
        emit({"declared": declared, "open": [asdict(each) for each in found]})
        return
    names = sorted({*declared, *(each.system for each in found)})
    open_ = {(each.system, each.state): each.count for each in found}
    table(
        ("system", "declared", "waiting", "stuck"),
        [
            (
                name,
                "yes" if name in declared else "no",
                open_.get((name, "waiting"), 0),
                open_.get((name, "stuck"), 0),
            )
            for name in names
        ],
    )
