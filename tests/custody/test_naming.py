"""Unique names: held while a record that has them lives, by every record that has them, and no longer."""

import pytest

from tests.cast import LAWYER, MIA, NOOR, ZOE, joins, tells
from tests.houses import MEMBER_TEXT
from tests.inside import count_of, expect_refusal
from troth.acts.rights import erasing as erasing_
from troth.clock import DAY
from troth.custody.endings import erasing
from troth.errors import Refused
from troth.rules.decision import member
from troth.store import schema

MANY = MEMBER_TEXT.replace("opens: true\nrecords: one\n", "opens: true\n", 1)  # accounts of one person
YEAR = 366 * DAY


@pytest.fixture
def several(new_house, clock):
    """A house that holds several accounts of one person."""
    return new_house(MANY, clock=clock)


def account(house, who=MIA, **values):
    return house.collect(about=who, category="account", when="registration", values=values).records[0]


def correct(house, record, **values):
    return house.correct(about=MIA, category="account", values=values, record=record)


# ---- a record whose time is over


def test_a_name_of_a_record_whose_time_is_over_is_free_before_any_sweep(house, clock):
    joins(house, MIA, email="mia@example.org")
    clock.forward(21 * YEAR)

    joins(house, NOOR, email="MIA@example.org")

    house.sweep()
    with expect_refusal(house, "taken"):
        joins(house, ZOE, email="mia@example.org")
    assert count_of(house, schema.names) == 3  # two references and one address


def test_a_name_of_a_record_that_is_over_and_held_is_free(house, clock):
    joins(house, MIA, email="mia@example.org")
    house.hold(about=MIA, matter="case-1", reason="litigation", by=LAWYER)
    clock.forward(21 * YEAR)
    house.sweep()
    assert count_of(house, schema.records) == 1

    joins(house, NOOR, email="mia@example.org")

    house.end_hold(about=MIA, matter="case-1", reason="litigation", by=LAWYER)
    house.sweep()
    with expect_refusal(house, "taken"):
        joins(house, ZOE, email="mia@example.org")


def test_a_name_that_was_taken_from_a_record_never_comes_back_to_it(several, clock):
    joins(several, MIA, email="mia@example.org")
    clock.forward(19 * YEAR)
    account(several, email="mia@elsewhere.example")
    clock.forward(2 * YEAR)
    joins(several, NOOR, email="mia@example.org")
    several.correct(about=NOOR, category="account", values={"email": "noor@example.org"})
    again = account(several, email="mia@example.org")

    correct(several, again, email="mia@third.example")

    assert count_of(several, schema.names) == 2 + 3  # references, and an address of each living record
    assert count_of(several, schema.tokens) == 0
    joins(several, ZOE, email="mia@example.org")


def test_a_name_of_a_record_that_is_over_may_be_corrected_into_another(house, clock):
    joins(house, MIA, email="mia@example.org")
    clock.forward(20 * YEAR)
    joins(house, NOOR, email="noor@example.org")

    house.correct(about=NOOR, category="account", values={"email": "mia@example.org"})

    house.sweep()
    with expect_refusal(house, "taken"):
        joins(house, ZOE, email="mia@example.org")


def test_a_name_stays_taken_while_any_record_with_it_lives(several, clock):
    account(several, email="mia@example.org")
    clock.forward(10 * YEAR)
    account(several, email="mia@example.org")
    clock.forward(10 * YEAR + 300 * DAY)

    with expect_refusal(several, "taken"):
        account(several, NOOR, email="mia@example.org")
    several.sweep()
    with expect_refusal(several, "taken"):
        account(several, NOOR, email="mia@example.org")
    clock.forward(10 * YEAR)
    account(several, NOOR, email="mia@example.org")


def test_a_name_stays_taken_when_the_record_that_had_it_first_is_over_and_another_is_not(several, clock):
    account(several, email="mia@example.org")
    clock.forward(10 * YEAR)
    second = account(several, email="mia.two@example.org")
    correct(several, second, email="mia@example.org")
    clock.forward(10 * YEAR + DAY)

    with expect_refusal(several, "taken"):
        account(several, NOOR, email="mia@example.org")


# ---- several records with one name


@pytest.mark.parametrize("corrected", [0, 1])
def test_a_correction_leaves_the_name_to_the_other_record_that_has_it(several, corrected):
    both = [account(several, email="mia@example.org") for _ in range(2)]

    correct(several, both[corrected], email="mia.two@example.org")

    with expect_refusal(several, "taken"):
        account(several, NOOR, email="mia@example.org")
    correct(several, both[1 - corrected], email="mia.three@example.org")
    account(several, NOOR, email="mia@example.org")


def test_two_records_of_one_stream_share_a_name(several):
    from troth.acts.collect import offering
    from troth.rules.decision import member

    offer = offering(
        by=member(), about=MIA, category="account", when="registration", values={"email": "mia@example.org"}
    )
    both = [taken.records[0] for taken in several.collect_many([offer, offer])]

    correct(several, both[1], email="mia.two@example.org")

    with expect_refusal(several, "taken"):
        account(several, NOOR, email="mia@example.org")


def test_a_correction_into_the_name_of_another_record_takes_it_from_neither(several):
    first = account(several, email="mia@example.org")
    second = account(several, email="mia.two@example.org")
    correct(several, second, email="mia@example.org")

    correct(several, second, email="mia.two@example.org")
    with expect_refusal(several, "taken"):
        account(several, NOOR, email="mia@example.org")

    correct(several, second, email="mia@example.org")
    correct(several, first, email="mia.three@example.org")
    with expect_refusal(several, "taken"):
        account(several, NOOR, email="mia@example.org")


def test_an_erasure_takes_a_name_from_every_record_that_has_it(several):
    for _ in range(3):
        account(several, email="mia@example.org")
    several.consent(about=MIA, purpose="contact.promotion")

    several.erase(about=MIA, classes=["account"])

    assert count_of(several, schema.tokens) == 0
    account(several, NOOR, email="mia@example.org")


# ---- what can be found


def test_a_value_that_leaves_nothing_to_find_is_refused_where_it_would_be_a_name(new_house):
    text = MEMBER_TEXT.replace("username: {type: handle", "username: {type: reference", 1)
    house = new_house(text)
    for who in (MIA, NOOR):
        with pytest.raises(Refused) as caught:
            account(house, who, username="-")
        assert (caught.value.codes, caught.value.words) == (("malformed",), ("username",))
    account(house, username="K-7")
    with expect_refusal(house, "taken"):
        account(house, NOOR, username="k 7")


def test_a_name_that_is_about_to_be_erased_is_free(house):
    joins(house, MIA, email="mia@example.org")
    tells(house, MIA, "support")
    job = erasing_(by=member(), about=MIA, classes=["account"])
    house.teller.alone(lambda desk: erasing.begin(desk, job))  # and the process ends
    assert account(house, NOOR, email="mia@example.org")
    assert house.teller.resume() == (0, ())
