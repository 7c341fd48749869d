"""An errand: somebody gives what one clause takes in. Consent first, then the form, answers checked, a receipt.

Several pages run errands: giving more data, a step of a verification, a message, a rating. Each says which
intake it is, where its pages are, into which case it goes, and what comes after.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from starlette.responses import Response

from troth.acts import collect, consent, use
from troth.canonical import Plain
from troth.clock import SECOND, Instant
from troth.custody.desk import About, Desk
from troth.custody.repeating import Once
from troth.custody.take_in import Taken
from troth.errors import FlowRefused, NotCanonical, Refused, TrothError
from troth.rules.decision import Act, Actor
from troth.rules.rulebook import Intake
from troth.rules.standing import Choice, Standing
from troth.terms.prose import register
from troth.terms.sentences import ending
from troth.terms.vocabulary import Purpose, Recipient
from troth.web import frames, intakes, notices, wordings
from troth.web.credentials.flows import open_flow, seal_flow
from troth.web.visit import Visit

REVIEW = "review"
LIFETIME = 3_600 * SECOND  # of answers that wait to be checked
CAMERA = "camera=(self), microphone=(), geolocation=(), payment=(), usb=()"
_LACKS = frozenset({"consent-missing", "consent-refused", "consent-withdrawn"})


@dataclass(frozen=True, slots=True)
class Errand:
    """One thing to give: by whom, under which clause, on which pages, and what comes after."""

    visit: Visit
    intake: Intake
    path: str  # of the form; consent and checked answers are posted below it
    title: str
    back: str
    done: Callable[["Errand", Taken], Awaitable[Response]]
    by: Actor
    about: About = field(repr=False)
    within: bytes | str | None = None
    names: tuple[str, ...] = ()  # the only fields that are asked for; empty: all
    review: bool = True
    held: bool = True  # whether what is held already is shown below the form
    aside: str = ""  # where refusing a consent leads
    ahead: str = ""  # where giving it leads; empty: to the form

    @property
    def when(self) -> str:
        """The circumstance."""
        return intakes.when_of(self.intake)


# ---- once, however often a form comes


def once(visit: Visit, job: Any, part: str = "", content: bytes = b"") -> Once:  # noqa: ANN401 - any job
    """Return a job that a form asks for: the same form does it once, and with other content not at all."""
    return Once(job, f"form {visit.binding} {visit.ticket} {type(job).__name__} {part}", content)


def _content(values: Mapping[str, Any]) -> bytes:
    """Return what tells the content of a form apart."""
    marks = [f"{name}={sha256(repr(values[name]).encode('utf-8')).hexdigest()}" for name in sorted(values)]
    return " ".join(marks).encode("utf-8")


# ---- consent


async def standing_of(visit: Visit, about: About) -> Standing:
    """Return what is true of a person: their own choices."""

    def work(desk: Desk) -> Standing:
        desk.find([about])
        return desk.standing(about)

    return await visit.hall.teller.alone_soon(work)


async def choice_of(errand: Errand) -> tuple[Choice | None, Instant | None]:
    """Return what somebody said to the consent that an intake needs, and when; given where it needs none."""
    purpose = errand.intake.rule.consent
    if purpose is None:
        return Choice.GIVEN, None
    standing = await standing_of(errand.visit, errand.about)
    at = next((each.at for each in standing.consents if each.purpose == purpose), None)
    return standing.choice(purpose), at


def ask_consent(errand: Errand, *, said: Choice | None, at: Instant | None, error: str = "") -> Response:
    """Return the page that asks for a consent: purpose, who sees it, how long, where, and both answers alike."""
    visit, agreement = errand.visit, errand.visit.hall.agreement
    purpose = errand.intake.rule.consent or Purpose("")
    book = visit.hall.house.book
    rows = [row for row in register(agreement) if row.purpose == purpose]
    parties = [book.recipients[Recipient(name)] for row in rows for name in row.recipients]
    _, keep = book.keep(errand.intake.rule.keep)
    return visit.page(
        "portal/consent.html",
        visit.words("Your consent comes first"),
        422 if error else 200,
        action=f"{errand.path}/consent",
        back=errand.back,
        notice=notices.of_category(visit, errand.intake.rule.category, errand.when),
        language=agreement.language,
        version=agreement.version,
        purposes=[row.title for row in rows] or [purpose],
        readers=list(dict.fromkeys(reader for row in rows for reader in row.readers)),
        parties=[(party.words or party.name, wordings.place(visit, party.place)) for party in parties],
        ends=ending(keep),
        place=wordings.place(visit, visit.hall.house.place),
        refused_at=at if said is not None and said is not Choice.GIVEN else None,
        error=error,
        failed=bool(error),
    )


async def decide(errand: Errand) -> Response:
    """Give or refuse a consent; both end on the same kind of page, with a receipt."""
    visit, purpose = errand.visit, errand.intake.rule.consent or ""
    said, at = await choice_of(errand)
    if visit.form.get("version") != str(visit.hall.agreement.version):
        error = visit.words("The agreement has changed meanwhile. Read it again.")
        return ask_consent(errand, said=said, at=at, error=error)
    choice = visit.form.get("choice")
    if choice not in ("given", "refused"):
        return ask_consent(errand, said=said, at=at, error=visit.words("Choose one of the two."))
    act = Act.CONSENT if choice == "given" else Act.DECLINE
    job = consent.choosing(act, by=errand.by, about=errand.about, purpose=purpose)
    receipt = await visit.hall.teller.ask_soon(once(visit, job, content=choice.encode()))
    return visit.page(
        "portal/consented.html",
        visit.words("Your choice is noted"),
        200,
        given=choice == "given",
        receipt=receipt,
        clause=frames.cited(visit, errand.intake.clause),
        language=visit.hall.agreement.language,
        ahead=errand.ahead or errand.path,
        aside=errand.aside,
        text=notices.of_category(visit, errand.intake.rule.category, errand.when).text,
        back=errand.back,
    )


# ---- the form


async def show(errand: Errand) -> Response:
    """Return the first page of an errand: the consent that is missing, or the form."""
    said, at = await choice_of(errand)
    if said is not Choice.GIVEN:
        return ask_consent(errand, said=said, at=at)
    return await form(errand, {}, {}, 200)


async def form(
    errand: Errand, typed: Mapping[str, str], errors: Mapping[str, str], status: int
) -> Response:
    """Return the form with what was typed and what is wrong; what is held already stands below, masked."""
    visit, intake = errand.visit, errand.intake
    here = await held_of(errand) if errand.held else []
    camera = intakes.has_pictures(intake)
    only = intake.rule.records == "one" and bool(here)
    ordered = [name for name in intake.specs if name in errors]
    fields = intakes.asked(visit, intake, typed, errors, errand.names)
    response = visit.page(
        "portal/given.html",
        errand.title,
        status,
        title=errand.title,
        action=errand.path,
        back=errand.back,
        notice=notices.of_category(visit, intake.rule.category, errand.when),
        language=visit.hall.agreement.language,
        fields=fields,
        errors=[("", errors[""])] * ("" in errors) + [(name, errors[name]) for name in ordered],
        upload=intakes.has_files(intake),
        reminder="email_not_encrypted" in notices.reminders(visit)
        and any(each.kind == "email" for each in fields),
        any_is_enough=intake.any and len(intake.specs) > 1,
        checked=_is_checked(errand),
        held=here,
        only=only,
        failed=bool(errors),
        scripts=("camera.js",) if camera else (),
    )
    if camera:
        response.headers["Permissions-Policy"] = CAMERA
    return response


async def held_of(errand: Errand) -> list[tuple[Instant, list[tuple[str, str]]]]:
    """Return what is held of a category already, masked: when it came, and each field with its mask."""
    job = use.accessing(
        by=errand.by, about=errand.about, category=errand.intake.rule.category, masked=True
    )
    try:
        handed = await errand.visit.read(job)
    except TrothError:
        return []
    labels = {name: intakes.label_of(spec) for name, spec in errand.intake.specs.items()}
    return [
        (each.collected_at, [(labels.get(n, n), str(value.reveal())) for n, value in each.values.items()])
        for each in handed.records
    ]


async def receive(errand: Errand) -> Response:
    """Take a form: have what is wrong refused, let the answers be checked, or take them in at once."""
    visit = errand.visit
    values, reasons = await intakes.read(visit, errand.intake, errand.names)
    if _is_checked(errand) and not reasons and values and set(values) <= set(errand.intake.specs):
        checked = _review(errand, values)
        if checked is not None:
            return checked
    return await take(errand, values, reasons, visit.form)


def _is_checked(errand: Errand) -> bool:
    return errand.review and not intakes.has_files(errand.intake)


async def take(
    errand: Errand, values: Mapping[str, Any], reasons: Mapping[str, str], typed: Mapping[str, str]
) -> Response:
    """Take values in; what custody refuses and a form can mend comes back as the form, all typed words kept."""
    try:
        taken = await taken_in(errand, values)
    except Refused as refused:
        if errand.intake.rule.consent and set(refused.codes) <= _LACKS:
            return errand.visit.go(errand.path)
        errors = wordings.wrong(errand.visit, errand.intake, refused, reasons)
        if errors is None:
            raise
        return await form(errand, typed, errors, 422)
    return await errand.done(errand, taken)


async def taken_in(errand: Errand, values: Mapping[str, Any]) -> Taken:
    """Have values taken in, once for each form; raises `Refused`."""
    offer = collect.offering(
        by=errand.by,
        about=errand.about,
        category=errand.intake.rule.category,
        when=errand.when,
        values=values,
        age=intakes.age_of(errand.visit, errand.intake, values),
        within=errand.within,
    )
    job = once(errand.visit, collect.taking([offer]), content=_content(values))
    (taken,) = await errand.visit.hall.teller.ask_soon(job)
    if isinstance(taken, TrothError):
        raise taken
    found: Taken = taken
    return found


# ---- checked answers


def _review(errand: Errand, values: Mapping[str, Any]) -> Response | None:
    """Return the page of the answers, which the browser carries sealed; None for more than it can carry."""
    visit, specs = errand.visit, errand.intake.specs
    right = intakes.canonical(errand.intake, values)
    state: dict[str, Plain] = {"path": errand.path, "values": dict(values), "typed": _typed(visit)}
    until = visit.now + LIFETIME
    try:
        flow = seal_flow(visit.hall.key, REVIEW, state, at=visit.now, until=until, bound_to=visit.nonce)
    except (ValueError, NotCanonical):
        return None
    order = [name for name in specs if name in right]
    return visit.page(
        "portal/review.html",
        visit.words("Check your answers"),
        200,
        action=f"{errand.path}/send",
        again=errand.path,
        flow=flow,
        answers=[(intakes.label_of(specs[n]), wordings.shown(visit, specs[n], right[n])) for n in order],
        clause=frames.cited(visit, errand.intake.clause),
        language=visit.hall.agreement.language,
    )


def _typed(visit: Visit) -> dict[str, Plain]:
    return {name: value for name, value in visit.form.items() if name not in intakes.OURS}


async def confirm(errand: Errand) -> Response:
    """Take in answers that were checked, or go back to the form with them."""
    visit = errand.visit
    flow = open_flow(visit.hall.key, REVIEW, visit.form.get("flow", ""), at=visit.now, bound_to=visit.nonce)
    if flow.state["path"] != errand.path:
        raise FlowRefused
    typed: Any = flow.state["typed"]
    values: Any = flow.state["values"]
    if visit.form.get("choice") == "change":
        return await form(errand, typed, {}, 200)
    return await take(errand, values, intakes.faults(errand.intake, values), typed)


async def receipt(errand: Errand, taken: Taken) -> Response:
    """Return the receipt of what was given."""
    visit = errand.visit
    return visit.page(
        "portal/receipt.html",
        visit.words("We have it"),
        200,
        receipt=taken.receipt,
        what=[intakes.label_of(spec) for spec in errand.intake.specs.values()],
        clause=frames.cited(visit, errand.intake.clause),
        language=visit.hall.agreement.language,
        again=errand.path if errand.intake.rule.records != "one" else "",
        back=errand.back,
    )
