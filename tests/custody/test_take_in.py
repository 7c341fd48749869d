"""Taking in: what is good is kept, what is not is refused by name, and one line may speak for many."""

from base64 import b64encode
from hashlib import sha256

import pytest

from tests.cast import EXCHANGE, MIA, NOOR, SUPPORT, TRANSACTION, ZOE, joins, tells
from tests.drawing import face
from tests.inside import blobs_of, count_of, ledger_of, rows_of
from troth.acts.collect import offering
from troth.clock import DAY
from troth.custody.take_in import Taken
from troth.errors import NotFound, Refused
from troth.rules.decision import member
from troth.store import schema

YEAR = 366 * DAY


def account(who, *, category="account", when="registration", **values):
    return offering(by=member(), about=who, category=category, when=when, values=values)


def trade(who, **changes):
    return offering(
        by=EXCHANGE, about=who, category="transactions", when="service_use", values={**TRANSACTION, **changes}
    )


def since(house, start):
    return [(e.kind, e.count, e.reasons, e.subject is not None) for e in ledger_of(house)[start:]]


def codes(outcome):
    return outcome.codes if isinstance(outcome, Refused) else type(outcome).__name__


# ---- one by one


def test_a_newcomer_brings_three_things_whole_or_not_at_all(house):
    start = len(ledger_of(house))
    taken = house.collect(
        about=MIA, category="account", when="registration", values={"email": "a@example.org"}
    )
    assert since(house, start) == [("member.joined", None, (), True), ("record.collected", None, (), True)]
    assert [row.subject for row in rows_of(house, schema.subjects)] == [taken.subject]
    assert {row.kept for row in rows_of(house, schema.keys)} == {":self", "account"}
    assert sorted(row.record for row in rows_of(house, schema.names)) == [b"", taken.records[0]]


@pytest.mark.parametrize(
    ("values", "code", "word"),
    [
        ({"email": "not an address"}, "malformed", "email"),
        ({"email": "\ud800@example.org"}, "malformed", "email"),
        ({"email": None}, "malformed", "email"),
        ({"email": 7}, "malformed", "email"),
        ({"email": {"blob": "00" * 16}}, "malformed", "email"),
        ({"email": "a" * 100_000 + "@example.org"}, "malformed", "email"),
        ({"email": "a@example.org", "shoe_size": "44"}, "unknown-field", "shoe_size"),
        ({}, "field-missing", "phone"),
    ],
)
def test_what_cannot_be_taken_is_refused_by_name_and_nobody_joins(house, values, code, word):
    start = len(ledger_of(house))
    with pytest.raises(Refused) as caught:
        house.collect(about=MIA, category="account", when="registration", values=values)
    assert (code, word) in zip(caught.value.codes, caught.value.words, strict=True)
    assert [kind for kind, *_ in since(house, start)] == ["request.refused"]
    assert not any(count_of(house, table) for table in (schema.subjects, schema.names, schema.records))


def test_a_unique_name_belongs_to_one_person_however_it_is_spelled(house):
    joins(house, MIA, email="mia@example.org")
    with pytest.raises(Refused) as caught:
        joins(house, NOOR, email="MIA@EXAMPLE.ORG")
    assert (caught.value.codes, caught.value.words) == (("taken",), ("email",))
    with pytest.raises(NotFound):
        house.access(about=NOOR, category="account")


def test_one_set_is_held_until_it_expires_and_may_then_be_given_anew_before_any_sweep(house, clock):
    joins(house, MIA, email="mia@example.org")
    with pytest.raises(Refused) as caught:
        joins(house, MIA, email="mia.two@example.org")
    assert caught.value.codes == ("already-held",)
    clock.forward(21 * YEAR)
    taken = house.collect(
        about=MIA, category="account", when="registration", values={"email": "mia@example.org"}
    )
    (held,) = house.access(about=MIA, category="account").records
    assert held.id == taken.records[0]
    house.sweep()
    assert {row.record for row in rows_of(house, schema.names)} == {b"", held.id}
    with pytest.raises(Refused):
        joins(house, NOOR, email="mia@example.org")


def test_a_refused_newcomer_with_a_picture_leaves_no_file_that_the_sweep_does_not_take(house, clock):
    joins(house)
    house.consent(about=MIA, purpose="camera.profile")
    with pytest.raises(Refused) as caught:
        tells(house, MIA, "camera.profile", picture="front.jpg")
    assert caught.value.codes == ("malformed",)
    with pytest.raises(Refused):
        house.collect(
            about=NOOR,
            category="support",
            when="customer_service",
            values={**SUPPORT, "attachment": b"x" * 10**7 + b"x"},
        )
    assert blobs_of(house) == []
    assert count_of(house, schema.subjects) == 1


def test_what_is_told_of_a_newcomer_whose_opening_has_a_bad_file_is_refused_with_it(house):
    letter = {**SUPPORT, "attachment": b"x" * 10**7 + b"x"}
    opening = offering(by=member(), about=MIA, category="support", when="customer_service", values=letter)
    for offers in ([opening, trade(MIA)], [trade(MIA), opening]):
        found = house.collect_many(offers, together=False)
        assert {codes(each) for each in found} == {("too-large",), "NotFound"}
    assert not any(count_of(house, table) for table in (schema.records, schema.subjects, schema.names))


