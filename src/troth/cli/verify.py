"""Say of every clause whether it is kept, and do what time demands."""

from typing import TYPE_CHECKING

import click

from troth.cli.asking import of_house, opened
from troth.cli.speaking import emit, progress, say, table, wants_json

if TYPE_CHECKING:
    from troth.evidence.report import Report
    from troth.evidence.status import CheckResult


@click.command()
@click.option("--strict", is_flag=True, help="Exit with 3 also when a clause is unproven.")
@of_house
@click.pass_context
def verify(ctx: click.Context, strict: bool) -> None:
    """Run every check against the running house, and give each clause its word.

    kept: checked, and so. at risk: kept, and something is due. unproven: nothing shows it yet.
    broken: a check found otherwise. attested: people said so. Exits with 3 when a clause is broken.
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
    if counts["broken"] or (strict and counts["unproven"]):
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
@of_house
def sweep() -> None:
    """Remove what has expired, finish erasures that were interrupted, and sign the ledger."""
    from troth.acts.sweep import sweep as swept

    with opened() as house, progress("sweeping", None) as bar:
        done = swept(house.teller, progress=bar)
    signed = done.checkpoint
    if wants_json():
        found = {"expired": done.expired, "resumed": done.resumed, "files": done.files, "noted": done.noted}
        emit({**found, "checkpoint": {"size": signed.size, "root": signed.root.hex()}})
        return
    say(
        f"{done.expired:,} expired records removed, {done.resumed} erasures resumed, "
        f"{done.files} files removed"
    )
    say(f"the ledger is signed at {signed.size:,} entries")
