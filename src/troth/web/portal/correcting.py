"""Correct or remove one record of one's own: where the agreement lets people do it, at once."""

import json
from collections.abc import Mapping
from typing import Any

from markupsafe import escape
from starlette.responses import Response

from troth.acts import correct, rights
from troth.custody.hand_out import Held
from troth.custody.plans import STORED_APART, stem_of
from troth.errors import NothingHeld, Refused
from troth.ledger.receipt import Receipt
from troth.rules.decision import Why
from troth.rules.rulebook import Intake
from troth.terms.agreement import FieldSpec
from troth.web import belongings, disclosures, intakes, wordings
from troth.web.accounts.entering import identifiers, rule_of
from troth.web.content import all_of
from troth.web.errands.errand import once
from troth.web.hall import measures
from troth.web.lexicon import cite, lexicon_of
from troth.web.pages import Pages
from troth.web.permission import Permission
from troth.web.visit import Visit

pages = Pages()


def _names(visit: Visit, category: str) -> list[str]:
    """Return the fields that may be corrected here; identifiers are changed through a code alone."""
    book = visit.hall.house.book
    allowed = set(belongings.may(book, category).correct)
    if category == rule_of(visit.hall).identifiers:
        allowed -= {spec.name for spec in identifiers(visit.hall)}
    return [str(name) for name in book.fields.get(category, {}) if name in allowed]  # type: ignore[call-overload]


def _of_record(visit: Visit, records: tuple[Held, ...]) -> list[Held]:
    """Return the parts of the record that the address names; raises `NothingHeld` for none of one's own."""
    wanted = stem_of(belongings.record_of(visit.http.path_params["record"]))
    found = [each for each in records if wanted and stem_of(each.id) == wanted]
    if not found:
        raise NothingHeld(field="record")
    return found


async def _held(visit: Visit, category: str, names: list[str]) -> tuple[Intake, list[Held]]:
    intake = belongings.intake_of(visit.hall.house.book, category)
    if intake is None or not names:
        raise NothingHeld(field="record")
    plain = [name for name in names if intake.specs[name].type not in STORED_APART]  # type: ignore[index]
    handed = await belongings.read(visit, category, masked=not plain, fields=plain)
    return intake, _of_record(visit, handed.records)


@pages.page("/data/{category}/{record}/correct", permission=Permission.MEMBER)
async def ask(visit: Visit) -> Response:
    """Show the record as a form, with what is held in it."""
    category = visit.http.path_params["category"]
    names = _names(visit, category)
    intake, parts = await _held(visit, category, names)
    typed: dict[str, str] = {}
    for part in parts:
        for name, value in part.values.items():
            if intake.specs[name].type not in STORED_APART:
                typed |= typed_of(intake.specs[name], value.reveal())
    return await _form(visit, category, intake, names, typed, {}, 200, version=_versions(parts))


def _versions(parts: list[Held]) -> str:
    """Return what another change of the record changes."""
    return ".".join(part.version.hex() for part in parts)


def typed_of(spec: FieldSpec, value: Any) -> dict[str, str]:  # noqa: ANN401 - of any type
    """Return a value as a form carries it."""
    name = str(spec.name)
    if spec.type == "money":
        return {name: value["amount"], f"{name}.currency": value["currency"]}
    if spec.type == "id_number" and len(spec.countries) != 1:
        country, _, number = str(value).partition(":")
        return {f"{name}.country": country, f"{name}.number": number}
    if spec.type == "boolean":
        return {name: "yes" if value else "no"}
    return {name: json.dumps(value) if spec.type == "json" else str(value)}  # not hashed


async def _form(
    visit: Visit,
    category: str,
    intake: Intake,
    names: list[str],
    typed: Mapping[str, str],
    errors: Mapping[str, str],
    status: int,
    *,
    version: str,
) -> Response:
    lexicon = lexicon_of(visit.hall.agreement)
    clause = lexicon.clause(intake.clause)
    return visit.page(
        "portal/correct.html",
        visit.words("Correct my data"),
        status,
        category=category,
        words=lexicon.category(category),
        action=visit.http.url.path,
        version=version,
        asked=intakes.asked(visit, intake, typed, errors, names),
        errors=[(name, said) for name, said in errors.items()],
        untold=await _untold(visit, category, "correct"),
        clause=cite(clause) if clause else None,
        lang=lexicon.language,
        failed=bool(errors),
        scripts=("camera.js",) if intakes.has_pictures(intake) else (),
    )


async def _untold(visit: Visit, category: str, of: str) -> disclosures.Got | None:
    """Return who got data of a kind, where the agreement says that they are told, and whether they are."""
    promised = measures(visit.hall.agreement).get("recipients_told", "").split(", ")
    return await disclosures.got(visit, category, of) if of in promised else None


async def _too_late(visit: Visit) -> Response:
    category = visit.http.path_params["category"]
    names = _names(visit, category)
    intake = belongings.intake_of(visit.hall.house.book, category)
    if intake is None or not names:
        raise NothingHeld(field="record")
    version, errors = visit.form.get("version", ""), {"": wordings.over(visit)}
    return await _form(visit, category, intake, names, visit.form, errors, 422, version=version)