# ---- streams


def test_a_stream_keeps_its_good_rows_and_names_its_bad_ones(house):
    found = house.collect_many(
        [
            account(MIA, email="mia@example.org"),
            account(NOOR, email="nonsense"),
            account(ZOE, email="zoe@example.org", shoe="44"),
            account("\ud800", email="odd@example.org"),
            account("", email="none@example.org"),
            account("M-9", category="shoes", size="44"),
            account("M-8", email="MIA@example.org"),
            account(MIA, email="mia.two@example.org"),
            account("M-7", email="seven@example.org"),
            account(12345, email="twelve@example.org"),
        ],
        together=False,
    )
    assert [codes(each) for each in found] == [
        "Taken", ("malformed",), ("unknown-field",), ("malformed",), ("malformed",), ("unknown-category",),
        ("taken",), ("already-held",), "Taken", "NotFound",
    ]  # fmt: skip
    assert count_of(house, schema.subjects) == 2
    assert len(house.access(about=MIA, category="account").records) == 1


def test_a_name_that_a_refused_row_asked_for_stays_free_for_the_next(house):
    joins(house, MIA, email="mia@example.org")
    found = house.collect_many(
        [account(MIA, username="moon"), account(NOOR, username="moon"), account(ZOE, username="moon")]
    )
    assert [codes(each) for each in found] == [("already-held",), "Taken", ("taken",)]


def test_a_newcomer_whose_first_row_is_bad_joins_with_the_next(house):
    found = house.collect_many(
        [account(MIA, email="bad"), account(MIA, email="mia@example.org")], together=False
    )
    assert [codes(each) for each in found] == [("malformed",), "Taken"]
    assert count_of(house, schema.subjects) == 1


def test_one_line_for_a_stream_counts_and_commits_to_every_record(house):
    for who in (MIA, NOOR):
        joins(house, who)
    start = len(ledger_of(house))
    found = house.collect_many(
        [trade(MIA), trade(NOOR), trade(MIA, reference="T-3"), trade(ZOE), trade("M-8")]
    )
    assert [codes(each) for each in found] == ["Taken", "Taken", "Taken", "NotFound", "NotFound"]
    assert since(house, start) == [
        ("record.collected", 3, (), False),
        ("request.refused", 2, ("unknown-person",), False),
    ]
    ids = sorted(record for each in found if isinstance(each, Taken) for record in each.records)
    assert ledger_of(house)[start].commitment == b64encode(sha256(b"".join(ids)).digest()).decode()
    assert found[0].receipt == found[2].receipt


def test_a_line_for_many_names_a_person_only_when_all_are_theirs(house):
    joins(house)
    start = len(ledger_of(house))
    house.collect_many([trade(MIA), trade(MIA)])
    house.collect_many([account(MIA, email="x@example.org"), account(MIA, email="y@example.org")])
    joins(house, NOOR)
    middle = len(ledger_of(house))
    house.collect_many([account(MIA, email="x@example.org"), account(NOOR, email="y@example.org")])
    assert since(house, start)[:2] == [
        ("record.collected", 2, (), True),
        ("request.refused", 2, ("already-held:account",), True),
    ]
    assert since(house, middle) == [("request.refused", 2, ("already-held:account",), False)]


def test_newcomers_of_a_stream_share_one_line_too(house):
    start = len(ledger_of(house))
    house.collect_many([account(f"S-{n}", email=f"s{n}@example.org") for n in range(40)])
    assert since(house, start) == [("member.joined", 40, (), False), ("record.collected", 40, (), False)]
    assert count_of(house, schema.subjects) == 40
    assert count_of(house, schema.keys) == 80


def test_different_refusals_of_a_stream_get_different_lines(house):
    start = len(ledger_of(house))
    house.collect_many([account("a", email="bad"), account("b", phone="bad"), account("c", email="bad")])
    assert since(house, start) == [
        ("request.refused", 2, ("malformed:email",), False),
        ("request.refused", 1, ("malformed:phone",), False),
    ]


def test_an_empty_stream_is_answered_with_nothing(house):
    assert house.collect_many([]) == ()


def test_pictures_of_a_stream_go_with_their_own_records(house):
    for who in (MIA, NOOR):
        joins(house, who)
        house.consent(about=who, purpose="camera.profile")
    pictures = {who: face(who) for who in (MIA, NOOR)}
    offers = [
        offering(
            by=member(), about=who, category="camera.profile", when="camera", values={"picture": picture}
        )
        for who, picture in pictures.items()
    ]
    assert all(isinstance(each, Taken) for each in house.collect_many(offers))
    for who, picture in pictures.items():
        (held,) = house.access(about=who, category="camera.profile").records
        assert held.values["picture"].reveal() == picture
    assert sorted(row.blob for row in rows_of(house, schema.blobs)) == blobs_of(house)


def test_a_device_is_filed_in_parts_that_end_at_their_own_times(house, clock):
    joins(house)
    tells(house, MIA, "device")
    rows = rows_of(house, schema.records)
    ends = sorted((row.expires_at - clock.at) // DAY for row in rows if row.category_code != 1)
    assert ends == [90, 366]  # a year with the 29th of February 2028
