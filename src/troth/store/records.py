"""Sealed records: put, got, replaced, removed; and the origins they share."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence

from sqlalchemy import bindparam, delete, insert, select, update

from troth.errors import RowBroken, SealBroken
from troth.rules.record import Origin, Record
from troth.store.reading import are_names, loaded
from troth.store.schema import origins, records
from troth.store.unit import Adding, Joining, Prepared, Row, Unit
from troth.terms.vocabulary import FieldName

_ADD = Adding(records)
_ADD_ORIGIN = Prepared(insert(origins))
_ORIGINS = Prepared(select(origins).order_by(origins.c.origin))
_COLUMNS = (
    records.c.subject,
    records.c.category_code,
    records.c.record,
    records.c.origin,
    records.c.collected_at,
    records.c.narrows_at,
    records.c.expires_at,
    records.c.sealed,
)
_OF = Joining(
    "SELECT r.subject, r.category_code, r.record, r.origin, r.collected_at, r.narrows_at, r.expires_at,"
    " r.sealed FROM {given} CROSS JOIN records r WHERE r.subject = g.subject AND r.category_code = g.code",
    subject="bigint",
    code="smallint",
)
_OF_ORIGINS = Joining(
    "SELECT r.subject, r.category_code, r.record, r.origin, r.collected_at, r.narrows_at, r.expires_at,"
    " r.sealed FROM {given} CROSS JOIN records r WHERE r.subject = g.subject AND r.origin = g.origin",
    subject="bigint",
    origin="integer",
)
_AFTER = Prepared(
    "SELECT subject, category_code, record, origin, collected_at, narrows_at, expires_at, sealed FROM records"
    " WHERE subject = :subject AND category_code = :code AND record > :after ORDER BY record LIMIT :limit"
)
_HAS = Joining(
    "SELECT DISTINCT r.subject, r.category_code FROM {given} CROSS JOIN records r"
    " WHERE r.subject = g.subject AND r.category_code = g.code AND r.expires_at > g.now",
    subject="bigint",
    code="smallint",
    now="bigint",
)
_ENDS_OF = Joining(
    "SELECT r.subject, r.record, r.expires_at FROM {given} CROSS JOIN records r"
    " WHERE r.subject = g.subject AND r.category_code = g.code AND r.record = g.record",
    subject="bigint",
    code="smallint",
    record="bytea",
)
_REMOVE = Prepared(
    delete(records).where(
        records.c.subject == bindparam("subject"),
        records.c.category_code == bindparam("code"),
        records.c.record == bindparam("record"),
    )
)
_KEPT = Prepared(select(records.c.origin).where(records.c.subject == bindparam("subject")).distinct())
_ENDS_OF_ALL = Prepared("SELECT record, expires_at FROM records WHERE subject = :subject")
_PRESENT = Prepared(  # one look into the index for each, however many records there are
    "SELECT o.origin FROM origins o WHERE (SELECT 1 FROM records r"
    " WHERE r.subject = :subject AND r.category_code = o.category_code AND r.origin = o.origin LIMIT 1) = 1"
)
_LAST_ENDS = Joining(
    "SELECT g.origin, max(r.expires_at) FROM {given} CROSS JOIN records r"
    " WHERE r.subject = g.subject AND r.category_code = g.code AND r.origin = g.origin GROUP BY g.origin",
    subject="bigint",
    code="smallint",
    origin="integer",
)
_EVERY_END = Prepared("SELECT origin, max(expires_at) FROM records WHERE subject = :subject GROUP BY origin")
_IDS = Prepared("SELECT origin, record FROM records WHERE subject = :subject")
_ANY = Prepared("SELECT 1 FROM records WHERE subject = :subject LIMIT 1")
_REMOVE_PERSON = Prepared(delete(records).where(records.c.subject == bindparam("subject")))
_REPLACE = Prepared(
    update(records)
    .where(
        records.c.subject == bindparam("in_subject"),
        records.c.category_code == bindparam("in_code"),
        records.c.record == bindparam("in_record"),
    )
    .values(sealed=bindparam("sealed"))
)
_REMOVE_ALL = Prepared(
    delete(records).where(records.c.subject == bindparam("subject"), records.c.origin == bindparam("origin"))
)
_MOVE_END = Prepared(
    update(records)
    .where(
        records.c.subject == bindparam("in_subject"),
        records.c.category_code == bindparam("in_code"),
        records.c.record == bindparam("in_record"),
    )
    .values(narrows_at=bindparam("narrows_at"), expires_at=bindparam("expires_at"))
)
_EVERY_OF = Prepared(
    select(*_COLUMNS)
    .where(records.c.subject == bindparam("subject"))
    .order_by(records.c.category_code, records.c.record)
)
_TALLY = Prepared("SELECT count(*), min(collected_at), max(collected_at) FROM records WHERE origin = :origin")
_SAMPLE = Prepared("SELECT subject, sealed FROM records WHERE origin = :origin LIMIT :limit")


class Origins:
    """The origins known so far, by number and by value; grows, never changes."""

    __slots__ = ("_codes", "_numbers", "by_number", "fresh")

    def __init__(self) -> None:
        self.fresh = False  # as the store is, as far as this process knows
        self.by_number: dict[int, Origin] = {}
        self._numbers: dict[Origin, int] = {}
        self._codes: dict[str, int] = {}

    def load(self, unit: Unit) -> None:
        """Read what the store has; it may have been written by another process. Raises `RowBroken`."""
        for row in unit.rows(_ORIGINS):
            number, code, category, circumstance, clause, version, kept, listed, only_for = row
            names = loaded(listed)
            if not are_names(names):
                raise RowBroken(table="origins")
            origin = Origin(
                category, circumstance, clause, version, kept, tuple(map(FieldName, names)), only_for or None
            )
            self._keep(number, code, origin)
        self.fresh = True

    def code(self, category: str) -> int | None:
        """Return the number that stands for a category in record rows, if any was ever held."""
        return self._codes.get(category)

    def category(self, code: int) -> str:
        """Return the category that a number stands for."""
        return next(category for category, number in self._codes.items() if number == code)

    def number(self, unit: Unit, origin: Origin) -> tuple[int, int]:
        """Return (origin number, category code), adding the origin in this unit when it is new."""
        known = self._numbers.get(origin)
        if known is None:
            self.load(unit)
            known = self._numbers.get(origin)
        if known is None:
            known = len(self.by_number) + 1
            code = self._codes.get(origin.category, len(self._codes) + 1)
            unit.run(
                _ADD_ORIGIN, known, code, origin.category, origin.circumstance, origin.clause, origin.version,
                origin.kept, json.dumps(origin.fields), origin.only_for or "",  # not hashed
            )  # fmt: skip
            self._keep(known, code, origin)
        return known, self._codes[origin.category]

    def forget(self) -> None:
        """Forget everything, after a unit that may have added origins was rolled back."""
        self.fresh = False
        self.by_number.clear()
        self._numbers.clear()
        self._codes.clear()

    def _keep(self, number: int, code: int, origin: Origin) -> None:
        self.by_number[number] = origin
        self._numbers[origin] = number
        self._codes[origin.category] = code


def put(unit: Unit, rows: Sequence[Row]) -> None:
    """Add records, each row in the order of the table's columns."""
    unit.add(_ADD, rows)


