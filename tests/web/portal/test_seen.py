"""Who saw my data: everything the ledger says of a member, and nothing it says of others."""

import pytest

from tests.cast import AGENT, ENGINEER, EXCHANGE
from tests.web.markup import faults
from troth.errors import Refused


def looks(portal, member, times=1):
    for _ in range(times):
        with portal.house.purpose("support.reply", by=AGENT, case="C-42") as context:
            context.read(about=member.subject, category="account")


def records(page):
    return [each for each in page.tree.of("li") if each.get("class").startswith("access")]


def test_nobody_who_is_not_signed_in_sees_it(portal):
    assert portal.visitor().get("/seen", follow=False).headers["location"].startswith("/sign-in")


def test_an_entry_about_somebody_else_is_not_in_it(portal):
    member, other = portal.register("mia@example.org"), portal.register("noor@example.org")
    looks(portal, other)
    assert "C-42" not in member.get("/seen?who=all").words
    assert "C-42" in other.get("/seen?who=all").words


def test_a_role_is_named_and_never_who_held_it(portal):
    member = portal.register("mia@example.org")
    looks(portal, member)
    page = member.get("/seen?who=people")
    assert faults(page.tree) == []
    (record,) = records(page)
    assert "support agent" in record.text
    assert "To answer you" in record.text
    assert "your phone number" in record.text
    assert "C-42" in record.text
    assert "anna" not in page.text


def test_a_refusal_stands_there_with_what_was_tried(portal):
    member = portal.register("mia@example.org")
    context = portal.house.purpose("service.upkeep", by=ENGINEER)
    with pytest.raises(Refused):
        context.read(about=member.subject, category="activity")
    (record,) = records(member.get("/seen?who=refused"))
    assert "refused, nothing was shown" in record.text


def test_what_is_alike_on_one_day_is_told_as_one_until_each_is_asked_for(portal):
    member = portal.register("mia@example.org")
    looks(portal, member, 3)
    page = member.get("/seen?who=people")
    (record,) = records(page)
    assert "3 times since" in record.text
    each = member.get(next(link for link in page.links("/seen?who=people") if "each=yes" in link))
    assert len(records(each)) == 3


@pytest.mark.parametrize(
    "who", ["others", "people", "machine", "supplier", "authority", "you", "refused", "all", "x"]
)
def test_every_filter_is_a_plain_link(portal, who):
    member = portal.register("mia@example.org")
    page = member.get(f"/seen?who={who}")
    assert page.status == 200
    assert faults(page.tree) == []
    current = [each for each in page.tree.of("a") if each.get("aria-current") == "page"]
    (now,) = [each for each in current if "who=" in each["href"]]
    assert now["href"] == f"/seen?who={who if who != 'x' else 'others'}"


def test_older_ones_follow_by_a_cursor_that_says_nothing(portal):
    member = portal.register("mia@example.org")
    looks(portal, member, 60)
    first = member.get("/seen?who=people&each=yes")
    (more,) = [link for link in first.links("/seen") if "older=" in link]
    second = member.get(more)
    assert len(records(first)) == 50
    assert len(records(second)) == 10
    assert [link for link in second.links("/seen") if "older=" in link] == []


@pytest.mark.parametrize("cursor", ["x", "----", "AAAA", "%00", "9" * 40])
def test_a_cursor_that_is_none_shows_the_newest(portal, cursor):
    member = portal.register("mia@example.org")
    assert member.get(f"/seen?older={cursor}").status == 200


def test_a_program_that_acts_for_the_member_is_shown_as_them(portal):
    member = portal.register("mia@example.org")
    member.get("/data/account")
    record = records(member.get("/seen?who=you"))[0]
    assert "(you)" in record.text
    assert "portal" in record.text


def test_a_transaction_that_was_taken_in_is_shown_with_its_program(portal):
    member = portal.register("mia@example.org")
    portal.house.collect(
        about=member.subject, category="activity", when="service_use", by=EXCHANGE,
        values={"time": "2027-06-01T09:00:00Z", "action": "order", "succeeded": True},
    )  # fmt: skip
    page = member.get("/seen?who=machine")
    record = records(page)[0]
    assert "Taken in: Account activity" in page.words
    assert "exchange" in record.text
