"""Letters about requests: one address of the person, once, or the organisation's own mailbox.

Each goes straight to the mail server, and counts as sent when that has taken it. Its Message-ID is made
from what it tells: a letter that was taken just before a crash, and goes again, is known as the same one.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from troth.clock import Instant
from troth.custody.demands.telling import News
from troth.gates.addresses import mailbox
from troth.gates.message import Message
from troth.rules.rights_cases import LETTER, NOT_ME, Event, RightsCase
from troth.web import proofs_by_letter
from troth.web.accounts import entering
from troth.web.accounts.entering import WAYS, Identifier
from troth.web.credentials.letters import Asker
from troth.web.credentials.limits import account_key
from troth.web.hall import Hall
from troth.web.languages import LANGUAGES, Reader
from troth.web.news.said import Said, speaking
from troth.web.proofs_by_letter import Link
from troth.web.tracking import rights, said_of

OURS = Asker("requests", known=True)  # letters that nobody but the house itself asks for
_EMAIL = "email"


@dataclass(frozen=True, slots=True)
class Line:
    """One request in the letter to the organisation's own mailbox."""

    reference: str
    right: str
    why: str
    filed_at: Instant
    due_at: Instant


def reader_of(hall: Hall, language: str) -> Reader:
    """Return whoever reads in a language; in the first of the pages where it is none of theirs."""
    return Reader(language if language in LANGUAGES else hall.languages[0])


async def address_of(hall: Hall, case: RightsCase, mark: bytes, *, proof: bool = False) -> Identifier | None:
    """Return the one proven address that a letter about a request goes to; None where there is none.

    It is the one they asked by, else the first that mail reaches; for a letter that asks for a `proof` also
    a number.
    """
    proven = await proofs_by_letter.proven_of(hall, case.subject)
    some = [each for each in proven if entering.is_reached(hall, each)]
    some = [each for each in some if proof or each.spec.type == _EMAIL]
    marked = [each for each in some if proofs_by_letter.mark_of(hall, each) == mark]
    return next(iter([*marked, *sorted(some, key=lambda each: each.spec.type != _EMAIL)]), None)


def may_go(hall: Hall, identifier: Identifier, *, proof: bool) -> bool:
    """Whether one more letter may go to an address now; it counts when it may.

    Those that ask for a `proof` are counted apart: strangers can cause them, and use up no others.
    """
    account = account_key(hall.key, f"{'proof' if proof else 'news'}:{identifier.about}")
    return hall.letters.may_go(account, OURS, at=hall.now)


def to_person(hall: Hall, reader: Reader, news: News, said: Said, identifier: Identifier) -> Message:
    """Return the letter that tells one event: a sentence, a reference, and where it is followed."""
    case, mark = news.case, proofs_by_letter.mark_of(hall, identifier)
    path = f"/requests/{case.reference}"
    if case.has(Event.ASKED, LETTER):  # whoever came by a letter may have no other way in
        path = proofs_by_letter.link(hall, Link.TRACK, case.id, mark=mark)
    text = hall.rendering.part(
        "letters/request.txt", reader, house=hall.agreement.organisation.name,
        reference=case.reference, sentence=said.title, link=hall.site.origins[0] + path,
    )  # fmt: skip
    return _message(hall, text, identifier.value, news)


def for_proof(hall: Hall, reader: Reader, news: News, identifier: Identifier) -> Message:
    """Return the letter whose link shows what was asked in somebody's name, and proves it, for a day."""
    case, mark = news.case, proofs_by_letter.mark_of(hall, identifier)
    until = hall.now + proofs_by_letter.LIFETIME
    path = proofs_by_letter.link(hall, Link.PROOF, case.id, mark=mark, until=until)
    what = said_of(hall, speaking(hall, reader), case.right.value, case.scope.purpose or "")
    text = hall.rendering.part(
        "letters/proof.txt", reader, house=hall.agreement.organisation.name, reference=case.reference,
        what=what, agent="", link=hall.site.origins[0] + path,
    )  # fmt: skip
    return _message(hall, text, identifier.value, news)


def package_of(news: News) -> Instant | None:
    """Return until when a package can be fetched by a link, where it was asked for by a letter; else None."""
    case = news.case
    until = case.outcome.get("until")
    ready = news.event.event is Event.CONFIRMED and case.has(Event.ASKED, LETTER)
    return until if ready and "package" in case.outcome and type(until) is int else None


def for_package(hall: Hall, reader: Reader, news: News, identifier: Identifier) -> Message:
    """Return the letter whose link fetches what was demanded, once."""
    case, mark = news.case, proofs_by_letter.mark_of(hall, identifier)
    path = proofs_by_letter.link(hall, Link.PACKAGE, case.id, mark=mark, until=package_of(news) or hall.now)
    text = hall.rendering.part(
        "letters/package.txt", reader, house=hall.agreement.organisation.name, reference=case.reference,
        link=hall.site.origins[0] + path,
    )  # fmt: skip
    return _message(hall, text, identifier.value, news)


def last(
    hall: Hall, reader: Reader, identifier: Identifier, case: RightsCase, sentence: str, path: str
) -> Message:
    """Return the letter that says what was done, to an address that is not held any more."""
    text = hall.rendering.part(
        "letters/last.txt", reader, house=hall.agreement.organisation.name, reference=case.reference,
        sentence=sentence, link=hall.site.origins[0] + path,
    )  # fmt: skip
    subject, _, body = text.strip().partition("\n")
    mark = hall.key.digest("troth.last", case.id).hex()[:32]
    return Message(identifier.value, subject.strip(), body.strip(), id=mark)


def way_of(identifier: Identifier) -> str:
    """Return by which way out an address is reached."""
    return WAYS[identifier.spec.type]


def to_house(hall: Hall, some: Sequence[News]) -> Message | None:
    """Return the letter to the organisation's own mailbox: references, rights and days; None without one."""
    to = hall.agreement.organisation.contact
    try:
        _, local, _ = mailbox(to)
    except ValueError:
        local = ""
    if not local:
        return None
    reader = reader_of(hall, hall.agreement.language)
    words = speaking(hall, reader)
    lines = []
    for news in some:
        why = words("Its end is near.")
        if NOT_ME in news.event.codes:
            why = words("The person says that it was not them who asked.")
        elif "late" in news.event.codes:
            why = words("Its end has passed.")
        case = news.case
        due = news.due.at if news.due is not None and case.ended_at is None else 0
        lines.append(Line(case.reference, rights(words)[case.right.value], why, case.filed_at, due))
    text = hall.rendering.part(
        "letters/requests_due.txt", reader, house=hall.agreement.organisation.name, due=lines
    )
    return _message(hall, text, to, *some)


def _message(hall: Hall, text: str, to: str, *some: News) -> Message:
    subject, _, body = text.strip().partition("\n")
    told = (
        part
        for each in some
        for part in (each.note.case, each.note.number, each.note.reader, each.note.made_at)
    )
    mark = hall.key.digest("troth.told", *told).hex()[:32]
    return Message(to, subject.strip(), body.strip() or subject.strip(), id=mark)
