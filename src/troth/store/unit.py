"""One transaction: everything an act reads and writes, with its ledger lines, whole or absent.

Statements are SQLAlchemy Core, compiled once per dialect, and run on the driver's own cursor: the
path of every request goes through here. A unit holds the ledger's lock from its first statement to
its commit, so units are serial, standing cannot change under a decision, and entries have no gap.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import ClauseElement, insert, text
from sqlalchemy.sql.schema import Table

from troth.store.databases import LEDGER_LOCK, Database, Filing, reachable

Row = tuple[Any, ...]


class Prepared:
    """A Core statement whose text is made once per dialect; parameters are given in order."""

    __slots__ = ("_statement", "_texts")

    def __init__(self, statement: ClauseElement | str) -> None:
        self._statement = text(statement) if isinstance(statement, str) else statement
        self._texts: dict[str, str] = {}

    def of(self, database: Database) -> str:
        """Return the text for a database's driver, with positional parameters."""
        name = database.engine.dialect.name
        found = self._texts.get(name)
        if found is None:
            compiled = self._statement.compile(dialect=database.engine.dialect)
            if any(value is not None for value in compiled.params.values()):
                raise ValueError("a constant in a prepared statement has to be literal")
            found = self._texts[name] = str(compiled)
        return found


class Adding:
    """Insert many rows at once: `executemany` on SQLite, one `unnest` on PostgreSQL."""

    __slots__ = ("_columns", "_one", "_table")

    def __init__(self, table: Table) -> None:
        self._table = table
        self._one = Prepared(insert(table))
        self._columns = [column.name for column in table.columns]

    def run(self, cursor: Any, database: Database, rows: Sequence[Row]) -> None:  # noqa: ANN401
        """Insert `rows`, each in the order of the table's columns."""
        if database.file is not None:
            cursor.executemany(self._one.of(database), rows)
            return
        types = (c.type.compile(database.engine.dialect) for c in self._table.columns)
        arrays = ", ".join(f"%s::{kind.split('(')[0]}[]" for kind in types)
        names = ", ".join(f'"{name}"' for name in self._columns)
        statement = f"INSERT INTO {self._table.name} ({names}) SELECT * FROM unnest({arrays})"  # noqa: S608
        cursor.execute(statement, [list(column) for column in zip(*rows, strict=True)])


class Unit:
    """One open transaction on the store."""

    __slots__ = ("cursor", "database", "size", "sqlite")

    def __init__(self, database: Database, cursor: Any) -> None:  # noqa: ANN401
        self.database = database
        self.cursor = cursor
        self.sqlite = database.file is not None
        self.size = 0  # of the ledger when the unit began

    def rows(self, statement: Prepared, *parameters: Any) -> list[Row]:  # noqa: ANN401
        """Run one statement and return its rows."""
        found: list[Row] = self.cursor.execute(statement.of(self.database), parameters).fetchall()
        return found

    def each(self, statement: Prepared, parameters: Iterable[Sequence[Any]]) -> Iterator[Row]:
        """Run one statement per parameter row and yield all rows; cheap in process (SQLite)."""
        execute, words = self.cursor.execute, statement.of(self.database)
        for given in parameters:
            yield from execute(words, given)

    def run(self, statement: Prepared, *parameters: Any) -> int:  # noqa: ANN401
        """Run one statement and return how many rows it touched."""
        return int(self.cursor.execute(statement.of(self.database), parameters).rowcount)

    def add(self, adding: Adding, rows: Sequence[Row]) -> None:
        """Insert rows; nothing when there are none."""
        if rows:
            adding.run(self.cursor, self.database, rows)


_SIZE = Prepared("SELECT coalesce(max(entry) + 1, 0) FROM entries")
_OPENING = (
    f"BEGIN; SELECT pg_advisory_xact_lock({LEDGER_LOCK}); SELECT coalesce(max(entry) + 1, 0) FROM entries"  # noqa: S608
)


@contextmanager
def unit(filing: Filing) -> Iterator[Unit]:
    """Give one transaction on the store; it commits when the block ends, or never was.

    Raises `StoreUnavailable` and `DiskFull`; a connection that broke is replaced by the next unit.
    """
    with filing.locked(), reachable("store"):
        raw = filing.store.raw()
        cursor = raw.cursor() if filing.sqlite else raw.cursor(binary=True)
        here = Unit(filing.store, cursor)
        try:
            if filing.sqlite:
                cursor.execute("BEGIN IMMEDIATE")
                here.size = here.rows(_SIZE)[0][0]
            else:
                here.size = _begun(raw)
            yield here
            cursor.execute("COMMIT")
        except BaseException:
            _abandon(filing, raw)
            raise
        finally:
            cursor.close()
        filing.store.fold()


def _begun(raw: Any) -> int:  # noqa: ANN401
    """Begin, wait for the ledger's lock, read the ledger's size: one round trip to PostgreSQL."""
    opening = raw.execute(_OPENING)
    while opening.nextset():
        pass
    return int(opening.fetchone()[0])


def _abandon(filing: Filing, raw: Any) -> None:  # noqa: ANN401
    try:
        raw.execute("ROLLBACK")
    except Exception:  # noqa: BLE001 - a broken connection cannot roll back; the server does
        filing.store.forget()
