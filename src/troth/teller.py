"""Take jobs from the faces, serve them in batches, one transaction each.

Whatever has queued up while the last commit was being flushed becomes the next batch. Blocking callers
need no thread of the teller's: whoever comes first leads, serves its own job together with all that
wait, and hands the lead on; so one caller alone pays no thread switch. Awaiting callers are led by one
thread that sleeps while nobody awaits. A batch that fails is served job by job, so that one bad job
never fails its neighbours. A caller who is interrupted while leading hands the lead on all the same.

A teller belongs to the process that opened it. After a fork the child has to open the house itself.
"""

import asyncio
import os
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, TypeVar

from troth.custody import erasing
from troth.custody.desk import Desk
from troth.custody.erasing import Erase, Gone
from troth.custody.serving import Job, attempt, in_unit, serve
from troth.errors import AskedWithin, HouseClosed, HouseInherited, OutcomeUnknown, TrothError
from troth.house import House
from troth.ledger.receipt import Receipt
from troth.store import records

T = TypeVar("T")
LARGEST_BATCH = 512
MOST_YIELDS = 8
_UNSERVED = object()


class _Ticket:
    """One job in the queue, and how its caller waits: on a bell, or on a future."""

    __slots__ = ("alone", "future", "job", "outcome", "promoted", "ring", "wait")

    def __init__(self, job: Any, *, alone: bool = False, future: "asyncio.Future[Any] | None" = None) -> None:  # noqa: ANN401
        self.job = job
        self.alone = alone
        self.future = future
        self.outcome: Any = _UNSERVED
        self.promoted = False
        bell = threading.Lock()
        bell.acquire()
        self.wait, self.ring = bell.acquire, bell.release


