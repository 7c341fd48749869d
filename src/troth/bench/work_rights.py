"""What people demand: one who has much, here and in another database; many at once; a copy of it all."""

import os
import subprocess
import sys
import threading
from base64 import b64encode
from hashlib import sha256
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any, Self

import psycopg

from troth.acts.filing import demanding
from troth.bench import people
from troth.bench.report import Part, Table, duration, figure, timed
from troth.bench.scene import POSTGRES, Pair, Scene, enrol, in_batches, take, usage_of
from troth.custody.demands import demands_due, performing
from troth.custody.demands.filing import Demand
from troth.custody.systems import attempts
from troth.gates.systems.gathering import gathered, words_of
from troth.gates.systems.system import Answer, Order, System
from troth.rules.decision import member
from troth.rules.rights_cases import State

_SYSTEM = """
[systems.shop]
kind = "database"
url = "{url}"

[systems.shop.tables.visits]
person = {{column = "member", by = "account.email", match = "exact"}}
columns = {{page = "usage.page"}}
erase = "delete"
"""
_TABLES = ("visits", "plain_visits")
_FILE = 9_500_000  # bytes


# ---- one who has much


def elsewhere(scene: Scene) -> Part:
    """Measure an erasure that reaches another database, beside the same DELETE by hand."""
    count = scene.sizes.heavy
    part = Part(
        "Erase a member, here and in another database",
        f"A member demands that everything is erased: {count:,} records here, and as many rows of one table"
        " of another PostgreSQL, found by their e-mail address. *Here*: from the demand until the keys are"
        " destroyed, the rows gone and read back. *There*: gone in one transaction, read"
        " back in another; beside one DELETE of the same rows and its commit. *Duty*: taken, done there,"
        " noted and ledgered, and its key destroyed. *Done*: all, until the request says so and its person"
        " can be told.",
    )
    if POSTGRES not in scene.engines:
        part.notes.append("No PostgreSQL is installed here.")
        return part
    for engine in scene.engines:
        scene.say(f"erase elsewhere, {engine}")
        with scene.pair(engine) as pair:
            enrol(pair, 0, scene.sizes.members)
            url, shop = _shop(scene, pair)
            found = [_reached(pair, url, shop, turn, count) for turn in range(scene.sizes.repetitions + 2)][
                1:
            ]
        here, there, duty, said, plain = (median(column) for column in zip(*found, strict=True))
        rows = f"{engine}, {count:,} rows"
        part.lines.append(timed(f"{rows}: gone there, read back", there, "DELETE there", plain, target=0.5))
        part.lines.append(timed(f"{rows}: the whole duty", duty, "DELETE there", plain, target=0.5))
        part.lines.append(timed(f"{rows}: done, here and there", here + duty + said, "DELETE there", plain))
        part.notes.append(
            f"{engine}: gone here in {duration(here)}; under a second: {'yes' if here < 1 else '**no**'}."
        )
    return part


def _shop(scene: Scene, pair: Pair) -> tuple[str, "_Timed"]:
    """Make another database, and let the house know it; return its URL, and it as a system."""
    url = scene.database()
    with psycopg.connect(url, autocommit=True) as connection:
        for name in _TABLES:
            made = f"CREATE TABLE {name} (id bigserial PRIMARY KEY, member text NOT NULL, page text NOT NULL)"
            connection.execute(made.encode())
            connection.execute(f"CREATE INDEX ON {name} (member)".encode())
    inner = pair.house.teller.house
    (inner.directory / "systems.toml").write_text(_SYSTEM.format(url=url), "utf-8")
    found = gathered(inner.directory, words_of(inner.book), inner.clock)
    shop = _Timed(found["shop"])
    inner.systems = {shop.name: shop}
    return url, shop


class _Timed:
    """A system, and the seconds that its last order took."""

    def __init__(self, system: System) -> None:
        self._system, self.took = system, 0.0
        self.name, self.recipient = system.name, system.recipient
        self.acts, self.wants = system.acts, system.wants

    def do(self, order: Order, /) -> Answer:
        start = perf_counter()
        answer = self._system.do(order)
        self.took = perf_counter() - start
        return answer


def _reached(pair: Pair, url: str, shop: _Timed, turn: int, count: int) -> tuple[float, ...]:
    """Erase one member; return the seconds here, there, of the duty, until it is said, and of a DELETE."""
    teller, about, email = pair.house.teller, people.reference(turn), people.account(turn)["email"]
    for numbers in in_batches(range(count)):
        take(pair.house, usage_of(about, numbers, pair.clock())[0])
    with psycopg.connect(url, autocommit=True) as connection:
        for name in _TABLES:
            fill = f"INSERT INTO {name} (member, page) SELECT %s, n::text FROM generate_series(1, %s) n"  # noqa: S608
            connection.execute(fill.encode(), (email, count))
        connection.execute("VACUUM ANALYZE")
        start = perf_counter()
        lodged = teller.ask(_erasing(turn))
        performing.perform(teller, lodged.case.id, elsewhere=False)
        here = perf_counter() - start
        start = perf_counter()
        attempts.run_due(teller.house, teller.alone, progress=lambda _: None)
        duty = perf_counter() - start
        start = perf_counter()
        case = performing.close(teller, lodged.case.id)
        said = perf_counter() - start
        start = perf_counter()
        connection.execute("DELETE FROM plain_visits WHERE member = %s", (email,))
        plain = perf_counter() - start
    if case is None or case.state is not State.DONE:
        raise RuntimeError("an erasure that was measured did not take place")
    return here, shop.took, duty, said, plain


