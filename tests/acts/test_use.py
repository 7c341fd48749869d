import asyncio

import pytest

from tests.cast import (
    ACCOUNT,
    AGENT,
    ANALYST,
    BOOKKEEPER,
    CLERK,
    ENGINEER,
    GUARD,
    IDENTITY,
    JPEG,
    LEAD,
    MIA,
    NOOR,
    OFFICER,
    OUTBOX,
    PAYMENT,
    PAYOUT,
    PORTAL,
    REVIEWER,
    SECURITY,
    TRANSACTION,
    joins,
    tells,
    tells_everything,
)
from tests.inside import expect_refusal, ledger_of, rows_of, shown
from troth.acts import use
from troth.clock import DAY
from troth.errors import BadArgument, Erased, NotFound, NothingHeld
from troth.rules.decision import member, program, staff
from troth.store import schema


@pytest.fixture
def full(house):
    """A house in which Mia told everything."""
    tells_everything(house)
    return house


def test_a_read_for_a_purpose_gives_what_its_clause_gives_and_cites_it(full):
    with full.purpose("service.payments", by=PAYOUT) as paying:
        handed = paying.read(about=MIA, category="payment")

    assert shown(handed) == [PAYMENT]
    entry = ledger_of(full)[handed.receipt.entry]
    assert (entry.kind, entry.purpose, entry.clauses) == (
        "record.used",
        "service.payments",
        ("use.payments",),
    )
    assert (entry.actor, entry.category, entry.fields) == ("program:payout", "payment", ("holder", "iban"))


def test_only_the_fields_asked_for_are_handed_out_and_remembered(full):
    handed = full.purpose("service.payments", by=PAYOUT).read(about=MIA, category="payment", fields=["iban"])

    assert shown(handed) == [{"iban": PAYMENT["iban"]}]
    assert ledger_of(full)[handed.receipt.entry].fields == ("iban",)


def test_no_fields_means_all_that_the_purpose_may_have_and_no_more(full):
    handed = full.purpose("service.payments", by=PAYOUT).read(about=MIA, category="identity")

    assert shown(handed) == [{"name": IDENTITY["name"]}]


def test_masked_fields_are_masked_for_those_whom_the_clause_masks_them_for(full):
    inquiry = full.purpose("service.payments.inquiry", by=CLERK, case="C-9", reason="payment returned")
    (account,) = shown(
        full.purpose("support.reply", by=AGENT, case="C-1").read(about=MIA, category="account")
    )

    assert shown(inquiry.read(about=MIA, category="payment")) == [
        {"holder": PAYMENT["holder"], "iban": "DE****3000"}
    ]
    assert account == {"phone": "+442****0958", "email": "m***@e***.org", "username": ACCOUNT["username"]}


def test_a_case_and_a_reason_are_demanded_together_and_the_case_is_remembered(full):
    with expect_refusal(full, "case-missing", "reason-missing", at=("use.upkeep",)):
        full.purpose("service.upkeep", by=ENGINEER).read(about=MIA, category="usage")

    handed = full.purpose("service.upkeep", by=ENGINEER, case="INC-7", reason="error 500").read(
        about=MIA, category="usage"
    )
    assert ledger_of(full)[handed.receipt.entry].case == "INC-7"


def test_a_read_without_a_purpose_is_refused(full):
    with expect_refusal(full, "no-purpose"):
        full.purpose("", by=AGENT, case="C-1").read(about=MIA, category="account")


def test_a_purpose_that_no_clause_names_is_refused(full):
    with expect_refusal(full, "unknown-purpose"):
        full.purpose("curiosity", by=AGENT, case="C-1").read(about=MIA, category="account")


def test_a_purpose_that_does_not_cover_the_category_is_refused_and_what_is_allowed_is_named(full):
    with expect_refusal(full, "no-clause") as refused:
        full.purpose("contact.service", by=AGENT).read(about=MIA, category="transactions")

    assert refused().allowed == ("support.reply",)
    assert "`support.reply`" in str(refused())


@pytest.mark.parametrize(
    "somebody", [AGENT, staff("anna", "janitor"), program("exchange"), program("nobody"), OUTBOX]
)
def test_only_those_whom_the_clause_names_may_ask(full, somebody):
    with expect_refusal(full, "not-by", at=("use.payments",)):
        full.purpose("service.payments", by=somebody).read(about=MIA, category="payment")


