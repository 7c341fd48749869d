"""The form of an errand: filled in, checked by its giver, taken in or refused, and its receipt."""

from collections.abc import Mapping
from functools import partial
from hashlib import sha256
from typing import Any

from starlette.responses import Response

from troth.acts import collect, use
from troth.canonical import Plain
from troth.clock import SECOND, Instant
from troth.custody.knowing import is_held
from troth.custody.repeating import Once
from troth.custody.take_in import Taken
from troth.errors import Absent, FlowRefused, KeyReused, NotAbout, NotCanonical, Refused, TrothError
from troth.rules.decision import Act
from troth.rules.standing import Choice
from troth.web import frames, intakes, notices, wordings
from troth.web.content import content
from troth.web.credentials.flows import open_flow, page_of, seal_flow
from troth.web.errands.consenting import ask_consent, choice_of
from troth.web.errands.errand import Errand, is_again, once, remembered
from troth.web.knowing import unused
from troth.web.visit import Visit

REVIEW = "review"
LONGEST_STEP = 2_000  # characters of a flow that an address carries
LIFETIME = 3_600 * SECOND  # of answers that wait to be checked
CAMERA = "camera=(self), microphone=(), geolocation=(), payment=(), usb=()"
_LACKS = frozenset({"consent-missing", "consent-refused", "consent-withdrawn"})


async def show(errand: Errand) -> Response:
    """Return the first page of an errand: the consent that is missing, or the form."""
    said, at = await choice_of(errand)
    if said is not Choice.GIVEN:
        return ask_consent(errand, said=said, at=at)
    return await form(errand, {}, {}, 200)


async def again(errand: Errand) -> Response:
    """Return the form that was sent too late, with what was typed; or first the consent that is missing."""
    said, at = await choice_of(errand)
    if said is not Choice.GIVEN:
        return ask_consent(errand, said=said, at=at)
    return await form(errand, errand.visit.form, {"": wordings.over(errand.visit)}, 422)


async def form(errand: Errand, typed: Mapping[str, str], errors: Mapping[str, str], status: int) -> Response:
    """Return the form with what was typed and what is wrong; what is held already stands below, masked."""
    visit, intake = errand.visit, errand.intake
    here = await held_of(errand) if errand.held else []
    camera, language = intakes.has_pictures(intake), visit.hall.agreement.language
    only = intake.rule.records == "one" and bool(here)
    fields = intakes.asked(visit, intake, typed, errors, errand.names)
    response = visit.page(
        errand.template,
        errand.title,
        status,
        **errand.more,
        title=errand.title,
        titled=language if errand.legal else "",
        action=errand.path,
        back=errand.back,
        notice=notices.of_category(visit, intake.rule.category, errand.when),
        language=language,
        fields=fields,
        errors=[(name, errors[name]) for name in ("", *intake.specs) if name in errors],
        upload=intakes.has_files(intake),
        reminder="email_not_encrypted" in notices.reminders(visit)
        and any(each.kind == "email" for each in fields),
        any_is_enough=intake.any and len(intake.specs) > 1,
        checked=_is_checked(errand),
        held=here,
        only=only,
        unused=await unused(visit, errand.about, [intake.rule.category]),
        failed=bool(errors),
        scripts=("camera.js",) if camera else (),
    )
    if camera:
        response.headers["Permissions-Policy"] = CAMERA
    return response


async def held_of(errand: Errand) -> list[tuple[Instant, list[tuple[str, str]]]]:
    """Return what is held of a category already, masked: when it came, and each field with its mask."""
    job = use.accessing(by=errand.by, about=errand.about, category=errand.intake.rule.category, masked=True)
    try:
        handed = await errand.visit.read(job)
    except (Absent, Refused):
        return []
    language = errand.visit.hall.agreement.language
    labels = {name: content(intakes.label_of(spec), language) for name, spec in errand.intake.specs.items()}
    return [
        (each.collected_at, [(labels.get(n, n), str(value.reveal())) for n, value in each.values.items()])
        for each in handed.records
    ]


async def receive(errand: Errand) -> Response:
    """Take a form: have what is wrong refused, let the answers be checked, or take them in at once."""
    visit = errand.visit
    values, reasons = await intakes.read(visit, errand.intake, errand.names)
    whole = bool(values) and set(errand.intake.needed) <= set(values) <= set(errand.intake.specs)
    if _is_checked(errand) and whole and not reasons:
        checked = _review(errand, values)
        if checked is not None:
            return checked
    return await take(errand, values, reasons, visit.form)


def _is_checked(errand: Errand) -> bool:
    return errand.review and not intakes.has_files(errand.intake)


async def take(
    errand: Errand,
    values: Mapping[str, Any],
    reasons: Mapping[str, str],
    typed: Mapping[str, str],
    ticket: str = "",
) -> Response:
    """Take values in; what is refused and a form can mend comes back as the form, with all that was typed.

    So does what was taken in before, from the same form, and is not held any more.
    """
    visit, job = errand.visit, job_of(errand, values, ticket)
    repeated = await is_again(visit, job)
    try:
        taken = await taken_in(errand, job)
    except KeyReused:
        return await form(errand, typed, {"": wordings.otherwise(visit)}, 422)
    except Refused as refused:
        if errand.intake.rule.consent and set(refused.codes) <= _LACKS:
            return visit.go(errand.path)
        errors = wordings.wrong(visit, errand.intake, refused, reasons)
        if errors is None:
            raise
        return await form(errand, typed, errors, 422)
    still = partial(is_held, subject=taken.subject, some=taken.records)
    if repeated and not await visit.hall.teller.alone_soon(still):
        return await form(errand, typed, {"": wordings.overtaken(visit)}, 409)
    return await errand.done(errand, taken)


