"""The baseline: the same members in plaintext, with no promise, as a good developer would file them.

One table a category, its fields as columns, an index for the member and one for the expiry; the same
engine and the same durability as a house has (SQLite: write-ahead log, full sync, `secure_delete`;
PostgreSQL: `fsync` on). SQLite through SQLAlchemy Core and a pool; PostgreSQL through a pool of psycopg
connections in autocommit, every statement prepared.
"""

import sqlite3
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from queue import SimpleQueue
from typing import Any, Protocol

import psycopg
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Executable,
    Integer,
    MetaData,
    Table,
    Text,
    bindparam,
    create_engine,
    delete,
    event,
    insert,
    select,
)
from sqlalchemy.pool import QueuePool

from troth.bench.measure import CALLERS
from troth.clock import Instant

COLUMNS = {
    "account": ("phone", "email", "username"),
    "identity": ("name", "gender", "birth_date", "id_number"),
    "payment": ("holder", "iban"),
    "support": ("topic", "message"),
    "device": ("device_id", "model", "system"),
    "network": ("ip", "time"),
    "transactions": ("time", "kind", "amount", "currency", "reference", "counterparty"),
    "activity": ("time", "action", "succeeded"),
    "usage": ("time", "browser", "language", "page", "came_from"),
}
UNIQUE = frozenset(COLUMNS["account"])
PRAGMAS = (
    "journal_mode=WAL", "synchronous=FULL", "secure_delete=ON", "busy_timeout=30000",
    "wal_autocheckpoint=4096", "temp_store=MEMORY", "cache_size=-65536",
)  # fmt: skip

_plain = MetaData()
_key = BigInteger().with_variant(Integer, "sqlite")
members = Table(
    "members",
    _plain,
    Column("member", _key, primary_key=True, autoincrement=True),
    Column("reference", Text, nullable=False, unique=True),
)
tables = {
    category: Table(
        category,
        _plain,
        Column("id", _key, primary_key=True, autoincrement=True),
        Column("member", BigInteger, nullable=False, index=True),
        *(
            Column(name, Boolean if name == "succeeded" else Text, unique=name in UNIQUE or None)
            for name in columns
        ),
        Column("collected_at", BigInteger, nullable=False),
        Column("expires_at", BigInteger, nullable=False, index=True),
    )
    for category, columns in COLUMNS.items()
}
Row = Mapping[str, Any]


def row(about: str, category: str, values: Mapping[str, Any], at: Instant, until: Instant) -> Row:
    """Return the parameters of one row, from the values that a house is given."""
    flat = dict.fromkeys(COLUMNS[category])
    for name, value in values.items():
        flat.update(value if isinstance(value, dict) else {name: value})
    return {**flat, "about": about, "collected_at": at, "expires_at": until}


def _member() -> Any:  # noqa: ANN401 - a scalar subquery
    return select(members.c.member).where(members.c.reference == bindparam("about")).scalar_subquery()


_JOIN: Executable = insert(members).values(reference=bindparam("about"))
_ADD: Mapping[str, Executable] = {
    name: insert(table).values(
        member=_member(),
        **{column: bindparam(column) for column in (*COLUMNS[name], "collected_at", "expires_at")},
    )
    for name, table in tables.items()
}
_account = tables["account"]
_READ: Executable = (
    select(_account.c.phone, _account.c.email, _account.c.username)
    .join(members, members.c.member == _account.c.member)
    .where(members.c.reference == bindparam("about"))
)
_READ_MANY = (
    "SELECT m.reference, a.phone, a.email, a.username FROM members m JOIN account a ON a.member = m.member"
    " WHERE m.reference = ANY(%s)"
)
_DELETE: Mapping[str, Executable] = {
    name: delete(table).where(table.c.member == _member()) for name, table in tables.items()
}
_EXPIRE: Mapping[str, Executable] = {
    name: delete(table).where(table.c.expires_at <= bindparam("now")) for name, table in tables.items()
}


