"""A conversation as its person reads it: messages of both sides in order, files, replies, a rating, its end.

Members reach theirs when they are signed in; somebody without an account by the link that was made for it.
Either way the agreement decides: it must let people read what belongs to such a case themselves.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from starlette.responses import Response

from troth.acts import cases, use
from troth.clock import Instant
from troth.custody.desk import About
from troth.custody.hand_out import Handed
from troth.custody.plans import STORED_APART
from troth.custody.take_in import Taken
from troth.errors import Refused
from troth.rules.cases import MACHINES, Case
from troth.rules.decision import Act, Actor
from troth.rules.rulebook import Intake, Rulebook
from troth.terms.agreement import CaseRule
from troth.terms.sentences import spaced
from troth.terms.vocabulary import Category, Purpose
from troth.web import errands, frames, intakes, notices, wordings
from troth.web.errands import Errand, once
from troth.web.public.pages import missing
from troth.web.visit import Visit

MACHINE = MACHINES["conversation"]
RATINGS = tuple(str(n) for n in range(1, 6))
_MEDIA = {b"%PDF": ("application/pdf", "pdf"), b"\xff\xd8\xff": ("image/jpeg", "jpg"), b"\x89PNG": ("image/png", "png")}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Talk:
    """One conversation: who reads it, and where its pages are."""

    visit: Visit
    clause: str
    rule: CaseRule
    case: Case
    by: Actor
    path: str
    about: About = field(repr=False)
    back: str = ""
    link: bool = False  # it is reached by its link, without an account


@dataclass(frozen=True, slots=True)
class Said:
    """One message, or a rating: who gave it, when, its values, and the addresses of its files."""

    at: Instant
    mine: bool
    who: str
    values: tuple[tuple[str, str, bool], ...] = field(repr=False)  # label, value, whether it is the message
    files: tuple[tuple[str, str], ...] = ()


# ---- what the agreement has for it


def message_intake(book: Rulebook, rule: CaseRule) -> Intake | None:
    """Return the intake of messages: it takes a long text and no number."""
    return next((i for i in intakes.intakes_within(book, rule) if {"longtext"} == _types(i)), None)


def rating_intake(book: Rulebook, rule: CaseRule) -> Intake | None:
    """Return the intake of a rating: it takes a number."""
    return next((i for i in intakes.intakes_within(book, rule) if "integer" in _types(i)), None)


def _types(intake: Intake) -> set[str]:
    return {spec.type for spec in intake.specs.values()} & {"longtext", "integer"}


def names_of(intake: Intake, *types: str) -> tuple[str, ...]:
    """Return the names of fields of some types."""
    return tuple(str(name) for name, spec in intake.specs.items() if spec.type in types)


def own_purpose(book: Rulebook, category: Category) -> Purpose | None:
    """Return a purpose for which people read a category of theirs themselves, without further conditions."""
    for (act, about, word), cell in book.cells.items():
        if act is Act.USE and about == category:
            for grant in cell.grants:
                if grant.by.subject and not (grant.needs or grant.consent or grant.aggregates):
                    return Purpose(word)
    return None


# ---- reading


def reading(
    book: Rulebook, *, by: Actor, about: About, category: Category, fields: list[str], records: Any  # noqa: ANN401
) -> Any:  # noqa: ANN401 - a job
    """Return the job by which somebody reads their own records: for a purpose, or as their right."""
    purpose = own_purpose(book, category)
    what = {"by": by, "about": about, "category": category, "fields": fields, "records": records}
    return use.accessing(**what) if purpose is None else use.reading(**what, purpose=purpose)


async def said_in(talk: Talk) -> tuple[list[Said], list[Said]]:
    """Return the messages of a conversation, oldest first, and its ratings."""
    givers = await talk.visit.hall.teller.alone_soon(cases.contents(talk.about, talk.case.id))
    book = talk.visit.hall.house.book
    message, rating = message_intake(book, talk.rule), rating_intake(book, talk.rule)
    return (
        await _said(talk, message, givers) if message and givers else [],
        await _said(talk, rating, givers) if rating and givers else [],
    )


async def _said(talk: Talk, intake: Intake, givers: Mapping[bytes, str]) -> list[Said]:
    """Return what was given into a conversation of one category; files are only looked for."""
    visit, category = talk.visit, intake.rule.category
    book = visit.hall.house.book
    apart = [str(n) for n, spec in intake.specs.items() if spec.type in STORED_APART]
    plain = [str(n) for n in intake.specs if n not in apart]
    job = reading(
        book, by=talk.by, about=talk.about, category=category, fields=plain, records=frozenset(givers)
    )
    handed: Handed = await visit.read(job)
    files: dict[bytes, list[tuple[str, str]]] = {}
    if apart and handed.records:
        looking = use.accessing(
            by=talk.by, about=talk.about, category=category, fields=apart, masked=True, records=frozenset(givers)
        )
        for held in (await visit.read(looking)).records:
            for name in held.values:
                label = intakes.label_of(intake.specs[name])
                files.setdefault(held.id, []).append((label, f"{talk.path}/file/{held.id.hex()}/{name}"))
    found = []
    for held in handed.records:
        giver = givers[held.id]
        values = tuple(
            (
                intakes.label_of(intake.specs[name]),
                wordings.shown(visit, intake.specs[name], value.reveal()),
                intake.specs[name].type == "longtext",
            )
            for name, value in held.values.items()
        )
        mine = giver == "self"
        found.append(Said(held.collected_at, mine, _who(visit, giver), values, tuple(files.get(held.id, ()))))
    return sorted(found, key=lambda said: said.at)


def _who(visit: Visit, giver: str) -> str:
    kind, _, name = giver.partition(":")
    if kind == "self":
        return visit.words("You")
    words = spaced(name).capitalize() or visit.words("We")
    return words if kind == "staff" else visit.words("The program %(name)s") % {"name": spaced(name)}


# ---- pages


async def show(
    talk: Talk, typed: Mapping[str, str] | None = None, errors: Mapping[str, str] | None = None
) -> Response:
    """Return the page of a conversation, with what was typed and what is wrong with it."""
    visit, book = talk.visit, talk.visit.hall.house.book
    said, rated = await said_in(talk)
    message, rating = message_intake(book, talk.rule), rating_intake(book, talk.rule)
    errors = errors or {}
    answered = any(not each.mine for each in said)
    return visit.page(
        "portal/thread.html",
        visit.words("Your conversation"),
        422 if errors else 200,
        path=talk.path,
        back=talk.back,
        link=talk.link,
        case=talk.case,
        state=state_of(visit, talk.case),
        said=said,
        rated=rated,
        language=visit.hall.agreement.language,
        clause=frames.cited(visit, talk.clause),
        notice=notices.of_category(visit, message.rule.category) if message else None,
        fields=intakes.asked(visit, message, typed or {}, errors, _replying(message)) if message else [],
        rating=_ratings(talk, rating) if rating and not rated and (answered or talk.case.ended_at) else None,
        errors=[(name, sentence) for name, sentence in errors.items()],
        is_open=talk.case.state not in MACHINE.ended,
        failed=bool(errors),
    )


def _replying(intake: Intake) -> tuple[str, ...]:
    return names_of(intake, "longtext", *STORED_APART)


def _ratings(talk: Talk, intake: Intake) -> dict[str, Any]:
    """Return what a rating asks for: a number, as one of five, and words."""
    numbers, words = names_of(intake, "integer"), names_of(intake, "longtext", "text")
    return {
        "number": numbers[0],
        "legend": intakes.label_of(intake.specs[numbers[0]]),  # type: ignore[index]
        "options": [(n, talk.visit.reader.number(int(n))) for n in RATINGS],
        "words": intakes.asked(talk.visit, intake, {}, {}, words) if words else [],
        "notice": notices.of_category(talk.visit, intake.rule.category),
    }


def state_of(visit: Visit, case: Case) -> str:
    """Return where a conversation stands, in words."""
    _ = visit.words
    said = {"open": _("It waits for our answer."), "answered": _("We answered."), "closed": _("It is closed.")}
    return said[case.state]


# ---- what people do in it


async def _move(talk: Talk, to: str, part: str = "") -> None:
    job = cases.moving(by=talk.by, about=talk.about, case=talk.case.id, to=to)
    await talk.visit.hall.teller.ask_soon(once(talk.visit, job, part or to))


async def _done(errand: Errand, taken: Taken) -> Response:
    _ = taken
    return errand.visit.go(errand.back)


def _errand(talk: Talk, intake: Intake, names: tuple[str, ...] = ()) -> Errand:
    return Errand(
        visit=talk.visit,
        intake=intake,
        path=talk.path,
        title="",
        back=talk.path,
        done=_done,
        by=talk.by,
        about=talk.about,
        within=talk.case.id,
        names=names,
        review=False,
        held=False,
    )


async def reply(talk: Talk) -> Response:
    """Take a further message in; a conversation that was answered or closed is open again with it."""
    intake = message_intake(talk.visit.hall.house.book, talk.rule)
    if intake is None:
        return await missing(talk.visit)
    errand = _errand(talk, intake, _replying(intake))
    values, reasons = await intakes.read(talk.visit, intake, errand.names)
    refused = await _put(talk, errand, values)
    if refused is not None:
        errors = wordings.wrong(talk.visit, intake, refused, reasons)
        if errors is None:
            raise refused
        return await show(talk, talk.visit.form, errors)
    if talk.case.state == "answered":
        await _move(talk, MACHINE.first)
    return talk.visit.go(talk.path)


async def _put(talk: Talk, errand: Errand, values: Mapping[str, Any], *, closing: bool = False) -> Refused | None:
    """Take values into a conversation; one that is closed is opened for it. Return why they were refused."""
    closed = talk.case.state in MACHINE.ended
    if closed:
        await _move(talk, MACHINE.first)
    refused: Refused | None = None
    try:
        await errands.taken_in(errand, values)
    except Refused as problem:
        refused = problem
    if closed and (closing or refused is not None):
        await _move(talk, "closed")
    return refused


async def rate(talk: Talk) -> Response:
    """Take a rating in."""
    intake = rating_intake(talk.visit.hall.house.book, talk.rule)
    if intake is None:
        return await missing(talk.visit)
    values, reasons = await intakes.read(talk.visit, intake)
    refused = await _put(talk, _errand(talk, intake), values, closing=True)
    if refused is not None:
        errors = wordings.wrong(talk.visit, intake, refused, reasons)
        if errors is None:
            raise refused
        return await show(talk, {}, errors)
    return talk.visit.go(talk.path)


async def close(talk: Talk) -> Response:
    """Close a conversation; what is closed stays so."""
    if talk.case.state not in MACHINE.ended:
        await _move(talk, "closed")
    return talk.visit.go(talk.path)


async def file(talk: Talk) -> Response:
    """Give one file of a conversation to its person, to be kept and not to be opened here."""
    named = talk.visit.http.path_params
    givers = await talk.visit.hall.teller.alone_soon(cases.contents(talk.about, talk.case.id))
    book = talk.visit.hall.house.book
    intake = message_intake(book, talk.rule)
    record = next((each for each in givers if each.hex() == named["record"]), None)
    if intake is None or record is None or named["field"] not in names_of(intake, *STORED_APART):
        return await missing(talk.visit)
    job = reading(
        book,
        by=talk.by,
        about=talk.about,
        category=intake.rule.category,
        fields=[named["field"]],
        records=[record],
    )
    handed: Handed = await talk.visit.read(job)
    found = [value.reveal() for held in handed.records for value in held.values.values()]
    if not found:
        return await missing(talk.visit)
    media, ending = next((m for magic, m in _MEDIA.items() if found[0].startswith(magic)), ("", "bin"))
    return Response(
        found[0],
        media_type=media or "application/octet-stream",
        headers={"Content-Disposition": f'attachment; filename="attachment.{ending}"'},
    )
