"""Requests: what a member asked for and what became of it, each with its reference number; and cases."""

from starlette.responses import Response

from troth.acts import filing
from troth.ledger import entry as ledger
from troth.ledger.entry import Entry
from troth.ledger.receipt import Receipt
from troth.ledger.tree import leaf_hash
from troth.rules.cases import Case
from troth.rules.decision import ENTRY_KIND, Act
from troth.terms.vocabulary import RightName
from troth.web import checks, talks, tracking
from troth.web.accounts import entering
from troth.web.knowing import known_of
from troth.web.lexicon import cite, lexicon_of
from troth.web.pages import Pages
from troth.web.permission import Permission
from troth.web.portal.seen import cursor_of, number_of
from troth.web.telling import kind_of, told
from troth.web.visit import Visit

pages = Pages()
LIMIT = 50
_ASKED = frozenset(
    ENTRY_KIND[act]
    for act in (
        Act.CORRECT,
        Act.REMOVE,
        Act.RESTRICT,
        Act.LIFT,
        Act.OBJECT,
        Act.YIELD,
        Act.CONSENT,
        Act.DECLINE,
        Act.WITHDRAW,
        Act.ERASE,
        Act.LEAVE,
    )
)


@pages.page("/requests", permission=Permission.MEMBER)
async def requests(visit: Visit) -> Response:
    """Show what was asked for and done, and the cases that are open."""
    hall = visit.hall
    rule = entering.rule_of(hall)
    own = {rule.credentials, rule.sessions}
    lexicon = lexicon_of(hall.agreement)

    def asked(entry: Entry) -> bool:
        return entry.kind in _ASKED and entry.category not in own and kind_of(hall.house, entry) == "you"

    before = number_of(visit.http.query_params.get("older", ""))
    known = await known_of(visit, wanted=asked, before=before, limit=LIMIT)
    older = known.recalled.older
    complaints = hall.house.book.rights.get(RightName.COMPLAIN, ())
    clause = next((c for c in hall.agreement.clauses if c.id in complaints), None)
    demands = await hall.teller.alone_soon(filing.listing(visit.member.subject))
    return visit.page(
        "portal/requests.html",
        visit.words("Requests"),
        waiting=[(tracking.what(visit, case), case.reference) for case, _ in reversed(demands) if case.waits],
        demands=[tracking.listed(visit, case, due) for case, due in reversed(demands)],
        done=[
            (told(hall.house, number, entry, visit.words), reference_of(number, entry))
            for number, entry in known.recalled.entries
        ],
        cases=[
            {
                "reference": case.reference,
                "name": lexicon.spaced(case.name),
                "state": _state(visit, case),
                "opened_at": case.opened_at,
                "ended": bool(case.ended_at),
                "href": _place(visit, case.name),
            }
            for case in sorted(known.cases, key=lambda each: each.opened_at, reverse=True)
        ],
        older="" if older is None else f"/requests?older={cursor_of(older)}",
        complaint=cite(clause) if clause else None,
        complain=f"/support/new?clause={clause.id}" if clause else "/support/new",
        lang=hall.agreement.language,
    )


def reference_of(number: int, entry: Entry) -> str:
    """Return the reference number that the receipt of an entry told."""
    return str(Receipt(number, leaf_hash(ledger.encode(entry)), entry.kind, entry.at))


def _state(visit: Visit, case: Case) -> str:
    """Return how a case stands, in words."""
    found = visit.hall.house.book.cases.get(case.name)
    kind = found[1].kind if found else ""
    said = {"verification": checks.state_of, "conversation": talks.state_of}.get(kind)
    return said(visit, case) if said else lexicon_of(visit.hall.agreement).spaced(case.state)


def _place(visit: Visit, name: str) -> str:
    """Return the page on which cases of a name go on."""
    found = visit.hall.house.book.cases.get(name)
    return {"verification": "/verification", "conversation": "/support"}.get(
        found[1].kind if found else "", ""
    )
