"""PROMISES 7: the member's rights that work on the engine level."""

import pytest

from tests.cast import (
    ACCOUNT,
    AGENT,
    ENGINEER,
    EVERYTHING,
    IDENTITY,
    LEAD,
    MIA,
    NOOR,
    PAYOUT,
    SECURITY,
    STATISTICS,
    joins,
    tells,
    tells_everything,
)
from tests.inside import blobs_of, expect_refusal, ledger_of, rows_of, shown
from troth import member
from troth.clock import iso
from troth.custody.desk import SELF
from troth.store import schema


def test_p7_1_a_member_sees_everything_held_with_its_clause_its_time_and_its_end(house, clock):
    tells_everything(house)

    for category, _, values, _ in EVERYTHING:
        told = {}
        for held in house.access(about=MIA, category=category).records:
            told |= {name: value.reveal() for name, value in held.values.items()}
            assert held.clause in {clause.id for clause in house.agreement.clauses}
            assert held.collected_at == clock.at < held.expires_at
        assert told == values


def test_p7_1_a_member_sees_every_use_with_who_what_for_and_under_which_clause(house):
    tells_everything(house)
    house.purpose("support.reply", by=AGENT, case="C-1").read(about=MIA, category="account")

    seen = house.entries(about=MIA)[-1][1]

    assert (seen.kind, seen.purpose, seen.clauses) == ("record.used", "support.reply", ("use.support",))
    assert seen.fields == ("email", "phone", "username")


def test_p7_2_a_member_corrects_what_the_clause_lets_them_and_the_rest_after_a_review(house):
    tells_everything(house)

    house.correct(about=MIA, category="account", values={"phone": "+442079460959"})
    assert house.access(about=MIA, category="account").records[0].values["phone"].reveal() == "+442079460959"
    with expect_refusal(house, "needs-review", at=("right.correct",)):
        house.correct(about=MIA, category="identity", values={"name": "Mia Sol"})
    house.correct(about=MIA, category="identity", values={"name": "Mia Sol"}, by=AGENT)
    assert shown(house.access(about=MIA, category="identity")) == [{**IDENTITY, "name": "Mia Sol"}]


def test_p7_3_each_category_is_erased_now_or_kept_until_a_date_because_of_a_clause(house, clock):
    tells_everything(house)

    gone = house.erase(about=MIA)

    assert {kept.kept: kept.clause for kept in gone.stays} == {
        "identity": "keep.identity", "transactions": "keep.transactions", "payment": "keep.payment",
    }  # fmt: skip
    assert all(iso(kept.until) > iso(clock.at) for kept in gone.stays)
    assert "account" in gone.erased


def test_p7_3_keys_rows_names_and_files_are_gone_and_the_receipt_is_two_lines_of_the_ledger(house):
    subject = tells_everything(house)

    gone = house.erase(about=MIA)

    stays = {"identity", "transactions", "payment", SELF}
    assert {row.kept for row in rows_of(house, schema.keys) if row.subject == subject} == stays
    assert blobs_of(house) == rows_of(house, schema.blobs) == rows_of(house, schema.tokens) == []
    assert len(rows_of(house, schema.names)) == 1  # the organisation's own reference, for what stays
    entries = ledger_of(house)
    assert [entries[r.entry].kind for r in (gone.begun, gone.done)] == ["erasure.begun", "erasure.done"]


def test_p7_4_what_is_restricted_is_stored_and_not_used_from_the_next_read_on(house):
    tells_everything(house)
    guarding = house.purpose("security.accounts", by=SECURITY)
    assert guarding.read(about=MIA, category="activity").records

    house.restrict(about=MIA)

    with expect_refusal(house, "restricted"):
        guarding.read(about=MIA, category="activity")
    with expect_refusal(house, "restricted", "instrument-missing"):
        house.purpose("service.payments", by=PAYOUT).disclose(
            about=MIA, category="payment", to="processors.payments.payments-processor"
        )
    tells(house, MIA, "activity")
    house.lift(about=MIA)
    assert len(guarding.read(about=MIA, category="activity").records) == 2


@pytest.mark.parametrize(
    ("purpose", "by", "category"),
    [("service.upkeep", ENGINEER, "usage"), ("support.quality", LEAD, "support.feedback")],
)
def test_p7_6_an_objection_counts_for_its_purpose_at_once_and_in_bulk(house, purpose, by, category):
    tells_everything(house)
    joins(house, NOOR)
    asking = house.purpose(purpose, by=by, case="C-1", reason="as asked")
    house.object(about=MIA, purpose=purpose)

    with expect_refusal(house, "objected"):
        asking.read(about=MIA, category=category)
    jobs = [asking._reading(who, category, ()) for who in (NOOR, MIA, NOOR)]  # one batch, as bulk work has it
    outcomes = house.teller.alone(lambda desk: _hand_out(desk, jobs))
    assert [getattr(outcome, "codes", None) for outcome in outcomes] == [None, ("objected",), None]


def _hand_out(desk, jobs):
    from troth.custody.hand_out import hand_out

    return hand_out(desk, jobs)


def test_p7_6_an_objection_to_analysis_is_remembered_for_the_totals_to_come(house):
    tells_everything(house)
    house.object(about=MIA, purpose="analysis.improve")

    with expect_refusal(house, "only-aggregates", "objected"):
        house.purpose("analysis.improve", by=STATISTICS).read(about=MIA, category="usage")


def test_p7_7_promotions_end_with_one_act_as_they_began(house):
    joins(house, MIA, **ACCOUNT)
    size = len(ledger_of(house))

    house.consent(about=MIA, purpose="contact.promotion")
    house.withdraw(about=MIA, purpose="contact.promotion")

    assert [entry.kind for entry in ledger_of(house)[size:]] == ["consent.given", "consent.withdrawn"]


WISHES = {  # as a right that staff file, and as an act that is nobody's but the person's
    "restrict": ({"category": "activity"}, lambda house: house.restrict(about=MIA, by=AGENT)),
    "object": ({"purpose": "service.upkeep"}, lambda house: house.end_objection(
        about=MIA, purpose="service.upkeep", by=AGENT)),
    "withdraw": ({"purpose": "camera.profile"}, lambda house: house.withdraw(
        about=MIA, purpose="camera.profile", by=AGENT)),
    "opt_out": ({"purpose": "contact.promotion"}, lambda house: house.start(
        about=MIA, purpose="contact.promotion", channel="email", by=AGENT)),
    "leave": ({}, lambda house: house.leave(about=MIA, by=AGENT)),
    "erase": ({}, lambda house: house.erase(about=MIA, by=AGENT)),
}  # fmt: skip


@pytest.mark.parametrize("right", WISHES)
def test_p7_8_customer_service_files_what_a_member_wants_and_nothing_is_done_before_a_proof(house, right):
    tells_everything(house)
    scope, directly = WISHES[right]
    with expect_refusal(house, "assurance-missing", at=(f"right.{right.replace('_', '-')}",)):
        directly(house)

    lodged = house.demand(about=MIA, right=right, by=AGENT, **scope)

    assert (lodged.case.state, lodged.case.events[0].by) == ("received", "staff:support-agent")
    house.sweep()
    assert house.demanded(reference=lodged.case.reference, by=AGENT)[0].state == "received"
    assert house.access(about=MIA, category="account").records
    lodged = house.prove_demand(case=lodged.case.id, by=member("portal", "step_up"))
    assert lodged.case.state in ("done", "partly")
