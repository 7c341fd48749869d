"""What people demanded, in words: the right, where it stands, what happened to it, and what came of it."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from troth.acts import filing, proving
from troth.clock import Instant
from troth.rules.rights_cases import BY_HAND, ENDED, Deadline, Event, Happened, RightsCase, State, rule_of
from troth.store.duties import Duty
from troth.web import outcomes, wordings
from troth.web.grounds import laws_of, words_of
from troth.web.hall import Hall
from troth.web.languages import direction
from troth.web.lexicon import cite, lexicon_of
from troth.web.outcomes import Elsewhere, Stay, Time
from troth.web.pictures import Parcel, Station, parcel
from troth.web.visit import Visit

Words = Callable[[str], str]
_LINE = (State.RECEIVED, State.VERIFYING, State.DECIDING, State.WORKING, State.DONE)


@dataclass(frozen=True, slots=True)
class Tracked:
    """A demand as it is shown to whoever has its link: nothing that its person told is in it."""

    reference: str
    right: str
    over: tuple[str, ...]  # what it is over, in words; nothing where it is over everything
    state: str
    drawn: Parcel
    events: tuple[tuple[Instant, str, str], ...]  # when, what, by whom
    due: Deadline | None
    nears: str  # how far away that is, in words
    ended: bool
    ahead: tuple[str, ...]  # what is open next, and who acts
    times: tuple[Time, ...]  # what moved its end
    erased: tuple[str, ...]
    stays: tuple[Stay, ...]
    elsewhere: tuple[Elsewhere, ...]
    reasons: tuple[str, ...]  # why it was refused, or done in part
    laws: tuple[str, ...]  # on which they rest
    clause: tuple[str, str, str] | None  # that the right rests on


@dataclass(frozen=True, slots=True)
class Listed:
    """A demand as a line of a list."""

    reference: str
    right: str
    state: str
    due: str  # in words; empty once it ended
    next: str  # who acts next, in words; empty once it ended


def listed(visit: Visit, case: RightsCase, due: Deadline | None) -> Listed:
    """Return a demand as a line of a list."""
    return Listed(
        case.reference, what(visit, case), states(visit.words)[case.state],
        outcomes.nears(visit, due) if due is not None and case.ended_at is None else "", _next(visit, case),
    )  # fmt: skip


def _next(visit: Visit, case: RightsCase) -> str:
    if case.ended_at is not None:
        return ""
    waits = not case.is_proven and case.state in (State.RECEIVED, State.VERIFYING)
    return visit.words("it waits for you") if waits else visit.words("we act next")


def rights(words: Words) -> dict[str, str]:
    """Return what each right is called, as what one asks for."""
    return {
        "access": words("See all that you hold about me"),
        "correct": words("Correct my data"),
        "erase": words("Erase my data"),
        "restrict": words("Keep my data without using it"),
        "port": words("Take my data with me"),
        "object": words("Object to a use"),
        "opt_out": words("No more promotions"),
        "withdraw": words("Withdraw a consent"),
        "complain": words("Complain"),
        "leave": words("Close my account"),
    }


def states(words: Words) -> dict[State, str]:
    """Return what each state is called."""
    return {
        State.RECEIVED: words("We have it"),
        State.VERIFYING: words("Waiting for your proof"),
        State.DECIDING: words("Somebody looks into it"),
        State.WORKING: words("Being carried out"),
        State.DONE: words("Carried out"),
        State.PARTLY: words("Carried out, as far as the law and the agreement let it"),
        State.REFUSED: words("Refused"),
        State.CANCELLED: words("Taken back"),
    }


def _happened(words: Words, one: Happened) -> str:
    if one.event is Event.CONFIRMED and BY_HAND in one.codes:
        return words_of(words, BY_HAND)
    return _events(words)[one.event]


def _events(words: Words) -> dict[Event, str]:
    return {
        Event.FILED: words("It was received"),
        Event.ASKED: words("A proof of who asks was asked for"),
        Event.PROVEN: words("It was proven who asks"),
        Event.BEGUN: words("It was begun"),
        Event.REVIEWED: words("Somebody began to look into it"),
        Event.GRANTED: words("It was granted"),
        Event.PERFORMED: words("Our own part was done, and read back"),
        Event.CONFIRMED: words("All of it was done, and read back"),
        Event.EXTENDED: words("More time was taken"),
        Event.ESCALATED: words("Its end is near, or passed: somebody was told"),
        Event.REFUSED: words("It was refused"),
        Event.CANCELLED: words("It was taken back"),
    }


def what(visit: Visit, case: RightsCase) -> str:
    """Return what is demanded, in words."""
    return said(visit, case.right.value, case.scope.purpose or "")


def over(visit: Visit, purpose: str) -> str:
    """Return a purpose in the agreement's words; nothing for none."""
    return lexicon_of(visit.hall.agreement).purpose(purpose) if purpose else ""


