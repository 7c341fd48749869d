"""Anonymise: count what is over of a class that leaves totals, as it goes; nothing of a person stays.

Counting and removal are one transaction, so each record is counted once or not at all. What goes
together is judged by itself: no value of fewer people than the agreement's threshold is counted. So
that there are enough, a class waits, unreadable, for as long as its `gone_within` lets it.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress

from troth.clock import Instant
from troth.custody.desk import Desk
from troth.custody.endings.pacing import leeway
from troth.errors import TrothError
from troth.ledger.entry import Entry
from troth.rules import tallying
from troth.rules.decision import TIME, Act, Permit, Request
from troth.rules.record import Origin, sealed_as
from troth.store import expiry, registry, tallies
from troth.store.expiry import Counted, Due, Expired
from troth.store.tallies import Tally
from troth.terms.vocabulary import Category, ClauseId, FieldName, RetentionClass

RESTORED_AT = (
    "restored_at"  # a setting: what was over then was counted in the house that was lost, or is lost
)


def counted(desk: Desk) -> Counted:
    """Return the origins whose records are counted when they go; those of a restored copy are not again."""
    numbers = frozenset(n for n, origin in desk.house.origins.by_number.items() if is_counted(desk, origin))
    return Counted(numbers, registry.number(desk.unit, RESTORED_AT))


def is_counted(desk: Desk, origin: Origin) -> bool:
    """Whether an origin's records are counted at their end; what is kept for one purpose alone is not."""
    return origin.only_for is None and desk.house.book.keep(origin.kept)[1].then == tallying.ANONYMISE


def wait(desk: Desk, kept: RetentionClass, gap: Instant | None = None) -> Instant:
    """Return how long what is over of a class may wait until it is counted; less than 0: it may not."""
    return leeway(desk, desk.house.book.keep(kept)[1].gone_within.after(0), gap)


def count_out(desk: Desk, some: Counted, limit: int) -> list[Expired]:
    """Remove about `limit` records of a class that can wait no longer, count them, and return what went."""
    ready = _ready(desk, some)
    taken = expiry.take(desk.unit, desk.now, limit, ready) if ready.origins else []
    together: dict[tuple[Category, tuple[FieldName, ...], RetentionClass], list[Due]] = defaultdict(list)
    for due in taken:
        origin = desk.house.origins.by_number[due.origin]
        together[origin.category, origin.fields, origin.kept].append(due)
    for (category, _, kept), dues in together.items():
        _count(desk, category, kept, dues)
    return expiry.gone(taken)


def _ready(desk: Desk, some: Counted) -> Counted:
    """Return the origins of one class of which something can wait no longer; none where all can."""
    by_number = desk.house.origins.by_number
    left = some
    while (oldest := expiry.oldest_due(desk.unit, desk.now, left)) is not None:
        end, number = oldest
        kept = by_number[number].kept
        of_class = frozenset(n for n in left.origins if by_number[n].kept == kept)
        if end + wait(desk, kept) <= desk.now:
            return Counted(of_class, some.after)
        left = Counted(left.origins - of_class, some.after)
    return Counted()


def _count(desk: Desk, category: Category, kept: RetentionClass, dues: Sequence[Due]) -> None:
    """Add what may be counted of records that go together, and remember that; of too few nothing is."""
    found = tallying.tallied(_readings(desk, category, dues), tallying.least(desk.house.book.agreement))
    if not found:
        return
    rows = [
        Tally(category, name, value, month, count) for (name, value, month), count in sorted(found.items())
    ]
    tallies.add(desk.unit, rows)
    book = desk.house.book
    desk.remember(
        Entry(
            at=desk.now,
            kind="tally.added",
            actor="time",
            act=Act.COUNT.value,
            outcome="done",
            category=category,
            fields=tuple(sorted({row.field for row in rows})),
            clauses=(book.keep(kept)[0], *_uses(desk, category)),
            agreement=book.agreement.version,
        )
    )


def _uses(desk: Desk, category: Category) -> list[ClauseId]:
    """Return the clauses for whose totals a category is counted."""
    cells = desk.house.book.cells.items()
    counting = [cell for (act, of, _), cell in cells if act is Act.COUNT and of == category]
    return sorted({grant.clause for cell in counting for grant in cell.grants})


# ---- reading them, one last time


def _readings(desk: Desk, category: Category, dues: Sequence[Due]) -> Iterator[tallying.Reading]:
    """Yield what may be counted of each record; nothing of whoever is gone, in grace or said no."""
    allowed = _allowed(desk, category, {due.subject for due in dues})
    by_number = desk.house.origins.by_number
    _open_keys(desk, {(due.subject, by_number[due.origin].kept) for due in dues if due.subject in allowed})
    for due in dues:
        names = allowed.get(due.subject)
        origin = by_number[due.origin]
        if names and (due.subject, origin.kept) in desk.keys:
            with suppress(TrothError):  # what was altered does not open: it goes uncounted
                yield tallying.month_of(due.collected_at), due.subject, _read(desk, origin, due, names)


def _allowed(desk: Desk, category: Category, people: Iterable[int]) -> dict[int, frozenset[FieldName]]:
    """Return the fields that may be counted of each person, for every purpose that reads totals of them."""
    wanted = tallying.purposes(desk.house.book, category)
    asked = {p: Request(Act.COUNT, TIME, category, purpose=p) for p in wanted}
    desk.find(people)
    found: dict[int, frozenset[FieldName]] = {}
    for subject in people:
        if subject not in desk.people:
            continue
        yes, no = set[FieldName](), set[FieldName]()
        for purpose, names in wanted.items():
            decision = desk.admit(asked[purpose], subject)
            given = decision.fields if isinstance(decision, Permit) else frozenset[FieldName]()
            yes |= given
            no |= names - given
        found[subject] = frozenset(yes - no)
    return found


def _open_keys(desk: Desk, wanted: Iterable[tuple[int, str]]) -> None:
    """Open keys; one that does not open keeps none of the others closed."""
    wanted = list(wanted)
    try:
        desk.open_keys(wanted)
    except TrothError:
        for pair in wanted:
            with suppress(TrothError):
                desk.open_keys([pair])


def _read(
    desk: Desk, origin: Origin, due: Due, names: frozenset[FieldName]
) -> Mapping[FieldName, str | None]:
    """Return what the values of a record are counted as; raises what unsealing raises."""
    key = desk.keys[due.subject, origin.kept]
    opened = json.loads(
        key.unseal(due.sealed, record=due.record, category=sealed_as(origin), schema=origin.version)
    )
    specs = desk.house.books.get(origin.version, desk.house.book).fields.get(origin.category, {})
    return {
        name: tallying.coarse(specs[name].type, value)
        for name, value in zip(origin.fields, opened, strict=True)
        if name in names and name in specs
    }
