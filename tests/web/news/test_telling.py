"""What happened to a request is told once in the inbox, once by a letter, and to the organisation."""

import re

from tests.cast import AGENT
from troth.clock import DAY
from troth.rules.decision import member
from troth.web.news import telling

MIA = "mia@example.org"
LINK = re.compile(r"http://localhost:8000(/requests/\S+)")


def told(portal):
    """Let the server tell what is due; return the letters that went out: to whom, and their text."""
    before = len(portal.office.letters)
    telling.run(portal.hall)
    return [(letter.rcpt_tos[0], letter.content.decode("utf-8")) for letter in portal.office.letters[before:]]


def inbox(member_):
    """The titles of a member's messages, oldest first."""
    links = dict.fromkeys(member_.get("/messages").links("/messages/"))
    return [member_.get(link).words for link in reversed(links)]


def complaint(portal, member_):
    return portal.house.demand(
        about=member_.subject, right="complain", text="You never answered.", by=member("portal", "signed_in")
    ).case


def test_each_event_is_told_once_in_the_inbox_and_by_one_letter(portal):
    mia = portal.register(MIA)
    case = complaint(portal, mia)
    letters = told(portal)
    assert [to for to, _ in letters] == [MIA]
    assert case.reference in letters[0][1]
    assert "We received your request." in letters[0][1]
    assert len(inbox(mia)) == 1
    assert case.reference in inbox(mia)[0]
    assert told(portal) == []
    portal.house.decide_demand(case=case.id, decision="refuse", reasons=["unfounded"], by=AGENT)
    letters = told(portal)
    assert len(letters) == 1
    assert "Your request was refused." in letters[0][1]
    assert any("no ground that can be seen" in each and "/contact" in each for each in inbox(mia))
    assert told(portal) == []
    assert len(inbox(mia)) == 2


def test_a_letter_holds_a_reference_a_sentence_and_a_link_and_neither_right_nor_words_of_anybody(portal):
    mia = portal.register(MIA)
    case = complaint(portal, mia)
    ((_, letter),) = told(portal)
    body = letter.partition("\r\n\r\n")[2]
    assert LINK.search(body)[1] == f"/requests/{case.reference}"
    for word in ("complain", "Complain", "never answered", "mia"):
        assert word not in body


def test_an_end_that_comes_near_and_one_that_passed_are_told_to_the_organisation_once_each(portal):
    mia = portal.register(MIA)
    case = complaint(portal, mia)
    told(portal)
    portal.clock.forward(25 * DAY)
    portal.house.sweep()
    letters = told(portal)
    assert [to for to, _ in letters] == ["privacy@example.org"]
    assert case.reference in letters[0][1]
    assert "mia" not in letters[0][1].lower()
    portal.clock.forward(10 * DAY)
    portal.house.sweep()
    letters = told(portal)
    assert [to for to, _ in letters] == ["privacy@example.org"]
    assert "passed" in letters[0][1]
    assert told(portal) == []
