"""The baseline in one SQLite file, through SQLAlchemy Core and a pool of connections."""

import sqlite3
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import Executable, create_engine, event
from sqlalchemy.pool import QueuePool

from troth.bench.baseline import ADD, DELETE, EXPIRE, JOIN, PLAIN, READ, Row
from troth.bench.measure import CALLERS
from troth.clock import Instant

PRAGMAS = (
    "journal_mode=WAL", "synchronous=FULL", "secure_delete=ON", "busy_timeout=30000",
    "wal_autocheckpoint=4096", "temp_store=MEMORY", "cache_size=-65536",
)  # fmt: skip


class PlainSQLite:
    """Plaintext in one SQLite file: SQLAlchemy Core, a pool of connections, one writer at a time."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self._engine = create_engine(
            f"sqlite:///{file}", poolclass=QueuePool, pool_size=CALLERS + 2, connect_args={"timeout": 30.0}
        )
        event.listen(self._engine, "connect", _prepare)
        PLAIN.create_all(self._engine)
        self._writing = threading.Lock()  # waiting here is faster than SQLite's own retrying
        self._held = self.held()
        self._text = str(READ.compile(dialect=self._engine.dialect))  # type: ignore[attr-defined]

    def held(self) -> sqlite3.Connection:
        """Return a raw connection of its own, to be held."""
        raw = sqlite3.connect(self.file, check_same_thread=False, isolation_level=None)
        _prepare(raw, None)
        return raw

    def _run(self, statement: Executable, given: Any) -> None:  # noqa: ANN401 - parameters, or many of them
        with self._writing, self._engine.begin() as connection:
            connection.execute(statement, given)

    def join(self, references: Sequence[str]) -> None:
        """Add members."""
        self._run(JOIN, [{"about": about} for about in references])

    def add(self, category: str, row: Row) -> None:
        """Add one row, in a transaction of its own."""
        self._run(ADD[category], row)

    def add_many(self, category: str, rows: Sequence[Row]) -> None:
        """Add rows by one `executemany`."""
        self._run(ADD[category], rows)

    def read(self, about: str) -> Sequence[Any]:
        """Return a member's account: connect (from the pool) and read."""
        with self._engine.connect() as connection:
            return connection.execute(READ, {"about": about}).one()

    def read_raw(self, about: str) -> Sequence[Any]:
        """Return a member's account over one raw connection that is held; not for several threads."""
        found: Sequence[Any] = self._held.execute(self._text, (about,)).fetchone()
        return found

    def read_many(self, abouts: Sequence[str]) -> list[Sequence[Any]]:
        """Return many members' accounts, in one transaction on the raw connection."""
        self._held.execute("BEGIN")
        found = [self.read_raw(about) for about in abouts]
        self._held.execute("COMMIT")
        return found

    def erase(self, about: str, categories: Sequence[str]) -> None:
        """Delete a member's rows."""
        with self._writing, self._engine.begin() as connection:
            for category in categories:
                connection.execute(DELETE[category], {"about": about})

    def expire(self, category: str, now: Instant) -> None:
        """Delete what is over, as one statement."""
        self._run(EXPIRE[category], {"now": now})

    def fold(self) -> None:
        """Fold the log back and empty it."""
        self._held.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    def size(self) -> int:
        """Return the bytes of the file, its log folded back."""
        self.fold()
        return self.file.stat().st_size

    def close(self) -> None:
        """Close every connection."""
        self._held.close()
        self._engine.dispose()


def _prepare(connection: Any, _record: object) -> None:  # noqa: ANN401 - sqlite3.Connection
    for pragma in PRAGMAS:
        connection.execute(f"PRAGMA {pragma}").fetchall()
