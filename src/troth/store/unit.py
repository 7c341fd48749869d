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
                yield from unit.cursor.execute(self._text(len(some)), flat).fetchall()
            return
        yield from unit.cursor.execute(self._text(0), _arrays(self._columns.values(), given)).fetchall()

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

    def run(self, cursor: Any, database: Database, rows: Sequence[Row]) -> None:  # noqa: ANN401
        """Insert `rows`, each in the order of the table's columns."""
        if database.file is not None:
            cursor.executemany(self._one.of(database), rows)
            return
        if self._many is None:
            dialect = database.engine.dialect
            kinds = [column.type.compile(dialect).split("(")[0].lower() for column in self._table.columns]
            names = ", ".join(f'"{name}"' for name in self._columns)
            arrays = ", ".join(_place(kind) for kind in kinds)
            into = f"INSERT INTO {self._table.name} ({names}) SELECT * FROM unnest({arrays})"  # noqa: S608
            self._many = f"{into}{self._conflict}", kinds
        statement, kinds = self._many
        cursor.execute(statement, _arrays(kinds, rows))


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
            filing.store.abandon()  # and the cursor with it
            raise
        cursor.close()


def _begun(raw: Any) -> int:  # noqa: ANN401
    """Begin, wait for the ledger's lock, read the ledger's size: one round trip to PostgreSQL."""
    opening = raw.execute(_OPENING)
    while opening.nextset():
        pass
    return int(opening.fetchone()[0])
