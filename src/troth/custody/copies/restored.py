"""What a restore came to: said in the ledger, and in a file of the house that came of it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from troth.custody.desk import Desk
from troth.ledger.entry import Entry

REPORT = "restored.json"


@dataclass(frozen=True, slots=True)
class Restored:
    """What a restore came to; numbers are of ledger lines."""

    copy: str
    taken_at: str
    entries: int  # of the ledger that the copy had
    continued: int  # lines that came after it
    erased: int  # erasures that were replayed
    noes: int  # refusals, withdrawals, objections, restrictions and holds that were replayed
    left: int
    removed: int  # records
    opened: int  # records that were opened to see that they can be
    missing: int  # files that are in no copy
    broken: int  # keys that do not open
    aside: tuple[tuple[int, str], ...]  # lines that people have to look at: corrected values that came back
    widened: Mapping[str, int]  # what was not replayed because it would permit more
    lost: Mapping[str, int]  # what was done after the copy and is known by its lines alone
    keys: int  # of programs, which were ended
    approvals: int
    loss_accepted: bool
    secrets: tuple[str, ...]  # files that settings name and no copy holds


def remember(desk: Desk, report: Restored, kind: str = "restore.done") -> None:
    """Append the line of a restore, or of a drill."""
    book = desk.house.book
    desk.remember(
        Entry(
            at=desk.now,
            kind=kind,
            actor="time",
            act="restore",
            outcome="done",
            clauses=book.measured("restore"),
            agreement=book.agreement.version,
            reasons=("loss-accepted",) if report.loss_accepted else (),
            count=report.erased,
        )
    )


def reported(into: Path) -> Restored:
    """Return what a house says of the restore that it came from."""
    said = json.loads((into / REPORT).read_text("utf-8"))
    said["aside"] = tuple((number, kind) for number, kind in said["aside"])
    return Restored(**{**said, "secrets": tuple(said["secrets"])})
