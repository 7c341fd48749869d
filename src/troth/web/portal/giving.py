"""Give or add data: every intake that people may give something by, each under its clause, as a form."""

from typing import NamedTuple

from starlette.responses import Response

from troth.rules.rulebook import Intake
from troth.terms.sentences import spaced
from troth.web import frames, intakes
from troth.web.errands import consenting, taking
from troth.web.errands.errand import Errand
from troth.web.pages import Pages
from troth.web.permission import Permission
from troth.web.public.pages import missing
from troth.web.visit import Visit

pages = Pages()
_PATH = "/give/{category}/{circumstance}"


class Offered(NamedTuple):
    """One thing to give: the clause, what it takes, and where."""

    clause: tuple[str, str, str]
    what: list[str]
    href: str
    consent: bool


def address(intake: Intake) -> str:
    """Return where an intake's form is: the page of its cases, where it belongs to some."""
    return f"/give/{intake.rule.category}/{intakes.when_of(intake)}"


@pages.page("/give", permission=Permission.MEMBER)
async def overview(visit: Visit) -> Response:
    """Show everything that can be given, by circumstance."""
    groups: dict[str, list[Offered]] = {}
    for intake in intakes.offered(visit.hall.house.book):
        words = spaced(intakes.when_of(intake)).capitalize()
        what = [intakes.label_of(spec) for spec in intake.specs.values()]
        clause = frames.cited(visit, intake.clause)
        offered = Offered(clause, what, _case_of(visit, intake) or address(intake), bool(intake.rule.consent))
        groups.setdefault(words, []).append(offered)
    return visit.page(
        "portal/give.html",
        visit.words("Give or add data"),
        200,
        groups=list(groups.items()),
        language=visit.hall.agreement.language,
    )


def _case_of(visit: Visit, intake: Intake) -> str:
    """Return the page of the cases that an intake belongs to; empty when it belongs to none."""
    book = visit.hall.house.book
    for kind, page in (("verification", "/verification"), ("conversation", "/support")):
        rules = (rule for _, rule in intakes.cases_of_kind(book, kind))
        if any(intakes.belongs(rule, intake.rule.category) for rule in rules):
            return page
    return ""


def _errand(visit: Visit) -> Errand | None:
    """Return the errand of an address; None when no clause has it, or not for people themselves."""
    named = visit.http.path_params
    intake = intakes.intake_of(visit.hall.house.book, named["category"], named["circumstance"])
    if intake is None:
        return None
    _, title, _ = frames.cited(visit, intake.clause)
    return Errand(
        visit=visit,
        intake=intake,
        path=address(intake),
        title=title,
        back="/give",
        done=taking.receipt,
        by=visit.by,
        about=visit.member.subject,
        aside=f"/support/new?clause={intake.clause}",
    )


@pages.page(_PATH, permission=Permission.MEMBER)
async def ask(visit: Visit) -> Response:
    """Show the form of an intake, or first the consent that it needs."""
    errand = _errand(visit)
    if errand is None:
        return await missing(visit)
    case = _case_of(visit, errand.intake)
    return visit.go(case) if case else await taking.show(errand)


async def _too_late(visit: Visit) -> Response:
    errand = _errand(visit)
    return await missing(visit) if errand is None else await taking.again(errand)


@pages.page(_PATH, permission=Permission.MEMBER, methods=("POST",), files=True, over=_too_late, typed=True)
async def receive(visit: Visit) -> Response:
    """Take the form of an intake."""
    visit.limit("give")
    errand = _errand(visit)
    if errand is None:
        return await missing(visit)
    case = _case_of(visit, errand.intake)
    return visit.go(case) if case else await taking.receive(errand)


@pages.page(_PATH + "/consent", permission=Permission.MEMBER, methods=("POST",))
async def decide(visit: Visit) -> Response:
    """Note a choice."""
    errand = _errand(visit)
    return await missing(visit) if errand is None else await consenting.decide(errand)


@pages.page(_PATH + "/consent", permission=Permission.MEMBER)
async def noted(visit: Visit) -> Response:
    """Show the receipt of a choice."""
    errand = _errand(visit)
    return await missing(visit) if errand is None else await consenting.noted(errand)


@pages.page(_PATH + "/send", permission=Permission.MEMBER)
async def check(visit: Visit) -> Response:
    """Show answers to be checked."""
    errand = _errand(visit)
    return await missing(visit) if errand is None else await taking.check(errand)


@pages.page(_PATH + "/received", permission=Permission.MEMBER)
async def received(visit: Visit) -> Response:
    """Show the receipt of what was given."""
    errand = _errand(visit)
    return await missing(visit) if errand is None else await taking.received(errand)


@pages.page(_PATH + "/send", permission=Permission.MEMBER, methods=("POST",))
async def confirm(visit: Visit) -> Response:
    """Take in what was checked."""
    visit.limit("give")
    errand = _errand(visit)
    return await missing(visit) if errand is None else await taking.confirm(errand)
