import asyncio

import pytest

from tests.cast import (
    ACCOUNT,
    AGENT,
    EXCHANGE,
    IDENTITY,
    JPEG,
    MIA,
    NOOR,
    PICTURES,
    PORTAL,
    SUPPORT,
    TRANSACTION,
    USAGE,
    USAGE_SCRIPT,
    joins,
    tells,
)
from tests.inside import blobs_of, count_of, expect_refusal, kinds_since, ledger_of, rows_of
from troth.acts.collect import offering
from troth.clock import DAY
from troth.custody.take_in import Taken
from troth.errors import NotFound, Refused
from troth.rules.decision import member
from troth.store import schema


def offer(who, **values):
    return offering(by=member(), about=who, category="account", when="registration", values=values)


def test_what_was_collected_comes_back_as_it_was_with_its_clause_and_its_end(house, clock):
    joins(house)
    record = tells(house, MIA, "transactions")

    (held,) = house.access(about=MIA, category="transactions").records

    assert {name: value.reveal() for name, value in held.values.items()} == TRANSACTION
    assert (held.id, held.clause, held.collected_at) == (record, "collect.transactions", clock.at)
    assert abs(held.expires_at - clock.at - 7 * 365 * DAY) <= 2 * DAY


def test_values_are_kept_in_canonical_form(house):
    house.collect(
        about=MIA,
        category="account",
        when="registration",
        values={"phone": "+44 (0)20 7946 0958", "email": "Mia@EXAMPLE.org"},
    )

    (held,) = house.access(about=MIA, category="account").records

    assert held.values["phone"].reveal() == "+442079460958"
    assert held.values["email"].reveal() == "Mia@example.org"


def test_the_first_collection_that_opens_an_account_joins_and_both_are_remembered(house):
    size = len(ledger_of(house))

    taken = house.collect(about=MIA, category="account", when="registration", values=ACCOUNT)

    joined, collected = ledger_of(house)[size:]
    assert (joined.kind, collected.kind) == ("member.joined", "record.collected")
    assert joined.subject == collected.subject
    assert collected.clauses == ("collect.account",)
    assert collected.fields == ("email", "phone", "username")
    assert collected.circumstance == "registration"
    assert taken.receipt.entry == size + 1


def test_a_second_collection_is_of_the_same_person_and_joins_nobody(house):
    subject = joins(house)
    size = len(ledger_of(house))

    assert house.collect(
        about=MIA, category="transactions", when="service_use", values=TRANSACTION, by=EXCHANGE
    ).subject == subject  # fmt: skip

    assert kinds_since(house, size) == ["record.collected"]
    assert count_of(house, schema.subjects) == 1


def test_somebody_unknown_cannot_begin_with_what_opens_no_account(house):
    size = len(ledger_of(house))

    with pytest.raises(NotFound):
        house.collect(about=MIA, category="transactions", when="service_use", values=TRANSACTION, by=EXCHANGE)

    assert kinds_since(house, size) == ["request.refused"]
    assert count_of(house, schema.subjects) == count_of(house, schema.names) == 0


def test_a_field_that_no_clause_names_is_refused_by_name(house):
    tables = (schema.records, schema.subjects, schema.names, schema.keys)
    with expect_refusal(house, "unknown-field", leaving=tables) as refused:
        house.collect(
            about=MIA, category="account", when="registration", values={**ACCOUNT, "shoe_size": "38"}
        )
    assert "shoe_size" in str(refused())
    assert "38" not in str(refused())


@pytest.mark.parametrize(
    ("category", "when", "code"),
    [
        ("horoscope", "registration", "unknown-category"),
        ("account", "full_moon", "unknown-circumstance"),
        ("account", "payment", "no-clause"),
    ],
)
def test_a_category_or_circumstance_outside_of_the_agreement_is_refused(house, category, when, code):
    joins(house, MIA, username="mia.moon")

    with expect_refusal(house, code):
        house.collect(about=MIA, category=category, when=when, values={"email": "mia@example.org"})


