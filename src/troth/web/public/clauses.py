"""Clauses as everybody reads them: text, plain sentence, status with its evidence, and numbers."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from markdown_it import MarkdownIt
from markupsafe import Markup

from troth.clock import DAY, Instant
from troth.evidence.report import Report
from troth.evidence.status import CheckResult, Status
from troth.terms.agreement import Agreement, Clause, Inform
from troth.terms.sentences import plain
from troth.web.content import Content
from troth.web.pictures import Days
from troth.web.watch import STRIP, Watch

WORST_FIRST = (Status.BROKEN, Status.UNPROVEN, Status.AT_RISK, Status.ATTESTED, Status.KEPT)
_FENCE = re.compile(r"^```.*?^```", re.DOTALL | re.MULTILINE)
_HEADING = re.compile(r"^# (\S+) (.+?)\s*$", re.MULTILINE)
# No HTML of the text's own, and no picture: nothing of a text may fetch from elsewhere.
_markdown = MarkdownIt("commonmark", {"html": False}).disable("image")


@dataclass(frozen=True, slots=True)
class Shown:
    """One clause on the page."""

    id: str
    number: str
    title: str
    text: Markup
    plain: tuple[str, ...]
    word: str  # a status word; empty for a clause that promises nothing
    since: Instant | None
    checks: tuple[CheckResult, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the agreement, with its clauses."""

    number: str
    title: str
    clauses: tuple[Shown, ...]


@lru_cache(maxsize=1024)
def rendered(text: str) -> Markup:
    """Return Markdown as HTML in which nothing runs, and nothing is fetched."""
    return Markup(_markdown.render(text))  # noqa: S704 - the renderer escapes every tag of the text


def sections(agreement: Agreement, shown: Iterable[Shown]) -> tuple[Section, ...]:
    """Return clauses under the headings that stand above them."""
    headings = dict(_HEADING.findall(_FENCE.sub("", agreement.source)))
    found: dict[str, list[Shown]] = {}
    for each in shown:
        found.setdefault(each.number.partition(".")[0], []).append(each)
    return tuple(
        Section(number, headings.get(number, ""), tuple(clauses)) for number, clauses in found.items()
    )


def shown(agreement: Agreement, watch: Watch, now: Instant) -> tuple[Shown, ...]:
    """Return every clause as it stands now; nothing is kept by a look that is too long ago."""
    report, fresh = report_of(agreement, watch), watch.is_fresh(now)
    found = {each.clause: each for each in report.clauses} if report else {}
    clauses = []
    for clause in agreement.clauses:
        stands = found.get(clause.id)
        promises = stands.status is not None if stands else _promises(clause)
        word = stands.status.value if stands and stands.status and fresh else Status.UNPROVEN.value
        clauses.append(
            Shown(
                clause.id,
                clause.number,
                Content(clause.title, agreement.language),
                rendered(clause.text),
                tuple(plain(rule) for rule in clause.rules),
                word if promises else "",
                stands.since if stands and fresh else None,
                stands.checks if stands else (),
            )
        )
    return tuple(clauses)


def report_of(agreement: Agreement, watch: Watch) -> Report | None:
    """Return the last report if it is of this version."""
    return watch.report if watch.report and watch.report.hash == agreement.hash else None


def _promises(clause: Clause) -> bool:
    return any(not isinstance(rule, Inform) for rule in clause.rules)


def counted(clauses: Sequence[Shown]) -> tuple[tuple[str, int], ...]:
    """Return how many clauses stand under each word, the worst word first."""
    return _counted([each.word for each in clauses])


def counts(agreement: Agreement, watch: Watch, now: Instant) -> tuple[tuple[str, int], ...]:
    """Return how many clauses stand under each word, as `counted`, without showing any."""
    report, fresh = report_of(agreement, watch), watch.is_fresh(now)
    if report is None or not fresh:
        found = [_promises(clause) for clause in agreement.clauses]
        if report:
            found = [each.status is not None for each in report.clauses]
        return _counted([Status.UNPROVEN.value] * sum(found))
    return _counted([each.status.value for each in report.clauses if each.status])


def _counted(words: Sequence[str]) -> tuple[tuple[str, int], ...]:
    return tuple((word.value, words.count(word.value)) for word in WORST_FIRST if word.value in words)


def days(clauses: Sequence[Shown], watch: Watch, now: Instant) -> tuple[Days, ...]:
    """Return the rows of the strip: the worst word of each of the last days, None where nobody looked."""
    today = now - now % DAY
    rows = []
    for each in clauses:
        if each.word:
            past = watch.past.get(each.id, {})
            words = [past.get(today - back * DAY) for back in reversed(range(STRIP))]
            said = tuple(word.value if word else None for word in words)
            rows.append(Days(each.number, each.title, each.word, each.since, said, f"/agreement#{each.id}"))
    return tuple(rows)


def sales(report: Report | None) -> int:
    """Return how many sales or rents the ledger holds: no act performs one."""
    return sum(count for kind, count in (report.kinds if report else ()) if kind.startswith(("sale", "rent")))
