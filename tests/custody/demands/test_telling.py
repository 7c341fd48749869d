"""What is to be told of demands: noted with each event, told once, and to nobody who is gone."""

import pytest

from tests.cast import AGENT, MIA, joins
from tests.inside import rows_of, shown
from troth.acts import collect
from troth.clock import DAY
from troth.custody.demands import telling
from troth.rules.decision import member, program
from troth.store import schema_rights
from troth.store.tellings import HOUSE, LETTER, PERSON


@pytest.fixture
def mia(house):
    joins(house, MIA)
    return house


def due(house, reader=PERSON):
    return house.teller.alone(lambda desk: telling.due_for(desk, reader))


def put(house, news):
    offer = collect.offering(
        by=program("portal"), about=news.case.subject, category="notices", when="announcement",
        values={"subject": f"{news.event.event} {news.case.reference}", "text": "It moved."},
    )  # fmt: skip
    return house.teller.alone(telling.in_inbox(news.note, offer))


def inbox(house):
    return [each["subject"] for each in shown(house.access(about=MIA, category="notices"))]


def complaint(house):
    return house.demand(about=MIA, right="complain", text="You never answered.").case


def test_every_event_that_moves_a_demand_for_its_person_is_noted_and_no_other(mia):
    case = complaint(mia)
    mia.decide_demand(case=case.id, decision="review", by=AGENT)
    mia.decide_demand(case=case.id, decision="extend", reasons=["complex"], by=AGENT)
    mia.decide_demand(case=case.id, decision="refuse", reasons=["unfounded"], by=AGENT)
    assert [news.event.event for news in due(mia)] == ["filed", "extended", "refused"]
    assert due(mia, HOUSE) == []


def test_a_message_is_in_the_inbox_once_however_often_it_is_told(mia):
    case = complaint(mia)
    (news,) = due(mia)
    assert put(mia, news) is True
    assert put(mia, news) is False
    assert inbox(mia) == [f"filed {case.reference}"]
    (news,) = due(mia)
    assert news.note.stage == LETTER


def test_two_who_would_send_the_same_letter_do_not_both(mia):
    complaint(mia)
    put(mia, due(mia)[0])
    (news,) = due(mia)
    assert mia.teller.alone(telling.trying([news.note])) == (news.note,)
    assert mia.teller.alone(telling.trying([news.note])) == ()
    assert due(mia) == []


def test_a_letter_that_did_not_go_is_tried_again_later_and_later_and_at_last_forgotten(mia):
    complaint(mia)
    put(mia, due(mia)[0])
    waits = []
    for _ in range(4):
        (news,) = due(mia)
        mia.teller.alone(telling.trying([news.note]))
        (row,) = rows_of(mia, schema_rights.tellings)
        waits.append(row.due_at - mia.teller.house.clock())
        mia.teller.house.clock.forward(waits[-1])
    assert waits == sorted(set(waits))
    mia.teller.house.clock.forward(31 * DAY)
    mia.sweep()
    assert all(news.note.made_at > mia.teller.house.clock() - DAY for news in due(mia))


def test_nobody_who_is_gone_is_told_anything(mia):
    complaint(mia)
    mia.erase(about=MIA)
    assert due(mia) == []
    assert rows_of(mia, schema_rights.tellings) == []


def test_whoever_is_in_grace_is_told_when_they_are_back(mia):
    complaint(mia)
    code = mia.recovery_code()
    mia.erase_later(about=MIA, days=2, code=code)
    assert due(mia) == []
    mia.come_back(about=MIA, code=code)
    mia.teller.house.clock.forward(DAY // 12)
    assert [news.event.event for news in due(mia)] == ["filed"]


def test_notes_say_nothing_of_anybody(mia):
    case = mia.demand(about=MIA, right="erase", by=AGENT).case
    for row in rows_of(mia, schema_rights.tellings):
        assert (row.case_id, row.reader) == (case.id, PERSON)
        assert row.stage in ("inbox", "letter", "only")


def test_the_language_of_an_answer_outlives_the_end_of_a_demand_and_no_other_word_does(mia):
    case = complaint(mia)
    mia.decide_demand(case=case.id, decision="review", by=AGENT)
    mia.decide_demand(case=case.id, decision="refuse", reasons=["unfounded"], by=AGENT)
    (row,) = [each for each in rows_of(mia, schema_rights.rights_cases) if each.case_id == case.id]
    assert row.sealed == b""  # no language was told with it


def test_a_proof_by_the_person_is_nothing_that_they_are_told(mia):
    case = mia.demand(about=MIA, right="restrict", category="account", by=AGENT).case
    mia.prove_demand(case=case.id, by=member("portal", "step_up"))
    assert [news.event.event for news in due(mia)] == ["filed", "confirmed"]
