"""Expiring streams: partitions go at once on PostgreSQL; on either database in the time that was promised."""

import psycopg
import pytest

from tests.cast import LAWYER, MIA, NOOR, USAGE, USAGE_SCRIPT, joins, tells
from tests.faults.soundness import must_be_sound
from tests.inside import count_of, ledger_of, rows_of
from troth.acts import collect
from troth.clock import DAY
from troth.evidence.report import verify
from troth.evidence.status import Status
from troth.store import schema, shelves
from troth.store.origins import Origins
from troth.store.unit import unit

HOUR = DAY // 24


def partitions(house):
    return house.teller.alone(lambda desk: shelves.there(desk.unit))


def on_postgres(house):
    return not house.teller.house.filing.sqlite


def lines(house):
    return [(entry.category, entry.count) for entry in ledger_of(house) if entry.kind == "record.expired"]


def sweeps_hourly(house, clock, hours):
    """Sweep each hour, as a server would, and return what was swept."""
    found = []
    for _ in range(hours):
        clock.forward(HOUR)
        found.append(house.sweep())
    return found


def test_streams_stand_apart_and_other_categories_where_they_did(house):
    joins(house)
    tells(house, MIA, "usage")
    tells(house, MIA, "support")
    assert [count_of(house, table) for table in (schema.streams,)] == [1]
    assert len(house.access(about=MIA, category="usage").records) == 1
    assert len(house.access(about=MIA, category="support").records) == 1


def test_what_a_server_that_sweeps_often_leaves_to_a_drop_goes_within_what_was_promised(house, clock):
    joins(house)
    for _ in range(24):
        tells(house, MIA, "usage")
        clock.forward(HOUR)
    house.sweep()
    clock.at = clock.at - clock.at % DAY + 28 * DAY
    swept = sweeps_hourly(house, clock, 24 * 5)
    assert sum(each.expired for each in swept) == 24
    assert max(each.late for each in swept) <= DAY
    assert (sum(each.dropped for each in swept) >= 2) == on_postgres(house)
    assert count_of(house, schema.streams) == 0
    assert sum(count for _, count in lines(house)) == 24
    must_be_sound(house, [])


def test_what_waits_for_its_drop_puts_no_clause_at_risk(house, clock):
    joins(house)
    clock.at = clock.at - clock.at % DAY + 20 * HOUR
    tells(house, MIA, "usage")
    clock.forward(29 * DAY)
    sweeps_hourly(house, clock, 25)
    assert count_of(house, schema.streams) == (1 if on_postgres(house) else 0)
    clause = next(each for each in verify(house.teller).clauses if each.clause == "keep.usage")
    assert {check.status for check in clause.checks if check.name == "gone-in-time"} == {Status.KEPT}
    assert sum(each.expired for each in sweeps_hourly(house, clock, 6)) == (1 if on_postgres(house) else 0)


def test_a_house_that_is_swept_once_a_day_leaves_nothing_that_is_over(house, clock):
    joins(house)
    clock.at = clock.at - clock.at % DAY + 20 * HOUR
    tells(house, MIA, "usage")
    for _ in range(30):
        clock.forward(DAY)
        house.sweep()
    assert count_of(house, schema.streams) == 0


def test_what_a_hold_keeps_is_moved_off_before_its_partition_goes_and_goes_when_the_hold_ends(house, clock):
    joins(house)
    joins(house, NOOR)
    for who in (MIA, NOOR):
        tells(house, who, "transactions")
    held = house.hold(about=MIA, matter="case-1", reason="litigation", by=LAWYER)
    assert held.entry
    clock.forward(7 * 366 * DAY + 40 * DAY)
    assert house.sweep().expired == 1
    assert len(rows_of(house, schema.streams)) == 1
    assert house.sweep().expired == 0
    house.end_hold(about=MIA, matter="case-1", reason="litigation", by=LAWYER)
    assert house.sweep().expired == 1
    assert count_of(house, schema.streams) == 0
    assert house.teller.alone(lambda desk: shelves.over(desk.unit, desk.now)) == []


def test_whoever_copies_the_database_meanwhile_holds_up_no_sweep(house, clock):
    if not on_postgres(house):
        return
    joins(house)
    tells(house, MIA, "usage")
    clock.forward(32 * DAY)
    url = house.teller.house.filing.store.engine.url.render_as_string(hide_password=False)
    with psycopg.connect(url.replace("+psycopg", "")) as copier:
        copier.execute("SELECT count(*) FROM streams")
        swept = house.sweep()
        assert (swept.expired, swept.dropped) == (1, 0)
    assert house.sweep().dropped == 1
    assert len(lines(house)) == 1


def test_partitions_are_made_ahead(house, clock):
    joins(house)
    tells(house, MIA, "usage")
    before = partitions(house)
    house.sweep()
    ahead = partitions(house) - before
    assert bool(ahead) == on_postgres(house)
    clock.forward(DAY)
    tells(house, MIA, "usage")
    assert partitions(house) - before == ahead


@pytest.mark.parametrize("together", [True, False])
def test_many_people_s_streams_go_with_names_and_places_they_left_behind(house, clock, together):
    for n in range(5):
        joins(house, f"S-{n}")
    offers = [
        collect.offering(by=USAGE_SCRIPT, about=f"S-{n}", category="usage", when="usage_log", values=USAGE)
        for n in range(5)
    ]
    house.collect_many(offers, together=together) if together else [house.collect_many([o]) for o in offers]
    clock.forward(33 * DAY)
    assert house.sweep().expired == 5
    assert lines(house) == [("usage", 5)]


def test_a_category_that_was_no_stream_when_it_was_first_held_stays_where_it_was(house):
    joins(house)
    with unit(house.teller.house.filing) as here:
        origins = Origins()
        origins.load(here)
        (origin,) = origins.by_number.values()
        later = type(origin)(
            origin.category, origin.circumstance, origin.clause, 2, origin.kept, origin.fields
        )
        _, code = origins.number(here, later, stream=True)
        assert code not in origins.streams


def test_swept_says_how_fast_it_was_and_how_late(house, clock):
    joins(house)
    tells(house, MIA, "activity")
    clock.forward(366 * DAY + 5 * HOUR)
    swept = house.sweep()
    assert swept.expired == 1
    assert swept.rate > 0
    assert 5 * HOUR <= swept.late <= DAY + 6 * HOUR
