"""The teller: batches, callers of every kind, interrupts, closing, and forks."""

import _thread
import asyncio
import gc
import os
import signal
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import psycopg
import pytest

import troth
from tests.cast import AGENT, MIA, NOOR, OUTBOX, joins
from tests.houses import START
from troth.acts import collect, consent, use
from troth.errors import (
    AskedWithin,
    HouseClosed,
    HouseInherited,
    NotFound,
    OutcomeUnknown,
    Refused,
    TrothError,
)
from troth.rules.decision import member

SOON = 20.0  # seconds within which everything here ends, unless a caller was forgotten


def reading(who=MIA, case="C-1"):
    return use.reading(by=AGENT, about=who, category="account", purpose="support.reply", case=case)


def promotion(who=MIA):
    return use.reading(
        by=OUTBOX, about=who, category="account", fields=["email"], purpose="contact.promotion"
    )


def together(*works):
    """Run every work in a thread of its own; return what each returns or raises; fail when one hangs."""
    found = [None] * len(works)

    def run(n, work):
        try:
            found[n] = work()
        except BaseException as problem:  # noqa: BLE001 - it is looked at by the test
            found[n] = problem

    threads = [threading.Thread(target=run, args=each, daemon=True) for each in enumerate(works)]
    for thread in threads:
        thread.start()
    deadline = time.monotonic() + SOON
    for thread in threads:
        thread.join(max(0.0, deadline - time.monotonic()))
    assert not any(thread.is_alive() for thread in threads), "a caller was forgotten"
    return found


class Paused:
    """Keeps the teller busy, so that what is asked meanwhile waits in its queue."""

    def __init__(self, teller):
        self.begun, self.over = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=lambda: teller.chore(self._wait), daemon=True)

    def _wait(self, _house):
        self.begun.set()
        assert self.over.wait(SOON)

    def __enter__(self):
        self._thread.start()
        assert self.begun.wait(SOON)
        return self

    def __exit__(self, *_):
        self.over.set()
        self._thread.join(SOON)


def until_waiting(teller, count):
    deadline = time.monotonic() + SOON
    while len(teller._queue) < count:
        assert time.monotonic() < deadline
        time.sleep(0.001)


def size_of(house):
    return house.teller.alone(lambda desk: desk.unit.size)


# ---- batches


def test_what_waits_while_a_batch_is_served_becomes_one_transaction(house):
    joins(house)
    teller, commits = house.teller, []
    before = size_of(house)
    with Paused(teller) as pause, ThreadPoolExecutor(20) as pool:
        asked = [pool.submit(teller.ask, reading()) for _ in range(20)]
        until_waiting(teller, 20)
        pause.over.set()
        commits = [each.result(SOON).receipt.at for each in asked]
    assert len(commits) == 20
    assert size_of(house) == before + 20


def test_a_bad_job_in_a_batch_fails_alone(house):
    joins(house)
    teller = house.teller
    with Paused(teller) as pause, ThreadPoolExecutor(5) as pool:
        good = [pool.submit(teller.ask, reading()) for _ in range(2)]
        bad = pool.submit(teller.ask, reading(case="not a case number"))
        nobody = pool.submit(teller.ask, reading("M-404"))
        denied = pool.submit(teller.ask, promotion())
        until_waiting(teller, 5)
        pause.over.set()
        assert all(each.result(SOON).records for each in good)
        with pytest.raises(Refused):
            bad.result(SOON)
        with pytest.raises(NotFound):
            nobody.result(SOON)
        with pytest.raises(Refused):
            denied.result(SOON)


