"""PROMISES 1: only what a clause names is collected, and only in its circumstance."""

import pytest

from tests.cast import (
    ACCOUNT,
    AGENT,
    CLERK,
    ENGINEER,
    EVERYTHING,
    EXCHANGE,
    FEEDBACK,
    IDENTITY,
    JPEG,
    LEAD,
    MIA,
    NOOR,
    PAYMENT,
    PAYOUT,
    PICTURES,
    PORTAL,
    REVIEWER,
    SUPPORT,
    TRANSACTION,
    USAGE,
    USAGE_SCRIPT,
    VERIFICATION,
    joins,
    tells,
    tells_everything,
)
from tests.inside import count_of, expect_refusal, rows_of, shown
from troth.acts.collect import offering
from troth.clock import DAY
from troth.store import schema


@pytest.mark.parametrize(
    "names", [("phone",), ("email",), ("username",), ("phone", "email", "username")], ids="-".join
)
def test_p1_1_somebody_registers_with_any_one_of_phone_email_and_user_name_or_all(house, names):
    told = {name: ACCOUNT[name] for name in names}

    house.collect(about=MIA, category="account", when="registration", values=told)

    assert shown(house.access(about=MIA, category="account")) == [told]


def test_p1_1_an_identifier_is_unique_found_by_its_exact_value_and_not_readable_at_rest(house):
    joins(house, MIA, **ACCOUNT)

    for name, value in ACCOUNT.items():
        with expect_refusal(house, "taken", at=("collect.account",)):
            joins(house, NOOR, **{name: value})
    held = [bytes(row.token) for row in rows_of(house, schema.names)]
    assert len(held) == len(set(held)) == 4
    assert all(len(token) == 16 for token in held)


def test_p1_2_identity_is_taken_from_adults_checked_by_country_and_read_by_reviewers_with_a_case(house):
    joins(house)
    with expect_refusal(house, "malformed", at=("collect.identity",)) as refused:
        tells(house, MIA, "identity", id_number="PL:44051401459")
    assert refused().words == ("id_number",)
    tells(house, MIA, "identity")

    verifying = house.purpose("identity.verify", by=REVIEWER, case="K-7")
    assert shown(verifying.read(about=MIA, category="identity")) == [IDENTITY]
    with expect_refusal(house, "case-missing"):
        house.purpose("identity.verify", by=REVIEWER).read(about=MIA, category="identity")


def test_p1_2_document_pictures_go_when_their_clause_says(house, clock):
    tells_everything(house)
    clock.forward(180 * DAY)

    with expect_refusal(house, "expired"):
        house.access(about=MIA, category="camera.identity")
    house.sweep()

    assert {row.kept for row in rows_of(house, schema.origins)} >= {"identity-pictures"}
    assert len(rows_of(house, schema.blobs)) == 2  # the profile picture and an attachment


def test_p1_3_use_of_the_service_comes_in_streams_in_batches_under_keys_of_its_own(house):
    people = [f"M-{n}" for n in range(50)]
    for who in people:
        joins(house, who, username=f"member.{who[2:]}")

    stream = [("transactions", TRANSACTION, EXCHANGE), ("device", {"device_id": "dev-1"}, PORTAL)]
    for category, values, by in stream:
        taken = house.collect_many(
            offering(by=by, about=who, category=category, when="service_use", values=values) for who in people
        )
        assert len({each.subject for each in taken}) == 50
    keys = {(row.subject, row.kept): bytes(row.wrapped) for row in rows_of(house, schema.keys)}
    assert len(set(keys.values())) == len(keys)
    assert sum(kept == "transactions" for _, kept in keys) == 50
    assert sum(kept == "technical:security.accounts" for _, kept in keys) == 50


def test_p1_3_what_is_observed_lives_shorter_than_what_is_told(house):
    tells_everything(house)

    ends = {
        category: max(held.expires_at for held in house.access(about=MIA, category=category).records)
        for category in ("usage", "device", "activity", "transactions", "account")
    }

    assert ends["usage"] < ends["device"] <= ends["activity"] < ends["transactions"] < ends["account"]


def test_p1_4_a_bank_account_is_validated_masked_and_read_for_payments_only(house):
    joins(house)
    with expect_refusal(house, "malformed", at=("collect.payment",)):
        tells(house, MIA, "payment", iban="DE89370400440532013001")
    tells(house, MIA, "payment")
    tells(house, MIA, "payment.national")

    assert shown(house.purpose("service.payments", by=PAYOUT).read(about=MIA, category="payment")) == [
        PAYMENT
    ]
    masked = house.purpose("service.payments.inquiry", by=CLERK, case="C-1", reason="returned")
    assert masked.one(about=MIA, field="payment.iban").reveal() == "DE****3000"
    assert masked.one(about=MIA, field="payment.national.number").reveal() == "00****6789"
    for purpose, by in (("support.reply", AGENT), ("identity.verify", VERIFICATION)):
        with expect_refusal(house, "no-clause"):
            house.purpose(purpose, by=by, case="C-1").read(about=MIA, category="payment")


