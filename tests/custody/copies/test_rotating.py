"""Rotating: a new epoch a week, every key wrapped anew, and nothing that cannot be opened afterwards."""

import sqlite3
import time
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from sqlalchemy import update

from tests.cast import MIA, NOOR, joins, tells
from tests.faults.cutting import Cut, count_statements
from tests.inside import rows_of
from troth.clock import DAY
from troth.custody.copies import rotating
from troth.custody.copies.rotating import rotate
from troth.errors import StoreUnavailable
from troth.store import schema


def epochs_of(house):
    return {row.epoch for row in rows_of(house, schema.keys)}


def test_after_a_week_every_key_is_wrapped_under_a_new_epoch_and_opens(new_house):
    house = new_house()
    clock = house.teller.house.clock
    joins(house)
    assert house.sweep().rewrapped == 0
    clock.forward(7 * DAY)
    assert house.sweep().rewrapped == 2
    assert epochs_of(house) == {2}
    joins(house, NOOR)
    assert house.sweep().rewrapped == 0
    again = new_house.again(house)
    for who in (MIA, NOOR):
        assert again.access(about=who, category="account").records


def test_an_epoch_that_was_not_kept_wraps_nothing(house, clock):
    joins(house)
    clock.forward(8 * DAY)

    def fail():
        kind = sqlite3 if house.teller.house.filing.sqlite else psycopg
        raise kind.OperationalError("lost")

    class AtCommit(Cut):
        def run(self, said, execute):
            if said == "COMMIT" and not self.seen:
                self.seen.append(said)
                fail()
            return execute()

    count_statements(house, AtCommit(-1, "", fail))
    with pytest.raises(StoreUnavailable):
        house.teller.chore(lambda inner: rotate(inner, clock.at))
    assert house.teller.house.keyring.current_epoch == 1
    joins(house, NOOR)
    assert {row.epoch for row in rows_of(house, schema.epochs)} >= epochs_of(house)


def test_an_epoch_that_another_process_began_is_taken_over(new_house):
    house = new_house()
    clock, directory = house.teller.house.clock, house.teller.house.directory
    joins(house)
    other = new_house.open(directory, clock)
    clock.forward(7 * DAY)
    assert house.sweep().rewrapped == 2
    assert other.access(about=MIA, category="account").records
    assert other.sweep().rewrapped == 0
    assert [row.epoch for row in rows_of(house, schema.epochs)] == [1, 2]
    joins(other, NOOR)
    assert house.access(about=NOOR, category="account").records


def test_a_key_that_was_altered_is_passed_over_and_named_and_all_others_are_wrapped_anew(house, clock):
    subject = joins(house)
    joins(house, NOOR)
    with house.teller.house.filing.connect("keystore") as connection:
        one = (schema.keys.c.subject == subject) & (schema.keys.c.kept == "account")
        connection.execute(update(schema.keys).where(one).values(wrapped=b"altered"))
    size = house.checkpoint().size
    clock.forward(7 * DAY)

    swept = house.sweep()

    assert (swept.rewrapped, swept.broken) == (3, ((subject, "account"),))
    assert swept.checkpoint.size >= size
    assert {row.epoch for row in rows_of(house, schema.keys) if row.subject != subject} == {2}
    assert house.access(about=NOOR, category="account").records
    assert house.sweep().broken == swept.broken


def test_every_key_is_reached_chunk_by_chunk_though_each_begins_with_one_that_was_altered(house, clock):
    subjects = sorted(joins(house, f"M-{n}", email=f"m{n}@example.org") for n in range(4))
    with house.teller.house.filing.connect("keystore") as connection:
        first = (schema.keys.c.subject == subjects[0]) | (schema.keys.c.subject == subjects[2])
        connection.execute(update(schema.keys).where(first).values(wrapped=b"altered"))
    clock.forward(7 * DAY)

    wrapped, place = [], rotating.START
    while place is not None:
        done = house.teller.chore(lambda inner, after=place: rotate(inner, clock.at, after=after, limit=2))
        wrapped.append((done.wrapped, len(done.broken)))
        place = done.last

    assert wrapped == [(0, 2), (2, 0), (0, 2), (2, 0), (0, 0)]


def test_a_running_house_takes_in_a_new_class_after_another_process_began_an_epoch(new_house):
    house = new_house()
    clock, directory = house.teller.house.clock, house.teller.house.directory
    joins(house)
    other = new_house.open(directory, clock)
    clock.forward(7 * DAY)
    assert other.sweep().rewrapped == 2
    assert tells(house, MIA, "support")
    assert house.access(about=MIA, category="support").records


def test_no_key_is_wrapped_anew_while_another_process_may_make_or_destroy_one(new_house):
    house = new_house()
    clock, directory = house.teller.house.clock, house.teller.house.directory
    joins(house)
    other = new_house.open(directory, clock)
    clock.forward(7 * DAY)
    with ThreadPoolExecutor(1) as pool:
        with house.teller.house.filing.alone():
            rotating_ = pool.submit(other.teller.chore, lambda inner: rotate(inner, clock.at))
            time.sleep(0.3)
            assert epochs_of(house) == {1}
        assert rotating_.result(20).wrapped == 2
