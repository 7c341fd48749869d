"""Anonymising: what is over is counted as it goes, once, of twenty people or more, and of nobody else."""

import pytest

from tests.houses import LIBRARY_TEXT
from tests.inside import count_of, expect_refusal, rows_of
from troth.acts import collect
from troth.clock import DAY
from troth.rules.decision import member, program, staff
from troth.store import schema

DESK, GATE, STATISTICS = program("desk"), program("gate"), program("statistics")
DIRECTOR = staff("dora", "director")
HOUR = DAY // 24
PEOPLE = 24


def reader(n):
    return f"R-{n}"


def joined(house, people=PEOPLE):
    house.collect_many(
        [
            collect.offering(
                by=member(), about=reader(n), category="reader", when="joining", values={"name": "Ida"}
            )
            for n in range(people)
        ],
        together=True,
    )


def borrowed(house, each, people=PEOPLE):
    """Let everybody borrow something; `each` gives what, by their number."""
    house.collect_many(
        [
            collect.offering(by=DESK, about=reader(n), category="loan", when="borrowing", values=values)
            for n in range(people)
            if (values := each(n))
        ],
        together=True,
    )


def everything(n):
    """Everything that can be told of a loan."""
    return {
        "kind": "book",
        "days": 14,
        "late": n % 2 == 0,
        "fee": {"amount": f"{10 + n}.50", "currency": "EUR"},
        "made": f"1958-02-{1 + n:02}",
        "at": f"2027-05-{1 + n:02}T10:00:00Z",
        "from": "AT",
        "tongue": "de",
    }


def swept(house, clock, days, every=HOUR * 6):
    """Sweep as a server does until some days passed."""
    until = clock.at + days * DAY
    while clock.at < until:
        clock.forward(every)
        house.sweep()


def totals(house, category="loan", **more):
    found = house.tallies(by=STATISTICS, category=category, purpose="counting", **more)
    return {(each.field, each.value, each.month): each.count for each in found.totals}


@pytest.fixture
def town(new_house, clock):
    """The house of a town library with readers."""
    house = new_house(LIBRARY_TEXT, clock=clock)
    joined(house)
    return house


def test_what_is_over_is_counted_coarsely_and_goes_in_time(town, clock):
    borrowed(town, everything)
    swept(town, clock, 91)
    assert count_of(town, schema.records) == 2 * PEOPLE  # it waits, for others
    with expect_refusal(town, "expired"):
        town.purpose("lending", by=staff("lea", "librarian")).read(about=reader(1), category="loan")
    swept(town, clock, 40)
    assert count_of(town, schema.records) == PEOPLE
    assert rows_of(town, schema.tallies)
    clock.forward(30 * DAY)
    assert totals(town) == {
        ("kind", "book", "2027-06"): 24,
        ("days", "14", "2027-06"): 24,
        ("fee", "10 EUR", "2027-06"): 24,
        ("made", "1958", "2027-06"): 24,
        ("at", "2027-05", "2027-06"): 24,
        ("from", "AT", "2027-06"): 24,
        ("tongue", "de", "2027-06"): 24,
    }  # of `late` there are twelve each
