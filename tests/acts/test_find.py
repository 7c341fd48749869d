import pytest

from tests.cast import ACCOUNT, AGENT, MIA, NOOR, joins
from tests.inside import expect_refusal, ledger_of
from troth.acts import find
from troth.clock import DAY
from troth.errors import BadArgument
from troth.rules.decision import program

PORTAL_ALONE = program("portal")


def looks(house, value, field="account.email", by=PORTAL_ALONE, purpose="signin", case=""):
    return house.teller.ask(find.finding(by=by, field=field, value=value, purpose=purpose, case=case))


def test_nobody_finds_for_a_purpose_that_may_not_read_the_field(house):
    joins(house)
    with expect_refusal(house, "not-by"):
        looks(house, "mia@example.org", by=program("exchange"))
    with expect_refusal(house, "no-clause"):
        looks(house, "mia@example.org", purpose="analysis.improve")
    with expect_refusal(house, "unknown-purpose"):
        looks(house, "mia@example.org", purpose="curiosity")
    with expect_refusal(house, "case-missing"):
        looks(house, "mia@example.org", by=AGENT, purpose="support.reply")


def test_what_no_index_holds_cannot_be_looked_for(house):
    joins(house)
    with expect_refusal(house, "field-not-covered"):
        looks(house, "password", field="signin.credentials.kind")
    with expect_refusal(house, "unknown-category"):
        looks(house, "x", field="diary.text")


def test_somebody_is_found_by_the_exact_value_however_it_is_written(house):
    mia = joins(house, email="Mia@Example.ORG")
    joins(house, NOOR)
    found = looks(house, " mia@example.org ")
    assert [subject for subject, _ in found.people] == [mia]
    entry = ledger_of(house)[found.receipt.entry]
    assert (entry.kind, entry.category, entry.fields) == ("record.searched", "account", ("email",))
    assert entry.subject is not None


def test_a_miss_is_remembered_like_a_find_and_names_nobody(house):
    joins(house)
    found = looks(house, "nobody@example.org")
    assert found.people == ()
    entry = ledger_of(house)[found.receipt.entry]
    assert (entry.kind, entry.subject, entry.count) == ("record.searched", None, 0)


@pytest.mark.parametrize("value", ["", "no address", "a" * 5_000, 7, None, "\ud800@example.org", b"mia"])
def test_a_value_that_is_none_finds_nobody(house, value):
    joins(house)
    assert looks(house, value).people == ()


def test_a_restriction_hides_nobody_from_being_found_and_keeps_their_values(house):
    mia = joins(house, email="mia@example.org")
    house.restrict(about=MIA)
    assert [subject for subject, _ in looks(house, "mia@example.org").people] == [mia]
    with expect_refusal(house, "restricted"):
        house.purpose("support.reply", by=AGENT, case="C-1").read(about=MIA, category="account")


def test_signing_in_goes_on_under_a_restriction_so_that_it_can_be_lifted(house):
    joins(house)
    house.restrict(about=MIA)
    assert house.purpose("signin", by=PORTAL_ALONE).read(about=MIA, category="account").records
    house.lift(about=MIA)


def test_who_is_erased_or_whose_time_is_over_is_found_by_nothing(house):
    joins(house, MIA, **ACCOUNT)
    joins(house, NOOR, email="noor@example.org")
    house.erase(about=MIA)
    assert looks(house, ACCOUNT["email"]).people == ()
    house.leave(about=NOOR)
    house.teller.house.clock.forward(31 * DAY)
    assert looks(house, "noor@example.org").people == ()  # unreadable, though nothing has swept it yet


def test_what_is_no_search_is_refused_at_the_door(house):
    with pytest.raises(BadArgument):
        find.finding(by=PORTAL_ALONE, field=7, value="x", purpose="signin")
    with pytest.raises(BadArgument):
        find.finding(by="portal", field="account.email", value="x", purpose="signin")
