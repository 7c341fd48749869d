"""Verify identity: consent, data, pictures, review, hand in; and where a check stands, with what can be done."""

from dataclasses import dataclass
from typing import Any

from starlette.responses import Response

from troth.acts import cases, use
from troth.clock import Instant
from troth.custody.hand_out import Held
from troth.custody.take_in import Taken
from troth.rules.cases import MACHINES, Case
from troth.rules.rulebook import Intake
from troth.rules.standing import Choice
from troth.terms.agreement import CaseRule
from troth.terms.sentences import spaced
from troth.web import errands, frames, intakes, languages
from troth.web.errands import Errand, once
from troth.web.permission import Permission
from troth.web.pictures import Parcel, Station, parcel
from troth.web.public.pages import missing
from troth.web.visit import Pages, Visit

pages = Pages()
_MACHINE = MACHINES["verification"]
_GIVING = _MACHINE.fed | {_MACHINE.consented}  # states in which somebody adds to it
_STATIONS = {"submitted": 1, "in_review": 2, "verified": 3, "rejected": 3, "withdrawn": 3, "expired": 3}


@dataclass(frozen=True, slots=True)
class Check:
    """One kind of check as its person sees it."""

    clause: str
    rule: CaseRule
    case: Case | None  # the latest

    @property
    def path(self) -> str:
        """Where its pages are."""
        return f"/verification/{self.rule.name}"

    @property
    def is_open(self) -> bool:
        """Whether something may be added to it."""
        return self.case is not None and self.case.state in _GIVING


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to give into a check."""

    title: str
    what: list[str]
    href: str
    given_at: Instant | None
    goes_at: Instant | None
    consent: bool  # is asked first
    refused: bool
    optional: bool


async def _checks(visit: Visit) -> list[Check]:
    """Return every kind of check that there is, each with the member's latest case."""
    mine = await visit.hall.teller.alone_soon(cases.listing(visit.member.subject))
    found = []
    for clause, rule in intakes.cases_of_kind(visit.hall.house.book, "verification"):
        latest = intakes.of_rule(mine, rule)
        found.append(Check(clause, rule, latest[0] if latest else None))
    return found


async def _check(visit: Visit) -> Check | None:
    name = visit.http.path_params["name"]
    return next((each for each in await _checks(visit) if each.rule.name == name), None)


# ---- where it stands


@pages.page("/verification", permission=Permission.MEMBER)
async def overview(visit: Visit) -> Response:
    """Show every check there is; where there is one alone, that one."""
    every = await _checks(visit)
    if len(every) == 1:
        return await _show(visit, every[0])
    return visit.page(
        "portal/verifications.html",
        visit.words("Verify identity"),
        200,
        checks=[(spaced(e.rule.name).capitalize(), e.path, _state(visit, e.case)) for e in every],
    )


@pages.page("/verification/{name}", permission=Permission.MEMBER)
async def one(visit: Visit) -> Response:
    """Show one check: where it stands, and what can be done."""
    check = await _check(visit)
    return await missing(visit) if check is None else await _show(visit, check)


async def _show(visit: Visit, check: Check) -> Response:
    steps = await _steps(visit, check)
    case, clause = check.case, visit.hall.agreement.clause(check.clause)
    asking = next((step.href for step in steps if step.consent), "")
    return visit.page(
        "portal/verification.html",
        visit.words("Verify identity"),
        200,
        path=check.path,
        case=case,
        state=_state(visit, case),
        drawn=_drawn(visit, case) if case else None,
        steps=steps,
        text=clause.text if clause else "",
        clause=frames.cited(visit, check.clause),
        language=visit.hall.agreement.language,
        reasons=[spaced(code) for code in case.reasons] if case else [],
        is_open=check.is_open,
        begin=case is None or case.state in ("withdrawn", "expired"),
        asking=asking,
        can_submit=check.is_open and any(step.given_at is not None for step in steps),
        can_withdraw=case is not None and _MACHINE.step(case.state, "withdrawn") is not None,
        can_appeal=case is not None and case.state == "rejected" and case.resumed < (_MACHINE.resumes or 0),
        aside=f"/support/new?case={case.reference}" if case else f"/support/new?clause={check.clause}",
    )


def _state(visit: Visit, case: Case | None) -> str:
    _ = visit.words
    said = {
        "": _("You have not begun."),
        "consented": _("Your consent is noted. Nothing was asked for yet."),
        "collecting": _("You are giving what is needed. You can leave and go on later."),
        "submitted": _("You handed it in. It waits for a reviewer."),
        "in_review": _("It is being reviewed."),
        "needs_more": _("The review needs more from you."),
        "verified": _("You are verified."),
        "rejected": _("You were not verified."),
        "withdrawn": _("You withdrew it."),
        "expired": _("It is over. You lose no right by that; you can begin anew."),
    }
    return said[case.state if case else ""]


