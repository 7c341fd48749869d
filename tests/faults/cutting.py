"""Cut a house off at any statement: a stand-in around the driver counts, and then kills or fails.

Statements are counted where the driver is called, in both databases of a house. "Before" cuts with
the statement not done; "after" with it done and its answer lost.
"""

import json
import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg

import troth
from troth.clock import Clock
from troth.ledger.receipt import Receipt
from troth.library import Troth

Say = Callable[[Receipt], None]
Work = Callable[[Troth, Say], None]


class Cut:
    """What happens at the n-th statement: `deed` is called, before or after it is done."""

    def __init__(self, at: int, when: str, deed: Callable[[], None]) -> None:
        self.at, self.when, self.deed = at, when, deed
        self.seen: list[str] = []

    def run(self, statement: str, execute: Callable[[], Any]) -> Any:
        number = len(self.seen)
        self.seen.append(statement.strip())
        if number == self.at and self.when == "before":
            self.deed()
        done = execute()
        if number == self.at and self.when == "after":
            self.deed()
        return done


class Counted:
    """A driver's connection or cursor that tells a `Cut` of every statement."""

    def __init__(self, inner: Any, cut: Cut) -> None:
        self._inner, self._cut = inner, cut

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def cursor(self, **how: Any) -> "Counted":
        return Counted(self._inner.cursor(**how), self._cut)

    def execute(self, statement: str, *given: Any) -> Any:
        def execute() -> Any:
            done = self._inner.execute(statement, *given)
            connection = getattr(self._inner, "connection", None)
            if isinstance(connection, psycopg.Connection) and connection.pgconn.pipeline_status:
                with connection.pipeline() as pipeline:  # the one it is in already
                    pipeline.sync()  # "after" a statement it is done
            return done

        return self._cut.run(statement, execute)

    def executemany(self, statement: str, rows: Any) -> Any:
        return self._cut.run(statement, lambda: self._inner.executemany(statement, rows))


class Pooled:
    """What the pool hands out, with a counted connection inside."""

    def __init__(self, inner: Any, cut: Cut) -> None:
        self._inner = inner
        self.driver_connection = Counted(inner.driver_connection, cut)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)


def count_statements(house: Troth, cut: Cut) -> None:
    """Let a cut see every statement of a house from now on."""
    for database in (house.teller.house.filing.store, house.teller.house.filing.keystore):
        database.raw()
        database._raw = Pooled(database._raw, cut)


class Fate:
    """How a child ended: what it acknowledged, what it ran, and whether it came to its end."""

    def __init__(self, said: bytes, status: int) -> None:
        self.killed = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
        lines = [json.loads(line) for line in said.split(b"\n")[:-1]]
        self.receipts = [(number, bytes.fromhex(leaf)) for kind, number, leaf in lines if kind == "receipt"]
        self.statements = next((number for kind, number, _ in lines if kind == "end"), [])
        self.wrong = next((number for kind, number, _ in lines if kind == "wrong"), "")


def in_child(directory: Path, clock: Clock, work: Work, *, cut: Cut | None = None, after: float = 0) -> Fate:
    """Open a house in a child, do work there, and kill it at a cut or some seconds after it opened."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        _be_the_child(directory, clock, work, cut, writing)
    os.close(writing)
    said = b""
    with os.fdopen(reading, "rb") as pipe:
        if after:
            said = pipe.readline()
            time.sleep(after)
            os.kill(child, signal.SIGKILL)
        said += pipe.read()
    return Fate(said, os.waitpid(child, 0)[1])


def _be_the_child(directory: Path, clock: Clock, work: Work, cut: Cut | None, writing: int) -> None:
    def say(kind: str, number: Any, leaf: str = "") -> None:
        os.write(writing, json.dumps([kind, number, leaf]).encode() + b"\n")

    try:
        house = troth.open(directory, clock=clock)
        say("open", 0)
        if cut is not None:
            count_statements(house, cut)
        work(house, lambda receipt: say("receipt", receipt.entry, receipt.hash.hex()))
        say("end", cut.seen if cut is not None else [])
    except BaseException as problem:  # noqa: BLE001 - the parent is told
        say("wrong", f"{type(problem).__name__}: {problem}")
    finally:
        sys.stdout.flush()
        os._exit(0)


def kill() -> None:
    """Die at once, as in a power cut."""
    os.kill(os.getpid(), signal.SIGKILL)
    time.sleep(60)
