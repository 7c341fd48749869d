"""The public page: every clause and how it stands; nobody is recognised, no small number is told."""

import json
import re
from urllib.parse import unquote
from zoneinfo import available_timezones

import pytest

from tests import cast
from tests.houses import CLINIC_TEXT, MEMBER_TEXT
from tests.web.markup import faults
from troth.clock import DAY, SECOND, instant
from troth.evidence.status import Status
from troth.web.pages import LOOK_COOKIE
from troth.web.public import clauses
from troth.web.public.agreement import MOST_BODIES
from troth.web.watch import FRESH

PAGES = (
    "/agreement",
    "/agreement/days",
    "/agreement/numbers",
    "/agreement/versions/1",
    "/agreement?status=kept",
)


def looked(portal):
    portal.hall.watch.look(portal.house.teller)
    return portal


def word_of(page, clause):
    (card,) = [each for each in page.tree.of("article") if each.get("id") == clause]
    (heading,) = card.of("h3")
    marks = [each for each in heading.all() if "stand " in f"{each.get('class')} "]
    return marks[0].text.strip() if marks else ""


# ---- refused, and kept apart


@pytest.mark.parametrize("path", PAGES)
def test_no_cookie_is_set_and_nobody_is_recognised(portal, path):
    mia = portal.register()
    before = dict(mia.cookies)

    page, other = mia.get(path), portal.visitor().get(path)

    for each in (page, other):
        assert each.status == 200
        assert "set-cookie" not in each.headers
        assert not [form for form in each.forms if form.method == "post"]
        assert faults(each.tree) == []
    assert mia.cookies == before
    assert page.text == other.text


@pytest.mark.parametrize("version", ["2", "0", "-1", "x", "1" * 30, "%00"])
def test_a_version_that_was_never_adopted_is_not_there(portal, version):
    assert portal.visitor().get(f"/agreement/versions/{version}").status in (400, 404)


def test_a_status_that_is_none_filters_nothing(portal):
    looked(portal)
    page = portal.visitor().get("/agreement?status=compliant")

    assert "compliant" not in page.words
    assert len(page.tree.of("article")) == len(portal.hall.agreement.clauses)


@pytest.mark.parametrize("path", ["/agreement", "/agreement/days", "/agreement/versions/1"])
def test_what_one_visitor_adds_to_an_address_is_given_to_no_other(portal, path):
    first = portal.visitor().get(f"{path}?mail=mia@example.org&status=PWNED&note=%3Cb%3E")
    second = portal.visitor().get(path)

    assert first.text == second.text
    assert "mia" not in first.text
    assert "PWNED" not in first.text


def test_a_version_is_kept_once_however_its_number_is_written(portal):
    texts = {portal.visitor().get(f"/agreement/versions/{each}").text for each in ("1", "01", "001")}

    assert len(texts) == 1
    assert len(portal.hall.watch.bodies) == 1


def test_words_that_are_no_status_are_not_kept_apart_and_cost_no_attempt(portal):
    rate = portal.hall.limits.rate.count
    for n in range(rate + 5):
        assert portal.visitor().get(f"/agreement?status=z{n}").status == 200

    assert len(portal.hall.watch.bodies) == 1


def test_who_has_many_pages_drawn_has_to_wait_and_keeps_nobody_else_from_reading(portal):
    zones = [zone for zone in sorted(available_timezones()) if zone.startswith("America/")]
    browser, limits = portal.visitor(), portal.hall.limits

    def asked(zone):
        return browser.get("/agreement/versions/1", cookie=f"{LOOK_COOKIE}=|light|{zone}")

    answers = [asked(zone) for zone in zones[: limits.rate.count + 5]]
    late = answers[-1]

    assert answers[0].status == 200
    assert late.status == 429
    assert int(late.headers["retry-after"]) > 0
    assert late.headers["cache-control"] == "no-store"
    assert asked(zones[0]).status == 200  # it was kept
    assert limits.take("agreement", "192.0.2.2/32", at=portal.hall.now).allowed