def _drawn(visit: Visit, case: Case) -> Parcel:
    """Return the line of stations."""
    _ = visit.words
    at = _STATIONS.get(case.state, 0)
    last = {"rejected": _("Not verified"), "withdrawn": _("Withdrawn"), "expired": _("Over")}.get(case.state)
    words = (_("Begun"), _("Handed in"), _("In review"), last or _("Decided"))
    stations = []
    for n, each in enumerate(words):
        state = "past" if n < at else "next" if n > at else "now"
        if n == at == 3:
            state = "refused" if last else "past"
        when = case.changed_at if n == at else case.opened_at if n == 0 else None
        note = _("more is needed") if n == at and case.state == "needs_more" else ""
        stations.append(Station(each, state, when, note))
    return parcel(stations, rtl=languages.direction(visit.reader.language) == "rtl")


async def _steps(visit: Visit, check: Check) -> list[Step]:
    """Return what there is to give, and what of it is here."""
    subject, book = visit.member.subject, visit.hall.house.book
    linked: Any = {}
    if check.case is not None:
        linked = await visit.hall.teller.alone_soon(cases.contents(subject, check.case.id))
    standing = await errands.standing_of(visit, subject)
    found = []
    for intake in intakes.intakes_within(book, check.rule):
        here = await _given(visit, intake)
        mine = [held for held in here if held.id in linked]
        mine = mine or (here if intake.rule.records == "one" else [])
        said = standing.choice(intake.rule.consent) if intake.rule.consent else Choice.GIVEN
        _, title, _ = frames.cited(visit, intake.clause)
        found.append(
            Step(
                title=title,
                what=[intakes.label_of(spec) for spec in intake.specs.values()],
                href=_address(check, intake),
                given_at=max((held.collected_at for held in mine), default=None),
                goes_at=max((held.expires_at for held in mine), default=None),
                consent=said is None,
                refused=said is not None and said is not Choice.GIVEN,
                optional=bool(intake.rule.consent),
            )
        )
    return found


async def _given(visit: Visit, intake: Intake) -> tuple[Held, ...]:
    """Return the records of a category that are held, masked."""
    job = use.accessing(
        by=visit.by, about=visit.member.subject, category=intake.rule.category, masked=True
    )
    handed = await visit.read(job)
    found: tuple[Held, ...] = handed.records
    return found


# ---- giving


def _address(check: Check, intake: Intake) -> str:
    return f"{check.path}/give/{intake.rule.category}/{intakes.when_of(intake)}"


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
        path=_address(check, intake),
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
    said, at = await errands.choice_of(errand)
    if said is not Choice.GIVEN:
        return errands.ask_consent(errand, said=said, at=at)
    return await errands.show(errand) if check.is_open else visit.go(check.path)


@pages.page(_GIVE + "/consent", permission=Permission.MEMBER, methods=("POST",))
async def decide(visit: Visit) -> Response:
    """Note a choice; with a yes the check is opened."""
    check = await _check(visit)
    errand = _errand(visit, check)
    if check is None or errand is None:
        return await missing(visit)
    response = await errands.decide(errand)
    if response.status_code == 200 and visit.form.get("choice") == "given":
        await _open(visit, check)
    return response


async def _open(visit: Visit, check: Check) -> None:
    """Open a check unless one is open."""
    if check.case is None or check.case.state in _MACHINE.ended:
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
    if check.case.state == _MACHINE.consented:
        await _move(visit, check.case, _MACHINE.first)
    response: Response = await then(errand)
    return response


@pages.page(_GIVE, permission=Permission.MEMBER, methods=("POST",))
async def receive(visit: Visit) -> Response:
    """Take one part of what is needed."""
    return await _giving(visit, errands.receive)


@pages.page(_GIVE + "/send", permission=Permission.MEMBER, methods=("POST",))
async def confirm(visit: Visit) -> Response:
    """Take in answers that were checked."""
    return await _giving(visit, errands.confirm)


# ---- steps of the case


async def _move(visit: Visit, case: Case, to: str) -> Any:  # noqa: ANN401 - what moving answers
    job = cases.moving(by=visit.by, about=visit.member.subject, case=case.id, to=to)
    return await visit.hall.teller.ask_soon(once(visit, job, to))


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
        steps=await _steps(visit, check),
        language=visit.hall.agreement.language,
    )


async def _stepped(visit: Visit, to: str, title: str, text: str) -> Response:
    check = await _check(visit)
    if check is None or check.case is None:
        return await missing(visit)
    filed = await _move(visit, check.case, to)
    return visit.page(
        "portal/verification_done.html",
        title,
        200,
        title=title,
        text=text,
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
    text = _("A reviewer looks at it. You see here where it is, and you can withdraw it until it is decided.")
    return await _stepped(visit, "submitted", _("You handed it in"), text)


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
    text = _("A person reviews it once more. While that lasts, nothing that belongs to it is erased.")
    return await _stepped(visit, "in_review", _("It is reviewed once more"), text)