def test_a_bad_stream_keeps_its_good_rows_and_those_of_its_neighbours(house):
    teller = house.teller
    email = {"email": "noor@example.org"}

    def stream(*values):
        rows = [
            collect.offering(by=member(), about=f"S-{n}", category="account", when="registration", values=one)
            for n, one in enumerate(values)
        ]
        return collect.taking(rows, together=True)

    with Paused(teller) as pause, ThreadPoolExecutor(2) as pool:
        first = pool.submit(teller.ask, stream({"email": "a@example.org"}, {"email": "\ud800"}, {"e": "b"}))
        offer = collect.offering(
            by=member(), about=NOOR, category="account", when="registration", values=email
        )
        second = pool.submit(teller.ask, collect.taking([offer]))
        until_waiting(teller, 2)
        pause.over.set()
        assert [isinstance(each, Refused) for each in first.result(SOON)] == [False, True, True]
        assert second.result(SOON)[0].records


# ---- callers of every kind at once


def test_an_acknowledged_withdrawal_stops_every_read_that_is_asked_after_it(new_house):
    house = new_house()
    joins(house)
    teller = house.teller
    found = {"before": 0, "after": 0}

    def reader():
        while True:
            over = done.is_set()
            try:
                teller.ask(promotion())
                found["after" if over else "before"] += 1
            except Refused:
                if over:
                    return

    done = threading.Event()
    for _ in range(4):
        done.clear()
        house.consent(about=MIA, purpose="contact.promotion")

        def withdraw():
            time.sleep(0.02)
            house.withdraw(about=MIA, purpose="contact.promotion")
            done.set()

        assert together(withdraw, *[reader] * 31) == [None] * 32
    assert found["before"] > 0
    assert found["after"] == 0


def test_blocking_awaiting_and_lone_callers_are_all_served(new_house):
    house = new_house()
    joins(house)
    teller = house.teller

    def blocking():
        for _ in range(30):
            assert teller.ask(reading()).records
        return "served"

    def lone():
        for _ in range(30):
            teller.alone(lambda desk: desk.now)
            teller.chore(lambda _: None)
        return "served"

    def awaiting():
        async def many():
            found = await asyncio.gather(*(teller.ask_soon(reading()) for _ in range(60)))
            return all(each.records for each in found)

        assert asyncio.run(many())
        return "served"

    works = [blocking] * 8 + [lone] * 4 + [awaiting] * 4
    before = size_of(house)
    assert together(*works) == ["served"] * 16
    assert size_of(house) == before + 8 * 30 + 4 * 60


def test_the_hand_over_of_the_lead_forgets_nobody(sqlite_house):
    house = sqlite_house()
    teller = house.teller

    def blocking():
        for n in range(400):
            assert teller.chore(lambda _, n=n: n) == n

    def awaiting():
        async def one_by_one():
            for _ in range(60):
                with pytest.raises(NotFound):
                    await teller.ask_soon(reading("M-404"))

        asyncio.run(one_by_one())

    assert together(*[blocking] * 6, *[awaiting] * 3) == [None] * 9
    deadline = time.monotonic() + SOON
    while teller._leading and time.monotonic() < deadline:  # whoever led may still be laying it down
        time.sleep(0.001)
    assert not teller._leading
    assert not teller._queue


def test_a_caller_who_stops_awaiting_holds_up_nobody(house):
    joins(house)
    teller = house.teller

    async def some():
        with Paused(teller) as pause:
            asked = [asyncio.ensure_future(teller.ask_soon(reading())) for _ in range(10)]
            await asyncio.sleep(0.01)
            for each in asked[::2]:
                each.cancel()
            await asyncio.sleep(0.01)
            pause.over.set()
            return await asyncio.wait_for(asyncio.gather(*asked, return_exceptions=True), SOON)

    found = asyncio.run(some())
    assert [isinstance(each, asyncio.CancelledError) for each in found] == [True, False] * 5
    assert teller.ask(reading()).records


def test_a_loop_that_ends_before_its_answers_come_holds_up_nobody(house):
    joins(house)
    teller = house.teller
    loop = asyncio.new_event_loop()
    with Paused(teller):
        asked = loop.create_task(teller.ask_soon(reading()))
        loop.run_until_complete(asyncio.sleep(0.01))
        asked.cancel()
        loop.run_until_complete(asyncio.gather(asked, return_exceptions=True))
        loop.close()
    assert teller.ask(reading()).records


# ---- what goes wrong


