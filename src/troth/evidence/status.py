"""The five status words, what a check found, and how clauses roll up: the worst word wins."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from troth.clock import Instant


class Status(StrEnum):
    """How a promise stands. There is no sixth word, and no average."""

    KEPT = "kept"
    ATTESTED = "attested"
    AT_RISK = "at risk"
    UNPROVEN = "unproven"
    BROKEN = "broken"


_ORDER = tuple(Status)  # from best to worst


@dataclass(frozen=True, slots=True)
class CheckResult:
    """What one check found for one clause, with what it cannot see."""

    name: str
    measures: str
    cannot_see: str
    status: Status
    sample: int  # how many things it looked at
    detail: str = ""


@dataclass(frozen=True, slots=True)
class ClauseStatus:
    """One clause with its checks; `status` is None for a clause that promises nothing."""

    clause: str
    number: str
    title: str
    status: Status | None
    since: Instant
    checks: tuple[CheckResult, ...]


def worst(results: Iterable[CheckResult]) -> Status:
    """Return the worst status among results; unproven when there is none."""
    return max((result.status for result in results), key=_ORDER.index, default=Status.UNPROVEN)


def worse(one: Status, other: Status) -> bool:
    """Whether one word is worse than another."""
    return _ORDER.index(one) > _ORDER.index(other)


def judged(
    name: str, measures: str, cannot_see: str, faults: list[str], sample: int, nothing: str
) -> CheckResult:
    """Return broken with the first faults, unproven when there was nothing to look at, else kept."""
    if faults:
        return CheckResult(name, measures, cannot_see, Status.BROKEN, sample, "; ".join(faults[:3]))
    if not sample:
        return CheckResult(name, measures, cannot_see, Status.UNPROVEN, 0, nothing)
    return CheckResult(name, measures, cannot_see, Status.KEPT, sample)