def test_words_of_the_caller_that_the_agreement_does_not_know_stay_out_of_the_ledger(house):
    joins(house, MIA, username="mia.moon")

    with pytest.raises(Refused):
        house.collect(about=MIA, category="mia@example.org", when="Mia Moon", values={"+442079460958": "1"})

    assert "mia@example.org" not in str(ledger_of(house))
    assert "Mia Moon" not in str(ledger_of(house))
    assert "+442079460958" not in str(ledger_of(house))


def test_every_malformed_and_every_missing_value_is_named_and_no_value_is(house):
    joins(house)
    with expect_refusal(house, "malformed", "field-missing", at=("collect.identity",)) as refused:
        house.collect(
            about=MIA, category="identity", when="identity_verification", age=36,
            values={"name": "Mia\u202eMoon", "birth_date": "31/12/1990"},
        )  # fmt: skip
    assert set(refused().words) == {"name", "birth_date", "id_number"}
    assert "1990" not in str(refused())


def test_one_of_several_is_enough_where_the_clause_says_so_and_none_is_not(house):
    joins(house, MIA, username="mia.moon")

    with expect_refusal(house, "field-missing", at=("collect.account",)):
        house.collect(about=NOOR, category="account", when="registration", values={})


def test_what_somebody_holds_by_a_unique_name_nobody_else_gets(house):
    joins(house, MIA, email="mia@example.org")

    with expect_refusal(house, "taken", at=("collect.account",)):
        joins(house, NOOR, email="MIA@example.org")


def test_what_may_be_held_once_is_not_collected_twice(house):
    joins(house)

    with expect_refusal(house, "already-held", at=("collect.account",)):
        joins(house, MIA, username="mia.moon")


def test_only_those_whom_the_clause_names_bring_a_record(house):
    joins(house)

    with expect_refusal(house, "not-by", at=("collect.transactions",)):
        house.collect(about=MIA, category="transactions", when="service_use", values=TRANSACTION, by=AGENT)


@pytest.mark.parametrize("age", [None, 17])
def test_identity_is_not_collected_below_the_least_age_or_at_an_unknown_one(house, age):
    joins(house)

    with expect_refusal(house, "too-young", at=("collect.identity",)):
        house.collect(about=MIA, category="identity", when="identity_verification", values=IDENTITY, age=age)


def test_pictures_need_consent_and_leave_no_file_when_refused(house):
    joins(house)

    with expect_refusal(
        house, "consent-missing", at=("collect.camera.identity",), leaving=(schema.records, schema.blobs)
    ):
        house.collect(about=MIA, category="camera.identity", when="camera", values=PICTURES)
    assert blobs_of(house) == []


@pytest.mark.parametrize(
    ("front", "why"),
    [
        ("a text", "malformed"),
        ({"blob": "x", "type": "image/jpeg", "size": 3}, "malformed"),
        (b"", "malformed"),
        (b"GIF89a", "not-a-picture"),
        (b"<html>" + JPEG, "not-a-picture"),
        (JPEG[:-40], "damaged"),
        (JPEG.ljust(10_000_001), "too-large"),
    ],
)
def test_a_picture_that_is_no_picture_or_too_large_is_refused_and_leaves_no_file(house, front, why):
    joins(house)
    house.consent(about=MIA, purpose="camera.identity")

    with expect_refusal(house, why, at=("collect.camera.identity",), leaving=(schema.records, schema.blobs)):
        house.collect(
            about=MIA, category="camera.identity", when="camera", values={**PICTURES, "front": front}
        )
    assert blobs_of(house) == []


def test_bad_rows_of_a_batch_are_named_in_order_and_the_good_ones_are_kept(house):
    joins(house, "M-0", email="taken@example.org")

    outcomes = house.collect_many(
        [
            offer("M-1", email="one@example.org"),
            offer("M-2", email="no address"),
            offer("M-3", email="taken@example.org"),
            offer("M-4", email="four@example.org", iq="140"),
            offer("M-5", email="five@example.org"),
        ]
    )

    assert [type(outcome) for outcome in outcomes] == [Taken, Refused, Refused, Refused, Taken]
    assert [outcome.codes for outcome in outcomes[1:4]] == [("malformed",), ("taken",), ("unknown-field",)]
    assert count_of(house, schema.subjects) == count_of(house, schema.records) == 3


