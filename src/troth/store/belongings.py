"""Belongings: the records of one person of whatever category; those of streams, which stand apart, too."""

from collections.abc import Iterable, Iterator, Mapping

from troth.errors import RowBroken
from troth.rules.record import Origin, Record
from troth.store.origins import Origins
from troth.store.records import OF_A_RECORD, Apart, each_of, origin_of, read
from troth.store.unit import Joining, Prepared, Row, Unit


def _prepared(text: str) -> Apart[Prepared]:
    return Apart(lambda table: Prepared(text.format(table=table)))


def _both(text: str, then: str = "") -> Prepared:
    """Return one statement that looks into both tables; its parameters are given twice."""
    return Prepared(f"{text.format(table='records')} UNION ALL {text.format(table='streams')}{then}")


_EVERY_OF = _both(
    f"SELECT {OF_A_RECORD} FROM {{table}} r WHERE r.subject = :subject",  # noqa: S608
    " ORDER BY category_code, record",
)
_OF_ORIGINS = Apart(
    lambda table: Joining(
        f"SELECT {OF_A_RECORD} FROM {{given}} CROSS JOIN {table} r"  # noqa: S608
        " WHERE r.subject = g.subject AND r.origin = g.origin",
        subject="bigint",
        origin="integer",
    )
)
_KEPT = _both("SELECT DISTINCT origin FROM {table} WHERE subject = :subject")
_ENDS_OF_ALL = _both("SELECT record, expires_at FROM {table} WHERE subject = :subject")
_LOOKS = (
    "o.stream = {stream} AND (SELECT 1 FROM {table} r WHERE r.subject = :subject"
    " AND r.category_code = o.category_code AND r.origin = o.origin LIMIT 1) = 1"
)
_PRESENT = Prepared(  # one look into the index for each, however many records there are
    f"SELECT o.origin FROM origins o WHERE {_LOOKS.format(stream=0, table='records')}"  # noqa: S608
    f" OR {_LOOKS.format(stream=1, table='streams')}"
)
_LAST_ENDS = Apart(
    lambda table: Joining(
        f"SELECT g.origin, max(r.expires_at) FROM {{given}} CROSS JOIN {table} r"  # noqa: S608
        " WHERE r.subject = g.subject AND r.category_code = g.code AND r.origin = g.origin GROUP BY g.origin",
        subject="bigint",
        code="smallint",
        origin="integer",
    )
)
_EVERY_END = _both("SELECT origin, max(expires_at) FROM {table} WHERE subject = :subject GROUP BY origin")
_IDS = _both("SELECT origin, record FROM {table} WHERE subject = :subject")
_ANY = _both("SELECT 1 FROM {table} WHERE subject = :subject", " LIMIT 1")
_REMOVE_PERSON = _prepared("DELETE FROM {table} WHERE subject = :subject")
_REMOVE_ALL = _prepared("DELETE FROM {table} WHERE subject = :subject AND origin = :origin")
_ORIGINS_OF_ALL = Apart(
    lambda table: Joining(
        f"SELECT DISTINCT r.subject, r.origin FROM {{given}} CROSS JOIN {table} r"  # noqa: S608
        " WHERE r.subject = g.subject",
        subject="bigint",
    )
)
_HELD = _both(
    "SELECT origin, count(*), min(collected_at), max(collected_at), min(expires_at), max(expires_at)"
    " FROM {table} WHERE subject = :subject AND expires_at > :now GROUP BY origin"
)
_OVER = _both(
    "SELECT origin, count(*), min(collected_at), max(collected_at), min(expires_at), max(expires_at)"
    " FROM {table} WHERE subject = :subject AND expires_at <= :now GROUP BY origin"
)


def _rows(unit: Unit, statement: Prepared, *given: object) -> list[Row]:
    return unit.rows(statement, *given, *given)


def every(unit: Unit, subject: int, origins: Origins) -> Iterator[Record]:
    """Yield every record of a person."""
    for row in _rows(unit, _EVERY_OF, subject):
        yield read(unit, row, origins)


def of_origins(unit: Unit, subject: int, numbers: Iterable[int], origins: Origins) -> Iterator[Record]:
    """Yield the records of a person of some origins, in no order, wherever they are filed."""
    wanted = [(subject, number) for number in numbers]
    for each in _OF_ORIGINS.both:
        for row in each.run(unit, wanted):
            yield read(unit, row, origins)


def lives(unit: Unit, subject: int, some: Iterable[bytes], now: int) -> bool:
    """Whether any of some records of a person is here, and its time not over."""
    ends = {bytes(record): end for record, end in _rows(unit, _ENDS_OF_ALL, subject)}
    return any(ends.get(record, 0) > now for record in some)


def present(unit: Unit, subject: int, origins: Origins) -> dict[int, Origin]:
    """Return the origins of which a person has records, by number; not every record is looked at."""
    return {number: origin_of(unit, number, origins) for (number,) in _rows(unit, _PRESENT, subject)}


def last_ends(unit: Unit, subject: int, some: Mapping[int, Origin], origins: Origins) -> dict[int, int]:
    """Return the last expiry of a person's records of each of some origins, by number; raises `RowBroken`."""
    wanted = [(subject, origins.code(origin.category) or 0, number) for number, origin in some.items()]
    return {number: _instant(end) for number, end in each_of(unit, _LAST_ENDS, wanted, origins)}


def every_end(unit: Unit, subject: int, origins: Origins) -> dict[int, int]:
    """Return the last expiry of a person's records of each origin, by number; every record is looked at.

    Raises `SealBroken` for a record of an origin that nobody knows, `RowBroken` for one without an end.
    """
    found: dict[int, int] = {}
    for number, end in _rows(unit, _EVERY_END, subject):
        found[number] = max(found.get(number, 0), _instant(end))
        origin_of(unit, number, origins)
    return found


def _instant(end: object) -> int:
    if type(end) is int:
        return end
    raise RowBroken(table="records")


def ids_of(unit: Unit, subject: int) -> list[tuple[int, bytes]]:
    """Return (origin number, record id) of every record of a person."""
    return [(number, bytes(record)) for number, record in _rows(unit, _IDS, subject)]


def any_of(unit: Unit, subject: int) -> bool:
    """Whether a person has any record."""
    return bool(_rows(unit, _ANY, subject))


def origins_of(unit: Unit, subject: int) -> list[int]:
    """Return the numbers of the origins of which a person has records."""
    return sorted({number for (number,) in _rows(unit, _KEPT, subject)})


def origins_of_all(unit: Unit, people: Iterable[int]) -> list[tuple[int, int]]:
    """Return (subject, origin number) of everything that some people have."""
    wanted = [(subject,) for subject in people]
    return [(s, number) for each in _ORIGINS_OF_ALL.both for s, number in each.run(unit, wanted)]


def held(unit: Unit, subject: int, now: int, *, over: bool = False) -> list[Row]:
    """Return (origin, how many, first and last collected, first and last to go) of what has not expired.

    With `over`, of what has, and is still here. In the order of the origins. Raises `RowBroken`.
    """
    rows = _rows(unit, _OVER if over else _HELD, subject, now)
    if any(type(value) is not int for row in rows for value in row):
        raise RowBroken(table="records")
    return sorted(rows)


def remove_person(unit: Unit, subject: int) -> int:
    """Remove every record of a person; return how many."""
    return sum(unit.count(each, subject) for each in _REMOVE_PERSON.both)


def remove_all(unit: Unit, subject: int, origin: int) -> int:
    """Remove the records of a person and origin; return how many."""
    return sum(unit.count(each, subject, origin) for each in _REMOVE_ALL.both)
