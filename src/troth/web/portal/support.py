"""Talk to us: a member's conversations, each as a thread; write, reply, rate, close."""

from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from troth.acts import cases
from troth.custody.desk import Desk
from troth.custody.take_in import Taken
from troth.errors import NotAbout
from troth.rules.cases import Case
from troth.rules.decision import Act
from troth.terms.agreement import CaseRule, Contact
from troth.web import frames, intakes, talks, threads
from troth.web.errands import taking
from troth.web.errands.errand import Errand, remembered
from troth.web.knowing import permitted, unused
from troth.web.pages import Pages
from troth.web.permission import Permission
from troth.web.public.pages import missing
from troth.web.talks import Talk
from troth.web.visit import Visit

pages = Pages()


async def _mine(visit: Visit) -> list[tuple[Case, Mapping[bytes, str]]]:
    """Return the member's conversations, latest first, each with the records in it and who gave them."""
    subject = visit.member.subject
    names = {rule.name for _, rule in intakes.cases_of_kind(visit.hall.house.book, "conversation")}

    def work(desk: Desk) -> list[tuple[Case, Mapping[bytes, str]]]:
        found = [case for case in cases.listing(subject)(desk) if case.name in names]
        return [(case, cases.contents(subject, case.id)(desk)) for case in reversed(found)]

    return await visit.hall.teller.alone_soon(work)


async def _topics(visit: Visit, mine: list[tuple[Case, Mapping[bytes, str]]]) -> dict[bytes, str]:
    """Return what each conversation is about, in its writer's own words, where that is asked for.

    Where they may see it only as what is held of them, for which it must be surely them, it is left out.
    """
    book, found = visit.hall.house.book, dict[bytes, str]()
    for _, rule in intakes.cases_of_kind(book, "conversation"):
        intake = talks.message_intake(book, rule)
        names = talks.names_of(intake, "text") if intake else ()
        some = {record: case.id for case, records in mine if case.name == rule.name for record in records}
        if intake is None or not names or not some:
            continue
        job = await talks.reading(
            visit,
            by=visit.by,
            about=visit.member.subject,
            category=intake.rule.category,
            fields=list(names),
            records=frozenset(some),
        )
        handed = await visit.read(job) if await permitted(visit, job) else None
        for held in handed.records if handed else ():
            for value in held.values.values():
                found.setdefault(some[held.id], str(value.reveal()))
    return found


@pages.page("/support", permission=Permission.MEMBER)
async def overview(visit: Visit) -> Response:
    """Show the member's conversations."""
    mine = await _mine(visit)
    topics = await _topics(visit, mine)
    return visit.page(
        "portal/support.html",
        visit.words("Talk to us"),
        200,
        talks=[
            (case, topics.get(case.id, ""), talks.state_of(visit, case), f"/support/{case.reference}")
            for case, _ in mine
        ],
        can_write=bool(_rules(visit)),
        unused=await unused(visit, visit.member.subject, _categories(visit)),
        language=visit.hall.agreement.language,
        **ways(visit),
    )


def _rules(visit: Visit) -> list[tuple[str, CaseRule]]:
    """Return the conversations that a member can begin with a message."""
    book = visit.hall.house.book
    some = intakes.cases_of_kind(book, "conversation")
    return [(clause, rule) for clause, rule in some if talks.message_intake(book, rule)]


def _categories(visit: Visit) -> list[str]:
    """Return the kinds of data that messages of such conversations are."""
    book = visit.hall.house.book
    found = (talks.message_intake(book, rule) for _, rule in _rules(visit))
    return [intake.rule.category for intake in found if intake]


def ways(visit: Visit) -> dict[str, Any]:
    """Return the other ways to turn to us, and who watches over us, as the agreement says."""
    found = [rule for _, rule in visit.hall.agreement.rules() if isinstance(rule, Contact)]
    return {
        "routes": [route for rule in found for route in rule.routes],
        "authorities": [each.strip() for rule in found for each in rule.authority.split(";") if each.strip()],
    }


# ---- a new one


def _topic(visit: Visit) -> str:
    """Return a topic that another page made ready: a clause, a case or a line of the log, never free text."""
    asked, _ = visit.http.query_params, visit.words
    clause = visit.hall.agreement.clause(asked.get("clause", ""))
    if clause is not None:
        return _("About clause %(number)s: %(title)s") % {"number": clause.number, "title": clause.title}
    case, entry = asked.get("case", ""), asked.get("entry", "")
    if 0 < len(case) < 20 and case.isascii() and case.replace("-", "").isalnum():
        return _("About %(reference)s") % {"reference": case}
    if entry.isascii() and entry.isdecimal() and len(entry) < 20:
        return _("About entry %(number)s of the log") % {"number": entry}
    return ""


