"""kill -9 here and there in a choice of a shorter time: all of it holds, or none of it."""

import pytest

from tests.cast import MIA, joins, tells
from tests.faults.soundness import must_be_sound
from tests.faults.test_kill_grace import at_every_cut
from tests.inside import rows_of
from troth.clock import DAY
from troth.evidence.report import verify
from troth.evidence.status import Status
from troth.store import schema

pytestmark = pytest.mark.filterwarnings("ignore:This process .* is multi-threaded")


def lives_of(house):
    return {(row.expires_at - row.collected_at) // DAY for row in rows_of(house, schema.streams)}


def test_a_shorter_time_that_is_cut_off_holds_as_a_whole_or_can_be_chosen_again(sqlite_house, tmp_path):
    house = sqlite_house()
    joins(house)
    for _ in range(3):
        tells(house, MIA, "usage")
    before = lives_of(house)
    model, at = house.teller.house.directory, house.teller.house.clock.at
    house.close()

    def work(house, say):
        say(house.keep_shorter(about=MIA, kept="usage", days=7))

    ways = set()
    for again, fate in at_every_cut(model, at, tmp_path, work, least=6):
        chosen = any("shorter" in row.standing for row in rows_of(again, schema.subjects))
        assert lives_of(again) == ({7} if chosen else before)
        assert chosen or not fate.receipts
        ways.add(chosen)
        must_be_sound(again, fate.receipts)
        again.keep_shorter(about=MIA, kept="usage", days=7)
        assert lives_of(again) == {7}
        clause = next(each for each in verify(again.teller).clauses if each.clause == "keep.usage")
        assert clause.status is Status.KEPT
    assert ways == {True, False}
