"""Scan other databases for columns that nobody mapped."""

from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from troth.cli.asking import DRY, of_house, opened
from troth.cli.speaking import emit, say, table, wants_json

if TYPE_CHECKING:
    from troth.gates.systems.system import Scanned


@click.command()
@click.argument("system", required=False, default="")
@DRY
@of_house
@click.pass_context
def scan(ctx: click.Context, system: str, *, dry_run: bool) -> None:
    """Print the columns that look personal and are not mapped in systems.toml, of SYSTEM or of all databases.

    Names count, and what most of a few values look like; no value is printed, kept or sent. A column that is
    found is mapped under `columns` of its table, or named in `ignored`. Exits with 3 when any is found.
    """
    from troth.acts import downstream

    with opened() as house:
        if dry_run:
            _foretell(sorted(downstream.scannable(house.teller, system)))
            return
        found = downstream.scan(house.teller, system)
    if wants_json():
        emit({"systems": [asdict(each) for each in found]})
    else:
        _show(found)
    if any(each.suspects for each in found):
        ctx.exit(3)


def _foretell(names: list[str]) -> None:
    if wants_json():
        emit({"dry_run": True, "systems": names})
    else:
        say(f"would look through {', '.join(names) or 'nothing'}; nothing was asked of any database")


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