def of(unit: Unit, wanted: Sequence[tuple[int, int]], origins: Origins) -> Iterator[Record]:
    """Yield the records of each (subject, category code), in no order.

    Raises `SealBroken` for a row that is filed under another category than its origin's.
    """
    for row in _OF.run(unit, wanted):
        record = _record(unit, row, origins)
        if origins.code(record.origin.category) != row[1]:
            raise SealBroken
        yield record


def after(unit: Unit, subject: int, code: int, record: bytes, limit: int, origins: Origins) -> list[Record]:
    """Return up to `limit` records of a person and category after one of them, in the order of their ids.

    Raises `SealBroken` for a row that is filed under another category than its origin's.
    """
    found = [_record(unit, row, origins) for row in unit.rows(_AFTER, subject, code, record, limit)]
    if any(origins.code(each.origin.category) != code for each in found):
        raise SealBroken
    return found


def every(unit: Unit, subject: int, origins: Origins) -> Iterator[Record]:
    """Yield every record of a person."""
    for row in unit.rows(_EVERY_OF, subject):
        yield _record(unit, row, origins)


def of_origins(unit: Unit, subject: int, numbers: Iterable[int], origins: Origins) -> Iterator[Record]:
    """Yield the records of a person of some origins, in no order, wherever they are filed."""
    for row in _OF_ORIGINS.run(unit, [(subject, number) for number in numbers]):
        yield _record(unit, row, origins)


def _record(unit: Unit, row: Row, origins: Origins) -> Record:
    subject, _, record, number, collected_at, narrows_at, expires_at, sealed = row
    origin = origins.by_number.get(number) or _origin(unit, number, origins)
    return Record(bytes(record), subject, origin, collected_at, expires_at, narrows_at, bytes(sealed))


