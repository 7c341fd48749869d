"""PROMISES 5: where it is stored, and what crosses a border."""

import pytest

from tests.cast import GUARD, MIA, OFFICER, OUTBOX, PAYOUT, tells_everything
from tests.houses import START
from tests.inside import expect_refusal, ledger_of, shown
from troth.clock import DAY, Settable
from troth.library import init

PAYMENTS = "processors.payments.payments-processor"  # in Ireland
SMS = "processors.messages.sms-gateway"  # in Singapore
HOSTING = "processors.hosting.irish-cloud-hosting"


def sign(house, recipient, *kinds, days=365):
    until = house.teller.house.clock() + days * DAY
    for kind in kinds:
        house.record_instrument(
            by=OFFICER, recipient=recipient, kind=kind, reference=f"file/{kind}", until=until
        )


@pytest.fixture
def in_ireland(tmp_path):
    with init(
        tmp_path / "ireland", _text(), place="EEA.IE", clock=Settable(START)
    ) as house:  # fmt: skip
        tells_everything(house)
        yield house


def _text():
    from tests.houses import MEMBER_TEXT

    return MEMBER_TEXT


def test_p5_2_a_transfer_goes_under_its_clause_and_a_safeguard_and_both_are_recorded(house):
    tells_everything(house)
    sign(house, PAYMENTS, "contract", "confidentiality", "safeguard")

    handed = house.purpose("service.payments", by=PAYOUT).disclose(about=MIA, category="payment", to=PAYMENTS)

    entry = ledger_of(house)[handed.receipt.entry]
    assert entry.clauses == ("disclose.processors.payments", "transfer.to-ireland")
    assert entry in [line for _, line in house.entries(about=MIA)]


def test_p5_2_a_transfer_without_a_safeguard_on_record_is_blocked(house):
    tells_everything(house)
    sign(house, PAYMENTS, "contract", "confidentiality")

    with expect_refusal(house, "instrument-missing") as refused:
        house.purpose("service.payments", by=PAYOUT).disclose(about=MIA, category="payment", to=PAYMENTS)
    assert refused().words == ("safeguard",)


def test_p5_2_a_transfer_is_blocked_the_instant_its_safeguard_expires(house, clock):
    tells_everything(house)
    sign(house, PAYMENTS, "contract", "confidentiality")
    sign(house, PAYMENTS, "safeguard", days=7)
    paying = house.purpose("service.payments", by=PAYOUT)
    clock.forward(7 * DAY - 1)
    assert paying.disclose(about=MIA, category="payment", to=PAYMENTS).records

    clock.forward(1)

    with expect_refusal(house, "instrument-missing"):
        paying.disclose(about=MIA, category="payment", to=PAYMENTS)


def test_p5_2_a_category_that_no_transfer_clause_lists_does_not_cross_whatever_is_signed(house):
    tells_everything(house)
    sign(house, HOSTING, "contract", "confidentiality", "safeguard")

    with expect_refusal(house, "transfer-missing"):
        house.purpose("security.accounts", by=GUARD).disclose(
            about=MIA, category="network", to=HOSTING, fields=["ip"]
        )


def test_p5_2_the_same_recipient_is_abroad_or_at_home_by_where_the_house_stands(in_ireland):
    sign(in_ireland, HOSTING, "contract", "confidentiality")
    sign(in_ireland, SMS, "contract", "confidentiality")

    assert (
        in_ireland.purpose("security.accounts", by=GUARD)
        .disclose(about=MIA, category="network", to=HOSTING, fields=["ip"])
        .records
    )
    with expect_refusal(in_ireland, "instrument-missing") as refused:
        in_ireland.purpose("contact.service", by=OUTBOX).disclose(about=MIA, category="account", to=SMS)
    assert refused().words == ("safeguard",)
    sign(in_ireland, SMS, "safeguard")
    handed = in_ireland.purpose("contact.service", by=OUTBOX).disclose(about=MIA, category="account", to=SMS)
    assert shown(handed) == [{"phone": "+442079460958"}]
    assert "transfer.to-singapore" in ledger_of(in_ireland)[-1].clauses


def test_p5_1_a_house_outside_of_the_places_of_the_clause_takes_nothing_in(tmp_path):
    with init(tmp_path / "norway", _text(), place="EEA.NO", clock=Settable(START)) as house:
        offer = {"about": MIA, "category": "account", "when": "registration", "values": {"username": "mia"}}
        with expect_refusal(house, "wrong-place", at=("store.places",)):
            house.collect(**offer)
