"""Bring a database to this Troth's schema, whole or not at all.

A house that is up to date reads one row and imports nothing of Alembic. An upgrade runs every pending
revision in one transaction that no other upgrade of the same database runs beside: on PostgreSQL an
advisory lock keeps the others waiting, on SQLite the write lock does (and the caller holds the house's).
There is no way back down: what an upgrade should not have done, a copy made before it undoes.
"""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Literal

from sqlalchemy import Connection, inspect, text

from troth.errors import DatabaseNewer, DatabaseSwapped

Which = Literal["store", "keystore"]

FOLDER = Path(__file__).parent / "migrations"
# Every revision, oldest first; a test holds them equal to the files in the folder.
REVISIONS: Mapping[Which, tuple[str, ...]] = {"store": ("store_0001",), "keystore": ("keystore_0001",)}
HEAD: dict[Which, str] = {which: revisions[-1] for which, revisions in REVISIONS.items()}

_LOCK = 0x74726F74682B31  # any number of our own; the ledger's lock is another
_TURN = threading.Lock()  # Alembic's `op` and `context` are one a process, not one a thread


def state(connection: Connection, which: Which) -> str | None:
    """Return the revision a database is of, or None when it is empty.

    A transaction that the caller has open stays open; otherwise none is left open.

    Raises:
        DatabaseSwapped: it is the store where the keystore was expected, or the other way round.
    """
    with nullcontext() if connection.in_transaction() else connection.begin():
        if not inspect(connection).has_table("alembic_version"):
            return None
        revision: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
    for holds, revisions in REVISIONS.items():
        if holds != which and revision in revisions:
            raise DatabaseSwapped(which=which, holds=holds)
    return revision


def require_current(connection: Connection, which: Which) -> bool:
    """Let a database pass that this Troth knows or can upgrade; return whether it is of the revision `HEAD`.

    Raises:
        DatabaseNewer: its revision is not known here.
        DatabaseSwapped: as `state`.
    """
    revision = state(connection, which)
    if revision is not None and revision not in REVISIONS[which]:
        raise DatabaseNewer(which=which, revision=revision)
    return revision == HEAD[which]


def upgrade(connection: Connection, which: Which, *, until: str | None = None) -> None:
    """Run the pending revisions, up to and with `until` (the last one), in one transaction of its own.

    The connection must not be in a transaction. Where an upgrade fails or is cut off, the database is
    as it was; one that has nothing pending is not written to.

    Raises:
        DatabaseNewer: its revision is not known here; it is left untouched.
        DatabaseSwapped: as `state`.
    """
    known = REVISIONS[which]
    last = HEAD[which] if until is None else until
    with _alone(connection):
        require_current(connection, which)
        revision = state(connection, which)
        if revision is None or known.index(revision) < known.index(last):
            _run(connection, last, FOLDER / which)


@contextmanager
def _alone(connection: Connection) -> Iterator[None]:
    with _TURN, connection.begin():
        if connection.dialect.name == "postgresql":
            # Whoever waited has to see what the one before committed, whatever the engine's own level.
            connection.execute(text("SET TRANSACTION ISOLATION LEVEL READ COMMITTED"))
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
        elif not connection.connection.driver_connection.in_transaction:  # type: ignore[union-attr]
            # Left to itself, Python's driver begins no transaction for a CREATE TABLE.
            connection.execute(text("BEGIN IMMEDIATE"))
        yield


def _run(connection: Connection, until: str, *folders: Path) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config(attributes={"connection": connection})
    for option, value in {
        "script_location": str(FOLDER),
        "version_locations": "\n".join(map(str, folders)),
        "path_separator": "newline",
    }.items():
        config.set_main_option(option, value.replace("%", "%%"))
    command.upgrade(config, until)
