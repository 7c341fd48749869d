"""Open the two databases of a house, and keep their one rule of locking.

SQLite (the embedded default): two files, one connection each way, write-ahead log, full sync,
`secure_delete`. Every transaction and every checkpoint of the log runs under an exclusive lock on one
lock file, in all processes, so a checkpoint can never meet a writer: the corruption race of SQLite
3.7.0 to 3.51.2 (two connections, one resetting the log while the other writes) cannot arise.

PostgreSQL: two databases; every unit takes one advisory lock, which orders the ledger.
"""

import fcntl
import os
import resource
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar, Literal

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.pool import NullPool, StaticPool

from troth.errors import DiskFull, HouseInherited, StoreUnavailable
from troth.store import migrate

Which = Literal["store", "keystore"]
LEDGER_LOCK = 0x74726F7468  # "troth"
_NOT_WRITTEN = ("SQLITE_IOERR_WRITE", "SQLITE_IOERR_TRUNCATE", "SQLITE_IOERR_SHMSIZE")
BUSY = 30_000  # milliseconds, for which SQLite waits for others
LOG_PAGES = 4096  # SQLite folds its log back, within a commit, once it has so many pages (16 MB)


class FileLock:
    """An exclusive lock on one file, across processes; not reentrant, held for one transaction.

    A child that was forked while its parent had the file open has SQLite's idea of the parent's locks,
    and must not open the databases beside it: it is refused with `HouseInherited`.
    """

    __slots__ = ("_descriptor", "_path")
    _open: ClassVar[dict[Path, int]] = {}  # which process opened each

    def __init__(self, path: Path) -> None:
        self._path = path.resolve()
        if self._open.get(self._path, os.getpid()) != os.getpid():
            raise HouseInherited
        self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        self._open[self._path] = os.getpid()

    def acquire(self) -> None:
        """Wait until nobody else holds it."""
        fcntl.flock(self._descriptor, fcntl.LOCK_EX)

    def release(self) -> None:
        """Let the next one have it."""
        fcntl.flock(self._descriptor, fcntl.LOCK_UN)

    def close(self) -> None:
        """Give the file back."""
        os.close(self._descriptor)
        self._open.pop(self._path, None)


class Database:
    """One database of a house: an engine, and the driver's connection this process works on."""

    def __init__(self, which: Which, url: str, file: Path | None = None) -> None:
        self.which = which
        self.file = file
        self.engine = _sqlite(file) if file else _postgres(url)
        self._raw: Any = None

    def raw(self) -> Any:  # noqa: ANN401 - sqlite3.Connection or psycopg.Connection
        """Return the driver's own connection, kept open between units; a fresh one when it broke."""
        if self._raw is not None and self.file is None and self._raw.driver_connection.closed:
            self.forget()
        if self._raw is None:
            self._raw = self.engine.raw_connection()
            if self.file is None:
                self._raw.driver_connection.autocommit = True  # a unit says BEGIN and COMMIT itself
        return self._raw.driver_connection

    def abandon(self, cursor: Any) -> None:  # noqa: ANN401 - of the driver
        """Roll back what is open; a connection that cannot is dropped, and the server rolls back.

        One to PostgreSQL always is: it may have been interrupted in the middle of a pipeline. A cursor of
        SQLite that was interrupted while it read would keep the log from being folded.
        """
        if self.file is None:
            self.forget()
            return
        try:
            cursor.close()
            self.raw().execute("ROLLBACK")
        except Exception:  # noqa: BLE001 - whatever it is, the connection cannot be used again
            self.forget()

    def forget(self) -> None:
        """Drop a connection that broke, so that the next unit opens a fresh one."""
        broken, self._raw = self._raw, None  # first, for it may be an interrupt that comes next
        if broken is not None:
            broken.invalidate()
        if self.file is not None:
            self.engine.dispose()  # its pool holds one connection, and would give the broken one again

    def fold(self) -> bool:
        """Fold SQLite's log back into its file and empty it; False when a reader kept it. The lock is held.

        Otherwise SQLite folds it when it has grown, and writes over it: flushing bytes that are there
        already takes half the time of flushing a file that grows.
        """
        if self.file is None:
            return True
        ((busy, *_),) = self.raw().execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        return not busy

    def close(self) -> None:
        """Close every connection."""
        if self._raw is not None:
            self._raw.close()
            self._raw = None
        self.engine.dispose()


