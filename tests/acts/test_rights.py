import pytest

from tests.cast import (
    ACCOUNT,
    AGENT,
    GUARD,
    LAWYER,
    MIA,
    NOOR,
    OFFICER,
    PAYOUT,
    PORTAL,
    SECURITY,
    joins,
    tells,
    tells_everything,
)
from tests.inside import blobs_of, count_of, expect_refusal, kinds_since, ledger_of, rows_of
from troth.clock import DAY
from troth.custody.desk import SELF
from troth.errors import Erased, NotFound
from troth.store import schema

YEAR = 366 * DAY
UNDER_DUTY = {"identity", "transactions", "payment"}
FREE = {
    "account", "identity-pictures", "profile-picture", "activity", "technical", "technical:security.accounts",
    "usage", "support",
}  # fmt: skip


@pytest.fixture
def full(house):
    """A house in which Mia told everything."""
    tells_everything(house)
    return house


def account(house, who=MIA):
    return house.purpose("security.accounts", by=SECURITY).read(about=who, category="account").records


# ---- restricting


def test_what_is_restricted_is_stored_and_unused_from_the_next_read_on(full):
    full.restrict(about=MIA, category="account")

    with expect_refusal(full, "restricted"):
        account(full)
    assert full.purpose("security.accounts", by=SECURITY).read(about=MIA, category="activity").records
    assert full.access(about=MIA, category="account").records


def test_a_restriction_of_everything_covers_every_category(full):
    full.restrict(about=MIA)

    for category in ("account", "activity", "device", "network"):
        with expect_refusal(full, "restricted"):
            full.purpose("security.accounts", by=SECURITY).read(about=MIA, category=category)


def test_a_restriction_of_a_parent_covers_its_children(full):
    full.restrict(about=MIA, category="payment")

    with expect_refusal(full, "restricted"):
        full.purpose("service.payments", by=PAYOUT).read(about=MIA, category="payment.national")


def test_a_restriction_that_is_lifted_no_longer_stands(full):
    full.restrict(about=MIA, category="account")
    full.lift(about=MIA, category="account")

    assert account(full)


def test_lifting_one_category_leaves_a_restriction_of_everything_standing(full):
    full.restrict(about=MIA)
    full.lift(about=MIA, category="account")

    with expect_refusal(full, "restricted"):
        account(full)


def test_data_is_still_taken_in_under_a_restriction(full):
    full.restrict(about=MIA)

    assert tells(full, MIA, "transactions")


def test_a_program_neither_restricts_nor_erases(full):
    with expect_refusal(full, "not-by", at=("right.restrict",)):
        full.restrict(about=MIA, by=PORTAL)
    with expect_refusal(full, "not-by", at=("right.erase",)):
        full.erase(about=MIA, by=PORTAL)


# ---- erasing


def test_one_class_goes_with_its_key_its_rows_its_names_and_its_files(full):
    gone = full.erase(about=MIA, classes=["identity-pictures"])

    assert gone.erased == ("identity-pictures",)
    assert (gone.records, gone.files, gone.whole, gone.stays) == (1, 3, False, ())
    assert full.access(about=MIA, category="camera.identity").records == ()
    assert full.access(about=MIA, category="account").records
    assert "identity-pictures" not in {row.kept for row in rows_of(full, schema.keys)}
    assert len(blobs_of(full)) == len(rows_of(full, schema.blobs)) == 2


def test_erasing_the_class_of_a_name_frees_the_name(full):
    full.erase(about=MIA, classes=["account"])

    joins(full, NOOR, email=ACCOUNT["email"])
    assert full.access(about=MIA, category="account").records == ()


def test_a_class_goes_with_the_part_of_it_that_is_kept_longer(full):
    gone = full.erase(about=MIA, classes=["technical"])

    assert set(gone.erased) == {"technical", "technical:security.accounts"}
    assert full.access(about=MIA, category="device").records == ()


def test_of_everything_what_the_law_keeps_stays_with_its_date_and_its_clause(full):
    most = full.access(about=MIA, category="identity").records[0].expires_at

    gone = full.erase(about=MIA)

    assert set(gone.erased) == FREE
    assert {stay.kept for stay in gone.stays} == UNDER_DUTY
    assert not gone.whole
    (identity,) = (stay for stay in gone.stays if stay.kept == "identity")
    end = full.access(about=MIA, category="identity").records[0].expires_at
    assert (identity.until, identity.clause) == (end, "keep.identity")
    assert end < most  # they left with it, and its time runs from then
    assert "money laundering" in identity.why
    assert {row.kept for row in rows_of(full, schema.keys)} == UNDER_DUTY | {SELF}
    for category, left in (("account", 0), ("identity", 1), ("transactions", 1), ("usage", 0)):
        assert len(full.access(about=MIA, category=category).records) == left


def test_a_person_of_whom_nothing_must_stay_goes_wholly(house):
    joins(house)
    tells(house, MIA, "usage")
    tells(house, MIA, "device")
    joins(house, NOOR)

    gone = house.erase(about=MIA)

    assert gone.whole
    assert gone.stays == ()
    (left,) = rows_of(house, schema.subjects)
    assert {row.subject for row in rows_of(house, schema.keys)} == {left.subject}
    assert account(house, NOOR)


