"""Tell people what happened to their demands: the message in the inbox is taken in as its note moves on.

So each message is there once, whatever is cut off. A letter leaves the house and cannot be part of a
transaction: its note goes when the mail server has taken it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from troth.clock import SECOND, Instant
from troth.custody.demands.filing import due_of
from troth.custody.demands.told import told_with
from troth.custody.desk import Desk
from troth.custody.drafts import Offer
from troth.custody.take_in import TakeIn, take_in
from troth.errors import Broken
from troth.rules.rights_cases import Deadline, Happened, RightsCase
from troth.store import rights_cases, tellings
from troth.store.tellings import HOUSE, INBOX, LETTER, ONLY, Telling

MOST = 100  # notes at a time
_AGAIN = 3_600 * SECOND  # until somebody in grace is looked for again
_FIRST, _LONGEST = 60 * SECOND, 6 * 3_600 * SECOND  # between two attempts of one letter


@dataclass(frozen=True, slots=True)
class Way:
    """How a person is told: in the language they asked in, at the address they asked by."""

    language: str  # empty: not known
    mark: bytes = field(repr=False)  # of the address; empty: by none


@dataclass(frozen=True, slots=True)
class News:
    """One event of a demand that is still to be told, and what is needed to say it."""

    note: Telling
    case: RightsCase
    due: Deadline | None
    language: str  # in which the person asked; empty: not known
    mark: bytes = field(repr=False)  # of the address they asked by; empty: by none
    left: bool = False  # they closed their account: no inbox is read any more

    @property
    def event(self) -> Happened:
        """What happened."""
        return self.case.events[self.note.number]

    @property
    def then(self) -> RightsCase:
        """The demand as it stood when that had happened."""
        return replace(self.case, events=self.case.events[: self.note.number + 1])


def due_for(desk: Desk, reader: str) -> list[News]:
    """Return what is to be told now; what nobody can be told of any more is forgotten."""
    notes = tellings.due(desk.unit, reader, desk.now, MOST)
    return [news for note in notes if (news := _whole(desk, note)) is not None]


def _whole(desk: Desk, note: Telling) -> News | None:
    """Return what is to be told; what meets something broken keeps nothing else from being told."""
    try:
        return _news(desk, note)
    except Broken:
        tellings.later(desk.unit, note, again(note, desk.now))
        return None


def _news(desk: Desk, note: Telling) -> News | None:
    case = rights_cases.one(desk.unit, note.case)
    if case is None or note.number >= len(case.events):
        tellings.drop(desk.unit, note)
        return None
    if note.reader == HOUSE:
        return News(note, case, due_of(desk, case), "", b"")
    desk.find([case.subject])
    if case.subject in desk.away:
        tellings.later(desk.unit, note, desk.now + _AGAIN)
        return None
    if case.subject not in desk.people:
        tellings.drop(desk.unit, note)
        return None
    left, way = desk.standing(case.subject).left is not None, told_by(desk, case)
    return News(note, case, due_of(desk, case), way.language, way.mark, left)


def told_by(desk: Desk, case: RightsCase) -> Way:
    """Return how a person asked to be told; raises `SealBroken`."""
    told = told_with(desk, case)
    return Way(told.get("language", ""), bytes.fromhex(told.get("mark", "")))


def in_inbox(note: Telling, offer: Offer | None) -> Callable[[Desk], bool]:
    """Return the work that puts a message into an inbox and brings its note on; False where one is there.

    Without an `offer` there is no inbox. What the agreement does not let be taken in is not.
    """

    def work(desk: Desk) -> bool:
        now = tellings.one(desk.unit, note)
        if now is None or now.stage not in (INBOX, ONLY):
            return False
        if offer is not None:
            take_in(desk, [TakeIn((offer,))])
        if now.stage == ONLY:
            tellings.drop(desk.unit, now)
        else:
            tellings.move(desk.unit, now, LETTER)
        return True

    return work


def trying(some: Sequence[Telling]) -> Callable[[Desk], tuple[Telling, ...]]:
    """Return the work that takes letters to be sent now, and gives those that nobody else has taken.

    One that is not told of as sent is due again after a while, which grows.
    """

    def work(desk: Desk) -> tuple[Telling, ...]:
        return tuple(each for each in some if tellings.later(desk.unit, each, again(each, desk.now)))

    return work


def again(note: Telling, now: Instant) -> Instant:
    """Return when a letter is tried next, after it was tried now."""
    return now + min(_FIRST << min(note.tries, 16), _LONGEST)


def told(some: Sequence[Telling]) -> Callable[[Desk], None]:
    """Return the work that forgets notes: what they say was told, or nobody can be told."""

    def work(desk: Desk) -> None:
        for each in some:
            tellings.drop(desk.unit, each)

    return work
