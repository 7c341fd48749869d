"""Reading totals: for whom a clause gives totals alone, remembered, and of nobody."""

import pytest

from tests.houses import LIBRARY_TEXT
from tests.inside import expect_refusal, ledger_of
from tests.town import (
    DESK,
    DIRECTOR,
    LIBRARIAN,
    OVER,
    PEOPLE,
    STATISTICS,
    borrowed,
    everything,
    joined,
    totals,
)
from troth.custody.totals import Tallying
from troth.errors import BadArgument, WrongAct
from troth.rules.decision import Act, Request, member, program


@pytest.fixture
def counted(new_house, clock):
    """The house of a town library in which loans are over and counted."""
    house = new_house(LIBRARY_TEXT, clock=clock)
    joined(house)
    borrowed(house, everything)
    clock.forward(OVER)
    house.sweep()
    clock.forward(OVER)
    return house


def test_totals_are_read_by_those_whom_the_clause_names_and_remembered(counted):
    assert totals(counted, fields=["kind"]) == {("kind", "book", "2027-06"): PEOPLE}
    assert totals(counted, by=DIRECTOR, fields=["kind"]) == {("kind", "book", "2027-06"): PEOPLE}
    line = ledger_of(counted)[-1]
    assert (line.kind, line.act, line.category, line.purpose) == ("tally.read", "tally", "loan", "counting")
    assert (line.fields, line.clauses, line.subject, line.count) == (("kind",), ("use.counting",), None, 1)


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"by": DESK}, "not-by"),
        ({"by": LIBRARIAN}, "not-by"),
        ({"by": member()}, "not-by"),
        ({"purpose": "lending"}, "no-clause"),
        ({"purpose": "selling"}, "unknown-purpose"),
        ({"purpose": ""}, "no-purpose"),
        ({"category": "reader"}, "no-clause"),
        ({"category": "person"}, "unknown-category"),
        ({"fields": ["kind", "name"]}, "unknown-field"),
    ],
)
def test_nobody_else_reads_them_and_nothing_else_is_read(counted, asked, code):
    size = len(ledger_of(counted))
    with expect_refusal(counted, code):
        totals(counted, **asked)
    assert [entry.kind for entry in ledger_of(counted)[size:]] == ["request.refused"]


def test_the_rows_themselves_are_still_for_nobody_who_gets_totals_alone(counted):
    borrowed(counted, everything, range(1))
    with expect_refusal(counted, "only-aggregates"):
        counted.purpose("counting", by=STATISTICS).read(about="R-0", category="loan")


def test_totals_without_noise_are_read_by_nobody_where_the_agreement_promises_noise(sqlite_house, clock):
    house = sqlite_house(
        LIBRARY_TEXT.replace("  unit: member", "  unit: member\n  epsilon: 1.0"), clock=clock
    )
    with expect_refusal(house, "noise-missing", at=("use.counting",)):
        totals(house)


@pytest.mark.parametrize(
    "wrong", [{"category": 7}, {"purpose": None}, {"fields": "kind"}, {"fields": [1]}, {"by": "statistics"}]
)
def test_what_is_no_question_is_refused_by_its_name(counted, wrong):
    with pytest.raises(BadArgument):
        totals(counted, **wrong)


def test_a_request_of_another_act_opens_no_totals():
    with pytest.raises(WrongAct):
        Tallying(Request(Act.USE, program("statistics"), "loan", purpose="counting"))
