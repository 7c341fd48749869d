"""The courier: takes messages at once, and hands each out from a thread of its own until its time is over.

Messages wait in memory alone, a bounded number for each way out, and are forgotten when they are handed out,
refused for good, or late. Nothing of them is ever written or logged; how many there were can be asked for.
Every way out has its own thread, so that a mail server that is silent delays no text message.
"""

import heapq
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from time import monotonic
from typing import Protocol

from troth.clock import SECOND, Clock, Instant
from troth.errors import BadMessage, CourierFull, HouseClosed, NoGate, NotTaken, NotTakenYet
from troth.gates.message import Message

_LONGEST_PAUSE = 60.0  # seconds between two attempts


class Gate(Protocol):
    """A way out of the house."""

    def hand_out(self, message: Message, /) -> None:
        """Hand out one message; raises `BadMessage`, `NotTaken` (for good) or `NotTakenYet` (try again)."""


@dataclass(frozen=True, slots=True)
class Counts:
    """What became of the messages of one way out since the start; for a page of health."""

    sent: int = 0
    failed: int = 0  # refused for good, or late
    waiting: int = 0  # with the one that is being handed out
    problem: str = ""  # what was wrong at the last attempt that failed; empty once one succeeded


@dataclass(order=True, slots=True)
class _Parcel:
    due: float  # monotonic
    number: int
    until: Instant = field(compare=False)
    message: Message = field(compare=False)
    tries: int = field(compare=False, default=0)


class Courier:
    """Hands messages out; `close` it in the end."""

    def __init__(
        self, gates: Mapping[str, Gate], *, clock: Clock, room: int = 1_000, pause: float = 1.0
    ) -> None:
        """Start with the ways out that there are, by the section that sets each (`mail`, `sms`).

        `room` is how many messages may wait for each, `pause` the seconds before a second attempt; each
        further one waits twice as long, a minute at most.
        """
        self._lanes = {way: _Lane(way, gate, clock, room, pause) for way, gate in gates.items()}

    def send(self, message: Message, *, by: str, until: Instant) -> None:
        """Take a message and return at once; after `until` it is not handed out any more.

        Raises `NoGate`, `CourierFull` and `HouseClosed`. Whoever must not tell whether a message goes out
        calls `check` first, in any case: then the answer is the same.
        """
        self._lane(by).put(message, until)

    def hand_out(self, message: Message, *, by: str) -> None:
        """Hand one message out now, and return when it was taken; nothing waits or is tried again here.

        Raises `NoGate`, `HouseClosed`, `BadMessage`, `NotTaken` (for good) and `NotTakenYet`.
        """
        self._lane(by).hand_out(message)

    def goes(self, by: str) -> bool:
        """Whether there is such a way out at all."""
        return by in self._lanes

    def check(self, *, by: str) -> None:
        """Raise what `send` would raise now."""
        self._lane(by).check()

    def counts(self) -> Mapping[str, Counts]:
        """Return what became of the messages, by way out."""
        return {way: lane.counts() for way, lane in self._lanes.items()}

    def close(self, *, within: float = 10.0) -> int:
        """Take nothing more, hand out what waits within so many seconds; return how many were not.

        One whose next attempt would be later is given up at once; one that is with a server at the end
        counts as not handed out.
        """
        end = monotonic() + within
        for lane in self._lanes.values():
            lane.end(end)
        return sum(lane.left(end) for lane in self._lanes.values())

    def _lane(self, way: str) -> "_Lane":
        if way not in self._lanes:
            raise NoGate(section=way)
        return self._lanes[way]


