"""Holdings: what is held of a person and when it goes, as far as that is known without opening anything."""

from dataclasses import dataclass

from troth.clock import Instant
from troth.custody.desk import Desk
from troth.rules.record import Origin
from troth.rules.rulebook import class_of
from troth.rules.standing import NEWCOMER, Hold, Standing
from troth.store import belongings
from troth.terms.vocabulary import Category, Circumstance, ClauseId, FieldName, RetentionClass


@dataclass(frozen=True, slots=True)
class Holding:
    """What is held of one category, under one clause, in one retention class."""

    category: Category
    circumstance: Circumstance
    clause: ClauseId
    version: int  # of the agreement under which it came
    kept: RetentionClass
    fields: tuple[FieldName, ...]
    count: int  # records
    first: Instant  # collected
    last: Instant
    soonest: Instant  # of their ends
    latest: Instant


def holdings(desk: Desk, subject: int) -> tuple[Holding, ...]:
    """Return what is held of a person, in the order in which each kind was first held by anybody."""
    return tuple(_holding(desk, *row) for row in belongings.held(desk.unit, subject, desk.now))


def beyond(desk: Desk, subject: int) -> tuple[Holding, ...]:
    """Return what is over and unreadable, and still here because a matter holds it, in the same order."""
    found = belongings.held(desk.unit, subject, desk.now, over=True)
    standing = desk.standings.get(subject, NEWCOMER)
    some = (_holding(desk, *row) for row in found)
    return tuple(each for each in some if held_by(standing, each.kept, desk.now))


def held_by(standing: Standing, kept: RetentionClass, now: Instant) -> tuple[Hold, ...]:
    """Return the matters that hold a class at an instant, or the class of which it is a part."""
    return standing.holding(class_of(kept), now) or standing.holding(kept, now)


def _holding(
    desk: Desk, number: int, count: int, first: Instant, last: Instant, soonest: Instant, latest: Instant
) -> Holding:
    origin = _origin(desk, number)
    return Holding(
        origin.category, origin.circumstance, origin.clause, origin.version, origin.kept,
        origin.fields, count, first, last, soonest, latest,
    )  # fmt: skip


def _origin(desk: Desk, number: int) -> Origin:
    origins = desk.house.origins
    if number not in origins.by_number:
        origins.load(desk.unit)
    return origins.by_number[number]
