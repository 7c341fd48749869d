"""Holdings: what is held of a person and when it goes, as far as that is known without opening anything."""

from dataclasses import dataclass

from troth.clock import Instant
from troth.custody.desk import Desk
from troth.rules.record import Origin
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
    found = []
    for number, count, first, last, soonest, latest in belongings.held(desk.unit, subject, desk.now):
        origin = _origin(desk, number)
        found.append(
            Holding(
                origin.category, origin.circumstance, origin.clause, origin.version, origin.kept,
                origin.fields, count, first, last, soonest, latest,
            )
        )  # fmt: skip
    return tuple(found)


def _origin(desk: Desk, number: int) -> Origin:
    origins = desk.house.origins
    if number not in origins.by_number:
        origins.load(desk.unit)
    return origins.by_number[number]
