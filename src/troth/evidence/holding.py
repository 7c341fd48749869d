"""Look at what keeps records from going: whether the person's standing and the ledger tell of each hold."""

from contextlib import suppress

from troth.custody.desk import Desk
from troth.custody.keymaking import SELF
from troth.errors import TrothError
from troth.evidence.history import History
from troth.rules.rulebook import class_of
from troth.rules.standing import Hold
from troth.store import registry
from troth.terms.vocabulary import RetentionClass


def held_back(desk: Desk, history: History) -> dict[str, tuple[int, int]]:
    """Return of each retention class how often it is held, and how often with nothing that tells why."""
    rows = registry.held(desk.unit)
    desk.find({subject for subject, _ in rows})
    with suppress(TrothError):  # what does not open is looked at again, each by itself
        desk.open_keys((subject, SELF) for subject, _ in rows)
    found: dict[str, tuple[int, int]] = {}
    for subject, kept in rows:
        if subject in desk.away:  # of whom nothing is opened, so that no line tells anything
            continue
        name = class_of(RetentionClass(kept))
        held, untold = found.get(name, (0, 0))
        found[name] = held + 1, untold + (not _is_told(desk, history, subject, RetentionClass(kept)))
    return found


def _is_told(desk: Desk, history: History, subject: int, kept: RetentionClass) -> bool:
    """Whether a person's standing holds a class for a matter that the ledger tells of, under their name.

    The matter must be as its last line says: the same owner, end and ground not to tell.
    """
    try:
        who = desk.pseudonym(subject)
    except TrothError:
        return False
    holds = desk.standing(subject).holding(kept)
    return (
        who is not None
        and bool(holds)
        and all(
            (who, hold.matter, hold.reason) in history.holds and _is_as_told(history, hold) for hold in holds
        )
    )


def _is_as_told(history: History, hold: Hold) -> bool:
    told = history.matters.get((hold.matter, hold.reason))
    said = None if told is None else (told.owner, told.ends_at, told.untold)
    return said == (hold.owner, hold.until, hold.untold)
