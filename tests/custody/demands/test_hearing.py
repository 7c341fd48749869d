"""What was told with a demand, read: by whoever may decide it and nobody else, and each look remembered."""

import pytest

from tests.cast import AGENT, CLERK, IDENTITY, MIA, OFFICER, joins, tells
from tests.inside import audited, ledger_of
from troth.errors import Erased, Refused
from troth.evidence.report import verify
from troth.rules.decision import member, program

TEXT = "You called me twice, at night."


@pytest.fixture
def mia(house):
    joins(house)
    return house


def test_whoever_may_decide_a_complaint_reads_it_and_the_look_is_a_line_its_person_sees(mia, tmp_path):
    case = mia.demand(about=MIA, right="complain", text=TEXT).case

    heard = mia.hear_demand(case=case.id, by=AGENT)

    assert heard.text.reveal() == TEXT
    assert TEXT not in repr(heard)
    line = ledger_of(mia)[heard.receipt.entry]
    assert (line.kind, line.act, line.outcome) == ("right.heard", "hear", "permitted")
    assert (line.fields, line.case, line.circumstance) == (("text",), case.reference, "complain")
    assert line.clauses == ("right.complain",)
    assert line.subject == ledger_of(mia)[-2].subject
    assert audited(mia, tmp_path / "ledger")


def test_the_new_values_of_a_correction_are_read_with_their_record_before_it_is_decided(mia):
    record = tells(mia, MIA, "identity")
    case = mia.demand(
        about=MIA, right="correct", category="identity", values={"name": "Mia Stern"}, record=record
    ).case

    heard = mia.hear_demand(case=case.id, by=AGENT)

    assert {name: value.reveal() for name, value in heard.values.items()} == {"name": "Mia Stern"}
    assert (heard.record, heard.text) == (record, None)
    assert IDENTITY["name"] != "Mia Stern"


@pytest.mark.parametrize("by", [CLERK, OFFICER, program("portal"), member("portal", "step_up")], ids=str)
def test_nobody_else_reads_it_and_that_they_tried_is_remembered(mia, by):
    case = mia.demand(about=MIA, right="complain", text=TEXT).case

    with pytest.raises(Refused) as caught:
        mia.hear_demand(case=case.id, by=by)

    assert "not-by" in caught.value.codes
    line = ledger_of(mia)[caught.value.entry]
    assert (line.kind, line.outcome) == ("request.refused", "refused")
    assert TEXT not in str(caught.value)


def test_what_is_no_case_is_refused_and_remembered(mia):
    with pytest.raises(Refused) as caught:
        mia.hear_demand(case=b"\1" * 16, by=AGENT)
    assert caught.value.codes == ("unknown-case",)


def test_once_it_ended_there_is_nothing_to_read(mia):
    case = mia.demand(about=MIA, right="complain", text=TEXT).case
    mia.decide_demand(case=case.id, decision="refuse", reasons=["unfounded"], by=AGENT)

    heard = mia.hear_demand(case=case.id, by=AGENT)

    assert (heard.text, dict(heard.values)) == (None, {})


def test_when_its_person_is_erased_nobody_reads_it_any_more(mia):
    case = mia.demand(about=MIA, right="complain", text=TEXT).case
    mia.erase(about=MIA)

    with pytest.raises(Erased):
        mia.hear_demand(case=case.id, by=AGENT)


def test_reading_moves_nothing(mia):
    case = mia.demand(about=MIA, right="complain", text=TEXT).case
    mia.hear_demand(case=case.id, by=AGENT)

    assert mia.demanded(reference=case.reference)[0] == case
    report = verify(mia.teller)
    (clause,) = [each for each in report.clauses if each.clause == "right.complain"]
    assert "requests are not as the ledger tells" not in str(clause.checks)
