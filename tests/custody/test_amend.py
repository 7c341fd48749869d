"""Amending: what is named is replaced, its names follow, and nothing else of the record changes."""

import pytest

from tests.cast import MIA, NOOR, SUPPORT, joins, tells
from tests.houses import MINIMAL_TEXT
from tests.inside import expect_refusal, rows_of, shown
from troth.clock import SECOND
from troth.errors import NotFound, Refused
from troth.store import schema

BADGES = (
    MINIMAL_TEXT
    + """
## 1.5 Your badge {#collect.badge}
We ask for a name when you join, and for the number of a badge when you renew.

```rule
collect: badge
when: joining
fields: {name: {type: name}, room: {type: text, limit: 20}}
need: any
basis: contract
for: [club]
keep: badge
```

```rule
collect: badge
when: renewal
fields: {name: {type: name}, number: {type: reference}}
need: any
basis: contract
for: [club]
keep: badge
```

## 1.6 What becomes of it {#keep.badge}
We read it, keep it a year, the number two, and you correct it.

```rule
use: club.letters.badge
of: [badge]
by: {roles: [secretary]}
basis: contract
```

```rule
keep: badge
of: [badge]
for: P1Y
longer: [{why: club.letters.badge, of: [badge.number], for: P2Y}]
```

```rule
right: correct
of: [badge]
```
"""
)


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


@pytest.fixture
def badges(new_house, clock):
    """A house in which one clause takes a category in at two circumstances, with other fields at each."""
    house = new_house(BADGES, clock=clock)
    joins(house, MIA, email="mia@example.org")
    return house


def gives(house, when, **values):
    house.collect(about=MIA, category="badge", when=when, values=values)
    house.teller.house.clock.forward(SECOND)


def test_fields_of_two_circumstances_together_are_refused_by_name_and_change_nothing(badges):
    gives(badges, "joining", name="Mia", room="12")
    gives(badges, "renewal", name="Mia", number="B-7")

    with expect_refusal(badges, "field-not-covered", at=("collect.badge",), leaving=()) as refused:
        badges.correct(about=MIA, category="badge", values={"room": "13", "number": "B-8"})
    assert refused().words == ("room",)
    assert shown(badges.access(about=MIA, category="badge"))[0] == {"name": "Mia", "room": "12"}


def test_the_record_that_has_all_the_fields_is_corrected_though_a_later_one_has_some(badges):
    gives(badges, "joining", name="Mia", room="12")
    gives(badges, "renewal", name="Mia", number="B-7")

    badges.correct(about=MIA, category="badge", values={"name": "Luna", "room": "13"})

    assert shown(badges.access(about=MIA, category="badge")) == [
        {"name": "Luna", "room": "13"}, {"name": "Mia"}, {"number": "B-7"},
    ]  # fmt: skip


def test_a_field_whose_part_was_never_given_is_refused_and_not_lost(badges):
    gives(badges, "renewal", name="Mia")

    with expect_refusal(badges, "field-not-covered", at=("collect.badge",)):
        badges.correct(about=MIA, category="badge", values={"name": "Luna", "number": "B-8"})
    assert shown(badges.access(about=MIA, category="badge")) == [{"name": "Mia"}]
