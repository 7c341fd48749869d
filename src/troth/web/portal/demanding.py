"""Ask for a right, step by step: which, over what, then a look at what it comes to, and it is filed."""

from typing import Any

from starlette.responses import Response

from troth.acts import filing, rights
from troth.custody.desk import Desk
from troth.custody.endings import erasing
from troth.custody.endings.erasing import Outlook
from troth.errors import NothingThere, TrothError
from troth.rules.decision import ASSURANCES
from troth.rules.rights_cases import RightsCase, Scope, rule_of
from troth.terms.agreement import RightRule
from troth.terms.vocabulary import Category, Purpose, RightName
from troth.web import belongings, tracking
from troth.web.lexicon import cite, lexicon_of
from troth.web.pages import Pages
from troth.web.permission import Permission
from troth.web.portal.leave import classes_in_words, stays_in_words
from troth.web.portal.pursuing import went_on
from troth.web.visit import Visit

pages = Pages()
_OVER = (RightName.OBJECT, RightName.OPT_OUT, RightName.WITHDRAW)
_LONGEST = 4_000  # characters of what somebody says
_TYPED = ("text", "name")  # types of fields whose right value is typed as it is


def rules_of(visit: Visit) -> dict[RightName, list[RightRule]]:
    """Return the rules of each right that a member has themselves."""
    found: dict[RightName, list[RightRule]] = {}
    for _, rule in visit.hall.agreement.rules():
        if isinstance(rule, RightRule) and rule.by.subject:
            found.setdefault(rule.right, []).append(rule)
    return found


def _right(visit: Visit) -> RightName:
    """Return the right that the address names; raises `NothingThere`."""
    said = visit.http.path_params["right"]
    found = next((right for right in rules_of(visit) if right.value == said), None)
    if found is None:
        raise NothingThere
    return found


def _over(visit: Visit, right: RightName) -> list[tuple[str, str]]:
    """Return what a right can be asked over, with its words; nothing where it is over everything."""
    lexicon, book = lexicon_of(visit.hall.agreement), visit.hall.house.book
    if right in _OVER:
        purposes = dict.fromkeys(word for rule in rules_of(visit)[right] for word in rule.purposes)
        return [(word, lexicon.purpose(word)) for word in purposes if lexicon.purposes(word)]
    if right is RightName.RESTRICT:
        return [("*", visit.words("Everything"))] + [(word, lexicon.category(word)) for word in book.fields]
    if right is RightName.CORRECT:
        return [(word, lexicon.category(word)) for word in book.fields if _correctable(visit, word)]
    if right is RightName.ERASE:
        return [("*", visit.words("Everything"))] + [(word, lexicon.kept(word)) for word in book.keeps]
    return []


def _correctable(visit: Visit, category: str) -> list[str]:
    """Return the fields of a category that can be put right by what somebody types."""
    book = visit.hall.house.book
    may = belongings.may(book, category)
    specs = book.fields.get(Category(category), {})
    return [n for n, spec in specs.items() if n in may.correct | may.review and spec.type in _TYPED]


# ---- which right, and over what


@pages.page("/requests/new", permission=Permission.MEMBER)
async def choose(visit: Visit) -> Response:
    """Offer the rights that the agreement gives."""
    said = visit.http.query_params.get("right", "")
    if said in {right.value for right in rules_of(visit)}:
        return visit.go(f"/requests/new/{said}")
    named = tracking.rights(visit.words)
    offered = [(word, named[word]) for word in named if word in {right.value for right in rules_of(visit)}]
    return _asked(
        visit, visit.words("What do you ask for?"), "right", offered, "/requests/new", "/requests", 0
    )


@pages.page("/requests/new/{right}", permission=Permission.MEMBER)
async def narrow(visit: Visit) -> Response:
    """Ask what it is about, where the right can be over a part."""
    right = _right(visit)
    offered = _over(visit, right)
    if not offered:
        return visit.go(f"/requests/new/{right.value}/check")
    here = f"/requests/new/{right.value}"
    title = visit.words("What is it about?")
    return _asked(visit, title, "over", offered, f"{here}/check", "/requests/new", 1)


def _asked(
    visit: Visit, title: str, name: str, offered: list[tuple[str, str]], action: str, back: str, stage: int,
) -> Response:  # fmt: skip
    lacks = name in visit.http.query_params
    return visit.page(
        "portal/demand.html", title, 422 if lacks else 200,
        question=title, name=name, options=offered, action=action, back=back, stage=stage,
        stages=_stages(visit), errors={name: visit.words("Choose one.")} if lacks else {}, failed=lacks,
    )  # fmt: skip


