"""The two paths of every day: an audited sealed write, and an audited sealed read."""

import json
import os
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

from troth.acts.use import reading
from troth.bench import people
from troth.bench.baseline import row
from troth.bench.baseline_sqlite import PlainSQLite
from troth.bench.batched import BatchedReader
from troth.bench.measure import CALLERS, Turn, alone, awaiting, interleave, scattered, together
from troth.bench.report import Part, Table, compared, duration
from troth.bench.scene import SQLITE, Pair, Scene, enrol, trade, warm
from troth.clock import DAY
from troth.custody.desk import Desk
from troth.rules.decision import Permit, program
from troth.rules.record import sealed_as
from troth.store import records
from troth.store.unit import unit

PORTAL = program("portal")


def writes(scene: Scene) -> Part:
    """Measure the collection of one transaction at a time."""
    part = Part(
        "Write: sealed, decided, ledgered",
        "One transaction of a member is collected by the exchange program, one durable answer each. Baseline:"
        f" one INSERT statement and one commit each, same values. {scene.sizes.members:,} members, who all"
        " have transactions already: whose first it is gets a key too, which is shown apart.",
    )
    for engine in scene.engines:
        scene.say(f"write, {engine}")
        with scene.pair(engine) as pair:
            enrol(pair, 0, scene.sizes.members)
            trade(pair, range(scene.sizes.members))
            warm(pair, scene.sizes.members)
            contestants = _writing(pair, scene)
            found = interleave(contestants, scene.sizes.repetitions)
            first = _first_of_a_class(pair, scene)
        for callers, target in (("1 caller", 0.8), (f"{CALLERS} callers", 1.0)):
            ours, plain = found[f"ours {callers}"], found[f"plain {callers}"]
            part.lines.append(compared(f"{engine}, {callers}", ours, "insert, commit", plain, target=target))
        ours, plain = found["ours tasks"], found[f"plain {CALLERS} callers"]
        part.lines.append(compared(f"{engine}, {CALLERS} asyncio tasks", ours, f"{CALLERS} threads", plain))
        part.tables.append(_latencies(engine, found))
        part.notes.append(
            f"{engine}, one caller: the first record of a member in a class takes {duration(first)}, as their"
            f" key is made and flushed before it; every later one {duration(found['ours 1 caller'].p50)}."
        )
    return part


def _first_of_a_class(pair: Pair, scene: Scene) -> float:
    """Return the median seconds of the first line of usage of one member after the other."""
    at, took = pair.clock(), []
    for n in range(min(200, scene.sizes.members)):
        start = perf_counter()
        pair.house.collect(
            about=people.reference(n),
            category="usage",
            when="usage_log",
            values=people.usage(n, at),
            by=program("usage-script"),
        )
        took.append(perf_counter() - start)
    return median(took)


def _writing(pair: Pair, scene: Scene) -> dict[str, Callable[[], Turn]]:
    seconds, total, at = scene.sizes.seconds, scene.sizes.members, pair.clock()
    exchange = program("exchange")
    numbers = iter(range(1 << 62))  # one for every transaction, also across threads

    def collect(n: int) -> object:
        about, values = people.reference(scattered(n, total)), people.transaction(next(numbers), at)
        return pair.house.collect(
            about=about, category="transactions", when="service_use", values=values, by=exchange
        )

    def collect_soon(n: int) -> Any:  # noqa: ANN401 - an awaitable
        about, values = people.reference(scattered(n, total)), people.transaction(next(numbers), at)
        return pair.house.collect_soon(
            about=about, category="transactions", when="service_use", values=values, by=exchange
        )

    def insert(n: int) -> None:
        about, values = people.reference(scattered(n, total)), people.transaction(next(numbers), at)
        pair.plain.add("transactions", row(about, "transactions", values, at, at + 2557 * DAY))

    return {
        "ours 1 caller": alone(collect, seconds),
        "plain 1 caller": alone(insert, seconds),
        f"ours {CALLERS} callers": together(collect, seconds),
        f"plain {CALLERS} callers": together(insert, seconds),
        "ours tasks": awaiting(collect_soon, seconds),
    }


