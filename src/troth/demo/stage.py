"""What every scene stands on: the house, its clock, its people, and how to speak of both."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter
from typing import Any, TypeVar

from troth.acts.backup import Backup
from troth.clock import Instant, Settable, iso
from troth.demo.page import Page
from troth.demo.people import Crowd, Person
from troth.demo.scan import Needle
from troth.errors import Absent, Refused, TrothError
from troth.ledger import entry as ledger
from troth.ledger.entry import Entry
from troth.ledger.receipt import Receipt
from troth.library import Troth
from troth.rules.decision import Reason, Why, staff
from troth.rules.explaining import sentence
from troth.store import entries

T = TypeVar("T")

AGENT = staff("a.lim", "support-agent")
CLERK = staff("p.nowak", "payments-clerk")
ENGINEER = staff("e.tan", "engineer")
REVIEWER = staff("r.byrne", "reviewer")
OFFICER = staff("o.costa", "privacy-officer")
SECOND_OFFICER = staff("s.meyer", "privacy-officer")
LAWYER = staff("l.rossi", "lawyer")
ANALYST = staff("n.okada", "analyst")
GUARD = staff("g.berg", "security-analyst")


@dataclass
class Stage:
    """One telling of the story."""

    page: Page
    directory: Path
    clock: Settable
    crowd: Crowd
    people: list[Person]
    house: Troth
    beside: Path  # where copies stand, and what is restored of them, while the story is told
    copy: Backup | None = None
    needles: dict[str, list[Needle]] = field(default_factory=dict)  # person's reference -> what they told

    @property
    def heroine(self) -> Person:
        """The one who is in every circumstance; what the law keeps of her stays."""
        return self.people[0]

    @property
    def visitor(self) -> Person:
        """The one who never verified, traded or paid; nothing of him is under a duty."""
        return self.people[1]

    def number(self, clause: str) -> str:
        """Return a clause as a reader finds it: its number, then its id."""
        found = self.house.agreement.clause(clause)
        return f"{found.number} {clause}" if found else clause

    def numbers(self, clauses: tuple[str, ...]) -> str:
        """Return clauses as a reader finds them, or a dash."""
        return ", ".join(self.number(clause) for clause in clauses) or "—"

    def short(self, clauses: tuple[str, ...]) -> str:
        """Return the numbers of clauses alone, or a dash."""
        return ", ".join(dict.fromkeys(self.number(clause).split()[0] for clause in clauses)) or "—"

    def entry(self, receipt: Receipt) -> Entry:
        """Return the ledger entry of a receipt."""
        return self.house.teller.alone(
            lambda desk: ledger.parse(next(entries.leaves(desk.unit, receipt.entry, receipt.entry + 1)))
        )

    def cited(self, receipt: Receipt) -> str:
        """Return the numbers of the clauses under which something was done, as the ledger has them."""
        return self.short(self.entry(receipt).clauses)


def timed(work: Callable[[], T]) -> tuple[T, float]:
    """Do some work; return what it gave, and the seconds it took."""
    start = perf_counter()
    found = work()
    return found, max(perf_counter() - start, 1e-9)


def attempt(work: Callable[[], Any]) -> TrothError | None:
    """Try what should be refused; return the refusal, or None when it went through."""
    try:
        work()
    except TrothError as refusal:
        return refusal
    return None


def because(refusal: TrothError | None) -> str:
    """Return why something was refused, in the engine's words and without the clauses."""
    if refusal is None:
        return "it was NOT refused"
    if isinstance(refusal, Refused):
        more = f" (and {len(refusal.codes) - 1} more)" if len(refusal.codes) > 1 else ""
        return sentence(Reason(Why(refusal.codes[0]), (), refusal.words[0])) + more
    if isinstance(refusal, Absent):
        return refusal.message
    return f"{refusal.code}: {refusal.message}"


def clauses_of(refusal: TrothError | None) -> tuple[str, ...]:
    """Return the clauses that a refusal cites."""
    return refusal.clauses if isinstance(refusal, Refused) else ()


def shown(value: object) -> str:
    """Return a value short enough for a table."""
    if isinstance(value, bytes):
        return f"{len(value):,} bytes of picture"
    text = str(value)
    return text if len(text) <= 40 else f"{text[:37]}..."


def day(at: Instant) -> str:
    """Return the day of an instant."""
    return iso(at)[:10]


def moment(at: Instant) -> str:
    """Return an instant to the minute, without the year."""
    return f"{iso(at)[5:10]} {iso(at)[11:16]}"
