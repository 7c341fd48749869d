"""Tell what happened to requests: each once in its person's inbox, then by a letter; and to the organisation.

May be cut off anywhere and run again. A letter that cannot go now is tried again, later and later, and keeps
no other from going.
"""

import asyncio
from collections.abc import Sequence
from functools import partial

from troth.acts import collect, proving
from troth.custody.demands import telling
from troth.custody.demands.telling import News
from troth.custody.drafts import Offer
from troth.errors import BadMessage, HouseClosed, NotTaken, NotTakenYet, TrothError
from troth.gates.message import Message
from troth.rules.decision import program
from troth.rules.rights_cases import LETTER as BY_LETTER
from troth.rules.rights_cases import Event
from troth.store.tellings import HOUSE, LETTER, PERSON, Telling
from troth.web.accounts.keeping import circumstance_of
from troth.web.hall import Hall, sign_in_of
from troth.web.languages import Reader
from troth.web.logs import log
from troth.web.news import letters
from troth.web.news.said import Said, said

MAIL = "mail"


def run(hall: Hall) -> int:
    """Tell all that is due, in this thread; return how many messages and letters there were.

    Where another thread tells already, it is left to that one.
    """
    return hall.telling.take(lambda: asyncio.run(_run(hall)))


async def _run(hall: Hall) -> int:
    count, seen = 0, set[tuple[bytes, int, str]]()
    while some := [each for each in await _due(hall, PERSON) if _key(each.note) not in seen]:
        for news in some:
            seen.add(_key(news.note))
            if hall.stopping:
                return count
            try:
                count += await _to_person(hall, news)
            except HouseClosed:
                return count
            except TrothError as problem:
                log("telling-failed", code=problem.code)
                await hall.teller.alone_soon(telling.trying([news.note]))
    return count + await _to_house(hall)


async def _due(hall: Hall, reader: str) -> list[News]:
    return await hall.teller.alone_soon(partial(telling.due_for, reader=reader))


def _key(note: Telling) -> tuple[bytes, int, str]:
    return note.case, note.number, note.stage


# ---- to a person


async def _to_person(hall: Hall, news: News) -> bool:
    if sign_in_of(hall.house) is None:  # nobody has an inbox, or proves an address
        await hall.teller.alone_soon(telling.told([news.note]))
        return False
    reader = letters.reader_of(hall, news.language)
    what = said(hall, reader, news)
    if news.note.stage != LETTER:
        offer = None if news.left else _offer(hall, news, what)
        return await hall.teller.alone_soon(telling.in_inbox(news.note, offer))
    return await _letter(hall, reader, news, what)


def _offer(hall: Hall, news: News, what: Said) -> Offer | None:
    rule = sign_in_of(hall.house)
    if rule is None or rule.messages is None:
        return None
    return collect.offering(
        by=program(rule.program), about=news.case.subject, category=rule.messages,
        when=circumstance_of(hall.teller, rule.messages), values={"subject": what.title, "text": what.text},
    )  # fmt: skip


async def _letter(hall: Hall, reader: Reader, news: News, what: Said) -> bool:
    """Send the letter of one event; one that nobody can be sent is forgotten."""
    case, event = news.case, news.event.event
    waits = proving.waits(case)
    by_letter = event is Event.ASKED and waits
    filed_for_them = event is Event.FILED and waits and case.events[0].by.startswith(("staff:", "program:"))
    proof = by_letter or filed_for_them or letters.package_of(news) is not None
    identifier = await letters.address_of(hall, case, news.mark, proof=proof)
    skipped = event is Event.FILED and case.has(Event.ASKED, BY_LETTER)  # the letter for the proof says it
    if identifier is None or skipped or (event is Event.ASKED and not waits):
        await hall.teller.alone_soon(telling.told([news.note]))
        return False
    if filed_for_them:
        await hall.teller.alone_soon(proving.asked_instead(case.id, news.note))
        return False
    if not letters.may_go(hall, identifier, proof=by_letter):
        await hall.teller.alone_soon(telling.trying([news.note]))
        return False
    if by_letter:
        message = letters.for_proof(hall, reader, news, identifier)
    elif letters.package_of(news):
        message = letters.for_package(hall, reader, news, identifier)
    else:
        message = letters.to_person(hall, reader, news, what, identifier)
    return await _sent(hall, [news.note], message, by=letters.way_of(identifier))


# ---- to the organisation


async def _to_house(hall: Hall) -> int:
    """Send the organisation's own mailbox one letter of all that somebody there has to look at."""
    some = await _due(hall, HOUSE)
    if not some:
        return 0
    message = letters.to_house(hall, some)
    notes = [news.note for news in some]
    if message is None or not hall.courier.goes(MAIL):
        log("nobody-to-tell", requests=len(some))
        await hall.teller.alone_soon(telling.told(notes))
        return 0
    return int(await _sent(hall, notes, message, by=MAIL))


async def _sent(hall: Hall, notes: Sequence[Telling], message: Message, *, by: str) -> bool:
    """Send one letter; what it tells is forgotten when it was taken, or never will be."""
    mine = await hall.teller.alone_soon(telling.trying(notes))
    if len(mine) < len(notes):  # another process sends it
        return False
    try:
        await asyncio.to_thread(hall.courier.hand_out, message, by=by)
    except NotTakenYet as problem:
        log("letter-later", code=problem.code)
        return False
    except (NotTaken, BadMessage) as problem:
        log("letter-failed", code=problem.code)
    await hall.teller.alone_soon(telling.told(notes))
    return True
