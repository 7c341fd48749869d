"""What is told of a request, in its reader's words: a sentence for a letter, and all of it for the inbox.

A letter can be read by whoever reads mail on its way: it holds the sentence, a reference and a link, and
neither which right it is nor anything else of its person.
"""

from collections.abc import Callable
from dataclasses import dataclass

from troth.clock import FOREVER
from troth.custody.demands.filing import clause_of
from troth.custody.demands.telling import News
from troth.rules.rights_cases import BY_HAND, LETTER, NOT_ME, Event, State
from troth.web.grounds import laws_of, words_of
from troth.web.hall import Hall
from troth.web.languages import Reader
from troth.web.lexicon import lexicon_of
from troth.web.tracking import said_of

Words = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Said:
    """One event of a request in words."""

    title: str  # one sentence, without which right it is
    text: str  # for the inbox


def speaking(hall: Hall, reader: Reader) -> Words:
    """Return what gives a text of ours in a reader's language."""
    return lambda text: hall.rendering.words(reader, text)


def said(hall: Hall, reader: Reader, news: News) -> Said:
    """Return an event of a request in its reader's words."""
    words = speaking(hall, reader)
    title = _title(words, news)
    return Said(title, "\n".join((title, *_facts(hall, reader, words, news))))


def _title(words: Words, news: News) -> str:
    event, case = news.event, news.then
    if event.event is Event.FILED:
        if not news.case.waits:  # it may have been proven since
            return words("We received your request.")
        return words("A request in your name waits until you say that it was you.")
    if event.event is Event.ASKED:
        return words("We ask you for a proof that a request is yours.")
    if event.event is Event.EXTENDED:
        return words("We take more time for your request.")
    if event.event is Event.REFUSED:
        return words("Your request was refused.")
    if event.event is Event.CANCELLED:
        if NOT_ME in event.codes:
            return words("A request in your name is over: you said that it was not you.")
        return words("Your request was taken back.")
    if case.outcome.get("package"):
        return words("Your data is ready to be fetched.")
    if case.state is State.PARTLY:
        return words("Your request was carried out, as far as the law and the agreement let it.")
    return words("Your request was carried out.")


def _facts(hall: Hall, reader: Reader, words: Words, news: News) -> list[str]:
    case, event = news.case, news.event
    lexicon = lexicon_of(hall.agreement)
    facts = [(words("Asked for"), said_of(hall, words, case.right.value, case.scope.purpose or ""))]
    facts.append((words("Your reference number"), case.reference))
    if event.event in (Event.REFUSED, Event.EXTENDED):
        facts += [(words("Why"), words_of(words, code)) for code in event.codes]
        facts += [(words("By the law"), law) for law in laws_of(event.codes)]
    if event.event in (Event.FILED, Event.EXTENDED) and news.due is not None and case.ended_at is None:
        by = reader.day(news.due.at)
        facts.append((words("Answer by"), by if not news.due.law else f"{by} ({news.due.law})"))
    if event.event is Event.CONFIRMED:
        facts += _stays(reader, words, news, hall)
        facts += [(words("Why"), words_of(words, code)) for code in event.codes if code == BY_HAND]
    clause = lexicon.clause(_clause(hall, news))
    if clause is not None and event.event in (Event.REFUSED, Event.CONFIRMED):
        facts.append((words("Clause"), f"{clause.number} {clause.title}"))
    lines = [f"{name}: {value}" for name, value in facts]
    if event.event is Event.ASKED and LETTER in event.codes:
        lines.append(
            words("A letter with a link for it goes to the address that you proved, or went already.")
        )
    if event.event is Event.REFUSED:
        to = words("All ways to complain, and the authorities that watch over us:")
        lines.append(f"{to} {_at(hall, '/contact')}")
    lines.append(words("Where it stands:") + " " + _at(hall, f"/requests/{case.reference}"))
    return lines


def _stays(reader: Reader, words: Words, news: News, hall: Hall) -> list[tuple[str, str]]:
    """Return what stays after an erasure, until when and under which clause."""
    lexicon, found = lexicon_of(hall.agreement), []
    listed = news.case.outcome.get("stays")
    for kept, until, clause_id, _why in listed if isinstance(listed, list) else ():
        clause = lexicon.clause(clause_id)
        under = f" ({clause.number} {clause.title})" if clause is not None else ""
        day = words("as long as a legal reason keeps it") if until >= FOREVER else reader.day(until)
        found.append((words("Kept until"), f"{day}: {lexicon.kept(kept)}{under}"))
    return found


def _clause(hall: Hall, news: News) -> str:
    found = clause_of(hall.house.book, news.case)
    return str(found[0]) if found else ""


def _at(hall: Hall, path: str) -> str:
    return f"{hall.site.origins[0]}{path}"
