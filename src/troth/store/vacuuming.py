"""Write a database anew, so that nothing that was deleted stays in its files.

`secure_delete` overwrites what SQLite deletes, but not the copies that it left in gaps of pages when it
moved rows between them (https://sqlite.org/pragma.html#pragma_secure_delete); PostgreSQL leaves old versions
of rows, and what stood in a page before, until the page is used again. VACUUM and VACUUM FULL copy what is
there into new pages, and give the old ones back.
"""

from typing import Any

from troth.errors import TablesNotOurs
from troth.store.databases import BUSY, Database, Filing, Which, reachable

WAIT = 2_000  # milliseconds, for whoever reads; meanwhile others wait behind this
_TABLES = (
    "SELECT c.oid::regclass::text, pg_relation_filenode(c.oid) FROM pg_class c"
    " WHERE c.relkind = 'r' AND c.relnamespace = current_schema()::regnamespace ORDER BY 1"
)
_READERS = (  # a transaction that is open sees what was deleted since it began, so that it would be kept
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
    " AND pid <> pg_backend_pid() AND backend_xmin IS NOT NULL"
)


def vacuum(filing: Filing, which: Which) -> bool:
    """Write a database anew; return False when it was not, or in part, as somebody is reading it for long.

    Nobody else writes meanwhile. It takes the room of the database once more, twice on SQLite. Raises
    `DiskFull`, `StoreUnavailable`, and `TablesNotOurs` when a server lets the role do so with some tables
    only.
    """
    database = filing.store if which == "store" else filing.keystore
    with filing.alone(), reachable(which):
        return _sqlite(database) if filing.sqlite else _postgres(database.raw(), which)


def _sqlite(database: Database) -> bool:
    raw = database.raw()
    raw.execute("PRAGMA temp_store=FILE")  # what is sealed may be larger than memory
    raw.execute(f"PRAGMA busy_timeout={WAIT}")
    try:
        if not database.fold():  # whoever reads keeps the file as it is, and all of it in the log beside it
            return False
        raw.execute("VACUUM")
        return database.fold()
    finally:
        raw.execute("PRAGMA temp_store=MEMORY")
        raw.execute(f"PRAGMA busy_timeout={BUSY}")


def _postgres(raw: Any, which: Which) -> bool:  # noqa: ANN401 - psycopg.Connection
    from psycopg.errors import LockNotAvailable

    if raw.execute(_READERS).fetchone()[0]:
        return False
    before = raw.execute(_TABLES).fetchall()
    try:
        raw.execute(f"SET lock_timeout = {WAIT}")
        for table, _ in before:
            raw.execute(f"VACUUM (FULL) {table}")
    except LockNotAvailable:
        return False
    finally:
        raw.execute("RESET lock_timeout")
    # a table of another role is passed over with a mere warning: it has the same file as before
    if set(before) & set(raw.execute(_TABLES).fetchall()):
        raise TablesNotOurs(which=which)
    return True