def _new(visit: Visit) -> Errand | None:
    """Return the errand of a first message."""
    some = _rules(visit)
    if not some:
        return None
    _, rule = some[0]
    intake = talks.message_intake(visit.hall.house.book, rule)
    assert intake is not None  # noqa: S101 - those without one are left out
    known = talks.names_of(intake, "email", "phone")  # a member is answered here
    return Errand(
        visit=visit,
        intake=intake,
        path="/support/new",
        title=visit.words("Write to us"),
        back="/support",
        done=_opened,
        by=visit.by,
        about=visit.member.subject,
        within=rule.name,
        names=tuple(name for name in map(str, intake.specs) if name not in known),
        review=False,
        legal=False,
        held=False,
    )


@pages.page("/support/new", permission=Permission.MEMBER)
async def write(visit: Visit) -> Response:
    """Ask for a first message."""
    errand = _new(visit)
    if errand is None:
        return await missing(visit)
    names = talks.names_of(errand.intake, "text")
    return await taking.form(errand, dict.fromkeys(names[:1], _topic(visit)), {}, 200)


async def _begin_too_late(visit: Visit) -> Response:
    errand = _new(visit)
    return await missing(visit) if errand is None else await taking.again(errand)


@pages.page(
    "/support/new",
    permission=Permission.MEMBER,
    methods=("POST",),
    files=True,
    over=_begin_too_late,
    typed=True,
)
async def begin(visit: Visit) -> Response:
    """Take a first message in, which opens a conversation."""
    errand = _new(visit)
    return await missing(visit) if errand is None else await taking.receive(errand)


async def _opened(errand: Errand, taken: Taken) -> Response:
    """Lead to the receipt of a first message, which can be opened again."""
    visit = errand.visit
    mine = await _mine(visit)
    case = next((case for case, records in mine if set(taken.records) <= records.keys()), None)
    if case is None:  # the same form came again, and a part of what came of it is gone by now
        return await missing(visit)
    return visit.go(f"/support/{case.reference}/received?entry={taken.receipt.entry}")


@pages.page("/support/{reference}/received", permission=Permission.MEMBER)
async def received(visit: Visit) -> Response:
    """Show the receipt of a first message, with the number of its conversation."""
    talk, (entry, receipt) = await _talk(visit), await remembered(visit)
    if talk is None or entry.act != Act.COLLECT or entry.case != talk.case.reference:
        raise NotAbout(number=receipt.entry)
    case = talk.case
    return visit.page(
        "portal/written.html",
        visit.words("We have your message"),
        200,
        case=case,
        receipt=receipt,
        clause=frames.cited(visit, next(iter(entry.clauses), talk.clause)),
        language=visit.hall.agreement.language,
        ahead=f"/support/{case.reference}",
        link="",
        mailed=False,
        unused=await unused(visit, visit.member.subject, [entry.category or ""]),
    )


# ---- one of them


async def _talk(visit: Visit) -> Talk | None:
    """Return the conversation of an address; None when it is nobody's, or somebody else's."""
    reference = visit.http.path_params["reference"]
    for case, givers in await _mine(visit):
        if case.reference == reference:
            clause, rule = visit.hall.house.book.cases[case.name]
            path = f"/support/{case.reference}"
            return Talk(visit, clause, rule, case, visit.by, path, visit.member.subject, givers, "/support")
    return None


@pages.page("/support/{reference}", permission=Permission.MEMBER)
async def thread(visit: Visit) -> Response:
    """Show a conversation."""
    talk = await _talk(visit)
    return await missing(visit) if talk is None else await threads.show(talk)


async def _reply_too_late(visit: Visit) -> Response:
    talk = await _talk(visit)
    return await missing(visit) if talk is None else await threads.too_late(talk)


@pages.page(
    "/support/{reference}/reply",
    permission=Permission.MEMBER,
    methods=("POST",),
    files=True,
    over=_reply_too_late,
)
async def reply(visit: Visit) -> Response:
    """Take a further message in."""
    talk = await _talk(visit)
    return await missing(visit) if talk is None else await threads.reply(talk)


async def _rate_too_late(visit: Visit) -> Response:
    talk = await _talk(visit)
    return await missing(visit) if talk is None else await threads.rated_too_late(talk)


@pages.page("/support/{reference}/rate", permission=Permission.MEMBER, methods=("POST",), over=_rate_too_late)
async def rate(visit: Visit) -> Response:
    """Take a rating in."""
    talk = await _talk(visit)
    return await missing(visit) if talk is None else await threads.rate(talk)


@pages.page("/support/{reference}/close", permission=Permission.MEMBER, methods=("POST",))
async def close(visit: Visit) -> Response:
    """Close a conversation."""
    talk = await _talk(visit)
    return await missing(visit) if talk is None else await threads.close(talk)


@pages.page("/support/{reference}/file/{record}/{field}", permission=Permission.MEMBER)
async def file(visit: Visit) -> Response:
    """Give one file of a conversation."""
    talk = await _talk(visit)
    return await missing(visit) if talk is None else await threads.file(talk)
