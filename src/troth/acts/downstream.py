"""Downstream: do what systems beyond ours still have to do, and say what is open."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from troth.custody import attempts, duties
from troth.custody.attempts import Ran
from troth.errors import NoSuchSystem
from troth.store.duties import open_counts
from troth.teller import Teller
from troth.terms.faults import or_one_of


def run_due(teller: Teller, *, progress: Callable[[Ran], object] = lambda _: None) -> Ran:
    """Do what is due, one after the other; may be interrupted anywhere and run again."""
    return attempts.run_due(teller.house, teller.alone, progress=progress)


def retry(teller: Teller, system: str) -> int:
    """Let all that a system still has to do be tried at once, also what was stuck; return how many there are.

    Raises `NoSuchSystem`.
    """
    systems = teller.house.systems
    if system not in systems:
        raise NoSuchSystem(name=system, near=or_one_of(system, systems))
    return teller.alone(partial(duties.retry, system=system))


@dataclass(frozen=True, slots=True)
class Standing:
    """What one system still has to do."""

    system: str
    state: str  # `waiting` or `stuck`
    count: int


def open_duties(teller: Teller) -> tuple[Standing, ...]:
    """Return what every system still has to do, also one that is declared no more."""
    rows = teller.alone(lambda desk: open_counts(desk.unit))
    return tuple(Standing(system, state, count) for system, state, count, _ in rows)
