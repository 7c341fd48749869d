"""Leave: close the account, or have erased what can be; shown before it is done, with a receipt after it."""

import asyncio
from typing import Any

from starlette.responses import Response

from troth.acts import collect, membership, rights
from troth.clock import FOREVER
from troth.custody.desk import Desk
from troth.custody.endings import erasing
from troth.custody.endings.erasing import Gone, Kept, Outlook
from troth.custody.take_in import Taken
from troth.errors import Refused, TrothError
from troth.ledger.receipt import Receipt
from troth.rules.decision import Actor
from troth.web.accounts import entering, holding, sessions
from troth.web.accounts.keeping import circumstance_of
from troth.web.knowing import known_of
from troth.web.lexicon import cite, lexicon_of
from troth.web.pages import LOOK_COOKIE, MEMBER_COOKIE, VISIT_COOKIE, Pages
from troth.web.permission import Permission
from troth.web.portal.letting_in import DEVICE_COOKIE
from troth.web.staying import stays
from troth.web.visit import FORGET, Visit

pages = Pages()
LEAVE = "leave"


@pages.page("/leave", permission=Permission.MEMBER)
async def choose(visit: Visit) -> Response:
    """Show the ways to leave, and what each would do."""
    known = await known_of(visit)
    outlook: Outlook | None = None
    clauses: tuple[str, ...] = ()
    sure = True
    try:
        outlook = await outlook_of(visit, visit.by)
    except Refused as problem:
        sure = "assurance-missing" not in problem.codes
        clauses = tuple(problem.clauses)
    staying = stays(known, visit.hall.house, visit.reader, visit.words)
    return visit.page(
        "portal/leave.html",
        visit.words("Leave"),
        sure=sure,
        goes=classes_in_words(visit, outlook.goes) if outlook else [],
        stays=stays_in_words(visit, outlook.stays) if outlook else [],
        whole=outlook.whole if outlook else False,
        nothing=sure and outlook is None,
        clauses=_cited(visit, clauses),
        runs=[
            (each.stay.words, each.clause, each.keep.period)
            for each in staying
            if each.keep.event == LEAVE and not each.longer_for
        ],
        left=known.standing.left,
        rests="*" in known.standing.restrictions,
        lang=visit.hall.agreement.language,
    )


async def outlook_of(visit: Visit, by: Actor) -> Outlook:
    """Return what an erasure of everything would do now; raises what refuses it."""
    job = rights.erasing(by=by, about=visit.member.subject)

    def look(desk: Desk) -> Outlook | TrothError:
        return erasing.preview(desk, job)

    found = await visit.hall.teller.alone_soon(look)
    if isinstance(found, TrothError):
        raise found
    return found


def classes_in_words(visit: Visit, names: tuple[Any, ...]) -> list[str]:
    """Return what retention classes hold, in words."""
    lexicon = lexicon_of(visit.hall.agreement)
    return list(dict.fromkeys(lexicon.kept(name) for name in names))


def stays_in_words(visit: Visit, some: tuple[Kept, ...]) -> list[dict[str, Any]]:
    """Return what an erasure leaves, until when and why, in words."""
    lexicon = lexicon_of(visit.hall.agreement)
    found = []
    for each in some:
        clause = lexicon.clause(each.clause)
        found.append(
            {
                "words": lexicon.kept(each.kept),
                "until": None if each.until >= FOREVER else each.until,
                "why": each.why.partition(": ")[2],
                "held": each.why.startswith("held"),
                "clause": cite(clause) if clause else (each.clause, each.clause, "/agreement"),
            }
        )
    return found


def _cited(visit: Visit, clauses: tuple[str, ...]) -> list[tuple[str, str, str]]:
    lexicon = lexicon_of(visit.hall.agreement)
    return [cite(found) for found in (lexicon.clause(each) for each in clauses) if found]


# ---- coming back


@pages.page("/leave/return", permission=Permission.MEMBER, methods=("POST",))
async def come_back(visit: Visit) -> Response:
    """Open a closed account again, under the names it has: what was proven of them stays proven."""
    hall, rule, subject = visit.hall, entering.rule_of(visit.hall), visit.member.subject
    names, proven = await holding.identifiers_of(hall, subject), await holding.proven_of(hall, subject)
    offer = collect.offering(
        by=visit.by,
        about=subject,
        category=rule.identifiers,
        when=circumstance_of(hall.teller, rule.identifiers),
        values={each.spec.name: each.value for each in names},
    )
    (taken,) = await visit.ask(collect.taking([offer]))
    if not isinstance(taken, Taken):
        raise taken
    for each in proven:
        await entering.prove(hall, subject, each)
    return visit.go("/leave")


# ---- only resting


@pages.page("/leave/rest", permission=Permission.MEMBER, methods=("POST",))
async def rest(visit: Visit) -> Response:
    """Have everything stored and not used, and end what is signed in elsewhere; lifted under Choices."""
    hall, rule, about = visit.hall, entering.rule_of(visit.hall), visit.member.subject
    lifts = visit.form.get("choice") == "used"
    act = rights.lifting if lifts else rights.restricting
    await visit.ask(act(by=visit.by, about=about, category="*"))
    if not lifts:
        await sessions.end_others(hall.teller, hall.sign_ins, rule, visit.member)
    return visit.go("/leave")


# ---- closing the account


@pages.page("/leave/close", permission=Permission.MEMBER, methods=("POST",))
async def close(visit: Visit) -> Response:
    """Close the account: what runs from leaving begins to run, and every session ends."""
    receipt: Receipt = await visit.ask(membership.leaving(by=visit.by, about=visit.member.subject))
    hall, rule = visit.hall, entering.rule_of(visit.hall)
    await sessions.end_others(hall.teller, hall.sign_ins, rule, visit.member)
    await sessions.end(hall.teller, hall.sign_ins, rule, visit.member)
    known = await known_of(visit)
    staying = stays(known, hall.house, visit.reader, visit.words)
    return last_page(
        visit,
        "portal/left.html",
        visit.words("Your account is closed"),
        receipt=receipt,
        staying=[
            (each.stay.words, each.stay.ends or each.stay.latest, each.clause)
            for each in sorted(staying, key=lambda each: each.stay.ends or FOREVER)
        ],
    )


# ---- erasing


@pages.page("/leave/erase", permission=Permission.MEMBER, methods=("POST",))
async def erase(visit: Visit) -> Response:
    """Erase now what can be, to the end, and show the receipt: nobody is signed in any more."""
    job = rights.erasing(by=visit.by, about=visit.member.subject)
    gone: Gone = await asyncio.to_thread(visit.hall.teller.erase, job)
    visit.hall.sign_ins.drop_all_of(visit.member.subject)
    return last_page(
        visit,
        "portal/erased.html",
        visit.words("Erased"),
        gone=gone,
        goes=classes_in_words(visit, gone.erased),
        stays=stays_in_words(visit, gone.stays),
    )


def last_page(visit: Visit, template: str, title: str, **values: Any) -> Response:  # noqa: ANN401
    """Return the last page: its reader is not signed in, and the browser forgets all of this site."""
    visit.signed_in = None
    for cookie in (MEMBER_COOKIE, VISIT_COOKIE, LOOK_COOKIE, DEVICE_COOKIE):
        visit.remember(cookie, "", 0)
    response = visit.page(template, title, lang=visit.hall.agreement.language, **values)
    response.headers["Clear-Site-Data"] = FORGET
    return response
