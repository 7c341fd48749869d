"""Amending touches one record, and needs the consent that taking it in needed."""

import pytest

from tests.cast import MIA, NOOR, joins, tells
from tests.drawing import face
from tests.inside import blobs_of, expect_refusal, ledger_of, rows_of
from troth.errors import Refused
from troth.store import schema

BETTER = face("better")


def sealed(house):
    return {bytes(row.record): bytes(row.sealed) for row in rows_of(house, schema.records)}


def changed(before, after):
    assert before.keys() == after.keys()
    return {record for record in before if before[record] != after[record]}


@pytest.mark.parametrize("count", [2, 5])
def test_of_several_records_of_one_instant_exactly_one_is_corrected(house, count):
    joins(house)
    records = {tells(house, MIA, "payment") for _ in range(count)}
    before = sealed(house)

    receipt = house.correct(about=MIA, category="payment", values={"holder": "M. Moon"})

    (one,) = changed(before, sealed(house))
    assert one in records
    holders = [held.values["holder"].reveal() for held in house.access(about=MIA, category="payment").records]
    assert holders.count("M. Moon") == 1
    assert ledger_of(house)[receipt.entry].commitment == house.teller.alone(
        lambda desk: desk.commitment([one])
    )


def test_the_record_that_is_named_is_corrected_and_no_other_of_its_instant(house):
    joins(house)
    records = [tells(house, MIA, "payment") for _ in range(4)]
    for record in records:
        before = sealed(house)
        house.correct(about=MIA, category="payment", values={"holder": "M. Moon"}, record=record)
        assert changed(before, sealed(house)) == {record}


def test_correcting_one_person_touches_nobody_else(house):
    for who in (MIA, NOOR):
        joins(house, who)
        tells(house, who, "payment")
    before = sealed(house)

    house.correct(about=NOOR, category="payment", values={"holder": "Noor"})

    (one,) = changed(before, sealed(house))
    assert {row.subject for row in rows_of(house, schema.records) if bytes(row.record) == one} == {
        house.teller.alone(lambda desk: (desk.find([NOOR]), desk.people[NOOR])[1])
    }


@pytest.mark.parametrize(
    ("ending", "code"), [("withdraw", "consent-withdrawn"), ("refuse", "consent-refused")]
)
def test_a_record_that_was_taken_in_with_consent_is_corrected_only_while_it_stands(house, ending, code):
    joins(house)
    house.consent(about=MIA, purpose="camera.profile")
    tells(house, MIA, "camera.profile")
    getattr(house, ending)(about=MIA, purpose="camera.profile")
    before, files = sealed(house), blobs_of(house)

    with pytest.raises(Refused) as caught:
        house.correct(about=MIA, category="camera.profile", values={"picture": BETTER})

    assert caught.value.codes == (code,)
    assert "collect.camera.profile" in caught.value.clauses
    assert (sealed(house), blobs_of(house)) == (before, files)
    house.consent(about=MIA, purpose="camera.profile")
    house.correct(about=MIA, category="camera.profile", values={"picture": BETTER})
    (held,) = house.access(about=MIA, category="camera.profile").records
    assert held.values["picture"].reveal() == BETTER


def test_a_record_that_needed_no_consent_is_corrected_whatever_was_refused(house):
    joins(house)
    house.refuse(about=MIA, purpose="camera.profile")

    house.correct(about=MIA, category="account", values={"email": "luna@example.org"})

    with expect_refusal(house, "consent-refused"):
        tells(house, MIA, "camera.profile")


def test_the_file_of_a_corrected_picture_goes_with_the_person(house):
    joins(house)
    house.consent(about=MIA, purpose="camera.profile")
    tells(house, MIA, "camera.profile")
    house.correct(about=MIA, category="camera.profile", values={"picture": BETTER})
    assert len(blobs_of(house)) == 2
    assert house.erase(about=MIA).whole
    assert blobs_of(house) == []


def test_the_file_of_a_corrected_picture_goes_with_the_next_sweep(house):
    joins(house)
    house.consent(about=MIA, purpose="camera.profile")
    tells(house, MIA, "camera.profile")
    house.correct(about=MIA, category="camera.profile", values={"picture": BETTER})
    assert house.sweep().files == 1
    assert len(blobs_of(house)) == len(rows_of(house, schema.blobs)) == 1
