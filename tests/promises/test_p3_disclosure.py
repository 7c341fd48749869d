"""PROMISES 3: never sold or rented; disclosed only as listed; every disclosure seen by the member."""

import pytest

from tests.cast import DUTY, MIA, NOOR, OFFICER, OUTBOX, PAYMENT, PAYOUT, joins, tells_everything
from tests.inside import expect_refusal, ledger_of
from troth.clock import DAY
from troth.evidence.report import verify
from troth.evidence.status import Status
from troth.rules.decision import ENTRY_KIND, Act

PAYMENTS = "processors.payments.payments-processor"


def sign(house, recipient, days=365, kinds=("contract", "confidentiality", "safeguard")):
    until = house.teller.house.clock() + days * DAY
    for kind in kinds:
        house.record_instrument(
            by=OFFICER, recipient=recipient, kind=kind, reference=f"file/{kind}", until=until
        )


def test_p3_0_there_is_no_act_that_sells_or_rents_and_the_check_proves_it_from_the_ledger(house):
    tells_everything(house)
    words = {act.value for act in Act} | set(ENTRY_KIND.values())

    assert not [word for word in words if "sell" in word or "sale" in word or "rent" in word]
    clause = next(each for each in verify(house.teller).clauses if each.clause == "never.sell")
    assert clause.status is Status.KEPT
    assert clause.checks[0].sample >= len(ledger_of(house)) - 1


def test_p3_0_nobody_unlisted_gets_anything(house):
    tells_everything(house)

    with expect_refusal(house, "unknown-recipient"):
        house.purpose("contact.promotion", by=OUTBOX).disclose(
            about=MIA, category="account", to="brokers.bigdata"
        )


def test_p3_3_a_company_that_works_for_us_gets_the_fields_its_task_needs_under_every_instrument(house):
    tells_everything(house)
    paying = house.purpose("service.payments", by=PAYOUT)
    with expect_refusal(house, "instrument-missing", at=("disclose.processors.payments",)) as refused:
        paying.disclose(about=MIA, category="payment", to=PAYMENTS)
    assert set(refused().words) == {"contract", "confidentiality", "safeguard"}
    sign(house, PAYMENTS)

    (held,) = paying.disclose(about=MIA, category="payment", to=PAYMENTS).records

    assert {name: value.reveal() for name, value in held.values.items()} == PAYMENT
    with expect_refusal(house, "field-not-covered"):
        paying.disclose(about=MIA, category="identity", to=PAYMENTS, fields=["birth_date"])


def test_p3_3_it_is_refused_the_day_the_contract_lapses(house, clock):
    tells_everything(house)
    sign(house, PAYMENTS, days=30)
    paying = house.purpose("service.payments", by=PAYOUT)
    clock.forward(30 * DAY - 1)
    assert paying.disclose(about=MIA, category="payment", to=PAYMENTS).records

    clock.forward(1)

    with expect_refusal(house, "instrument-missing"):
        paying.disclose(about=MIA, category="payment", to=PAYMENTS)


def test_p3_4_an_emergency_is_served_at_once_with_a_case_and_a_reason_by_the_duty_officer(house):
    tells_everything(house)
    calling = house.purpose("emergency.life", by=DUTY, case="E-1", reason="found unconscious")

    handed = calling.disclose(about=MIA, category="identity", to="emergency.life.emergency-services")

    assert set(handed.records[0].values) == {"name", "birth_date"}
    assert handed.tell == "at_once"


@pytest.mark.parametrize("category", ["transactions", "usage", "device", "account"])
def test_p3_5_nothing_goes_to_anyone_for_analysis(house, category):
    tells_everything(house)
    sign(house, PAYMENTS)

    with expect_refusal(house, "no-clause"):
        house.purpose("analysis.improve", by=PAYOUT).disclose(about=MIA, category=category, to=PAYMENTS)


def test_p3_6_the_member_sees_every_disclosure_with_time_recipient_fields_clause_and_purpose(house, clock):
    tells_everything(house)
    joins(house, NOOR)
    sign(house, PAYMENTS)
    clock.forward(DAY)
    house.purpose("service.payments", by=PAYOUT).disclose(
        about=MIA, category="payment", to=PAYMENTS, fields=["iban"]
    )
    with expect_refusal(house, "field-not-covered"):
        house.purpose("service.payments", by=PAYOUT).disclose(
            about=MIA, category="identity", to=PAYMENTS, fields=["gender"]
        )

    given, refused = [entry for _, entry in house.entries(about=MIA) if entry.recipient]

    assert (given.kind, given.at, given.recipient) == ("record.disclosed", clock.at, PAYMENTS)
    assert (given.fields, given.purpose) == (("iban",), "service.payments")
    assert given.clauses == ("disclose.processors.payments", "transfer.to-ireland")
    assert (refused.kind, refused.reasons) == ("request.refused", ("field-not-covered:gender",))
    assert not [entry for _, entry in house.entries(about=NOOR) if entry.recipient]