def _stages(visit: Visit) -> tuple[str, ...]:
    return visit.words("Your right"), visit.words("What it is about"), visit.words("Check and send")


# ---- check, and send


@pages.page("/requests/new/{right}/check", permission=Permission.MEMBER)
async def check(visit: Visit) -> Response:
    """Show what is asked for and what it comes to, before it is sent."""
    return await _checked(visit, visit.http.query_params.get("over", ""), {}, 200)


async def _checked(visit: Visit, over: str, errors: dict[str, str], status: int) -> Response:
    right, offered = _right(visit), dict(_over(visit, _right(visit)))
    if offered and over not in offered:
        return visit.go(f"/requests/new/{right.value}?over=")
    scope = _scope(right, over)
    found = rule_of(visit.hall.house.book, right, scope)
    if found is None:
        raise NothingThere
    clause = lexicon_of(visit.hall.agreement).clause(found[0])
    assured = visit.member.assurance(visit.now)
    sure = ASSURANCES.index(assured) >= ASSURANCES.index(found[1].assurance)
    back = f"/requests/new/{right.value}/check" + (f"?over={over}" if over else "")
    return visit.page(
        "portal/demand_check.html",
        visit.words("Check and send"),
        status,
        right=right.value,
        named=tracking.rights(visit.words)[right.value],
        about=offered.get(over, ""),
        over=over,
        back=f"/requests/new/{right.value}" if offered else "/requests/new",
        confirm=back,
        sure=sure,
        reviewed=found[1].how == "review",
        clause=cite(clause) if clause else None,
        fields=_fields(visit, over) if right is RightName.CORRECT else [],
        outlook=await _outlook(visit, scope) if right is RightName.ERASE and sure else None,
        stages=_stages(visit),
        form_values=dict(visit.form),
        errors=errors,
        failed=bool(errors),
        lang=visit.hall.agreement.language,
    )


def _fields(visit: Visit, category: str) -> list[tuple[str, str]]:
    lexicon = lexicon_of(visit.hall.agreement)
    return [(name, lexicon.field(category, name)) for name in _correctable(visit, category)]


async def _outlook(visit: Visit, scope: Scope) -> dict[str, Any] | None:
    """Return what an erasure would do now, in words; None where something keeps all of it."""
    job = rights.erasing(by=visit.by, about=visit.member.subject, classes=scope.classes)

    def look(desk: Desk) -> Outlook | TrothError:
        return erasing.preview(desk, job)

    found = await visit.hall.teller.alone_soon(look)
    if isinstance(found, TrothError):
        return None
    return {"goes": classes_in_words(visit, found.goes), "stays": stays_in_words(visit, found.stays)}


def _scope(right: RightName, over: str) -> Scope:
    if right in _OVER:
        return Scope(purpose=Purpose(over))
    if right is RightName.ERASE:
        return Scope(classes=() if over == "*" else (over,))
    return Scope(category=Category(over)) if over else Scope()


@pages.page("/requests/new/{right}", permission=Permission.MEMBER, methods=("POST",), typed=True)
async def send(visit: Visit) -> Response:
    """File it, and carry it out where nothing stands in the way."""
    right, over = _right(visit), visit.form.get("over", "")
    offered = dict(_over(visit, right))
    if offered and over not in offered:
        return visit.go(f"/requests/new/{right.value}?over=")
    text = visit.form.get("text", "").strip()
    values: dict[str, str] = {}
    if right is RightName.CORRECT:
        names = _correctable(visit, over)
        values = {name: visit.form[f"value-{name}"] for name in names if visit.form.get(f"value-{name}")}
    errors = _lacking(visit, right, text, values)
    if errors:
        return await _checked(visit, over, errors, 422)
    scope = _scope(right, over)
    job = filing.demanding(
        by=visit.by, about=visit.member.subject, right=right.value, category=scope.category or "",
        classes=scope.classes, purpose=scope.purpose or "", values=values, text=text,
        language=visit.reader.language,
    )  # fmt: skip
    lodged = await visit.ask(job)
    case: RightsCase = lodged.case
    return await went_on(visit, case)


def _lacking(visit: Visit, right: RightName, text: str, values: dict[str, str]) -> dict[str, str]:
    if right is RightName.COMPLAIN and not 0 < len(text) <= _LONGEST:
        return {"text": visit.words("Say what it is about, in at most 4,000 characters.")}
    if right is RightName.CORRECT and not values:
        return {"": visit.words("Fill in what is right.")}
    return {}
