"""The last scenes: what each clause can show for itself, and a ledger that a stranger verifies."""

import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory

from troth.custody.publishing import export
from troth.demo.forgetting import PUBLISHED
from troth.demo.stage import Stage, timed
from troth.evidence.report import Report, verify
from troth.evidence.status import ClauseStatus, Status

_WORST = (Status.BROKEN, Status.AT_RISK, Status.UNPROVEN)


def evidence_scene(stage: Stage) -> None:
    """Compute, clause by clause, what the house can show."""
    page = stage.page
    page.scene("What each clause can show for itself, now")
    report, seconds = timed(lambda: verify(stage.house.teller))
    rows = []
    for status in Status:
        those = [clause for clause in report.clauses if clause.status is status]
        if those:
            rows.append((status.value, str(len(those)), _numbers(those)))
    page.table(("", "clauses #", "numbers"), rows)
    page.say(
        f"{len(report.clauses)} clauses checked live in {seconds:.2f} s, against "
        f"{report.checkpoint.size:,} ledger "
        "entries and everything that is held."
    )
    _worst(stage, report)
    counts = Counter(clause.status.value for clause in report.clauses if clause.status)
    page.figure("evidence", dict(counts))


def _numbers(clauses: list[ClauseStatus]) -> str:
    return " ".join(dict.fromkeys(clause.number for clause in clauses))


def _worst(stage: Stage, report: Report) -> None:
    for status in _WORST:
        those = [clause for clause in report.clauses if clause.status is status]
        if those:
            clause = those[0] if status is not Status.UNPROVEN else those[len(those) // 2]
            check = next(check for check in clause.checks if check.status is status)
            stage.page.say(
                f"{status.value}, for instance {clause.number} {clause.title}: {check.measures}: "
                f"{check.detail}."
            )
            return


def offline_scene(stage: Stage) -> None:
    """Have another process verify a copy of the ledger, with neither database nor keys; then spoil it."""
    page = stage.page
    page.scene("The ledger, verified by a stranger")
    published = stage.directory / PUBLISHED
    signed = stage.house.teller.alone(lambda desk: export(desk, published))
    with TemporaryDirectory() as folder:
        copy = Path(folder, "copy")
        shutil.copytree(published, copy)
        (good, said), seconds = timed(lambda: verified(copy))
        page.say(
            f"{signed.size:,} entries, copied out of the house, in a second process (`troth ledger "
            "verify DIR`) "
            f"that has neither database nor keys, in {seconds:.1f} s:"
        )
        page.say(said, good=good)
        spoil(copy)
        (bad, found), _ = timed(lambda: verified(copy))
        page.say(f"One bit of one entry is flipped in the copy: {found}", good=not bad)
    page.figure("ledger_verified", good)
    page.figure("tampering_found", not bad)
    page.figure("ledger_entries", signed.size)


def verified(directory: Path) -> tuple[bool, str]:
    """Return whether another process verifies a published ledger, and what it said first."""
    command = [sys.executable, "-m", "troth", "ledger", "verify", str(directory)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)  # noqa: S603
    said = (done.stdout if done.returncode == 0 else done.stderr).strip().splitlines()
    return done.returncode == 0, said[0] if said else f"exit code {done.returncode}"


def spoil(directory: Path) -> None:
    """Flip one bit in the middle of a published bundle of entries."""
    bundle = min(path for path in (directory / "tile" / "entries").rglob("*") if path.is_file())
    content = bytearray(bundle.read_bytes())
    content[len(content) // 2] ^= 1
    bundle.write_bytes(content)


def closing_scene(stage: Stage, seconds: float) -> None:
    """Say where the house is, and what may be tried on it."""
    page, where = stage.page, stage.directory
    page.scene("The house is yours")
    page.say(f"Told in {seconds:.1f} s. It stands in {where} until you remove it. Try:")
    reference, published = stage.people[2].reference, where / PUBLISHED
    read = "--as role:support-agent --staff anna --purpose support.reply --case C-1 --category account"
    page.code(f"troth verify --dir {where}")
    page.code(f"troth read --dir {where} --about {reference} {read}")
    page.code(f"troth erase --dir {where} --about {reference}")
    page.code(f"troth ledger verify {published}")
    page.figure("seconds", round(seconds, 1))
    page.figure("directory", str(where))