def _erasing(n: int) -> Demand:
    return demanding(by=member(), about=people.reference(n), right="erase")


# ---- many at once


def queue(scene: Scene) -> Part:
    """Measure how fast a queue of erasures is worked off, and whether memory grows with it."""
    count = scene.sizes.demands
    part = Part(
        f"{count:,} erasures that wait",
        f"{count:,} members, with an account each, demand that everything is erased; one sweep carries it"
        " all out: each decided, noted, its keys destroyed, its rows removed and read back, its request done,"
        " every step ledgered. Memory is what the process has resident.",
    )
    rows = []
    for engine in scene.engines:
        scene.say(f"queue, {engine}: filing")
        with scene.pair(engine) as pair:
            enrol(pair, 0, count)
            for some in in_batches(range(count)):
                for n in some:
                    pair.house.teller.ask(_erasing(n))
            scene.say(f"queue, {engine}: erasing")
            with _Memory() as memory:
                start = perf_counter()
                ran = demands_due.run_due(pair.house.teller)
                took = perf_counter() - start
            if ran.ended < count:
                raise RuntimeError("a queue that was measured was not worked off")
            before, most = memory.before, memory.most
        rows.append((engine, figure(count / took), f"{before / 2**20:.0f}", f"{most / 2**20:.0f}"))
    part.tables.append(Table("erasures", ("engine", "requests/s", "MiB before", "MiB at most"), rows))
    return part


class _Memory:
    """What this process has resident: before, and at most while something runs."""

    def __init__(self) -> None:
        self.before = self.most = _resident()
        self._over = threading.Event()
        self._watch = threading.Thread(target=self._look, daemon=True)

    def __enter__(self) -> Self:
        self._watch.start()
        return self

    def __exit__(self, *problem: object) -> None:
        self._over.set()
        self._watch.join()

    def _look(self) -> None:
        while not self._over.wait(0.05):
            self.most = max(self.most, _resident())


def _resident() -> int:
    """Return the bytes of memory that this process has resident."""
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


# ---- a copy of it all


def copies(scene: Scene) -> Part:
    """Measure the making, reading back and giving of a package, in a process of its own."""
    records, files = scene.sizes.heavy, scene.sizes.files
    part = Part(
        "A copy of all that is held of a member",
        f"{records:,} records and {files * _FILE / 1e6:,.0f} MB of files of one member: read page by page,"
        " each page decided and ledgered, written as a zip, sealed, read back in full with every file"
        " compared with its SHA-256, then opened and given. Memory is the most that its process had.",
    )
    rows = []
    for engine in scene.engines:
        scene.say(f"copy, {engine}")
        with scene.pair(engine) as pair:
            enrol(pair, 0, 1)
            _fill(pair, records, files)
            directory = pair.house.teller.house.directory
            pair.house.close()
            said = _measured(directory)
        size, made, given, peak = (float(word) for word in said.split())
        of_files = files * _FILE / 1e6
        speed = (figure(of_files / made), figure(of_files / given))
        rows.append((engine, f"{size / 1e6:,.0f}", duration(made), *speed, f"{peak:.0f}"))
        part.notes.append(f"{engine}: peak under 200 MB: {'yes' if peak * 1.048576 < 200 else '**no**'}.")
    head = (
        "engine",
        "MB of the zip",
        "made, read back in",
        "MB of files/s",
        "given, MB of files/s",
        "MiB at most",
    )
    part.tables.append(Table("one package", head, rows))
    return part


def _fill(pair: Pair, records: int, files: int) -> None:
    about = people.reference(0)
    for numbers in in_batches(range(records)):
        take(pair.house, usage_of(about, numbers, pair.clock())[0])
    for n in range(files):
        digests = (sha256(f"{n}/{each}".encode()).digest() for each in range(_FILE // 33))
        text = b"\n".join(map(b64encode, digests))[:_FILE]  # letters that hardly compress
        values: dict[str, Any] = {"topic": "A letter", "message": "See the file.", "attachment": text}
        pair.house.collect(
            about=about, category="support", when="customer_service", values=values, within="conversation"
        )


def _measured(directory: Path) -> str:
    """Make a package in a process of its own; return its bytes, two times in s, and the peak in MiB."""
    code = (
        "import time, troth\n"
        "from pathlib import Path\n"
        "from troth.clock import Settable, now\n"
        f"with troth.open({str(directory)!r}, clock=Settable(now())) as house:\n"
        "    start = time.perf_counter()\n"
        f"    made = house.package(about={people.reference(0)!r})\n"
        "    took = time.perf_counter() - start\n"
        "    start = time.perf_counter()\n"
        f"    size = sum(map(len, house.open_package(made.id, about={people.reference(0)!r})))\n"
        "    given = time.perf_counter() - start\n"
        "status = Path('/proc/self/status').read_text('ascii')\n"
        "peak = int(status.partition('VmHWM:')[2].split()[0]) / 1024\n"  # ru_maxrss may be the parent's
        "print(size, took, given, peak)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)  # noqa: S603
    return done.stdout
