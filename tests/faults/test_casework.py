"""A statement of a case that fails, or whose answer is lost, leaves store, ledger and clocks agreeing."""

import pytest

from tests.acts.test_cases import moves, opens, shows
from tests.cast import MIA, joins
from tests.faults.cutting import Cut, Pooled, count_statements
from tests.faults.soundness import must_be_sound
from tests.faults.test_commit import fail
from tests.inside import ledger_of, rows_of
from troth.clock import DAY
from troth.errors import TrothError
from troth.evidence.report import verify
from troth.evidence.status import Status
from troth.store import schema


def uncut(house):
    for database in (house.teller.house.filing.store, house.teller.house.filing.keystore):
        if isinstance(database._raw, Pooled):
            database._raw = database._raw._inner


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_case_that_fails_at_any_statement_of_its_end_has_ended_or_has_not(new_house, when):
    house = new_house()
    for count in range(60):
        who = f"C-{count}"
        joins(house, who)
        house.consent(about=who, purpose="camera.identity")
        case = moves(house, opens(house, who), "collecting", about=who)
        shows(house, case, who)
        case = moves(house, case, "submitted", "in_review", about=who)
        cut = Cut(count, when, lambda: fail(house))
        count_statements(house, cut)
        try:
            moves(house, case, "verified", about=who)
            ended = True
        except TrothError:
            ended = False
        uncut(house)
        (after,) = house.cases(about=who)
        (record,) = house.access(about=who, category="camera.identity").records
        told = [entry for entry in ledger_of(house) if entry.case == case.reference][-1]
        assert told.fields == (after.state,)
        assert after.state == "verified" or not ended
        period = 30 * DAY if after.ended_at is not None else 180 * DAY
        assert record.expires_at - record.collected_at == period
        if ended and len(cut.seen) <= count:
            break
    else:
        pytest.fail("it never came to its end")
    house = new_house.again(house)  # a connection that broke may keep a log from being folded
    assert verify(house.teller).count(Status.BROKEN) == 0
    must_be_sound(house, [])


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_message_that_opens_a_conversation_opens_it_whole_or_not_at_all(new_house, when):
    house = new_house()
    told = {"category": "support", "when": "customer_service", "values": {"message": "hello"}}
    for count in range(60):
        who = f"L-{count}"
        cut = Cut(count, when, lambda: fail(house))
        count_statements(house, cut)
        try:
            house.collect(about=who, within="conversation", **told)
            done = True
        except TrothError:
            done = False
        uncut(house)
        found = house.cases(about=who)
        assert len(found) == 1 or not done
        links = [
            row for row in rows_of(house, schema.case_records) if found and row.subject == found[0].subject
        ]
        assert len(links) == len(found)
        if done and len(cut.seen) <= count:
            break
    else:
        pytest.fail("it never came to its end")
    must_be_sound(new_house.again(house), [])


def test_an_expiry_that_fails_anywhere_leaves_no_link_to_a_record_that_is_gone(house, clock):
    joins(house, MIA)
    house.consent(about=MIA, purpose="camera.identity")
    shows(house, moves(house, opens(house), "collecting"))
    clock.forward(190 * DAY)
    for count in range(300):
        cut = Cut(count, "before", lambda: fail(house))
        count_statements(house, cut)
        try:
            house.sweep()
            done = True
        except TrothError:
            done = False
        uncut(house)
        here = {bytes(row.record) for row in rows_of(house, schema.records)}
        assert {bytes(row.record) for row in rows_of(house, schema.case_records)} <= here
        if done and len(cut.seen) <= count:
            break
    else:
        pytest.fail("it never came to its end")
    assert house.cases(about=MIA)[0].state == "expired"
    must_be_sound(house, [])
