"""A second process beside a test's own: it opens the same house afresh, and does what a name says."""

import json
import os
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import troth
from tests.cast import ACTIVITY, EXCHANGE, MIA, NOOR, joins, tells
from tests.houses import START
from troth.clock import Settable
from troth.errors import Absent, Conflict, Denied

PEOPLE = 5


def acting(house, name, say):
    for n in range(40):
        who = f"{name}-{n}"
        taken = house.collect(
            about=who, category="account", when="registration", values={"email": f"{who}@example.org"}
        )
        say(taken.receipt)
        say(house.access(about=who, category="account").receipt)
        if n % 8 == 0:
            say(house.erase(about=who).done)


def telling(house, name, say):
    tells(house, MIA, "support")
    house.consent(about=MIA, purpose="contact.promotion")
    joins(house, NOOR)
    house.checkpoint()


def withdrawing(house, name, say):
    house.withdraw(about=MIA, purpose="contact.promotion")
    house.erase(about=NOOR)


def demanding(house, name, say):
    """Wait for the word, then demand a right for one person after the other."""
    directory = house.teller.house.directory
    (directory / "ready").touch()
    while not (directory / "go").exists():
        time.sleep(0.001)
    demands(house, name)


def demands(house, right):
    """Demand a right for one person after the other; what is refused or busy is another's to go on with."""
    for n in range(PEOPLE):
        new = {"category": "account", "values": {"username": f"star.{n}"}}
        said = new if right == "correct" else {}
        with suppress(Denied, Absent, Conflict):
            house.demand(about=f"P-{n}", right=right, **said)


class Record(NamedTuple):
    """A record that was answered for, said like a receipt: its entry, and its id."""

    entry: int
    hash: bytes


def writing(house, name, say):
    for _ in range(40):
        taken = house.collect(
            about=name, category="activity", when="service_use", values=ACTIVITY, by=EXCHANGE
        )
        say(Record(taken.receipt.entry, taken.records[0]))


WORKS = {work.__name__: work for work in (acting, telling, withdrawing, writing, demanding)}


class Beside:
    """A process that is doing some work in a house; `done` waits for it and gives its receipts."""

    def __init__(self, directory: Path, work: str, name: str = "child") -> None:
        self._running = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.beside", str(directory), work, name],
            stdout=subprocess.PIPE,
            cwd=Path(__file__).parents[2],
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        )

    def is_running(self) -> bool:
        return self._running.poll() is None

    def done(self) -> list[tuple[int, bytes]]:
        said, _ = self._running.communicate(timeout=60)
        assert self._running.returncode == 0
        return [(number, bytes.fromhex(leaf)) for number, leaf in map(json.loads, said.splitlines())]


if __name__ == "__main__":
    with troth.open(sys.argv[1], clock=Settable(START)) as opened:
        WORKS[sys.argv[2]](
            opened, sys.argv[3], lambda receipt: print(json.dumps([receipt.entry, receipt.hash.hex()]))
        )
