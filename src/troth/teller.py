"""Take jobs from the faces, serve them in batches, one transaction each.

Whatever has queued up while the last commit was being flushed becomes the next batch. Blocking callers
need no thread of the teller's: whoever comes first leads, serves its own job together with all that
wait, and hands the lead on; so one caller alone pays no thread switch. Awaiting callers are led by one
thread that sleeps while nobody awaits. A batch that fails is served job by job, so that one bad job
never fails its neighbours.
"""

import asyncio
import threading
import traceback
from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeAlias, TypeVar

from troth.custody import erasing, keymaking
from troth.custody.amend import Amend, amend
from troth.custody.desk import Desk
from troth.custody.erasing import Begun, Erase, Gone
from troth.custody.hand_out import HandOut, hand_out
from troth.custody.publishing import catch_up
from troth.custody.stand import Stand, stand
from troth.custody.take_in import TakeIn, take_in
from troth.errors import HouseClosed, KeysMissing, TrothError
from troth.house import House
from troth.store import records
from troth.store.unit import unit

T = TypeVar("T")
Job: TypeAlias = HandOut | TakeIn | Stand | Amend
LARGEST_BATCH = 512
_SERVERS: dict[type, Callable[[Desk, Any], Sequence[Any]]] = {
    HandOut: hand_out,
    TakeIn: take_in,
    Stand: stand,
    Amend: amend,
}


class _Ticket:
    """One job in the queue, and how its caller waits: on a bell, or on a future."""

    __slots__ = ("alone", "future", "job", "outcome", "promoted", "ring", "wait")

    def __init__(self, job: Any, *, alone: bool = False, future: "asyncio.Future[Any] | None" = None) -> None:  # noqa: ANN401
        self.job = job
        self.alone = alone
        self.future = future
        self.outcome: Any = None
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
        self._thread: threading.Thread | None = None
        self._called = threading.Semaphore(0)

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
        outcome: T = _answer(self._submit(_Ticket(lambda: self._unit(work), alone=True)))
        return outcome

    def chore(self, work: Callable[[House], T]) -> T:
        """Do some work between the batches that brings its own transactions, or needs none."""
        outcome: T = _answer(self._submit(_Ticket(lambda: work(self.house), alone=True)))
        return outcome

    def erase(self, job: Erase) -> Gone:
        """Erase to the end: keys, rows, tokens, files; read back. Raises when it is refused."""
        begun: Begun | TrothError = self.alone(lambda desk: erasing.begin(desk, job))
        if isinstance(begun, TrothError):
            raise begun
        count, files, done = self._finish(begun.id, begun.subject, begun.classes, whole=begun.whole)
        return Gone(begun.classes, begun.stays, begun.whole, count, files, begun.receipt, done)

    def resume(self) -> int:
        """Finish every erasure that was begun and interrupted; return how many."""
        rows = self.alone(lambda desk: records.erasures_begun(desk.unit))
        for erasure, subject, classes, whole, *_ in rows:
            self._finish(bytes(erasure), subject, erasing.classes_of(classes), whole=bool(whole))
        return len(rows)

    def close(self) -> None:
        """Serve what is waiting, stop, and close the house; nothing answered is lost."""
        with self._gate:
            if self._closed:
                return
        self.chore(lambda _: None)
        with self._gate:
            self._closed = True
        if self._thread is not None:
            self._called.release()
            self._thread.join()
        self.house.filing.close()

    def _finish(self, erasure: bytes, subject: int, classes: Sequence[str], *, whole: bool) -> Any:  # noqa: ANN401
        self.chore(lambda house: erasing.destroy_keys(house, subject, classes, whole=whole))
        count = files = 0
        while True:
            gone, also = self.alone(lambda desk: erasing.remove(desk, subject, classes, whole=whole))
            count, files = count + gone, files + also
            if gone < erasing.CHUNK:
                break
        done = self.alone(
            lambda desk: erasing.finish(desk, erasure, subject, classes, count=count, whole=whole)
        )
        self.chore(lambda house: house.filing.fold(fully=True))
        return count, files, done

    # ---- the queue

    def _enqueue(self, ticket: _Ticket) -> bool:
        """Queue a ticket; true when nobody leads, so that the caller must."""
        with self._gate:
            if self._closed:
                raise HouseClosed
            self._queue.append(ticket)
            lead, self._leading = not self._leading, True
        return lead

    def _submit(self, ticket: _Ticket) -> Any:  # noqa: ANN401
        if not self._enqueue(ticket):
            ticket.wait()
            if not ticket.promoted:
                return ticket.outcome
        self._lead(ticket)
        return ticket.outcome

    def _lead(self, mine: _Ticket | None) -> None:
        """Serve batches until my own ticket is served, then hand the lead to the next one waiting."""
        while True:
            batch = self._next_batch()
            if batch:
                self._serve(batch)
                self._tell(batch, mine)
            with self._gate:
                if not self._queue:
                    self._leading = False
                    return
                if mine is not None and mine not in batch:
                    continue
                following = self._queue[0]
            if following.future is not None:
                if mine is None:
                    continue  # the thread that leads for awaiting callers goes on
                self._call()
            else:
                following.promoted = True
                following.ring()
            return

    def _next_batch(self) -> list[_Ticket]:
        batch: list[_Ticket] = []
        with self._gate:
            while self._queue and len(batch) < LARGEST_BATCH:
                if self._queue[0].alone and batch:
                    break
                batch.append(self._queue.popleft())
                if batch[-1].alone:
                    break
        return batch

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
            if self._closed:
                return
            self._lead(None)

    # ---- serving

    def _serve(self, batch: Sequence[_Ticket]) -> None:
        """Serve a batch in one transaction; when that fails, each of its jobs in one of its own."""
        if batch[0].alone:
            batch[0].outcome = _attempt(batch[0].job)
            return
        jobs = [ticket.job for ticket in batch]
        outcomes = _attempt(lambda: self._unit(lambda desk: _served(desk, jobs)))
        if isinstance(outcomes, BaseException):
            if len(batch) == 1:
                outcomes = [outcomes]
            else:
                outcomes = [
                    found[0] if isinstance(found, list) else found
                    for job in jobs
                    for found in [_attempt(lambda job=job: self._unit(lambda desk: _served(desk, [job])))]  # type: ignore[misc]
                ]
        for ticket, outcome in zip(batch, outcomes, strict=True):
            ticket.outcome = outcome

    def _unit(self, work: Callable[[Desk], T]) -> T:
        """Do work at a desk in one transaction; make missing keys first where it needs any."""
        house = self.house
        arrivals: dict[bytes, int] = {}
        for _ in range(4):
            try:
                with unit(house.filing) as here:
                    catch_up(house, here)
                    desk = Desk(house, here, arrivals)
                    found = work(desk)
                    tree = desk.settle()
                house.tree = tree
                return found
            except KeysMissing as missing:
                wanted = missing.wanted
            except BaseException:
                house.origins.forget()
                raise
            keymaking.make_keys(house, wanted)
        raise KeysMissing(wanted=frozenset())


