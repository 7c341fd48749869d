"""Look at what keeps records from going: whether the person's standing and the ledger tell of each hold."""

from contextlib import suppress

from troth.custody.desk import Desk
from troth.custody.keymaking import SELF
from troth.errors import TrothError
from troth.evidence.history import History
from troth.rules.rulebook import class_of
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

    A line does not say the reason. So where matters may be held for several, one that was ended may still
    be held for another.
    """
    try:
        who = desk.pseudonym(subject)
    except TrothError:
        return False
    if who is None:
        return False
    several = len({reason for _, keep in desk.house.book.keeps.values() for reason in keep.holds}) > 1
    placed = (history.holds.get((who, hold.matter)) for hold in desk.standing(subject).holding(kept))
    return any(last or (several and last is not None) for last in placed)
