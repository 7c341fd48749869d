"""Note, with each event of a demand, who is to be told of it: the person, or the organisation's own mailbox.

A note is filed in the transaction of its event, so that neither is there without the other.
"""

from troth.clock import DAY
from troth.custody.desk import Desk
from troth.rules.rights_cases import LETTER as BY_LETTER
from troth.rules.rights_cases import NOT_ME, Event, RightsCase
from troth.store import tellings
from troth.store.tellings import HOUSE, INBOX, LETTER, ONLY, PERSON, Telling

LASTS = 30 * DAY  # from an event; what could not be told until then is not told any more
_PERSON = frozenset(
    {Event.FILED, Event.ASKED, Event.EXTENDED, Event.CONFIRMED, Event.REFUSED, Event.CANCELLED}
)


def note(desk: Desk, case: RightsCase, number: int, *, letter: bool = True) -> None:
    """Note who is to be told of one event of a demand; without `letter` the person finds it in the inbox."""
    event = case.events[number]
    some = []
    if event.event in _PERSON:
        stage = INBOX if letter else ONLY
        some.append(Telling(case.id, number, PERSON, stage, desk.now, desk.now))
    if event.event is Event.ESCALATED or (
        event.event is Event.CANCELLED and NOT_ME in event.codes and case.events[0].by != "self"
    ):
        some.append(Telling(case.id, number, HOUSE, LETTER, desk.now, desk.now))
    if some:
        tellings.add(desk.unit, *some)


def note_letter(desk: Desk, case: RightsCase) -> None:
    """Note that the letter which asks for a proof is to go out, once more if one did already."""
    asked = [
        number
        for number, one in enumerate(case.events)
        if one.event is Event.ASKED and BY_LETTER in one.codes
    ]
    if asked:
        it = Telling(case.id, asked[-1], PERSON, LETTER, desk.now, desk.now)
        if tellings.one(desk.unit, it) is None:
            tellings.add(desk.unit, it)


def forget_old(desk: Desk) -> None:
    """Forget what could not be told for so long that nobody needs it any more."""
    tellings.drop_before(desk.unit, desk.now - LASTS)