def _served(desk: Desk, jobs: Sequence[Job]) -> list[Any]:
    """Serve jobs kind by kind; callers that wait at the same time have no order among them."""
    kinds: dict[type, list[int]] = {}
    for n, job in enumerate(jobs):
        kinds.setdefault(type(job), []).append(n)
    outcomes: list[Any] = [None] * len(jobs)
    for kind, numbers in kinds.items():
        for n, outcome in zip(numbers, _SERVERS[kind](desk, [jobs[n] for n in numbers]), strict=True):
            outcomes[n] = outcome
    return outcomes


def _attempt(work: Callable[[], Any]) -> Any:  # noqa: ANN401
    try:
        return work()
    except BaseException as problem:  # noqa: BLE001 - it is the outcome, raised again at the caller
        return _without_frames(problem)


def _without_frames(problem: BaseException) -> BaseException:
    """Take the frames off an error, as they hold values; where it happened stays as a note."""
    if not isinstance(problem, TrothError):
        steps = traceback.extract_tb(problem.__traceback__)
        where = " < ".join(f"{Path(step.filename).name}:{step.lineno}" for step in reversed(steps))
        problem.add_note(f"within {where}")
    problem.__context__ = problem.__cause__ = None
    return problem.with_traceback(None)


def _answer(outcome: Any) -> Any:  # noqa: ANN401
    if isinstance(outcome, BaseException):
        raise outcome
    return outcome


def _resolve(tickets: Sequence[_Ticket]) -> None:
    for ticket in tickets:
        if ticket.future is not None and not ticket.future.done():
            ticket.future.set_result(ticket.outcome)
