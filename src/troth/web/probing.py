"""Probing: try our own pages for every promise that they have to keep, and note what came of it.

Each promise of the agreement in force is tried with its own words: a limit of 60 a minute by more than 60
attempts. What is noted is read by the checks of a clause (`evidence/tried.py`), and counts for two hours.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping
from typing import TypeAlias

from troth.errors import HouseClosed, NoSignIn, TrothError
from troth.evidence import tried
from troth.evidence.protection import OF_PAGES, UNBUILT
from troth.evidence.rightchecks import gives_copies
from troth.evidence.tried import Tried, named
from troth.terms.agreement import Agreement, Contact, Protect, RightRule, SignIn
from troth.web.hall import Hall
from troth.web.probes import copying, door, entry, telling
from troth.web.probes.stage import Outcome, Stage, rehearsal, stand_in

Probe: TypeAlias = Callable[[Stage, str], Awaitable[Outcome]]

ON_THE_HOUSE: Mapping[str, Probe] = {
    "password_length": entry.password_length,
    "password_blocklist": entry.password_blocklist,
    "passkeys": entry.passkeys,
    "rate_limit": door.rate_limit,
    "transit": door.transit,
    "contact": door.contact,
}
IN_A_REHEARSAL: Mapping[str, Probe] = {
    "codes": entry.codes,
    "same_answer": entry.same_answer,
    "lockout": entry.lockout,
    "sign_in": entry.sign_in,
    "copy": copying.copy,
}


def promises(agreement: Agreement) -> Iterator[tuple[str, str]]:
    """Yield the kind and the word of each promise that is tried by itself."""
    for clause, rule in agreement.rules():
        if isinstance(rule, Protect):
            yield from (each for each in rule.measures if each[0] in OF_PAGES and each not in UNBUILT)
        elif isinstance(rule, SignIn):
            yield "sign_in", " ".join(rule.methods)
        elif isinstance(rule, Contact):
            yield "contact", clause.id
        elif isinstance(rule, RightRule) and gives_copies(rule):
            yield "copy", ""


def try_pages(hall: Hall, *, over: Callable[[], bool] = lambda: False) -> tuple[Tried, ...]:
    """Try everything, note it, and return what came of it; raises `HouseClosed` once `over` says so.

    It takes some seconds and a loop of its own: it is called from a thread where none runs.
    """
    found = asyncio.run(_tried(hall, over))
    hall.teller.alone(lambda desk: tried.note(desk, found))
    return found


async def _tried(hall: Hall, over: Callable[[], bool]) -> tuple[Tried, ...]:
    wanted = tuple(dict.fromkeys(promises(hall.agreement)))
    found = []
    with stand_in(hall, over=over) as stage:
        for kind, word in wanted:
            if kind in ON_THE_HOUSE:
                found.append((await outcome(ON_THE_HOUSE[kind], stage, word)).of(named(kind, word)))
    with rehearsal(hall, over=over) as stage:
        for kind, word in wanted:
            if kind in IN_A_REHEARSAL:
                found.append((await outcome(IN_A_REHEARSAL[kind], stage, word)).of(named(kind, word)))
        found += await _told(stage, [word for kind, word in wanted if kind == "reminders"])
    return tuple(found)


async def _told(stage: Stage, reminders: list[str]) -> list[Tried]:
    """Return what came of a walk: the notice of each clause under which people give, and the reminders."""
    book, notices = stage.hall.house.book, dict[str, Outcome]()

    async def look(_: Stage, __: str) -> Outcome:
        pages = await telling.walk(stage)
        notices.update(telling.notices(book, pages))
        found.extend(telling.reminders(each, book, pages).of(named("reminders", each)) for each in reminders)
        return Outcome(len(pages))

    found: list[Tried] = []
    walked = await outcome(look, stage, "")
    if walked.detail:
        return [walked.of(named("reminders", each)) for each in reminders]
    return [*found, *(each.of(named("notice", clause)) for clause, each in notices.items())]


async def outcome(probe: Probe, stage: Stage, word: str) -> Outcome:
    """Return what came of one probe; what it could not try is neither kept nor broken."""
    try:
        return await probe(stage, word)
    except HouseClosed:
        raise
    except NoSignIn:
        return Outcome(0, "no-page")
    except TrothError:
        return Outcome(0, "page-unlike")
