"""What it takes on disk, and how everything grows with the number of members."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from time import perf_counter

from troth.bench import people
from troth.bench.baseline import row
from troth.bench.measure import CALLERS, Turn, alone, interleave, scattered, together
from troth.bench.plot import Series, plotted
from troth.bench.report import Line, Part, Table, figure
from troth.bench.scene import Pair, Scene, in_batches, offer, take, trade
from troth.bench.work_paths import PORTAL
from troth.clock import DAY
from troth.rules.decision import program

LIMIT = 3.5
TRADERS = 10_000  # so many members, spread over all, write in a house that grows
STREAMS = frozenset({"device", "network", "transactions", "activity", "usage"})


def house_bytes(directory: Path) -> dict[str, int]:
    """Return the bytes of everything in a house's directory, its logs folded back, by file."""
    found = {
        str(file.relative_to(directory)): file.stat().st_size
        for file in directory.rglob("*")
        if file.is_file()
    }
    return {name: size for name, size in found.items() if size and not name.endswith(("-shm", "-wal"))}


def space(scene: Scene) -> Part:
    """Measure bytes on disk per personal byte, for members with a life."""
    count = scene.sizes.life
    part = Part(
        "Bytes on disk per personal byte",
        f"{count:,} members, each with one account, identity, bank account, device and conversation,"
        " 5 network addresses, 10 transactions, 10 lines of activity and 20 of usage. A personal byte is"
        " one of a value as UTF-8 text, without names of fields and punctuation. On disk: everything a"
        " house has, ledger, indexes, keystore and all, its logs folded back. Streams come in batches with"
        " one ledger entry each; what a member tells has an entry of its own.",
    )
    scene.say("space")
    for streamed in (True, False):
        with scene.pair() as pair:
            personal, entries = _live(pair, count, streamed=streamed)
            pair.house.teller.chore(lambda h: h.filing.fold())
            sizes = house_bytes(pair.directory / "house")
            ours, plain = sum(sizes.values()), pair.plain.size()
        how = "streams in batches" if streamed else "one ledger entry for every record"
        target = LIMIT if streamed else None
        part.lines.append(_fewer(how, ours / personal, plain / personal, target))
        rows = [
            (name, f"{size:,}", f"{size / personal:.2f}")
            for name, size in sorted(sizes.items())
            if size > 4096
        ]
        rows.append(("**all**", f"**{ours:,}**", f"**{ours / personal:.2f}**"))
        part.tables.append(
            Table(
                f"{how}; a member has {personal / count:,.0f} personal bytes, {entries / count:.1f} entries",
                ("file", "bytes", "per personal byte"),
                rows,
            )
        )
    return part


def _fewer(work: str, ours: float, plain: float, target: float | None) -> Line:
    """Return a line whose ratio is how far under the limit ours is: 1 or more keeps it."""
    return Line(
        f"{work}, limit {LIMIT:g}", f"{ours:.2f}", "plain tables with the same indexes", f"{plain:.2f}",
        LIMIT / ours, 1.0 if target else None,
    )  # fmt: skip


def _live(pair: Pair, count: int, *, streamed: bool) -> tuple[int, int]:
    """Let members live; return (personal bytes, ledger entries)."""
    at, personal = pair.clock(), 0
    for some in in_batches(range(count), 100):
        pair.plain.join([people.reference(n) for n in some])
        acts = [(n, *act) for n in some for act in people.life(n, at)]
        acts.sort(key=lambda act: (act[1] != "account", act[1]))
        for category, group in groupby(acts, key=lambda act: act[1]):
            mine = list(group)
            offers = [
                offer(people.reference(n), category, when, by, values) for n, _, when, by, values in mine
            ]
            take(pair.house, offers, together=streamed and category in STREAMS)
            pair.plain.add_many(
                category,
                [row(people.reference(n), category, v, at, at + 400 * DAY) for n, _, _, _, v in mine],
            )
            personal += sum(people.personal_bytes(values) for *_, values in mine)
    return personal, pair.house.checkpoint().size


# ---- growth


@dataclass(frozen=True, slots=True)
class Point:
    """What was measured at one number of members."""

    members: int
    enrolling: float  # members a second, ours
    rates: dict[str, float]
    ratios: dict[str, float]
    bytes_ratio: float


