"""The baseline in one PostgreSQL database, through a pool of psycopg connections."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from queue import SimpleQueue
from typing import Any

import psycopg
from sqlalchemy import Executable, create_engine

from troth.bench.baseline import ADD, DELETE, EXPIRE, JOIN, PLAIN, READ, READ_MANY, Row
from troth.bench.measure import CALLERS
from troth.clock import Instant


class PlainPostgres:
    """Plaintext in one PostgreSQL database: a pool of psycopg connections, statements prepared."""

    def __init__(self, url: str, connections: int = CALLERS) -> None:
        engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://", 1))
        PLAIN.create_all(engine)
        self._dialect = engine.dialect
        engine.dispose()
        self._pool: SimpleQueue[psycopg.Connection[Any]] = SimpleQueue()
        for _ in range(connections):
            self._pool.put(psycopg.connect(url, autocommit=True, prepare_threshold=1))
        self._texts: dict[int, str] = {}

    @contextmanager
    def _connected(self) -> Iterator[psycopg.Connection[Any]]:
        connection = self._pool.get()
        try:
            yield connection
        finally:
            self._pool.put(connection)

    def _text(self, statement: Executable) -> Any:  # noqa: ANN401 - psycopg wants literal text
        found = self._texts.get(id(statement))
        if found is None:
            found = self._texts[id(statement)] = str(statement.compile(dialect=self._dialect))  # type: ignore[attr-defined]
        return found

    def _run_many(self, statement: Executable, rows: Sequence[Row]) -> None:
        with self._connected() as connection, connection.transaction():
            connection.cursor().executemany(self._text(statement), rows)

    def join(self, references: Sequence[str]) -> None:
        """Add members."""
        self._run_many(JOIN, [{"about": about} for about in references])

    def add(self, category: str, row: Row) -> None:
        """Add one row; one statement is one transaction."""
        with self._connected() as connection:
            connection.execute(self._text(ADD[category]), row)

    def add_many(self, category: str, rows: Sequence[Row]) -> None:
        """Add rows by one `executemany`, which psycopg pipelines."""
        self._run_many(ADD[category], rows)

    def read(self, about: str) -> Sequence[Any]:
        """Return a member's account over a connection from the pool."""
        with self._connected() as connection:
            found: Any = connection.execute(self._text(READ), {"about": about}).fetchone()
        return found  # type: ignore[no-any-return]

    def read_many(self, abouts: Sequence[str]) -> list[Sequence[Any]]:
        """Return many members' accounts by one statement."""
        with self._connected() as connection:
            found = connection.execute(READ_MANY, [list(abouts)], binary=True).fetchall()
        by = {about: values for about, *values in found}
        return [by[about] for about in abouts]

    def erase(self, about: str, categories: Sequence[str]) -> None:
        """Delete a member's rows."""
        with self._connected() as connection, connection.transaction():
            for category in categories:
                connection.execute(self._text(DELETE[category]), {"about": about})

    def expire(self, category: str, now: Instant) -> None:
        """Delete what is over, as one statement."""
        with self._connected() as connection:
            connection.execute(self._text(EXPIRE[category]), {"now": now})

    def fold(self) -> None:
        """Nothing: PostgreSQL folds its own log."""

    def size(self) -> int:
        """Return the bytes of the database."""
        with self._connected() as connection:
            connection.execute("VACUUM")
            return int(connection.execute("SELECT pg_database_size(current_database())").fetchall()[0][0])

    def close(self) -> None:
        """Close every connection."""
        while not self._pool.empty():
            self._pool.get().close()
