"""Have a letter ask whoever demanded something for the proof that it is them."""

from troth.custody.demands.filing import happen
from troth.custody.demands.noting import note_letter
from troth.custody.demands.performing import clauses_of
from troth.custody.desk import Desk
from troth.rules.rights_cases import LETTER, Event, Happened, RightsCase
from troth.store import rights_cases


def ask_by_letter(desk: Desk, case: bytes, *, letter: bool = True) -> RightsCase | None:
    """Note that a demand is to be proven by a letter, where that was not yet; None when there is none.

    Their clock stands still from here to the proof, where its regime lets it. A demand of which the proof
    does not come in time is ended by a sweep. `letter` notes that the letter is to go out, too.
    """
    found = rights_cases.one(desk.unit, case)
    if found is None or found.proven or not found.may(Event.ASKED):
        return found
    event = Happened(desk.now, Event.ASKED, "time", (LETTER,))
    return happen(desk, found, event, clauses_of(desk, found), letter=letter)[0]


def ask_again(desk: Desk, case: bytes) -> RightsCase | None:
    """Have the letter go out, once more where it did already; return the demand as it is then."""
    found = ask_by_letter(desk, case)
    if found is not None and found.waits:
        note_letter(desk, found)
    return found
