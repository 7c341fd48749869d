"""Verify identity: consent, data, pictures, a last look, hand in; withdraw, or have it reviewed once more."""

from typing import Any

from starlette.responses import Response

from troth.acts import cases
from troth.custody.cases import Filed
from troth.custody.repeating import Once
from troth.custody.take_in import Taken
from troth.rules.cases import Case
from troth.rules.standing import Choice
from troth.terms.sentences import spaced
from troth.web import checks, frames, intakes, wordings
from troth.web.checks import Check
from troth.web.content import content
from troth.web.errands import consenting, taking
from troth.web.errands.errand import Errand, is_again, once
from troth.web.knowing import unused
from troth.web.pages import Pages
from troth.web.permission import Permission
from troth.web.public.pages import missing
from troth.web.visit import Visit

pages = Pages()


async def _check(visit: Visit) -> Check | None:
    name = visit.http.path_params["name"]
    return next((each for each in await checks.checks_of(visit) if each.rule.name == name), None)


# ---- where it stands


@pages.page("/verification", permission=Permission.MEMBER)
async def overview(visit: Visit) -> Response:
    """Show every check there is; where there is one alone, that one."""
    every, language = await checks.checks_of(visit), visit.hall.agreement.language
    if len(every) == 1:
        return await _show(visit, every[0])
    return visit.page(
        "portal/verifications.html",
        visit.words("Verify identity"),
        200,
        checks=[
            (content(spaced(e.rule.name).capitalize(), language), e.path, checks.state_of(visit, e.case))
            for e in every
        ],
    )


@pages.page("/verification/{name}", permission=Permission.MEMBER)
async def one(visit: Visit) -> Response:
    """Show one check: where it stands, and what can be done."""
    check = await _check(visit)
    return await missing(visit) if check is None else await _show(visit, check)


async def _show(visit: Visit, check: Check, said: str = "", status: int = 200) -> Response:
    steps = await checks.steps_of(visit, check)
    case, clause = check.case, visit.hall.agreement.clause(check.clause)
    asking = next((step.href for step in steps if step.consent), "")
    return visit.page(
        "portal/verification.html",
        visit.words("Verify identity"),
        status,
        said=said,
        path=check.path,
        case=case,
        state=checks.state_of(visit, case),
        drawn=await checks.drawn(visit, case) if case else None,
        unused=await _unused(visit, check),
        steps=steps,
        text=clause.text if clause else "",
        clause=frames.cited(visit, check.clause),
        language=visit.hall.agreement.language,
        reasons=[spaced(code) for code in case.reasons] if case else [],
        is_open=check.is_open,
        begin=case is None or case.state in checks.OVER,
        possible=[spaced(code) for code in check.rule.reasons],
        belongs=case is not None and (case.state == "rejected" or case.state not in checks.OVER),
        asking=asking,
        can_submit=check.is_open and any(step.given_at is not None for step in steps),
        can_withdraw=case is not None and checks.MACHINE.step(case.state, "withdrawn") is not None,
        can_appeal=check.can_appeal,
        aside=f"/support/new?case={case.reference}" if case else f"/support/new?clause={check.clause}",
    )


async def _unused(visit: Visit, check: Check) -> tuple[str, ...]:
    """Return what of a check nobody of ours may read, as the member has it stored without use."""
    within = intakes.intakes_within(visit.hall.house.book, check.rule)
    return await unused(visit, visit.member.subject, [intake.rule.category for intake in within])


# ---- giving


_GIVE = "/verification/{name}/give/{category}/{circumstance}"


def _errand(visit: Visit, check: Check | None) -> Errand | None:
    """Return the errand of one step; None when no clause has it."""
    named = visit.http.path_params
    intake = intakes.intake_of(visit.hall.house.book, named["category"], named["circumstance"])
    if check is None or intake is None or not intakes.belongs(check.rule, intake.rule.category):
        return None
    _, title, _ = frames.cited(visit, intake.clause)

    async def done(errand: Errand, taken: Taken) -> Response:
        _ = taken
        return errand.visit.go(check.path)

    return Errand(
        visit=visit,
        intake=intake,
        path=checks.address(check, intake),
        title=title,
        back=check.path,
        done=done,
        by=visit.by,
        about=visit.member.subject,
        within=check.case.id if check.case else None,
        aside=f"/support/new?clause={intake.clause}",
        ahead=check.path,
    )


@pages.page(_GIVE, permission=Permission.MEMBER)
async def ask(visit: Visit) -> Response:
    """Ask for a consent, or for one part of what is needed."""
    check = await _check(visit)
    errand = _errand(visit, check)
    if check is None or errand is None:
        return await missing(visit)
    said, at = await consenting.choice_of(errand)
    if said is not Choice.GIVEN:
        return consenting.ask_consent(errand, said=said, at=at)
    return await taking.show(errand) if check.is_open else visit.go(check.path)


@pages.page(_GIVE + "/consent", permission=Permission.MEMBER, methods=("POST",))
async def decide(visit: Visit) -> Response:
    """Note a choice; with a yes the check is opened."""
    check = await _check(visit)
    errand = _errand(visit, check)
    if check is None or errand is None:
        return await missing(visit)
    response = await consenting.decide(errand)
    if response.status_code == 303 and visit.form.get("choice") == "given":
        await _open(visit, check)
    return response


