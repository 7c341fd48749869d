"""When it goes: the end of each kind, what starts its clock, and what holds it."""

from tests.cast import EXCHANGE, LAWYER
from tests.web.markup import faults
from troth.web.languages import Reader


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


def test_a_duty_is_said_where_the_clause_has_one(portal):
    member = portal.register("mia@example.org")
    portal.house.collect(
        about=member.subject, category="payment", when="payment",
        values={"holder": "Mia Moon", "iban": "DE89370400440532013000"},
    )  # fmt: skip
    assert "bookkeeping law keeps accounting records for seven years" in member.get("/when").words


def test_a_shorter_time_is_said_to_be_possible_and_not_offered_yet(portal):
    member = portal.register("mia@example.org")
    portal.house.collect(
        about=member.subject, category="activity", when="service_use", by=EXCHANGE,
        values={"time": "2027-06-01T09:00:00Z", "action": "order", "succeeded": True},
    )  # fmt: skip
    assert "You cannot choose it on this page yet" in member.get("/when").words
