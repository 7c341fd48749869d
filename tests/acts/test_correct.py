import pytest

from tests.cast import ACCOUNT, AGENT, IDENTITY, JPEG, MIA, NOOR, PORTAL, joins, tells, tells_everything
from tests.drawing import face
from tests.inside import blobs_of, expect_refusal, ledger_of, rows_of
from troth.errors import NotFound
from troth.store import schema

TABLES = (schema.records, schema.names, schema.tokens)


@pytest.fixture
def full(house):
    """A house in which Mia told everything."""
    tells_everything(house)
    return house


def held(house, category, who=MIA):
    return [
        {name: value.reveal() for name, value in one.values.items()}
        for one in house.access(about=who, category=category).records
    ]


def test_the_values_named_are_replaced_and_all_others_stay(full):
    receipt = full.correct(about=MIA, category="account", values={"email": "luna@example.org"})

    assert held(full, "account") == [{**ACCOUNT, "email": "luna@example.org"}]
    entry = ledger_of(full)[receipt.entry]
    assert (entry.kind, entry.fields, entry.clauses) == ("record.corrected", ("email",), ("right.correct",))


def test_the_sealed_bytes_change_and_the_end_of_the_record_does_not(full):
    before = {bytes(row.record): row for row in rows_of(full, schema.records)}

    full.correct(about=MIA, category="account", values={"email": "luna@example.org"})

    changed = [row for row in rows_of(full, schema.records) if row != before[bytes(row.record)]]
    assert len(changed) == 1
    was = before[bytes(changed[0].record)]
    assert (changed[0].collected_at, changed[0].expires_at) == (was.collected_at, was.expires_at)
    assert changed[0].sealed != was.sealed


def test_the_index_follows_so_that_the_old_name_is_free_and_the_new_one_is_not(full):
    full.correct(about=MIA, category="account", values={"email": "luna@example.org"})

    with expect_refusal(full, "taken"):
        joins(full, NOOR, email="luna@example.org")
    joins(full, NOOR, email=ACCOUNT["email"])


def test_a_name_that_somebody_else_holds_is_not_corrected_to(full):
    joins(full, NOOR, email="noor@example.org")

    with expect_refusal(full, "taken", leaving=TABLES):
        full.correct(about=MIA, category="account", values={"email": "noor@example.org"})
    assert held(full, "account") == [ACCOUNT]


def test_correcting_a_value_to_itself_is_no_conflict_with_oneself(full):
    full.correct(about=MIA, category="account", values={"email": ACCOUNT["email"]})

    assert held(full, "account") == [ACCOUNT]


def test_a_malformed_value_or_an_unknown_field_changes_nothing(full):
    with expect_refusal(full, "malformed", leaving=TABLES):
        full.correct(about=MIA, category="account", values={"email": "luna", "phone": "+442079460959"})
    with expect_refusal(full, "unknown-field", leaving=TABLES):
        full.correct(about=MIA, category="account", values={"nickname": "Lu"})
    assert held(full, "account") == [ACCOUNT]


def test_where_a_clause_wants_a_review_the_member_is_refused_and_customer_service_is_not(full):
    with expect_refusal(full, "needs-review", at=("right.correct",)):
        full.correct(about=MIA, category="identity", values={"name": "Mia Moon"})

    full.correct(about=MIA, category="identity", values={"name": "Mia Moon"}, by=AGENT)

    assert held(full, "identity") == [{**IDENTITY, "name": "Mia Moon"}]


def test_what_no_right_covers_is_not_corrected(full):
    with expect_refusal(full, "no-clause"):
        full.correct(about=MIA, category="usage", values={"language": "en"})
    with expect_refusal(full, "not-by", at=("right.correct",)):
        full.correct(about=MIA, category="account", values={"email": "luna@example.org"}, by=PORTAL)


def test_the_latest_record_is_corrected_unless_another_is_named(house, clock):
    joins(house)
    first = tells(house, MIA, "payment")
    clock.forward(1_000_000)
    tells(house, MIA, "payment", iban="GB82WEST12345698765432")

    house.correct(about=MIA, category="payment", values={"holder": "Mia L. Moon"})
    house.correct(about=MIA, category="payment", values={"holder": "M. L. Moon"}, record=first)

    assert [one["holder"] for one in held(house, "payment")] == ["M. L. Moon", "Mia L. Moon"]


def test_somebody_elses_record_is_not_corrected_by_its_id(house):
    joins(house)
    joins(house, NOOR)
    record = tells(house, MIA, "payment")
    tells(house, NOOR, "payment")

    with expect_refusal(house, "field-missing"):
        house.correct(about=NOOR, category="payment", values={"holder": "Noor"}, record=record)


def test_nothing_held_is_nothing_to_correct(house):
    joins(house)

    with expect_refusal(house, "field-missing"):
        house.correct(about=MIA, category="payment", values={"holder": "Mia Moon"})
    with pytest.raises(NotFound):
        house.correct(about="nobody", category="account", values={"email": "luna@example.org"})


def test_a_corrected_picture_replaces_the_old_one_and_its_file(full):
    files = blobs_of(full)

    full.correct(about=MIA, category="camera.profile", values={"picture": face("better")})

    assert held(full, "camera.profile") == [{"picture": face("better")}]
    assert full.sweep().files == 1
    assert len(blobs_of(full)) == len(files) == len(rows_of(full, schema.blobs))
    assert blobs_of(full) != files
    assert held(full, "camera.profile") == [{"picture": face("better")}]


@pytest.mark.parametrize(
    ("picture", "why"),
    [
        ("a text", "malformed"),
        ({"blob": "x" * 22, "type": "image/jpeg", "size": 3}, "malformed"),
        (b"", "malformed"),
        (None, "malformed"),
        (b"GIF89a", "not-a-picture"),
        (JPEG[:-40], "damaged"),
    ],
)
def test_a_picture_is_corrected_by_a_picture_only(full, picture, why):
    files = blobs_of(full)

    with expect_refusal(full, why, leaving=TABLES):
        full.correct(about=MIA, category="camera.profile", values={"picture": picture})

    assert blobs_of(full) == files
    assert held(full, "camera.profile") == [{"picture": JPEG}]
