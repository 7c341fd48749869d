"""Choices: what a member agreed to, objected to and restricted; each way in as easy as the way out."""

from starlette.responses import JSONResponse, Response

from troth.acts import channels as ways
from troth.acts import consent, rights
from troth.custody.knowing import Known
from troth.custody.receipts import consent_receipt, hash_of
from troth.custody.stand import Stand
from troth.errors import NotAbout
from troth.ledger.entry import Entry
from troth.ledger.receipt import Receipt
from troth.rules.standing import Choice, Standing
from troth.terms.vocabulary import Purpose
from troth.web import pictures, signals, wordings
from troth.web.choosing import (
    CHANNEL,
    CONSENT,
    EVERYTHING,
    OBJECTION,
    PAIRS,
    RESTRICTION,
    channels,
    consents,
    is_covered,
    objections,
    restrictions,
)
from troth.web.errands.errand import is_again, once
from troth.web.knowing import SPAN, known_of
from troth.web.languages import direction
from troth.web.lexicon import cite, lexicon_of
from troth.web.pages import Pages
from troth.web.permission import Permission
from troth.web.pictures import Course, Courses, Turn
from troth.web.portal import proofs
from troth.web.visit import Visit

pages = Pages()
TURNS = 200  # changes in the picture
CONSENTS = b'"kind":"consent.'  # as entries of consents are written
__all__ = ["PAIRS", "pages"]


@pages.page("/choices", permission=Permission.MEMBER)
async def choices(visit: Visit) -> Response:
    """Show every choice, its state, and its history."""
    return await _show(visit)


async def _show(visit: Visit, said: str = "", status: int = 200) -> Response:
    book = visit.hall.house.book
    lexicon = lexicon_of(visit.hall.agreement)
    known = await known_of(visit, wanted=lambda _: True, having=CONSENTS, limit=TURNS)
    await signals.honour(visit, known.standing)
    signal = signals.of_agreement(book)
    held = dict.fromkeys(each.category for each in known.held)
    never = [clause for each in signal.never_sold if (clause := lexicon.clause(each)) is not None]
    return visit.page(
        "portal/choices.html",
        visit.words("Choices"),
        status,
        said=said,
        consents=consents(book, known.standing, lexicon),
        objections=objections(book, known.standing, lexicon),
        channels=channels(book, known.standing, lexicon),
        restrictions=restrictions(known.standing, lexicon, held),
        picture=_history(visit, known),
        signal=visit.gpc,
        never_sold=[cite(clause) for clause in never],
        signal_stops=[lexicon.purpose(each) for each in signal.objects],
        lang=lexicon.language,
    )


def _history(visit: Visit, known: Known) -> Courses | None:
    lexicon = lexicon_of(visit.hall.agreement)
    turns: dict[str, list[Turn]] = {}
    for _number, entry in reversed(known.recalled.entries):
        turns.setdefault(entry.purpose or "", []).append(Turn(entry.at, _state(entry)))
    if not turns:
        return None
    first = min(each[0].at for each in turns.values())
    return pictures.steps(
        [Course(lexicon.purpose(purpose), tuple(some)) for purpose, some in turns.items()],
        since=min(first, visit.now - SPAN),
        until=visit.now,
        rtl=direction(visit.reader.language) == "rtl",
    )


def _state(entry: Entry) -> str:
    return entry.kind.partition(".")[2]


@pages.page(CONSENT, permission=Permission.MEMBER, methods=("POST",))
async def choose(visit: Visit) -> Response:
    """Give, refuse or withdraw one consent; it holds from the next decision on."""
    purpose, about = visit.form.get("purpose", ""), visit.member.subject
    given = visit.form.get("choice") == "given"
    stands = (await _standing(visit)).choice(Purpose(purpose)) is Choice.GIVEN
    if given:
        job = consent.giving(by=visit.by, about=about, purpose=purpose)
    elif stands:
        job = consent.withdrawing(by=visit.by, about=about, purpose=purpose)
    else:
        job = consent.refusing(by=visit.by, about=about, purpose=purpose)
    receipt = await _done(visit, job, purpose, overtaken=stands is not given)
    if receipt is None:
        return await _overtaken(visit)
    said = {
        "consent.given": visit.words("You agreed"),
        "consent.refused": visit.words("You refused"),
        "consent.withdrawn": visit.words("You withdrew your consent"),
    }
    return _receipt(visit, receipt, said[receipt.kind], purpose, consented=True)


async def _done(visit: Visit, job: Stand, about: str, *, overtaken: bool) -> Receipt | None:
    """Have a choice kept: the same button of the same form once, every other one as what it is.

    None, and nothing is done, where that button was pressed before and something else stands since.
    """
    named = once(visit, job, f"{visit.form.get('choice', '')} {about}")
    if overtaken and await is_again(visit, named):
        return None
    receipt: Receipt = await visit.hall.teller.ask_soon(named)
    return receipt


async def _overtaken(visit: Visit) -> Response:
    return await _show(visit, wordings.overtaken(visit), 409)


