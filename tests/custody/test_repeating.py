import threading

import pytest

from tests.cast import MIA, NOOR, joins
from tests.inside import count_of, ledger_of, rows_of
from troth.acts import cases, collect, consent
from troth.clock import DAY
from troth.custody.repeating import Once
from troth.custody.take_in import Taken
from troth.errors import KeyReused, NotFound, Refused
from troth.rules.decision import member, program
from troth.store import keystore, schema

EXCHANGE = program("exchange")


def account(who=MIA):
    values = {"email": f"{who.lower()}@example.org"}
    return collect.offering(by=member(), about=who, category="account", when="registration", values=values)


def activity(house, who=MIA, **changes):
    values = {"time": "2027-06-01T09:00:00Z", "action": "order", "succeeded": True, **changes}
    return collect.offering(by=EXCHANGE, about=who, category="activity", when="service_use", values=values)


def test_a_job_is_done_once_however_often_it_comes(house):
    joins(house)
    before = count_of(house, schema.records)
    job = collect.taking([activity(house)])
    first = house.teller.ask(Once(job, "exchange k1", b"body"))
    again = house.teller.ask(Once(job, "exchange k1", b"body"))
    assert first == again
    assert count_of(house, schema.records) == before + 1


def test_the_answer_is_the_same_after_a_restart(new_house):
    house = new_house()
    joins(house)
    job = collect.taking([activity(house)])
    first = house.teller.ask(Once(job, "exchange k1", b"body"))
    house = new_house.again(house)
    assert house.teller.ask(Once(job, "exchange k1", b"body")) == first


def test_a_key_that_was_used_for_something_else_is_refused(house):
    joins(house)
    house.teller.ask(Once(collect.taking([activity(house)]), "exchange k1", b"body"))
    with pytest.raises(KeyReused):
        house.teller.ask(Once(collect.taking([activity(house, action="settings")]), "exchange k1", b"other"))


def test_what_was_refused_is_decided_again(house):
    joins(house)
    job = consent.giving(by=EXCHANGE, about=MIA, purpose="contact.promotion")
    for _ in range(2):
        with pytest.raises(Refused):
            house.teller.ask(Once(job, "exchange k2", b"x"))
    assert count_of(house, schema.repeats) == 0


def test_of_several_offers_what_was_taken_and_what_was_refused_come_back_alike(house):
    joins(house)
    job = collect.taking([activity(house), activity(house, "nobody"), activity(house, action="dance")])
    first = house.teller.ask(Once(job, "exchange k3", b"x"))
    again = house.teller.ask(Once(job, "exchange k3", b"x"))
    assert isinstance(first[0], Taken)
    assert first[0] == again[0]
    assert [type(each) for each in first] == [type(each) for each in again]
    assert [str(each) for each in first[1:]] == [str(each) for each in again[1:]]


def test_repeats_that_come_at_once_are_one(house):
    joins(house)
    before = count_of(house, schema.records)
    job, found = collect.taking([activity(house)]), []

    def ask():
        found.append(house.teller.ask(Once(job, "exchange k4", b"x")))

    callers = [threading.Thread(target=ask) for _ in range(8)]
    for each in callers:
        each.start()
    for each in callers:
        each.join()
    assert len(found) == 8
    assert len(set(map(str, found))) == 1
    assert count_of(house, schema.records) == before + 1


def test_two_persons_keys_never_meet_in_one_batch(house):
    joins(house)
    joins(house, NOOR)
    jobs = [Once(collect.taking([activity(house, who)]), f"exchange {who}", b"x") for who in (MIA, NOOR)]
    taken = [house.teller.ask(job)[0].subject for job in jobs]
    assert len(set(taken)) == 2


def test_choices_and_corrections_are_done_once_too(house):
    joins(house)
    size = len(ledger_of(house))
    job = consent.giving(by=member(), about=MIA, purpose="contact.promotion")
    receipts = {house.teller.ask(Once(job, "form 1", b"")) for _ in range(3)}
    assert len(receipts) == 1
    assert len(ledger_of(house)) == size + 1


def test_a_day_later_nothing_is_known_of_it(house):
    joins(house)
    house.teller.ask(Once(collect.taking([activity(house)]), "exchange k1", b"body"))
    house.teller.house.clock.forward(DAY + 1)
    house.sweep()
    assert count_of(house, schema.repeats) == 0


