"""Say of every clause whether it is kept, and do what time demands."""

from typing import TYPE_CHECKING, Any

import click

from troth.cli.asking import of_house, opened
from troth.cli.speaking import emit, progress, say, table, wants_json
from troth.clock import SECOND

if TYPE_CHECKING:
    from troth.acts.sweep import Swept
    from troth.evidence.report import Report
    from troth.evidence.status import CheckResult


@click.command()
@click.option("--strict", is_flag=True, help="Exit with 3 also when a clause is unproven.")
@of_house
@click.pass_context
def verify(ctx: click.Context, strict: bool) -> None:
    """Run every check against the running house, and give each clause its word.

    kept: checked, and so. at risk: kept, and something is due. unproven: nothing shows it yet.
    broken: a check found otherwise. attested: people said so. Exits with 3 when a clause, or the ledger
    itself, is broken.
    """
    from troth.evidence.report import verify as verified
    from troth.evidence.status import Status

    with opened() as house:
        report = verified(house.teller)
    counts = {status.value: report.count(status) for status in Status}
    if wants_json():
        emit({**report.plain(), "counts": counts})
    else:
        _show(report)
        say()
        say(f"{len(report.clauses)} clauses: " + ", ".join(f"{n} {word}" for word, n in counts.items() if n))
        if report.ledger_fault:
            say(f"the ledger is broken: {report.ledger_fault}")
    if counts["broken"] or report.ledger_fault or (strict and counts["unproven"]):
        ctx.exit(3)


def _show(report: "Report") -> None:
    rows = []
    for clause in report.clauses:
        if clause.status is None:
            continue
        telling = [check for check in clause.checks if check.status is clause.status]
        rows.append((clause.number, clause.clause, clause.status.value, clause.title, _why(telling)))
    table(("no.", "clause", "status", "title", "because"), rows)


def _why(checks: "list[CheckResult]") -> str:
    """Return what the checks that gave a clause its word found, else what they looked at."""
    details = list(dict.fromkeys(check.detail for check in checks if check.detail))
    if details:
        return "; ".join(details[:2])
    return "; ".join(dict.fromkeys(f"{check.name} ({check.sample:,})" for check in checks))


@click.command()
@click.option("--dry-run", is_flag=True, help="Show what would go now, and on each of the next 30 days.")
@click.option("--pause", type=click.FloatRange(0, 60), default=0.0, help="Seconds to rest after each chunk.")
@click.option(
    "--vacuum", is_flag=True, help="Also write both databases anew: nothing deleted stays in their files."
)
@of_house
@click.pass_context
def sweep(ctx: click.Context, *, dry_run: bool, pause: float, vacuum: bool) -> None:
    """Remove what has expired, forget who left and is over, finish what was cut off, and sign the ledger.

    Exits with 3 when an erasure or a package cannot be finished, keys of people do not open, or a database
    could not be written anew: because somebody was reading it, there is no room, or its tables are another's.
    """
    from troth.acts.sweep import sweep as swept

    if dry_run:
        from troth.cli.forecast import show

        with opened() as house:
            show(house.forecast())
        return
    with opened() as house, progress("sweeping", None) as bar:
        done = swept(house.teller, progress=bar, pause=pause, vacuum=vacuum)
    signed = done.checkpoint
    if wants_json():
        found: dict[str, Any] = {"expired": done.expired, "ended": done.ended, "resumed": done.resumed}
        found |= {"late_seconds": done.late / SECOND, "partitions": done.dropped, "rate": round(done.rate)}
        found |= {"packages": done.packed, "files": done.files, "noted": done.noted}
        found |= {"stuck": [problem.code for problem in done.stuck], "vacuumed": list(done.vacuumed)}
        ran = done.demands
        found |= {"unvacuumed": list(done.unvacuumed)}
        found |= {"requests": {"ended": ran.ended, "open": ran.open, "escalated": ran.escalated}}
        broken = [{"person": person, "class": kept} for person, kept in done.broken]
        root = {"size": signed.size, "root": signed.root.hex()}
        emit({**found, "broken_keys": broken, "checkpoint": root})
    else:
        _tell(done)
    if done.broken or done.stuck or done.unvacuumed:
        ctx.exit(3)


def _tell(done: "Swept") -> None:
    say(
        f"{done.expired:,} expired records removed, {done.ended:,} leavers forgotten, "
        f"{done.resumed} erasures resumed, "
        f"{done.files} files removed"
    )
    say(f"the ledger is signed at {done.checkpoint.size:,} entries")
    ran = done.demands
    if ran.ended or ran.escalated:
        say(f"of people's requests {ran.ended:,} ended; {ran.escalated:,} near their end, or passed it")
    for which in done.vacuumed:
        say(f"the {which} was written anew")
    for which in done.unvacuumed:
        why = "" if done.stuck else ", as somebody is reading it"
        say(f"the {which} could not be written anew{why}; run this again later")
    for problem in done.stuck:
        say(f"something cannot be finished: {problem.message}")
    if done.broken:
        shown = ", ".join(f"`{kept}` of person {person}" for person, kept in done.broken[:5])
        say(f"{len(done.broken):,} keys do not open and stay in their epoch: {shown}")