def test_an_erasure_begins_and_ends_in_the_ledger_and_only_its_beginning_names_whom(house):
    joins(house)
    size = len(ledger_of(house))

    gone = house.erase(about=MIA)

    begun, done = ledger_of(house)[size:]
    assert (begun.kind, done.kind) == ("erasure.begun", "erasure.done")
    assert (gone.begun.entry, gone.done.entry) == (size, size + 1)
    assert begun.subject
    assert done.subject is None
    assert begun.clauses == done.clauses == ("right.erase",)
    assert done.commitment


def test_the_erased_are_told_from_the_unknown_by_whoever_has_their_number_alone(house):
    subject = joins(house)
    house.erase(about=MIA)

    with pytest.raises(Erased):
        house.access(about=subject, category="account")
    with pytest.raises(NotFound):
        house.erase(about=MIA)


def test_whoever_was_erased_may_join_again_as_somebody_new(house):
    before = joins(house, MIA, email="mia@example.org")
    named = {entry.subject for entry in ledger_of(house)} - {None}
    house.erase(about=MIA)

    after = joins(house, MIA, email="mia@example.org")

    assert after != before
    assert ledger_of(house)[-1].subject not in named
    assert len(house.entries(about=MIA)) == 2


def test_nothing_but_what_must_stay_is_a_refusal_that_names_every_duty(house):
    joins(house)
    tells(house, MIA, "transactions")
    house.erase(about=MIA, classes=["account"])

    with expect_refusal(house, "duty", at=("keep.transactions",)):
        house.erase(about=MIA)
    with expect_refusal(house, "duty", at=("keep.transactions",)):
        house.erase(about=MIA, classes=["transactions"])


def test_a_class_that_no_clause_names_or_that_holds_nothing_is_a_refusal(house):
    joins(house)

    with expect_refusal(house, "unknown-class"):
        house.erase(about=MIA, classes=["secrets"])
    with expect_refusal(house, "no-clause"):
        house.erase(about=MIA, classes=["usage"])


def test_an_unknown_class_beside_a_known_one_is_refused_by_name_and_nothing_goes(full):
    with expect_refusal(full, "unknown-class") as refused:
        full.erase(about=MIA, classes=["account", "acount", "secrets"])
    assert refused().words == ("acount", "secrets")


def test_when_every_duty_is_over_the_whole_person_can_go(full, clock):
    clock.forward(31 * YEAR)
    full.sweep()

    gone = full.erase(about=MIA)

    assert gone.whole
    assert count_of(full, schema.subjects) == count_of(full, schema.keys) == 0


def test_a_duty_that_is_over_stops_nothing_though_no_sweep_has_run(full, clock):
    full.leave(about=MIA)
    clock.forward(8 * YEAR)

    assert full.erase(about=MIA).whole
    assert count_of(full, schema.records) == count_of(full, schema.keys) == 0


def test_customer_service_erases_nobody_who_did_not_prove_that_it_is_them(house):
    joins(house)

    for classes in ([], ["account"]):
        with expect_refusal(house, "assurance-missing", at=("right.erase",)):
            house.erase(about=MIA, classes=classes, by=AGENT, case="C-7")
    with expect_refusal(house, "assurance-missing", at=("right.erase",)):
        house.erase_later(about=MIA, days=3, code=house.recovery_code(), by=AGENT)


def test_nothing_of_the_erased_can_be_read_after_a_restart(house, new_house):
    subject = joins(house)
    house.erase(about=MIA)

    reopened = new_house.again(house)

    with pytest.raises(Erased):
        reopened.purpose("security.accounts", by=GUARD).read(about=subject, category="account")


# ---- holds


def test_a_hold_stops_erasure_and_removal_of_what_its_clause_lets_it_hold_and_permits_no_use(full, clock):
    full.hold(about=MIA, matter="case-12", reason="litigation", by=LAWYER)

    gone = full.erase(about=MIA)

    held = {stay.kept for stay in gone.stays if stay.why.startswith("held")}
    assert held == {"account", "activity", "support"}
    assert set(gone.erased) == FREE - held
    clock.forward(2 * YEAR)
    with expect_refusal(full, "expired"):
        full.access(about=MIA, category="activity")
    full.sweep()
    assert count_of(full, schema.records) > 0

    full.end_hold(about=MIA, matter="case-12", reason="litigation", by=LAWYER)
    full.sweep()

    assert set(full.erase(about=MIA).erased) >= {"account", "support"}


def test_whom_no_clause_names_places_no_hold_and_no_reason_beyond_the_clause_holds(full):
    with expect_refusal(full, "not-by"):
        full.hold(about=MIA, matter="case-12", reason="litigation", by=AGENT)
    with expect_refusal(full, "no-clause"):
        full.hold(about=MIA, matter="case-12", reason="a whim", by=OFFICER)


def test_holds_of_two_matters_end_one_by_one(house):
    joins(house)
    size = len(ledger_of(house))
    for matter in ("case-1", "case-2"):
        house.hold(about=MIA, matter=matter, reason="litigation", by=LAWYER)
    house.end_hold(about=MIA, matter="case-1", reason="litigation", by=LAWYER)

    with expect_refusal(house, "held", at=("keep.account",)):
        house.erase(about=MIA)
    house.end_hold(about=MIA, matter="case-2", reason="litigation", by=LAWYER)
    assert house.erase(about=MIA).whole
    assert kinds_since(house, size) == [
        "hold.placed", "hold.placed", "hold.ended", "request.refused", "hold.ended", "erasure.begun",
        "erasure.done",
    ]  # fmt: skip