def test_the_pages_that_are_kept_are_bounded_and_those_that_are_read_stay(portal):
    bodies, read = portal.hall.watch.bodies, portal.visitor()
    read.get("/agreement/versions/1")
    (kept,) = bodies
    for n in range(2 * MOST_BODIES):
        bodies[f"{n}",] = b""
        if n % 50 == 0:
            read.get("/agreement/versions/1")
    portal.visitor().get("/agreement/days")

    assert len(bodies) == MOST_BODIES
    assert kept in bodies


# ---- how clauses stand


def test_before_the_first_check_nothing_is_proven(portal):
    page = portal.visitor().get("/agreement")

    assert "Not checked yet" in page.words
    assert {word_of(page, clause.id) for clause in portal.hall.agreement.clauses} == {"unproven", ""}


def test_each_clause_stands_with_its_text_its_rule_its_word_and_its_evidence(portal):
    portal.register()
    looked(portal)

    page = portal.visitor().get("/agreement")

    (card,) = [each for each in page.tree.of("article") if each.get("id") == "collect.account"]
    assert word_of(page, "collect.account") == "kept"
    assert "We ask for a phone number, an e-mail address and a user name." in card.text
    assert "may give your phone number" in card.text
    assert "every record held maps to this clause" in card.text
    assert "Cannot see:" in card.text
    assert word_of(page, "about") == ""


def test_the_worst_word_comes_first_and_filters(portal):
    portal.register()
    looked(portal)

    page = portal.visitor().get("/agreement")
    links = [each.get("href") for each in page.tree.of("a") if "status=" in each.get("href")]
    words = [unquote(each).partition("status=")[2].partition("#")[0] for each in links]
    assert words == [word.value for word in clauses.WORST_FIRST if word.value in words]
    assert "kept" in words

    kept = portal.visitor().get("/agreement?status=kept")
    shown = [each.get("id") for each in kept.tree.of("article")]
    assert "collect.account" in shown
    assert {word_of(kept, each) for each in shown} == {"kept"}


def test_what_was_found_too_long_ago_proves_nothing(portal):
    portal.register()
    looked(portal)
    portal.clock.forward(FRESH + SECOND)

    page = portal.visitor().get("/agreement")

    assert "The last check is too long ago" in page.words
    assert word_of(page, "collect.account") == "unproven"


def test_a_damaged_ledger_is_told_on_top(portal, tmp_path):
    looked(portal)
    with portal.house.teller.house.filing.connect("store") as connection:
        connection.exec_driver_sql("UPDATE entries SET leaf = x'00' WHERE entry = 0")
        connection.commit()

    page = looked(portal).visitor().get("/agreement")

    assert "The ledger is damaged" in page.words
    assert "kept" not in {word_of(page, each.id) for each in portal.hall.agreement.clauses}


def test_days_on_which_nobody_looked_are_hatched_and_a_bad_day_stays_bad(portal):
    portal.register()
    looked(portal)
    portal.clock.forward(2 * DAY)
    looked(portal)

    page = portal.visitor().get("/agreement/days")

    past = portal.hall.watch.past["collect.account"]
    assert len(past) == 2
    assert set(past.values()) == {Status.KEPT}
    row = next(each for each in page.tree.of("tr") if "When you open an account" in each.text)
    assert row.text.rstrip().endswith("88")


def test_text_of_a_clause_is_never_markup_of_its_own(new_portal):
    evil = MEMBER_TEXT.replace(
        "We ask for a phone number, an e-mail address and a user name.",
        "We ask <script>alert(1)</script> ![x](/x.png) [y](javascript:alert(1)).",
    )
    page = new_portal(text=evil).visitor().get("/agreement")

    assert "<script>alert" not in page.text
    assert "<img" not in page.text
    assert 'href="javascript' not in page.text
    assert faults(page.tree) == []