async def _standing(visit: Visit) -> Standing:
    return (await known_of(visit)).standing


@pages.page(OBJECTION, permission=Permission.MEMBER, methods=("POST",))
async def object_to(visit: Visit) -> Response:
    """Object to one use, or allow it again."""
    purpose, about = visit.form.get("purpose", ""), visit.member.subject
    objects = visit.form.get("choice") == "objected"
    act = consent.objecting if objects else consent.yielding
    stands = purpose in (await _standing(visit)).objections
    job = act(by=visit.by, about=about, purpose=purpose)
    receipt = await _done(visit, job, purpose, overtaken=stands is not objects)
    if receipt is None:
        return await _overtaken(visit)
    said = visit.words("You objected") if objects else visit.words("You allow it again")
    return _receipt(visit, receipt, said, purpose, consented=False)


@pages.page(CHANNEL, permission=Permission.MEMBER, methods=("POST",))
async def reach(visit: Visit) -> Response:
    """Stop one way of reaching the member for a purpose, or open it again."""
    about, way = visit.member.subject, visit.form.get("way", "")
    purpose, _, channel = way.partition(" by ")
    stops = visit.form.get("choice") == "stopped"
    act = ways.stopping if stops else ways.opening
    stands = (purpose, channel) in (await _standing(visit)).stopped
    job = act(by=visit.by, about=about, purpose=purpose, channel=channel)
    receipt = await _done(visit, job, way, overtaken=stands is not stops)
    if receipt is None:
        return await _overtaken(visit)
    said = visit.words("You stopped this way of reaching you") if stops else visit.words("It may reach you")
    return _receipt(visit, receipt, said, purpose, consented=False)


@pages.page(RESTRICTION, permission=Permission.MEMBER, methods=("POST",))
async def restrict(visit: Visit) -> Response:
    """Have a kind of data, or everything, stored and not used; or let it be used again."""
    category, about = visit.form.get("category", EVERYTHING), visit.member.subject
    unused = visit.form.get("choice") == "unused"
    standing = await _standing(visit)
    if not unused and is_covered(standing, category):
        said = visit.words("You have more than this stored without use. Let all of that be used again first.")
        return await _show(visit, said, 409)
    act = rights.restricting if unused else rights.lifting
    stands = category in standing.restrictions
    job = act(by=visit.by, about=about, category=category)
    receipt = await _done(visit, job, category, overtaken=stands is not unused)
    if receipt is None:
        return await _overtaken(visit)
    title = visit.words("It is stored and not used") if unused else visit.words("It may be used again")
    words = visit.words("everything")
    if category != EVERYTHING:
        words = lexicon_of(visit.hall.agreement).category(category)
    return _page(visit, receipt, title, [(visit.words("What"), words)], ())


def _receipt(visit: Visit, receipt: Receipt, title: str, purpose: str, *, consented: bool) -> Response:
    """Return the page that a choice ends on: what was shown, in which version and language, and how."""
    _ = visit.words
    lexicon = lexicon_of(visit.hall.agreement)
    clause = lexicon.purpose_clause(purpose)
    lines = [(_("What for"), lexicon.purpose(purpose))]
    if clause is not None:
        lines.append((_("Text shown (SHA-256)"), hash_of(clause)))
    lines += [
        (_("Language of the text"), lexicon.language),
        (_("Version of the agreement"), str(visit.hall.agreement.version)),
        (_("How"), _("By one press on the page Choices, while you were signed in")),
    ]
    ways = ((f"/choices/receipts/{receipt.entry}", _("Save the receipt")),) if consented else ()
    return _page(visit, receipt, title, lines, ways)


def _page(
    visit: Visit,
    receipt: Receipt,
    title: str,
    lines: list[tuple[str, str]],
    ways: tuple[tuple[str, str], ...],
) -> Response:
    return visit.page(
        "portal/receipt.html",
        title,
        200,
        title=title,
        reference=str(receipt),
        entry=receipt.entry,
        at=receipt.at,
        lines=lines,
        ways=(*ways, ("/choices", visit.words("Choices"))),
    )


@pages.page("/choices/receipts/{entry}", permission=Permission.MEMBER)
async def receipt_of(visit: Visit) -> Response:
    """Give the receipt of a choice on a consent as a file; raises `NotAbout` for any other entry."""
    number, found = await proofs.proven(visit)
    if not found.entry.kind.startswith("consent."):
        raise NotAbout(number=number)
    purpose = found.entry.purpose
    known = await known_of(
        visit,
        wanted=lambda each: each.purpose == purpose,
        having=CONSENTS,
        before=number + 1,
        limit=TURNS,
    )
    history = [each for _number, each in reversed(known.recalled.entries)]
    origin = visit.hall.site.origins[0]
    said = consent_receipt(visit.hall.house, number, found.entry, found.leaf, history, origin=origin)
    name = f'attachment; filename="consent-{number}.json"'
    return JSONResponse(said, media_type="application/ld+json", headers={"content-disposition": name})
