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

from troth.custody.desk import Desk
from troth.custody.endings import completing, finishing
from troth.custody.endings.erasing import Begun, Erase, Gone
from troth.custody.files.readying import has_uploads, ready
from troth.custody.serving import Job, attempt, in_unit, serve
from troth.errors import (
    AskedWithin,
    Broken,
    HouseClosed,
    HouseInherited,
    NotKeptOutside,
    OutcomeUnknown,
    TrothError,
)
from troth.house import House
from troth.store import erasures

T = TypeVar("T")
LARGEST_BATCH = 512
MOST_YIELDS = 8
PICTURES_AT_ONCE = 2  # each takes up to some 400 MB while it is drawn anew
_UNSERVED = object()


class _Ticket:
    """One job in the queue, and how its caller waits: on a bell, or on a future."""

    __slots__ = ("_bell", "alone", "future", "job", "leads", "outcome", "told", "wait")

    def __init__(self, job: Any, *, alone: bool = False, future: "asyncio.Future[Any] | None" = None) -> None:  # noqa: ANN401
        self.job = job
        self.alone = alone
        self.future = future
        self.outcome: Any = _UNSERVED
        self.leads = False  # its caller is to serve the queue
        self.told = False
        self._bell = threading.Lock()
        self._bell.acquire()
        self.wait = self._bell.acquire

    def ring(self) -> None:
        """Wake the caller, once."""
        if not self.told:
            self.told = True
            self._bell.release()


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
        self._starting = threading.Lock()
        self._serving: int | None = None  # the thread that serves at the moment
        self._called = threading.Semaphore(0)
        self._last = 1  # how many the last batch had
        self._taken: list[_Ticket] = []  # the last batch
        self._drawing = threading.BoundedSemaphore(PICTURES_AT_ONCE)

    # ---- for the acts

    def ask(self, job: Job) -> Any:  # noqa: ANN401 - what the job's server answers
        """Serve one job and return its answer, blocking; raises when the outcome is an error."""
        if has_uploads(job):
            job = self._ready(job)
        return _answer(self._submit(_Ticket(job)))

    async def ask_soon(self, job: Job) -> Any:  # noqa: ANN401
        """Serve one job and return its answer without blocking the event loop; raises as `ask`."""
        if has_uploads(job):
            job = await asyncio.to_thread(self._ready, job)
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._enqueue(_Ticket(job, future=future))
        return _answer(await future)

    def alone(self, work: Callable[[Desk], T]) -> T:
        """Do some work in a transaction of its own, between the batches."""
        outcome: T = _answer(self._submit(_Ticket(lambda: in_unit(self.house, work), alone=True)))
        return outcome

    async def alone_soon(self, work: Callable[[Desk], T]) -> T:
        """Do as `alone` does, without blocking the event loop."""
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._enqueue(_Ticket(lambda: in_unit(self.house, work), alone=True, future=future))
        outcome: T = _answer(await future)
        return outcome

    def chore(self, work: Callable[[House], T]) -> T:
        """Do some work between the batches that brings its own transactions, or needs none."""
        outcome: T = _answer(self._submit(_Ticket(lambda: work(self.house), alone=True)))
        return outcome

    def erase(self, job: Erase, *, also: Callable[[Desk, Begun], object] = lambda *_: None) -> Gone:
        """Erase to the end: keys, rows, tokens, files; read back. Raises when it is refused.

        `also` is done in the transaction that begins it.
        """
        outcome = self.chore(partial(completing.erase, job=job, also=also))
        if isinstance(outcome, TrothError):
            raise outcome
        return outcome

    def resume(self) -> tuple[int, tuple[TrothError, ...]]:
        """Finish every erasure that was begun and interrupted; return how many, and why others cannot be.

        One that meets something broken stays noted, and keeps no other from being finished.
        """
        stuck = list[TrothError]()
        rows = self.alone(lambda desk: erasures.begun(desk.unit))
        for erasure, subject, classes, whole, *_ in rows:
            gone = partial(completing.end, erasure=bytes(erasure), subject=subject, whole=bool(whole))
            try:
                self.chore(partial(gone, classes=finishing.classes_of(classes)))
            except (Broken, NotKeptOutside) as problem:
                stuck.append(problem)
        return len(rows) - len(stuck), tuple(stuck)

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
            self._join(last)
        outcome = self._served(last)
        self._over = True
        with self._starting:
            thread = self._thread
        if thread is not None:
            self._called.release()
            thread.join()
        _answer(outcome)

    def _ready(self, job: Job) -> Job:
        """Judge the pictures and files of a job, and draw them anew, before it waits."""
        with self._drawing:
            return ready(self.house.book, job)

    # ---- the queue

    def _enqueue(self, ticket: _Ticket) -> None:
        """Queue a ticket; when nobody leads, its caller must."""
        if os.getpid() != self._born:
            raise HouseInherited
        if ticket.future is not None:
            self._start()
        with self._gate:
            if self._closed:
                raise HouseClosed
            self._join(ticket)

    def _join(self, ticket: _Ticket) -> None:
        """Put a ticket into the queue, and see that somebody leads; the gate is held."""
        if not self._leading:
            self._leading = True
            if ticket.future is None:
                ticket.leads = True
            else:
                self._call()
        self._queue.append(ticket)

    def _submit(self, ticket: _Ticket) -> Any:  # noqa: ANN401
        self._not_within()
        try:
            self._enqueue(ticket)
            return self._served(ticket)
        except BaseException:
            self._give_up(ticket)
            raise

    def _not_within(self) -> None:
        """Raise `AskedWithin` for a job that asks while it is served: it would wait for itself."""
        if self._serving == threading.get_ident():
            raise AskedWithin

    def _served(self, ticket: _Ticket) -> Any:  # noqa: ANN401
        """Wait until a ticket in the queue is served, or lead until it is; return its outcome."""
        if not ticket.leads:
            ticket.wait()
        if ticket.leads:
            self._lead(ticket)
        return ticket.outcome

    def _give_up(self, ticket: _Ticket) -> None:
        """Leave the queue to the others: the caller was interrupted, wherever that was."""
        with self._gate:
            if ticket in self._queue:
                self._queue.remove(ticket)
            if not ticket.leads:
                return
        self._tell(self._taken, ticket)
        self._hand_on(ticket)

    def _lead(self, mine: _Ticket) -> None:
        """Serve batches until my own ticket is served, or none is awaited; then hand the lead on."""
        while True:
            batch = self._next_batch()
            try:
                if batch:
                    self._serving = threading.get_ident()
                    self._serve(batch)
            finally:
                self._serving = None
                self._tell(batch, mine)
            if mine in batch or (mine.job is None and not self._awaited()):
                break
        self._hand_on(mine)

    def _awaited(self) -> bool:
        with self._gate:
            return bool(self._queue) and self._queue[0].future is not None

    def _hand_on(self, mine: _Ticket) -> None:
        """Let whoever waits longest lead; nobody, when nobody waits."""
        with self._gate:
            if not mine.leads:
                return
            if not self._queue:
                self._leading = False
            elif self._queue[0].future is None:
                self._queue[0].leads = True
                self._queue[0].ring()
            else:
                self._call()
            mine.leads = False

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
        self._taken = batch  # before anything is in it, so that none is lost
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
    def _tell(batch: Sequence[_Ticket], mine: _Ticket) -> None:
        loops: dict[asyncio.AbstractEventLoop, list[_Ticket]] = {}
        for ticket in batch:
            if ticket.future is not None:
                loops.setdefault(ticket.future.get_loop(), []).append(ticket)
            elif ticket is not mine:
                ticket.ring()
        for loop, tickets in loops.items():
            try:
                loop.call_soon_threadsafe(_resolve, tickets)
            except RuntimeError:  # the loop was closed while its callers waited
                continue

    def _start(self) -> None:
        """Start the thread that serves awaiting callers, before anybody counts on it; once."""
        with self._starting:
            if self._thread is None and not self._closed:
                thread = threading.Thread(target=self._stand_by, name="troth-teller", daemon=True)
                thread.start()
                self._thread = thread

    def _call(self) -> None:
        """Let the thread lead that serves awaiting callers."""
        self._called.release()

    def _stand_by(self) -> None:
        while True:
            self._called.acquire()
            if self._over:
                return
            lead = _Ticket(None)
            lead.leads = True
            self._lead(lead)


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