@pytest.mark.parametrize("problem", [ValueError("x"), SystemExit(3), MemoryError(), GeneratorExit()])
def test_whatever_a_job_raises_is_its_own_caller_s(house, problem):
    joins(house)
    teller = house.teller

    def broken(_desk):
        raise problem

    with Paused(teller) as pause, ThreadPoolExecutor(3) as pool:
        before = pool.submit(teller.ask, reading())
        until_waiting(teller, 1)
        bad = pool.submit(lambda: together(lambda: teller.alone(broken)))
        until_waiting(teller, 2)
        after = pool.submit(teller.ask, reading())
        until_waiting(teller, 3)
        pause.over.set()
        assert before.result(SOON).records
        assert bad.result(SOON) == [problem]
        assert after.result(SOON).records


def interrupt_main():
    signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)


def test_a_leader_who_is_interrupted_leaves_no_neighbour_waiting(house):
    joins(house)
    teller = house.teller
    found = {}

    def neighbour(name, work):
        def run():
            try:
                found[name] = work()
            except BaseException as problem:  # noqa: BLE001 - it is looked at by the test
                found[name] = problem

        thread = threading.Thread(target=run, daemon=True)
        thread.start()
        return thread

    def slow(_house):
        threads.append(neighbour("asks", lambda: teller.ask(reading())))
        threads.append(neighbour("alone", lambda: teller.alone(lambda desk: desk.now)))
        until_waiting(teller, 2)
        interrupt_main()
        time.sleep(SOON)

    threads = []
    with pytest.raises(KeyboardInterrupt):
        teller.chore(slow)
    for thread in threads:
        thread.join(SOON)
        assert not thread.is_alive()
    assert found["asks"].records
    assert isinstance(found["alone"], int)


class Interrupting:
    """A clock that, once set, interrupts the main thread in the middle of a transaction."""

    def __init__(self):
        self.set = False

    def __call__(self):
        if self.set:
            self.set = False
            interrupt_main()
            time.sleep(SOON)
        return START


def test_who_shares_a_batch_with_an_interrupted_leader_learns_that_the_outcome_is_unknown(new_house):
    clock = Interrupting()
    house = new_house(clock=clock)
    joins(house)
    teller = house.teller
    size = size_of(house)
    with ThreadPoolExecutor(3) as pool:

        def neighbours():
            until_waiting(teller, 1)
            found = [pool.submit(teller.ask, reading()), pool.submit(asyncio.run, teller.ask_soon(reading()))]
            until_waiting(teller, 3)
            clock.set = True
            pause.over.set()
            return found

        with Paused(teller) as pause:
            asked = pool.submit(neighbours)
            with pytest.raises(KeyboardInterrupt):
                teller.ask(reading())
        for each in asked.result(SOON):
            assert isinstance(each.exception(SOON), OutcomeUnknown)
    assert teller.ask(reading()).receipt.entry == size


def test_a_caller_who_is_interrupted_while_waiting_gives_the_lead_back(house):
    joins(house)
    teller = house.teller
    served = []
    with Paused(teller) as pause:

        def interrupt():
            until_waiting(teller, 1)
            thread = threading.Thread(target=lambda: served.append(teller.ask(reading())), daemon=True)
            thread.start()
            until_waiting(teller, 2)
            interrupt_main()
            time.sleep(0.05)
            pause.over.set()
            thread.join(SOON)

        interrupting = threading.Thread(target=interrupt, daemon=True)
        interrupting.start()
        with pytest.raises(KeyboardInterrupt):
            teller.ask(reading("M-404"))
        interrupting.join(SOON)
    assert len(served) == 1
    assert served[0].records
    assert not teller._queue


