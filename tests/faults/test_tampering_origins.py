"""How a record came to be held is sealed with it: a row of origins that says otherwise opens nothing."""

import json

import pytest
from sqlalchemy import update

from tests.cast import AGENT, BOOKKEEPER, MIA, NOOR, SECURITY, joins, tells
from tests.inside import ledger_of, rows_of
from troth.errors import Broken, SealBroken
from troth.store import schema

origins, records = schema.origins, schema.streams  # of categories that are streams


@pytest.fixture
def told(new_house):
    """A house in which Mia and Noor told some."""
    house = new_house()
    for who in (MIA, NOOR):
        joins(house, who)
    for category in ("device", "activity", "transactions", "payment"):
        tells(house, MIA, category)
    return house


def origin_of(house, category, only_for=""):
    return next(
        row for row in rows_of(house, origins) if (row.category, row.only_for) == (category, only_for)
    )


def altered(house, row, **values):
    """Write into the row of an origin, as somebody with the store's password could."""
    with house.teller.house.filing.connect("store") as connection:
        connection.execute(update(origins).where(origins.c.origin == row.origin).values(**values))


def guarding(house):
    return house.purpose("security.accounts", by=SECURITY)


@pytest.mark.parametrize(
    "said",
    [
        {"circumstance": "registration"},
        {"clause": "collect.account"},
        {"version": 2},
        {"kept": "technical"},  # Mia has a key of this class
        {"only_for": "security.accounts"},
        {"fields": json.dumps(["action", "time", "succeeded"])},
        {"fields": json.dumps(["time", "action"])},
        {"fields": json.dumps(["time", "action", "succeeded", "more"])},
    ],
    ids=lambda said: f"{next(iter(said))}-{len(str(said))}",
)
def test_an_origin_that_was_altered_opens_none_of_its_records(told, new_house, said):
    assert guarding(told).read(about=MIA, category="activity").records
    altered(told, origin_of(told, "activity"), **said)

    house = new_house.again(told)

    size = len(ledger_of(house))
    with pytest.raises(SealBroken):
        guarding(house).read(about=MIA, category="activity")
    assert [entry.kind for entry in ledger_of(house)[size:]] == ["request.failed"]
    assert guarding(house).read(about=MIA, category="account").records
    assert guarding(house).read(about=NOOR, category="activity").records == ()


def test_a_part_that_is_kept_for_one_purpose_is_not_opened_by_an_origin_that_says_it_is_for_all(
    told, new_house
):
    altered(told, origin_of(told, "device", "security.accounts"), only_for="")

    with pytest.raises(SealBroken):
        guarding(new_house.again(told)).read(about=MIA, category="device")


def test_bank_accounts_are_not_opened_by_an_origin_that_calls_them_something_else(told, new_house):
    altered(told, origin_of(told, "payment"), category="support")

    house = new_house.again(told)

    with pytest.raises(Broken):
        house.purpose("support.reply", by=AGENT, case="C-1").read(about=MIA, category="support")


def test_two_origins_that_changed_places_open_none_of_their_records(told, new_house):
    one, two = origin_of(told, "activity"), origin_of(told, "transactions")
    same = ("circumstance", "clause", "version", "kept", "fields", "only_for", "category", "category_code")
    altered(told, one, clause="elsewhere")  # what an origin says is there once
    altered(told, two, **{name: getattr(one, name) for name in same})
    altered(told, one, **{name: getattr(two, name) for name in same})

    house = new_house.again(told)

    with pytest.raises(SealBroken):
        guarding(house).read(about=MIA, category="activity")
    with pytest.raises(SealBroken):
        house.purpose("legal.bookkeeping", by=BOOKKEEPER, reason="audit").read(
            about=MIA, category="transactions"
        )


def moved(house, **values):
    """File Mia's activity elsewhere."""
    row = origin_of(house, "activity")
    with house.teller.house.filing.connect("store") as connection:
        connection.execute(update(records).where(records.c.origin == row.origin).values(**values))


def test_a_record_under_another_id_does_not_open(told):
    moved(told, record=bytes(16))
    with pytest.raises(SealBroken):
        guarding(told).read(about=MIA, category="activity")


def test_a_record_under_another_category_does_not_open_whether_or_not_its_origin_went_along(told):
    device = origin_of(told, "device")
    moved(told, category_code=device.category_code)
    with pytest.raises(SealBroken):
        guarding(told).read(about=MIA, category="device")
    moved(told, origin=device.origin)
    with pytest.raises(SealBroken):
        guarding(told).read(about=MIA, category="device")


def test_a_record_of_another_person_does_not_open_even_where_that_person_has_a_key_of_its_class(told):
    tells(told, NOOR, "activity")
    mia, noor = (number_of(told, who) for who in (MIA, NOOR))
    activity = origin_of(told, "activity").origin
    with told.teller.house.filing.connect("store") as connection:
        mine = (records.c.subject == mia) & (records.c.origin == activity)
        connection.execute(update(records).where(mine).values(subject=noor))
    with pytest.raises(SealBroken):
        guarding(told).read(about=NOOR, category="activity")
    assert guarding(told).read(about=MIA, category="activity").records == ()


def number_of(house, who):
    return house.teller.alone(lambda desk: (desk.find([who]), desk.people[who])[1])
