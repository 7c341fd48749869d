"""Have whoever demanded something prove by a letter that it is them: note it, and find the demand."""

from collections.abc import Callable

from troth.custody.demands.filing import due_of, happen
from troth.custody.demands.performing import clauses_of
from troth.custody.desk import Desk
from troth.rules.rights_cases import LETTER, Deadline, Event, Happened, RightsCase, Scope, State
from troth.store import agents, rights_cases, tellings
from troth.store.tellings import Telling
from troth.terms.vocabulary import Purpose


def asked(case: bytes) -> Callable[[Desk], RightsCase | None]:
    """Return the work that notes that a letter with a link went to whoever demanded, where none did yet.

    Their clock stands still from here to the proof, where its regime lets it. A demand of which the proof
    does not come in time is ended by a sweep.
    """

    def work(desk: Desk) -> RightsCase | None:
        found = rights_cases.one(desk.unit, case)
        if found is None or found.proven or not found.may(Event.ASKED):
            return found
        event = Happened(desk.now, Event.ASKED, "time", (LETTER,))
        return happen(desk, found, event, clauses_of(desk, found))[0]

    return work


def asked_instead(case: bytes, note: Telling) -> Callable[[Desk], None]:
    """Return the work that has a letter ask for the proof of a demand that somebody else filed.

    It takes the place of the letter that would say that it was filed (`note`).
    """

    def work(desk: Desk) -> None:
        now = tellings.one(desk.unit, note)
        if now is not None:
            tellings.drop(desk.unit, now)
            asked(case)(desk)

    return work


def known(case: bytes) -> Callable[[Desk], tuple[RightsCase, Deadline | None] | None]:
    """Return the work that finds a demand by its id, with when it is due; None when it is gone."""

    def work(desk: Desk) -> tuple[RightsCase, Deadline | None] | None:
        found = rights_cases.one(desk.unit, case)
        return None if found is None else (found, due_of(desk, found))

    return work


def open_same(subject: int, right: str, purpose: str = "") -> Callable[[Desk], RightsCase | None]:
    """Return the work that finds the open demand of a person for the same right over the same purpose."""

    def work(desk: Desk) -> RightsCase | None:
        mine = (case for case in rights_cases.of(desk.unit, subject) if case.ended_at is None)
        scope = Scope(purpose=Purpose(purpose) or None)
        return next((case for case in mine if case.right == right and case.scope == scope), None)

    return work


def looked_at(case: bytes) -> Callable[[Desk], None]:
    """Return the work that lets the agent who filed a demand be told at once how it stands."""
    return lambda desk: agents.look(desk.unit, case, desk.now)


def waits(case: RightsCase) -> bool:
    """Whether a demand waits for a proof of who demands it."""
    return not case.is_proven and case.state in (State.RECEIVED, State.VERIFYING)
