"""Instruments: a paper counts from its first instant to before its last, and one without an end is none."""

import pytest

from tests.cast import MIA, OFFICER, PAYMENT, PAYOUT, joins, tells
from tests.inside import expect_refusal, ledger_of, rows_of, shown
from troth.clock import DAY
from troth.errors import BadInput, InstrumentOver
from troth.store import registry, schema

PAYMENTS = "processors.payments.payments-processor"
OTHERS = ("confidentiality", "safeguard")


def sign(house, kind, until):
    house.record_instrument(by=OFFICER, recipient=PAYMENTS, kind=kind, reference=f"file/{kind}", until=until)


@pytest.fixture
def paying(house):
    """A house that may disclose Mia's bank account, once the contract counts."""
    joins(house)
    tells(house, MIA, "payment")
    for kind in OTHERS:
        sign(house, kind, house.teller.house.clock() + 3_000 * DAY)
    return house


def disclosed(house):
    return shown(
        house.purpose("service.payments", by=PAYOUT).disclose(about=MIA, category="payment", to=PAYMENTS)
    )


@pytest.mark.parametrize("late", [0, 1, DAY, 10**15], ids=str)
def test_what_is_over_already_is_not_recorded(paying, late):
    size, before = len(ledger_of(paying)), rows_of(paying, schema.instruments)
    with pytest.raises(InstrumentOver) as caught:
        sign(paying, "contract", paying.teller.house.clock() - late)
    assert caught.value.kind == "contract"
    assert isinstance(caught.value, BadInput)
    assert rows_of(paying, schema.instruments) == before
    assert len(ledger_of(paying)) == size


@pytest.mark.parametrize(
    "until", [float("nan"), float("inf"), True, "2030-01-01T00:00:00Z", None, 2e15], ids=repr
)
def test_an_end_that_is_no_instant_is_not_recorded(paying, until):
    before = rows_of(paying, schema.instruments)
    with pytest.raises(InstrumentOver):
        sign(paying, "contract", until)
    assert rows_of(paying, schema.instruments) == before


def test_a_paper_of_one_microsecond_counts_for_that_long(paying, clock):
    sign(paying, "contract", clock() + 1)
    assert disclosed(paying) == [PAYMENT]
    clock.forward(1)
    with expect_refusal(paying, "instrument-missing", at=("disclose.processors.payments",)) as refused:
        disclosed(paying)
    assert refused().words == ("contract",)


def test_a_paper_is_renewed_under_its_old_number(paying, clock):
    sign(paying, "contract", clock() + DAY)
    sign(paying, "contract", clock() + 3 * DAY)
    clock.forward(2 * DAY)
    assert disclosed(paying) == [PAYMENT]
    assert len(rows_of(paying, schema.instruments)) == 3


def test_a_paper_that_is_not_in_force_yet_does_not_count_before_its_first_instant(paying, clock):
    start, end = clock() + 10 * DAY, clock() + 20 * DAY
    paying.teller.alone(
        lambda desk: registry.add_instrument(desk.unit, PAYMENTS, "contract", "file/next", start, end)
    )
    for instant, counts in ((start - 1, False), (start, True), (end - 1, True), (end, False)):
        clock.at = instant
        if counts:
            assert disclosed(paying) == [PAYMENT]
        else:
            with expect_refusal(paying, "instrument-missing"):
                disclosed(paying)
