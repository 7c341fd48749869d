"""Consent, asked before anything else of an errand: what it is for, both answers alike, and a receipt."""

from starlette.responses import Response

from troth.acts import consent
from troth.clock import Instant
from troth.custody.desk import About, Desk
from troth.errors import NotAbout
from troth.rules.decision import Act
from troth.rules.standing import Choice, Standing
from troth.terms.prose import register
from troth.terms.sentences import ending
from troth.terms.vocabulary import Purpose, Recipient
from troth.web import frames, notices, wordings
from troth.web.content import content
from troth.web.errands.errand import Errand, is_again, once, remembered
from troth.web.visit import Visit


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
    """Return the page that asks for a consent: purpose, who sees it, how long, where."""
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
        parties=[
            (content(p.words or p.name, agreement.language), wordings.place(visit, p.place)) for p in parties
        ],
        ends=ending(keep),
        place=wordings.place(visit, visit.hall.house.place),
        refused_at=at if said is not None and said is not Choice.GIVEN else None,
        error=error,
        failed=bool(error),
    )


def _overtaken(visit: Visit, said: Choice | None) -> str:
    if said is Choice.GIVEN:
        return visit.words(
            "You refused here before, and agreed since; that stands. Choose again to change it."
        )
    return visit.words(
        "You agreed here before, and took it back since; that stands. Choose again to change it."
    )


async def decide(errand: Errand) -> Response:
    """Give or refuse a consent; both lead to the same kind of page, with a receipt."""
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
    named = once(visit, job, f"{choice} {purpose}")
    if (said is Choice.GIVEN) is not (choice == "given") and await is_again(visit, named):
        return ask_consent(errand, said=said, at=at, error=_overtaken(visit, said))
    receipt = await visit.hall.teller.ask_soon(named)
    return visit.go(f"{errand.path}/consent?entry={receipt.entry}")


async def noted(errand: Errand) -> Response:
    """Return the receipt of a choice, by the entry that the address names; without one lead to the form."""
    visit, purpose = errand.visit, errand.intake.rule.consent or ""
    if "entry" not in visit.http.query_params:
        return visit.go(errand.path)
    entry, receipt = await remembered(visit)
    if entry.act not in (Act.CONSENT, Act.DECLINE) or entry.purpose != purpose:
        raise NotAbout(number=receipt.entry)
    return visit.page(
        "portal/consented.html",
        visit.words("Your choice is noted"),
        200,
        given=entry.act == Act.CONSENT,
        receipt=receipt,
        clause=frames.cited(visit, errand.intake.clause),
        language=visit.hall.agreement.language,
        ahead=errand.ahead or errand.path,
        aside=errand.aside,
        text=notices.of_category(visit, errand.intake.rule.category, errand.when).text,
        back=errand.back,
    )
