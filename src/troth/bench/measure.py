"""Measure: how often something is done in a second, contestants taking turns in one run."""

import asyncio
import threading
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from math import gcd
from statistics import median
from time import perf_counter
from typing import TypeAlias

CALLERS = 32
Work: TypeAlias = Callable[[int], object]
"""Does one operation; the number says which, so that no two turns ask for the same thing in a row."""


@dataclass(frozen=True, slots=True)
class Turn:
    """One turn of one contestant: operations a second, and how long each took (seconds)."""

    rate: float
    took: Sequence[float] = ()


@dataclass(frozen=True, slots=True)
class Rate:
    """Several turns: the median, lowest and highest rate; 50th and 99th percentile of one operation (s)."""

    median: float
    low: float
    high: float
    p50: float = 0.0
    p99: float = 0.0

    @property
    def spread(self) -> float:
        """How far the turns lie apart, as a share of the median."""
        return (self.high - self.low) / self.median if self.median else 0.0


def rate_of(turns: Sequence[Turn]) -> Rate:
    """Return what several turns come to."""
    rates = [turn.rate for turn in turns]
    took = sorted(one for turn in turns for one in turn.took)
    p50, p99 = (took[len(took) // 2], took[len(took) * 99 // 100]) if took else (0.0, 0.0)
    return Rate(median(rates), min(rates), max(rates), p50, p99)


def interleave(contestants: Mapping[str, Callable[[], Turn]], repetitions: int) -> dict[str, Rate]:
    """Let contestants take turns (A B A B ...), after one turn each that does not count."""
    turns: dict[str, list[Turn]] = {name: [] for name in contestants}
    for turn in contestants.values():
        turn()
    for _ in range(repetitions):
        for name, turn in contestants.items():
            turns[name].append(turn())
    return {name: rate_of(some) for name, some in turns.items()}


def alone(work: Work, seconds: float) -> Callable[[], Turn]:
    """Return the turn of one caller who asks, waits, and asks again."""
    done = 0

    def turn() -> Turn:
        nonlocal done
        took: list[float] = []
        start = now = perf_counter()
        end = start + seconds
        while now < end:
            before = now
            work(done)
            done += 1
            now = perf_counter()
            took.append(now - before)
        return Turn(len(took) / (now - start), took)

    return turn


def together(work: Work, seconds: float, callers: int = CALLERS) -> Callable[[], Turn]:
    """Return the turn of many threads, each of which asks, waits, and asks again."""
    done = [caller << 40 for caller in range(callers)]

    def turn() -> Turn:
        took: list[list[float]] = [[] for _ in range(callers)]
        problems: list[BaseException] = []
        ready = threading.Barrier(callers + 1)
        end = 0.0

        def call(caller: int) -> None:
            mine = took[caller]
            ready.wait()
            now = perf_counter()
            try:
                while now < end:
                    before = now
                    work(done[caller])
                    done[caller] += 1
                    now = perf_counter()
                    mine.append(now - before)
            except BaseException as problem:  # noqa: BLE001 - raised again in the thread that waits
                problems.append(problem)

        threads = [threading.Thread(target=call, args=(caller,)) for caller in range(callers)]
        for thread in threads:
            thread.start()
        end = perf_counter() + seconds
        start = perf_counter()
        ready.wait()
        for thread in threads:
            thread.join()
        finished = perf_counter()
        if problems:
            raise problems[0]
        every = [one for some in took for one in some]
        return Turn(len(every) / (finished - start), every)

    return turn


def awaiting(
    work: Callable[[int], Awaitable[object]], seconds: float, callers: int = CALLERS
) -> Callable[[], Turn]:
    """Return the turn of many tasks in one event loop, each of which asks, awaits, and asks again."""
    done = [caller << 40 for caller in range(callers)]

    async def call(caller: int, end: float, took: list[float]) -> None:
        now = perf_counter()
        while now < end:
            before = now
            await work(done[caller])
            done[caller] += 1
            now = perf_counter()
            took.append(now - before)

    async def every() -> Turn:
        took: list[float] = []
        start = perf_counter()
        await asyncio.gather(*(call(caller, start + seconds, took) for caller in range(callers)))
        return Turn(len(took) / (perf_counter() - start), took)

    return lambda: asyncio.run(every())


def batches(work: Callable[[int], int], count: int) -> Callable[[], Turn]:
    """Return the turn of a bulk job: `count` calls, each of which says how many it did."""
    done = 0

    def turn() -> Turn:
        nonlocal done
        total, spent = 0, 0.0
        for _ in range(count):
            start = perf_counter()
            total += work(done)
            spent += perf_counter() - start
            done += 1
        return Turn(total / spent)

    return turn


def scattered(n: int, total: int) -> int:
    """Return the n-th of `total` numbers in an order that visits each once and leaps about."""
    step = int(total * 0.618) | 1
    while gcd(step, total) != 1:
        step += 2
    return (n * step + (n >> 40) * 7919) % total
