"""Copy whole databases: every table at one instant into files, and files into empty databases.

On PostgreSQL a copy is one REPEATABLE READ transaction on a connection of its own: others go on. On SQLite
it is made on the house's own connection while nobody else writes, since a second reader would keep the log
from being folded.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, BinaryIO

from sqlalchemy import inspect, text

from troth.clock import DAY
from troth.errors import HouseExists
from troth.store import migrate, shelves
from troth.store.databases import Database, Filing, Which, reachable
from troth.store.metadata import keystore, store
from troth.store.origins import Origins
from troth.store.rowfiles import BLOCK, decoded, encoded, kinds_of, names_of
from troth.store.unit import Unit

QUARANTINE = "quarantine"  # among the secrets of a keystore that is being restored
LEFT_OUT: Mapping[Which, frozenset[str]] = {
    # copies of what is copied here, for one fetching; and addresses, for the moments until they are filed
    "store": frozenset({"arrivals", "askings", "packages"}),
    "keystore": frozenset({"epochs", "copies"}),  # what wraps keys is never where they are
}
_CHUNK = 2_000  # rows
_SHELVES = "streams_"  # what partitions are called
_MARKED = "SELECT sealed FROM secrets WHERE name = 'quarantine'"


def tables(which: Which) -> list[str]:
    """Return the names of the tables that are copied of a database, in order."""
    metadata = store if which == "store" else keystore
    names = [
        f"{table.name}" for table in metadata.sorted_tables
    ]  # plain text, not what SQLAlchemy makes of it
    return [name for name in names if name not in LEFT_OUT[which]]


def columns(which: Which, name: str) -> tuple[list[str], list[str]]:
    """Return the columns of a table: their names, and of each whether it is `int`, `text` or `bytes`."""
    table = (store if which == "store" else keystore).tables[name]
    return names_of(table), kinds_of(table)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A database as it is at one instant; `copy` gives one table of it."""

    which: Which
    _database: Database
    _raw: Any

    def copy(self, name: str, sink: Callable[[bytes], object]) -> None:
        """Write one table; raises `RowBroken` for a row that is not as it was stored, `StoreUnavailable`."""
        table = (store if self.which == "store" else keystore).tables[name]
        listed = ", ".join(f'"{column}"' for column in names_of(table))
        query = f'SELECT {listed} FROM "{name}"'  # noqa: S608 - names of our own tables
        with reachable(self.which):
            if self._database.file is None:
                with self._raw.cursor().copy(f"COPY ({query}) TO STDOUT (FORMAT binary)") as blocks:
                    for block in blocks:
                        sink(bytes(block))
                return
            cursor = self._raw.cursor()
            cursor.execute(query)
            for block in encoded(table, _fetched(cursor)):
                sink(block)
            cursor.close()


def _fetched(cursor: Any) -> Iterator[Any]:  # noqa: ANN401 - sqlite3.Cursor
    while some := cursor.fetchmany(_CHUNK):
        yield from some


@contextmanager
def snapshots(filing: Filing) -> Iterator[tuple[Snapshot, Snapshot]]:
    """Give store and keystore at one instant: nobody else writes when it begins (see `Filing.alone`).

    On SQLite nobody may write until it ends.
    """
    if filing.sqlite:
        yield (
            Snapshot("store", filing.store, filing.store.raw()),
            Snapshot("keystore", filing.keystore, filing.keystore.raw()),
        )
        return
    opened = list[Any]()
    try:
        pair = []
        for database in (filing.store, filing.keystore):
            with reachable(database.which):
                opened.append(database.engine.raw_connection())
                raw = opened[-1].driver_connection
                raw.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
                raw.execute("SELECT 1 FROM alembic_version")  # the instant is that of the first statement
            pair.append(Snapshot(database.which, database, raw))
        yield pair[0], pair[1]
    finally:
        for connection in opened:
            connection.invalidate()


# ---- into empty databases


def free(filing: Filing, mark: str) -> None:
    """Leave two databases without tables: empty ones, and those in which the same restore was cut off.

    Raises `HouseExists`, changing nothing, for a database that holds anything else.
    """
    found = [_found(filing, database, mark) for database in (filing.store, filing.keystore)]
    for database, names in zip((filing.store, filing.keystore), found, strict=True):
        cascade = "" if filing.sqlite else " CASCADE"
        with filing.connect(database.which) as connection:
            for name in names:
                connection.execute(text(f'DROP TABLE IF EXISTS "{name}"{cascade}'))


