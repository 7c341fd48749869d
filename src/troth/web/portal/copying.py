"""Copy and move: everything that is held of a member, at once, as JSON or CSV."""

from collections.abc import AsyncIterator

from starlette.responses import Response, StreamingResponse

from troth.terms.agreement import RightRule
from troth.terms.vocabulary import RightName
from troth.web import belongings, copies
from troth.web.knowing import known_of
from troth.web.lexicon import cite, lexicon_of
from troth.web.pages import Pages
from troth.web.permission import Permission
from troth.web.visit import Visit

pages = Pages()


@pages.page("/copy", permission=Permission.MEMBER)
async def offer(visit: Visit) -> Response:
    """Say what is in the copy, what is not and why, and offer it."""
    known = await known_of(visit)
    book, lexicon = visit.hall.house.book, lexicon_of(visit.hall.agreement)
    counts: dict[str, int] = {}
    for each in known.held:
        counts[each.category] = max(counts.get(each.category, 0), each.count)
    ports = [
        c for c, r in visit.hall.agreement.rules() if isinstance(r, RightRule) and r.right is RightName.PORT
    ]
    return visit.page(
        "portal/copy.html",
        visit.words("Copy and move"),
        kinds=[(lexicon.category(category), count) for category, count in counts.items()],
        withheld=[
            (lexicon.category(category), lexicon.field(category, name))
            for category in counts
            for name in belongings.may(book, category).secret
        ],
        sure=visit.member.assurance(visit.now) != "signed_in",
        port=cite(ports[0]) if ports else None,
        lang=visit.hall.agreement.language,
    )


@pages.page("/copy/json", permission=Permission.MEMBER, methods=("POST",))
async def as_json(visit: Visit) -> Response:
    """Give the copy as one JSON document."""
    return await _given(visit, copies.as_json, "application/json", "copy.json")


@pages.page("/copy/csv", permission=Permission.MEMBER, methods=("POST",))
async def as_csv(visit: Visit) -> Response:
    """Give the copy as one table, a line for each value."""
    return await _given(visit, copies.as_csv, "text/csv; charset=utf-8", "copy.csv")


async def _given(visit: Visit, writing: copies.Writing, media: str, name: str) -> Response:
    """Answer with a copy as it is read, kind by kind; what refuses it is told before anything is sent."""
    visit.limit("copy")
    known = await known_of(visit)
    kinds = tuple(dict.fromkeys(each.category for each in known.held))
    first = await copies.read(visit, kinds[0]) if kinds else None
    found: AsyncIterator[str] = writing(visit, known, kinds, first)
    headers = {"content-disposition": f'attachment; filename="{name}"', "cache-control": "no-store"}
    return StreamingResponse(found, media_type=media, headers=headers)