def test_an_interrupted_wait_that_was_just_promoted_hands_the_lead_on(sqlite_house):
    teller = sqlite_house().teller
    from troth.teller import _Ticket

    lead, first, second = (_Ticket(lambda n=n: n, alone=True) for n in range(3))
    for ticket in (lead, first, second):
        teller._enqueue(ticket)
    assert [lead.leads, first.leads, second.leads] == [True, False, False]
    teller._next_batch()
    teller._hand_on(lead)
    assert first.leads
    teller._give_up(first)
    assert second.leads
    assert teller._served(second) == 2
    assert not teller._leading
    teller._give_up(second)
    assert teller.chore(lambda _: 3) == 3


def test_a_leader_who_is_interrupted_while_the_others_ask_leaves_them_a_house_that_answers(
    house, monkeypatch
):
    joins(house)
    teller = house.teller
    teller._last = 4  # as after a batch of four: a leader lets the others ask again

    def interrupted(_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("troth.teller.time.sleep", interrupted)
        with pytest.raises(KeyboardInterrupt):
            teller.ask(reading())
    assert not teller._queue
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(teller.ask, reading()).result(SOON).records


class Interrupts:
    """Interrupts of the main thread, which reach it only while it asks."""

    def __init__(self, count):
        self.count, self.came, self.asks, self.over = count, 0, False, threading.Event()

    def __enter__(self):
        self.before = signal.signal(signal.SIGINT, self.handle)
        threading.Thread(target=self.run, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.over.wait()
        signal.signal(signal.SIGINT, self.before)

    def run(self):
        for _ in range(self.count):
            time.sleep(0.003)
            interrupt_main()
        time.sleep(0.01)
        self.over.set()

    def handle(self, *_):
        if self.asks:
            self.asks = False
            raise KeyboardInterrupt

    def ask(self, teller):
        try:
            with suppress(TrothError):
                self.asks = True
                teller.ask(reading())
            self.asks = False
        except KeyboardInterrupt:
            self.came += 1


# An interrupt within the driver's connecting leaves a connection that the garbage collector closes.
@pytest.mark.filterwarnings("ignore:.* was deleted while still open:ResourceWarning")
# One within a callback of a weak reference is told by Python, which goes on without it.
@pytest.mark.filterwarnings("ignore:Exception ignored in.*weak:pytest.PytestUnraisableExceptionWarning")
@pytest.mark.filterwarnings("ignore:Exception ignored in.*Weak:pytest.PytestUnraisableExceptionWarning")
def test_interrupts_at_any_moment_leave_a_house_that_answers(house):
    joins(house)
    teller = house.teller

    def ask(over):
        answered = 0
        while not over.is_set():
            with suppress(TrothError):
                teller.ask(reading())
                answered += 1
        return answered

    with ThreadPoolExecutor(2) as pool:
        with Interrupts(150) as interrupts:
            asking = [pool.submit(ask, interrupts.over) for _ in range(2)]
            while not interrupts.over.is_set():
                interrupts.ask(teller)
        assert all(each.result(SOON) for each in asking)
    assert interrupts.came > 50
    for _ in range(3):  # each database may have lost its connection
        with suppress(TrothError):
            teller.ask(reading())
    assert teller.ask(reading()).records
    gc.collect()
    assert sessions_of(house) <= 4


def sessions_of(house):
    """How many connections PostgreSQL has open to the two databases of a house."""
    filing = house.teller.house.filing
    if filing.sqlite:
        return 0
    names = [database.engine.url.database for database in (filing.store, filing.keystore)]
    asking = "SELECT count(*) FROM pg_stat_activity WHERE datname = ANY(%s) AND pid <> pg_backend_pid()"
    with psycopg.connect(filing.store.engine.url.set(drivername="postgresql").render_as_string(False)) as it:
        return it.execute(asking, (names,)).fetchone()[0]


# ---- closing


def test_closing_serves_whoever_waits_and_refuses_whoever_comes_after(new_house):
    for _ in range(10 if new_house.kind == "sqlite" else 3):
        house = new_house()
        teller = house.teller
        begun = threading.Barrier(9)

        def blocking(teller=teller, begun=begun):
            begun.wait(SOON)
            for _ in range(40):
                try:
                    teller.ask(reading("M-404"))
                except NotFound:
                    continue
                except HouseClosed:
                    return "closed"
            return "served"

        def awaiting(teller=teller, begun=begun):
            async def some():
                return await asyncio.gather(
                    *(teller.ask_soon(reading("M-404")) for _ in range(40)), return_exceptions=True
                )

            begun.wait(SOON)
            found = asyncio.run(some())
            assert {type(each) for each in found} <= {NotFound, HouseClosed}
            return "closed"

        def closing(house=house, begun=begun):
            begun.wait(SOON)
            house.close()
            return "closed"

        found = together(closing, closing, *[blocking] * 4, *[awaiting] * 3)
        assert set(found) <= {"closed", "served"}
        with pytest.raises(HouseClosed):
            teller.ask(reading())
        assert teller._thread is None or not teller._thread.is_alive()


def test_closing_twice_is_closing_once(house):
    house.close()
    house.close()
    with pytest.raises(HouseClosed):
        house.access(about=MIA, category="account")


def test_awaiting_on_a_closed_house_says_so(house):
    house.close()
    with pytest.raises(HouseClosed):
        asyncio.run(house.teller.ask_soon(reading()))


# ---- forks

FORKING = pytest.mark.filterwarnings("ignore:This process .* is multi-threaded")


@FORKING
def test_a_forked_child_is_refused_and_leaves_the_parent_s_house_alone(house):
    joins(house)
    child = os.fork()
    if child == 0:
        code = 1
        try:
            house.teller.ask(reading())
        except HouseInherited:
            house.close()
            code = 0
        finally:
            os._exit(code)
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == 0
    assert house.teller.ask(reading()).records
    assert house.correct(about=MIA, category="account", values={"email": "new@example.org"})


@FORKING
def test_a_forked_child_may_open_the_house_itself_where_no_lock_is_inherited(house):
    joins(house)
    directory = house.teller.house.directory
    child = os.fork()
    if child == 0:
        code = 1
        try:
            with troth.open(directory, clock=house.teller.house.clock) as own:
                own.consent(about=MIA, purpose="contact.promotion")
            code = 0
        except HouseInherited:  # SQLite must not be used on both sides of a fork
            code = 2
        finally:
            os._exit(code)
    _, status = os.waitpid(child, 0)
    if house.teller.house.filing.sqlite:
        assert os.waitstatus_to_exitcode(status) == 2
        house.consent(about=MIA, purpose="contact.promotion")
    else:
        assert os.waitstatus_to_exitcode(status) == 0
    assert house.teller.ask(promotion()).records


def test_a_withdrawal_takes_effect_within_a_batch_that_follows_it(house):
    joins(house)
    house.consent(about=MIA, purpose="contact.promotion")
    teller = house.teller
    teller.ask(consent.withdrawing(by=member(), about=MIA, purpose="contact.promotion"))
    with pytest.raises(Refused):
        teller.ask(promotion())


def test_a_job_that_asks_the_teller_which_serves_it_is_told_so_and_not_left_waiting_for_itself(house):
    joins(house)
    asks = (lambda: house.teller.ask(reading()), lambda: house.sweep(), house.teller.close)
    for ask in asks:
        for work in (lambda ask=ask: house.teller.alone(lambda _: ask()),
                     lambda ask=ask: house.teller.chore(lambda _: ask())):  # fmt: skip
            (found,) = together(work)
            assert isinstance(found, AskedWithin)
    assert house.teller.ask(reading()).records


def test_a_thread_that_cannot_be_started_keeps_nobody_waiting(house):
    joins(house)
    failed = []

    def short_of_threads(_, event, what):
        if event == "c_call" and what is _thread.start_new_thread and not failed:
            failed.append(what)
            raise RuntimeError("can't start new thread")

    sys.setprofile(short_of_threads)
    try:
        with pytest.raises(RuntimeError):
            asyncio.run(house.teller.ask_soon(reading()))
    finally:
        sys.setprofile(None)
    assert failed
    assert together(lambda: house.teller.ask(reading()))[0].records
    assert asyncio.run(house.teller.ask_soon(reading())).records
