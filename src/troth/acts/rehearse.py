"""Rehearse: say what a choice, a settling or a paper would come to; only a refusal is remembered."""

from collections.abc import Callable
from typing import TypeVar

from troth.custody.desk import Desk
from troth.custody.rehearsing import Choice, Rehearsed, choosing, rehearsed
from troth.errors import TrothError
from troth.teller import Teller

T = TypeVar("T")


def choice(teller: Teller, job: Choice) -> Rehearsed:
    """Return what the ledger would remember of a person's choice; raises what the choice itself would."""
    return trial(teller, choosing(job))


def trial(teller: Teller, work: Callable[[Desk], T | TrothError]) -> T:
    """Return what some work that changes the store alone comes to, undone; raises what refuses it."""
    found = teller.alone(rehearsed(work))
    if isinstance(found, TrothError):
        raise found
    return found
