"""Hold a declared table against the table as it is: what is gone, what came, what its columns take."""

import re
from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import Column, Connection, Engine, Index, MetaData, Table, TextClause, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import DOMAIN
from sqlalchemy.exc import NoSuchTableError
from sqlalchemy.types import TypeEngine

from troth.errors import NotDoneThere
from troth.gates.systems.databases.reaching import UNLIKE, connected
from troth.gates.systems.declared import ANONYMISE, Database, TableRule
from troth.gates.systems.looking import looks_personal


@dataclass(frozen=True, slots=True)
class Mapped:
    """A declared table as it was found."""

    rule: TableRule
    table: Table
    parent: "Mapped | None"
    holds: bool  # the parent refers to it, and has to go first

    @property
    def keys(self) -> tuple[Column[Any], ...]:
        """Its primary key; empty when it has none."""
        return tuple(self.table.primary_key.columns)

    def column(self, name: str) -> Column[Any]:
        """Return one of its columns, which is known to be there."""
        return self.table.c[name]


class Place:
    """One database, and its tables as they were when they were looked at last."""

    __slots__ = ("_seen", "_tables", "declared", "engine")

    def __init__(self, engine: Engine, declared: Database) -> None:
        """Keep where it is; nothing is reached yet."""
        self.engine, self.declared = engine, declared
        self._seen: object = None
        self._tables: tuple[Mapped, ...] = ()

    def connected(self) -> AbstractContextManager[Connection]:
        """Give one connection, given back when the block ends."""
        return connected(self.engine, self.declared.patience)

    def mapped(self, connection: Connection) -> tuple[Mapped, ...]:
        """Return every declared table as it is now, parents first; looked at anew when any column changed.

        Raises `NotDoneThere` as `mapped` does.
        """
        seen = _columns_of(connection, self.declared)
        if seen != self._seen:
            self._tables = mapped(connection, self.declared)
            self._seen = seen
        return self._tables


_PLAIN_COLUMNS = {
    "sqlite": "SELECT name, sql FROM sqlite_master WHERE tbl_name COLLATE NOCASE IN ({}) ORDER BY name",
    # not joined: a table's own lists take half the time, most of which is planning
    "postgresql": "SELECT c.oid, c.relname,"
    " ARRAY(SELECT ROW(a.attname, a.atttypid, a.attnotnull) FROM pg_attribute a WHERE a.attrelid = c.oid"
    " AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum)::text,"
    " ARRAY(SELECT ROW(i.indexrelid, i.indisunique) FROM pg_index i WHERE i.indrelid = c.oid"
    " ORDER BY i.indexrelid)::text FROM pg_class c WHERE c.relname IN ({})"
    " AND c.relkind IN ('r', 'p', 'v', 'f') ORDER BY 1",
    "mysql": "SELECT table_schema, table_name, column_name, column_type, is_nullable"
    " FROM information_schema.columns WHERE table_name IN ({}) UNION ALL"
    " SELECT table_schema, table_name, index_name, column_name, non_unique FROM information_schema.statistics"
    " WHERE table_name IN ({}) ORDER BY 1, 2, 3, 4",
}


def _columns_of(connection: Connection, declared: Database) -> object:
    """Return what tells whether a column or an index of the declared tables changed; all else is slow."""
    names = [rule.name.rpartition(".")[2] for rule in declared.tables]
    given = {f"n{n}": name for n, name in enumerate(names)}
    rows = connection.execute(_looking(connection.dialect.name, len(names)), given).fetchall()
    return [tuple(row) for row in rows]


@cache
def _looking(dialect: str, count: int) -> TextClause:
    """Return the statement that looks at so many tables."""
    return text(_PLAIN_COLUMNS[dialect].replace("{}", ", ".join(f":n{n}" for n in range(count))))


