"""A store that fails in the middle, or whose commit is done and its answer lost: nothing is done twice."""

import os
import sqlite3
import threading

import psycopg
import pytest

import troth
from tests.cast import AGENT, EXCHANGE, JPEG, MIA, NOOR, TRANSACTION, joins, tells
from tests.drawing import encoded, noise
from tests.faults.cutting import Cut, Pooled, count_statements, in_child
from tests.faults.soundness import must_be_sound
from tests.inside import blobs_of, ledger_of, rows_of
from troth.acts import collect
from troth.clock import Settable
from troth.errors import DiskFull, NoRoom, OutcomeUnknown, StoreUnavailable, TrothError
from troth.rules.decision import member
from troth.store import schema


def fail(house):
    """Fail as the driver does when its connection breaks; on PostgreSQL it does break."""
    if house.teller.house.filing.sqlite:
        raise sqlite3.OperationalError("disk I/O error")
    house.teller.house.filing.store._raw._inner.driver_connection.close()
    raise psycopg.OperationalError("the connection was lost")


def failing(house, when, statement="COMMIT", times=1):
    """Let the next statements of a kind in the store fail; returns a function that says how many did."""
    database = house.teller.house.filing.store
    failed = []

    class Failing(Cut):
        def run(self, said, execute):
            mine = said.strip().startswith(statement) and len(failed) < times
            if mine and when == "before":
                failed.append(said)
                fail(house)
            done = execute()
            if mine:
                failed.append(said)
                fail(house)
            return done

    database.raw()
    database._raw = Pooled(database._raw, Failing(-1, "", lambda: None))
    return lambda: len(failed)


def trading(about=MIA):
    offer = collect.offering(
        by=EXCHANGE, about=about, category="transactions", when="service_use", values=TRANSACTION
    )
    return collect.taking([offer])


def test_a_commit_whose_answer_was_lost_is_answered_and_not_done_again(house):
    joins(house)
    failed = failing(house, "after")
    (taken,) = house.teller.ask(trading())
    assert failed() == 1
    assert [bytes(row.record) for row in rows_of(house, schema.records)][-1:] or taken
    assert len(house.access(about=MIA, category="transactions").records) == 1
    assert ledger_of(house)[taken.receipt.entry].kind == "record.collected"
    must_be_sound(house, [(taken.receipt.entry, taken.receipt.hash)])


def test_a_batch_whose_answer_was_lost_is_answered_and_not_done_again(house):
    joins(house)
    failed = failing(house, "after")
    found = together(house, [trading() for _ in range(6)])
    assert failed() == 1
    assert all(taken[0].records for taken in found)
    assert len(house.access(about=MIA, category="transactions").records) == 6
    must_be_sound(house, [(taken[0].receipt.entry, taken[0].receipt.hash) for taken in found])


def test_a_commit_that_was_not_done_is_an_error_and_nothing_is_there(house):
    joins(house)
    size = len(ledger_of(house))
    failing(house, "before")
    with pytest.raises(StoreUnavailable):
        house.teller.ask(trading())
    assert len(ledger_of(house)) == size
    (taken,) = house.teller.ask(trading())
    assert taken.receipt.entry == size
    must_be_sound(house, [])


def test_a_batch_that_was_not_committed_is_served_one_by_one(house):
    joins(house)
    failing(house, "before")
    found = together(house, [trading() for _ in range(6)])
    assert sum(isinstance(taken, tuple) for taken in found) == 6
    assert len(house.access(about=MIA, category="transactions").records) == 6
    must_be_sound(house, [])


@pytest.mark.parametrize("statement", ["INSERT INTO streams", "INSERT INTO entries", "SELECT"])
@pytest.mark.parametrize("when", ["before", "after"])
def test_a_statement_that_fails_leaves_nothing(house, statement, when):
    joins(house)
    size = len(ledger_of(house))
    failed = failing(house, when, statement)
    with pytest.raises(StoreUnavailable):
        house.teller.ask(trading())
    assert failed() == 1
    assert len(ledger_of(house)) == size
    assert house.teller.ask(trading())[0].records
    must_be_sound(house, [])


