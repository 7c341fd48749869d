"""Write to us without an account: a conversation of its own, and an unguessable link to follow it.

Whoever writes becomes a person of whom nothing is known but the message. The link is a sealed token that
names the conversation; it holds nothing about anybody, and opens that conversation alone.
"""

import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping

from starlette.responses import Response

from troth.acts import cases
from troth.clock import DAY
from troth.custody.desk import Desk
from troth.custody.take_in import Taken
from troth.errors import BadMessage, CourierFull, NoGate, SealBroken, UnknownSuite
from troth.gates.message import Message
from troth.rules.cases import Case
from troth.rules.decision import Actor, member
from troth.terms.agreement import CaseRule
from troth.web import frames, intakes, talks, threads
from troth.web.credentials.letters import Asker
from troth.web.credentials.limits import account_key, network_of
from troth.web.errands import taking
from troth.web.errands.errand import Errand
from troth.web.hall import sign_in_of
from troth.web.pages import Pages
from troth.web.permission import Permission
from troth.web.portal.support import ways
from troth.web.public.pages import missing
from troth.web.talks import Talk
from troth.web.visit import Visit

pages = Pages()
KIND = "troth.thread"
_SALT = 16


def _rule(visit: Visit) -> CaseRule | None:
    """Return the conversation that somebody unknown can begin."""
    book = visit.hall.house.book
    for _, rule in intakes.cases_of_kind(book, "conversation"):
        intake = talks.message_intake(book, rule)
        if intake is not None and intake.rule.opens:
            return rule
    return None


def _errand(visit: Visit) -> Errand | None:
    """Return the errand of a message without an account; None where the agreement has none."""
    rule = _rule(visit)
    intake = talks.message_intake(visit.hall.house.book, rule) if rule else None
    if rule is None or intake is None:
        return None
    return Errand(
        visit=visit,
        intake=intake,
        path="/contact",
        title=visit.words("Write to us"),
        back="/",
        done=_opened,
        by=_stranger(visit),
        about=f"letter-{secrets.token_hex(16)}",
        within=rule.name,
        review=False,
        legal=False,
        held=False,
        template="public/contact.html",
        more=ways(visit),
        begun=visit.now,
    )


def _stranger(visit: Visit) -> Actor:
    """Return who asks: a person themself, of whom nothing is sure but that they came here."""
    rule = sign_in_of(visit.hall.house)
    return member(rule.program if rule else None, "signed_in")


@pages.page("/contact", permission=Permission.VISITOR)
async def write(visit: Visit) -> Response:
    """Ask for a message, and name the other ways to turn to us."""
    errand = None if visit.signed_in else _errand(visit)
    if errand is not None:
        return await taking.show(errand)
    language = visit.hall.agreement.language
    return visit.page("public/ways.html", visit.words("Write to us"), 200, language=language, **ways(visit))


async def _begin_too_late(visit: Visit) -> Response:
    errand = _errand(visit)
    return await missing(visit) if errand is None else await taking.again(errand)


@pages.page(
    "/contact",
    permission=Permission.VISITOR,
    methods=("POST",),
    files=True,
    over=_begin_too_late,
    limit="contact",
)
async def begin(visit: Visit) -> Response:
    """Take a message in, which opens a conversation."""
    errand = _errand(visit)
    return await missing(visit) if errand is None else await taking.receive(errand)


async def _opened(errand: Errand, taken: Taken) -> Response:
    """Return the receipt, with the number and the link; mail the link to the address that was given."""
    visit = errand.visit
    mine = await visit.hall.teller.alone_soon(cases.listing(taken.subject))
    if not mine:  # the same form came again, and what came of it is gone by now
        return await missing(visit)
    case = mine[-1]
    token = _sealed(visit, case)
    link = f"{visit.hall.site.origins[0]}/contact/{token}"
    again = taken.receipt.at < errand.begun  # the same form came twice: nothing is sent twice
    return visit.page(
        "portal/written.html",
        visit.words("We have your message"),
        200,
        case=case,
        receipt=taken.receipt,
        clause=frames.cited(visit, errand.intake.clause),
        language=visit.hall.agreement.language,
        ahead=f"/contact/{token}",
        link=link,
        mailed=not again and _mail(errand, case, link),
    )


