"""A case is a number of one: text about somebody in its place is refused, remembered, and not repeated."""

import pytest

from tests.cast import AGENT, LAWYER, MIA, OFFICER, joins
from tests.inside import expect_refusal, ledger_of
from troth.acts.disclose import disclosing
from troth.store import schema

NO_CASES = ["Mia Moon called", "mia@example.org", "C-1\n", "C\u20111", "x" * 129, " ", "C-1;DROP"]
CASES = ["C-1", "2027/06/01", "A_1.b:c#7", "7", "x" * 128]


def police(case):
    return disclosing(
        by=OFFICER, about=MIA, category="account", to="authorities.financial-police", purpose="legal.request",
        case=case, reason="court order",
    )  # fmt: skip


ACTS = {
    "read": lambda house, case: house.purpose("support.reply", by=AGENT, case=case).read(
        about=MIA, category="account"
    ),
    "disclose": lambda house, case: house.teller.ask(police(case)),
    "hold": lambda house, case: house.hold(about=MIA, matter=case, reason="litigation", by=LAWYER),
    "erase": lambda house, case: house.erase(about=MIA, case=case),
}


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("case", NO_CASES, ids=repr)
def test_what_is_no_case_is_refused_as_malformed_and_left_out_of_the_ledger(house, act, case):
    joins(house)

    with expect_refusal(house, "malformed", leaving=(schema.records, schema.subjects)) as refused:
        ACTS[act](house, case)

    assert refused().words == ("case",)
    assert ledger_of(house)[-1].case is None


@pytest.mark.parametrize("case", CASES)
def test_what_is_a_case_is_taken_and_remembered(house, case):
    joins(house)

    handed = ACTS["read"](house, case)

    assert ledger_of(house)[handed.receipt.entry].case == case
