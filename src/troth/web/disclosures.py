"""Who got what of a member: the disclosures that the log tells of, read in steps."""

from dataclasses import dataclass
from functools import partial

from troth.clock import Instant
from troth.custody.recalling import Recalled, recall_some
from troth.house import House
from troth.ledger.entry import Entry
from troth.rules.decision import Act
from troth.web.lexicon import lexicon_at
from troth.web.visit import Visit

STEP = 200  # disclosures that are read at once
HAVING = b'"act":"disclose"'


@dataclass(frozen=True, slots=True)
class Receiver:
    """One who got data of a kind: who it is in words, how often, and the last time with its proof."""

    words: str
    times: int
    last: Instant
    proof: str
    is_told: bool = False  # a system of theirs is told of what was asked about


@dataclass(frozen=True, slots=True)
class Got:
    """Who got data of a kind, the latest first; `whole` unless the log has older entries than were read."""

    receivers: tuple[Receiver, ...]
    whole: bool


def kinds(house: House) -> tuple[str, ...]:
    """Return the categories of which any version of the agreement lets something be disclosed."""
    return tuple(
        dict.fromkeys(
            str(category)
            for book in (*house.books.values(), house.book)
            for act, category, _key in book.cells
            if act is Act.DISCLOSE
        )
    )


async def got(visit: Visit, category: str, act: str = "") -> Got:
    """Return who got data of a kind, as the latest entries tell, and whether a system is told of an act."""
    if category not in kinds(visit.hall.house):
        return Got((), whole=True)
    found = await _step(visit, category, None)
    systems = visit.hall.house.systems.values()
    reached = {system.recipient for system in systems if act in system.acts}
    by: dict[tuple[str, bool], list[tuple[int, Entry]]] = {}
    for number, entry in found.entries:
        words = lexicon_at(visit.hall.house, entry.agreement).recipient(entry.recipient or "")
        by.setdefault((words, entry.recipient in reached), []).append((number, entry))
    receivers = tuple(
        Receiver(words, len(some), some[0][1].at, f"/seen/{some[0][0]}", is_told)
        for (words, is_told), some in by.items()
    )
    return Got(receivers, whole=found.older is None)


async def _step(visit: Visit, category: str, before: int | None) -> Recalled:
    work = partial(
        recall_some,
        subject=visit.member.subject,
        before=before,
        limit=STEP,
        wanted=lambda entry: entry.outcome == "permitted" and entry.category == category,
        having=HAVING,
    )
    found: Recalled = await visit.hall.teller.alone_soon(work)
    return found