def _mail(errand: Errand, case: Case, link: str) -> bool:
    """Send the link to the address that was given, if there is one and mail can go out."""
    visit = errand.visit
    names = talks.names_of(errand.intake, "email")
    values = {name: visit.form[name].strip() for name in names if visit.form.get(name, "").strip()}
    for to in intakes.canonical(errand.intake, values).values():
        house = visit.hall.agreement.organisation.name
        text = visit.hall.rendering.part(
            "letters/thread.txt", visit.reader, house=house, link=link, reference=case.reference
        ).strip()
        subject, _, body = text.partition("\n")
        asker = Asker(network_of(visit.address))
        if not visit.hall.letters.may_go(account_key(visit.hall.key, f"contact:{to}"), asker, at=visit.now):
            return False
        try:
            message = Message(str(to), subject.strip(), body.strip())
            visit.hall.courier.send(message, by="mail", until=visit.now + DAY)
        except (NoGate, CourierFull, BadMessage):
            return False
        return True
    return False


# ---- by the link


def _sealed(visit: Visit, case: Case) -> str:
    """Return the token of a conversation: its case and its person, sealed; 92 letters."""
    salt = secrets.token_bytes(_SALT)
    named = case.id + case.subject.to_bytes(8, "big")
    return urlsafe_b64encode(salt + visit.hall.key.seal(named, KIND, salt=salt)).decode("ascii")


def _opened_token(visit: Visit, token: str) -> tuple[bytes, int] | None:
    """Return the case and the person of a token; None for one that was altered, or never made here."""
    try:
        raw = urlsafe_b64decode(token)
        if urlsafe_b64encode(raw).decode("ascii") != token:  # another way of writing one is none
            return None
        named = visit.hall.key.unseal(raw[_SALT:], KIND, salt=raw[:_SALT])
    except (ValueError, SealBroken, UnknownSuite):
        return None
    return named[:16], int.from_bytes(named[16:], "big")


async def _talk(visit: Visit) -> Talk | None:
    """Return the conversation of a link; None for one that opens nothing, or whose conversation is gone."""
    token = visit.http.path_params["token"]
    opened = _opened_token(visit, token)
    if opened is None:
        return None
    named, about = opened

    def work(desk: Desk) -> tuple[Case | None, Mapping[bytes, str]]:
        case = next((each for each in cases.listing(about)(desk) if each.id == named), None)
        return case, cases.contents(about, named)(desk)

    case, givers = await visit.hall.teller.alone_soon(work)
    found = visit.hall.house.book.cases.get(case.name) if case else None
    if case is None or found is None:
        return None
    clause, rule = found
    path = f"/contact/{token}"
    return Talk(visit, clause, rule, case, _stranger(visit), path, about, givers, link=True)


@pages.page("/contact/{token}", permission=Permission.VISITOR)
async def thread(visit: Visit) -> Response:
    """Show a conversation."""
    talk = await _talk(visit)
    return await missing(visit) if talk is None else await threads.show(talk)


async def _reply_too_late(visit: Visit) -> Response:
    talk = await _talk(visit)
    return await missing(visit) if talk is None else await threads.too_late(talk)


@pages.page(
    "/contact/{token}/reply",
    permission=Permission.VISITOR,
    methods=("POST",),
    files=True,
    over=_reply_too_late,
    limit="contact",
)
async def reply(visit: Visit) -> Response:
    """Take a further message in."""
    talk = await _talk(visit)
    return await missing(visit) if talk is None else await threads.reply(talk)


async def _rate_too_late(visit: Visit) -> Response:
    talk = await _talk(visit)
    return await missing(visit) if talk is None else await threads.rated_too_late(talk)


@pages.page(
    "/contact/{token}/rate",
    permission=Permission.VISITOR,
    methods=("POST",),
    over=_rate_too_late,
    limit="contact",
)
async def rate(visit: Visit) -> Response:
    """Take a rating in."""
    talk = await _talk(visit)
    return await missing(visit) if talk is None else await threads.rate(talk)


@pages.page("/contact/{token}/close", permission=Permission.VISITOR, methods=("POST",))
async def close(visit: Visit) -> Response:
    """Close a conversation."""
    talk = await _talk(visit)
    return await missing(visit) if talk is None else await threads.close(talk)


@pages.page("/contact/{token}/file/{record}/{field}", permission=Permission.VISITOR)
async def file(visit: Visit) -> Response:
    """Give one file of a conversation."""
    talk = await _talk(visit)
    return await missing(visit) if talk is None else await threads.file(talk)
