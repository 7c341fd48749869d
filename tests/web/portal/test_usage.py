"""Usage logs and account activity: what is noted by the way, and what is not."""

import asyncio
import json

import pytest

from tests.inside import count_of, ledger_of, shown
from tests.web.browsing import ORIGIN
from troth.clock import SECOND
from troth.store import schema
from troth.web import gathering

PAGE = {
    "time": "2020-01-01T00:00:00Z",
    "page": f"{ORIGIN}/data",
    "came_from": f"{ORIGIN}/home",
    "language": "pl",
}
BROWSER = "Mozilla/5.0 (X11; Linux x86_64) Moonfox/11"


def reports(who, body, **headers):
    headers = {
        "content-type": "application/json",
        "sec-fetch-site": "same-origin",
        "user-agent": BROWSER,
        **headers,
    }
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return who.ask("POST", "/usage", headers=headers, content=content)


def logged(portal, who, category="usage"):
    """What was noted of a member, once what waits is taken in."""
    portal.run(portal.hall.gathered.flush(portal.hall.teller))
    return shown(portal.house.access(about=who.subject, category=category))


# ---- nothing is kept


def test_nothing_is_kept_of_somebody_who_is_not_signed_in(portal):
    visitor = portal.visitor()
    before = count_of(portal.house, schema.records)

    assert reports(visitor, PAGE).status == 204
    portal.run(portal.hall.gathered.flush(portal.hall.teller))
    assert count_of(portal.house, schema.records) == before


def test_nothing_is_kept_of_a_browser_that_asks_not_to_be_tracked_nor_does_it_get_the_script(portal):
    mia = portal.register()
    assert "usage.js" in mia.get("/give").text
    assert reports(mia, PAGE, **{"sec-gpc": "1"}).status == 204
    assert logged(portal, mia) == []
    assert "usage.js" not in mia.get("/give", sec_gpc="1").text


def test_the_script_is_not_on_pages_of_people_who_are_not_signed_in(portal):
    assert "usage.js" not in portal.visitor().get("/contact").text


@pytest.mark.parametrize(
    "body",
    [
        b"", b"{", b"[]", b'"hello"', b"\xff\xfe", b"[" * 2_000,
        {}, {"page": 1}, {"page": "hello"}, {"page": "https://other.example/data"}, {"page": "http://[::1"},
        {**PAGE, "page": f"{ORIGIN}.other.example/data"}, {**PAGE, "more": "x" * 2_048},
    ],
)  # fmt: skip
def test_what_is_no_report_is_refused(portal, body):
    mia = portal.register()
    assert reports(mia, body).status == 422
    assert logged(portal, mia) == []


def test_a_field_that_no_clause_names_is_refused_and_remembered(portal):
    mia = portal.register()
    page = reports(mia, {**PAGE, "screen": "1920x1080"})

    assert page.status == 422
    assert json.loads(page.body)["reasons"] == [{"code": "unknown-field", "word": "screen"}]
    assert ledger_of(portal.house)[-1].reasons == ("unknown-field",)
    assert logged(portal, mia) == []


def test_a_report_from_another_site_is_refused(portal):
    mia = portal.register()
    assert reports(mia, PAGE, **{"sec-fetch-site": "cross-site"}).status == 403
    assert logged(portal, mia) == []


def test_too_many_reports_from_one_place_are_refused(portal):
    mia = portal.register()
    told = [reports(mia, PAGE).status for _ in range(61)]

    assert told[-1] == 429
    assert set(told[:-1]) == {204}


# ---- what is kept


def test_a_report_is_kept_as_the_clause_says_with_what_the_server_saw(portal):
    mia = portal.register()
    assert reports(mia, PAGE).status == 204

    assert logged(portal, mia) == [
        {
            "time": "2027-06-01T09:00:00Z",
            "browser": BROWSER,
            "language": "pl",
            "page": f"{ORIGIN}/data",
            "came_from": f"{ORIGIN}/home",
        }
    ]
    entry = next(e for e in ledger_of(portal.house) if e.category == "usage")
    assert (entry.actor, entry.kind) == ("program:usage-script", "record.collected")


def test_of_addresses_no_query_no_sealed_link_and_no_other_site_is_kept(portal):
    mia = portal.register()
    sealed = "A" * 300
    reports(mia, {"page": f"{ORIGIN}/contact/{sealed}/reply?x=mia#y", "came_from": f"{ORIGIN}/seen?name=mia"})
    reports(
        mia, {"page": f"{ORIGIN}/data", "came_from": "https://search.example/?q=mia", "language": "not one"}
    )

    first, second = sorted(logged(portal, mia), key=lambda each: each["page"])
    assert (first["page"], first["came_from"]) == (f"{ORIGIN}/contact", f"{ORIGIN}/seen")
    assert "came_from" not in second
    assert "language" not in second


def test_many_reports_are_taken_in_with_one_line(portal):
    mia = portal.register()
    for _ in range(5):
        reports(mia, PAGE)
    before = len(ledger_of(portal.house))

    assert len(logged(portal, mia)) == 5
    lines = [e for e in ledger_of(portal.house)[before:] if e.kind == "record.collected"]
    assert [line.count for line in lines] == [5]


def test_they_are_taken_in_within_a_second_by_themselves(portal):
    mia = portal.register()
    reports(mia, PAGE)
    portal.run(asyncio.sleep(gathering.EACH + 0.3))

    assert len(shown(portal.house.access(about=mia.subject, category="usage"))) == 1


def test_more_than_there_is_room_for_is_dropped(portal):
    mia = portal.register()
    reports(mia, PAGE)
    gathered = portal.hall.gathered
    gathered._offers *= gathering.MOST
    assert reports(mia, PAGE).status == 204
    assert len(gathered._offers) == gathering.MOST
    gathered._offers.clear()


def test_an_agreement_without_a_usage_log_has_no_script_and_keeps_nothing(new_portal, portal):
    text = portal.hall.agreement.source.replace("usage: usage\n", "").replace("activity: activity\n", "")
    other = new_portal(text=text, name="quiet")
    mia = other.register()

    assert "usage.js" not in mia.get("/give").text
    assert reports(mia, PAGE).status == 204
    assert logged(other, mia) == []
    assert logged(other, mia, "activity") == []


# ---- account activity


def test_each_sign_in_and_sign_out_is_noted_before_it_is_answered(portal):
    mia = portal.register()
    again = portal.visitor().sign_in("mia@example.org")
    again.send(again.get("/give").form("/sign-out"))

    told = shown(portal.house.access(about=mia.subject, category="activity"))
    assert [(each["action"], each["succeeded"]) for each in told].count(("sign_in", True)) == 2
    assert [(each["action"], each["succeeded"]) for each in told].count(("sign_out", True)) == 1
    assert {each["time"] for each in told} == {"2027-06-01T09:00:00Z"}


def test_a_sign_in_that_failed_is_noted_for_whoever_has_the_account(portal):
    mia = portal.register()
    portal.clock.forward(SECOND)
    visitor = portal.visitor()
    for wrong in ("mia@example.org", "nobody@example.org"):
        ways = visitor.send(visitor.get("/sign-in").form("/sign-in"), identifier=wrong)
        assert visitor.send(ways.form("/sign-in/password"), password="not hers at all").status == 422
        asked = visitor.send(ways.form("/sign-in/code"))
        assert visitor.send(asked.form("/sign-in/code/check"), code="00000000").status == 422

    failed = [each for each in logged(portal, mia, "activity") if not each["succeeded"]]
    assert [(each["action"], each["time"]) for each in failed] == [("sign_in", "2027-06-01T09:00:01Z")] * 2
