"""PROMISES 2: use only for a purpose that a clause allows."""

import pytest

from tests.cast import (
    AGENT,
    ANALYST,
    BOOKKEEPER,
    CLERK,
    ENGINEER,
    EXCHANGE,
    GUARD,
    LEAD,
    MIA,
    OUTBOX,
    PAYOUT,
    PORTAL,
    REVIEWER,
    SECURITY,
    STATISTICS,
    VERIFICATION,
    joins,
    tells_everything,
)
from tests.inside import expect_refusal, ledger_of

# purpose, who may, what is read, and somebody whom the clause does not name
PURPOSES = [
    ("service.account", PORTAL, "account", CLERK),
    ("service.transactions", EXCHANGE, "transactions", LEAD),
    ("service.payments", PAYOUT, "payment", AGENT),
    ("service.payments.inquiry", CLERK, "payment", ENGINEER),
    ("service.upkeep", ENGINEER, "device", AGENT),
    ("support.reply", AGENT, "support", ANALYST),
    ("support.quality", LEAD, "support.feedback", AGENT),
]


@pytest.mark.parametrize(
    ("purpose", "by", "category", "stranger"), PURPOSES, ids=lambda value: str(value)[:20]
)
def test_p2_1_each_purpose_of_the_service_has_its_own_categories_and_roles(
    house, purpose, by, category, stranger
):
    tells_everything(house)
    said = {"case": "C-1", "reason": "as asked"}

    handed = house.purpose(purpose, by=by, **said).read(about=MIA, category=category)

    assert handed.records
    assert ledger_of(house)[handed.receipt.entry].purpose == purpose
    with expect_refusal(house, "not-by"):
        house.purpose(purpose, by=stranger, **said).read(about=MIA, category=category)


@pytest.mark.parametrize("category", ["account", "identity", "transactions", "payment", "support", "usage"])
def test_p2_1_a_read_without_a_purpose_is_refused_whatever_is_read(house, category):
    tells_everything(house)

    for by in (AGENT, PORTAL, SECURITY):
        with expect_refusal(house, "no-purpose"):
            house.purpose("", by=by, case="C-1", reason="because").read(about=MIA, category=category)


@pytest.mark.parametrize("by", [REVIEWER, VERIFICATION], ids=["staff", "program"])
def test_p2_2_identity_is_read_to_verify_it_by_verification_staff_and_programs(house, by):
    tells_everything(house)

    assert house.purpose("identity.verify", by=by, case="K-1").read(about=MIA, category="identity").records


@pytest.mark.parametrize("by", [AGENT, ENGINEER, SECURITY, BOOKKEEPER, PORTAL, GUARD], ids=str)
def test_p2_2_nobody_else_reads_identity_to_verify_it(house, by):
    tells_everything(house)

    with expect_refusal(house, "not-by", at=("use.identity",)):
        house.purpose("identity.verify", by=by, case="K-1").read(about=MIA, category="identity")


@pytest.mark.parametrize("by", [SECURITY, GUARD], ids=["staff", "program"])
def test_p2_2_accounts_are_kept_secure_by_those_whose_task_it_is(house, by):
    tells_everything(house)
    guarding = house.purpose("security.accounts", by=by)

    for category in ("account", "activity", "device", "network"):
        assert guarding.read(about=MIA, category=category).records
    with expect_refusal(house, "not-by", at=("use.security",)):
        house.purpose("security.accounts", by=AGENT).read(about=MIA, category="network")


def test_p2_3_notices_and_promotions_are_different_purposes(house):
    joins(house, MIA, email="mia@example.org", phone="+442079460958")
    noticing = house.purpose("contact.service", by=OUTBOX)
    promoting = house.purpose("contact.promotion", by=OUTBOX)

    assert noticing.one(about=MIA, field="account.phone").reveal() == "+442079460958"
    with expect_refusal(house, "consent-missing", at=("use.promotions",)):
        promoting.read(about=MIA, category="account")

    house.consent(about=MIA, purpose="contact.promotion")
    assert promoting.one(about=MIA, field="account.email").reveal() == "mia@example.org"
    with expect_refusal(house, "field-not-covered"):
        promoting.read(about=MIA, category="account", fields=["phone"])


def test_p2_3_ending_promotions_ends_them_at_once_and_leaves_notices_alone(house):
    joins(house)
    house.consent(about=MIA, purpose="contact.promotion")
    house.withdraw(about=MIA, purpose="contact.promotion")

    with expect_refusal(house, "consent-withdrawn"):
        house.purpose("contact.promotion", by=OUTBOX).read(about=MIA, category="account")
    assert house.purpose("contact.service", by=OUTBOX).read(about=MIA, category="account").records


@pytest.mark.parametrize("by", [ANALYST, STATISTICS], ids=["staff", "program"])
@pytest.mark.parametrize("category", ["transactions", "activity", "device", "usage"])
def test_p2_4_no_row_leaves_for_analysis(house, by, category):
    tells_everything(house)

    with expect_refusal(house, "only-aggregates", at=("use.analysis",)):
        house.purpose("analysis.improve", by=by).read(about=MIA, category=category)
