"""The last report that was published beside the house: read back only as it was signed."""

import json
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from troth.clock import instant
from troth.errors import BadNote, BadTime
from troth.evidence.report import Report
from troth.evidence.status import CheckResult, ClauseStatus, Status
from troth.house import House
from troth.ledger.checkpoint import Checkpoint, open_note


def last_report(house: House) -> Report | None:
    """Return the report that the house signed last; None without one, or when it is of another agreement.

    What was altered, is cut off, or is signed by somebody else is no report: the checks run anew instead.
    """
    try:
        body = (house.directory / "evidence.json").read_bytes()
        note = (house.directory / "evidence.note").read_bytes()
        text = open_note(note, house.signer.verifier).text.split("\n")
        if text[1] != sha256(body).hexdigest():
            return None
        report = _read(house, json.loads(body))
    except (OSError, BadNote, BadTime, ValueError, LookupError, TypeError):
        return None
    return report if report.hash == house.book.agreement.hash else None


def _read(house: House, said: Mapping[str, Any]) -> Report:
    root = bytes.fromhex(said["ledger_root"])
    return Report(
        said["agreement"],
        said["version"],
        said["hash"],
        instant(said["at"]),
        Checkpoint(house.signer.name, said["ledger_size"], root),
        tuple(map(_clause, said["clauses"])),
        said["ledger_fault"] or "",
    )


def _clause(said: Mapping[str, Any]) -> ClauseStatus:
    checks = tuple(CheckResult(**{**check, "status": Status(check["status"])}) for check in said["checks"])
    status = Status(said["status"]) if said["status"] else None
    since = instant(said["since"])
    return ClauseStatus(said["clause"], said["number"], said["title"], status, since, checks)
