"""kill -9 between an event and its message, or an answer and its filing: each is there once."""

import pytest

from tests.cast import MIA, joins
from tests.custody.demands.test_awaiting import filed, kept
from tests.custody.demands.test_telling import complaint, due, inbox, put
from tests.faults.soundness import must_be_sound
from tests.faults.test_kill_grace import at_every_cut
from tests.inside import rows_of
from troth.clock import SECOND
from troth.custody.demands import awaiting
from troth.store import schema_rights

pytestmark = pytest.mark.filterwarnings("ignore:This process .* is multi-threaded")


def model_of(house):
    place, at = house.teller.house.directory, house.teller.house.clock.at
    house.close()
    return place, at


def ready(sqlite_house):
    house = sqlite_house()
    joins(house, MIA)
    house.checkpoint()
    return house


def test_an_event_and_its_note_are_there_together_or_not_at_all(sqlite_house, tmp_path):
    model, at = model_of(ready(sqlite_house))
    seen = set()
    for again, _ in at_every_cut(model, at, tmp_path, lambda house, _: complaint(house), least=5):
        events = [len(case.events) for case, _ in again.demands(about=MIA)]
        notes = [(row.number, row.reader) for row in rows_of(again, schema_rights.tellings)]
        assert notes == [(0, "person") for _ in events]
        seen.add(len(events))
    assert seen == {0, 1}


def test_a_message_that_is_cut_off_is_in_the_inbox_once_after_it_is_told_again(sqlite_house, tmp_path):
    house = ready(sqlite_house)
    case = complaint(house)
    model, at = model_of(house)

    def work(house, _say):
        put(house, due(house)[0])

    before = set()
    for again, fate in at_every_cut(model, at, tmp_path, work, least=5):
        before.add(len(inbox(again)))
        (news,) = due(again)
        put(again, news)
        assert inbox(again) == [f"filed {case.reference}"]
        must_be_sound(again, fate.receipts)
    assert before == {0, 1}


def test_what_was_asked_by_an_address_and_answered_is_filed_once_whatever_is_cut_off(sqlite_house, tmp_path):
    house = ready(sqlite_house)
    kept(house)
    model, at = model_of(house)

    def work(house, _say):
        (it,) = house.teller.alone(awaiting.taken_up)
        filed(house, it)

    before = set()
    for again, fate in at_every_cut(model, at, tmp_path, work, least=5):
        before.add(len(again.demands(about=MIA)))
        again.teller.house.clock.forward(61 * SECOND)
        for it in again.teller.alone(awaiting.taken_up):
            filed(again, it)
        ((case, _),) = again.demands(about=MIA)
        assert case.state == "verifying"
        assert rows_of(again, schema_rights.askings) == []
        assert {row.number for row in rows_of(again, schema_rights.tellings)} == {0, 1}
        must_be_sound(again, fate.receipts)
    assert before == {0, 1}
