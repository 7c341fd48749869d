"""A real MariaDB for the tests, as their own child: on a socket in memory, stopped by its number."""

import os
import secrets
import shutil
import socket
import subprocess
import tempfile
from contextlib import suppress
from pathlib import Path
from time import monotonic, sleep

import pymysql

_IN_MEMORY = Path("/dev/shm")


class MariaServer:
    """One MariaDB server, started when the first database is asked of it."""

    def __init__(self) -> None:
        self._place: Path | None = None
        self._running: subprocess.Popen[bytes] | None = None

    @property
    def socket(self) -> Path:
        assert self._place is not None
        return self._place / "s"

    def create(self) -> str:
        """Create an empty database, and return its URL."""
        self._start()
        name = f"troth_test_{secrets.token_hex(6)}"
        self.run(f"CREATE DATABASE {name} CHARACTER SET utf8mb4")
        return f"mysql://root@localhost/{name}?unix_socket={self.socket}"

    def drop(self, url: str) -> None:
        name = url.split("?", maxsplit=1)[0].rpartition("/")[2]
        self.run(f"DROP DATABASE IF EXISTS {name}")

    def run(self, statement: str) -> None:
        with self.connection() as connection, connection.cursor() as cursor:
            cursor.execute(statement)

    def connection(self) -> "pymysql.Connection[pymysql.cursors.Cursor]":
        return pymysql.connect(unix_socket=str(self.socket), user="root", autocommit=True)

    def pause(self) -> None:
        """Kill the server as a crash would; `resume` starts it again."""
        assert self._running is not None
        self._running.kill()
        self._running.wait()
        self._running = None

    def resume(self) -> None:
        self._launch()

    def stop(self) -> None:
        if self._running is not None:
            self._running.terminate()
            self._running.wait(30)
        if self._place is not None:
            shutil.rmtree(self._place, ignore_errors=True)

    def _start(self) -> None:
        if self._place is not None:
            return
        where = _IN_MEMORY if os.access(_IN_MEMORY, os.W_OK) else None
        self._place = Path(tempfile.mkdtemp(prefix="troth-maria-", dir=where))
        subprocess.run(
            [
                _found("mariadb-install-db"), "--no-defaults", f"--datadir={self._place / 'd'}",
                "--auth-root-authentication-method=normal", "--skip-test-db", *_as_root(),
            ],
            check=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )  # fmt: skip
        self._launch()

    def _launch(self) -> None:
        assert self._place is not None
        self._running = subprocess.Popen(
            [
                _found("mariadbd"), "--no-defaults", f"--datadir={self._place / 'd'}",
                f"--socket={self.socket}",
                f"--pid-file={self._place / 'pid'}", "--skip-networking",
                "--innodb-flush-log-at-trx-commit=0",
                "--innodb-buffer-pool-size=64M", *_as_root(),
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )  # fmt: skip
        end = monotonic() + 60
        while not self._answers():
            assert monotonic() < end, "MariaDB does not start"
            assert self._running.poll() is None, "MariaDB ended at its start"
            sleep(0.05)

    def _answers(self) -> bool:
        with socket.socket(socket.AF_UNIX) as probe, suppress(OSError):
            probe.connect(str(self.socket))
            return bool(probe.recv(1))  # its greeting
        return False


def _as_root() -> tuple[str, ...]:
    return ("--user=root",) if os.geteuid() == 0 else ()


def _found(name: str) -> str:
    path = os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin"
    found = shutil.which(name, path=path)
    assert found, f"`{name}` is missing; run scripts/systems.sh"
    return found
