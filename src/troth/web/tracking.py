"""What people demanded, in words: the right, where it stands, what happened to it, and what came of it."""

from collections.abc import Callable
from dataclasses import dataclass

from troth.clock import DAY, Instant
from troth.rules.rights_cases import ENDED, Deadline, Event, Happened, RightsCase, State
from troth.web.languages import direction
from troth.web.lexicon import cite, lexicon_of
from troth.web.pictures import Parcel, Station, parcel
from troth.web.visit import Visit

Words = Callable[[str], str]
_LINE = (State.RECEIVED, State.VERIFYING, State.DECIDING, State.WORKING, State.DONE)


@dataclass(frozen=True, slots=True)
class Stay:
    """What stays after an erasure, until when, and under which clause."""

    kept: str
    until: Instant
    clause: tuple[str, str, str] | None


@dataclass(frozen=True, slots=True)
class Tracked:
    """A demand as it is shown to whoever has its link: nothing that its person told is in it."""

    reference: str
    right: str
    purpose: str  # that it is over, in the agreement's words; empty where it is over none
    state: str
    drawn: Parcel
    events: tuple[tuple[Instant, str, str], ...]  # when, what, by whom
    due: Deadline | None
    ended: bool
    erased: tuple[str, ...]
    stays: tuple[Stay, ...]
    reasons: tuple[str, ...]


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
        _due(visit, due) if due is not None and case.ended_at is None else "", _next(visit, case),
    )  # fmt: skip


def _due(visit: Visit, due: Deadline) -> str:
    days = abs(due.at - visit.now) // DAY
    late = due.at <= visit.now
    said = visit.words("days overdue: %(num)s") if late else visit.words("days until it is due: %(num)s")
    return said % {"num": days}


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


def said(visit: Visit, right: str, purpose: str) -> str:
    """Return a right in words, with the purpose it is over."""
    named = rights(visit.words)[right]
    return f"{named}: {lexicon_of(visit.hall.agreement).purpose(purpose)}" if purpose else named


def tracked(visit: Visit, case: RightsCase, due: Deadline | None) -> Tracked:
    """Return a demand as it is shown."""
    lexicon = lexicon_of(visit.hall.agreement)
    stays = []
    found = case.outcome.get("stays")
    for kept, until, clause_id, _why in found if isinstance(found, list) else ():
        clause = lexicon.clause(clause_id)
        stays.append(Stay(lexicon.kept(kept), until, cite(clause) if clause else None))
    erased = case.outcome.get("erased")
    named = dict.fromkeys(lexicon.kept(each) for each in (erased if isinstance(erased, list) else ()))
    return Tracked(
        case.reference,
        rights(visit.words)[case.right.value],
        over(visit, case.scope.purpose or ""),
        states(visit.words)[case.state],
        _drawn(visit, case),
        tuple((one.at, _events(visit.words)[one.event], _by(visit, one)) for one in case.events),
        due if case.ended_at is None else None,
        case.ended_at is not None,
        tuple(named),
        tuple(stays),
        _reasons(visit, case),
    )


def _reasons(visit: Visit, case: RightsCase) -> tuple[str, ...]:
    """Return why it was refused; codes of the house's own stand as what they are."""
    known = {
        "not-proven": visit.words("Nobody proved in time that it was them."),
        "erased": visit.words("All that was held is erased already."),
    }
    refused = (one for one in case.events if one.event is Event.REFUSED)
    return tuple(known.get(code, code) for one in refused for code in one.codes)


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
