"""What came of a demand, in words: of each kind of data, in each other system, and of its time."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from troth.clock import DAY, FOREVER, Instant
from troth.custody.demands.regimes import regimes
from troth.rules.regimes import Row
from troth.rules.rights_cases import Deadline, Event, RightsCase, State
from troth.store.duties import DONE, PUT_OFF, SETTLED, STUCK, Duty
from troth.terms.vocabulary import Period, RetentionClass
from troth.web.grounds import laws_of, words_of
from troth.web.lexicon import cite, lexicon_of
from troth.web.visit import Visit

Cited = tuple[str, str, str]  # number, title and address of a clause


@dataclass(frozen=True, slots=True)
class Stay:
    """What stays after an erasure, until when and why, under which clause, and what becomes of it then."""

    kept: str
    until: Instant | None  # None: as long as a legal reason keeps it
    because: str  # of the clause's own words; empty where a sentence of ours says it
    clause: Cited | None
    then: str


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """What another system has to do for a demand, or did."""

    system: str
    state: str
    since: Instant  # when it was to be done
    kept: tuple[Cited, ...]  # the clauses under which it keeps rows


@dataclass(frozen=True, slots=True)
class Time:
    """Something that moved the end of the time: a pause, or more time."""

    at: Instant
    until: Instant | None  # None: it goes on, or has no end of its own
    words: str
    because: tuple[str, ...]
    law: str


# ---- when


def nears(visit: Visit, due: Deadline) -> str:
    """Return how far away an end is, such as `in 5 days` or `overdue by 2 days`."""
    days = abs(due.at - visit.now) // DAY
    if not days:
        return visit.words("due today") if due.at > visit.now else visit.words("overdue since today")
    said = visit.words("overdue by %(time)s") if due.at <= visit.now else visit.words("in %(time)s")
    return said % {"time": visit.reader.period(Period(days=days))}


def times(visit: Visit, case: RightsCase, due: Deadline | None) -> tuple[Time, ...]:
    """Return the pauses of a demand's clock and the time that was added, each with its reason and its law."""
    row = _row(case, due)
    found = [*_pauses(visit, case, row)]
    for one in case.events:
        if one.event is Event.EXTENDED:
            added = row.extend.period if row and row.extend and row.extend.period else None
            said = visit.words("More time was wanted. The law that counts here gives none: the day stays.")
            if due is not None and due.extended and added:
                said = visit.words("More time was taken: %(time)s.") % {"time": visit.reader.period(added)}
            because = tuple(words_of(visit.words, code) for code in one.codes)
            laws = laws_of(one.codes)
            found.append(Time(one.at, None, said, because, row.law if row else ", ".join(laws)))
    return tuple(sorted(found, key=lambda each: each.at))


def _row(case: RightsCase, due: Deadline | None) -> Row | None:
    """Return the row of the law that counts for a demand: of its deadline, else the first that applies."""
    rows = regimes().of(case.regimes, case.right, case.filed_at)
    return next((row for row in rows if due and row.regime == due.regime), next(iter(rows), None))


def _pauses(visit: Visit, case: RightsCase, row: Row | None) -> list[Time]:
    pauses, law = row is not None and row.pauses, row.law if row else ""
    words = visit.words
    said = words("The time stood still, because you had to prove that it is you.")
    if not pauses:
        said = words("You had to prove that it is you. The time went on all the while.")
    found, since = [], None
    for one in case.events:
        if one.event is Event.ASKED and since is None:
            since = one.at
        elif since is not None and one.event in (Event.PROVEN, Event.REFUSED, Event.CANCELLED):
            found.append(Time(since, one.at, said, (), law))
            since = None
    if since is not None:
        now = words("The time stands still until you prove that it is you.")
        goes = words("You have to prove that it is you. The time goes on meanwhile.")
        found.append(Time(since, None, now if pauses else goes, (), law))
    return found


# ---- what next