def test_of_two_in_a_batch_who_claim_one_name_the_first_gets_it(house):
    first, second = house.collect_many(
        [offer(MIA, email="same@example.org"), offer(NOOR, email="same@example.org")]
    )

    assert isinstance(first, Taken)
    assert second.codes == ("taken",)
    with pytest.raises(NotFound):
        house.access(about=NOOR, category="account")


def test_a_batch_taken_together_writes_one_line_for_each_kind_of_act_that_commits_to_all_records(house):
    size = len(ledger_of(house))

    taken = house.collect_many([offer(f"M-{n}", email=f"m{n}@example.org") for n in range(20)])

    joined, collected = ledger_of(house)[size:]
    assert (joined.kind, joined.count) == ("member.joined", 20)
    assert (collected.kind, collected.count, collected.subject) == ("record.collected", 20, None)
    ids = [record for each in taken for record in each.records]
    assert collected.commitment == house.teller.alone(lambda desk: desk.commitment(ids))


def test_a_batch_taken_one_by_one_writes_a_line_a_row(house):
    size = len(ledger_of(house))

    house.collect_many([offer(f"M-{n}", email=f"m{n}@example.org") for n in range(3)], together=False)

    assert kinds_since(house, size) == ["member.joined", "record.collected"] * 3


def test_a_batch_joins_somebody_who_is_in_it_twice_only_once(house):
    visit = {"by": member(), "category": "support", "when": "customer_service"}
    first, second = house.collect_many(
        [offering(about=MIA, values={"message": text}, **visit) for text in ("one", "two")]
    )

    assert first.subject == second.subject
    assert count_of(house, schema.subjects) == 1
    assert len(house.access(about=MIA, category="support").records) == 2


def test_parts_of_one_collection_with_different_lives_are_separate_records_under_separate_keys(house):
    joins(house)
    taken = house.collect(
        about=MIA, category="device", when="service_use", by=PORTAL,
        values={"device_id": "dev-1", "model": "Fairphone 5"},
    )  # fmt: skip

    assert len(taken.records) == 2
    kept = {row.kept for row in rows_of(house, schema.keys) if row.subject == taken.subject}
    assert {"technical", "technical:security.accounts"} <= kept


def test_the_same_person_may_be_meant_by_reference_or_by_number(house):
    subject = joins(house)

    house.collect(about=subject, category="usage", when="usage_log", values=USAGE, by=USAGE_SCRIPT)

    assert len(house.access(about=MIA, category="usage").records) == 1


def test_a_conversation_keeps_its_lines_and_its_attachment(house):
    joins(house)
    tells(house, MIA, "support")

    (held,) = house.access(about=MIA, category="support").records

    assert {name: value.reveal() for name, value in held.values.items()} == SUPPORT


def test_many_that_are_awaited_at_once_are_all_taken_in(house):
    async def everybody():
        return await asyncio.gather(
            *(
                house.collect_soon(
                    about=f"M-{n}", category="account", when="registration",
                    values={"email": f"m{n}@example.org"},
                )
                for n in range(40)
            ),
            house.collect_soon(about="M-x", category="account", when="registration", values={"email": "bad"}),
            return_exceptions=True,
        )  # fmt: skip

    *taken, refused = asyncio.run(everybody())

    assert len({each.subject for each in taken}) == 40
    assert refused.codes == ("malformed",)
    assert count_of(house, schema.records) == 40


def test_a_small_object_that_looks_like_a_stored_file_is_only_an_object(house):
    joins(house)
    told = {"blob": "x" * 22, "type": "image/jpeg", "size": 3}
    tells(house, MIA, "device", configuration=told)

    values = [held.values for held in house.access(about=MIA, category="device").records]

    assert [value["configuration"].reveal() for value in values if "configuration" in value] == [told]


def test_a_picture_that_is_needed_is_not_left_out_by_giving_nothing(house):
    joins(house)
    house.consent(about=MIA, purpose="camera.identity")

    with expect_refusal(house, "malformed"):
        tells(house, MIA, "camera.identity", front=None)
