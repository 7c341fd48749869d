"""Ask for a right, step by step: which, over what, then a look at what it comes to, and it is filed."""

from functools import partial
from typing import Any

from starlette.responses import Response

from troth.acts import filing, rights
from troth.custody.demands.filing import Demand
from troth.custody.endings import erasing
from troth.custody.endings.erasing import Outlook
from troth.errors import NothingHeld, NothingThere, Refused
from troth.rules.decision import ASSURANCES, Why
from troth.rules.rights_cases import RightsCase, Scope, rule_of
from troth.rules.rulebook import class_of
from troth.terms.vocabulary import RightName
from troth.web import tracking
from troth.web.knowing import known_of
from troth.web.lexicon import cite, lexicon_of
from troth.web.pages import Pages
from troth.web.permission import Permission
from troth.web.portal import scopes
from troth.web.portal.leave import classes_in_words, stays_in_words
from troth.web.portal.pursuing import went_on
from troth.web.portal.scopes import rules_of
from troth.web.visit import Visit

pages = Pages()


def _right(visit: Visit) -> RightName:
    """Return the right that the address names; raises `NothingThere`."""
    said = visit.http.path_params["right"]
    found = next((right for right in rules_of(visit) if right.value == said), None)
    if found is None:
        raise NothingThere
    return found


# ---- which right, and over what


@pages.page("/requests/new", permission=Permission.MEMBER)
async def choose(visit: Visit) -> Response:
    """Offer the rights that the agreement gives."""
    said, has = visit.http.query_params.get("right", ""), {right.value for right in rules_of(visit)}
    if said in has:
        return visit.go(f"/requests/new/{said}")
    offered = [(word, words) for word, words in tracking.rights(visit.words).items() if word in has]
    title = visit.words("What do you ask for?")
    return asked(visit, title, "right", offered, "/requests/new", "/requests", 0)


@pages.page("/requests/new/{right}", permission=Permission.MEMBER)
async def narrow(visit: Visit) -> Response:
    """Ask what it is about, where the right can be over a part."""
    right = _right(visit)
    offered, here = await _offered(visit, right), f"/requests/new/{right.value}"
    if not offered:
        if right is RightName.CORRECT:
            raise NothingHeld(field="record")
        return visit.go(f"{here}/check")
    title = visit.words("Where to?") if right is RightName.PORT else visit.words("What is it about?")
    return asked(visit, title, "over", offered, f"{here}/check", "/requests/new", 1)


async def _offered(visit: Visit, right: RightName) -> scopes.Offered:
    """Return what a right can be asked over by this member: what is held can be corrected or erased."""
    offered = scopes.offered(visit, right)
    if right not in (RightName.CORRECT, RightName.ERASE):
        return offered
    held = (await known_of(visit)).held
    some = {each.category if right is RightName.CORRECT else class_of(each.kept) for each in held}
    return [(word, words) for word, words in offered if word in some or word == scopes.ALL]


def asked(
    visit: Visit, title: str, name: str, offered: scopes.Offered, action: str, back: str, stage: int
) -> Response:
    """Return the page that asks one thing; asked for again, it says that nothing was chosen."""
    lacks = name in visit.http.query_params
    return visit.page(
        "portal/demand.html", title, 422 if lacks else 200,
        question=title, name=name, options=offered, action=action, back=back, stage=stage,
        stages=stages(visit), errors={name: visit.words("Choose one.")} if lacks else {}, failed=lacks,
        lang=visit.hall.agreement.language,
    )  # fmt: skip


def stages(visit: Visit) -> tuple[str, ...]:
    """Return what the steps are called."""
    return visit.words("Your right"), visit.words("What it is about"), visit.words("Check and send")


# ---- check, and send


@pages.page("/requests/new/{right}/check", permission=Permission.MEMBER)
async def check(visit: Visit) -> Response:
    """Show what is asked for and what it comes to, before it is sent."""
    return await _checked(visit, visit.http.query_params.get("over", ""), {}, 200)