class Teller:
    """The one who serves a house; every act goes through here."""

    def __init__(self, house: House) -> None:
        self.house = house
        self._queue: deque[_Ticket] = deque()
        self._gate = threading.Lock()
        self._leading = False
        self._closed = False
        self._over = False
        self._born = os.getpid()
        self._thread: threading.Thread | None = None
        self._serving: int | None = None  # the thread that serves at the moment
        self._called = threading.Semaphore(0)
        self._last = 1  # how many the last batch had

    # ---- for the acts

    def ask(self, job: Job) -> Any:  # noqa: ANN401 - what the job's server answers
        """Serve one job and return its answer, blocking; raises when the outcome is an error."""
        return _answer(self._submit(_Ticket(job)))

    async def ask_soon(self, job: Job) -> Any:  # noqa: ANN401
        """Serve one job and return its answer without blocking the event loop; raises as `ask`."""
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        if self._enqueue(_Ticket(job, future=future)):
            self._call()
        return _answer(await future)

    def alone(self, work: Callable[[Desk], T]) -> T:
        """Do some work in a transaction of its own, between the batches."""
        outcome: T = _answer(self._submit(_Ticket(lambda: in_unit(self.house, work), alone=True)))
        return outcome

    def chore(self, work: Callable[[House], T]) -> T:
        """Do some work between the batches that brings its own transactions, or needs none."""
        outcome: T = _answer(self._submit(_Ticket(lambda: work(self.house), alone=True)))
        return outcome

    def erase(self, job: Erase) -> Gone:
        """Erase to the end: keys, rows, tokens, files; read back. Raises when it is refused."""

        def work(house: House) -> Gone | TrothError:
            # From the decision to the end nobody else writes: what is answered meanwhile would be erased.
            with house.filing.alone():
                begun = in_unit(house, lambda desk: erasing.begin(desk, job))
                if isinstance(begun, TrothError):
                    return begun
                finished = _ended(house, begun.id, begun.subject, begun.classes, whole=begun.whole)
            count, files, done = finished or (0, 0, begun.receipt)
            return Gone(begun.classes, begun.stays, begun.whole, count, files, begun.receipt, done)

        outcome = self.chore(work)
        if isinstance(outcome, TrothError):
            raise outcome
        return outcome

    def resume(self) -> int:
        """Finish every erasure that was begun and interrupted; return how many."""
        rows = self.alone(lambda desk: records.erasures_begun(desk.unit))
        for erasure, subject, classes, whole, *_ in rows:
            gone = partial(_ended, erasure=bytes(erasure), subject=subject, whole=bool(whole))
            self.chore(partial(gone, classes=erasing.classes_of(classes)))
        return len(rows)

    def close(self) -> None:
        """Serve what is waiting, stop, and close the house; nothing answered is lost."""
        if os.getpid() != self._born:
            return  # the house is the parent's
        self._not_within()
        last = _Ticket(self.house.filing.close, alone=True)
        with self._gate:
            if self._closed:
                return
            self._closed = True
            self._queue.append(last)
            lead, self._leading = not self._leading, True
        outcome = self._served(last, lead=lead)
        self._over = True
        if self._thread is not None:
            self._called.release()
            self._thread.join()
        _answer(outcome)

    # ---- the queue

    def _enqueue(self, ticket: _Ticket) -> bool:
        """Queue a ticket; true when nobody leads, so that the caller must."""
        if os.getpid() != self._born:
            raise HouseInherited
        with self._gate:
            if self._closed:
                raise HouseClosed
            self._queue.append(ticket)
            lead, self._leading = not self._leading, True
        return lead

    def _submit(self, ticket: _Ticket) -> Any:  # noqa: ANN401
        self._not_within()
        return self._served(ticket, lead=self._enqueue(ticket))

    def _not_within(self) -> None:
        """Raise `AskedWithin` for a job that asks while it is served: it would wait for itself."""
        if self._serving == threading.get_ident():
            raise AskedWithin

    def _served(self, ticket: _Ticket, *, lead: bool) -> Any:  # noqa: ANN401
        """Wait until a ticket in the queue is served, or lead until it is; return its outcome."""
        if not lead:
            try:
                ticket.wait()
            except BaseException:
                self._withdraw(ticket)
                raise
            if not ticket.promoted:
                return ticket.outcome
        self._lead(ticket)
        return ticket.outcome

    def _withdraw(self, ticket: _Ticket) -> None:
        """Take back the ticket of a caller who was interrupted while waiting, and the lead if it has it."""
        with self._gate:
            if ticket not in self._queue:
                return
            self._queue.remove(ticket)
        if ticket.promoted:
            self._hand_on()

    def _lead(self, mine: _Ticket | None) -> None:
        """Serve batches until my own ticket is served, or none is awaited; then hand the lead on."""
        try:
            while True:
                batch = self._next_batch()
                try:
                    if batch:
                        self._serving = threading.get_ident()
                        self._serve(batch)
                finally:
                    self._serving = None
                    self._tell(batch, mine)
                if mine in batch or (mine is None and not self._awaited()):
                    return
        finally:
            self._hand_on()

    def _awaited(self) -> bool:
        with self._gate:
            return bool(self._queue) and self._queue[0].future is not None

    def _hand_on(self) -> None:
        """Let whoever waits longest lead; nobody, when nobody waits."""
        with self._gate:
            if not self._queue:
                self._leading = False
                return
            following = self._queue[0]
            if following.future is None:
                following.promoted = True
                following.ring()
                return
        self._call()

    def _gather(self) -> None:
        """Let callers who were just answered ask again, so that the next batch is as large as the last.

        Yields the processor while the queue grows: a unit's flush and statements are shared by more.
        One caller alone never waits here.
        """
        for _ in range(MOST_YIELDS):
            waiting = len(self._queue)
            if waiting >= self._last:
                return
            time.sleep(0)
            if len(self._queue) == waiting:
                return

    def _next_batch(self) -> list[_Ticket]:
        self._gather()
        batch: list[_Ticket] = []
        with self._gate:
            while self._queue and len(batch) < LARGEST_BATCH:
                if self._queue[0].alone and batch:
                    break
                batch.append(self._queue.popleft())
                if batch[-1].alone:
                    break
        self._last = len(batch)
        return batch

    def _serve(self, batch: Sequence[_Ticket]) -> None:
        """Fill in the outcome of every ticket."""
        if batch[0].alone:
            batch[0].outcome = attempt(batch[0].job)
            return
        outcomes = serve(self.house, [ticket.job for ticket in batch])
        for ticket, outcome in zip(batch, outcomes, strict=True):
            ticket.outcome = outcome

    @staticmethod
    def _tell(batch: Sequence[_Ticket], mine: _Ticket | None) -> None:
        loops: dict[asyncio.AbstractEventLoop, list[_Ticket]] = {}
        for ticket in batch:
            if ticket.future is not None:
                loops.setdefault(ticket.future.get_loop(), []).append(ticket)
            elif ticket is not mine:
                ticket.promoted = False
                ticket.ring()
        for loop, tickets in loops.items():
            try:
                loop.call_soon_threadsafe(_resolve, tickets)
            except RuntimeError:  # the loop was closed while its callers waited
                continue

    def _call(self) -> None:
        """Let the thread lead that serves awaiting callers; started at the first call."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._stand_by, name="troth-teller", daemon=True)
            self._thread.start()
        self._called.release()

    def _stand_by(self) -> None:
        while True:
            self._called.acquire()
            if self._over:
                return
            self._lead(None)


def _ended(
    house: House, erasure: bytes, subject: int, classes: Sequence[str], *, whole: bool
) -> tuple[int, int, Receipt] | None:
    """Finish an erasure that was begun, and fold the logs so that nothing of it stays in them."""
    finished = in_unit(house, lambda desk: erasing.finish(desk, erasure, subject, classes, whole=whole))
    house.filing.fold()
    return finished


def _answer(outcome: Any) -> Any:  # noqa: ANN401
    if outcome is _UNSERVED:  # whoever led was interrupted before it was told
        raise OutcomeUnknown
    if isinstance(outcome, BaseException):
        raise outcome
    return outcome


def _resolve(tickets: Sequence[_Ticket]) -> None:
    for ticket in tickets:
        if ticket.future is not None and not ticket.future.done():
            ticket.future.set_result(ticket.outcome)
