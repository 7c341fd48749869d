"""Rehearse: do something in a transaction, see what it comes to, and undo it; a refusal alone stands.

What a dry run says is what the act itself came to, so the two cannot differ. Only for what changes nothing
but the store: keys and files are not undone with a transaction.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias, TypeVar

from troth.custody.desk import Desk
from troth.custody.endings.shortening import Shorten, shorten
from troth.custody.matters import Foreseen, Retime, classes_of, retime_matters
from troth.custody.stand import Stand, stand
from troth.errors import TrothError, WrongAct
from troth.ledger.entry import parse
from troth.rules.decision import Act
from troth.store import matters

T = TypeVar("T")
Choice: TypeAlias = Stand | Shorten
CHOICES = frozenset(
    {Act.CONSENT, Act.DECLINE, Act.WITHDRAW, Act.OBJECT, Act.YIELD, Act.STOP, Act.START}
    | {Act.SHORTEN, Act.LENGTHEN}
)  # acts that change nothing but the store


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """What the ledger would remember of an act: which kind of line, under which clauses."""

    kind: str
    clauses: tuple[str, ...]


def rehearsed(work: Callable[[Desk], T]) -> Callable[[Desk], T]:
    """Return work that is undone once it is done; what refuses it is remembered, as it would be."""

    def trial(desk: Desk) -> T:
        desk.unit.mark()
        found = work(desk)
        if not isinstance(found, TrothError):
            desk.undo()
        return found

    return trial


def choosing(job: Choice) -> Callable[[Desk], Rehearsed | TrothError]:
    """Return the work that says what a person's choice would come to. Raises `WrongAct` for another act."""
    if job.request.act not in CHOICES:
        raise WrongAct(act=job.request.act.value)
    serve: Callable[[Desk, Sequence[Any]], Sequence[Any]] = stand if isinstance(job, Stand) else shorten

    def work(desk: Desk) -> Rehearsed | TrothError:
        (outcome,) = serve(desk, [job])
        return outcome if isinstance(outcome, TrothError) else _last(desk)

    return work


def retimed(job: Retime) -> Callable[[Desk], Foreseen | TrothError]:
    """Return the work that says how a matter would be once its end is moved."""

    def work(desk: Desk) -> Foreseen | TrothError:
        (outcome,) = retime_matters(desk, [job])
        if isinstance(outcome, TrothError):
            return outcome
        one = (job.request.case, job.request.reason)
        it = next(each for each in matters.every(desk.unit) if (each.matter, each.reason) == one)
        return Foreseen(it, new=False, classes=tuple(sorted(classes_of(desk, it.reason))), people=it.people)

    return work


def _last(desk: Desk) -> Rehearsed:
    line = parse(desk.appended()[-1])
    return Rehearsed(line.kind, line.clauses)