async def _checked(visit: Visit, over: str, errors: dict[str, str], status: int) -> Response:
    right = _right(visit)
    offered = dict(await _offered(visit, right))
    if offered and over not in offered:
        return visit.go(f"/requests/new/{right.value}?over=")
    if right is RightName.CORRECT:
        return visit.go(f"/requests/new/correct/of/{over}")
    scope, here = scopes.scope_of(right, over), f"/requests/new/{right.value}"
    if rule_of(visit.hall.house.book, right, scope) is None:
        raise NothingThere
    here = f"{here}/check" + (f"?over={over}" if over else "")
    values = what_it_comes_to(visit, right, scope, confirm=here)
    return visit.page(
        "portal/demand_check.html",
        visit.words("Check and send"),
        status,
        **values,
        about=offered.get(over, ""),
        over=over,
        back=f"/requests/new/{right.value}" if offered else "/requests/new",
        outlook=await _outlook(visit, scope) if right is RightName.ERASE and values["sure"] else None,
        later=right is RightName.ERASE and over == scopes.ALL,
        other=right is RightName.PORT and over == scopes.OTHER,
        form_values=dict(visit.form),
        errors=errors,
        failed=bool(errors),
    )


def what_it_comes_to(visit: Visit, right: RightName, scope: Scope, *, confirm: str) -> dict[str, Any]:
    """Return what every page says before a demand is sent: its clause, who decides, how sure it must be.

    Raises `NothingThere` where no clause speaks of it.
    """
    found = rule_of(visit.hall.house.book, right, scope)
    if found is None:
        raise NothingThere
    clause = lexicon_of(visit.hall.agreement).clause(found[0])
    assured = visit.member.assurance(visit.now)
    return {
        "right": right.value,
        "named": tracking.rights(visit.words)[right.value],
        "confirm": confirm,
        "sure": ASSURANCES.index(assured) >= ASSURANCES.index(found[1].assurance),
        "reviewed": found[1].how == "review",
        "clause": cite(clause) if clause else None,
        "stages": stages(visit),
        "lang": visit.hall.agreement.language,
    }


async def _outlook(visit: Visit, scope: Scope) -> dict[str, Any]:
    """Return what an erasure would do now, in words; where something keeps all of it, the clauses that do."""
    job = rights.erasing(by=visit.by, about=visit.member.subject, classes=scope.classes)
    try:
        found = await visit.hall.teller.alone_soon(partial(erasing.preview, job=job))
        assert isinstance(found, Outlook)  # noqa: S101 - what is an error was raised
    except Refused as problem:
        lexicon = lexicon_of(visit.hall.agreement)
        clauses = [cite(each) for each in map(lexicon.clause, problem.clauses) if each]
        return {"goes": [], "stays": [], "kept": clauses}
    goes, stays = classes_in_words(visit, found.goes), stays_in_words(visit, found.stays)
    return {"goes": goes, "stays": stays, "kept": []}


@pages.page("/requests/new/{right}", permission=Permission.MEMBER, methods=("POST",), typed=True)
async def send(visit: Visit) -> Response:
    """File it, and carry it out where nothing stands in the way."""
    right, over = _right(visit), visit.form.get("over", "")
    offered = dict(await _offered(visit, right))
    if right is RightName.CORRECT or (offered and over not in offered):
        return visit.go(f"/requests/new/{right.value}?over=")
    text = visit.form.get("text", "").strip()
    if right is RightName.COMPLAIN and not 0 < len(text) <= filing.LONGEST_TEXT:
        wrong = {"text": visit.words("Say what it is about, in at most 4,000 characters.")}
        return await _checked(visit, over, wrong, 422)
    scope = scopes.scope_of(right, over)
    job = filing.demanding(
        by=visit.by, about=visit.member.subject, right=right.value, category=scope.category or "",
        classes=scope.classes, purpose=scope.purpose or "", channel=scope.channel,
        text=text if right is RightName.COMPLAIN else "", language=visit.reader.language,
    )  # fmt: skip
    return await file(visit, job, then="?to=other" if over == scopes.OTHER else "")


async def file(visit: Visit, job: Demand, *, then: str = "") -> Response:
    """File a demand and go on with it; one that is open already is named, and led to."""
    try:
        lodged = await visit.ask(job)
    except Refused as problem:
        if problem.codes != (Why.ALREADY_OPEN.value,):
            raise
        reference = problem.words[0]
        return visit.page(
            "portal/demand_open.html", visit.words("You asked for this already"), 409,
            reference=reference, href=f"/requests/{reference}", step=f"/requests/{reference}",
        )  # fmt: skip
    case: RightsCase = lodged.case
    return await went_on(visit, case, then=then)
