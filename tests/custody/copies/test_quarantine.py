"""Restoring where something is counted: totals come back with the copy, and nothing is counted twice."""

import pytest

from tests.copies import scene
from tests.houses import LIBRARY_TEXT
from tests.inside import count_of
from tests.town import DIRECTOR, PEOPLE, borrowed, came, joined, tallies
from troth.clock import DAY
from troth.store import schema


@pytest.fixture
def stage(new_house, tmp_path, clock):
    return scene(new_house, tmp_path, LIBRARY_TEXT, clock=clock)


def test_totals_come_back_with_the_copy_and_what_was_over_at_the_restore_is_not_counted_again(stage):
    house, clock = stage.house, stage.clock
    joined(house)
    came(house)
    clock.forward(10 * DAY)
    came(house, range(20), door="south")
    clock.forward(21 * DAY)
    house.sweep()
    before = {("visit", "door", "north", PEOPLE)}
    assert tallies(house) == before
    borrowed(house, lambda _: {"kind": "film"})
    backup = stage.back_up()
    clock.forward(10 * DAY)
    house.sweep()
    assert tallies(house) == {*before, ("visit", "door", "south", 20)}

    report, again = stage.drill(backup)

    assert tallies(again) == before
    assert count_of(again, schema.streams) == 0
    assert report.lost["tally.added"] == 1
    again.sweep()
    assert tallies(again) == before
    clock.forward(140 * DAY)
    assert again.sweep().expired == PEOPLE
    assert tallies(again) == {*before, ("loan", "kind", "film", PEOPLE)}


def test_what_a_matter_held_over_a_restore_goes_uncounted(stage):
    house, clock = stage.house, stage.clock
    joined(house)
    borrowed(house, lambda _: {"kind": "film"})
    for n in range(PEOPLE):
        house.hold(about=f"R-{n}", matter="case-1", reason="lawsuit", by=DIRECTOR)
    clock.forward(100 * DAY)
    backup = stage.back_up()
    _, again = stage.drill(backup)
    for n in range(PEOPLE):
        again.end_hold(about=f"R-{n}", matter="case-1", reason="lawsuit", by=DIRECTOR)
    assert again.sweep().expired == PEOPLE
    assert tallies(again) == set()
