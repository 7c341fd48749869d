"""The two databases of a house: their lock, their pragmas, their connections."""

import fcntl
import sqlite3
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest

from tests.cast import MIA, joins
from tests.faults.cutting import Cut, count_statements
from troth.errors import StoreUnavailable
from troth.store.databases import FileLock, reachable


def test_a_lock_keeps_others_out_until_it_is_released(tmp_path):
    first, second = FileLock(tmp_path / "lock"), FileLock(tmp_path / "lock")
    first.acquire()
    entered = threading.Event()

    def enter():
        second.acquire()
        entered.set()
        second.release()

    thread = threading.Thread(target=enter, daemon=True)
    thread.start()
    assert not entered.wait(0.1)
    first.release()
    assert entered.wait(10)
    thread.join(10)
    first.close()
    second.close()


HOLDING = """
import sys
from pathlib import Path
from troth.store.databases import FileLock
lock = FileLock(Path(sys.argv[1]))
lock.acquire()
print("held", flush=True)
sys.stdin.readline()
lock.release()
print("let go", flush=True)
sys.stdin.readline()
"""


@pytest.mark.parametrize("ending", ["released", "killed"])
def test_another_process_that_holds_the_lock_keeps_this_one_out_until_it_lets_go_or_dies(tmp_path, ending):
    command = [sys.executable, "-c", HOLDING, str(tmp_path / "lock")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout.readline() == "held\n"
        mine = FileLock(tmp_path / "lock")
        entered = threading.Event()
        thread = threading.Thread(target=lambda: (mine.acquire(), entered.set()), daemon=True)
        thread.start()
        assert not entered.wait(0.2)
        if ending == "killed":
            other.kill()
        else:
            other.stdin.write("\n")
            other.stdin.flush()
        assert entered.wait(10)
        assert other.poll() is None or ending == "killed"
        other.kill()
    thread.join(10)
    mine.release()
    mine.close()


def test_locking_nests_within_one_filing(sqlite_house):
    filing = sqlite_house().teller.house.filing
    other = FileLock(filing._lock._path)
    with filing.locked():
        with filing.locked():
            pass
        taken = threading.Thread(target=lambda: (other.acquire(), other.release()), daemon=True)
        taken.start()
        taken.join(0.1)
        assert taken.is_alive()
    taken.join(10)
    assert not taken.is_alive()
    other.close()


@pytest.mark.parametrize("dropped", [False, True], ids=["as opened", "opened again"])
def test_sqlite_writes_through_and_leaves_no_remains(sqlite_house, dropped):
    filing = sqlite_house().teller.house.filing
    for database in (filing.store, filing.keystore):
        if dropped:
            database.forget()
        raw = database.raw()
        said = {name: raw.execute(f"PRAGMA {name}").fetchone()[0] for name in (
            "journal_mode", "synchronous", "secure_delete", "temp_store", "mmap_size",
        )}  # fmt: skip
        assert said == {
            "journal_mode": "wal", "synchronous": 2, "secure_delete": 1, "temp_store": 2, "mmap_size": 0,
        }  # fmt: skip
        with filing.connect(database.which) as connection:  # what SQLAlchemy is given is the same one
            assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2
            assert connection.connection.driver_connection is raw


def test_folding_leaves_nothing_in_the_log(sqlite_house):
    house = sqlite_house()
    joins(house)
    log = house.teller.house.directory / "store.db-wal"
    assert log.stat().st_size > 0
    house.teller.chore(lambda inner: inner.filing.fold())
    assert log.stat().st_size == 0


def test_a_closed_house_is_one_file_a_database(sqlite_house):
    house = sqlite_house()
    joins(house)
    house.close()
    left = {path.name for path in house.teller.house.directory.rglob("*.db*")}
    assert left == {"store.db", "keystore.db"}


def test_a_connection_that_was_dropped_is_replaced(house):
    joins(house)
    for database in (house.teller.house.filing.store, house.teller.house.filing.keystore):
        database.raw()
        database.forget()
        database.forget()
        assert house.access(about=MIA, category="account").records


def test_rolling_back_where_nothing_is_open_does_no_harm(house):
    joins(house)
    for database in (house.teller.house.filing.store, house.teller.house.filing.keystore):
        database.abandon(database.raw().cursor())
        database.abandon(database.raw().cursor())
        assert house.access(about=MIA, category="account").records


def test_a_driver_s_words_never_leave_the_room():
    with pytest.raises(StoreUnavailable) as caught, reachable("store"):
        raise sqlite3.IntegrityError("UNIQUE failed: mia@example.org")
    assert "mia" not in repr(caught.value.__dict__) + str(caught.value)
    assert caught.value.__cause__ is None
    with pytest.raises(ZeroDivisionError), reachable("store"):
        raise ZeroDivisionError


def test_a_lock_is_waited_for_and_not_refused(sqlite_house):
    house = sqlite_house()
    joins(house)
    lock = FileLock(house.teller.house.directory / "troth.lock")
    lock.acquire()
    done = []
    thread = threading.Thread(
        target=lambda: done.append(house.access(about=MIA, category="account")), daemon=True
    )
    thread.start()
    time.sleep(0.1)
    assert not done
    lock.release()
    thread.join(10)
    assert done[0].records
    lock.close()


FILLING = """
import resource, sys
import troth
from troth.errors import DiskFull

with troth.open(sys.argv[1], clock=lambda: int(sys.argv[2])) as house:
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, resource.RLIM_INFINITY))
    told = {"about": "M-9", "category": "account", "when": "registration"}
    try:
        house.collect(**told, values={"email": "nine@example.org"})
    except DiskFull as full:
        print(full.where)
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    house.collect(**told, values={"email": "nine@example.org"})
    print(len(house.access(about="M-9", category="account").records))
"""


def test_a_file_that_may_not_grow_is_a_full_disk_and_nothing_was_half_written(sqlite_house):
    house = sqlite_house()
    house.close()
    at = house.teller.house.clock.at
    command = [sys.executable, "-c", FILLING, str(house.teller.house.directory), str(at)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.stdout.split(), done.stderr) == (["keystore", "1"], "")


@pytest.mark.parametrize("at", ["locked", "alone"])
def test_an_interrupt_right_after_a_lock_was_taken_keeps_nobody_out(at, new_house):
    house = new_house()
    filing = house.teller.house.filing
    if at == "locked" and not filing.sqlite:
        at = "alone"  # there is no other lock
    with pytest.raises(KeyboardInterrupt), interrupted_as_it_locks(house):  # noqa: SIM117
        with getattr(filing, at)():
            pass
    other = new_house.open(house.teller.house.directory, house.teller.house.clock)
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(joins, other).result(20)


@contextmanager
def interrupted_as_it_locks(house):
    """Interrupt whoever takes a lock, at the first moment at which they have it."""
    came = []

    def interrupt():
        came.append(1)
        raise KeyboardInterrupt

    class AtLock(Cut):
        def run(self, statement, execute):
            found = execute()
            if "pg_advisory_lock(" in statement and not came:
                self.deed()
            return found

    def watch(_, event, what):
        if event == "c_return" and what is fcntl.flock and not came:
            interrupt()

    if house.teller.house.filing.sqlite:
        sys.setprofile(watch)
    else:
        count_statements(house, AtLock(-1, "", interrupt))
    try:
        yield
    finally:
        sys.setprofile(None)
        assert came