def test_another_agreement_has_its_own_page(new_portal):
    portal = looked(new_portal(text=CLINIC_TEXT))

    page = portal.visitor().get("/agreement")

    assert page.title == portal.hall.agreement.title
    assert len(page.tree.of("article")) == len(portal.hall.agreement.clauses)
    assert "Example Exchange" not in page.text


# ---- numbers, versions


def told(page):
    """Return the cells of every row of a table, by its first."""
    return {row.of("th")[0].text: [cell.text for cell in row.of("td")] for row in page.tree.of("tr")}


def test_numbers_are_told_for_whole_quarters_in_steps_and_none_below_five_nor_any_sum(portal):
    mia = portal.register()
    for _ in range(7):
        portal.house.access(about=mia.subject, category="account")
    for _ in range(6):
        case = portal.house.demand(about=mia.subject, right="complain", text="Twice.").case
        portal.house.decide_demand(case=case.id, decision="refuse", reasons=["unfounded"], by=cast.AGENT)
    portal.house.restrict(about=mia.subject, category="support")
    page = looked(portal).visitor().get("/agreement")
    assert faults(page.tree) == []
    assert "The first numbers are told when a whole quarter is over." in page.words
    assert "Sales and rents in the ledger: none." in page.words

    portal.clock.forward(instant("2027-10-02T00:00:00Z") - portal.clock())
    page = looked(portal).visitor().get("/agreement")

    assert faults(page.tree) == []
    rows = told(page)
    assert rows["Complain"] == ["5 to 9", *["fewer than 5"] * 2, "5 to 9", "less than a day"]
    assert rows["Erase my data"] == ["fewer than 5"] * 4 + ["not told"]
    assert not any(name.lower().startswith(("total", "all", "sum")) for name in rows)
    before = portal.visitor().get("/agreement/numbers")
    assert faults(before.tree) == []
    assert "2027 Q2" in before.words
    assert told(before)["Complain"] == rows["Complain"]


def test_what_a_day_adds_is_not_seen_in_the_numbers_of_the_next(portal):
    mia = portal.register()
    portal.clock.forward(instant("2027-10-02T00:00:00Z") - portal.clock())
    before = looked(portal).visitor().get("/agreement/numbers").words

    for _ in range(12):
        portal.house.access(about=mia.subject, category="account")
        case = portal.house.demand(about=mia.subject, right="complain", text="Twice.").case
        portal.house.decide_demand(case=case.id, decision="refuse", reasons=["unfounded"], by=cast.AGENT)
    portal.clock.forward(DAY)

    assert looked(portal).visitor().get("/agreement/numbers").words == before


def test_how_much_a_check_looked_at_is_told_in_steps(portal):
    portal.register()
    looked(portal)

    words = portal.visitor().get("/agreement").words

    assert "It looked at fewer than 5 things." in words
    assert not re.search(r"It looked at \d*[1-46-9] things or more", words)


def test_every_version_has_its_text_its_hash_and_its_source(portal):
    browser, promised = portal.visitor(), portal.hall.agreement

    page = browser.get("/agreement/versions/1")
    source = browser.get("/agreement/versions/1/agreement.md")

    assert promised.hash in page.words
    assert len(page.tree.of("article")) == len(promised.clauses)
    assert source.text == promised.source
    assert source.headers["content-type"] == "text/markdown; charset=utf-8"
    assert "agreement-1.md" in source.headers["content-disposition"]


def test_nothing_of_a_person_is_on_the_page(portal):
    mia = portal.register()
    for category, when, values, by in cast.EVERYTHING:
        if category in ("payment", "support"):
            portal.house.collect(about=mia.subject, category=category, when=when, values=values, by=by)
    looked(portal)

    text = portal.visitor().get("/agreement").text + json.dumps(list(portal.hall.watch.past))

    for value in ("mia@example.org", "Mia Luna Moon", "DE89370400440532013000", str(mia.subject)):
        assert value not in text