class _Lane:
    """One way out, its queue and its thread."""

    def __init__(self, way: str, gate: Gate, clock: Clock, room: int, pause: float) -> None:
        self._way, self._gate, self._clock, self._room, self._pause = way, gate, clock, room, pause
        self._turn = threading.Condition()
        self._using = threading.Lock()  # a gate is asked from one thread at a time
        self._waiting: list[_Parcel] = []
        self._out = 0  # 1 while one is being handed out
        self._taken = self._sent = self._failed = 0
        self._problem = ""
        self._end: float | None = None  # monotonic; None while open
        self._thread = threading.Thread(target=self._run, name=f"troth-{way}", daemon=True)
        self._thread.start()

    def put(self, message: Message, until: Instant) -> None:
        with self._turn:
            self._must_have_room()
            self._taken += 1
            heapq.heappush(self._waiting, _Parcel(monotonic(), self._taken, until, message))
            self._turn.notify()

    def check(self) -> None:
        with self._turn:
            self._must_have_room()

    def hand_out(self, message: Message) -> None:
        with self._turn:
            if self._end is not None:
                raise HouseClosed
        problem = self._handed_out(message)
        with self._turn:
            self._problem = _told(problem)
            self._sent += problem is None
            self._failed += problem is not None
        if isinstance(problem, BadMessage | NotTaken | NotTakenYet):
            raise problem
        if problem is not None:
            raise NotTakenYet(way=self._way, problem=_told(problem))

    def counts(self) -> Counts:
        with self._turn:
            return Counts(self._sent, self._failed, len(self._waiting) + self._out, self._problem)

    def end(self, end: float) -> None:
        with self._turn:
            if self._end is None:
                self._end = end
            self._turn.notify()

    def left(self, end: float) -> int:
        self._thread.join(max(0.0, end - monotonic()))
        with self._turn:
            left = len(self._waiting) + self._out
            self._waiting.clear()
            return left

    def _must_have_room(self) -> None:
        if self._end is not None:
            raise HouseClosed
        if len(self._waiting) + self._out >= self._room:
            raise CourierFull(way=self._way)

    def _run(self) -> None:
        while (parcel := self._next()) is not None:
            self._settle(parcel, self._attempt(parcel))
            del parcel  # a thread that waits holds no message, and no failure that does

    def _next(self) -> _Parcel | None:
        """Wait for a message that is due and return it; None when there is nothing more to do."""
        with self._turn:
            while True:
                due = self._waiting[0].due if self._waiting else None
                if self._end is not None and (due is None or max(due, monotonic()) > self._end):
                    return None
                if due is not None and due <= monotonic():
                    self._out = 1
                    return heapq.heappop(self._waiting)
                self._turn.wait(None if due is None else due - monotonic())

    def _attempt(self, parcel: _Parcel) -> Exception | None:
        """Return what kept a message from being handed out; None when it was."""
        if self._clock() >= parcel.until:
            return NotTaken(way=self._way, problem="its time was over before it could be handed out")
        return self._handed_out(parcel.message)

    def _handed_out(self, message: Message) -> Exception | None:
        try:
            with self._using:
                self._gate.hand_out(message)
        except Exception as problem:  # noqa: BLE001 - the edge of a thread that must outlive one message
            return problem.with_traceback(None)  # frames hold the message
        return None

    def _settle(self, parcel: _Parcel, problem: Exception | None) -> None:
        """Count a message, or let it wait for the next attempt if one comes before its time is over."""
        pause = min(self._pause * 2**parcel.tries, _LONGEST_PAUSE)
        in_time = self._clock() + int(pause * SECOND) < parcel.until
        with self._turn:
            self._out = 0
            self._problem = _told(problem)
            if problem is None:
                self._sent += 1
            elif isinstance(problem, NotTakenYet) and in_time:
                parcel.due, parcel.tries = monotonic() + pause, parcel.tries + 1
                heapq.heappush(self._waiting, parcel)
            else:
                self._failed += 1


def _told(problem: Exception | None) -> str:
    """Return what may be told of a failure: one that is not ours could quote the message."""
    if problem is None:
        return ""
    if isinstance(problem, BadMessage | NotTaken | NotTakenYet):
        return problem.message
    return f"{type(problem).__name__}, which no gate should raise"
