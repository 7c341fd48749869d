"""How each clause stands, from the last signed report; what is old, missing or altered proves nothing."""

from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from troth import canonical
from troth.clock import DAY, Instant, instant, iso
from troth.errors import BadNote, NotCanonical
from troth.house import House
from troth.ledger.checkpoint import open_note
from troth.terms.agreement import Inform

FRESH = DAY  # how long a report counts

_last: dict[str, tuple[int, Mapping[str, Any] | None]] = {}


def standing(house: House, now: Instant) -> dict[str, Any]:
    """Return the status of every clause in force that promises something."""
    agreement = house.book.agreement
    report = _report(house) or {}
    at = instant(report["at"]) if report else None
    counts = at is not None and now - at <= FRESH and report.get("hash") == agreement.hash
    known = {each["clause"]: each for each in report.get("clauses", ())} if counts else {}
    clauses = [
        {
            "id": clause.id,
            "number": clause.number,
            "title": clause.title,
            "status": known[clause.id]["status"].replace(" ", "_") if clause.id in known else "unproven",
            "since": known[clause.id]["since"] if clause.id in known else None,
        }
        for clause in agreement.clauses
        if any(not isinstance(rule, Inform) for rule in clause.rules)
    ]
    return {
        "version": agreement.version,
        "hash": agreement.hash,
        "checked_at": iso(at) if counts and at is not None else None,
        "clauses": clauses,
    }


def _report(house: House) -> Mapping[str, Any] | None:
    """Return the last report that this house signed; None when there is none."""
    file = house.directory / "evidence.json"
    try:
        written = file.stat().st_mtime_ns
        known = _last.get(str(file))
        if known is None or known[0] != written:
            note = (house.directory / "evidence.note").read_bytes()
            known = _last[str(file)] = written, _opened(house, file.read_bytes(), note)
    except OSError:
        return None
    return known[1]


def _opened(house: House, body: bytes, note: bytes) -> Mapping[str, Any] | None:
    try:
        said = open_note(note, house.signer.verifier).text.split("\n")
        if said[1] != sha256(body).hexdigest():
            return None
        found: Mapping[str, Any] = canonical.decode(body)
    except (BadNote, NotCanonical, IndexError, ValueError):
        return None
    return found


