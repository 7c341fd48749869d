"""Sharing and places: who may get what, who got it, and what protects it there."""

from tests.cast import OFFICER, PAYMENT
from tests.web.markup import faults
from troth.clock import DAY
from troth.rules.decision import program

PAYOUT = "processors.payments.payments-processor"


def test_nobody_who_is_not_signed_in_sees_it(portal):
    assert portal.visitor().get("/places", follow=False).status == 303


def test_every_recipient_of_the_agreement_stands_there(portal):
    page = portal.register("mia@example.org").get("/places")
    assert faults(page.tree) == []
    for party in portal.hall.house.book.recipients.values():
        assert party.words in page.words
    assert "Nothing of you was passed on to anybody." in page.words
    assert "not on record, so nothing is passed on" in page.words


def test_a_disclosure_and_what_the_recipient_signed_are_shown(portal):
    member = portal.register("mia@example.org")
    house, until = portal.house, portal.clock() + 300 * DAY
    house.collect(about=member.subject, category="payment", when="payment", values=PAYMENT)
    for kind in ("contract", "confidentiality", "safeguard"):
        house.record_instrument(by=OFFICER, recipient=PAYOUT, kind=kind, reference="K-1", until=until)
    context = house.purpose("service.payments", by=program("payout"))
    context.disclose(about=member.subject, category="payment", to=PAYOUT)
    words = member.get("/places").words
    assert "a contract on what they do for us: on record until 27 March 2028" in words
    assert "1 time · last on 1 June 2027" in words
    assert "K-1" not in words
