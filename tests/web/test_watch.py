"""The watch looks when it is time, seldom where it takes long, and never calls old news fresh."""

import pytest

from troth.clock import SECOND
from troth.web.watch import EACH, FRESH, Watch


def test_nothing_was_found_before_the_first_look(sqlite_house):
    house, watch = sqlite_house(), Watch()

    watch.remember(house.teller)

    assert watch.report is None
    assert watch.past == {}
    assert watch.is_due(house.teller.house.clock())
    assert not watch.is_fresh(house.teller.house.clock())


def test_a_look_is_fresh_for_an_hour_and_due_again_after_its_pause(sqlite_house):
    house, watch = sqlite_house(), Watch()
    watch.look(house.teller)
    at = watch.report.at

    assert not watch.is_due(at + watch.pause - 1)
    assert watch.is_due(at + watch.pause)
    assert watch.is_fresh(at + FRESH)
    assert not watch.is_fresh(at + max(FRESH, 2 * watch.pause) + SECOND)
    assert watch.pause >= EACH


def test_what_another_server_found_is_taken_up(sqlite_house):
    house = sqlite_house()
    Watch().look(house.teller)
    again = Watch()

    again.remember(house.teller)

    assert again.report is not None
    assert again.report.kinds == ()
    assert again.past


def test_pages_that_were_rendered_go_with_the_look_they_show(sqlite_house):
    house, watch = sqlite_house(), Watch()
    watch.bodies["page",] = b"old"

    watch.look(house.teller)

    assert watch.bodies == {}


@pytest.mark.parametrize("pause", [EACH, 3 * FRESH])
def test_a_ledger_that_takes_long_is_believed_for_two_pauses(sqlite_house, pause):
    house, watch = sqlite_house(), Watch()
    watch.look(house.teller)
    watch.pause = pause

    assert watch.is_fresh(watch.report.at + max(FRESH, 2 * pause))
