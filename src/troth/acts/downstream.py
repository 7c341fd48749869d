"""Downstream: do what systems beyond ours still have to do, and say what is open."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from troth.custody.demands.performing import close
from troth.custody.rehearsing import rehearsed
from troth.custody.systems import attempts, duties
from troth.custody.systems.attempts import Ran
from troth.custody.systems.settling import REASONS, Settle, Settled, settle_duties
from troth.custody.systems.settling import owed as owed_of
from troth.errors import BadArgument, NoSuchSystem, TrothError
from troth.gates.systems.system import Scannable, Scanned
from troth.rules.decision import Act, Actor, Request, asker
from troth.store.duties import Duty, open_counts
from troth.teller import Teller
from troth.terms.faults import or_one_of

MOST = 1_000  # duties of a list at a time


def run_due(teller: Teller, *, progress: Callable[[Ran], object] = lambda _: None) -> Ran:
    """Do what is due, one after the other; may be interrupted anywhere and run again."""
    return attempts.run_due(teller.house, teller.alone, progress=progress)


def retry(teller: Teller, system: str, *, dry_run: bool = False) -> int:
    """Let all that a system still has to do be tried at once, also what was stuck; return how many there are.

    A dry run counts them, and lets none be tried. Raises `NoSuchSystem`.
    """
    systems = teller.house.systems
    if system not in systems:
        raise NoSuchSystem(name=system, near=or_one_of(system, systems))
    work = partial(duties.retry, system=system)
    return teller.alone(rehearsed(work) if dry_run else work)


def scannable(teller: Teller, system: str = "") -> dict[str, Scannable]:
    """Return the databases that a scan looks through, by name; raises `NoSuchSystem`."""
    sources = {name: each for name, each in teller.house.systems.items() if isinstance(each, Scannable)}
    if system and system not in sources:
        raise NoSuchSystem(name=system, near=or_one_of(system, sources))
    return {name: each for name, each in sources.items() if name == (system or name)}


def scan(teller: Teller, system: str = "") -> tuple[Scanned, ...]:
    """Look through a declared database, or all, for columns that look personal and are not mapped.

    Values are judged in memory and never shown. What was looked through is a line of the ledger. Raises
    `NoSuchSystem`, and `NotDoneThere` for a database that cannot be looked through.
    """
    house, sources = teller.house, scannable(teller, system)
    types = {
        f"{category}.{name}": spec.type
        for category, specs in house.book.fields.items()
        for name, spec in specs.items()
    }
    found = tuple(each.scan(types) for each in sources.values())
    teller.alone(partial(duties.remember_scans, scans=found))
    return found


# ---- by hand


def settling(*, by: Actor, duty: bytes, reason: str) -> Settle:
    """Return the job that settles a duty by hand; answered with `Settled`. Raises `BadArgument`."""
    if reason not in REASONS:
        raise BadArgument(name="reason", wanted="one of " + ", ".join(REASONS))
    if not isinstance(duty, bytes) or len(duty) != 16:
        raise BadArgument(name="duty", wanted="the id of a duty (16 bytes)")
    return Settle(Request(Act.SETTLE, asker(by), reason=reason), duty, reason)


def foresettle(teller: Teller, *, by: Actor, duty: bytes, reason: str) -> Settled:
    """Return what settling a duty by hand would come to, and do nothing; raises what `settle` does."""
    job = settling(by=by, duty=duty, reason=reason)
    found = teller.alone(rehearsed(lambda desk: settle_duties(desk, [job])[0]))
    if isinstance(found, TrothError):
        raise found
    return found


def settle(teller: Teller, *, by: Actor, duty: bytes, reason: str) -> Settled:
    """Settle a duty by hand, and end its demand if nothing else of it is open.

    Cut off anywhere, the next sweep ends it. Raises `Refused`, `NothingThere` and `BadArgument`.
    """
    found: Settled = teller.ask(settling(by=by, duty=duty, reason=reason))
    if close(teller, found.duty.case_id) is None:  # it was not for a demand
        teller.alone(partial(duties.forget_keys, people=[found.duty.subject]))
    return found


def owed(teller: Teller, *, by: Actor, after: bytes = b"", limit: int = MOST) -> tuple[Duty, ...]:
    """Return up to `limit` open duties, behind the id `after`, of the rights that somebody may follow.

    Where they may follow none at all, that is refused. Raises `Refused` and `BadArgument`.
    """
    if type(limit) is not int or not 0 < limit <= MOST:
        raise BadArgument(name="limit", wanted=f"a whole number from 1 to {MOST}")
    if not isinstance(after, bytes):
        raise BadArgument(name="after", wanted="the id of a duty")
    request = Request(Act.FOLLOW, asker(by))
    found = teller.alone(lambda desk: owed_of(desk, request, after, limit))
    if isinstance(found, TrothError):
        raise found
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
