"""Erase a person from another database, in one transaction; then look again, in a new one."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    and_,
    delete,
    func,
    not_,
    null,
    select,
    tuple_,
    update,
)

from troth.errors import NotDoneThere
from troth.gates.systems.databases.finding import Finding
from troth.gates.systems.databases.mapping import Mapped, Place
from troth.gates.systems.declared import ANONYMISE, DELETE, KEEP, NOBODY, Database, Scalar, TableRule
from troth.gates.systems.system import Answer, Order

FOUND_AGAIN = "found-again"
UNKNOWN_THERE = "unknown-there"

Setting = Mapping[str, Scalar | None]


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
    finding = Finding(system, order.known)
    looked: list[tuple[TableRule, ColumnElement[int]]] = []
    for table in tables:
        found = finding.mine(table)
        part = partly(table.rule, order.categories)
        if part is None:
            continue
        if table.rule.erase == KEEP:
            looked.append((table.rule, _count(table, found)))
            continue
        if part:
            found = and_(found, _otherwise(table, part))
        elif table.rule.erase == ANONYMISE and table.parent is not None:
            found = and_(finding.last(table), _otherwise(table, table.rule.parting))
        elif table.parent is not None:
            found = finding.last(table)
        looked.append((table.rule, _count(table, found)))
    if not looked:
        return {}
    numbers = connection.execute(select(*(count for _, count in looked))).one()
    rows = [(rule, int(number)) for (rule, _), number in zip(looked, numbers, strict=True) if number]
    if any(rule.erase != KEEP for rule, _ in rows):
        raise NotDoneThere(system=system, problem=FOUND_AGAIN, stuck=False)
    return {rule.name: (rule.clause, number) for rule, number in rows}


def partly(rule: TableRule, categories: frozenset[str]) -> Setting | None:
    """Return what of a table goes with some categories.

    Empty: all of it, by its own rule. Some columns: only these, to NULL. None: nothing.
    """
    if not categories:
        return {}
    columns = dict(rule.columns)
    for owner in rule.owners:
        columns |= owner.columns
    going = [column for column, word in columns.items() if word.rpartition(".")[0] in categories]
    if not going:
        return None
    return {} if len(going) == len(columns) else dict.fromkeys(going)


class _Eraser:
    """One erasure under way, in one transaction."""

    def __init__(
        self, connection: Connection, tables: Sequence[Mapped], declared: Database, order: Order
    ) -> None:
        self._connection = connection
        self._tables = tables
        self._order = order
        self._batch = declared.batch
        self._finding = Finding(declared.name, order.known)
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
        for table in reversed(self._tables):
            if keys := self._waiting.get(table.rule.name):
                yield table.rule.name, self._delete_keys(table, keys)

    def _deletes(self, table: Mapped) -> bool:
        return table.rule.erase == DELETE and partly(table.rule, self._order.categories) == {}

    def _go(self, table: Mapped) -> int:
        part = partly(table.rule, self._order.categories)
        if part is None or table.rule.erase == KEEP:
            return 0
        if part:
            return self._set(table, self._finding.mine(table), part)
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
        changing = update(table.table).where(where, _otherwise(table, values)).values(given)
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
        for low in range(0, len(keys), self._batch):
            some = list(keys[low : low + self._batch])
            gone = delete(table.table).where(named.in_(some))
            count += int(self._connection.execute(gone).rowcount)
        return count


def _otherwise(table: Mapped, values: Setting) -> ColumnElement[bool]:
    """Return which rows have anything in some columns but what is to be in them."""
    return not_(
        and_(
            *(
                table.column(name).is_(None)
                if value is None
                else and_(table.column(name).isnot(None), table.column(name) == value)
                for name, value in values.items()
            )
        )
    )


def _count(table: Mapped, found: ColumnElement[bool]) -> ColumnElement[int]:
    """Return a count of rows, as a column of a statement over many tables."""
    return select(func.count()).select_from(table.table).where(found).correlate(None).scalar_subquery()
