"""Whoever has everything stored without use: they see their own, and are told what nobody reads."""

import pytest

from tests.cast import AGENT, PDF, REVIEWER
from tests.inside import ledger_of
from tests.web.portal.test_support import NEW, answers, cases_of, state, thread, writes
from tests.web.portal.test_verification import CAMERA, HERE, IDENTITY, agrees, case_of, shows, submits, tells
from troth.errors import Refused

SAID = "You have this stored without use: Conversations and ratings."
FILE = {"attachment": ("a.pdf", PDF, "application/pdf")}


@pytest.fixture
def mia(portal):
    mia = portal.register()
    mia.send(mia.get("/choices").form("/choices/restriction", category="*"), choice="unused")
    return mia


def lifts(mia):
    mia.send(mia.get("/choices").form("/choices/restriction", category="*"), choice="used")


def test_no_page_of_one_s_own_is_refused_whatever_is_restricted(portal, mia):
    page = writes(mia, files=FILE)
    answers_under_way(portal, mia, page)
    agrees(mia)
    tells(mia)
    shows(mia)
    mia.confirm()
    seen, todo = set(), ["/home"]
    while todo:
        path = todo.pop()
        seen.add(path)
        got = mia.get(path)
        assert got.status == 200, (path, got.status, got.words)
        if got.headers["content-type"].startswith("text/html"):
            links = [href.partition("#")[0] for href in got.links("/")]
            todo += {href for href in links if href not in seen | set(todo) and asks_for_a_page(href)}
    talk = thread(page)
    assert {"/support", talk, "/requests", "/messages", "/data/support", "/verification"} <= seen
    assert any(path.startswith(f"{talk}/file/") for path in seen)


def asks_for_a_page(href):
    """Other languages and pages of the log show the same again; what is static is nobody's own."""
    return not href.startswith(("/static/", "/look", "/language")) and "older=" not in href


def answers_under_way(portal, mia, page):
    """Customer service answered before everything was restricted."""
    lifts(mia)
    answers(portal, page)
    mia.send(mia.get("/choices").form("/choices/restriction", category="*"), choice="unused")


def test_a_conversation_is_read_as_a_look_at_what_is_held_and_leaves_no_refusal(portal, mia):
    page = writes(mia)
    before = len(ledger_of(portal.house))
    there = mia.get(thread(page))

    assert there.status == 200
    assert "It has not arrived." in there.words
    kinds = [entry.kind for entry in ledger_of(portal.house)[before:]]
    assert "record.accessed" in kinds
    assert "request.refused" not in kinds
    assert "A late payout" in mia.get("/support").words


def test_where_it_is_not_surely_them_the_list_stays_and_the_conversation_asks_for_more(portal, mia):
    page = writes(mia)
    portal.wait()
    listed = mia.get("/support")

    assert (listed.path, listed.status) == ("/support", 200)
    assert "A late payout" not in listed.words
    assert listed.links(thread(page)) == [thread(page)]
    assert "privacy@example.org" in listed.words
    confirmed = mia.confirmed(mia.get(thread(page)))
    assert "It has not arrived." in confirmed.words


def test_it_is_replied_to_and_closed_as_by_everybody(portal, mia):
    page = writes(mia)
    path = thread(page)
    assert "And this." in mia.send(mia.get(path).form(f"{path}/reply"), message="And this.").words
    assert "It is closed" in mia.send(mia.get(path).form(f"{path}/close")).words
    assert state(portal, page) == "closed"


def test_who_writes_is_told_before_and_after_that_nobody_may_read_it_and_that_is_true(portal, mia):
    before = mia.get(NEW)
    page = writes(mia)
    for each in (before, page, mia.get(thread(page)), mia.get("/support")):
        assert SAID in each.words, each.path
        assert "nobody of ours may read it" in each.words
        assert each.links("/choices#restrictions")
    assert "Our answer stands in the conversation." not in page.words

    about, _ = cases_of(portal, page)
    with pytest.raises(Refused) as refused:
        portal.house.purpose("support.reply", by=AGENT, case="C-1").read(about=about, category="support")
    assert refused.value.codes == ("restricted",)


def test_who_lifts_it_or_never_set_it_is_told_nothing_of_it(portal, mia):
    lifts(mia)
    page = writes(mia)
    for each in (mia.get(NEW), page, mia.get(thread(page)), mia.get("/support"), mia.get("/verification")):
        assert "stored without use" not in each.words
    assert "Our answer stands in the conversation." in page.words


def test_a_restriction_of_something_else_is_not_said_to_keep_a_message_from_being_read(portal, mia):
    lifts(mia)
    mia.send(mia.get("/choices").form("/choices/restriction", category="account"), choice="unused")

    assert "stored without use" not in writes(mia).words


def test_who_hands_a_check_in_is_told_at_every_step_that_nobody_may_read_it_and_that_is_true(portal, mia):
    told = [mia.get("/verification")]
    agrees(mia)
    told.append(mia.get(IDENTITY))
    tells(mia)
    told.append(mia.get(CAMERA))
    shows(mia)
    told.append(mia.get(f"{HERE}/check"))
    done = submits(mia)
    told += [done, mia.get("/verification")]
    for each in told:
        assert "You have this stored without use: " in each.words, each.path
        assert each.links("/choices#restrictions")
    assert "A reviewer looks at it." not in done.words
    assert "You see here where it is" in done.words

    case = case_of(portal, mia)
    for category in ("identity", "camera.identity"):
        reads = portal.house.purpose("identity.verify", by=REVIEWER, case=case.reference)
        with pytest.raises(Refused) as refused:
            reads.read(about=mia.subject, category=category)
        assert "restricted" in refused.value.codes
