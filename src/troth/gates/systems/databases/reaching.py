"""Reach another database: the driver, how long anything may take, and what its errors mean.

What a driver says may quote a value. So nothing of it leaves this module but a word of ours, raised where
the driver's own error is no longer at hand.
"""

import sqlite3
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar
from urllib.parse import urlsplit

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import DBAPIError, NoSuchTableError, SQLAlchemyError
from sqlalchemy.pool import NullPool, QueuePool

from troth.errors import NotDoneThere
from troth.gates.addresses import is_loopback
from troth.gates.systems.declared import Database

T = TypeVar("T")
LONGEST_CONNECTING = 10  # seconds
KEPT, KEPT_FOR = (
    2,
    300,
)  # connections to a server that wait for the next order; seconds until each is made anew

UNREACHABLE, TIMEOUT, BUSY = "unreachable", "timeout", "busy"
CREDENTIALS, REFUSED = "credentials", "refused"
SCHEMA, UNLIKE, DRIVER = "schema", "unlike", "driver"
_SCHEMA_STATES = ("42P01", "42703", "42883", "42804", "22P02")
_MYSQL = {
    **dict.fromkeys((1044, 1045, 1142, 1143, 1227, 1370, 1698, 1049), CREDENTIALS),
    **dict.fromkeys((1205, 1213), BUSY),
    **dict.fromkeys((1969, 3024, 1317), TIMEOUT),
    **dict.fromkeys((1048, 1062, 1364, 1451, 1452, 1216, 1217, 4025, 3819, 1644), REFUSED),
    **dict.fromkeys((1054, 1146, 1176, 1366, 1292), SCHEMA),
}
_CREDENTIALS = ("authentication failed", "no password supplied", 'role "', "permission denied", "pg_hba")


def engine_of(declared: Database, password: str) -> Engine:
    """Return an engine for a declared database; nothing is reached yet.

    Connections to a server are kept for the next order, and asked whether they live before each. A file is
    opened anew each time: another one may have taken its place.
    """
    parts = urlsplit(declared.url)
    url = make_url(declared.url)
    if parts.scheme == "sqlite":
        # `rw`: a file that is not there is not made
        url = URL.create("sqlite", database=f"file:{url.database}", query={"mode": "rw", "uri": "true"})
        more: dict[str, Any] = {"timeout": min(declared.patience, 30)}
        kept: dict[str, Any] = {"poolclass": NullPool}
    elif parts.scheme == "postgresql":
        url = url.set(drivername="postgresql+psycopg", password=password or None)
        more = _postgres(declared, url)
    else:
        url = url.set(drivername="mysql+pymysql", password=password or None)
        more = _mysql(declared, url)
    if parts.scheme != "sqlite":
        kept = {"poolclass": QueuePool, "pool_size": KEPT, "pool_recycle": KEPT_FOR, "pool_pre_ping": True}
    engine = create_engine(url, connect_args=more, hide_parameters=True, isolation_level=_level(url), **kept)
    event.listen(engine, "connect", _sqlite_ready(declared) if parts.scheme == "sqlite" else _ready)
    return engine


def _level(url: URL) -> Any:  # noqa: ANN401
    return "SERIALIZABLE" if url.get_backend_name() == "sqlite" else "READ COMMITTED"


def _here(url: URL) -> bool:
    """Whether a server is reached without a network."""
    socket = url.query.get("host") or url.query.get("unix_socket")
    return (not url.host and bool(socket)) or url.host is None or is_loopback(url.host)


def _postgres(declared: Database, url: URL) -> dict[str, Any]:
    wait = declared.patience * 1000
    more: dict[str, Any] = {
        **_nowhere_else(url),
        "connect_timeout": min(LONGEST_CONNECTING, declared.patience),
        "keepalives_idle": 5,
        "keepalives_interval": 5,
        "keepalives_count": 3,
        "tcp_user_timeout": wait,
        "options": f"-c statement_timeout={wait} -c lock_timeout={min(wait, 10_000)}"
        f" -c idle_in_transaction_session_timeout={wait}"
        " -c row_security=off",  # rows that a policy hides are an error, and never taken for gone
        "application_name": "troth",
        "prepare_threshold": None,  # no plan outlives a change of the tables, or a pooler in between
    }
    if not _here(url):
        more |= {"sslmode": "verify-full", "sslrootcert": declared.trust or "system"}
    return more