def reads(scene: Scene) -> Part:
    """Measure the read of one account at a time, and say where the time of one caller goes."""
    part = Part(
        "Read: decided, unsealed, ledgered before the answer",
        "The portal reads a member's account (phone, e-mail address, user name) for `service.account`; every"
        " answer has its own durable ledger line. Baseline: one SELECT of the same columns, no line, no"
        f" flush. {scene.sizes.members:,} members, another one each time.",
    )
    for engine in scene.engines:
        scene.say(f"read, {engine}")
        with scene.pair(engine) as pair:
            enrol(pair, 0, scene.sizes.members)
            warm(pair, scene.sizes.members)
            pair.plain.fold()  # nobody writes there: its readers find nothing in the log
            found = interleave(_reading(pair, scene), scene.sizes.repetitions)
            stages = _stages(pair, scene)
            flush = flush_time(pair.directory, _bytes_of_a_read(pair, scene), rewriting=True)
        _read_lines(part, engine, found)
        part.tables.append(_latencies(engine, found))
        part.tables.append(_explained(engine, stages, flush, found["ours 1 caller"].p50))
        beyond = found["ours 1 caller"].p50 - flush
        part.notes.append(
            f"{engine}, one caller: {duration(found['ours 1 caller'].p50)} = one flush ({duration(flush)},"
            f" probed with as many bytes) + {duration(beyond)}; the target is a flush and 100 µs:"
            f" {'met' if beyond <= 100e-6 else '**missed**'}."
        )
    return part


def _read_lines(part: Part, engine: str, found: dict[str, Any]) -> None:
    many = found[f"ours {CALLERS} callers"]
    usual = "connect and read" if engine == SQLITE else "read through the pool"
    targets = {usual: 0.5 if engine == SQLITE else 1.0, "batched": 0.45, "held": 0.33}
    who = f"{engine}, {CALLERS} callers"
    line = compared(who, many, usual, found[f"plain {CALLERS} callers"], target=targets[usual])
    part.lines.append(line)
    batched = found["batched"]
    part.lines.append(compared(who, many, "reader batched as ours", batched, target=targets["batched"]))
    if "held" in found:
        part.lines.append(
            compared(who, many, "one held raw connection", found["held"], target=targets["held"])
        )
    part.lines.append(
        compared(
            f"{engine}, {CALLERS} asyncio tasks",
            found["ours tasks"],
            usual,
            found[f"plain {CALLERS} callers"],
        )
    )
    part.lines.append(compared(f"{engine}, 1 caller", found["ours 1 caller"], usual, found["plain 1 caller"]))


def _reading(pair: Pair, scene: Scene) -> dict[str, Callable[[], Turn]]:
    seconds, total = scene.sizes.seconds, scene.sizes.members
    context = pair.house.purpose("service.account", by=PORTAL)
    batched = BatchedReader(pair.plain)

    def about(n: int) -> str:
        return people.reference(scattered(n, total))

    contestants = {
        "ours 1 caller": alone(lambda n: context.read(about=about(n), category="account"), seconds),
        "plain 1 caller": alone(lambda n: pair.plain.read(about(n)), seconds),
        f"ours {CALLERS} callers": together(
            lambda n: context.read(about=about(n), category="account"), seconds
        ),
        f"plain {CALLERS} callers": together(lambda n: pair.plain.read(about(n)), seconds),
        "batched": together(lambda n: batched.read(about(n)), seconds),
        "ours tasks": awaiting(lambda n: context.read_soon(about=about(n), category="account"), seconds),
    }
    if isinstance(pair.plain, PlainSQLite):
        plain = pair.plain
        contestants["held"] = alone(lambda n: plain.read_raw(about(n)), seconds)
    return contestants