class Filing:
    """The store and the keystore of one house, opened; used by one thread at a time.

    On SQLite the lock file is held around everything that may write; `locked` nests.
    """

    def __init__(self, store: Database, keystore: Database, lock: FileLock | None) -> None:
        self.store, self.keystore = store, keystore
        self.sqlite = lock is not None
        self._lock = lock
        self._depth = 0

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep other processes out while an SQLite file may be written; nothing on PostgreSQL."""
        entered = False
        try:
            self._depth, entered = self._depth + 1, True
            if self._lock is not None and self._depth == 1:
                self._lock.acquire()
            yield
        finally:  # an interrupt may come anywhere, so also when the lock was taken a moment ago
            self._depth -= entered
            if self._lock is not None and self._depth == 0:
                try:
                    self._lock.release()
                except BaseException:  # before it let go
                    self._lock.release()
                    raise

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Keep everybody else from writing for several units; on PostgreSQL with a lock of the session."""
        with self.locked(), reachable("store"):
            if self.sqlite:
                yield
                return
            try:
                self.store.raw().execute(f"SELECT pg_advisory_lock({LEDGER_LOCK})")
                yield
            finally:
                self._unlock()

    def _unlock(self) -> None:
        """Give the session's lock back; a session that cannot is dropped, and the server gives it back."""
        try:
            self.store.raw().execute(f"SELECT pg_advisory_unlock({LEDGER_LOCK})")
        except BaseException as problem:  # what was done within is done
            self.store.forget()
            if not isinstance(problem, Exception):
                raise

    def upgrade(self) -> None:
        """Bring both databases to this Troth's schema; raises `DatabaseNewer`, changing nothing."""
        with self.locked():
            behind = []
            for database in (self.store, self.keystore):
                with reachable(database.which), database.engine.connect() as connection:
                    if not migrate.require_current(connection, database.which):
                        behind.append(database)
            for database in behind:
                with reachable(database.which), database.engine.connect() as connection:
                    migrate.upgrade(connection, database.which)

    @contextmanager
    def connect(self, which: Which) -> Iterator[Connection]:
        """Give a SQLAlchemy connection in a transaction of its own, for statements that are rare."""
        database = self.store if which == "store" else self.keystore
        with self.locked(), reachable(which), database.engine.begin() as connection:
            yield connection

    def fold(self) -> None:
        """Fold SQLite's logs back and empty them, so that nothing removed stays in them."""
        with self.locked():
            for database in (self.store, self.keystore):
                with reachable(database.which):
                    database.fold()

    def close(self) -> None:
        """Close both databases; SQLite folds its logs on the way."""
        with self.locked():
            self.store.close()
            self.keystore.close()
        if self._lock is not None:
            self._lock.close()


@contextmanager
def reachable(which: str) -> Iterator[None]:
    """Turn a driver's failure into `StoreUnavailable` or `DiskFull`, without its text.

    A driver's message may quote values; none leaves this room.
    """
    try:
        yield
    except Exception as problem:
        name = type(problem).__name__
        cause = getattr(problem, "orig", None) or problem
        if type(cause).__module__.split(".")[0] not in ("sqlite3", "psycopg", "sqlalchemy"):
            raise
        if _is_full(cause):
            raise DiskFull(where=which) from None
        raise StoreUnavailable(which=which, problem=type(cause).__name__ or name) from None


def _is_full(cause: Exception) -> bool:
    """Whether a driver failed for want of room: of the disk, a quota, or the size that a file may have."""
    if "disk is full" in str(cause) or type(cause).__name__ == "DiskFull":
        return True
    limited = resource.getrlimit(resource.RLIMIT_FSIZE)[0] != resource.RLIM_INFINITY
    return limited and getattr(cause, "sqlite_errorname", "") in _NOT_WRITTEN


def sqlite_version() -> str:
    """Return the version of the SQLite that this Python brings."""
    return sqlite3.sqlite_version


def open_sqlite(directory: Path) -> Filing:
    """Return store and keystore as files in a directory, under one lock file."""
    keys = directory / "keys"
    keys.mkdir(mode=0o700, exist_ok=True)
    return Filing(
        Database("store", "", directory / "store.db"),
        Database("keystore", "", keys / "keystore.db"),
        FileLock(directory / "troth.lock"),
    )


def open_postgres(store_url: str, keystore_url: str) -> Filing:
    """Return store and keystore in two PostgreSQL databases; raises `StoreUnavailable` for no address."""
    return Filing(_addressed("store", store_url), _addressed("keystore", keystore_url), None)


def _addressed(which: Which, url: str) -> Database:
    with reachable(which):
        try:
            return Database(which, url)
        except ValueError:  # of a port that is no number
            raise StoreUnavailable(which=which, problem="ValueError") from None


def _sqlite(file: Path) -> Engine:
    engine = create_engine(
        f"sqlite:///{file}",
        poolclass=StaticPool,
        connect_args={"check_same_thread": False, "isolation_level": None, "timeout": BUSY / 1000},
    )

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: object) -> None:  # noqa: ANN401 - sqlite3.Connection
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            "secure_delete=ON",
            f"busy_timeout={BUSY}",
            f"wal_autocheckpoint={LOG_PAGES}",
            "temp_store=MEMORY",
            "mmap_size=0",
            "cache_size=-65536",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


def _postgres(url: str) -> Engine:
    plain = url.replace("postgresql://", "postgresql+psycopg://", 1)
    # Without a pool a connection that nobody holds any more is closed, and its locks go with it.
    return create_engine(plain, poolclass=NullPool, paramstyle="format")
