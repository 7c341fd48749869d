"""The agreement as a member accepted it: which version, when, how that is proven, and what it means."""

from starlette.responses import Response

from troth.ledger.entry import Entry
from troth.rules.decision import ENTRY_KIND, Act
from troth.terms.agreement import Change
from troth.web.knowing import known_of
from troth.web.lexicon import cite
from troth.web.pages import Pages
from troth.web.permission import Permission
from troth.web.visit import Visit

pages = Pages()


def _joining(entry: Entry) -> bool:
    return entry.kind == ENTRY_KIND[Act.JOIN]


@pages.page("/accepted", permission=Permission.MEMBER)
async def accepted(visit: Visit) -> Response:
    """Show the version that somebody accepted when they registered, beside the one in force."""
    known = await known_of(visit, wanted=_joining, limit=1)
    number, entry = known.recalled.entries[0] if known.recalled.entries else (None, None)
    promised, books = visit.hall.agreement, visit.hall.house.books
    version = entry.agreement if entry else None
    changes = [(clause, rule) for clause, rule in promised.rules() if isinstance(rule, Change)]
    return visit.page(
        "portal/accepted.html",
        visit.words("Your agreement with us"),
        agreement=promised,
        accepted=books[version].agreement if version in books else None,
        at=entry.at if entry else None,
        number=number,
        change=changes[0][1] if changes else None,
        clause=cite(changes[0][0]) if changes else None,
        first=len(books) == 1,
        choices=len(known.standing.consents),
    )