def _found(filing: Filing, database: Database, mark: str) -> list[str]:
    """Return the tables that a restore left in a database; raises `HouseExists` for those of others."""
    which = database.which
    with filing.connect(which) as connection:
        names = inspect(connection).get_table_names()
        ours = {*(store if which == "store" else keystore).tables, "alembic_version"}
        taken = HouseExists(path=f"the {which} database")
        if not {name for name in names if not name.startswith(_SHELVES)} <= ours:
            raise taken
        if which == "keystore" and "secrets" in names:
            held = connection.execute(text(_MARKED)).scalar()
            if held is not None and bytes(held) == mark.encode():
                return names
        elif which == "store" and "settings" in names:
            said = text("SELECT value FROM settings WHERE name = :name")
            if connection.execute(said, {"name": QUARANTINE}).scalar() == mark:
                return names
        for name in set(names) - {"alembic_version"}:
            if connection.execute(text(f'SELECT 1 FROM "{name}" LIMIT 1')).first():  # noqa: S608
                raise taken
        return names


def prepare(filing: Filing, which: Which, revision: str, mark: str) -> None:
    """Make the tables of a database, of one revision, with the mark of quarantine in them."""
    database = filing.store if which == "store" else filing.keystore
    with filing.locked(), reachable(which), database.engine.connect() as connection:
        migrate.upgrade(connection, which, until=revision)
    with filing.connect(which) as connection:
        if which == "store":
            row = text("INSERT INTO settings (name, value) VALUES (:name, :value)")
            connection.execute(row, {"name": QUARANTINE, "value": mark})
        else:
            row = text("INSERT INTO secrets (name, sealed) VALUES (:name, :value)")
            connection.execute(row, {"name": QUARANTINE, "value": mark.encode()})


def fill(
    filing: Filing, which: Which, name: str, listed: Iterable[str], kinds: Iterable[str], file: BinaryIO
) -> None:
    """Fill one table from its file, whole or not at all; raises `RowBroken` and what databases raise."""
    into = ", ".join(f'"{column}"' for column in listed)
    kinds = list(kinds)
    with filing.connect(which) as connection:
        raw: Any = connection.connection.driver_connection
        if filing.sqlite:
            marks = ", ".join("?" * len(kinds))
            statement = f'INSERT INTO "{name}" ({into}) VALUES ({marks})'  # noqa: S608
            raw.executemany(statement, decoded(name, kinds, file))
            return
        target = _arriving(raw) if name == "streams" else name
        with raw.cursor().copy(f'COPY "{target}" ({into}) FROM STDIN (FORMAT binary)') as copying:
            while block := file.read(BLOCK):
                copying.write(block)
        if target != name:
            _shelve(filing, raw, into)


def _arriving(raw: Any) -> str:  # noqa: ANN401 - psycopg.Connection
    """Make a table for streams that arrive: which partitions they need is known when they are here."""
    raw.execute("CREATE TEMPORARY TABLE arriving (LIKE streams) ON COMMIT DROP")
    return "arriving"


def _shelve(filing: Filing, raw: Any, into: str) -> None:  # noqa: ANN401 - psycopg.Connection
    """Put streams that arrived onto their shelves."""
    kinds = raw.execute(
        "SELECT shelf, max(expires_at) FROM arriving GROUP BY shelf, expires_at / %s", (DAY,)
    ).fetchall()
    here = Unit(filing.store, raw.cursor())
    shelves.need(here, kinds, Origins())
    here.write()
    raw.execute(f"INSERT INTO streams ({into}) SELECT {into} FROM arriving")  # noqa: S608


def release(filing: Filing) -> None:
    """Take the mark of quarantine out of both databases; the keystore, which opening asks, last."""
    with filing.connect("store") as connection:
        connection.execute(text("DELETE FROM settings WHERE name = 'quarantine'"))
    with filing.connect("keystore") as connection:
        connection.execute(text("DELETE FROM secrets WHERE name = 'quarantine'"))