def ahead(visit: Visit, case: RightsCase, elsewhere: Sequence[Duty], *, reviewed: bool) -> tuple[str, ...]:
    """Return what is open next and who acts; nothing once it ended."""
    _ = visit.words
    if case.ended_at is not None:
        return ()
    if not case.is_proven and case.state in (State.RECEIVED, State.VERIFYING):
        return (_("You: prove that it is you, or take it back."),)
    if case.state is State.DECIDING or (case.state is State.RECEIVED and reviewed):
        return (_("We: somebody decides it, and tells you."),)
    waits = [each for each in elsewhere if each.open]
    if "done" in case.outcome and waits:
        said = _("%(system)s: does its part, and shows that it is done.")
        return tuple(dict.fromkeys(said % {"system": _system(visit, each)} for each in waits))
    return (_("We: it goes on by itself, and is tried again until it is done."),)


# ---- what came of it


def entries(case: RightsCase) -> tuple[int, ...]:
    """Return the numbers of the ledger's lines of what was done for a demand."""
    found = case.outcome.get("entries")
    return tuple(each for each in found if type(each) is int) if isinstance(found, list) else ()


def erased(visit: Visit, case: RightsCase) -> tuple[str, ...]:
    """Return the kinds of data that were erased, in the agreement's words."""
    found = case.outcome.get("erased")
    lexicon = lexicon_of(visit.hall.agreement)
    return tuple(dict.fromkeys(lexicon.kept(each) for each in (found if isinstance(found, list) else ())))


def stays(visit: Visit, case: RightsCase) -> tuple[Stay, ...]:
    """Return what an erasure left, until when, why and under which clause."""
    found: Any = case.outcome.get("stays")
    return tuple(_stay(visit, *each) for each in (found if isinstance(found, list) else ()))


def _stay(visit: Visit, kept: str, until: Instant, clause_id: str, why: str) -> Stay:
    book, lexicon = visit.hall.house.book, lexicon_of(visit.hall.agreement)
    clause, (kind, _, said) = lexicon.clause(clause_id), why.partition(": ")
    rule = book.keeps.get(RetentionClass(kept.partition(":")[0]))
    anonymised = rule is not None and rule[1].then == "anonymise"
    then = visit.words("then it is made anonymous") if anonymised else visit.words("then it is erased")
    if kind == "held":  # when it is held no more, its own time counts again
        then = visit.words("then its own time counts again")
    return Stay(
        lexicon.kept(kept),
        None if until >= FOREVER else until,
        lexicon.said(said) if kind == "duty" else "",
        cite(clause) if clause else None,
        then,
    )


def elsewhere(visit: Visit, some: Sequence[Duty]) -> tuple[Elsewhere, ...]:
    """Return what each other system did for a demand, or still has to do."""
    lexicon, found = lexicon_of(visit.hall.agreement), []
    for duty in some:
        clauses = (lexicon.clause(clause) for clause in dict.fromkeys(c for c, _ in duty.kept.values()))
        kept = tuple(cite(clause) for clause in clauses if clause)
        found.append(Elsewhere(_system(visit, duty), _state(visit, duty), duty.since, kept))
    return tuple(found)


def _system(visit: Visit, duty: Duty) -> str:
    """Return what a system is called: whom we give data to by the agreement's words, ours by its name."""
    lexicon, system = lexicon_of(visit.hall.agreement), visit.hall.house.systems.get(duty.system)
    return lexicon.recipient(system.recipient) if system and system.recipient else duty.system


def _state(visit: Visit, duty: Duty) -> str:
    _ = visit.words
    if duty.state == DONE:
        return _("confirmed, and read back")
    if duty.state == SETTLED:
        return _("settled by hand, and not read back")
    if duty.state == PUT_OFF:
        return _("is told when the days are over in which it can be taken back")
    if duty.state == STUCK:
        return _("not done: somebody of ours looks into it")
    if duty.asked:
        return _("told, and it has begun")
    return _("told, and asked again until it is done") if duty.tries else _("is told next")