def _nowhere_else(url: URL) -> dict[str, Any]:
    """Return where a URL leads in full: libpq fills only what is not given from `PGHOSTADDR` and its like.

    What is empty is given, too, and means what libpq was built with: the socket of this machine, port 5432
    (PostgreSQL manual, "Parameter Key Words"). A service of `PGSERVICE` fills nothing that is given either.
    """
    host = url.host or url.query.get("host", "")
    return {"host": host, "hostaddr": "", "port": url.port or "", "dbname": url.database}


def _mysql(declared: Database, url: URL) -> dict[str, Any]:
    more: dict[str, Any] = {
        "connect_timeout": min(LONGEST_CONNECTING, declared.patience),
        "read_timeout": declared.patience + 5,
        "write_timeout": declared.patience + 5,
        "charset": "utf8mb4",
        "init_command": f"SET SESSION innodb_lock_wait_timeout = {min(declared.patience, 10)}",
    }
    if not _here(url):
        more["ssl"] = ssl.create_default_context(cafile=declared.trust or None)
    return more


def _ready(connection: Any, record: object) -> None:  # noqa: ANN401, ARG001 - as SQLAlchemy calls it
    return None


def _sqlite_ready(declared: Database) -> Callable[[sqlite3.Connection, object], None]:
    def ready(connection: sqlite3.Connection, record: object) -> None:  # noqa: ARG001
        connection.execute("PRAGMA secure_delete = ON")
        connection.execute("PRAGMA foreign_keys = ON")
        connection.create_function("troth_folded", 1, _folded, deterministic=True)
        end = time.monotonic() + declared.patience * 10
        connection.set_progress_handler(lambda: int(time.monotonic() > end), 100_000)

    return ready


def _folded(found: Any) -> Any:  # noqa: ANN401 - as SQLite has it
    return found.lower() if isinstance(found, str) else found


@contextmanager
def connected(engine: Engine, patience: int) -> Iterator[Connection]:
    """Give one connection, given back when the block ends; what is not committed by then never was."""
    with engine.connect() as connection:
        if engine.dialect.name == "mysql" and getattr(engine.dialect, "is_mariadb", False):
            connection.exec_driver_sql(f"SET SESSION max_statement_time = {patience}")
            connection.commit()
        yield connection


def reached(name: str, work: Callable[[], T]) -> T:
    """Return what some work returns; raises `NotDoneThere`, which tells nothing of what the driver said."""
    try:
        return work()
    except NotDoneThere:
        raise
    except (SQLAlchemyError, OSError, ValueError, OverflowError, ImportError) as failure:
        problem = problem_of(failure)
    raise NotDoneThere(system=name, problem=problem, stuck=problem in (SCHEMA, UNLIKE, DRIVER))


def problem_of(failure: BaseException) -> str:
    """Return our word for what a driver said."""
    if isinstance(failure, NoSuchTableError):
        return SCHEMA
    if isinstance(failure, ImportError):
        return DRIVER
    if not isinstance(failure, DBAPIError):
        return UNREACHABLE if isinstance(failure, OSError) else UNLIKE
    told: Any = failure.orig
    state = getattr(told, "sqlstate", None)
    if isinstance(told, sqlite3.Error):
        return _of_sqlite(str(told))
    number = told.args[0] if told is not None and told.args else None
    if isinstance(number, int):
        return _MYSQL.get(number, UNREACHABLE)
    if state:
        return _of_state(state)
    text = str(told)
    if any(words in text for words in _CREDENTIALS):
        return CREDENTIALS
    return TIMEOUT if "timeout" in text else UNREACHABLE


def _of_state(state: str) -> str:
    """Return our word for an SQLSTATE of PostgreSQL (appendix A of its manual)."""
    if state in _SCHEMA_STATES:
        return SCHEMA
    if state == "42501" or state.startswith("28") or state == "3D000":
        return CREDENTIALS
    if state in ("57014", "25P03"):
        return TIMEOUT
    if state == "55P03" or state.startswith("40"):
        return BUSY
    if state.startswith(("23", "22", "44", "P0")):
        return REFUSED
    return UNREACHABLE


def _of_sqlite(text: str) -> str:
    if "locked" in text or "busy" in text:
        return BUSY
    if "interrupted" in text:
        return TIMEOUT
    if "no such" in text:
        return SCHEMA
    if "constraint" in text.lower() or "datatype" in text or "readonly" in text:
        return REFUSED
    return UNREACHABLE
