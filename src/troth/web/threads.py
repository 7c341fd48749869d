"""The page of a conversation, for members and by its link: read, reply, rate, close, fetch a file."""

from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from troth.acts import cases
from troth.custody.hand_out import Handed
from troth.custody.plans import STORED_APART
from troth.custody.repeating import Once
from troth.custody.take_in import Taken
from troth.errors import KeyReused, Refused
from troth.rules.cases import MACHINES
from troth.rules.rulebook import Intake
from troth.web import frames, intakes, notices, talks, wordings
from troth.web.errands import taking
from troth.web.errands.errand import Errand, is_again, once
from troth.web.knowing import unused
from troth.web.public.pages import missing
from troth.web.talks import Talk

MACHINE = MACHINES["conversation"]
RATINGS = tuple(str(n) for n in range(1, 6))
_MEDIA = {  # by the first bytes: the type, and how a name ends
    b"%PDF": ("application/pdf", "pdf"),
    b"\xff\xd8\xff": ("image/jpeg", "jpg"),
    b"\x89PNG": ("image/png", "png"),
}


async def show(
    talk: Talk,
    typed: Mapping[str, str] | None = None,
    errors: Mapping[str, str] | None = None,
    *,
    rating: bool = False,
) -> Response:
    """Return the page of a conversation, with what was typed (as its `rating` or not) and what is wrong."""
    visit, book = talk.visit, talk.visit.hall.house.book
    said, rated = await talks.said_in(talk)
    message, rates = talks.message_intake(book, talk.rule), talks.rating_intake(book, talk.rule)
    errors, typed = errors or {}, typed or {}
    said_here, rated_here = ({}, typed) if rating else (typed, {})
    answered = any(not each.mine for each in said)
    categories = [message.rule.category] if message else []
    return visit.page(
        "portal/thread.html",
        visit.words("Your conversation"),
        422 if errors else 200,
        path=talk.path,
        back=talk.back,
        link=talk.link,
        case=talk.case,
        state=talks.state_of(visit, talk.case),
        said=said,
        rated=rated,
        language=visit.hall.agreement.language,
        clause=frames.cited(visit, talk.clause),
        unused=await unused(visit, talk.about, categories),
        notice=notices.of_category(visit, message.rule.category) if message else None,
        fields=intakes.asked(visit, message, said_here, errors, _replying(message)) if message else [],
        rating=_ratings(talk, rates, rated_here)
        if rates and not rated and (answered or talk.case.ended_at)
        else None,
        errors=[(name, sentence) for name, sentence in errors.items()],
        is_open=talk.case.state not in MACHINE.ended,
        failed=bool(errors),
    )


def _replying(intake: Intake) -> tuple[str, ...]:
    return talks.names_of(intake, "longtext", *STORED_APART)


def _ratings(talk: Talk, intake: Intake, typed: Mapping[str, str]) -> dict[str, Any]:
    """Return what a rating asks for: a number, as one of five, and words."""
    numbers, words = talks.names_of(intake, "integer"), talks.names_of(intake, "longtext", "text")
    return {
        "number": numbers[0],
        "legend": intakes.label_of(intake.specs[numbers[0]]),  # type: ignore[index]
        "options": [(n, talk.visit.reader.number(int(n))) for n in RATINGS],
        "chosen": [typed.get(numbers[0], "")],
        "words": intakes.asked(talk.visit, intake, typed, {}, words) if words else [],
        "notice": notices.of_category(talk.visit, intake.rule.category),
    }


# ---- what people do in it


def _moving(talk: Talk, to: str) -> Once:
    return once(talk.visit, cases.moving(by=talk.by, about=talk.about, case=talk.case.id, to=to), to)


async def _move(talk: Talk, to: str) -> None:
    await talk.visit.hall.teller.ask_soon(_moving(talk, to))


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
        legal=False,
        held=False,
    )


async def reply(talk: Talk) -> Response:
    """Take a further message in; a conversation that was answered or closed is open again with it."""
    intake = talks.message_intake(talk.visit.hall.house.book, talk.rule)
    if intake is None:
        return await missing(talk.visit)
    errand = _errand(talk, intake, _replying(intake))
    values, reasons = await intakes.read(talk.visit, intake, errand.names)
    try:
        taken = await _put(talk, errand, values)
    except KeyReused:
        return await show(talk, talk.visit.form, {"": wordings.otherwise(talk.visit)})
    except Refused as refused:
        errors = wordings.wrong(talk.visit, intake, refused, reasons)
        if errors is None:
            raise
        return await show(talk, talk.visit.form, errors)
    if talk.case.state == "answered" and taken.receipt.at >= talk.case.changed_at:  # after the answer
        await _move(talk, MACHINE.first)
    return talk.visit.go(talk.path)


async def too_late(talk: Talk) -> Response:
    """Give a further message back that was sent from a page that is too old."""
    return await show(talk, talk.visit.form, {"": wordings.over(talk.visit)})


async def _put(talk: Talk, errand: Errand, values: Mapping[str, Any], *, closing: bool = False) -> Taken:
    """Take values into a conversation; one that is closed is opened for what the form did not bring before.

    Raises `Refused`, and `KeyReused` when the form brought something else before.
    """
    job = taking.job_of(errand, values)
    opened = talk.case.state in MACHINE.ended and not await is_again(talk.visit, job)
    if opened:
        await _move(talk, MACHINE.first)
    try:
        taken = await taking.taken_in(errand, job)
    except Refused:
        if opened:
            await _move(talk, "closed")
        raise
    if opened and closing:
        await _move(talk, "closed")
    return taken


async def rate(talk: Talk) -> Response:
    """Take a rating in."""
    intake = talks.rating_intake(talk.visit.hall.house.book, talk.rule)
    if intake is None:
        return await missing(talk.visit)
    values, reasons = await intakes.read(talk.visit, intake)
    try:
        await _put(talk, _errand(talk, intake), values, closing=True)
    except KeyReused:
        return await show(talk, talk.visit.form, {"": wordings.otherwise(talk.visit)}, rating=True)
    except Refused as refused:
        errors = wordings.wrong(talk.visit, intake, refused, reasons)
        if errors is None:
            raise
        return await show(talk, talk.visit.form, errors, rating=True)
    return talk.visit.go(talk.path)


async def rated_too_late(talk: Talk) -> Response:
    """Give a rating back that was sent from a page that is too old."""
    return await show(talk, talk.visit.form, {"": wordings.over(talk.visit)}, rating=True)


async def close(talk: Talk) -> Response:
    """Close a conversation; what is closed stays so."""
    if talk.case.state not in MACHINE.ended:
        if await is_again(talk.visit, _moving(talk, "closed")):  # and it was opened again since
            return await show(talk, {}, {"": wordings.overtaken(talk.visit)})
        await _move(talk, "closed")
    return talk.visit.go(talk.path)


async def file(talk: Talk) -> Response:
    """Give one file of a conversation to its person, to be kept and not to be opened here."""
    named = talk.visit.http.path_params
    book = talk.visit.hall.house.book
    intake = talks.message_intake(book, talk.rule)
    record = next((each for each in talk.givers if each.hex() == named["record"]), None)
    if intake is None or record is None or named["field"] not in talks.names_of(intake, *STORED_APART):
        return await missing(talk.visit)
    job = await talks.reading(
        talk.visit,
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
    text = ("text/plain; charset=utf-8", "txt")  # what is taken in besides
    media, ending = next((m for magic, m in _MEDIA.items() if found[0].startswith(magic)), text)
    return Response(
        found[0],
        media_type=media,
        headers={"Content-Disposition": f'attachment; filename="attachment.{ending}"'},
    )