class Plain(Protocol):
    """Members in plaintext. Every writing call is one transaction, durable when it returns."""

    def join(self, references: Sequence[str]) -> None:
        """Add members."""

    def add(self, category: str, row: Row) -> None:
        """Add one row, in a transaction of its own."""

    def add_many(self, category: str, rows: Sequence[Row]) -> None:
        """Add rows by one `executemany`."""

    def read(self, about: str) -> Sequence[Any]:
        """Return a member's account, through the pool."""

    def read_many(self, abouts: Sequence[str]) -> list[Sequence[Any]]:
        """Return many members' accounts, all at once."""

    def erase(self, about: str, categories: Sequence[str]) -> None:
        """Delete a member's rows."""

    def expire(self, category: str, now: Instant) -> None:
        """Delete what is over, as one statement."""

    def fold(self) -> None:
        """Fold the log back, so that nothing deleted stays in the files."""

    def size(self) -> int:
        """Return the bytes on disk."""

    def close(self) -> None:
        """Close every connection."""


class PlainSQLite:
    """Plaintext in one SQLite file: SQLAlchemy Core, a pool of connections, one writer at a time."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self._engine = create_engine(
            f"sqlite:///{file}", poolclass=QueuePool, pool_size=CALLERS + 2, connect_args={"timeout": 30.0}
        )
        event.listen(self._engine, "connect", _prepare)
        _plain.create_all(self._engine)
        self._writing = threading.Lock()  # waiting here is faster than SQLite's own retrying
        self._held = self.held()
        self._text = str(_READ.compile(dialect=self._engine.dialect))  # type: ignore[attr-defined]

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
        self._run(_JOIN, [{"about": about} for about in references])

    def add(self, category: str, row: Row) -> None:
        """Add one row, in a transaction of its own."""
        self._run(_ADD[category], row)

    def add_many(self, category: str, rows: Sequence[Row]) -> None:
        """Add rows by one `executemany`."""
        self._run(_ADD[category], rows)

    def read(self, about: str) -> Sequence[Any]:
        """Return a member's account: connect (from the pool) and read."""
        with self._engine.connect() as connection:
            return connection.execute(_READ, {"about": about}).one()

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
                connection.execute(_DELETE[category], {"about": about})

    def expire(self, category: str, now: Instant) -> None:
        """Delete what is over, as one statement."""
        self._run(_EXPIRE[category], {"now": now})

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


class PlainPostgres:
    """Plaintext in one PostgreSQL database: a pool of psycopg connections, statements prepared."""

    def __init__(self, url: str, connections: int = CALLERS) -> None:
        engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://", 1))
        _plain.create_all(engine)
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
        self._run_many(_JOIN, [{"about": about} for about in references])

    def add(self, category: str, row: Row) -> None:
        """Add one row; one statement is one transaction."""
        with self._connected() as connection:
            connection.execute(self._text(_ADD[category]), row)

    def add_many(self, category: str, rows: Sequence[Row]) -> None:
        """Add rows by one `executemany`, which psycopg pipelines."""
        self._run_many(_ADD[category], rows)

    def read(self, about: str) -> Sequence[Any]:
        """Return a member's account over a connection from the pool."""
        with self._connected() as connection:
            found: Any = connection.execute(self._text(_READ), {"about": about}).fetchone()
        return found  # type: ignore[no-any-return]

    def read_many(self, abouts: Sequence[str]) -> list[Sequence[Any]]:
        """Return many members' accounts by one statement."""
        with self._connected() as connection:
            found = connection.execute(_READ_MANY, [list(abouts)], binary=True).fetchall()
        by = {about: values for about, *values in found}
        return [by[about] for about in abouts]

    def erase(self, about: str, categories: Sequence[str]) -> None:
        """Delete a member's rows."""
        with self._connected() as connection, connection.transaction():
            for category in categories:
                connection.execute(self._text(_DELETE[category]), {"about": about})

    def expire(self, category: str, now: Instant) -> None:
        """Delete what is over, as one statement."""
        with self._connected() as connection:
            connection.execute(self._text(_EXPIRE[category]), {"now": now})

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


def _prepare(connection: Any, _record: object) -> None:  # noqa: ANN401 - sqlite3.Connection
    for pragma in PRAGMAS:
        connection.execute(f"PRAGMA {pragma}").fetchall()
