"""What is true of one subject now: consents, objections, restrictions, holds, home place, what was proven.

Standing belongs to the person and is never copied to records, so that one change is effective from
the next decision on, everywhere.
"""

import json
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import lru_cache
from typing import Any

from troth.canonical import encode
from troth.clock import DAY, FOREVER, Instant
from troth.errors import RowBroken
from troth.terms.vocabulary import Category, Place, Purpose, RetentionClass, above, covers


class Choice(StrEnum):
    """What a person said to a request for consent."""

    GIVEN = "given"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Consent:
    """The latest choice on one purpose, bound to the agreement version that asked."""

    purpose: Purpose
    choice: Choice
    version: int
    at: Instant


@dataclass(frozen=True, slots=True)
class Hold:
    """A matter that stops erasure of some retention classes; it never permits use.

    A person's row names the matter, its reason and the classes; the rest is the matter's own, and is added
    where the row is read (`troth.store.matters`).
    """

    matter: str
    reason: str
    classes: frozenset[RetentionClass]  # empty: all
    owner: str = ""  # the role that may end it, or `program:NAME`; empty: whoever the clause lets hold
    since: Instant = 0
    until: Instant = FOREVER  # at this instant it holds no more, whether or not a sweep has run
    untold: str = ""  # the legal ground not to tell the person of it before it ends


@dataclass(frozen=True, slots=True)
class Shorter:
    """A time shorter than a retention class's own, in days from collection, that a person chose."""

    kept: RetentionClass
    days: int
    until: Instant | None = None  # the choice ended here: what was taken in before stays as short

    def over(self, now: Instant) -> bool:
        """Whether everything that it bears on has ended."""
        return self.until is not None and self.until + self.days * DAY <= now


@dataclass(frozen=True, slots=True)
class Standing:
    """One subject's choices and limits."""

    home: Place | None = None
    left: Instant | None = None
    consents: tuple[Consent, ...] = ()
    objections: frozenset[Purpose] = frozenset()
    restrictions: frozenset[Category] = frozenset()  # `*` restricts everything
    holds: tuple[Hold, ...] = ()
    proven: frozenset[str] = frozenset()  # what was shown to be so, such as `case:identity-check`
    stopped: frozenset[tuple[Purpose, str]] = frozenset()  # channels by which a purpose may not reach them
    grace: Instant | None = None  # the end of the days in which they may call an erasure back
    hidden: bool = False  # in grace, and all of theirs is sealed away: nobody is told that they are here
    shorter: tuple[Shorter, ...] = ()

    def choice(self, on: Purpose) -> Choice | None:
        """Return the choice that governs a purpose: the nearest one at or above it.

        A consent closes when one above it was refused or withdrawn later: who stops the whole stops
        its parts.
        """
        nearest: Consent | None = None
        for word in above(on) if self.consents else ():
            for consent in self.consents:
                if consent.purpose == word:
                    if nearest is None:
                        nearest = consent
                    elif consent.choice is not Choice.GIVEN and consent.at > nearest.at:
                        return consent.choice
            if nearest is not None and nearest.choice is not Choice.GIVEN:
                break
        return None if nearest is None else nearest.choice

    def objected(self, to: Purpose) -> bool:
        """Whether an objection covers the purpose."""
        return any(covers(objection, to) for objection in self.objections)

    def restricted(self, category: Category) -> bool:
        """Whether a restriction covers the category."""
        return any(word in ("*", category) or covers(word, category) for word in self.restrictions)

    def holding(self, kept: RetentionClass, now: Instant = 0) -> tuple[Hold, ...]:
        """Return the matters that hold a retention class at an instant; one that is over holds nothing."""
        return tuple(
            hold for hold in self.holds if now < hold.until and (not hold.classes or kept in hold.classes)
        )

    def days(self, kept: RetentionClass, collected_at: Instant) -> int | None:
        """Return how many days what was taken in at an instant is kept at most by the person's choice."""
        name = kept.partition(":")[0]
        return min(
            (s.days for s in self.shorter if s.kept == name and (s.until is None or collected_at <= s.until)),
            default=None,
        )

    def shortened(self, kept: RetentionClass, days: int | None, now: Instant) -> "Standing":
        """Return the standing with a class's choice replaced; `days` of None end it for what is to come."""
        ended = (
            replace(s, until=now) if s.kept == kept and s.until is None else s
            for s in self.shorter
            if not s.over(now)
        )
        rest = tuple(s for s in ended if s.kept != kept or days is None or s.days < days)
        return replace(self, shorter=rest if days is None else (*rest, Shorter(kept, days)))

    def stricter(self, since: "Standing") -> "Standing":
        """Return the standing with every *no* that was said since."""
        said = frozenset(consent.purpose for consent in since.consents)
        return replace(
            self,
            consents=(*(c for c in self.consents if c.purpose not in said), *since.consents),
            objections=self.objections | since.objections,
            restrictions=self.restrictions | since.restrictions,
            stopped=self.stopped | since.stopped,
            shorter=tuple(dict.fromkeys((*self.shorter, *since.shorter))),
        )

    def choosing(self, consent: Consent) -> "Standing":
        """Return the standing with one purpose's choice replaced."""
        others = tuple(c for c in self.consents if c.purpose != consent.purpose)
        return replace(self, consents=(*others, consent))


NEWCOMER = Standing()


def write(standing: Standing) -> str:
    """Return a standing as canonical JSON text for its row; the empty text for a newcomer's."""
    parts: dict[str, Any] = {}
    if standing.home:
        parts["home"] = standing.home
    if standing.left is not None:
        parts["left"] = standing.left
    if standing.consents:
        parts["consents"] = [[c.purpose, c.choice.value, c.version, c.at] for c in standing.consents]
    if standing.objections:
        parts["objections"] = sorted(standing.objections)
    if standing.restrictions:
        parts["restrictions"] = sorted(standing.restrictions)
    if standing.holds:
        parts["holds"] = [[h.matter, h.reason, sorted(h.classes)] for h in standing.holds]
    if standing.proven:
        parts["proven"] = sorted(standing.proven)
    if standing.stopped:
        parts["stopped"] = [list(pair) for pair in sorted(standing.stopped)]
    if standing.shorter:
        parts["shorter"] = [[s.kept, s.days, s.until] for s in standing.shorter]
    if standing.grace is not None:
        parts["grace"] = [standing.grace, standing.hidden]
    return encode(parts).decode("utf-8") if parts else ""


@lru_cache(maxsize=8192)
def read(text: str) -> Standing:
    """Return the standing of its JSON text; equal texts share one value. Raises `RowBroken`."""
    if not text:
        return NEWCOMER
    try:
        return _read(json.loads(text))
    except (ValueError, TypeError, AttributeError, RecursionError):
        raise RowBroken(table="subjects") from None


def _read(parts: dict[str, Any]) -> Standing:
    grace, hidden = parts.get("grace", (None, False))
    return Standing(
        stopped=frozenset((purpose, channel) for purpose, channel in parts.get("stopped", ())),
        grace=grace,
        hidden=hidden,
        home=parts.get("home"),
        left=parts.get("left"),
        consents=tuple(Consent(p, Choice(c), v, at) for p, c, v, at in parts.get("consents", ())),
        objections=frozenset(parts.get("objections", ())),
        restrictions=frozenset(parts.get("restrictions", ())),
        holds=tuple(Hold(m, r, frozenset(k)) for m, r, k in parts.get("holds", ())),
        proven=frozenset(parts.get("proven", ())),
        shorter=tuple(Shorter(k, days, until) for k, days, until in parts.get("shorter", ())),
    )