def test_a_prohibition_names_its_clause(full):
    with expect_refusal(full, "unknown-field"):
        full.purpose("service.payments", by=PAYOUT).read(about=MIA, category="payment", fields=["secret"])
    with expect_refusal(full, "field-not-covered", at=("use.payments",)):
        full.purpose("service.payments", by=PAYOUT).read(about=MIA, category="identity", fields=["gender"])


def test_all_that_stands_in_the_way_is_said_at_once(full):
    full.object(about=MIA, purpose="service.upkeep")
    full.restrict(about=MIA)

    with expect_refusal(
        full, "restricted", "not-by", "objected", "case-missing", "reason-missing", at=("use.upkeep",)
    ):
        full.purpose("service.upkeep", by=AGENT).read(about=MIA, category="usage")


def test_consent_decides_and_its_withdrawal_ends_the_very_next_read(house):
    joins(house)
    promoting = house.purpose("contact.promotion", by=OUTBOX)

    with expect_refusal(house, "consent-missing", at=("use.promotions",)):
        promoting.read(about=MIA, category="account")
    house.consent(about=MIA, purpose="contact.promotion")
    assert shown(promoting.read(about=MIA, category="account")) == [{"email": "m-1001@example.org"}]
    house.withdraw(about=MIA, purpose="contact.promotion")
    with expect_refusal(house, "consent-withdrawn", at=("use.promotions",)):
        promoting.read(about=MIA, category="account")


def test_an_objection_ends_the_very_next_read_and_its_end_allows_it_again(full):
    quality = full.purpose("support.quality", by=LEAD)
    assert len(quality.read(about=MIA, category="support.feedback").records) == 1

    full.object(about=MIA, purpose="support.quality")
    with expect_refusal(full, "objected", at=("use.support-quality",)):
        quality.read(about=MIA, category="support.feedback")
    full.end_objection(about=MIA, purpose="support.quality")

    assert len(quality.read(about=MIA, category="support.feedback").records) == 1


def test_what_may_leave_as_totals_only_is_read_by_nobody(full):
    with expect_refusal(full, "only-aggregates", at=("use.analysis",)):
        full.purpose("analysis.improve", by=ANALYST).read(about=MIA, category="usage")


def test_a_bookkeeper_gives_a_reason_and_sees_transactions_and_the_name(full):
    keeping = full.purpose("legal.bookkeeping", by=BOOKKEEPER, reason="year end")

    assert shown(keeping.read(about=MIA, category="transactions")) == [TRANSACTION]
    assert shown(keeping.read(about=MIA, category="identity")) == [{"name": IDENTITY["name"]}]


def test_pictures_come_back_byte_for_byte_to_the_reviewer_whom_consent_allows(full):
    handed = full.purpose("camera.identity", by=REVIEWER, case="K-1").read(
        about=MIA, category="camera.identity", fields=["front"]
    )

    assert shown(handed) == [{"front": JPEG}]


def test_the_narrow_part_of_a_record_outlives_the_rest_for_its_one_purpose_only(full, clock):
    clock.forward(91 * DAY)

    guarding = full.purpose("security.accounts", by=SECURITY).read(about=MIA, category="device")
    assert shown(guarding) == [{"device_id": "dev-9f31aa07"}]
    with expect_refusal(full, "expired"):
        full.purpose("service.upkeep", by=ENGINEER, case="I-1", reason="crash").read(
            about=MIA, category="device"
        )


def test_what_is_over_is_unreadable_from_its_instant_though_nothing_swept_it(full, clock):
    upkeep = full.purpose("service.upkeep", by=ENGINEER, case="I-1", reason="crash")
    clock.at = full.access(about=MIA, category="usage").records[0].expires_at - 1
    assert len(upkeep.read(about=MIA, category="usage").records) == 1

    clock.forward(1)

    with expect_refusal(full, "expired", at=("collect.usage",)):
        upkeep.read(about=MIA, category="usage")
    with expect_refusal(full, "expired", at=("collect.usage",)):
        full.access(about=MIA, category="usage")


def test_nothing_held_is_an_empty_answer_that_is_remembered(house):
    joins(house)

    handed = house.purpose("security.accounts", by=GUARD).read(about=MIA, category="activity")

    assert handed.records == ()
    assert ledger_of(house)[handed.receipt.entry].kind == "record.used"


def test_one_value_is_given_or_said_to_be_absent(full):
    reply = full.purpose("support.reply", by=AGENT, case="C-1")
    joins(full, NOOR, username="noor")

    assert reply.one(about=MIA, field="account.username").reveal() == ACCOUNT["username"]
    with pytest.raises(NothingHeld):
        reply.one(about=NOOR, field="account.phone")


