"""After a vacuum nothing that was deleted is in the files of a database, and everything else is."""

import resource
import sqlite3
import time
import tomllib
from contextlib import closing
from hashlib import shake_256

import psycopg
import pytest

from tests.cast import MIA, joins
from tests.inside import count_of
from troth.clock import DAY, SECOND
from troth.errors import TablesNotOurs
from troth.store import keystore, schema
from troth.store.databases import BUSY
from troth.store.vacuuming import vacuum

MANY = 3_000
LARGE = 4 << 20
CLASSES = ("usage", "account", "identification", "k" * 200)


def drawn(what, size):
    """Return bytes that look like chance and are the same each time."""
    return shake_256(repr(what).encode()).digest(size)


def fill(house):
    """Give keys to many people in no order, then destroy those of most; return what goes and what stays."""
    filing = house.teller.house.filing
    people = [int.from_bytes(drawn(number, 7)) for number in range(MANY)]
    wrapped = {each: [drawn((each, kept), 60) for kept in CLASSES[: 1 + each % 4]] for each in people}
    for start in range(0, MANY, 50):
        with keystore.keeping(filing) as keeping:
            for each in people[start : start + 50]:
                rows = zip(CLASSES, wrapped[each], strict=False)
                keystore.add(keeping, [(each, kept, 1, key, drawn(key, 32)) for kept, key in rows])
    people.sort(key=lambda each: drawn((each, "goes"), 8))
    gone, stays = people[: MANY * 2 // 3], people[MANY * 2 // 3 :]
    for start in range(0, len(gone), 10):
        with keystore.keeping(filing) as keeping:
            keystore.destroy_all(keeping, gone[start : start + 10])
    filing.fold()
    return [key for each in gone for key in wrapped[each]], [key for each in stays for key in wrapped[each]]


def bytes_of(house):
    """Return what the files of the keystore hold: of SQLite all of it, of PostgreSQL the table of keys."""
    filing = house.teller.house.filing
    if filing.sqlite:
        return b"".join(
            path.read_bytes() for path in sorted(filing.keystore.file.parent.glob("keystore.db*"))
        )
    raw = filing.keystore.raw()
    raw.execute("CHECKPOINT")
    return raw.execute("SELECT pg_read_binary_file(pg_relation_filepath('keys'))").fetchone()[0]


def test_what_was_deleted_may_stay_in_the_files_until_a_vacuum_and_not_after_it(house):
    gone, stays = fill(house)
    content = bytes_of(house)
    assert any(each in content for each in gone), "nothing is left before: then this shows nothing"
    assert vacuum(house.teller.house.filing, "keystore")
    content = bytes_of(house)
    assert not [each for each in gone if each in content]
    assert all(each in content for each in stays)
    assert count_of(house, schema.keys) >= len(stays)


def address_of(house):
    """Return where the keystore of a house on PostgreSQL is."""
    settings = tomllib.loads((house.teller.house.directory / "troth.toml").read_text("utf-8"))
    return settings["keystore"]["url"]


def test_the_store_is_written_anew_as_a_whole(house):
    before = count_of(house, schema.settings)
    assert vacuum(house.teller.house.filing, "store")
    assert count_of(house, schema.settings) == before


@pytest.mark.parametrize("reading", ["SELECT count(*) FROM keys", "LOCK TABLE keys IN ACCESS SHARE MODE"])
def test_what_somebody_is_reading_is_not_written_anew_and_the_next_sweep_does_it(houses_of, reading):
    houses = houses_of("postgresql")
    house = houses()
    with psycopg.connect(address_of(house)) as reader:
        reader.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        reader.execute(reading)
        swept = house.sweep(vacuum=True)
        assert (swept.vacuumed, swept.unvacuumed) == (("store",), ("keystore",))
        assert house.sweep().unvacuumed == ("keystore",)
        reader.rollback()
    assert house.sweep().vacuumed == ("keystore",)
    assert house.sweep().vacuumed == ()
    houses.close()


def test_the_keystore_is_written_anew_twice_a_day(house, clock):
    assert house.sweep().vacuumed == ("keystore",)
    clock.forward(DAY // 2 - SECOND)
    assert house.sweep().vacuumed == ()
    clock.forward(SECOND)
    assert house.sweep().vacuumed == ("keystore",)


def test_an_sqlite_file_that_somebody_reads_is_not_said_to_be_written_anew_and_nobody_waits_long(houses_of):
    houses = houses_of("sqlite")
    house = houses()
    filing = house.teller.house.filing
    gone, _ = fill(house)
    with closing(sqlite3.connect(filing.keystore.file)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM keys").fetchall()
        begun = time.monotonic()
        with keystore.keeping(filing) as keeping:
            keystore.destroy_all(keeping, [1])
        assert not vacuum(filing, "keystore")
        assert time.monotonic() - begun < BUSY / 1000 / 2
        assert [each for each in gone if each in bytes_of(house)]
    assert filing.keystore.raw().execute("PRAGMA busy_timeout").fetchone() == (BUSY,)
    assert vacuum(filing, "keystore")
    assert not [each for each in gone if each in bytes_of(house)]
    houses.close()


@pytest.fixture
def lent(houses_of):
    """A house on PostgreSQL whose keystore is opened by a role that owns no table of it."""
    houses = houses_of("postgresql")
    house = houses()
    raw = house.teller.house.filing.keystore.raw()
    raw.execute("CREATE ROLE troth_lent")
    raw.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO troth_lent")
    raw.execute("SET ROLE troth_lent")
    yield house
    raw.execute("RESET ROLE")
    raw.execute("DROP OWNED BY troth_lent")
    raw.execute("DROP ROLE troth_lent")
    houses.close()


def test_tables_of_another_role_are_not_said_to_be_written_anew(lent):
    with pytest.raises(TablesNotOurs):
        vacuum(lent.teller.house.filing, "keystore")
    assert lent.teller.house.filing.keystore.raw().execute("SHOW lock_timeout").fetchone() == ("0",)
    swept = lent.sweep(vacuum=True)
    assert (swept.vacuumed, swept.unvacuumed) == (("store",), ("keystore",))
    assert [problem.code for problem in swept.stuck] == ["store.tables-not-ours"]
    assert lent.sweep().unvacuumed == ("keystore",)


def test_no_room_to_write_a_database_anew_keeps_nothing_else_of_a_sweep_from_being_done(houses_of):
    houses = houses_of("sqlite")
    house = houses()
    filing = house.teller.house.filing
    mia = joins(house, MIA)
    with keystore.keeping(filing) as keeping:
        keystore.add(keeping, [(mia, "k", 1, bytes(LARGE), bytes(32))])
    filing.fold()
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (LARGE // 2, before[1]))
    try:
        swept = house.sweep()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert swept.unvacuumed == ("keystore",)
    assert [problem.code for problem in swept.stuck] == ["store.disk-full"]
    assert swept.checkpoint.size == house.teller.house.tree.size
    assert house.access(about=MIA, category="account").records
    assert house.sweep().vacuumed == ("keystore",)
    houses.close()