@pages.page(
    "/data/{category}/{record}/correct",
    permission=Permission.MEMBER,
    methods=("POST",),
    files=True,
    over=_too_late,
    typed=True,
)
async def change(visit: Visit) -> Response:
    """Replace what was typed anew; what is left empty stays as it is."""
    category = visit.http.path_params["category"]
    names = _names(visit, category)
    intake, parts = await _held(visit, category, names)
    values, errors = await intakes.read(visit, intake, names)
    here = {str(n): v.reveal() for part in parts for n, v in part.values.items()}
    plain = {n: v for n, v in values.items() if n in names and intake.specs[n].type not in STORED_APART}  # type: ignore[index]
    right = values if errors else values | intakes.canonical(intake, plain)
    fresh = {name: value for name, value in values.items() if here.get(name) != right[name]}
    version = _versions(parts)
    if not fresh and not errors and visit.form.get("version") != version:  # the same form again: it is done
        return visit.go(f"/data/{category}")
    if not fresh and not errors:
        errors = {"": visit.words("Nothing is changed. Change a field, or go back.")}
    elif fresh and visit.form.get("version") != version:
        errors = {"": _meanwhile(visit, category, fresh), **errors}
    if errors:
        return await _form(visit, category, intake, names, visit.form, errors, 422, version=version)
    receipt: Receipt | None = None
    try:
        for part, some in _by_part(intake, parts, fresh):
            job = correct.correcting(
                by=visit.by,
                about=visit.member.subject,
                category=category,
                values=some,
                record=part.id,
                version=part.version,
            )
            receipt = await visit.hall.teller.ask_soon(once(visit, job, part.id.hex()))
    except Refused as refused:
        wrong = wordings.wrong(visit, intake, refused, errors)
        if wrong is None:
            raise
        return await _form(visit, category, intake, names, visit.form, wrong, 422, version=version)
    if receipt is None:
        raise NothingHeld(field="record")
    return _done(visit, visit.words("It is corrected"), category, receipt, sorted(fresh))


def _meanwhile(visit: Visit, category: str, fresh: Mapping[str, Any]) -> str:
    """Say that somebody changed the record since the page was opened, and what the form would replace."""
    lexicon = lexicon_of(visit.hall.agreement)
    said = visit.words(
        "This was changed since you opened the page. What stands in the form now would replace: %(fields)s."
    )
    return escape(said) % {
        "fields": all_of(visit.reader, [lexicon.field(category, n) for n in sorted(fresh)])
    }


def _by_part(
    intake: Intake, parts: list[Held], fresh: Mapping[str, Any]
) -> list[tuple[Held, dict[str, Any]]]:
    """Return what changes in which part: fields that are kept for different times are parts of their own."""
    found = []
    for each in intake.parts:
        names = set(each.fields)
        some = {name: value for name, value in fresh.items() if name in names}
        held = [part for part in parts if names & part.values.keys()] or parts[: len(intake.parts) == 1]
        if some and held:
            found.append((held[0], some))
    return found


def _done(visit: Visit, title: str, category: str, receipt: Receipt, names: list[str]) -> Response:
    lexicon = lexicon_of(visit.hall.agreement)
    lines = [(visit.words("Kind of data"), lexicon.category(category))]
    if names:
        said = all_of(visit.reader, [lexicon.field(category, name) for name in names])
        lines.append((visit.words("What"), said))
    return visit.page(
        "portal/receipt.html",
        title,
        200,
        title=title,
        reference=str(receipt),
        entry=receipt.entry,
        at=receipt.at,
        lines=lines,
        ways=(
            (f"/data/{category}", visit.words("Back to this kind of data")),
            ("/data", visit.words("My data")),
        ),
    )


def _elsewhere(visit: Visit) -> str:
    """Return the page on which names, credentials and sessions are ended, with all that belongs to it."""
    rule, category = rule_of(visit.hall), visit.http.path_params["category"]
    if category == rule.identifiers and identifiers(visit.hall):
        return "/identifiers"
    return "/security" if category in (rule.credentials, rule.sessions) else ""


@pages.page("/data/{category}/{record}/remove", permission=Permission.MEMBER)
async def preview(visit: Visit) -> Response:
    """Show what would be removed, before anything is."""
    if other := _elsewhere(visit):
        return visit.go(other)
    category = visit.http.path_params["category"]
    lexicon = lexicon_of(visit.hall.agreement)
    handed = await belongings.read(visit, category, masked=True)
    (found,) = belongings.belongings(visit, lexicon, _of_record(visit, handed.records), revealed=False)
    return visit.page(
        "portal/remove.html",
        visit.words("Remove this"),
        words=lexicon.category(category),
        category=category,
        record=found,
        action=visit.http.url.path,
        untold=await _untold(visit, category, "erase"),
        lang=lexicon.language,
    )


@pages.page("/data/{category}/{record}/remove", permission=Permission.MEMBER, methods=("POST",))
async def remove(visit: Visit) -> Response:
    """Remove one record at once; what a duty or a matter keeps is refused by custody."""
    if other := _elsewhere(visit):
        return visit.go(other)
    category = visit.http.path_params["category"]
    record = belongings.record_of(visit.http.path_params["record"])
    if not record:
        raise NothingHeld(field="record")
    job = rights.removing(by=visit.by, about=visit.member.subject, category=category, records=[record])
    try:
        receipt = await visit.ask(job)
    except Refused as refused:
        if refused.codes == (Why.FIELD_MISSING.value,):
            raise NothingHeld(field="record") from None
        raise
    return _done(visit, visit.words("It is removed"), category, receipt, [])