@pages.page(_GIVE + "/consent", permission=Permission.MEMBER)
async def noted(visit: Visit) -> Response:
    """Show the receipt of a choice."""
    errand = _errand(visit, await _check(visit))
    return await missing(visit) if errand is None else await consenting.noted(errand)


@pages.page(_GIVE + "/send", permission=Permission.MEMBER)
async def answers(visit: Visit) -> Response:
    """Show answers to be checked."""
    check = await _check(visit)
    errand = _errand(visit, check)
    if check is None or errand is None:
        return await missing(visit)
    return await taking.check(errand) if check.is_open else visit.go(check.path)


async def _open(visit: Visit, check: Check) -> None:
    """Open a check unless one is open."""
    if check.case is None or check.case.state in checks.MACHINE.ended:
        job = cases.opening(by=visit.by, about=visit.member.subject, name=check.rule.name)
        await visit.hall.teller.ask_soon(once(visit, job))


async def _giving(visit: Visit, then: Any) -> Response:  # noqa: ANN401 - what an errand does
    """Let an errand take something in, once the check takes things in."""
    check = await _check(visit)
    errand = _errand(visit, check)
    if check is None or errand is None:
        return await missing(visit)
    if not check.is_open or check.case is None:
        return visit.go(check.path)
    if check.case.state == checks.MACHINE.consented:
        await visit.hall.teller.ask_soon(_moving(visit, check.case, checks.MACHINE.first))
    response: Response = await then(errand)
    return response


async def _too_late(visit: Visit) -> Response:
    check = await _check(visit)
    errand = _errand(visit, check)
    if check is None or errand is None:
        return await missing(visit)
    return await taking.again(errand) if check.is_open else visit.go(check.path)


@pages.page(_GIVE, permission=Permission.MEMBER, methods=("POST",), files=True, over=_too_late)
async def receive(visit: Visit) -> Response:
    """Take one part of what is needed."""
    return await _giving(visit, taking.receive)


@pages.page(_GIVE + "/send", permission=Permission.MEMBER, methods=("POST",))
async def confirm(visit: Visit) -> Response:
    """Take in answers that were checked."""
    return await _giving(visit, taking.confirm)


# ---- steps of the case


def _moving(visit: Visit, case: Case, to: str) -> Once:
    return once(visit, cases.moving(by=visit.by, about=visit.member.subject, case=case.id, to=to), to)


@pages.page("/verification/{name}/open", permission=Permission.MEMBER, methods=("POST",))
async def begin(visit: Visit) -> Response:
    """Open a check."""
    check = await _check(visit)
    if check is None:
        return await missing(visit)
    await _open(visit, check)
    return visit.go(check.path)


@pages.page("/verification/{name}/check", permission=Permission.MEMBER)
async def review(visit: Visit) -> Response:
    """Show what was given, before it is handed in."""
    check = await _check(visit)
    if check is None:
        return await missing(visit)
    if not check.is_open:
        return visit.go(check.path)
    return visit.page(
        "portal/verification_check.html",
        visit.words("Check before you hand it in"),
        200,
        path=check.path,
        steps=await checks.steps_of(visit, check),
        unused=await _unused(visit, check),
        language=visit.hall.agreement.language,
    )


async def _stepped(visit: Visit, to: str, title: str, text: str, *, read: str = "") -> Response:
    """Make a step and return its receipt; `read` is said where what belongs to the check may be read."""
    check = await _check(visit)
    if check is None or check.case is None:
        return await missing(visit)
    job = _moving(visit, check.case, to)
    repeated = await is_again(visit, job)
    filed: Filed = await visit.hall.teller.ask_soon(job)
    if repeated and (filed.case.id, filed.case.state) != (check.case.id, check.case.state):
        return await _show(visit, check, wordings.overtaken(visit), 409)
    stored = await _unused(visit, check) if read else ()
    return visit.page(
        "portal/verification_done.html",
        title,
        200,
        title=title,
        text=" ".join(filter(None, ("" if stored else read, text))),
        unused=stored,
        case=filed.case,
        receipt=filed.receipt,
        path=check.path,
        clause=frames.cited(visit, check.clause),
        language=visit.hall.agreement.language,
    )


@pages.page("/verification/{name}/submit", permission=Permission.MEMBER, methods=("POST",))
async def submit(visit: Visit) -> Response:
    """Hand a check in."""
    _ = visit.words
    text = _("You see here where it is, and you can withdraw it until it is decided.")
    return await _stepped(visit, "submitted", _("You handed it in"), text, read=_("A reviewer looks at it."))


@pages.page("/verification/{name}/withdraw", permission=Permission.MEMBER, methods=("POST",))
async def withdraw(visit: Visit) -> Response:
    """Withdraw a check: collecting ends at once."""
    _ = visit.words
    text = _("Nothing more is asked for. What belongs to it goes when its clause says.")
    return await _stepped(visit, "withdrawn", _("You withdrew it"), text)


@pages.page("/verification/{name}/appeal", permission=Permission.MEMBER, methods=("POST",))
async def appeal(visit: Visit) -> Response:
    """Have a rejection reviewed once more, by a person."""
    _ = visit.words
    read, text = _("A person reviews it once more."), _("Meanwhile nothing that belongs to it is erased.")
    return await _stepped(visit, "in_review", _("It is reviewed once more"), text, read=read)
