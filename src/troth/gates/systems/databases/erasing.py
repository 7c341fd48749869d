"""Erase a person from another database, in one transaction; then look again, in a new one."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    and_,
    delete,
    func,
    null,
    select,
    tuple_,
    update,
)

from troth.errors import NotDoneThere
from troth.gates.systems.databases.finding import Finding
from troth.gates.systems.databases.mapping import Mapped, Place
from troth.gates.systems.databases.parting import Setting, goings, otherwise, pieces
from troth.gates.systems.declared import ANONYMISE, DELETE, KEEP, NOBODY, Database, TableRule
from troth.gates.systems.system import Answer, Order

FOUND_AGAIN = "found-again"
UNKNOWN_THERE = "unknown-there"
MOST_GIVEN = 30_000  # values of one statement: PostgreSQL takes 65,535, SQLite 32,766


def check_known(declared: Database, order: Order) -> None:
    """Raise `NotDoneThere` (stuck) unless every table can be looked through for the person.

    A value that we do not hold may be held there: only who declared `absent = "nobody"` says otherwise.
    """
    for rule in declared.tables:
        for owner in rule.owners:
            if owner.absent != NOBODY and not order.known.get(owner.by):
                raise NotDoneThere(system=declared.name, problem=UNKNOWN_THERE, stuck=True)


def erase(place: Place, order: Order) -> Answer:
    """Do what each table's rule says, and read back that nothing of the person is found by any path.

    Done twice, the second finds nothing to do. Raises `NotDoneThere`, and what the driver raises.
    """
    check_known(place.declared, order)
    counts: Counter[str] = Counter()
    with place.connected() as connection:
        with connection.begin():
            tables = place.mapped(connection)
            for table, number in _Eraser(connection, tables, place.declared, order).run():
                counts[table] += number
        with connection.begin():
            kept = look_again(connection, place.mapped(connection), order, place.declared.name)
        if place.engine.dialect.name == "sqlite":
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    return Answer(done=True, counts=dict(counts), kept=kept)


def look_again(
    connection: Connection, tables: Sequence[Mapped], order: Order, system: str
) -> dict[str, tuple[str, int]]:
    """Return what stays, by table, under which clause; raises `NotDoneThere` when anything else is found.

    All tables are looked through by one statement, which sees one state of them.
    """
    finding = Finding(system, order.known, connection.dialect.name)
    going = goings(tables, order.categories, system)
    looked: list[tuple[TableRule, ColumnElement[int]]] = []
    for table in tables:
        part = going[table.rule.name]
        if part is None:
            continue
        if table.rule.erase != KEEP and part:
            for where, setting in pieces(finding, table, part):
                looked.append((table.rule, _count(table, and_(where, otherwise(table, setting)))))
            continue
        kept_or_direct = table.rule.erase == KEEP or table.parent is None
        looked.append(
            (table.rule, _count(table, finding.mine(table) if kept_or_direct else _left(finding, table)))
        )
    if not looked:
        return {}
    numbers = connection.execute(select(*(count for _, count in looked))).one()
    rows = [(rule, int(number)) for (rule, _), number in zip(looked, numbers, strict=True) if number]
    if any(rule.erase != KEEP for rule, _ in rows):
        raise NotDoneThere(system=system, problem=FOUND_AGAIN, stuck=False)
    return {rule.name: (rule.clause, number) for rule, number in rows}


class _Eraser:
    """One erasure under way, in one transaction."""

    def __init__(
        self, connection: Connection, tables: Sequence[Mapped], declared: Database, order: Order
    ) -> None:
        self._connection = connection
        self._tables = tables
        self._batch = declared.batch
        self._finding = Finding(declared.name, order.known, connection.dialect.name)
        self._going = goings(tables, order.categories, declared.name)
        self._waiting: dict[str, list[Any]] = {}

    def run(self) -> Iterator[tuple[str, int]]:
        """Erase table after table, children first; yield how many rows of each went or were changed.

        What its parent refers to is noted first, and goes after the parent, as its keys demand.
        """
        for table in reversed(self._tables):
            if table.holds and self._deletes(table):
                self._waiting[table.rule.name] = self._keys(table)
        for table in reversed(self._tables):
            if table.rule.name not in self._waiting:
                yield table.rule.name, self._go(table)
                self._check_gone(table)
        for table in reversed(self._tables):
            if keys := self._waiting.get(table.rule.name):
                yield table.rule.name, self._delete_keys(table, keys)

    def _deletes(self, table: Mapped) -> bool:
        return table.rule.erase == DELETE and self._going[table.rule.name] == {}

    def _check_gone(self, table: Mapped) -> None:
        """Look at what is found through another table before that one goes: then nobody finds it any more.

        Raises `NotDoneThere`: a rule of the database may have kept rows, without an error.
        """
        if table.parent is None or table.rule.erase == KEEP or self._going[table.rule.name] != {}:
            return
        left = _count(table, _left(self._finding, table))
        if self._connection.execute(select(left)).scalar_one():
            raise NotDoneThere(system=self._finding.system, problem=FOUND_AGAIN, stuck=False)

    def _go(self, table: Mapped) -> int:
        part = self._going[table.rule.name]
        if part is None or table.rule.erase == KEEP:
            return 0
        if part:
            return sum(self._set(table, *piece) for piece in pieces(self._finding, table, part))
        last = self._finding.last(table)
        if table.rule.erase == ANONYMISE:
            count = self._set(table, last, table.rule.parting)
        elif self._by_keys(table):
            count = self._delete_keys(table, self._keys(table))
        else:
            count = int(self._connection.execute(delete(table.table).where(last)).rowcount)
        for owner in table.rule.owners if len(table.rule.owners) > 1 or not self._deletes(table) else ():
            count += self._set(table, self._finding.by(table, owner), owner.parting)
        return count

    def _by_keys(self, table: Mapped) -> bool:
        """Whether rows are deleted by their keys: MariaDB walks the whole table for a subquery in DELETE."""
        return table.parent is not None and bool(table.keys) and self._connection.dialect.name == "mysql"

    def _set(self, table: Mapped, where: ColumnElement[bool], values: Setting) -> int:
        """Set columns of rows that have anything else in them; return how many."""
        given = {name: null() if value is None else value for name, value in values.items()}
        if not given:
            return 0
        changing = update(table.table).where(where, otherwise(table, values)).values(given)
        return int(self._connection.execute(changing).rowcount)

    def _keys(self, table: Mapped) -> list[Any]:
        """Return the keys of the rows that go."""
        keys = table.keys
        if not keys:
            raise NotDoneThere(system=self._finding.system, problem="no-key", stuck=True)
        found = self._connection.execute(select(*keys).where(self._finding.last(table)))
        return [row[0] if len(keys) == 1 else tuple(row) for row in found]

    def _delete_keys(self, table: Mapped, keys: Sequence[Any]) -> int:
        one = len(table.keys) == 1
        named = table.keys[0] if one else tuple_(*table.keys)
        count = 0
        size = min(self._batch, MOST_GIVEN // len(table.keys))
        for low in range(0, len(keys), size):
            some = named.in_(list(keys[low : low + size]))
            count += int(self._connection.execute(delete(table.table).where(some)).rowcount)
            if self._connection.execute(select(_count(table, some))).scalar_one():
                raise NotDoneThere(system=self._finding.system, problem=FOUND_AGAIN, stuck=False)
        return count


def _left(finding: Finding, table: Mapped) -> ColumnElement[bool]:
    """Return which rows that are found through another table should be gone, or lead to nobody."""
    if table.rule.erase == ANONYMISE:
        return and_(finding.last(table), otherwise(table, table.rule.parting))
    return finding.last(table)


def _count(table: Mapped, found: ColumnElement[bool]) -> ColumnElement[int]:
    """Return a count of rows, as a column of a statement over many tables."""
    return select(func.count()).select_from(table.table).where(found).correlate(None).scalar_subquery()
