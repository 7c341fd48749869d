"""PROMISES 7, through the pages: what a member sees, mends, stops, takes along and ends by themself."""

import json

import pytest

from tests.cast import AGENT, ENGINEER, IDENTITY, SECURITY, tells
from tests.inside import expect_refusal, ledger_of, rows_of, shown
from troth.rules.decision import member
from troth.store import schema


def held(portal, about, category):
    return shown(portal.house.access(about=about, category=category, by=member("portal", "step_up")))


@pytest.fixture
def mia(portal):
    """Somebody who has told who they are."""
    browser = portal.register("mia@example.org")
    tells(portal.house, browser.subject, "identity")
    return browser


def kinds(portal):
    return [entry.kind for entry in ledger_of(portal.house)]


def test_p7_1_everything_held_is_seen_masked_first_and_clear_once_it_is_surely_them(portal, mia):
    portal.wait()
    page = mia.get("/data/identity")
    assert IDENTITY["name"] not in page.text

    asked = mia.send(page.form("/data/identity"))
    assert asked.path == "/confirm"
    mia.confirmed(asked)
    shown_now = mia.send(mia.get("/data/identity").form("/data/identity"))

    assert IDENTITY["name"] in shown_now.words
    assert "clause 1.7" in shown_now.words


def test_p7_1_each_use_and_each_attempt_is_seen_with_its_clause_and_why(portal, mia):
    portal.house.purpose("support.reply", by=AGENT, case="C-1").read(about=mia.subject, category="account")
    with expect_refusal(portal.house, "not-by"):
        portal.house.purpose("identity.verify", by=ENGINEER, case="C-1").read(
            about=mia.subject, category="identity"
        )

    words = mia.get("/seen").words

    assert "support" in words
    assert "2.7" in words
    assert "refused" in words.casefold()


def test_p7_2_an_address_is_corrected_once_the_new_one_is_proven(portal, mia):
    page = mia.get("/identifiers/email")
    coded = mia.send(page.form("/identifiers/email"), value="luna@example.org")
    assert held(portal, mia.subject, "account") == [{"email": "mia@example.org"}]

    mia.send(coded.form("/identifiers/email/code"), code=portal.code("luna@example.org"))

    assert held(portal, mia.subject, "account") == [{"email": "luna@example.org"}]
    assert portal.visitor().sign_in("luna@example.org").get("/home").status == 200


def test_p7_2_what_needs_a_review_is_not_corrected_by_the_member_alone(portal, mia):
    page = mia.get("/data/identity")

    assert not [form for form in page.forms if form.action.endswith("/correct")]
    assert not page.links("/data/identity/0")
    assert held(portal, mia.subject, "identity")[0]["name"] == IDENTITY["name"]


def test_p7_3_to_erase_shows_what_stays_and_why_and_leaves_a_receipt(portal, mia):
    subject = mia.subject
    page = mia.get("/leave")
    assert "clause 8.2" in page.words

    done = mia.send(page.form("/leave/erase"))

    assert done.title == "Erased"
    assert done.links("/ledger/proof/")
    assert kinds(portal)[-1] == "erasure.done"
    assert {row.kept for row in rows_of(portal.house, schema.keys) if row.subject == subject} >= {"identity"}
    assert mia.get("/home").path == "/sign-in"


def test_p7_4_what_is_left_unused_is_stored_and_not_used_until_it_is_lifted(portal, mia):
    guarding = portal.house.purpose("security.accounts", by=SECURITY)
    form = mia.get("/choices").form("/choices/restriction", category="*")
    mia.send(form, choice="unused")

    with expect_refusal(portal.house, "restricted"):
        guarding.read(about=mia.subject, category="account")
    assert held(portal, mia.subject, "account") == [{"email": "mia@example.org"}]
    mia.send(mia.get("/choices").form("/choices/restriction", category="*"), choice="used")
    assert guarding.read(about=mia.subject, category="account").records


def test_p7_5_a_copy_holds_everything_in_a_form_that_programs_read(portal, mia):
    package = mia.package()

    (identity,) = json.loads(package.read("data/identity.json"))["records"]
    assert identity["values"]["name"] == IDENTITY["name"]
    assert package.read("index.html").startswith(b"<!doctype html>")


def test_p7_6_an_objection_is_effective_with_the_next_read(portal, mia):
    tells(portal.house, mia.subject, "usage")
    asking = portal.house.purpose("service.upkeep", by=ENGINEER, case="C-1", reason="a crash")
    assert asking.read(about=mia.subject, category="usage").records
    mia.send(mia.get("/choices").form("/choices/objection", purpose="service.upkeep"), choice="objected")

    with expect_refusal(portal.house, "objected"):
        asking.read(about=mia.subject, category="usage")


def test_p7_7_to_end_promotions_takes_no_more_clicks_than_to_begin_them(portal, mia):
    clicks = []
    for choice in ("given", "withdrawn"):
        page = mia.get("/choices")  # one click from every page
        receipt = mia.send(page.form("/choices/consent", purpose="contact.promotion"), choice=choice)
        clicks.append((receipt.status, receipt.path, kinds(portal)[-1]))

    assert clicks == [(200, "/choices/consent", f"consent.{choice}") for choice in ("given", "withdrawn")]


def test_p7_8_what_customer_service_files_is_seen_by_the_member(portal, mia):
    portal.house.demand(about=mia.subject, right="restrict", by=AGENT)

    page = mia.get("/requests").words + mia.get("/seen").words
    assert "customer service" in page.casefold() or "support agent" in page.casefold()


def test_p7_9_leaving_is_done_by_whoever_is_surely_them_alone(portal, mia):
    sure = mia.get("/leave").form("/leave/close")
    portal.wait()
    assert mia.send(sure).path == "/confirm"
    assert "member.left" not in kinds(portal)

    mia.confirm("/leave")
    done = mia.send(mia.get("/leave").form("/leave/close"))

    assert done.title == "Your account is closed"
    assert kinds(portal).count("member.left") == 1
