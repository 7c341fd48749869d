"""Sending: a channel that was stopped refuses the next message, and is opened again by the same step."""

import pytest

from tests.cast import AGENT, ANALYST, MIA, NOOR, OUTBOX, joins
from tests.inside import expect_refusal, ledger_of
from troth.errors import NotFound
from troth.evidence.report import verify
from troth.evidence.status import Status
from troth.rules.decision import staff

OFFERS = {"about": MIA, "purpose": "contact.promotion"}


def agreed(house):
    joins(house)
    house.consent(**OFFERS)


# ---- refused


def test_a_channel_that_was_stopped_is_refused_and_the_others_stay_open(house):
    agreed(house)
    house.stop(**OFFERS, channel="email")
    with expect_refusal(house, "stopped", at=("right.opt-out",)):
        house.may_send(**OFFERS, channel="email", by=OUTBOX)
    assert house.may_send(**OFFERS, channel="inbox", by=OUTBOX).kind == "message.sent"


def test_a_channel_that_no_clause_names_reaches_nobody_and_is_nothing_to_stop(house):
    agreed(house)
    for channel in ("sms", "pigeon", ""):
        with expect_refusal(house, "no-clause"):
            house.may_send(**OFFERS, channel=channel, by=OUTBOX)
        with expect_refusal(house, "no-clause"):
            house.stop(**OFFERS, channel=channel)


def test_what_is_needed_to_run_the_service_has_no_channel_to_stop(house):
    agreed(house)
    with expect_refusal(house, "no-clause"):
        house.stop(about=MIA, purpose="contact.service", channel="email")
    assert house.may_send(about=MIA, purpose="contact.service", channel="email", by=OUTBOX)


def test_an_open_channel_is_no_consent(house):
    joins(house)
    house.start(**OFFERS, channel="email")
    with expect_refusal(house, "consent-missing"):
        house.may_send(**OFFERS, channel="email", by=OUTBOX)
    house.consent(**OFFERS)
    house.withdraw(**OFFERS)
    with expect_refusal(house, "consent-withdrawn"):
        house.may_send(**OFFERS, channel="email", by=OUTBOX)


def test_only_whoever_may_use_the_data_sends_and_only_whom_the_right_names_stops(house):
    agreed(house)
    for by in (AGENT, ANALYST):
        with expect_refusal(house, "not-by"):
            house.may_send(**OFFERS, channel="email", by=by)
    with expect_refusal(house, "not-by"):
        house.stop(**OFFERS, channel="email", by=ANALYST)
    with expect_refusal(house, "not-by"):
        house.stop(**OFFERS, channel="email", by=staff("carl", "payments-clerk"))
    with expect_refusal(house, "assurance-missing", at=("right.opt-out",)):
        house.stop(**OFFERS, channel="email", by=AGENT)  # they file it, and she proves that it is her


def test_nobody_unknown_is_reached(house):
    with pytest.raises(NotFound):
        house.may_send(about=NOOR, purpose="contact.promotion", channel="email", by=OUTBOX)


def test_who_has_everything_stored_without_use_is_sent_nothing(house):
    agreed(house)
    house.restrict(about=MIA)
    with expect_refusal(house, "restricted"):
        house.may_send(about=MIA, purpose="contact.service", channel="email", by=OUTBOX)


# ---- done


def test_it_is_stopped_and_opened_with_one_step_each_and_each_is_a_line(house):
    agreed(house)
    stopped = house.stop(**OFFERS, channel="email")
    opened = house.start(**OFFERS, channel="email")
    sent = house.may_send(**OFFERS, channel="email", by=OUTBOX)
    entries = ledger_of(house)
    lines = [entries[receipt.entry] for receipt in (stopped, opened, sent)]
    assert [line.kind for line in lines] == ["channel.stopped", "channel.opened", "message.sent"]
    assert {(line.purpose, line.fields) for line in lines} == {("contact.promotion", ("email",))}
    assert [line.clauses for line in lines] == [("right.opt-out",), ("right.opt-out",), ("use.promotions",)]


def test_it_holds_after_a_restart_and_goes_with_the_person(new_house):
    house = new_house()
    agreed(house)
    house.stop(**OFFERS, channel="email")
    house = new_house.again(house)
    with expect_refusal(house, "stopped"):
        house.may_send(**OFFERS, channel="email", by=OUTBOX)
    house.erase(about=MIA)
    agreed(house)
    assert house.may_send(**OFFERS, channel="email", by=OUTBOX)


def test_evidence_takes_the_right_for_kept_once_a_channel_was_stopped(house):
    agreed(house)
    house.stop(**OFFERS, channel="email")
    found = {each.clause: each.status for each in verify(house.teller).clauses}
    assert found["right.opt-out"] is Status.KEPT


def test_a_demand_that_names_a_channel_stops_that_way_alone(house):
    agreed(house)
    lodged = house.demand(**OFFERS, right="opt_out", channel="email")
    assert lodged.case.state.value == "done"
    with expect_refusal(house, "stopped"):
        house.may_send(**OFFERS, channel="email", by=OUTBOX)
    assert house.may_send(**OFFERS, channel="inbox", by=OUTBOX)


def test_a_demand_that_names_a_channel_nobody_may_stop_is_refused(house):
    agreed(house)
    lodged = house.demand(**OFFERS, right="opt_out", channel="sms")
    assert lodged.case.state.value == "refused"
    assert house.may_send(**OFFERS, channel="email", by=OUTBOX)
