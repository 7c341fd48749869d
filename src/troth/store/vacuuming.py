"""Write a database anew, so that nothing that was deleted stays in its files.

`secure_delete` overwrites what SQLite deletes, but not the copies that it left in gaps of pages when it
moved rows between them (https://sqlite.org/pragma.html#pragma_secure_delete); PostgreSQL leaves old versions
of rows, and what stood in a page before, until the page is used again. VACUUM and VACUUM FULL copy what is
there into new pages, and give the old ones back.
"""

from typing import Any

from troth.store.databases import Database, Filing, Which, reachable

WAIT = "2s"  # for whoever reads a table; meanwhile others wait behind this
_TABLES = (
    "SELECT c.oid::regclass::text FROM pg_class c"
    " WHERE c.relkind = 'r' AND c.relnamespace = current_schema()::regnamespace ORDER BY 1"
)
_READERS = (  # a transaction that is open sees what was deleted since it began, so that it would be kept
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
    " AND pid <> pg_backend_pid() AND backend_xmin IS NOT NULL"
)


def vacuum(filing: Filing, which: Which) -> bool:
    """Write a database anew; return False, with nothing done, when somebody is reading it for long.

    Nobody else writes meanwhile. It takes the room of the database once more, twice on SQLite. Raises
    `DiskFull`, `StoreUnavailable`.
    """
    database = filing.store if which == "store" else filing.keystore
    with filing.alone(), reachable(which):
        if filing.sqlite:
            _sqlite(database)
            return True
        return _postgres(database.raw())


def _sqlite(database: Database) -> None:
    raw = database.raw()
    raw.execute("PRAGMA temp_store=FILE")  # what is sealed may be larger than memory
    try:
        raw.execute("VACUUM")
    finally:
        raw.execute("PRAGMA temp_store=MEMORY")
    database.fold()


def _postgres(raw: Any) -> bool:  # noqa: ANN401 - psycopg.Connection
    from psycopg.errors import LockNotAvailable

    if raw.execute(_READERS).fetchone()[0]:
        return False
    try:
        raw.execute(f"SET lock_timeout = '{WAIT}'")
        for (table,) in raw.execute(_TABLES).fetchall():
            raw.execute(f"VACUUM (FULL) {table}")
    except LockNotAvailable:
        return False
    finally:
        raw.execute("RESET lock_timeout")
    return True
