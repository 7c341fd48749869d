"""Amending: what is named is replaced, its names follow, and nothing else of the record changes."""

import pytest

from tests.cast import MIA, NOOR, SUPPORT, joins, tells
from tests.inside import rows_of
from troth.errors import NotFound, Refused
from troth.store import schema


def account_of(house, about=MIA):
    (held,) = house.access(about=about, category="account").records
    return {name: value.reveal() for name, value in held.values.items()}


def test_a_correction_replaces_the_value_and_its_name_and_keeps_the_rest(house):
    joins(house, MIA, email="mia@example.org", username="moon")
    (before,) = (row for row in rows_of(house, schema.records))
    house.correct(about=MIA, category="account", values={"email": "mia.two@example.org"})
    (after,) = (row for row in rows_of(house, schema.records))
    assert (after.record, after.expires_at, after.collected_at) == (
        before.record, before.expires_at, before.collected_at,
    )  # fmt: skip
    assert after.sealed != before.sealed
    assert account_of(house) == {"email": "mia.two@example.org", "username": "moon"}
    joins(house, NOOR, email="mia@example.org")  # free again
    with pytest.raises(Refused) as caught:
        house.correct(about=NOOR, category="account", values={"username": "MOON"})
    assert caught.value.codes == ("taken",)
    assert account_of(house, NOOR) == {"email": "mia@example.org"}


def test_a_field_that_was_empty_may_be_filled_and_the_same_value_given_again(house):
    joins(house, MIA, email="mia@example.org")
    house.correct(
        about=MIA, category="account", values={"phone": "+442079460958", "email": "mia@example.org"}
    )
    assert account_of(house) == {"email": "mia@example.org", "phone": "+442079460958"}
    assert len(rows_of(house, schema.names)) == 3


@pytest.mark.parametrize(
    ("values", "code"),
    [({"email": "nonsense"}, "malformed"), ({"shoe": "44"}, "unknown-field"), ({"email": 7}, "malformed")],
)
def test_a_wrong_correction_changes_nothing(house, values, code):
    joins(house, MIA, email="mia@example.org")
    before = [tuple(row) for row in rows_of(house, schema.records)]
    with pytest.raises(Refused) as caught:
        house.correct(about=MIA, category="account", values=values)
    assert code in caught.value.codes
    assert [tuple(row) for row in rows_of(house, schema.records)] == before


def test_only_the_record_that_is_named_is_corrected(house):
    joins(house)
    for _ in range(2):
        tells(house, MIA, "payment")
    first, second = (held.id for held in house.access(about=MIA, category="payment").records)
    house.correct(about=MIA, category="payment", values={"holder": "Mia Stone"}, record=first)
    holders = {
        held.id: held.values["holder"].reveal()
        for held in house.access(about=MIA, category="payment").records
    }
    assert holders == {first: "Mia Stone", second: "Mia Luna Moon"}
    with pytest.raises(Refused):
        house.correct(about=MIA, category="payment", values={"holder": "x"}, record=bytes(16))


def test_another_person_s_record_cannot_be_named(house):
    joins(house)
    joins(house, NOOR)
    theirs = tells(house, NOOR, "payment")
    tells(house, MIA, "payment")
    with pytest.raises(Refused):
        house.correct(about=MIA, category="payment", values={"holder": "Mia Stone"}, record=theirs)
    (held,) = house.access(about=NOOR, category="payment").records
    assert held.values["holder"].reveal() == "Mia Luna Moon"


def test_nobody_s_values_are_not_corrected_and_a_review_is_asked_where_a_clause_wants_it(house):
    with pytest.raises(NotFound):
        house.correct(about=MIA, category="account", values={"email": "x@example.org"})
    joins(house)
    house.collect(about=MIA, category="support", when="customer_service", values=SUPPORT)
    with pytest.raises(Refused) as caught:
        house.correct(about=MIA, category="support", values={"message": "other"})
    assert caught.value.codes == ("needs-review",)
