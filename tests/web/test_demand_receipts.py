"""The receipt of a demand as a file: it says what came of it, and holds nothing about anybody."""

import pytest

from tests.cast import IDENTITY, LAWYER
from tests.web.test_outcomes import page_of

CANARY = "mia.canary@example.org"
SECRETS = (CANARY, "canary", "Moon", "1991-04-23", "44051401458", "matter-of-the-moon")


@pytest.fixture
def member(portal):
    """A member with much to tell, of whom a matter holds something."""
    mia = portal.register(CANARY)
    portal.house.collect(
        about=mia.subject, category="identity", when="identity_verification", values=IDENTITY, age=36
    )
    portal.house.hold(about=mia.subject, matter="matter-of-the-moon", reason="litigation", by=LAWYER)
    return mia


def test_the_receipt_of_a_request_says_what_it_is_and_where_it_stands(portal, member):
    case = portal.house.demand(about=member.subject, right="complain", text="I am Mia Moon, canary.").case
    (_, due), *_ = portal.house.demands(about=member.subject)
    page = page_of(member, case)

    (href,) = page.links(f"/requests/{case.reference}/receipt.json")
    answer = member.get(href)

    said = answer.response.json()
    assert answer.headers["content-type"] == "application/json"
    assert f'filename="request-{case.reference}.json"' in answer.headers["content-disposition"]
    assert (said["format"], said["reference"], said["state"]) == (
        "troth-request/1",
        case.reference,
        "received",
    )
    assert said["due"]["regime"] == due.regime
    assert [each["event"] for each in said["events"]] == ["filed", "proven"]
    text = member.get(f"/requests/{case.reference}/receipt.txt")
    assert case.reference in text.text
    assert not [each for each in SECRETS if each in answer.text + text.text]


def test_the_receipt_of_an_erasure_tells_what_stays_and_is_read_without_an_account(portal, member):
    form = member.get("/requests/new/erase/check?over=*").form("/requests/new/erase")
    page = member.send(form)

    said = member.get(f"{page.path}/receipt.json")
    text = member.get(f"{page.path}/receipt.txt")

    assert member.get("/home").path == "/sign-in"
    kept = {each["kept"]: each for each in said.response.json()["stays"]}
    assert kept["identity"]["because"] == "duty"
    assert "legal-reason" in {each["because"] for each in kept.values()}
    assert "the law against money laundering" in text.text
    assert not [each for each in SECRETS if each in said.text + text.text]


def test_a_receipt_is_given_to_nobody_else_and_of_no_other_kind(portal, member):
    case = portal.house.demand(about=member.subject, right="complain", text="Twice.").case
    ben = portal.register("ben@example.org")

    for ending in ("json", "txt"):
        assert ben.get(f"/requests/{case.reference}/receipt.{ending}").status == 404
        assert portal.visitor().get(f"/requests/track/nothing/receipt.{ending}").status == 404
    assert member.get(f"/requests/{case.reference}/receipt.exe").status == 404
    assert portal.visitor().get(f"/requests/{case.reference}/receipt.json").path == "/sign-in"