def test_new_origins_of_a_unit_that_failed_are_forgotten(house):
    failing(house, "before")
    with pytest.raises(StoreUnavailable):
        joins(house)
    assert rows_of(house, schema.origins) == []
    assert joins(house)
    assert len(rows_of(house, schema.origins)) == 1
    assert house.access(about=MIA, category="account").records
    must_be_sound(house, [])


def test_an_erasure_that_fails_anywhere_is_finished_by_the_next_sweep(house):
    for count in range(60):
        who = f"E-{count}"
        joins(house, who)
        cut = Cut(count, "before", lambda: fail(house))
        count_statements(house, cut)
        try:
            house.erase(about=who)
            ended = True
        except TrothError:
            ended = False
        for database in (house.teller.house.filing.store, house.teller.house.filing.keystore):
            if isinstance(database._raw, Pooled):
                database._raw = database._raw._inner
        house.sweep()
        assert rows_of(house, schema.erasures) == []
        if ended and len(cut.seen) <= count:
            break
    else:
        pytest.fail("it never came to its end")
    must_be_sound(house, [])


def test_an_unknown_outcome_is_said_to_be_unknown(house):
    joins(house)
    inner = house.teller.house

    class Gone(Cut):
        def run(self, said, execute):
            if said.strip() == "COMMIT" or self.seen:
                self.seen.append(said)
                if inner.filing.sqlite:
                    raise sqlite3.OperationalError("disk I/O error")
                raise psycopg.OperationalError("the connection was lost")
            return execute()

    original = inner.filing.store.raw
    gone = Gone(-1, "", lambda: None)
    pooled = Pooled(inner.filing.store._raw or (original() and inner.filing.store._raw), gone)

    class Stuck:
        def __getattr__(self, name):
            return getattr(pooled, name)

        def invalidate(self):
            """Nothing better can be had."""

    inner.filing.store._raw = Stuck()
    inner.filing.store.forget = lambda: None
    try:
        with pytest.raises(OutcomeUnknown):
            house.teller.ask(trading())
    finally:
        del inner.filing.store.forget
        inner.filing.store._raw = pooled._inner
        inner.filing.store.abandon(inner.filing.store.raw().cursor())
    must_be_sound(house, [])


def together(house, jobs):
    """Ask several jobs so that they share one batch; return their answers, or what they raise."""
    teller, begun, over = house.teller, threading.Event(), threading.Event()
    found = [None] * len(jobs)

    def run(n, job):
        try:
            found[n] = teller.ask(job)
        except TrothError as problem:
            found[n] = problem

    pause = threading.Thread(target=lambda: teller.chore(lambda _: (begun.set(), over.wait(20))))
    pause.start()
    begun.wait(20)
    threads = [threading.Thread(target=run, args=each) for each in enumerate(jobs)]
    for thread in threads:
        thread.start()
    while len(teller._queue) < len(jobs):
        pass
    over.set()
    for thread in (pause, *threads):
        thread.join(20)
    return found


# ---- connections that the server ends


@pytest.fixture
def postgres_house(houses_of):
    made = houses_of("postgresql")
    yield made()
    made.close()


def end_connections(house, which):
    """End every connection of a database but one's own, as an administrator or a restart does."""
    database = getattr(house.teller.house.filing, which)
    url = database.engine.url.render_as_string(hide_password=False).replace("+psycopg", "")
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


@pytest.mark.parametrize("which", ["store", "keystore"])
def test_the_teller_goes_on_after_the_server_ended_its_connections(postgres_house, which):
    house = postgres_house
    joins(house)
    for _ in range(3):
        end_connections(house, which)
        failures = 0
        for _ in range(4):
            try:
                assert house.access(about=MIA, category="account").records
            except StoreUnavailable:
                failures += 1
        assert failures <= 2
        assert house.access(about=MIA, category="account").records
        assert house.collect(
            about=f"N-{os.urandom(4).hex()}",
            category="support",
            when="customer_service",
            values={"message": "hi"},
        ).records
    must_be_sound(house, [])


