"""kill -9 at any statement of a grace: it is begun or not, and the code that was handed over before works."""

import shutil

import pytest

import troth
from tests.cast import MIA, NOOR, joins, tells
from tests.faults.cutting import Cut, in_child, kill
from tests.faults.soundness import must_be_sound
from tests.faults.test_kill import cuts_of
from tests.inside import rows_of, shown
from troth.clock import DAY, Settable
from troth.errors import InGrace, NotFound, NotRestored, Refused
from troth.store import schema

pytestmark = pytest.mark.filterwarnings("ignore:This process .* is multi-threaded")


def prepared(house):
    for who in (MIA, NOOR):
        joins(house, who)
        tells(house, who, "device")
    tells(house, MIA, "transactions")
    house.consent(about=NOOR, purpose="contact.promotion")
    house.checkpoint()


def values_of(house, who):
    return [shown(house.access(about=who, category=each)) for each in ("account", "device")]


def at_every_cut(model, at, tmp_path, work, *, least=8):
    """Yield a house after each cut of some work, opened again."""
    whole = in_child(shutil.copytree(model, tmp_path / "whole"), Settable(at), work, cut=Cut(-1, "", kill))
    assert whole.wrong == ""
    cuts = cuts_of(whole.statements)
    assert len(cuts) >= least
    for number, when in cuts:
        place = shutil.copytree(model, tmp_path / f"{number}-{when}")
        fate = in_child(place, Settable(at), work, cut=Cut(number, when, kill))
        assert (fate.killed, fate.wrong) == (True, "")
        with troth.open(place, clock=Settable(at + 1)) as again:
            yield again, fate
        shutil.rmtree(place)


@pytest.mark.parametrize("who", [MIA, NOOR])
def test_a_grace_that_is_cut_off_while_it_begins_is_whole_and_its_code_works(sqlite_house, tmp_path, who):
    house = sqlite_house()
    prepared(house)
    code, before = house.recovery_code(), values_of(house, who)
    model, at = house.teller.house.directory, house.teller.house.clock.at
    house.close()

    def work(house, say):
        away = house.erase_later(about=who, days=2, code=code)
        say(away.begun)
        say(away.sealed)

    ways = set()
    for again, fate in at_every_cut(model, at, tmp_path, work):
        if rows_of(again, schema.graces):
            assert len(rows_of(again, schema.sealed_keys)) == 1
            with pytest.raises((InGrace, Refused)):
                again.access(about=who, category="account")
            again.come_back(about=who, code=code)
            ways.add("begun")
        else:
            assert not fate.receipts
            ways.add("not begun")
        assert values_of(again, who) == before
        assert rows_of(again, schema.sealed_keys) == rows_of(again, schema.graces) == []
        must_be_sound(again, fate.receipts)
    assert ways == {"begun", "not begun"}


@pytest.mark.parametrize("who", [MIA, NOOR])
def test_a_return_that_is_cut_off_is_whole_or_can_be_asked_for_again(sqlite_house, tmp_path, who):
    house = sqlite_house()
    prepared(house)
    code, before = house.recovery_code(), values_of(house, who)
    house.erase_later(about=who, days=2, code=code)
    model, at = house.teller.house.directory, house.teller.house.clock.at
    house.close()
    ways = set()
    for again, fate in at_every_cut(
        model, at, tmp_path, lambda house, say: say(house.come_back(about=who, code=code))
    ):
        if rows_of(again, schema.graces):
            assert not fate.receipts
            again.come_back(about=who, code=code)
            ways.add("again")
        else:
            ways.add("back")
        assert values_of(again, who) == before
        must_be_sound(again, fate.receipts)
    assert ways == {"again", "back"}


@pytest.mark.parametrize("who", [MIA, NOOR])
def test_the_end_of_a_grace_that_is_cut_off_is_finished_and_nothing_brings_it_back(
    sqlite_house, tmp_path, who
):
    house = sqlite_house()
    prepared(house)
    code = house.recovery_code()
    house.erase_later(about=who, days=2, code=code)
    house.teller.house.clock.forward(2 * DAY)
    model, at = house.teller.house.directory, house.teller.house.clock.at
    house.close()
    for again, fate in at_every_cut(model, at, tmp_path, lambda house, say: house.sweep() and None):
        assert rows_of(again, schema.graces) == rows_of(again, schema.sealed_keys) == []
        with pytest.raises(NotRestored):
            again.come_back(about=who, code=code)
        must_be_sound(again, fate.receipts)
        if who == NOOR:
            with pytest.raises(NotFound):
                again.access(about=who, category="account")