def about(visit: Visit, case: RightsCase) -> tuple[str, ...]:
    """Return what a demand is over, in words: kinds of data, a purpose, a way; often nothing."""
    lexicon, scope = lexicon_of(visit.hall.agreement), case.scope
    found = [lexicon.category(scope.category)] if scope.category not in (None, "", "*") else []
    found += [lexicon.kept(name) for name in scope.classes]
    found += [lexicon.purpose(scope.purpose)] if scope.purpose else []
    return (*dict.fromkeys(found), *([wordings.channel(visit, scope.channel)] if scope.channel else ()))


def said(visit: Visit, right: str, purpose: str) -> str:
    """Return a right in words, with the purpose it is over."""
    return said_of(visit.hall, visit.words, right, purpose)


def said_of(hall: Hall, words: Words, right: str, purpose: str) -> str:
    """Return a right with the purpose it is over, in some reader's words."""
    named = rights(words)[right]
    return f"{named}: {lexicon_of(hall.agreement).purpose(purpose)}" if purpose else named


async def told(visit: Visit, case: RightsCase, *, hidden: bool = False) -> tuple[tuple[str, str], ...]:
    """Return what somebody else told in a person's name, in words; `hidden`: without its values."""
    lexicon, category = lexicon_of(visit.hall.agreement), case.scope.category or ""
    found = []
    for name, value in await visit.hall.teller.alone_soon(proving.told_in_their_name(case)):
        words = lexicon.field(category, name) if name else visit.words("What it is about")
        plain = "…" if hidden else value.reveal()
        found.append((words, plain if isinstance(plain, str) else json.dumps(plain, ensure_ascii=False)))
    return tuple(found)


async def shown(visit: Visit, case: RightsCase, due: Deadline | None) -> Tracked:
    """Return a demand as it is shown, with what other systems did for it."""
    parts = await visit.hall.teller.alone_soon(filing.elsewhere(case.id))
    return tracked(visit, case, due, parts)


def tracked(visit: Visit, case: RightsCase, due: Deadline | None, parts: Sequence[Duty] = ()) -> Tracked:
    """Return a demand as it is shown; `parts` is what other systems have to do for it, or did."""
    found = rule_of(visit.hall.house.book, case.right, case.scope)
    clause = lexicon_of(visit.hall.agreement).clause(found[0]) if found else None
    codes = [code for one in case.events if one.event is Event.REFUSED for code in one.codes]
    open_due = due if case.ended_at is None else None
    return Tracked(
        reference=case.reference,
        right=rights(visit.words)[case.right.value],
        over=about(visit, case),
        state=states(visit.words)[case.state],
        drawn=_drawn(visit, case),
        events=tuple((one.at, _happened(visit.words, one), _by(visit, one)) for one in case.events),
        due=open_due,
        nears=outcomes.nears(visit, open_due) if open_due else "",
        ended=case.ended_at is not None,
        ahead=outcomes.ahead(visit, case, parts, reviewed=found is not None and found[1].how == "review"),
        times=outcomes.times(visit, case, due),
        erased=outcomes.erased(visit, case),
        stays=outcomes.stays(visit, case),
        elsewhere=outcomes.elsewhere(visit, parts),
        reasons=tuple(dict.fromkeys(words_of(visit.words, code) for code in codes)),
        laws=laws_of(codes),
        clause=cite(clause) if clause else None,
    )


def _by(visit: Visit, one: Happened) -> str:
    kind, _, name = one.by.partition(":")
    words = {
        "self": visit.words("you"),
        "staff": visit.words("somebody of ours"),
        "agent": visit.words("your agent"),
        "time": visit.words("by itself"),
    }
    return words.get(kind, name or kind)


def _drawn(visit: Visit, case: RightsCase) -> Parcel:
    """Return its way as a picture: where it was, where it is, and what is still to come."""
    named, reached = states(visit.words), dict[State, Instant]()
    for count in range(1, len(case.events) + 1):
        state = RightsCase(
            case.id, 0, case.right, "", (), case.scope, case.events[:count], case.needs
        ).state  # fmt: skip
        reached[state] = case.events[count - 1].at
    ended, seen = case.state in ENDED, [state for state in _LINE if state in reached and state != case.state]
    how = {State.REFUSED: "refused", State.CANCELLED: "ended"}.get(case.state, "past" if ended else "now")
    line = [Station(named[state], "past", reached[state]) for state in seen if state is not State.DONE]
    line.append(Station(named[case.state], how, reached[case.state]))
    if not ended:
        after = [State.WORKING, State.DONE]
        line += [Station(named[s], "next") for s in after if s is not case.state]
    return parcel(line, rtl=direction(visit.reader.language) == "rtl")
