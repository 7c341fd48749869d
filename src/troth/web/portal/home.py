"""Home: what is held, who looked last, what goes next, what is open."""

from collections.abc import Callable, Sequence

from starlette.responses import Response

from troth.custody.desk import Desk
from troth.custody.recalling import recall_some
from troth.house import House
from troth.ledger.entry import Entry
from troth.web import signals
from troth.web.disclosures import HAVING
from troth.web.knowing import SPAN, known_of
from troth.web.languages import direction
from troth.web.lexicon import lexicon_of
from troth.web.mapping import map_of
from troth.web.pages import Pages
from troth.web.permission import Permission
from troth.web.public import clauses
from troth.web.staying import stays
from troth.web.telling import Record, act_of, is_use, kind_of, told
from troth.web.visit import Visit

pages = Pages()
LAST = 3  # of each list
STAFF = b'"actor":"staff:'


@pages.page("/home", permission=Permission.MEMBER)
async def home(visit: Visit) -> Response:
    """Show the cards."""
    house = visit.hall.house
    known = await known_of(visit, wanted=is_use, limit=1_000, since=visit.now - SPAN)
    await signals.honour(visit, known.standing)
    lexicon = lexicon_of(visit.hall.agreement)
    language = visit.reader.language
    held = tuple(dict.fromkeys(each.category for each in known.held))
    ends = sorted(
        (s for s in stays(known, house, visit.reader, visit.words) if s.stay.ends is not None),
        key=lambda s: s.stay.ends or 0,
    )
    return visit.page(
        "portal/home.html",
        visit.words("Home"),
        picture=map_of(
            lexicon,
            held,
            (entry for _number, entry in known.recalled.entries),
            whole=False,
            words=visit.words,
            language=language,
            rtl=direction(language) == "rtl",
        ),
        kinds=[lexicon.category(each) for each in held],
        lang=lexicon.language,
        seen=await _seen(visit, known.recalled.entries),
        goes=ends[:LAST],
        open_cases=[case for case in known.cases if case.ended_at is None],
        agreement=visit.hall.agreement,
        counted=clauses.counts(visit.hall.agreement, visit.hall.watch, visit.now),
        restricted=bool(known.standing.restrictions),
    )


async def _seen(visit: Visit, used: Sequence[tuple[int, Entry]]) -> list[Record]:
    """Return who looked last, each once: people and recipients first, then programs."""
    house, subject, since = visit.hall.house, visit.member.subject, visit.now - SPAN

    def work(desk: Desk) -> list[tuple[int, Entry]]:
        some = [
            recall_some(desk, subject, limit=LAST, wanted=_new(house), having=having, since=since)
            for having in (STAFF, HAVING)
        ]
        return [pair for recalled in some for pair in recalled.entries]

    first = sorted(dict(await visit.hall.teller.alone_soon(work)).items(), reverse=True)
    is_new = _new(house)
    every = [pair for pair in (*first, *used) if is_new(pair[1])]
    return [told(house, number, entry, visit.words) for number, entry in every[:LAST]]


def _new(house: House) -> Callable[[Entry], bool]:
    """Return what says of each entry whether somebody else saw something that none before it tells."""
    before = set[tuple[object, ...]]()

    def is_new(entry: Entry) -> bool:
        if entry.outcome != "permitted" or act_of(entry) == "change" or kind_of(house, entry) == "you":
            return False
        asker = ":".join(entry.actor.split(":")[:2])  # without the name of whoever of the staff it was
        about = entry.purpose or (entry.act, entry.category)
        who = entry.recipient if entry.act == "disclose" else asker
        count = len(before)
        before.add((who, about))
        return len(before) > count

    return is_new