def mapped(connection: Connection, declared: Database) -> tuple[Mapped, ...]:
    """Return every declared table as it is now; parents first.

    Raises `NotDoneThere` (stuck) with `table-missing:NAME`, `column-missing:TABLE.COLUMN`, or, where rows
    stay and a column came that looks personal and is not mapped, `column-new:TABLE.COLUMN`.
    """
    metadata = MetaData()
    found: dict[str, Mapped] = {}
    for rule in declared.tables:
        schema, _, name = rule.name.rpartition(".")
        try:
            table = Table(name, metadata, schema=schema or None, autoload_with=connection, resolve_fks=False)
        except NoSuchTableError:
            table = None
        if table is None:
            raise drifted(declared.name, "table-missing", rule.name)
        _check(declared.name, rule, table)
        parent = found[rule.through.table] if rule.through else None
        if rule.through and parent is not None and rule.through.other not in parent.table.c:
            raise drifted(declared.name, "column-missing", f"{rule.through.table}.{rule.through.other}")
        holds = parent is not None and any(
            key.target_fullname.rpartition(".")[0] == table.fullname for key in parent.table.foreign_keys
        )
        found[rule.name] = Mapped(rule, table, parent, holds)
    return tuple(found.values())


def drifted(system: str, problem: str, name: str) -> NotDoneThere:
    """Return the error of a schema that is not as declared; a strange name is left out."""
    plain = re.fullmatch(r"[A-Za-z0-9_./#-]{1,100}", name) is not None
    return NotDoneThere(system=system, problem=f"{problem}:{name}" if plain else problem, stuck=True)


def _check(system: str, rule: TableRule, table: Table) -> None:
    for name in sorted(rule.mapped):
        if name not in table.c:
            raise drifted(system, "column-missing", f"{rule.name}.{name}")
    if rule.erase != ANONYMISE:
        return
    for column in table.c:
        strange = column.name not in rule.mapped and column.name not in rule.ignored
        if strange and not column.primary_key and looks_personal(column.name, kind_of(column)):
            raise drifted(system, "column-new", f"{rule.name}.{column.name}")


def base_type(column: Column[Any]) -> TypeEngine[Any]:
    """Return the type of a column; of a domain, the one that it is made of."""
    found: TypeEngine[Any] = column.type
    while isinstance(found, DOMAIN):
        found = found.data_type
    return found


def kind_of(column: Column[Any]) -> str:
    """Return what a column holds: `text`, `whole`, `number`, `moment`, `day`, `bytes`, `truth` or `other`."""
    try:
        python = base_type(column).python_type
    except NotImplementedError:
        return "other"
    kinds: Iterable[tuple[type, str]] = (
        (bool, "truth"), (int, "whole"), (str, "text"), (datetime, "moment"), (date, "day"), (bytes, "bytes"),
        (float, "number"), (Decimal, "number"),
    )  # fmt: skip
    return next((name for kind, name in kinds if issubclass(python, kind)), "other")


def is_unique(column: Column[Any]) -> bool:
    """Whether no two rows of its table have the same value in it."""
    keys = list(column.table.primary_key.columns)
    if [key.name for key in keys] == [column.name]:
        return True
    alone = [c for c in column.table.constraints if isinstance(c, UniqueConstraint)]
    if any([each.name for each in constraint.columns] == [column.name] for constraint in alone):
        return True
    indexes = [index for index in column.table.indexes if index.unique and not _of_some_rows(index)]
    return any([each.name for each in index.columns] == [column.name] for index in indexes)


def _of_some_rows(index: Index) -> bool:
    """Whether an index has a condition: among the other rows, a value may come twice."""
    return any(name.endswith("_where") and said is not None for name, said in index.dialect_kwargs.items())


def typed(system: str, column: Column[Any], value: object) -> Any:  # noqa: ANN401 - what the driver takes
    """Return a value as a column's type has it.

    Raises `NotDoneThere` (stuck, `unlike`) for one that cannot be in it.
    """
    if value is None or not isinstance(value, str):
        return value
    try:
        python = base_type(column).python_type
    except NotImplementedError:
        return value
    makers: Mapping[type, Any] = {
        int: int, str: str, Decimal: Decimal, float: float, UUID: UUID,
        date: date.fromisoformat, datetime: datetime.fromisoformat,
    }  # fmt: skip
    try:
        return makers[python](value) if python in makers else value
    except (ValueError, ArithmeticError):
        pass
    raise NotDoneThere(system=system, problem=UNLIKE, stuck=True)
