"""Downstream: do what systems beyond ours still have to do, and say what is open."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from troth.custody.systems import attempts, duties
from troth.custody.systems.attempts import Ran
from troth.errors import NoSuchSystem
from troth.gates.systems.system import Scannable, Scanned
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


def scan(teller: Teller, system: str = "") -> tuple[Scanned, ...]:
    """Look through a declared database, or all, for columns that look personal and are not mapped.

    Values are judged in memory and never shown. What was looked through is a line of the ledger. Raises
    `NoSuchSystem`, and `NotDoneThere` for a database that cannot be looked through.
    """
    house = teller.house
    sources = {name: each for name, each in house.systems.items() if isinstance(each, Scannable)}
    if system and system not in sources:
        raise NoSuchSystem(name=system, near=or_one_of(system, sources))
    types = {
        f"{category}.{name}": spec.type
        for category, specs in house.book.fields.items()
        for name, spec in specs.items()
    }
    found = tuple(each.scan(types) for name, each in sources.items() if name == (system or name))
    teller.alone(partial(duties.remember_scans, scans=found))
    return found


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