def test_p1_5_a_conversation_with_attachment_and_rating_is_read_for_support_only(house):
    joins(house)
    tells(house, MIA, "support")
    tells(house, MIA, "support.feedback")

    replying = house.purpose("support.reply", by=AGENT, case="C-1")
    judging = house.purpose("support.quality", by=LEAD)
    assert shown(replying.read(about=MIA, category="support")) == [SUPPORT]
    assert shown(judging.read(about=MIA, category="support.feedback")) == [FEEDBACK]
    with expect_refusal(house, "no-clause"):
        house.purpose("service.upkeep", by=ENGINEER, case="C-1", reason="curious").read(
            about=MIA, category="support"
        )


def test_p1_5_somebody_writes_without_an_account(house):
    house.collect(
        about="visitor-1", category="support", when="customer_service", values={"message": "How do I join?"}
    )

    assert house.purpose("support.reply", by=AGENT, case="C-1").one(
        about="visitor-1", field="support.message"
    ).reveal() == "How do I join?"  # fmt: skip


def test_p1_6_usage_logs_are_brought_by_the_script_and_have_the_shortest_life_of_all(house, clock):
    tells_everything(house)
    ends = {
        category: held.expires_at
        for category, *_ in EVERYTHING
        for held in house.access(about=MIA, category=category).records
    }

    assert min(ends, key=ends.__getitem__) == "usage"
    assert ends["usage"] == clock.at + 30 * DAY
    with expect_refusal(house, "not-by", at=("collect.usage",)):
        house.collect(about=MIA, category="usage", when="usage_log", values=USAGE, by=PORTAL)
    house.collect(about=MIA, category="usage", when="usage_log", values=USAGE, by=USAGE_SCRIPT)


def test_p1_7_the_camera_opens_with_explicit_consent_for_each_purpose_and_not_before(house):
    joins(house)
    house.consent(about=MIA, purpose="camera.profile")

    with expect_refusal(house, "consent-missing", at=("collect.camera.identity",)):
        tells(house, MIA, "camera.identity")
    house.refuse(about=MIA, purpose="camera.identity")
    with expect_refusal(house, "consent-refused", at=("collect.camera.identity",)):
        tells(house, MIA, "camera.identity")
    house.consent(about=MIA, purpose="camera.identity")

    tells(house, MIA, "camera.identity")
    assert shown(house.access(about=MIA, category="camera.identity")) == [PICTURES]


def test_p1_7_a_picture_taken_for_one_purpose_cannot_be_read_for_another(house):
    tells_everything(house)

    with expect_refusal(house, "no-clause"):
        house.purpose("camera.profile", by=PORTAL).read(about=MIA, category="camera.identity")
    with expect_refusal(house, "no-clause"):
        house.purpose("identity.verify", by=REVIEWER, case="K-1").read(about=MIA, category="camera.identity")
    with expect_refusal(house, "no-clause"):
        house.purpose("camera.identity", by=REVIEWER, case="K-1").read(about=MIA, category="camera.profile")
    assert shown(house.purpose("camera.profile", by=PORTAL).read(about=MIA, category="camera.profile")) == [
        {"picture": JPEG}
    ]


def test_p1_7_a_withdrawn_consent_closes_the_pictures_at_once(house):
    tells_everything(house)
    house.withdraw(about=MIA, purpose="camera.identity")

    with expect_refusal(house, "consent-withdrawn", at=("use.camera.identity",)):
        house.purpose("camera.identity", by=REVIEWER, case="K-1").read(about=MIA, category="camera.identity")
    with expect_refusal(house, "consent-withdrawn", at=("collect.camera.identity",)):
        tells(house, MIA, "camera.identity")


@pytest.mark.parametrize("category", [row[0] for row in EVERYTHING])
def test_p1_8_a_field_that_no_clause_names_is_refused_at_the_boundary_by_name(house, category):
    joins(house, MIA, phone="+6561234567")
    for purpose in ("camera.identity", "camera.profile"):
        house.consent(about=MIA, purpose=purpose)
    before = count_of(house, schema.records)

    with expect_refusal(house, "unknown-field") as refused:
        tells(house, MIA, category, blood_group="B+")

    assert "blood_group" in refused().words
    assert "B+" not in str(refused())
    assert count_of(house, schema.records) == before