def test_one_value_of_several_records_is_the_latest(house, clock):
    joins(house)
    for iban in ("DE89370400440532013000", "GB82WEST12345698765432"):
        tells(house, MIA, "payment", iban=iban)
        clock.forward(1_000_000)

    paying = house.purpose("service.payments", by=PAYOUT)
    assert paying.one(about=MIA, field="payment.iban").reveal() == "GB82WEST12345698765432"


def test_somebody_unknown_is_not_found_and_the_attempt_is_remembered(house):
    with pytest.raises(NotFound):
        house.purpose("security.accounts", by=GUARD).read(about="nobody", category="account")

    entry = ledger_of(house)[-1]
    assert (entry.kind, entry.subject) == ("request.refused", None)
    assert "unknown-person" in entry.reasons


def test_somebody_erased_is_not_merely_absent_to_whoever_knew_the_number(house):
    subject = joins(house)
    house.erase(about=MIA)

    with pytest.raises(Erased):
        house.purpose("security.accounts", by=GUARD).read(about=subject, category="account")
    with pytest.raises(NotFound):
        house.purpose("security.accounts", by=GUARD).read(about=MIA, category="account")


def test_members_of_staff_appear_by_role_and_pseudonym_and_never_by_name(full):
    full.purpose("support.reply", by=AGENT, case="C-1").read(about=MIA, category="account")

    entry = ledger_of(full)[-1]
    assert entry.actor.startswith("staff:support-agent:")
    assert not any(b"anna" in bytes(row.leaf) for row in rows_of(full, schema.entries))


def test_a_person_sees_all_that_is_held_of_them_and_nobody_else_does(full):
    assert shown(full.access(about=MIA, category="account")) == [ACCOUNT]
    for nosy in (AGENT, PORTAL):
        with expect_refusal(full, "not-by", at=("right.access",)):
            full.access(about=MIA, category="account", by=nosy)


def test_of_staff_the_privacy_officer_alone_answers_a_persons_demand_to_see_their_data(full):
    assert shown(full.access(about=MIA, category="account", by=OFFICER)) == [ACCOUNT]
    assert ledger_of(full)[-1].actor.startswith("staff:privacy-officer:")


def test_a_program_acts_for_a_person_in_their_own_session(full):
    assert shown(full.access(about=MIA, category="account", by=member(through="portal"))) == [ACCOUNT]
    assert (ledger_of(full)[-1].actor, ledger_of(full)[-1].on_behalf_of) == ("program:portal", "self")


def test_a_restriction_does_not_hide_a_persons_own_data_from_them(full):
    full.restrict(about=MIA)

    assert shown(full.access(about=MIA, category="account")) == [ACCOUNT]


def test_the_ledger_line_of_a_read_is_committed_when_the_answer_arrives(full, new_house):
    handed = full.purpose("support.reply", by=AGENT, case="C-1").read(about=MIA, category="account")

    reopened = new_house.again(full)

    assert ledger_of(reopened)[handed.receipt.entry].kind == "record.used"


def test_reads_that_are_awaited_at_once_each_get_their_own_answer_and_line(house):
    for n in range(30):
        joins(house, f"M-{n}", username=f"member.{n}")
    size = len(ledger_of(house))
    reply = house.purpose("support.reply", by=AGENT, case="C-1")

    async def everybody():
        return await asyncio.gather(*(reply.read_soon(about=f"M-{n}", category="account") for n in range(30)))

    handed = asyncio.run(everybody())

    assert [shown(each) for each in handed] == [[{"username": f"member.{n}"}] for n in range(30)]
    assert {each.receipt.entry for each in handed} == set(range(size, size + 30))


def test_of_several_records_only_those_named_are_opened(house):
    joins(house)
    first, second = tells(house, MIA, "payment"), tells(house, MIA, "payment", holder="Somebody Else")

    def holders(**named):
        job = use.accessing(by=member(), about=MIA, category="payment", fields=["holder"], **named)
        return {row["holder"] for row in shown(house.teller.ask(job))}

    assert holders() == {"Mia Luna Moon", "Somebody Else"}
    assert holders(records=[second]) == {"Somebody Else"}
    assert holders(records=[b"\0" * 16]) == set()
    assert first != second
    with pytest.raises(BadArgument):
        holders(records=["second"])
