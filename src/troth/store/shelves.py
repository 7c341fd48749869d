"""Shelves: the partitions in which PostgreSQL keeps streams, so that what is over goes as a whole.

Everything that ends on one day (or in one month, where it is kept for longer than 35 days) stands in
one partition, whatever its class. They are made when they are needed, and ahead. On SQLite there are
none: a stream is an ordinary table there, and each row of it knows its shelf all the same.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from troth.clock import DAY, SECOND, Instant
from troth.store.origins import Origins
from troth.store.unit import Prepared, Unit

BY_DAY, BY_MONTH, APART = 1, 2, 9
BY_DAY_UNTIL = 35 * DAY  # what lives longer goes by the month: each partition slows down every read
BY_MONTH_UNTIL = 36_525 * DAY  # what lives longer than a century has no partition that ends
RESTED = DAY // 24  # how long a partition is over before it is dropped: clocks of processes may differ
_THERE = Prepared("SELECT relid::regclass::text FROM pg_partition_tree('streams') WHERE level = 1")
_LOOKED_AT = Prepared(  # tidying up gives way to us
    "SELECT 1 FROM pg_locks WHERE relation IN ('streams'::regclass, CAST(:name AS regclass))"
    " AND pid <> pg_backend_pid() AND mode <> 'ShareUpdateExclusiveLock' LIMIT 1"
)
_BY_DAY, _BY_MONTH = "streams_d", "streams_m"
PATIENCE = 2  # seconds that a drop waits for who looks into the table


@dataclass(frozen=True, slots=True)
class Shelf:
    """One partition: its name, its kind, and the ends of what stands in it."""

    name: str
    kind: int
    start: Instant
    end: Instant  # the first instant that is not in it any more


def shelf_of(collected_at: Instant, expires_at: Instant) -> int:
    """Return the kind of shelf for a record that lives from one instant to another."""
    life = expires_at - collected_at
    if life > BY_MONTH_UNTIL:
        return APART
    return BY_DAY if life <= BY_DAY_UNTIL else BY_MONTH


def shelf_at(kind: int, expires_at: Instant) -> Shelf:
    """Return the shelf of a kind on which something stands that ends at an instant."""
    if kind == APART:
        return Shelf("streams_apart", kind, 0, 0)
    day = datetime.fromtimestamp(expires_at // SECOND, UTC).date()
    if kind == BY_DAY:
        start = expires_at - expires_at % DAY
        return Shelf(f"{_BY_DAY}{day:%Y%m%d}", kind, start, start + DAY)
    first = day.replace(day=1)
    after = first.replace(year=first.year + first.month // 12, month=first.month % 12 + 1)
    start, end = (int(datetime(d.year, d.month, 1, tzinfo=UTC).timestamp()) * SECOND for d in (first, after))
    return Shelf(f"{_BY_MONTH}{day:%Y%m}", kind, start, end)


def need(unit: Unit, wanted: Iterable[tuple[int, Instant]], origins: Origins) -> int:
    """Make the partitions for (kind, expiry) that are not there yet; return how many were made."""
    if unit.sqlite:
        return 0
    shelves = {shelf_at(kind, expires_at) for kind, expires_at in wanted}
    if all(shelf.name in origins.shelves for shelf in shelves):
        return 0
    origins.shelves = there(unit)
    missing = sorted((s for s in shelves if s.name not in origins.shelves), key=lambda s: s.name)
    for shelf in missing:
        _make(unit, shelf)
        origins.shelves.add(shelf.name)
    return len(missing)


def there(unit: Unit) -> set[str]:
    """Return the names of the partitions that are there; none on SQLite."""
    return set() if unit.sqlite else {name for (name,) in unit.rows(_THERE)}


def _make(unit: Unit, shelf: Shelf) -> None:
    """Make a partition beside the table and hang it in: who reads or copies the table is not in its way."""
    low, high = ("MINVALUE", "MAXVALUE") if shelf.kind == APART else (str(shelf.start), str(shelf.end))
    unit.later(f"CREATE TABLE {shelf.name} (LIKE streams INCLUDING ALL)", ())
    bounds = f"FROM ({shelf.kind}, {low}) TO ({shelf.kind}, {high})"
    unit.later(f"ALTER TABLE streams ATTACH PARTITION {shelf.name} FOR VALUES {bounds}", ())


def over(unit: Unit, now: Instant) -> list[Shelf]:
    """Return the partitions in which everything has been over for a while, oldest first."""
    known = [shelf for name in there(unit) if (shelf := _named(name)) is not None]
    return sorted((s for s in known if s.end + RESTED <= now), key=lambda shelf: (shelf.end, shelf.name))


def _named(name: str) -> Shelf | None:
    """Return the shelf of a partition's name; None for the one that never ends."""
    kind, digits = name[: len(_BY_DAY)], name[len(_BY_DAY) :]
    if kind not in (_BY_DAY, _BY_MONTH):
        return None
    day = datetime(int(digits[:4]), int(digits[4:6]), int(digits[6:] or 1), tzinfo=UTC)
    return shelf_at(BY_DAY if kind == _BY_DAY else BY_MONTH, int(day.timestamp()) * SECOND)


def set_apart(unit: Unit, shelf: Shelf, held: str, origins: Origins) -> int:
    """Move what stays (an SQL condition) off a partition that is to be dropped; return how much it was."""
    need(unit, [(APART, 0)], origins)
    unit.write()
    text = (
        f"UPDATE streams SET shelf = {APART} WHERE shelf = {shelf.kind}"  # noqa: S608
        f" AND expires_at >= {shelf.start} AND expires_at < {shelf.end} AND {held}"
    )
    return int(unit.cursor.execute(text).rowcount)


def free(unit: Unit, shelf: Shelf) -> bool:
    """Whether nobody else is looking into the table, such as who copies it: a drop would have to wait."""
    return not unit.rows(_LOOKED_AT, shelf.name)


def drop(unit: Unit, shelf: Shelf, origins: Origins) -> None:
    """Drop a partition with all that is in it."""
    unit.later(f"SET LOCAL lock_timeout = '{PATIENCE}s'", ())
    unit.later(f"DROP TABLE {shelf.name}", ())
    unit.later("SET LOCAL lock_timeout = 0", ())
    origins.shelves.discard(shelf.name)
