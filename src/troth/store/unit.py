"""One transaction: everything an act reads and writes, with its ledger lines, whole or absent.

Statements are SQLAlchemy Core, compiled once per dialect, and run on the driver's own cursor: the
path of every request goes through here. A unit holds the ledger's lock from its first statement to
its commit, so units are serial, standing cannot change under a decision, and entries have no gap.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import ClauseElement, text
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


class Joining:
    """A query over many rows of parameters at once: `VALUES` on SQLite, `unnest` on PostgreSQL.

    `query` reads from `{given}`, which stands for the rows, named `g`, with the columns given here
    and their PostgreSQL types. A statement costs ten times what a row of it does.
    """

    __slots__ = ("_columns", "_query", "_texts")
    MOST = 64  # rows in one statement on SQLite, so that few different texts are prepared

    def __init__(self, query: str, **columns: str) -> None:
        self._query = query
        self._columns = columns
        self._texts: dict[int, str] = {}

    def run(self, unit: "Unit", given: Sequence[Row]) -> Iterator[Row]:
        """Yield what the query finds for all rows of `given`, each in the order of the columns."""
        if not given:
            return
        if unit.sqlite:
            for low in range(0, len(given), self.MOST):
                some = given[low : low + self.MOST]
                flat = [value for row in some for value in row]
                yield from unit.fetch(self._text(len(some)), flat)
            return
        yield from unit.fetch(self._text(0), _arrays(self._columns.values(), given))

    def _text(self, rows: int) -> str:
        """Return the SQL for so many rows on SQLite, or for arrays (0) on PostgreSQL."""
        found = self._texts.get(rows)
        if found is None:
            names = ", ".join(self._columns)
            if rows:
                row = f"({', '.join('?' * len(self._columns))})"
                found = f"WITH g({names}) AS (VALUES {', '.join([row] * rows)}) " + self._query.format(
                    given="g"
                )
            else:
                arrays = ", ".join(_place(kind) for kind in self._columns.values())
                found = self._query.format(given=f"unnest({arrays}) AS g({names})")
            self._texts[rows] = found
        return found


class Adding:
    """Insert many rows at once: `executemany` on SQLite, one `unnest` on PostgreSQL."""

    __slots__ = ("_columns", "_conflict", "_many", "_one", "_table")

    def __init__(self, table: Table, *, latest: Sequence[str] = ()) -> None:
        """Prepare for a table; `latest` names the columns that a row of the same key replaces."""
        self._table = table
        self._columns = [column.name for column in table.columns]
        keys = ", ".join(column.name for column in table.primary_key)
        changed = ", ".join(f"{name} = excluded.{name}" for name in latest)
        self._conflict = f" ON CONFLICT ({keys}) DO UPDATE SET {changed}" if latest else ""
        places = ", ".join(f":{name}" for name in self._columns)
        into = f"INSERT INTO {table.name} ({', '.join(self._columns)})"
        self._one = Prepared(f"{into} VALUES ({places}){self._conflict}")
        self._many: tuple[str, list[str]] | None = None

    def run(self, unit: "Unit", rows: Sequence[Row]) -> None:
        """Insert `rows`, each in the order of the table's columns."""
        if unit.sqlite:
            unit.cursor.executemany(self._one.of(unit.database), rows)
            return
        if self._many is None:
            dialect = unit.database.engine.dialect
            kinds = [column.type.compile(dialect).split("(")[0].lower() for column in self._table.columns]
            names = ", ".join(f'"{name}"' for name in self._columns)
            arrays = ", ".join(_place(kind) for kind in kinds)
            into = f"INSERT INTO {self._table.name} ({names}) SELECT * FROM unnest({arrays})"  # noqa: S608
            self._many = f"{into}{self._conflict}", kinds
        statement, kinds = self._many
        unit.later(statement, _arrays(kinds, rows))


_WHOLE = frozenset({"smallint", "integer", "bigint"})


