"""Watch: check every clause in the background now and then, and keep what was found, with its time.

Pages show what was found last and never wait for it. While the checks read the ledger the house answers
nothing else, so the more they read, the more seldom they run: they take a hundredth of the time at most.
"""

from dataclasses import dataclass, field
from time import perf_counter

from troth.clock import DAY, SECOND, Instant
from troth.custody.desk import Desk
from troth.evidence import days
from troth.evidence.published import last_report
from troth.evidence.report import Report, verify
from troth.evidence.status import Status
from troth.teller import Teller

EACH = 300 * SECOND  # between two looks, where they are quick
SHARE = 100  # of the time that a look takes, between two
FRESH = (
    3_600 * SECOND
)  # how old a look may be before nothing is proven by it; twice the pause, if that is longer
AT_ONCE = 50_000  # entries of a ledger that is looked at as soon as the server starts
STRIP = 90  # days


@dataclass(slots=True)
class Watch:
    """What was found last."""

    report: Report | None = None
    past: dict[str, dict[Instant, Status]] = field(default_factory=dict)  # by clause: the word of each day
    pause: int = EACH  # until the next look
    bodies: dict[tuple[object, ...], bytes] = field(
        default_factory=dict
    )  # pages of it, as they were rendered

    def remember(self, teller: Teller) -> None:
        """Take up what was found before this server started, if it is as it was signed."""
        self.report = last_report(teller.house)
        self.past = teller.alone(_past)

    def is_due(self, now: Instant) -> bool:
        """Whether it is time to look again."""
        return self.report is None or now >= self.report.at + self.pause

    def look(self, teller: Teller) -> None:
        """Check every clause; raises what `verify` raises, and keeps what was found before then."""
        begun = perf_counter()
        report = verify(teller)
        self.past = teller.alone(_past)
        self.pause = max(EACH, int((perf_counter() - begun) * SECOND) * SHARE)
        self.report = report
        self.bodies = {}  # another one: a page that is put in meanwhile is not among them

    def is_fresh(self, now: Instant) -> bool:
        """Whether what was found still shows how clauses stand; nothing is kept because nobody looked."""
        return self.report is not None and now - self.report.at <= max(FRESH, 2 * self.pause)


def _past(desk: Desk) -> dict[str, dict[Instant, Status]]:
    return days.since(desk, desk.now - desk.now % DAY - (STRIP - 1) * DAY)
