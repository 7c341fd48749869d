"""kill -9 here and there while a hold is placed, its end moved, and it is ended: whole, or not at all."""

import pytest

from tests.cast import LAWYER, MIA, joins
from tests.faults.soundness import must_be_sound
from tests.faults.test_kill_grace import at_every_cut
from tests.inside import count_of, ledger_of, rows_of
from troth.clock import DAY, FOREVER
from troth.custody.matters import end_over
from troth.store import schema
from troth.store.schema_rights import matters

pytestmark = pytest.mark.filterwarnings("ignore:This process .* is multi-threaded")
CASE = {"matter": "case-1", "reason": "litigation"}


def made(sqlite_house, *, held):
    house = sqlite_house()
    joins(house)
    if held:
        house.hold(about=MIA, by=LAWYER, until=house.teller.house.clock() + DAY, **CASE)
    model, at = house.teller.house.directory, house.teller.house.clock.at
    house.close()
    return model, at


def is_held(house):
    """Return whether Mia is held, which three tables and the ledger must say alike."""
    said = {
        bool(count_of(house, schema.holds)),
        bool(count_of(house, matters)),
        any("holds" in row.standing for row in rows_of(house, schema.subjects)),
    }
    assert len(said) == 1
    kinds = [entry.kind for entry in ledger_of(house)]
    assert kinds.count("hold.placed") - kinds.count("hold.ended") == said.copy().pop()
    return said.pop()


def test_a_hold_whose_placing_is_cut_off_is_placed_or_can_be_placed_again(sqlite_house, tmp_path):
    model, at = made(sqlite_house, held=False)

    def work(house, say):
        say(house.hold(about=MIA, by=LAWYER, until=at + DAY, **CASE))

    ways = set()
    for again, fate in at_every_cut(model, at, tmp_path, work, least=5):
        held = is_held(again)
        assert held or not fate.receipts
        ways.add(held)
        must_be_sound(again, fate.receipts)
        again.hold(about=MIA, by=LAWYER, until=at + DAY, **CASE)
        assert [it.people for it in again.matters(by=LAWYER)] == [1]
    assert ways == {True, False}


def test_an_end_that_is_cut_off_while_it_is_moved_is_moved_or_as_before(sqlite_house, tmp_path):
    model, at = made(sqlite_house, held=True)

    def work(house, say):
        say(house.move_matter(until=at + 9 * DAY, by=LAWYER, **CASE))

    ways = set()
    for again, fate in at_every_cut(model, at, tmp_path, work, least=3):
        (it,) = again.matters(by=LAWYER)
        moved = [entry.kind for entry in ledger_of(again)].count("matter.moved") == 1
        assert it.ends_at == (at + 9 * DAY if moved else at + DAY) != FOREVER
        assert moved or not fate.receipts
        ways.add(moved)
        must_be_sound(again, fate.receipts)
    assert ways == {True, False}


def test_a_sweep_that_is_cut_off_while_time_ends_a_hold_ends_it_once(sqlite_house, tmp_path):
    model, at = made(sqlite_house, held=True)

    def work(house, say):
        house.teller.alone(end_over)  # as a sweep does

    ways = set()
    for again, fate in at_every_cut(model, at + 2 * DAY, tmp_path, work, least=5):
        ways.add(is_held(again))
        must_be_sound(again, fate.receipts)
        again.sweep()
        assert not is_held(again)
        assert [entry.kind for entry in ledger_of(again)].count("hold.ended") == 1
    assert ways == {True, False}