def job_of(errand: Errand, values: Mapping[str, Any], ticket: str = "") -> Once:
    """Return the job that takes values in, once for each form, or for all that have one ticket."""
    offer = collect.offering(
        by=errand.by,
        about=errand.about,
        category=errand.intake.rule.category,
        when=errand.when,
        values=values,
        age=intakes.age_of(errand.visit, errand.intake, values),
        within=errand.within,
    )
    category, content = errand.intake.rule.category, _content(values)
    return once(errand.visit, collect.taking([offer]), category, content, ticket)


async def taken_in(errand: Errand, job: Once) -> Taken:
    """Have values taken in; raises `Refused`, and `KeyReused` when the form took in something else before."""
    (taken,) = await errand.visit.hall.teller.ask_soon(job)
    if isinstance(taken, TrothError):
        raise taken
    found: Taken = taken
    return found


# ---- checked answers


def _review(errand: Errand, values: Mapping[str, Any]) -> Response | None:
    """Lead to the page of the answers, which the browser carries sealed; None for more than it can carry.

    What is too much for an address is carried by the page that answers the form.
    """
    visit = errand.visit
    state: dict[str, Plain] = {"path": errand.path, "values": dict(values), "typed": _typed(visit)}
    until = visit.now + LIFETIME
    try:
        flow = seal_flow(visit.hall.key, REVIEW, state, at=visit.now, until=until, bound_to=_bound(errand))
    except (ValueError, NotCanonical):
        return None
    if len(flow) <= LONGEST_STEP:
        return visit.go(page_of(f"{errand.path}/send", flow))
    return _answers(errand, values, flow)


def _bound(errand: Errand) -> bytes:
    """Return what checked answers are bound to: the browser, and who is signed in there."""
    return errand.visit.nonce + str(errand.about).encode("utf-8")


def _answers(errand: Errand, values: Mapping[str, Any], flow: str) -> Response:
    visit, specs = errand.visit, errand.intake.specs
    right = intakes.canonical(errand.intake, values)
    order, language = [name for name in specs if name in right], visit.hall.agreement.language
    return visit.page(
        "portal/review.html",
        visit.words("Check your answers"),
        200,
        action=f"{errand.path}/send",
        again=errand.path,
        flow=flow,
        answers=[
            (content(intakes.label_of(specs[n]), language), wordings.shown(visit, specs[n], right[n]))
            for n in order
        ],
        clause=frames.cited(visit, errand.intake.clause),
        language=language,
    )


def _typed(visit: Visit) -> dict[str, Plain]:
    return {name: value for name, value in visit.form.items() if name not in intakes.OURS}


def _opened(errand: Errand) -> tuple[str, Any, Any]:
    """Return the name of checked answers, the answers, and how they were typed; raises `FlowRefused`."""
    visit = errand.visit
    flow = open_flow(visit.hall.key, REVIEW, visit.flow, at=visit.now, bound_to=_bound(errand))
    if flow.state["path"] != errand.path:
        raise FlowRefused
    return flow.id.hex(), flow.state["values"], flow.state["typed"]


async def check(errand: Errand) -> Response:
    """Show answers to be checked; those that were sent since lead to their receipt."""
    visit = errand.visit
    if not visit.flow:
        return visit.go(errand.path)
    ticket, values, typed = _opened(errand)
    if await is_again(visit, job_of(errand, values, ticket)):
        return await take(errand, values, {}, typed, ticket)
    return _answers(errand, values, visit.flow)


async def confirm(errand: Errand) -> Response:
    """Take in answers that were checked, or go back to the form with them."""
    visit = errand.visit
    ticket, values, typed = _opened(errand)
    if visit.form.get("choice") == "change":
        return await form(errand, typed, {}, 200)
    return await take(errand, values, intakes.faults(visit, errand.intake, values), typed, ticket)


async def receipt(errand: Errand, taken: Taken) -> Response:
    """Lead to the receipt of what was given, which can be opened again."""
    return errand.visit.go(f"{errand.path}/received?entry={taken.receipt.entry}")


async def received(errand: Errand) -> Response:
    """Return the receipt of what was given, by the entry that the address names."""
    visit = errand.visit
    entry, receipt = await remembered(visit)
    if (entry.act, entry.category) != (Act.COLLECT, errand.intake.rule.category):
        raise NotAbout(number=receipt.entry)
    return visit.page(
        "portal/received.html",
        visit.words("We have it"),
        200,
        receipt=receipt,
        what=[intakes.label_of(spec) for spec in errand.intake.specs.values()],
        clause=frames.cited(visit, errand.intake.clause),
        language=visit.hall.agreement.language,
        again=errand.path if errand.intake.rule.records != "one" else "",
        back=errand.back,
        unused=await unused(visit, errand.about, [errand.intake.rule.category]),
    )


def _content(values: Mapping[str, Any]) -> bytes:
    """Return what tells the content of a form apart."""
    marks = [f"{name}={sha256(repr(values[name]).encode('utf-8')).hexdigest()}" for name in sorted(values)]
    return " ".join(marks).encode("utf-8")