def test_neither_key_nor_content_stands_in_the_store(house):
    joins(house)
    house.teller.ask(Once(collect.taking([activity(house)]), "secret-key-of-mine", b"secret body"))
    row = rows_of(house, schema.repeats)[0]
    assert b"secret" not in bytes(row.token) + bytes(row.content) + bytes(row.sealed)


def test_what_was_answered_goes_with_the_person_and_brings_nobody_back(house):
    job = Once(collect.taking([account()]), "portal k1", b"body")
    subject = house.teller.ask(job)[0].subject
    assert house.erase(about=subject).whole

    (row,) = rows_of(house, schema.repeats)
    assert (row.subject, bytes(row.content), bytes(row.sealed)) == (0, b"", b"")
    assert isinstance(house.teller.ask(job)[0], NotFound)
    assert count_of(house, schema.subjects) == 0
    house.teller.house.clock.forward(DAY + 1)
    house.sweep()
    assert count_of(house, schema.repeats) == 0


def test_of_many_the_answers_of_one_person_go_alone(house):
    mia, noor = joins(house), joins(house, NOOR)
    offers = [activity(house), activity(house, NOOR), activity(house, "nobody"), activity(house, action="x")]
    job = Once(collect.taking(offers, together=True), "exchange k1", b"body")
    first = house.teller.ask(job)
    records = count_of(house, schema.records)
    house.erase(about=mia)

    again = house.teller.ask(job)

    assert again[1] == first[1]
    assert [type(each) for each in again] == [NotFound, Taken, NotFound, NotFound]
    assert {row.subject for row in rows_of(house, schema.repeats)} == {noor, 0}
    assert count_of(house, schema.records) < records
    with pytest.raises(KeyReused):
        house.teller.ask(Once(job.job, "exchange k1", b"other"))


def test_people_of_one_batch_who_are_erased_one_after_the_other_leave_nothing(house):
    people = [joins(house), joins(house, NOOR)]
    job = Once(collect.taking([activity(house), activity(house, NOOR)]), "exchange k1", b"body")
    house.teller.ask(job)
    for each in people:
        house.erase(about=each)
    (row,) = rows_of(house, schema.repeats)
    assert (row.subject, bytes(row.content), bytes(row.sealed)) == (0, b"", b"")
    assert [type(each) for each in house.teller.ask(job)] == [NotFound, NotFound]


def test_what_was_answered_opens_with_the_keys_of_the_person_alone(house):
    subject = joins(house)
    job = Once(collect.taking([activity(house)]), "exchange k1", b"body")
    house.teller.ask(job)
    (row,) = rows_of(house, schema.repeats)
    assert row.subject == subject

    with keystore.keeping(house.teller.house.filing) as keeping:
        keystore.destroy_all(keeping, [subject])

    assert isinstance(house.teller.ask(job)[0], NotFound)


def test_the_answers_of_somebody_who_left_go_when_they_are_forgotten(house):
    subject, clock = joins(house), house.teller.house.clock
    house.leave(about=MIA)
    clock.forward(30 * DAY - DAY // 24)
    job = Once(consent.objecting(by=member(), about=MIA, purpose="service.upkeep"), "form 1", b"")
    house.teller.ask(job)
    assert [row.subject for row in rows_of(house, schema.repeats)] == [subject]
    clock.forward(DAY // 12)

    assert house.sweep().ended == 1

    assert [row.subject for row in rows_of(house, schema.repeats)] == [0]
    with pytest.raises(NotFound):
        house.teller.ask(job)


def test_a_step_of_a_case_is_made_once_and_answered_alike_after_a_restart(new_house):
    house = new_house()
    joins(house)
    opened = house.open_case(about=MIA, name="identity-check").case
    job = cases.moving(by=member(), about=MIA, case=opened.id, to="withdrawn")
    first = house.teller.ask(Once(job, "portal k1", b"body"))
    assert first.case.state == "withdrawn"
    house = new_house.again(house)
    assert house.teller.ask(Once(job, "portal k1", b"body")) == first
    assert [e.kind for e in ledger_of(house)].count("case.moved") == 1
