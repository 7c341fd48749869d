"""kill -9 at any statement of a sweep that counts: each record is counted once, as it goes, or not at all."""

import pytest

from tests.faults.soundness import must_be_sound
from tests.faults.test_kill_grace import at_every_cut
from tests.houses import LIBRARY_TEXT
from tests.inside import count_of
from tests.town import OVER, PEOPLE, borrowed, came, joined, tallies
from troth.store import schema

pytestmark = pytest.mark.filterwarnings("ignore:This process .* is multi-threaded")


def test_a_sweep_that_is_cut_off_counts_each_record_once(sqlite_house, tmp_path):
    house = sqlite_house(LIBRARY_TEXT)
    joined(house)
    borrowed(house, lambda _: {"kind": "book", "late": True})
    came(house)
    house.teller.house.clock.forward(OVER)
    model, at = house.teller.house.directory, house.teller.house.clock.at
    house.checkpoint()
    house.close()
    whole = {
        ("loan", "kind", "book", PEOPLE),
        ("loan", "late", "true", PEOPLE),
        ("visit", "door", "north", PEOPLE),
    }
    ways = set()
    for again, fate in at_every_cut(model, at, tmp_path, lambda house, _: house.sweep() and None):
        here, left = tallies(again), count_of(again, schema.records) - PEOPLE
        assert (left, {each[0] for each in here}) in [
            (2 * PEOPLE, set()),
            (PEOPLE, {"visit"}),  # was over first
            (0, {"loan", "visit"}),
        ]
        ways.add(left)
        again.sweep()
        assert tallies(again) == whole
        assert count_of(again, schema.records) == PEOPLE
        must_be_sound(again, fate.receipts)
    assert ways == {0, PEOPLE, 2 * PEOPLE}
