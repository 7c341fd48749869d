import pytest

from tests.cast import MIA, NOOR, joins, tells
from tests.inside import count_of, expect_refusal, ledger_of, rows_of
from troth.acts import find, rights
from troth.errors import BadArgument, NotFound
from troth.rules.decision import member, program
from troth.store import schema

SURE, SIGNED_IN = member("portal", "step_up"), member("portal", "signed_in")
PORTAL = program("portal")
KEY = "ab" * 32


def signs_in(house, who=MIA, key=KEY):
    values = {"key": key, "started": "2027-06-01T09:00:00Z", "method": "code"}
    taken = house.collect(
        about=who, category="signin.sessions", when="entering_account", values=values, by=PORTAL
    )
    return taken.records[0]


def secures(house, who=MIA):
    values = {"kind": "password", "key": "cd" * 32, "secret": "$argon2id$x"}
    return house.collect(
        about=who, category="signin.credentials", when="securing_account", values=values, by=PORTAL
    ).records[0]


def removes(house, category, *records, about=MIA, by=SURE):
    return house.teller.ask(rights.removing(by=by, about=about, category=category, records=records))


def test_a_credential_goes_only_when_it_is_surely_them(house):
    joins(house)
    record = secures(house)
    with expect_refusal(house, "assurance-missing", at=("account.sign-in",)):
        removes(house, "signin.credentials", record, by=SIGNED_IN)
    removes(house, "signin.credentials", record)
    assert not [row for row in rows_of(house, schema.records) if bytes(row.record) == record]


def test_a_session_ends_as_easily_as_it_began_and_its_token_finds_nobody(house):
    joins(house)
    record = signs_in(house)
    receipt = removes(house, "signin.sessions", record, by=SIGNED_IN)
    entry = ledger_of(house)[receipt.entry]
    assert (entry.kind, entry.count, entry.clauses) == ("record.removed", 1, ("account.sign-in",))
    job = find.finding(by=PORTAL, field="signin.sessions.key", value=KEY, purpose="signin")
    assert house.teller.ask(job).people == ()
    assert count_of(house, schema.tokens) == 0


def test_nobody_removes_what_a_duty_keeps_and_nothing_of_the_call_goes(house):
    joins(house)
    tells(house, MIA, "payment")
    with expect_refusal(house, "duty", at=("keep.payment",)):
        removes(house, "payment")


def test_nobody_removes_what_a_matter_holds(house):
    from tests.cast import LAWYER

    joins(house)
    house.hold(about=MIA, matter="M-1", reason="litigation", by=LAWYER)
    with expect_refusal(house, "held"):
        removes(house, "account")


def test_another_persons_record_is_not_here(house):
    joins(house)
    joins(house, NOOR)
    record = signs_in(house, NOOR, "ef" * 32)
    with expect_refusal(house, "field-missing"):
        removes(house, "signin.sessions", record)


def test_programs_and_staff_that_no_clause_names_remove_nothing(house):
    joins(house)
    signs_in(house)
    with expect_refusal(house, "not-by"):
        removes(house, "signin.sessions", by=program("exchange"))


def test_somebody_unknown_has_nothing_to_remove(house):
    with pytest.raises(NotFound):
        removes(house, "signin.sessions", about="nobody")


def test_the_file_of_a_removed_picture_goes_with_the_sweep(house):
    joins(house)
    house.consent(about=MIA, purpose="camera.profile")
    tells(house, MIA, "camera.profile")
    assert len(list(house.teller.house.blobs.names())) == 1
    removes(house, "camera.profile")
    house.sweep()
    assert list(house.teller.house.blobs.names()) == []


def test_what_is_no_record_is_refused_at_the_door(house):
    with pytest.raises(BadArgument):
        rights.removing(by=SURE, about=MIA, category="signin.sessions", records=["ab"])
