"""The check of what remains: totals of many, coarse, and no more than went by the ledger."""

import pytest
from sqlalchemy import text

from tests.houses import LIBRARY_TEXT
from tests.town import OVER, PEOPLE, borrowed, everything, joined, swept
from troth.evidence.report import verify
from troth.evidence.status import Status


@pytest.fixture
def town(new_house, clock):
    house = new_house(LIBRARY_TEXT, clock=clock)
    joined(house)
    return house


def check(house, name="anonymised"):
    clause = next(each for each in verify(house.teller).clauses if each.clause == "keep.loans")
    return next(each for each in clause.checks if each.name == name)


def written(house, statement):
    with house.teller.house.filing.connect("store") as connection:
        connection.execute(text(statement))
        connection.commit()


def test_it_is_unproven_until_something_went_and_kept_from_then_on(town, clock):
    borrowed(town, everything)
    assert check(town).status is Status.UNPROVEN
    clock.forward(OVER)
    town.sweep()
    found = check(town)
    assert (found.status, found.sample) == (Status.KEPT, PEOPLE)
    assert "no differential privacy" in found.cannot_see


def test_what_waits_to_be_counted_puts_nothing_at_risk_within_the_bound_and_breaks_it_beyond(town, clock):
    borrowed(town, everything)
    swept(town, clock, 95)
    assert check(town, "gone-in-time").status is Status.KEPT
    clock.forward(50 * 86_400_000_000)
    assert check(town, "gone-in-time").status is Status.BROKEN
    town.sweep()
    assert check(town, "gone-in-time").status is Status.KEPT


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("UPDATE tallies SET count = 19 WHERE field = 'kind'", "1 totals are of fewer than 20"),
        (
            "UPDATE tallies SET count = 25 WHERE field = 'kind'",
            "of `loan.kind` 25 are counted, and only 24 went",
        ),
        ("UPDATE tallies SET value = '1958-02-11' WHERE field = 'made'", "something that is not counted"),
        ("UPDATE tallies SET field = 'note' WHERE field = 'made'", "something that is not counted"),
        ("UPDATE tallies SET value = 'Mia' WHERE field = 'kind'", "something that is not counted"),
    ],
)
def test_it_finds_what_was_written_around_the_door(town, clock, statement, said):
    borrowed(town, everything)
    clock.forward(OVER)
    town.sweep()
    written(town, statement)
    found = check(town)
    assert found.status is Status.BROKEN
    assert said in found.detail
