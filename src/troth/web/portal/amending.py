"""Ask to have one record corrected: which one, what is right, and it is filed as the clause says."""

from collections.abc import Iterable
from dataclasses import replace

from markupsafe import Markup
from starlette.responses import Response

from troth.acts import filing
from troth.custody.hand_out import Held
from troth.custody.plans import stem_of
from troth.errors import NothingHeld, NothingThere
from troth.rules.rights_cases import Scope
from troth.rules.rulebook import Intake
from troth.terms.vocabulary import Category, RightName
from troth.web import belongings, intakes, wordings
from troth.web.lexicon import lexicon_of
from troth.web.pages import Pages
from troth.web.permission import Permission
from troth.web.portal import scopes
from troth.web.portal.demanding import asked, file, what_it_comes_to
from troth.web.visit import Visit

pages = Pages()
PATH = "/requests/new/correct/of/{category}"
SHOWN = 50  # records to choose from, the latest first
_SAID = 3  # masked values by which one is told from another


def _intake(visit: Visit) -> tuple[Intake, list[str]]:
    """Return what a kind of data asks for, and which of it can be corrected; raises `NothingThere`."""
    category = visit.http.path_params["category"]
    if category not in visit.hall.house.book.fields or RightName.CORRECT not in scopes.rules_of(visit):
        raise NothingThere
    intake, names = belongings.intake_of(visit.hall.house.book, category), scopes.correctable(visit, category)
    if intake is None or not names:
        raise NothingThere
    return intake, names


async def _held(visit: Visit, category: str) -> dict[str, list[Held]]:
    """Return what is held of a kind, masked: the parts of each record by its id, the latest first."""
    handed = await belongings.read(visit, category, masked=True)
    whole: dict[bytes, list[Held]] = {}
    for each in sorted(handed.records, key=lambda each: (-each.collected_at, each.id)):
        whole.setdefault(stem_of(each.id), []).append(each)
    return {parts[0].id.hex(): parts for parts in whole.values()}


@pages.page(PATH, permission=Permission.MEMBER)
async def which(visit: Visit) -> Response:
    """Ask which record is wrong, where there are several."""
    intake, _ = _intake(visit)
    category = str(intake.rule.category)
    held = await _held(visit, category)
    if not held:
        raise NothingHeld(field="record")
    here = f"/requests/new/correct/of/{category}"
    chosen = visit.http.query_params.get("record", "")
    if len(held) == 1 or chosen in held:
        return visit.go(f"{here}/{chosen if chosen in held else next(iter(held))}")
    offered = [(record, _told(visit, parts)) for record, parts in list(held.items())[:SHOWN]]
    title = visit.words("Which one is it?")
    return asked(visit, title, "record", offered, here, "/requests/new/correct", 1)


def _told(visit: Visit, parts: Iterable[Held]) -> str:
    """Return by what a record is told from others: its day, and some of its values as they are masked."""
    some = list(parts)
    values = [str(value.reveal()) for part in some for value in part.values.values()][:_SAID]
    said = visit.words("Taken in on %(day)s") % {"day": visit.reader.day(some[0].collected_at)}
    return Markup("%s: <bdi>%s</bdi>") % (said, " · ".join(values)) if values else said


@pages.page(f"{PATH}/{{record}}", permission=Permission.MEMBER)
async def ask(visit: Visit) -> Response:
    """Show the fields of the record, to say what is right."""
    return await _shown(visit, {}, 200)


async def _parts(visit: Visit, category: str) -> list[Held]:
    wanted = belongings.record_of(visit.http.path_params["record"])
    held = await _held(visit, category)
    found = next(
        (parts for parts in held.values() if wanted and stem_of(parts[0].id) == stem_of(wanted)), None
    )
    if found is None:
        raise NothingHeld(field="record")
    return found


async def _shown(visit: Visit, errors: dict[str, str], status: int) -> Response:
    intake, names = _intake(visit)
    category, lexicon = str(intake.rule.category), lexicon_of(visit.hall.agreement)
    parts, here = await _parts(visit, category), visit.http.url.path
    held = {str(name) for part in parts for name in part.values}
    fields = intakes.asked(visit, intake, visit.form, errors, [name for name in names if name in held])
    return visit.page(
        "portal/demand_correct.html",
        visit.words("What is right?"),
        status,
        **what_it_comes_to(visit, RightName.CORRECT, Scope(category=Category(category)), confirm=here),
        about=lexicon.category(category),
        over=category,
        told=_told(visit, parts),
        back="/requests/new/correct",
        action=here,
        fields=[replace(each, required=False) for each in fields],
        errors=list(errors.items()),
        failed=bool(errors),
    )


@pages.page(f"{PATH}/{{record}}", permission=Permission.MEMBER, methods=("POST",), typed=True)
async def send(visit: Visit) -> Response:
    """File what is right; values of no field, or not as their types want them, are not filed."""
    intake, names = _intake(visit)
    category = str(intake.rule.category)
    parts = await _parts(visit, category)
    values, errors = await intakes.read(visit, intake, names)
    strange = next((name for name in values if name not in names), "")
    if strange:
        errors[""] = (wordings.mendable(visit, "unknown-field") or "%(word)s") % {"word": strange}
    part = next((each for each in parts if values.keys() <= set(map(str, each.values))), None)
    if not values:
        errors[""] = visit.words("Fill in what is right.")
    elif part is None and not errors:
        errors[""] = visit.words("These are kept apart from one another. Ask for each by itself.")
    if errors or part is None:
        return await _shown(visit, errors, 422)
    job = filing.demanding(
        by=visit.by, about=visit.member.subject, right=RightName.CORRECT.value, category=category,
        values=values, record=part.id, language=visit.reader.language,
    )  # fmt: skip
    return await file(visit, job)