def _place(kind: str) -> str:
    """Return where an array of a PostgreSQL type goes: bytes in binary form, which is not escaped."""
    return f"%b::{kind}[]" if kind == "bytea" else f"%s::{kind}[]"


def _arrays(kinds: Iterable[str], rows: Sequence[Row]) -> list[Any]:
    """Return the columns of rows as arrays for the driver; whole numbers as text, which is soonest made."""
    return [
        f"{{{','.join(map(str, column))}}}" if kind in _WHOLE else list(column)
        for kind, column in zip(kinds, zip(*rows, strict=True), strict=True)
    ]


class Unit:
    """One open transaction on the store.

    On PostgreSQL, writes wait until something is read or the unit commits, and go there in one round trip.
    """

    __slots__ = ("_waiting", "cursor", "database", "erasing", "size", "sqlite")

    def __init__(self, database: Database, cursor: Any) -> None:  # noqa: ANN401
        self.database = database
        self.cursor = cursor
        self.sqlite = database.file is not None
        self.size = 0  # of the ledger when the unit began
        self.erasing = False  # whether any erasure was under way then
        self._waiting: list[tuple[str, Sequence[Any]]] = []

    def rows(self, statement: Prepared, *parameters: Any) -> list[Row]:  # noqa: ANN401
        """Run one statement and return its rows."""
        return self.fetch(statement.of(self.database), parameters)

    def fetch(self, statement: str, parameters: Sequence[Any]) -> list[Row]:
        """Run the driver's text of one statement and return its rows."""
        self.write()
        found: list[Row] = self.cursor.execute(statement, parameters).fetchall()
        return found

    def count(self, statement: Prepared, *parameters: Any) -> int:  # noqa: ANN401
        """Run one statement and return how many rows it touched."""
        self.write()
        return int(self.cursor.execute(statement.of(self.database), parameters).rowcount)

    def run(self, statement: Prepared, *parameters: Any) -> None:  # noqa: ANN401
        """Run one statement that answers nothing."""
        self.later(statement.of(self.database), parameters)

    def later(self, statement: str, parameters: Sequence[Any]) -> None:
        """Run the driver's text of one statement; on PostgreSQL before the next that is read, or the end."""
        if self.sqlite:
            self.cursor.execute(statement, parameters)
        else:
            self._waiting.append((statement, parameters))

    def write(self, last: str = "") -> None:
        """Run what waits, and a last statement; in one round trip."""
        if not self._waiting:
            if last:
                self.cursor.execute(last)
            return
        with self.cursor.connection.pipeline():
            for statement, parameters in self._waiting:
                self.cursor.execute(statement, parameters)
            self._waiting.clear()
            if last:
                self.cursor.execute(last)

    def mark(self) -> None:
        """Remember this place of the transaction, for `undo`."""
        self.write("SAVEPOINT rehearsed")

    def undo(self) -> None:
        """Undo every write since `mark`; the transaction goes on."""
        self.write("ROLLBACK TO SAVEPOINT rehearsed")

    def add(self, adding: Adding, rows: Sequence[Row]) -> None:
        """Insert rows; nothing when there are none."""
        if rows:
            adding.run(self, rows)


_BEGUN = "SELECT (SELECT coalesce(max(entry) + 1, 0) FROM entries), EXISTS (SELECT 1 FROM erasures)"
_OPENING = f"BEGIN; SELECT pg_advisory_xact_lock({LEDGER_LOCK}); {_BEGUN}"


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
                here.size, here.erasing = cursor.execute(_BEGUN).fetchone()
            else:
                here.size, here.erasing = _begun(raw)
            yield here
            here.write("COMMIT")
        except BaseException:
            filing.store.abandon(cursor)
            raise
        cursor.close()


def _begun(raw: Any) -> Row:  # noqa: ANN401
    """Begin, wait for the ledger's lock, read what a unit knows first: one round trip to PostgreSQL."""
    opening = raw.execute(_OPENING)
    while opening.nextset():
        pass
    begun: Row = opening.fetchone()
    return begun
