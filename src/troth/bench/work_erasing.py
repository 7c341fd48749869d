"""What goes: one member, and everything whose time is over."""

from statistics import median
from time import perf_counter

from troth.acts.rights import erasing as asked
from troth.bench import people
from troth.bench.baseline import row
from troth.bench.measure import Rate
from troth.bench.report import Part, Table, compared, duration, timed
from troth.bench.scene import BATCH, POSTGRES, Pair, Scene, enrol, in_batches, offer, take, usage_of
from troth.clock import DAY
from troth.custody.endings import erasing, expiring, finishing
from troth.custody.endings.erasing import Begun
from troth.rules.decision import member

FEW = 20


def erasures(scene: Scene) -> Part:
    """Measure how soon a member is unreadable, and gone from the files."""
    part = Part(
        "Erase a member",
        f"A member with an account and {FEW}, or {scene.sizes.heavy:,}, lines of usage log is erased."
        " *Unreadable*: the erasure is decided, noted and ledgered, and the keys are destroyed: nothing"
        " of it opens here any more, nor in a copy of the rows alone (docs/limits.md tells of copies of"
        " keys). *Gone*: rows, index rows and names removed, read back, ledgered, and the write-ahead logs"
        " folded back. Baseline: DELETE of the same rows and their commit; for *gone*, its log folded back"
        " too (SQLite). A DELETE leaves every copy readable.",
    )
    for engine in scene.engines:
        scene.say(f"erase, {engine}")
        with scene.pair(engine) as pair:
            enrol(pair, 0, scene.sizes.members)
            medians = {}
            for count in (FEW, scene.sizes.heavy):
                took = [_erased(pair, turn * 3, count) for turn in range(scene.sizes.repetitions // 2 + 2)]
                medians[count] = [median(column) for column in zip(*took[1:], strict=True)]
            for count, (unreadable, gone, deleted, folded) in medians.items():
                what = f"{engine}, {count:,} records"
                part.lines.append(
                    timed(f"{what}: unreadable", unreadable, "DELETE, commit", deleted, target=1)
                )
                part.lines.append(timed(f"{what}: gone", gone, "DELETE, commit, fold", folded))
            few, many = medians[FEW], medians[scene.sizes.heavy]
            flat = many[0] / few[0]
            part.notes.append(
                f"{engine}: {scene.sizes.heavy // FEW:,} times the records, {flat:.1f} times the time until"
                f" unreadable (a DELETE: {many[2] / few[2]:.1f} times). Gone in {duration(many[1])};"
                f" under a second: {'yes' if many[1] < 1 else '**no**'}."
            )
    return part


def _erased(pair: Pair, first: int, count: int) -> tuple[float, float, float, float]:
    """Erase two members with `count` records; return (unreadable, gone, deleted, deleted and folded) in s."""
    house, at = pair.house, pair.clock()
    for n in (first, first + 1):
        about = people.reference(n)
        for numbers in in_batches(range(count)):
            offers, rows = usage_of(about, numbers, at)
            take(house, offers)
            pair.plain.add_many("usage", rows)
    start = perf_counter()
    job = asked(by=member(), about=people.reference(first))
    begun = house.teller.alone(lambda desk: erasing.begin(desk, job))
    assert isinstance(begun, Begun)  # noqa: S101 - nothing keeps an account and a usage log
    house.teller.chore(lambda h: finishing.destroy_keys(h, begun.subject, begun.classes, whole=begun.whole))
    unreadable = perf_counter() - start
    house.teller.resume()
    start = perf_counter()
    house.erase(about=people.reference(first + 1))
    gone = perf_counter() - start
    pair.plain.fold()
    start = perf_counter()
    pair.plain.erase(people.reference(first), ("account", "usage"))
    deleted = perf_counter() - start
    start = perf_counter()
    pair.plain.erase(people.reference(first + 1), ("account", "usage"))
    pair.plain.fold()
    folded = perf_counter() - start
    for n in (first, first + 1):  # so that the next turn finds them again
        about = people.reference(n)
        take(house, [offer(about, "account", "registration", "portal", people.account(n))])
        pair.plain.add_many("account", [row(about, "account", people.account(n), at, at + 900 * DAY)])
    return unreadable, gone, deleted, folded


# ---- expiry


def expiries(scene: Scene) -> Part:
    """Measure the removal of everything whose time is over."""
    total = scene.sizes.expiring
    part = Part(
        f"Expire {total:,} records",
        "Lines of usage log past their 30 days are removed: chunk by chunk, none of a class under a hold,"
        " every chunk with a ledger line that commits to the ids of what went, and the logs folded back."
        " Expired records are unreadable from their instant on, whether or not this has run. Baseline: one"
        " set-based DELETE, and the log folded back. PostgreSQL frees the space when it vacuums, in both.",
    )
    for engine in scene.engines:
        count = total if engine != POSTGRES else min(total, 100_000)
        scene.say(f"expire, {engine}: loading {count:,}")
        with scene.pair(engine) as pair:
            turns = 1 if count > 200_000 or engine == POSTGRES else min(3, scene.sizes.repetitions)
            ours, plain, chunks = _expired(scene, pair, count, turns)
        line = compared(
            f"{engine}, {count:,} records, {turns} turn{'s' * (turns > 1)}",
            ours, "set-based DELETE", plain, target=0.5, unit=" rows/s",
        )  # fmt: skip
        part.lines.append(line)
        if chunks:
            rows = [(f"{rank:,}", f"{chunk:,.0f}") for rank, chunk in chunks]
            part.tables.append(Table(f"{engine}: rate by progress", ("chunk", "rows/s"), rows))
    return part


def _expired(scene: Scene, pair: Pair, count: int, turns: int) -> tuple[Rate, Rate, list[tuple[int, float]]]:
    owners = max(1, min(scene.sizes.members, count // 100))
    enrol(pair, 0, owners)
    ours, plain, chunks = [], [], []
    for turn in range(turns):
        at = pair.clock()
        for numbers in in_batches(range(count), BATCH):
            offers, rows = [], []
            for n in numbers:
                line = people.usage(n, at)
                about = people.reference(n % owners)
                offers.append(offer(about, "usage", "usage_log", "usage-script", line))
                rows.append(row(about, "usage", line, at, at + 30 * DAY))
            take(pair.house, offers)
            pair.plain.add_many("usage", rows)
        pair.house.teller.chore(lambda h: h.filing.fold())
        pair.plain.fold()
        pair.clock.forward(31 * DAY)
        scene.say(f"expire, {pair.engine}: removing, turn {turn + 1}")
        start = before = perf_counter()
        while (step := pair.house.teller.alone(expiring.expire)).more:
            now = perf_counter()
            chunks.append(step.removed / (now - before))
            before = now
        pair.house.teller.chore(lambda h: h.filing.fold())
        ours.append(count / (perf_counter() - start))
        start = perf_counter()
        pair.plain.expire("usage", pair.clock())
        pair.plain.fold()
        plain.append(count / (perf_counter() - start))
    some = sorted({0, len(chunks) // 2, len(chunks) - 1}) if len(chunks) > 2 else []
    rates = [Rate(median(rates), min(rates), max(rates)) for rates in (ours, plain)]
    return rates[0], rates[1], [(rank + 1, chunks[rank]) for rank in some]
