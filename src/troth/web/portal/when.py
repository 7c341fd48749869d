"""When it goes: each kind of data, what starts its clock, when it ends, and what holds it."""

from starlette.responses import Response

from troth.acts import rights
from troth.clock import FOREVER
from troth.ledger.receipt import Receipt
from troth.terms.vocabulary import Period
from troth.web import pictures
from troth.web.errands.errand import once
from troth.web.knowing import known_of
from troth.web.languages import direction
from troth.web.lexicon import lexicon_of
from troth.web.pages import Pages
from troth.web.permission import Permission
from troth.web.staying import SHORTER, beyond, stays
from troth.web.visit import Visit

pages = Pages()


@pages.page("/when", permission=Permission.MEMBER)
async def when(visit: Visit) -> Response:
    """Show the bars, and what bears on each."""
    return await _show(visit)


@pages.page("/when/shorter", permission=Permission.MEMBER, methods=("POST",))
async def shorter(visit: Visit) -> Response:
    """Keep a kind of data for a shorter time, or as the clause says from now on."""
    kept, text = visit.form.get("kept", ""), visit.form.get("days", "")
    if text not in {"0", *map(str, SHORTER)}:
        return await _show(visit, visit.words("That time is none of those that you can choose."), 422)
    job = rights.lengthening(by=visit.by, about=visit.member.subject, kept=kept)
    if text != "0":
        job = rights.shortening(by=visit.by, about=visit.member.subject, kept=kept, days=int(text))
    receipt: Receipt = await visit.hall.teller.ask_soon(once(visit, job, f"{kept} {text}"))
    period = visit.reader.period(Period(days=int(text))) if text != "0" else visit.words("as the clause says")
    title = visit.words("A shorter time")
    return visit.page(
        "portal/receipt.html",
        title,
        200,
        title=title,
        reference=str(receipt),
        entry=receipt.entry,
        at=receipt.at,
        lines=[
            (visit.words("What"), lexicon_of(visit.hall.agreement).kept(kept)),
            (visit.words("How long"), period),
        ],
        ways=(("/when", visit.words("When it goes")),),
    )


async def _show(visit: Visit, said: str = "", status: int = 200) -> Response:
    known = await known_of(visit)
    found = stays(known, visit.hall.house, visit.reader, visit.words)
    over = beyond(known, visit.hall.house, visit.reader, visit.words)
    rtl = direction(visit.reader.language) == "rtl"
    return visit.page(
        "portal/when.html",
        visit.words("When it goes"),
        status,
        said=said,
        picture=pictures.bars([each.stay for each in found], now=visit.now, rtl=rtl),
        staying=sorted((*found, *over), key=lambda each: each.stay.ends or each.stay.latest or 1 << 62),
        left=known.standing.left,
        forever=FOREVER,
        owner=lambda name: lexicon_of(visit.hall.agreement).spaced(name.removeprefix("program:")),
        lang=visit.hall.agreement.language,
    )
