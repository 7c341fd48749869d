"""Public numbers: what was demanded of the house, how it ended and how long it took, by quarter."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from starlette.responses import Response

from troth.clock import Instant, iso
from troth.evidence.figures import STEP, Asked, Quarter
from troth.evidence.report import Report
from troth.terms.agreement import RightRule
from troth.terms.vocabulary import Period
from troth.web import tracking
from troth.web.public import clauses
from troth.web.visit import Visit

TEMPLATE = "public/numbers.html"


@dataclass(frozen=True, slots=True)
class Told:
    """What a page tells of one quarter."""

    name: str  # such as `2027 Q2`
    begins: Instant
    asked: tuple[tuple[str, ...], ...]  # rows; none before the quarter after it is over, too
    deeds: tuple[tuple[str, str], ...]


def page(visit: Visit) -> Response:
    """Return the page of all quarters that are told."""
    report = clauses.report_of(visit.hall.agreement, visit.hall.watch)
    return visit.page(
        TEMPLATE, visit.words("What was asked of us, in numbers"), counted=is_counted(report),
        quarters=tuple(told(visit, report)), fewest=STEP,
    )  # fmt: skip


def is_counted(report: Report | None) -> bool:
    """Whether a look of this server counted: what an earlier one published holds no numbers."""
    return report is not None and bool(report.kinds)


def told(visit: Visit, report: Report | None) -> Iterator[Told]:
    """Yield the quarters that are told, the latest first."""
    rules = (rule for _, rule in visit.hall.agreement.rules() if isinstance(rule, RightRule))
    given = {rule.right.value for rule in rules}
    named = {right: words for right, words in tracking.rights(visit.words).items() if right in given}
    for each in report.quarters if report else ():
        month = int(iso(each.begins)[5:7])
        name = f"{iso(each.begins)[:4]} Q{(month + 2) // 3}"
        rows = {one.right: one for one in each.asked}
        asked = (_row(visit, words, rows[right]) for right, words in named.items() if right in rows)
        yield Told(name, each.begins, tuple(asked), tuple(_deeds(visit, each)))


def _row(visit: Visit, words: str, one: Asked) -> tuple[str, ...]:
    counts = (one.received, one.complied, one.partly, one.refused)
    days = visit.words("not told")
    if one.days is not None:
        days = visit.reader.period(Period(days=one.days)) if one.days else visit.words("less than a day")
    return (words, *(_step(visit, count) for count in counts), days)


def _step(visit: Visit, low: int | None) -> str:
    if low is None:
        return visit.words("fewer than %(num)s") % {"num": visit.reader.number(STEP)}
    ends = {"low": visit.reader.number(low), "high": visit.reader.number(low + STEP - 1)}
    return visit.words("%(low)s to %(high)s") % ends


def _deeds(visit: Visit, quarter: Quarter) -> Iterator[tuple[str, str]]:
    done = dict(quarter.deeds)
    for kind, words in _kinds(visit.words):
        yield words, _step(visit, done.get(kind))


def _kinds(words: Callable[[str], str]) -> tuple[tuple[str, str], ...]:
    return (
        ("record.accessed", words("Looks of members at their own data")),
        ("record.corrected", words("Corrections")),
        ("erasure.done", words("Erasures")),
        ("member.left", words("Accounts closed")),
        ("restriction.set", words("Restrictions")),
        ("objection.made", words("Objections")),
        ("consent.given", words("Consents given")),
        ("consent.withdrawn", words("Consents withdrawn")),
        ("record.disclosed", words("Disclosures to others")),
        ("request.refused", words("Requests that were refused")),
    )