def growth(scene: Scene) -> Part:
    """Measure reads, writes and bytes while a house grows."""
    part = Part(
        "How it grows",
        "The same house and baseline grow (all members have an account), and are measured on the way:"
        f" the reads of above, of all; the writes of above, by {TRADERS:,} of them who write already."
        " SQLite; the files soon exceed its cache (64 MiB in both). Bytes are those that enrolling added.",
    )
    points: list[Point] = []
    with scene.pair() as pair:
        before = 0
        for size in scene.sizes.growth:
            scene.say(f"growth: to {size:,} members")
            held = _folded_bytes(pair)
            seconds = _enrolled(pair, before, size)
            grown = _folded_bytes(pair) - held
            personal = sum(people.personal_bytes(people.account(n)) for n in range(before, size, 7)) * 7
            points.append(_point(pair, scene, size, (size - before) / seconds, grown / personal))
            before = size
    head = ("members", *points[0].rates, *points[0].ratios, "bytes per personal byte", "enrolled a second")
    rows = [
        (
            f"{point.members:,}",
            *(f"{rate:,.0f}/s" for rate in point.rates.values()),
            *(f"{ratio:.2f}" for ratio in point.ratios.values()),
            f"{point.bytes_ratio:.2f}",
            figure(point.enrolling),
        )
        for point in points
    ]
    part.tables.append(Table("Rates, ratios to the baseline, bytes", head, rows))
    names = list(points[0].ratios)
    part.files["growth.svg"] = plotted(
        "Throughput relative to plaintext, as a house grows",
        [f"{point.members:,}" for point in points],
        [Series(name, [point.ratios[name] for point in points]) for name in names],
    )
    part.notes.append("![Throughput relative to plaintext, by number of members](growth.svg)")
    part.notes.append(
        "Accounts alone are the worst case for bytes: three short values, four index rows, two wrapped keys."
    )
    return part


def _folded_bytes(pair: Pair) -> int:
    pair.house.teller.chore(lambda h: h.filing.fold())
    return sum(house_bytes(pair.directory / "house").values())


def _enrolled(pair: Pair, start: int, end: int) -> float:
    spent = 0.0
    at = pair.clock()
    for some in in_batches(range(start, end)):
        offers = [
            offer(people.reference(n), "account", "registration", "portal", people.account(n)) for n in some
        ]
        before = perf_counter()
        take(pair.house, offers)
        spent += perf_counter() - before
        pair.plain.join([people.reference(n) for n in some])
        pair.plain.add_many(
            "account",
            [row(people.reference(n), "account", people.account(n), at, at + 900 * DAY) for n in some],
        )
    return spent


def _point(pair: Pair, scene: Scene, members: int, enrolling: float, bytes_ratio: float) -> Point:
    seconds, context = scene.sizes.seconds, pair.house.purpose("service.account", by=PORTAL)
    numbers, at = iter(range(members * 1_000, 1 << 62)), pair.clock()
    traders = range(0, members, max(1, members // TRADERS))
    trade(pair, traders)

    def about(n: int) -> str:
        return people.reference(scattered(n, members))

    def trader(n: int) -> str:
        return people.reference(traders[scattered(n, len(traders))])

    def collect(n: int) -> object:
        return pair.house.collect(
            about=trader(n), category="transactions", when="service_use", by=program("exchange"),
            values=people.transaction(next(numbers), at),
        )  # fmt: skip

    def insert(n: int) -> None:
        values = people.transaction(next(numbers), at)
        pair.plain.add("transactions", row(trader(n), "transactions", values, at, at + 2557 * DAY))

    turns: dict[str, Callable[[], Turn]] = {
        "read": together(lambda n: context.read(about=about(n), category="account"), seconds),
        "plain read": together(lambda n: pair.plain.read(about(n)), seconds),
        "write": together(collect, seconds),
        "plain write": together(insert, seconds),
        "one write": alone(collect, seconds),
        "one plain write": alone(insert, seconds),
    }
    found = interleave(turns, max(1, scene.sizes.repetitions - 2))
    return Point(
        members,
        enrolling,
        {
            f"read, {CALLERS} callers": found["read"].median,
            f"write, {CALLERS} callers": found["write"].median,
            "write, 1 caller": found["one write"].median,
        },
        {
            f"ratio: read, {CALLERS} callers": found["read"].median / found["plain read"].median,
            f"ratio: write, {CALLERS} callers": found["write"].median / found["plain write"].median,
            "ratio: write, 1 caller": found["one write"].median / found["one plain write"].median,
        },
        bytes_ratio,
    )
