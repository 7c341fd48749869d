"""A stream that is collected in bulk, a thousand at a time; and what a decision costs by itself."""

from collections.abc import Callable
from statistics import median
from time import perf_counter_ns
from typing import Any

from troth.bench import people
from troth.bench.baseline import row
from troth.bench.measure import Turn, batches, interleave, scattered
from troth.bench.report import Part, Table, compared
from troth.bench.scene import BATCH, Pair, Scene, enrol, offer, take, trade, warm
from troth.clock import DAY
from troth.rules.compiling import compile_rules
from troth.rules.decide import decide
from troth.rules.decision import Act, Facts, Permit, Request, program
from troth.rules.rulebook import Rulebook
from troth.rules.standing import NEWCOMER
from troth.terms.check import check
from troth.terms.parse import parse
from troth.terms.vocabulary import Category, Place, Purpose


def bulk(scene: Scene) -> Part:
    """Measure the collection of transactions, 1,000 a batch, of as many members."""
    size = min(BATCH, scene.sizes.members)
    part = Part(
        f"Bulk collect, {size:,} a batch",
        "Transactions of as many different members arrive as one batch, one transaction of the store each"
        " batch: values checked, decided one by one, sealed, filed; all have transactions already. Baseline:"
        " one `executemany` of the same values, same columns, same indexes, one commit.",
    )
    for engine in scene.engines:
        scene.say(f"bulk, {engine}")
        with scene.pair(engine) as pair:
            enrol(pair, 0, scene.sizes.members)
            trade(pair, range(scene.sizes.members))
            warm(pair, scene.sizes.members)
            found = interleave(_collecting(pair, scene, size), scene.sizes.repetitions)
        for name, words, target in (
            ("one", "one ledger entry for the batch", 0.5),
            ("each", "one ledger entry for each", 0.4),
        ):
            part.lines.append(
                compared(
                    f"{engine}, {words}",
                    found[name],
                    "`executemany`",
                    found["plain"],
                    target=target,
                    unit=" rows/s",
                )
            )
    return part


def _collecting(pair: Pair, scene: Scene, size: int) -> dict[str, Callable[[], Turn]]:
    at, total, numbers = pair.clock(), scene.sizes.members, iter(range(1 << 62))

    def batch(n: int) -> list[tuple[str, dict[str, Any]]]:
        abouts = [people.reference(scattered(n * size + i, total)) for i in range(size)]
        return [(about, people.transaction(next(numbers), at)) for about in abouts]

    def ours(n: int, *, together: bool) -> int:
        offers = [offer(about, "transactions", "service_use", "exchange", line) for about, line in batch(n)]
        return take(pair.house, offers, together=together)

    def plain(n: int) -> int:
        rows = [row(about, "transactions", line, at, at + 2557 * DAY) for about, line in batch(n)]
        pair.plain.add_many("transactions", rows)
        return len(rows)

    return {
        "one": batches(lambda n: ours(n, together=True), scene.sizes.batches),
        "plain": batches(plain, scene.sizes.batches),
        "each": batches(lambda n: ours(n, together=False), scene.sizes.batches),
    }


# ---- a decision alone


def deciding(scene: Scene) -> Part:
    """Measure one decision, for agreements of growing length."""
    part = Part(
        "A decision alone",
        "`decide` for a permitted read of one category for one purpose by a program; the question is another"
        " one each time. Target: under 2 µs at the median, whatever the size of the agreement.",
    )
    rows = []
    for clauses in (10, 100, 1_000):
        scene.say(f"decide, {clauses} clauses")
        book = _book(clauses)
        timings = _timed(book, max(2_000, int(scene.sizes.seconds * 50_000)))
        p50, p99 = median(timings), timings[len(timings) * 99 // 100]
        met = "yes" if p50 < 2_000 else "**no**"
        rows.append((f"{clauses:,}", f"{p50:,.0f}", f"{p99:,.0f}", "< 2,000", met))
    head = ("clauses", "median, ns", "p99, ns", "target", "met")
    part.tables.append(Table("Nanoseconds of one decision, the clock's own reading taken off", head, rows))
    return part


def _timed(book: Rulebook, count: int) -> list[int]:
    """Return sorted nanoseconds of each of many decisions."""
    categories = sorted(book.fields)
    facts = Facts(book.agreement.effective + 1, Place("EEA.IE"))
    by = program("portal")
    questions = [
        Request(Act.USE, by, Category(name), purpose=Purpose(f"club.{name}"), case=f"C-{n}")
        for n, name in enumerate(categories)
    ]
    if not all(isinstance(decide(book, question, NEWCOMER, facts), Permit) for question in questions):
        raise AssertionError("the benchmark's own agreement refuses what it should permit")
    empty = []
    for _ in range(2_000):
        start = perf_counter_ns()
        empty.append(perf_counter_ns() - start)
    clock, took = int(median(empty)), []
    for n in range(count):
        question = questions[n % len(questions)]
        start = perf_counter_ns()
        decide(book, question, NEWCOMER, facts)
        took.append(perf_counter_ns() - start - clock)
    return sorted(took)


def _book(clauses: int) -> Rulebook:
    """Return the rulebook of an agreement of about so many clauses: collect, use, keep, and again."""
    groups = max(1, (clauses - 3) // 3)
    text = _HEAD + "".join(_GROUP.format(n=n) for n in range(groups)) + _TAIL
    agreement = parse(text, "bench.md")
    faults = [finding for finding in check(agreement) if finding.level == "error"]
    if faults:
        raise AssertionError(f"the benchmark's own agreement is unsound: {faults[0]}")
    return compile_rules(agreement, Place("EEA.IE"))


_HEAD = """---
agreement: bench
title: An agreement of some length
organisation: {name: Example Club, contact: hello@example.org, place: EEA.IE, regimes: [eu-gdpr]}
version: 1
effective: 2026-01-01T00:00:00Z
language: en
---
"""
_GROUP = """
# {n} Category {n}

## {n}.1 What we take {{#collect.c{n}}}
We ask for a note, for the club.

```rule
collect: c{n}
when: registration
opens: true
fields:
  note: {{type: text, words: a note}}
  other: {{type: text, words: another note}}
basis: contract
for: [club]
keep: c{n}
```

## {n}.2 What we use it for {{#use.c{n}}}
Our portal reads it to show it to you.

```rule
use: club.c{n}
of: [c{n}]
by: {{programs: [portal], roles: [secretary]}}
basis: contract
```

## {n}.3 How long we keep it {{#keep.c{n}}}
It is erased 30 days after you leave, and in any case ten years after you gave it.

```rule
keep: c{n}
of: [c{n}]
for: P30D
from: leave
at_most: P10Y
```
"""
_TAIL = """
# 9999 Yours

## 9999.1 What you can do {#rights}
You see it, have it erased, and leave, at any time and by yourself.

```rule
right: access
```

```rule
right: erase
```

```rule
right: leave
```

## 9999.2 Where to turn {#contact}
Write to us. The Data Protection Commission of Ireland watches over us.

```rule
contact: {email: hello@example.org}
authority: Data Protection Commission, Ireland
```
"""
