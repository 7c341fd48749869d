"""When it goes: the end of each kind, what starts its clock, and what holds it."""

import pytest

from tests.cast import EXCHANGE, LAWYER
from tests.web.markup import faults
from troth.clock import DAY
from troth.web.languages import Reader


def chooses(member, days):
    return member.send(member.get("/when").form("/when/shorter", kept="activity"), days=days)


def test_nobody_who_is_not_signed_in_sees_it(portal):
    assert portal.visitor().get("/when", follow=False).status == 303


def test_a_clock_that_waits_says_for_what_and_until_when_at_the_latest(portal):
    member = portal.register("mia@example.org")
    page = member.get("/when")
    assert faults(page.tree) == []
    assert "30 days after you leave · by 1 June 2047 at the latest" in page.words
    sessions = portal.hall.house.book.sign_in[1].sessions
    (session,) = portal.house.access(about=member.subject, category=sessions).records
    assert f"It goes{Reader().day(session.expires_at)}" in page.words  # its clock runs


def test_a_clock_that_has_begun_gives_the_date(portal):
    member = portal.register("mia@example.org")
    portal.house.leave(about=member.subject)
    assert "1 July 2027" in member.get("/when").words


def test_a_hold_is_shown_with_its_reason_and_matter(portal):
    member = portal.register("mia@example.org")
    portal.house.hold(about=member.subject, matter="M-7", reason="litigation", by=LAWYER)
    page = member.get("/when")
    assert "Held now" in page.words
    assert "M-7" in page.words


def test_a_hold_says_since_when_until_when_and_who_may_end_it(portal):
    member = portal.register("mia@example.org")
    end = portal.house.teller.house.clock() + 90 * DAY
    portal.house.hold(about=member.subject, matter="M-7", reason="litigation", by=LAWYER, until=end)
    said = member.get("/when").words
    assert "who may end it: lawyer" in said
    assert "at the latest" in said
    assert "kept for a legal reason" in member.get("/data").words


@pytest.mark.parametrize("path", ["/when", "/data", "/seen", "/leave", "/requests", "/"])
def test_of_an_untold_hold_no_page_names_matter_reason_or_role(portal, path):
    member = portal.register("mia@example.org")
    end = portal.house.teller.house.clock() + 90 * DAY
    portal.house.hold(
        about=member.subject, matter="M-7", reason="litigation", by=LAWYER, until=end, untold="AMLR-73"
    )
    page = member.get(path)
    for word in ("M-7", "AMLR-73", "Held for a legal matter", "lawyer"):
        assert word not in page.words
    if path == "/when":
        assert "kept for a legal reason" in page.words


def test_a_duty_is_said_where_the_clause_has_one(portal):
    member = portal.register("mia@example.org")
    portal.house.collect(
        about=member.subject, category="payment", when="payment",
        values={"holder": "Mia Moon", "iban": "DE89370400440532013000"},
    )  # fmt: skip
    assert "bookkeeping law keeps accounting records for seven years" in member.get("/when").words


def test_a_shorter_time_is_chosen_with_one_press_and_ended_for_what_is_to_come(portal):
    member = portal.register("mia@example.org")
    portal.house.collect(
        about=member.subject, category="activity", when="service_use", by=EXCHANGE,
        values={"time": "2027-06-01T09:00:00Z", "action": "order", "succeeded": True},
    )  # fmt: skip
    page = member.get("/when")
    assert faults(page.tree) == []
    assert "The clause lets you choose a shorter time" in page.words
    assert chooses(member, "30").status == 200
    assert "You chose a shorter time" in member.get("/when").words
    records = portal.house.access(about=member.subject, category="activity").records
    assert {each.expires_at - each.collected_at for each in records} == {30 * DAY}
    assert chooses(member, "0").status == 200
    assert "You chose a shorter time" not in member.get("/when").words
    assert chooses(member, "5").status == 422


def test_what_a_matter_keeps_beyond_its_end_stays_on_the_page(portal):
    member = portal.register("mia@example.org")
    portal.house.collect(
        about=member.subject, category="activity", when="service_use", by=EXCHANGE,
        values={"time": "2027-06-01T09:00:00Z", "action": "order", "succeeded": True},
    )  # fmt: skip
    portal.house.keep_shorter(about=member.subject, kept="activity", days=1)
    portal.house.hold(about=member.subject, matter="M-7", reason="litigation", by=LAWYER)
    portal.clock.forward(2 * DAY)
    portal.house.sweep()
    member.sign_in("mia@example.org")
    page = member.get("/when")
    assert faults(page.tree) == []
    assert "its time is over, and nobody reads it any more; it goes when nothing holds it" in page.words