@pytest.mark.parametrize("which", ["store", "keystore"])
def test_a_connection_that_ends_in_the_middle_of_a_batch_loses_nothing_that_was_answered(
    postgres_house, which
):
    house = postgres_house
    joins(house)
    stop, answered, failed = threading.Event(), [], []

    def ask():
        while not stop.is_set():
            try:
                (taken,) = house.teller.ask(trading())
                answered.append((taken.receipt.entry, taken.receipt.hash))
            except (StoreUnavailable, OutcomeUnknown):
                failed.append(1)

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for _ in range(6):
        end_connections(house, which)
    stop.set()
    for thread in threads:
        thread.join(20)
        assert not thread.is_alive()
    failures = 0
    while True:  # a connection that was ended while nobody used it is found out by the next caller
        try:
            assert house.access(about=MIA, category="account").records
            break
        except StoreUnavailable:
            failures += 1
            assert failures <= 2  # one for each database
    must_be_sound(house, answered)


# ---- a disk without room


def test_a_full_disk_is_said_and_nothing_is_half_written(sqlite_house):
    house = sqlite_house()
    joins(house)
    store = house.teller.house.filing.store
    pages = store.raw().execute("PRAGMA page_count").fetchone()[0]
    store.raw().execute(f"PRAGMA max_page_count = {pages + 4}")
    answered, problem = [], None
    for n in range(2_000):
        try:
            taken = house.collect(
                about=f"F-{n}", category="support", when="customer_service", values={"message": "x" * 2_000}
            )
            answered.append((taken.receipt.entry, taken.receipt.hash))
        except DiskFull as full:
            problem = full
            break
    assert problem is not None
    assert problem.where == "store"
    reading = house.purpose("support.reply", by=AGENT, case="C-1")
    size = len(rows_of(house, schema.entries))
    full = False
    pages = store.raw().execute("PRAGMA page_count").fetchone()[0]  # the connection is a fresh one
    store.raw().execute(f"PRAGMA max_page_count = {pages + 1}")
    while not full:  # what cannot be remembered is not disclosed
        try:
            assert reading.read(about=MIA, category="account").receipt.entry == size
            size += 1
        except DiskFull:
            full = True
    assert len(rows_of(house, schema.entries)) == size
    again = sqlite_house.again(house)
    must_be_sound(again, answered)
    assert joins(again, NOOR)


@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded")
@pytest.mark.parametrize("limit", [350_000, 600_000])
def test_a_file_that_may_not_grow_is_said_and_nothing_is_half_written(sqlite_house, limit):
    house = sqlite_house()
    joins(house)
    house.consent(about=MIA, purpose="camera.profile")
    directory, clock = house.teller.house.directory, house.teller.house.clock
    house.close()

    def until_full(house, say):
        import resource

        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
        for n in range(3_000):
            taken = house.collect(
                about=f"F-{n}", category="support", when="customer_service", values={"message": "x" * 2_000}
            )
            say(taken.receipt)

    fate = in_child(directory, clock, until_full)
    assert fate.wrong.split(":")[0] in ("DiskFull", "StoreUnavailable", "NoRoom")
    assert fate.receipts
    with troth.open(directory, clock=clock) as again:
        must_be_sound(again, fate.receipts)


@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded")
def test_a_picture_for_which_there_is_no_room_is_said_and_leaves_nothing(sqlite_house):
    house = sqlite_house()
    joins(house)
    house.consent(about=MIA, purpose="camera.profile")
    directory, clock = house.teller.house.directory, house.teller.house.clock
    house.close()

    def too_large(house, say):
        import resource

        resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, 1_000_000))
        with pytest.raises(NoRoom):
            tells(house, MIA, "camera.profile", picture=encoded(noise("large", 800, 800), "PNG"))
        say(house.access(about=MIA, category="account").receipt)
        taken = house.collect(
            about=MIA, category="camera.profile", when="camera", values={"picture": JPEG}, by=member()
        )
        say(taken.receipt)

    fate = in_child(directory, clock, too_large)
    assert fate.wrong == ""
    with troth.open(directory, clock=Settable(clock.at)) as again:
        must_be_sound(again, fate.receipts)
        assert len(blobs_of(again)) == 1
