"""Home: what is held, who looked last, what goes next, what is open."""

from starlette.responses import Response

from troth.web import signals
from troth.web.knowing import SPAN, known_of
from troth.web.languages import direction
from troth.web.lexicon import lexicon_of
from troth.web.mapping import map_of
from troth.web.pages import Pages
from troth.web.permission import Permission
from troth.web.staying import stays
from troth.web.telling import is_use, kind_of, told
from troth.web.visit import Visit

pages = Pages()
LAST = 3  # of each list


@pages.page("/home", permission=Permission.MEMBER)
async def home(visit: Visit) -> Response:
    """Show the cards."""
    house = visit.hall.house
    known = await known_of(visit, wanted=is_use, limit=1_000, since=visit.now - SPAN)
    await signals.honour(visit, known.standing)
    lexicon = lexicon_of(visit.hall.agreement)
    language = visit.reader.language
    others = [pair for pair in known.recalled.entries if kind_of(house, pair[1]) != "you"]
    seen = [told(house, number, entry, visit.words) for number, entry in others[:50]]
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
        seen=list({(e.receiver_name, e.action, e.about): e for e in reversed(seen)}.values())[::-1][:LAST],
        goes=ends[:LAST],
        open_cases=[case for case in known.cases if case.ended_at is None],
        agreement=visit.hall.agreement,
        restricted=bool(known.standing.restrictions),
    )
