"""Have whoever demanded something prove by a letter that it is them: note it, and find the demand."""

from collections.abc import Callable
from typing import Any

from troth.custody.demands.filing import due_of
from troth.custody.demands.proofs import ask_by_letter
from troth.custody.demands.told import told_with
from troth.custody.desk import Desk
from troth.rules.rights_cases import Deadline, RightsCase
from troth.store import agents, rights_cases, tellings
from troth.store.tellings import Telling
from troth.vault.plaintext import Plaintext


def asked(case: bytes) -> Callable[[Desk], RightsCase | None]:
    """Return the work that notes that a demand is to be proven by a letter, which the caller sends."""
    return lambda desk: ask_by_letter(desk, case, letter=False)


def asked_instead(case: bytes, note: Telling) -> Callable[[Desk], None]:
    """Return the work that has a letter ask for the proof of a demand that somebody else filed.

    It takes the place of the letter that would say that it was filed (`note`).
    """

    def work(desk: Desk) -> None:
        now = tellings.one(desk.unit, note)
        if now is not None:
            tellings.drop(desk.unit, now)
            ask_by_letter(desk, case)

    return work


def known(case: bytes) -> Callable[[Desk], tuple[RightsCase, Deadline | None] | None]:
    """Return the work that finds a demand by its id, with when it is due; None when it is gone."""

    def work(desk: Desk) -> tuple[RightsCase, Deadline | None] | None:
        found = rights_cases.one(desk.unit, case)
        return None if found is None else (found, due_of(desk, found))

    return work


def looked_at(case: bytes) -> Callable[[Desk], None]:
    """Return the work that lets the agent who filed a demand be told at once how it stands."""
    return lambda desk: agents.look(desk.unit, case, desk.now)


def told_in_their_name(case: RightsCase) -> Callable[[Desk], tuple[tuple[str, Plaintext[Any]], ...]]:
    """Return the work that finds what somebody else told in a person's name, while it waits for their proof.

    By field; a text has no field. Nobody says that it was them of what they were not shown.
    """

    def work(desk: Desk) -> tuple[tuple[str, Plaintext[Any]], ...]:
        if not case.waits or case.events[0].by == "self":
            return ()
        said = told_with(desk, case)
        found = {**said.get("values", {}), **({"": said["text"]} if "text" in said else {})}
        return tuple((name, Plaintext(value, f"demand.{name}")) for name, value in found.items())

    return work


def waits(case: RightsCase) -> bool:
    """Whether a demand waits for a proof of who demands it."""
    return case.waits