def held(unit: Unit, wanted: Sequence[tuple[int, int]], now: int) -> set[tuple[int, int]]:
    """Return those (subject, category code) of which anything unexpired is held."""
    return {(subject, code) for subject, code in _HAS.run(unit, [(s, c, now) for s, c in wanted])}


def lives(unit: Unit, subject: int, some: Iterable[bytes], now: int) -> bool:
    """Whether any of some records of a person is here, and its time not over."""
    ends = {bytes(record): end for record, end in unit.rows(_ENDS_OF_ALL, subject)}
    return any(ends.get(record, 0) > now for record in some)


def ends_of(unit: Unit, wanted: Sequence[tuple[int, int, bytes]]) -> dict[tuple[int, bytes], int]:
    """Return when each of some (subject, category code, record) that are here expires."""
    return {(subject, bytes(record)): end for subject, record, end in _ENDS_OF.run(unit, wanted)}


def remove(unit: Unit, subject: int, code: int, record: bytes) -> int:
    """Remove one record; return how many there were."""
    return unit.count(_REMOVE, subject, code, record)


def _origin(unit: Unit, number: int, origins: Origins) -> Origin:
    """Return an origin that another process may have added; raises `SealBroken` when there is none."""
    if number not in origins.by_number:
        origins.load(unit)
    if number not in origins.by_number:
        raise SealBroken
    return origins.by_number[number]


def present(unit: Unit, subject: int, origins: Origins) -> dict[int, Origin]:
    """Return the origins of which a person has records, by number; not every record is looked at."""
    return {number: _origin(unit, number, origins) for (number,) in unit.rows(_PRESENT, subject)}


def last_ends(unit: Unit, subject: int, some: Mapping[int, Origin], origins: Origins) -> dict[int, int]:
    """Return the last expiry of a person's records of each of some origins, by number; raises `RowBroken`."""
    wanted = [(subject, origins.code(origin.category), number) for number, origin in some.items()]
    return {number: _instant(end) for number, end in _LAST_ENDS.run(unit, wanted)}


def every_end(unit: Unit, subject: int, origins: Origins) -> dict[int, int]:
    """Return the last expiry of a person's records of each origin, by number; every record is looked at.

    Raises `SealBroken` for a record of an origin that nobody knows, `RowBroken` for one without an end.
    """
    found = {number: _instant(end) for number, end in unit.rows(_EVERY_END, subject)}
    for number in found:
        _origin(unit, number, origins)
    return found


def _instant(end: object) -> int:
    if type(end) is int:
        return end
    raise RowBroken(table="records")


def ids_of(unit: Unit, subject: int) -> list[tuple[int, bytes]]:
    """Return (origin number, record id) of every record of a person."""
    return [(number, bytes(record)) for number, record in unit.rows(_IDS, subject)]


def any_of(unit: Unit, subject: int) -> bool:
    """Whether a person has any record."""
    return bool(unit.rows(_ANY, subject))


def origins_of(unit: Unit, subject: int) -> list[int]:
    """Return the numbers of the origins of which a person has records."""
    return [number for (number,) in unit.rows(_KEPT, subject)]


def replace(unit: Unit, subject: int, code: int, record: bytes, sealed: bytes) -> None:
    """Replace the sealed bytes of one record."""
    unit.run(_REPLACE, sealed, subject, code, record)


def move_end(unit: Unit, subject: int, code: int, record: bytes, narrows_at: int, expires_at: int) -> None:
    """Move the end of one record's life."""
    unit.run(_MOVE_END, narrows_at, expires_at, subject, code, record)


def remove_person(unit: Unit, subject: int) -> int:
    """Remove every record of a person; return how many."""
    return unit.count(_REMOVE_PERSON, subject)


def remove_all(unit: Unit, subject: int, origin: int) -> int:
    """Remove the records of a person and origin; return how many."""
    return unit.count(_REMOVE_ALL, subject, origin)


# ---- for evidence


def tally(unit: Unit, origin: int) -> tuple[int, int, int]:
    """Return (how many, first collected, last collected) of the records of an origin."""
    count, first, last = unit.rows(_TALLY, origin)[0]
    return int(count), int(first or 0), int(last or 0)


def sample(unit: Unit, origin: int, limit: int) -> list[tuple[int, bytes]]:
    """Return (subject, sealed value) of up to `limit` records of an origin; nothing is opened.

    A value that is not stored as bytes comes as none at all.
    """
    found = unit.rows(_SAMPLE, origin, limit)
    return [(subject, sealed if isinstance(sealed, bytes) else b"") for subject, sealed in found]
