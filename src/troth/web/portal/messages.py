"""Messages: the inbox of a member, newest first, kept readable for as long as its clause says."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from starlette.responses import Response

from troth.acts import use
from troth.clock import Instant
from troth.custody.hand_out import Held
from troth.errors import NothingHeld, Refused
from troth.terms.agreement import SignIn, Use
from troth.terms.vocabulary import Category, FieldName, Purpose, covers
from troth.web.accounts import entering
from troth.web.belongings import record_of
from troth.web.lexicon import cite, lexicon_of
from troth.web.pages import Pages
from troth.web.permission import Permission
from troth.web.visit import Visit

pages = Pages()
EACH = 25  # on a page


@dataclass(frozen=True, slots=True)
class Letter:
    """One message as it is shown."""

    id: str
    at: Instant
    until: Instant
    subject: str = field(repr=False)
    text: str = field(repr=False)


@pages.page("/messages", permission=Permission.MEMBER)
async def inbox(visit: Visit) -> Response:
    """List the messages, newest first."""
    letters = await _letters(visit)
    said = visit.http.query_params.get("page", "1")
    number = int(said) if said.isascii() and said.isdecimal() and len(said) < 6 else 1
    start = (max(number, 1) - 1) * EACH
    rule = entering.rule_of(visit.hall)
    kept = lexicon_of(visit.hall.agreement).clause(_clause(visit, rule))
    return visit.page(
        "portal/messages.html",
        visit.words("Messages"),
        letters=letters[start : start + EACH],
        older=f"/messages?page={number + 1}" if len(letters) > start + EACH else "",
        clause=cite(kept) if kept else None,
        lang=visit.hall.agreement.language,
    )


@pages.page("/messages/{record}", permission=Permission.MEMBER)
async def read(visit: Visit) -> Response:
    """Show one message."""
    record = record_of(visit.http.path_params["record"])
    letter = next((each for each in await _letters(visit) if each.id == record.hex()), None)
    if letter is None:
        raise NothingHeld(field="message")
    return visit.page("portal/message.html", visit.words("Message"), letter=letter)


async def _letters(visit: Visit) -> list[Letter]:
    """Return every message; read for the purpose that lets people read them, else as what is held of them."""
    rule = entering.rule_of(visit.hall)
    if rule.messages is None:
        return []
    purpose, about = purpose_of(visit, rule.messages), visit.member.subject
    own = use.accessing(by=visit.by, about=about, category=rule.messages)
    if purpose is None:
        return _shown((await visit.read(own)).records)
    try:
        job = use.reading(by=visit.by, about=about, category=rule.messages, purpose=purpose)
        handed = await visit.read(job)
    except Refused:  # such as by one's own restriction: a look at what is held is another matter
        handed = await visit.read(own)
    return _shown(handed.records)


def _shown(held: Sequence[Held]) -> list[Letter]:
    letters = [
        Letter(
            each.id.hex(),
            each.collected_at,
            each.expires_at,
            str(each.values[FieldName("subject")].reveal()),
            str(each.values[FieldName("text")].reveal()),
        )
        for each in held
    ]
    return sorted(letters, key=lambda each: (each.at, each.id), reverse=True)


def purpose_of(visit: Visit, category: Category) -> Purpose | None:
    """Return the purpose for which people read a category of their own, by the agreement in force."""
    for _, rule in visit.hall.agreement.rules():
        if isinstance(rule, Use) and rule.by.subject and rule.leaves == "rows":
            for target in rule.of:
                if target.field is None and covers(target.category, category):
                    return rule.purpose
    return None


def _clause(visit: Visit, rule: SignIn) -> str:
    """Return the clause that says how long messages are kept."""
    intakes = visit.hall.house.book.intakes.items()
    kept = next((i.rule.keep for (category, _), i in intakes if category == rule.messages), None)
    return visit.hall.house.book.keep(kept)[0] if kept else ""
