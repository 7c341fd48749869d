"""How a revision is tested with rows: what stood in every table before it, and what became of that.

A new revision adds one `Step` to `STEPS`; a test fails until it does. The rows before it are made up
for every column of every table, least and greatest of its type; where a revision reads what a column
means (JSON, a code), the step brings rows of its own for that table. `becomes` says in plain Python
what the rows are afterwards, independently of the SQL that moves them.
"""

from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import (
    BigInteger,
    Connection,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    Table,
    inspect,
    text,
)

from troth.store import migrate

Rows = dict[str, list[dict[str, Any]]]  # of every table, in a fixed order


@dataclass(frozen=True)
class Step:
    """One revision: the database it changes, its name and the one before, and what becomes of rows."""

    which: migrate.Which
    before: str
    after: str
    becomes: Callable[[Rows], Rows]  # may change what it is given
    rows: Mapping[str, list[dict[str, Any]]] = field(default_factory=dict)
    folder: Path | None = None  # of a revision that is no part of Troth

    def prepare(self, connection: Connection) -> Rows:
        """Make a database of the revision before, with rows in every table, and return them."""
        migrate.upgrade(connection, self.which, until=self.before)
        with connection.begin():
            for table in tables(connection):
                make_room(connection, table)
                connection.execute(table.insert(), self.rows.get(table.name) or sample(table))
        return held(connection)

    def take(self, connection: Connection) -> None:
        """Run the revision, as `upgrade` runs it."""
        if self.folder is None:
            migrate.upgrade(connection, self.which, until=self.after)
            return
        with migrate._alone(connection):
            migrate._run(connection, self.after, migrate.FOLDER / self.which, self.folder)

    def expected(self, before: Rows) -> Rows:
        """Return what the rows should have become."""
        return {name: in_order(rows) for name, rows in self.becomes(deepcopy(before)).items()}


def _later(rows: Rows) -> Rows:
    for row in rows["settings"]:
        row["changed_at"] = 0
    rows["farewells"] = [{"subject": row["subject"]} for row in rows["erased"] if row["erased_on"] > 0]
    rows["erased"] = [{"subject": row["subject"], "gone_at": row["erased_on"]} for row in rows["erased"]]
    return rows


STEPS = (Step("store", migrate.HEAD["store"], "store_later", _later, folder=Path(__file__).parent / "later"),)


def tables(connection: Connection) -> list[Table]:
    """Return every table that is really there, but for Alembic's."""
    found = MetaData()
    found.reflect(connection)
    return [table for table in found.sorted_tables if table.name != "alembic_version"]


def sample(table: Table) -> list[dict[str, Any]]:
    """Return two rows for a table: the least and the greatest that its columns take."""
    values = {column.name: _ends(column.type) for column in table.columns}
    return [{name: ends[which] for name, ends in values.items()} for which in (0, 1)]


def make_room(connection: Connection, table: Table) -> None:
    """Make one partition for all that may come, where a table has partitions."""
    if connection.dialect.name == "postgresql" and table.name == "streams":
        bounds = "FROM (MINVALUE, MINVALUE) TO (MAXVALUE, MAXVALUE)"
        connection.execute(text(f"CREATE TABLE streams_room PARTITION OF streams FOR VALUES {bounds}"))


def held(connection: Connection) -> Rows:
    """Return all rows of all tables."""
    with connection.begin():
        return {
            table.name: in_order([dict(row) for row in connection.execute(table.select()).mappings()])
            for table in tables(connection)
        }


def in_order(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return rows in an order that does not depend on the database."""
    return sorted(rows, key=lambda row: sorted((name, repr(value)) for name, value in row.items()))


def shape(connection: Connection) -> dict[str, dict[str, Any]]:
    """Return all that a database says of its tables, whichever way they came to be."""
    with connection.begin():
        seen = inspect(connection)
        written: dict[str, str] = {}
        if connection.dialect.name == "sqlite":
            written = dict(
                connection.execute(text("SELECT name, sql FROM sqlite_master WHERE type = 'table'")).all()
            )
        return {
            name: {
                "columns": {
                    column.pop("name"): {key: repr(value) for key, value in column.items()}
                    for column in map(dict, seen.get_columns(name))
                },
                "key": seen.get_pk_constraint(name),
                "unique": sorted(seen.get_unique_constraints(name), key=repr),
                "indexes": sorted(seen.get_indexes(name), key=repr),
                "foreign": seen.get_foreign_keys(name),
                "checks": seen.get_check_constraints(name),
                "without_rowid": written.get(name, "").rstrip().endswith("WITHOUT ROWID"),
            }
            for name in seen.get_table_names()
            if name != "alembic_version"
        }


def _ends(kind: object) -> tuple[Any, Any]:
    if isinstance(kind, LargeBinary):
        return b"", bytes(range(240, 256))
    if isinstance(kind, Integer):
        bits = 15 if isinstance(kind, SmallInteger) else 63 if isinstance(kind, BigInteger) else 31
        return -(2**bits), 2**bits - 1
    return "", "Zoë 王 \U0001f512\n'\""[: getattr(kind, "length", None) or 32]
