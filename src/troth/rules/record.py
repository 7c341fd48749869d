"""What is held, under which clause, and when it must go."""

from dataclasses import dataclass
from functools import lru_cache

from troth.canonical import Plain, encode
from troth.clock import DAY, FOREVER, Instant
from troth.rules.matters import last, why
from troth.rules.rulebook import Part, Rulebook
from troth.rules.standing import Standing
from troth.terms.agreement import Keep
from troth.terms.vocabulary import (
    Category,
    Circumstance,
    ClauseId,
    FieldName,
    Purpose,
    RetentionClass,
    covers,
)


@dataclass(frozen=True, slots=True)
class Origin:
    """How a record came to be held: shared by all records of one clause part and agreement version."""

    category: Category
    circumstance: Circumstance
    clause: ClauseId
    version: int
    kept: RetentionClass
    fields: tuple[FieldName, ...]  # the order in which values are sealed
    only_for: Purpose | None = None


@dataclass(frozen=True, slots=True)
class Record:
    """Sealed bytes and what is known without opening them."""

    id: bytes
    subject: int
    origin: Origin
    collected_at: Instant
    expires_at: Instant
    narrows_at: Instant  # from here on readable for `origin.only_for` alone
    sealed: bytes


@lru_cache(maxsize=4096)
def sealed_as(origin: Origin) -> str:
    """Return the name under which values of an origin are sealed: all that it says of them, as JSON.

    A row that says otherwise (other fields, another clause, another purpose) does not open.
    """
    said: list[Plain] = [origin.category, origin.circumstance, origin.clause, origin.kept]
    return encode([*said, origin.only_for or "", list(origin.fields)]).decode("utf-8")


def lifetime(
    part: Part, collected_at: Instant, left: Instant | None = None, days: int | None = None
) -> tuple[Instant, Instant]:
    """Return (narrows_at, expires_at) of a part collected at an instant.

    `days` is the shorter time that the person chose; it leaves what is kept longer for one purpose alone.

    A class that runs from an event lives until its maximum while the event has not happened. The
    maximum bounds the longer part too, so that an event never moves an end later, nor revives what
    has ended.
    """
    keep = part.keep
    ordinary = chosen(ends(keep, collected_at, left), collected_at, days)
    if part.longer < 0:
        return ordinary, ordinary
    limit = keep.maximum.after(collected_at) if keep.maximum else FOREVER
    start = collected_at if keep.event is None else left
    beyond = limit if start is None else min(limit, keep.longer[part.longer].period.after(start))
    return ordinary, max(ordinary, beyond)


def chosen(end: Instant, collected_at: Instant, days: int | None) -> Instant:
    """Return an end, or the earlier one that a person chose, in days from collection."""
    return end if days is None else min(end, collected_at + days * DAY)


def ends(keep: Keep, collected_at: Instant, happened: Instant | None) -> Instant:
    """Return when a record of a class becomes unreadable."""
    limit = keep.maximum.after(collected_at) if keep.maximum else FOREVER
    if keep.event is None:
        return min(keep.period.after(collected_at), limit)
    return limit if happened is None else min(limit, keep.period.after(happened))


def ends_after(origin: Origin, keep: Keep, last: Instant, happened: Instant) -> Instant:
    """Return the last end of what an origin has, once the event happens from which its class runs.

    `last` is its last end before that.
    """
    periods = [longer.period for longer in keep.longer if longer.why == origin.only_for]
    return min(last, max(period.after(happened) for period in (keep.period, *periods)))


def readable(record: Record, purpose: Purpose, now: Instant, *, own: bool = False) -> bool:
    """Whether a record may still be read for a purpose at an instant; the sweep need not have run.

    `own` is the person's look at what is held of them: they see it for as long as anybody may.
    """
    if now < (record.expires_at if own else record.narrows_at):
        return True
    only = record.origin.only_for
    return now < record.expires_at and only is not None and covers(only, purpose)


@dataclass(frozen=True, slots=True)
class Fate:
    """What a wish to erase does to one retention class."""

    kept: RetentionClass
    erase: bool
    clause: ClauseId
    why: str = ""  # "duty: ...", "held: ..." or "held" when it is not erased
    until: Instant = FOREVER  # when holds that keep it end, as far as that is known


def fates(
    book: Rulebook,
    standing: Standing,
    classes: frozenset[RetentionClass],
    over: frozenset[RetentionClass] = frozenset(),
    now: Instant = 0,
) -> tuple[Fate, ...]:
    """Return what a wish to erase does at an instant to each class a person has data in (GDPR Art. 17(3)).

    The classes in `over` hold nothing whose time has not ended: no duty keeps them any longer.
    """
    found: list[Fate] = []
    for kept in sorted(classes):
        clause, keep = book.keep(kept)
        holds = standing.holding(keep.name, now) or standing.holding(kept, now)
        if keep.duty and kept not in over:
            found.append(Fate(kept, erase=False, clause=clause, why=f"duty: {keep.duty}"))
        elif holds:
            found.append(Fate(kept, erase=False, clause=clause, why=why(holds), until=last(holds)))
        else:
            found.append(Fate(kept, erase=True, clause=clause))
    return tuple(found)
