"""How each clause stood, day by day: the worst word of a day stays the word of that day."""

from collections.abc import Sequence

from troth.clock import DAY, Instant
from troth.custody.desk import Desk
from troth.errors import RowBroken
from troth.evidence.status import ClauseStatus, Status, worse
from troth.store import statuses

KEPT = 366 * DAY


def note(desk: Desk, clauses: Sequence[ClauseStatus]) -> None:
    """Note what was found today, where it is worse than what was found before."""
    today = desk.now - desk.now % DAY
    before = {clause: _word(word) for clause, _, word, _ in statuses.since(desk.unit, today)}
    rows = []
    for found in clauses:
        if found.status is None:
            continue
        known = before.get(found.clause)
        if known is None or worse(found.status, known):
            rows.append((found.clause, today, found.status.value, _failing(found)))
    if rows:
        statuses.put(desk.unit, rows)
    statuses.drop(desk.unit, today - KEPT)


def _failing(found: ClauseStatus) -> str:
    """Return the name of the first check that gave a clause its word; empty when it is kept."""
    if found.status is Status.KEPT:
        return ""
    return next((check.name for check in found.checks if check.status is found.status), "")[:64]


def since(desk: Desk, day: Instant) -> dict[str, dict[Instant, Status]]:
    """Return the word of each day that was looked at, from a day on, by clause; raises `RowBroken`."""
    found: dict[str, dict[Instant, Status]] = {}
    for clause, at, word, _ in statuses.since(desk.unit, day):
        found.setdefault(clause, {})[at] = _word(word)
    return found


def _word(word: str) -> Status:
    try:
        return Status(word)
    except ValueError:
        raise RowBroken(table="statuses") from None
