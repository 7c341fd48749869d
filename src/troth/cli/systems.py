"""Show what other systems still have to do for people, try it again, and settle it by hand."""

from dataclasses import asdict, astuple
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from troth.cli.asking import DRY, asker, by_someone, of_house, opened
from troth.cli.speaking import emit, note, progress, say, table, wants_json
from troth.clock import FOREVER, iso

if TYPE_CHECKING:
    from troth.store.duties import Duty


@click.group(invoke_without_command=True)
@click.option("--retry", metavar="SYSTEM", help="Try at once what SYSTEM has to do, also what is stuck.")
@DRY
@of_house
@click.pass_context
def systems(ctx: click.Context, retry: str | None, *, dry_run: bool) -> None:
    """Show how much each system of systems.toml still has to do for people, or try it again."""
    if ctx.invoked_subcommand is not None:
        given = ParameterSource.COMMANDLINE
        if any(ctx.get_parameter_source(str(each.name)) is given for each in ctx.command.params):
            raise click.UsageError("options stand behind the last word of the command")
        return
    from troth.acts import downstream

    with opened() as house:
        declared = sorted(house.teller.house.systems)
        if retry is not None:
            again = downstream.retry(house.teller, retry, dry_run=dry_run)
            note(f"{again} to be tried" + ("; nothing was done" if dry_run else ""))
            if not dry_run:
                with progress("trying again", again) as bar:
                    downstream.run_due(house.teller, progress=lambda ran: bar(sum(astuple(ran))))
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


def _document(duty: "Duty") -> dict[str, Any]:
    return {
        "duty": duty.id.hex(), "system": duty.system, "act": duty.act, "state": duty.state,
        "case": duty.reference or None, "since": iso(duty.since), "tries": duty.tries,
        "code": duty.code or None, "due": iso(duty.due_at) if duty.due_at < FOREVER else None,
    }  # fmt: skip


@systems.command("duties")
@by_someone
@of_house
def duties_() -> None:
    """List what is open, one by one, for a role that the clause of its right names; 1,000 at most."""
    by = asker()
    with opened() as house:
        found = house.open_duties(by=by)
    if wants_json():
        emit({"duties": [_document(duty) for duty in found]})
        return
    rows = [(d.id.hex(), d.system, d.act, d.reference, d.state, d.code, iso(d.since)) for d in found]
    table(("duty", "system", "act", "case", "state", "why", "since"), rows)


@systems.command()
@click.argument("duty")
@click.option(
    "--reason",
    required=True,
    type=click.Choice(("system-gone", "nothing-there", "done-by-hand", "not-possible")),
    help="Why nobody waits for it any longer.",
)
@DRY
@by_someone
@of_house
def settle(duty: str, reason: str, *, dry_run: bool) -> None:
    """Settle DUTY by hand: its system will never say that it did it, and its demand ends as done in part.

    It takes a role that the clause of its right names. What is stuck, what has failed for a day,
    what was begun a month ago, and what is of a system that is declared no more can be settled.
    """
    try:
        number = bytes.fromhex(duty)
    except ValueError:
        raise click.UsageError("DUTY is the hexadecimal name that `troth systems duties` shows") from None
    from troth.acts import downstream

    by = asker()
    with opened() as house:
        if dry_run:
            _foretell(downstream.foresettle(house.teller, duty=number, reason=reason, by=by).duty)
            return
        settled = house.settle_duty(duty=number, reason=reason, by=by)
    if wants_json():
        emit(
            {**_document(settled.duty), "settled_by": settled.duty.settled_by, "entry": settled.receipt.entry}
        )
    else:
        say(f"settled by hand, {reason}; entry {settled.receipt.entry} says so")


def _foretell(duty: "Duty") -> None:
    if wants_json():
        emit({**_document(duty), "settled_by": duty.settled_by, "dry_run": True})
    else:
        say(f"would be settled by hand, {duty.code}; nothing was done")
