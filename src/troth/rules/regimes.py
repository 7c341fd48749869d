"""Clocks by jurisdiction, as dated rows: how long the law gives to answer what a person demands.

The rows stand in `regimes.toml`, beside this; they are facts, and change without a change of code. Of all
rows that apply to a demand the strictest counts: the one whose end is earliest.
"""

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from troth.clock import DAY, Instant, instant
from troth.terms.vocabulary import Period, RightName

_BUSINESS = re.compile(r"P([0-9]{1,4})B\Z")
_EPOCH_WEEKDAY = 3  # 1 January 1970 was a Thursday; Monday is 0


@dataclass(frozen=True, slots=True)
class Length:
    """A length of time as a law gives it: a calendar period, or a number of business days.

    Business days are Monday to Friday in UTC. Holidays are counted as working days: an end may come too
    early by that, and never too late.
    """

    period: Period | None = None
    business: int = 0

    @classmethod
    def parse(cls, text: str) -> "Length":
        """Return the length of text: an ISO 8601 duration, or `P10B`: business days. Raises `ValueError`."""
        business = _BUSINESS.match(text)
        if business:
            return cls(business=int(business[1]))
        period = Period.parse(text)
        if period is None:
            raise ValueError(f"`{text}` is no length of time")
        return cls(period)

    def after(self, start: Instant) -> Instant:
        """Return the instant at which it is over."""
        if self.period is not None:
            return self.period.after(start)
        left, at = self.business, start
        while left:
            at += DAY
            left -= (at // DAY + _EPOCH_WEEKDAY) % 7 < 5
        return at

    def __str__(self) -> str:
        return f"P{self.business}B" if self.period is None else str(self.period)


@dataclass(frozen=True, slots=True)
class Row:
    """What one regime gives for some rights, since when, and how sure we are of it."""

    regime: str
    rights: frozenset[RightName]  # empty: all
    answer: Length
    extend: Length | None  # once, with reasons, told within the first length
    pauses: bool  # it stands still while a proof of identity that was asked for is outstanding
    law: str
    valid_from: Instant
    valid_to: Instant | None
    confidence: str

    def holds(self, right: RightName, at: Instant) -> bool:
        """Whether it applies to a demand of that right that came in at an instant."""
        over = self.valid_to is not None and self.valid_to <= at
        return self.valid_from <= at and not over and (not self.rights or right in self.rights)


class Ending(NamedTuple):
    """When a first answer is due, and which row says so."""

    at: Instant
    row: Row


@dataclass(frozen=True, slots=True)
class Regimes:
    """Every row, by regime, and of which day they are."""

    version: str
    rows: Mapping[str, tuple[Row, ...]]

    def unknown(self, regimes: Iterable[str]) -> tuple[str, ...]:
        """Return those of some regimes of which there is no row."""
        return tuple(name for name in regimes if name not in self.rows)

    def of(self, regimes: Iterable[str], right: RightName, at: Instant) -> tuple[Row, ...]:
        """Return the rows that apply, one of each regime: one that names the right before one for all."""
        found = []
        for regime in dict.fromkeys(regimes):
            some = [row for row in self.rows.get(regime, ()) if row.holds(right, at)]
            found += sorted(some, key=lambda row: not row.rights)[:1]
        return tuple(found)

    def strictest(self, regimes: Iterable[str], right: RightName, at: Instant) -> Ending | None:
        """Return the earliest end of what applies, and its row; None when nothing does."""
        ends = [Ending(row.answer.after(at), row) for row in self.of(regimes, right, at)]
        return min(ends, key=lambda end: end.at, default=None)


def parse(text: str) -> Regimes:
    """Return the rows of a TOML text; raises `ValueError` for one that lacks something."""
    said = tomllib.loads(text)
    rows: dict[str, list[Row]] = {}
    for each in said["row"]:
        rows.setdefault(each["regime"], []).append(_row(each))
    return Regimes(said["version"], {regime: tuple(some) for regime, some in rows.items()})


def _row(said: Mapping[str, Any]) -> Row:
    if said["confidence"] not in ("checked", "check") or said["status"] not in (
        "in_force",
        "pending",
        "repealed",
    ):
        raise ValueError(f"a row of `{said['regime']}` has a status or confidence that is none")
    until = said.get("valid_to", "")
    if said["status"] == "repealed" and not until:
        raise ValueError(f"a row of `{said['regime']}` is repealed, and does not say since when")
    return Row(
        said["regime"],
        frozenset(map(RightName, said["rights"])),
        Length.parse(said["answer"]),
        Length.parse(said["extend"]) if "extend" in said else None,
        said["pauses"],
        said["law"],
        _day(said["valid_from"]),
        _day(until) if until else None,
        said["confidence"],
    )


def _day(text: str) -> Instant:
    return instant(f"{text}T00:00:00Z")
