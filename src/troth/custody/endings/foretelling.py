"""Foretell: what goes when, what is held back and by which matter, and why something of a person is kept."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from troth.clock import DAY, Instant
from troth.custody.desk import About, Desk
from troth.custody.endings.anonymising import counted, is_counted, wait
from troth.custody.endings.expiring import spare
from troth.custody.endings.pacing import GAP, gap_now
from troth.custody.holdings import beyond, held_by, holdings
from troth.rules.matters import Told, told
from troth.rules.record import Origin
from troth.rules.rulebook import class_of
from troth.rules.standing import NEWCOMER
from troth.store import forecast, registry, shelves
from troth.store.matters import with_terms
from troth.terms.vocabulary import Category, ClauseId, RetentionClass

DAYS = 30


@dataclass(frozen=True, slots=True)
class Going:
    """What goes of one retention class within the next days."""

    kept: RetentionClass
    clause: ClauseId
    overdue: int  # records that are over already, and wait for a sweep
    oldest: Instant | None  # since when the first of them is over
    days: tuple[tuple[Instant, int], ...]  # the beginning of a day in UTC, and how many records go on it
    held: int  # records whose time ends by then and that a hold keeps
    matters: tuple[tuple[str, int], ...]  # which matters hold some of the class, and of how many people


@dataclass(frozen=True, slots=True)
class Keeping:
    """Keeping what is held of a person in one retention class is kept, and for how long."""

    kept: RetentionClass
    category: Category
    clause: ClauseId
    records: int
    starts: str  # `collection`, or the event from which the class runs
    soonest: Instant  # of its ends
    latest: Instant
    then: str  # `erase` or `anonymise`
    duty: str  # the legal duty that keeps it against a wish to erase
    could_hold: tuple[str, ...]  # reasons for which a matter may hold it
    held: tuple[Told, ...]  # the holds that keep it now, as the person is told of them
    chosen: int | None  # days, where the person chose a shorter time
    only_for: str  # the one purpose for which a part is kept longer
    over: bool = False  # its time is over: nobody reads it, and it is here for its holds alone


def foretell(desk: Desk, days: int = DAYS) -> tuple[Going, ...]:
    """Return what a sweep would remove now and what goes on each of the next days; nothing is done."""
    desk.house.origins.load(desk.unit)
    until = desk.now - desk.now % DAY + (days + 1) * DAY
    by_day: dict[RetentionClass, Counter[Instant]] = defaultdict(Counter)
    overdue: Counter[RetentionClass] = Counter()
    oldest: dict[RetentionClass, Instant] = {}
    for kept, goes, first, count in _when(desk, until):
        if goes > desk.now:
            by_day[kept][goes - goes % DAY] += count
        else:
            overdue[kept] += count
            oldest[kept] = min(oldest.get(kept, first), first)
    held: Counter[RetentionClass] = Counter()
    for number, count in forecast.held(desk.unit, desk.now, until):
        held[_origin(desk, number).kept] += count
    matters = _matters(desk)
    return tuple(
        Going(
            kept,
            desk.house.book.keep(kept)[0],
            overdue[kept],
            oldest.get(kept),
            tuple(sorted(by_day[kept].items())),
            held[kept],
            tuple(sorted(matters[class_of(kept)].items())),
        )
        for kept in sorted({*by_day, *overdue, *held})
    )


def _when(desk: Desk, until: Instant) -> Iterator[tuple[RetentionClass, Instant, Instant, int]]:
    """Yield (class, when it goes, its first end, how many records); what a sweep takes now goes by now.

    As a sweep that began now would: what is counted goes with all of its class once the oldest of it can
    wait no longer, and on PostgreSQL streams go with their partition where that is soon enough.
    """
    gap, usual = gap_now(desk), registry.number(desk.unit, GAP)
    since = counted(desk).after
    rows = list(forecast.going(desk.unit, desk.now, until, since=since, spare=spare(desk, gap)))
    waiting: dict[RetentionClass, Instant] = {}
    for number, _, state, _, _, first in rows:
        origin = _origin(desk, number)
        if state == forecast.OVER and is_counted(desk, origin):
            waiting[origin.kept] = min(waiting.get(origin.kept, first), first)
    for number, day, state, shelf, count, first in rows:
        origin = _origin(desk, number)
        kept, goes = origin.kept, first
        if state == forecast.COMING:
            goes = max(day * DAY, desk.now + 1)
        elif state == forecast.OVER and is_counted(desk, origin):
            if waiting[kept] + wait(desk, kept, gap) > desk.now:
                goes = max(waiting[kept] + wait(desk, kept, max(gap, usual)), desk.now + 1)
        elif shelf:
            goes = shelves.shelf_at(shelf, first).end + shelves.RESTED
        yield kept, goes, first, count


def _origin(desk: Desk, number: int) -> Origin:
    return desk.house.origins.by_number[number]


def _matters(desk: Desk) -> dict[RetentionClass, Counter[str]]:
    """Return of how many people each matter holds each class."""
    found: dict[RetentionClass, Counter[str]] = defaultdict(Counter)
    for standing in forecast.held_people(desk.unit):
        for hold in with_terms(desk.unit, standing).holds:
            if hold.until <= desk.now:
                continue
            for kept in hold.classes or desk.house.book.keeps:
                found[kept][hold.matter] += 1
    return found


def why_kept(desk: Desk, about: About, category: str = "") -> tuple[Keeping, ...]:
    """Return why each kind of what is held of a person is kept; empty where nothing is."""
    desk.find([about])
    subject = desk.people.get(about)
    if subject is None:
        return ()
    standing = desk.standings.get(subject, NEWCOMER)
    found = []
    for each in (*holdings(desk, subject), *beyond(desk, subject)):
        if category and each.category != category:
            continue
        clause, keep = desk.house.book.keep(each.kept)
        found.append(
            Keeping(
                each.kept,
                each.category,
                clause,
                each.count,
                keep.event or "collection",
                each.soonest,
                each.latest,
                keep.then,
                keep.duty,
                keep.holds,
                told(held_by(standing, each.kept, desk.now)),
                standing.days(each.kept, desk.now),
                each.kept.partition(":")[2],
                each.latest <= desk.now,
            )
        )
    return tuple(found)
