"""kill -9 at any statement of a partition: made with what is in it, and dropped once with what is over."""

import pytest
from sqlalchemy import text

from tests.cast import MIA, NOOR, joins, tells
from tests.databases import POSTGRES
from tests.faults.cutting import Cut, in_child, kill
from tests.faults.soundness import must_be_sound
from tests.inside import ledger_of, rows_of
from troth.clock import DAY
from troth.store import schema

pytestmark = pytest.mark.filterwarnings("ignore:This process .* is multi-threaded")


@pytest.fixture(params=POSTGRES)
def houses(request, houses_of):
    made = houses_of(request.param)
    yield made
    made.close()


def partitions_of(house):
    with house.teller.house.filing.connect("store") as connection:
        said = "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'streams'::regclass"
        return {name for (name,) in connection.execute(text(said))}


def prepared(houses, days):
    house = houses()
    for who in (MIA, NOOR):
        joins(house, who)
        for _ in range(3):
            tells(house, who, "usage")
    house.checkpoint()
    house.teller.house.clock.forward(days * DAY)
    directory, clock = house.teller.house.directory, house.teller.house.clock
    house.close()
    return directory, clock


def at_every_cut(houses, work, *, days=0):
    """Yield a house after each cut of what touches streams in some work, opened again."""
    whole = in_child(*prepared(houses, days), work, cut=Cut(-1, "", kill))
    assert whole.wrong == ""
    marked = {n for n, said in enumerate(whole.statements) if "streams" in said}
    near = {
        n for n, said in enumerate(whole.statements) if said == "COMMIT" and marked & set(range(n - 9, n))
    }
    assert len(marked) > 3
    for number, when in [
        *((n, "before") for n in sorted(marked | near)),
        *((n, "after") for n in sorted(near)),
    ]:
        directory, clock = prepared(houses, days)
        fate = in_child(directory, clock, work, cut=Cut(number, when, kill))
        assert (fate.killed, fate.wrong) == (True, "")
        clock.forward(1)
        with houses.open(directory, clock) as again:
            yield again


def test_a_partition_whose_drop_is_cut_off_goes_whole_with_one_line_and_those_ahead_are_made(houses):
    seen = set()
    for again in at_every_cut(houses, lambda house, _: house.sweep() and None, days=32):
        over = {name for name in partitions_of(again) if name.startswith("streams_d202707")}
        held = len(rows_of(again, schema.streams))
        lines = [entry.count for entry in ledger_of(again) if entry.kind == "record.expired"]
        assert (held, sum(lines)) in {
            (6, 0),
            (0, 6),
        }  # what is said to be gone is gone, and the other way round
        seen.add(held)
        must_be_sound(again, [])
        assert rows_of(again, schema.streams) == []
        assert over - {"streams_d20270701"} <= partitions_of(again)
        assert "streams_d20270701" not in partitions_of(again)
        assert [entry.count for entry in ledger_of(again) if entry.kind == "record.expired"] == [6]
        tells(again, MIA, "usage")
    assert seen == {0, 6}


def test_a_partition_whose_making_is_cut_off_is_there_with_what_is_in_it_or_made_by_the_next(houses):
    seen = set()

    for again in at_every_cut(houses, lambda house, _: tells(house, MIA, "usage") and None, days=1):
        held = rows_of(again, schema.streams)
        seen.add(len(held))
        assert ("streams_d20270702" in partitions_of(again)) == (len(held) == 7)
        must_be_sound(again, [])
        tells(again, MIA, "usage")
        assert len(rows_of(again, schema.streams)) == len(held) + 1
        assert "streams_d20270702" in partitions_of(again)
    assert seen == {6, 7}