def _latencies(engine: str, found: dict[str, Any]) -> Table:
    rows = [
        (name, f"{rate.median:,.0f}/s", duration(rate.p50), duration(rate.p99))
        for name, rate in found.items()
    ]
    return Table(f"{engine}: how long one caller waits", ("who", "rate", "p50", "p99"), rows)


# ---- every microsecond of one read

STAGES = (
    "begin, lock, ledger's size", "find person and standing", "decide", "load the record",
    "fetch and unwrap the key", "unseal and decode", "write the entry", "append to tree and store",
    "commit, with its flush",
)  # fmt: skip


def _stages(pair: Pair, scene: Scene) -> dict[str, float]:
    """Serve reads at a desk, stage by stage; return the median seconds of each stage."""
    house, took = pair.house.teller.house, []
    count = max(20, int(scene.sizes.seconds * 1_000))
    for n in range(count):
        job = reading(
            by=PORTAL,
            about=people.reference(scattered(n, scene.sizes.members)),
            category="account",
            purpose="service.account",
        )
        marks = [perf_counter()]
        with unit(house.filing) as here:
            desk = Desk(house, here)
            marks.append(perf_counter())
            desk.find([job.about])
            marks.append(perf_counter())
            permit = desk.admit(job.request, job.about)
            assert isinstance(permit, Permit)  # noqa: S101 - the clauses say so
            marks.append(perf_counter())
            subject, code = desk.people[job.about], house.origins.code("account") or 0
            (record,) = records.of(here, [(subject, code)], house.origins)
            origin = record.origin
            marks.append(perf_counter())
            desk.open_keys([(subject, origin.kept)])
            key = desk.keys[subject, origin.kept]
            marks.append(perf_counter())
            json.loads(
                key.unseal(record.sealed, record=record.id, category=sealed_as(origin), schema=origin.version)
            )
            marks.append(perf_counter())
            desk.remember_act(job.request, permit, subject)
            marks.append(perf_counter())
            tree = desk.settle()
            marks.append(perf_counter())
        house.tree = tree
        marks.append(perf_counter())
        took.append([after - before for before, after in pairwise(marks)])
    return {stage: median(column) for stage, column in zip(STAGES, zip(*took, strict=True), strict=True)}


def _explained(engine: str, stages: dict[str, float], flush: float, whole: float) -> Table:
    rows = [(stage, f"{seconds * 1e6:.1f}") for stage, seconds in stages.items()]
    rows.append(("asked for, queued, answered (the rest)", f"{(whole - sum(stages.values())) * 1e6:.1f}"))
    rows.append(("**one read, as its caller sees it (p50)**", f"**{whole * 1e6:.1f}**"))
    rows.append(("of which a bare flush of as many bytes", f"{flush * 1e6:.1f}"))
    return Table(f"{engine}: where one caller's read goes", ("stage", "µs, median"), rows)


def _bytes_of_a_read(pair: Pair, scene: Scene) -> int:
    """Return how many bytes one read adds to the log (SQLite; elsewhere one page is taken)."""
    log = pair.directory / "house" / "store.db-wal"
    if pair.engine != SQLITE:
        return 8192
    pair.house.teller.chore(lambda h: h.filing.fold())
    before = log.stat().st_size if log.exists() else 0
    for n in range(10):
        about = people.reference(scattered(n, scene.sizes.members))
        pair.house.purpose("service.account", by=PORTAL).read(about=about, category="account")
    return max(4096, (log.stat().st_size - before) // 10)


def flush_time(directory: Path, size: int, *, rewriting: bool, count: int = 200) -> float:
    """Return the median seconds of writing and flushing `size` bytes: at a file's end, or over old ones."""
    path = directory / "flush"
    block, took = os.urandom(size), []
    with path.open("wb", buffering=0) as file:
        if rewriting:
            file.write(bytes(size * count))
            os.fsync(file.fileno())
            file.seek(0)
        for _ in range(count):
            start = perf_counter()
            file.write(block)
            os.fdatasync(file.fileno())
            took.append(perf_counter() - start)
    path.unlink()
    return median(took)
