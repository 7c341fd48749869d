"""What is refused, in a real browser: said with the clause, and with a way on; for each of the cast."""

import re

import pytest

from tests.cast import BOOKKEEPER
from troth.clock import SECOND
from troth.errors import Refused

ROLES = range(4)
LATER = 660 * SECOND  # after ten, nobody counts as sure any more
NONE = ["/seen/99999999", "/messages/" + "00" * 16, "/support/C-AAAA-AAAA", "/nowhere"]
SURE = ["/security/password", "/security/application", "/security/passkeys"]


def of_another(served, n):
    """The addresses of things that another of the cast has."""
    other = served.cast[(n + 2) % 4]
    access = served.house.access(about=other.subject, category="account")
    record = access.records[0].id.hex()
    return [f"/data/account/{record}/correct", f"/seen/{access.receipt.entry}", f"/messages/{record}"]


@pytest.mark.parametrize("n", ROLES)
def test_what_is_none_of_theirs_is_not_there_and_has_a_way_on(visit, served, n):
    here = visit(served.cast[n])
    for path in [*NONE, *of_another(served, n)]:
        assert here.page.goto(path).status == 404, path
        assert here.page.locator("h1").inner_text() == "There is nothing here"
        here.page.locator("main .acts a").first.click()
        here.page.wait_for_url("**/home")
    here.page.goto(NONE[0])
    assert here.axe() == []


@pytest.mark.parametrize("n", ROLES)
def test_what_needs_a_proof_asks_for_it_and_changes_nothing_before(visit, served, n):
    role = served.cast[n]
    here = visit(role)
    served.house.teller.house.clock.forward(LATER)
    for path in SURE:
        here.page.goto(path)
        assert f"/confirm?back={path}" in here.page.url
    here.page.goto("/data/account")
    assert role.email not in here.page.content()
    here.page.locator("main form[action='/data/account'] button").click()
    here.page.wait_for_url(re.compile("/confirm"))
    assert here.axe() == []

    here.page.get_by_role("button", name=re.compile("@")).first.click()
    here.page.get_by_label("Code").fill("00000000")
    here.page.locator("main form button.act-primary").first.click()
    assert here.page.locator("[role=alert], .error-summary").first.is_visible()
    here.page.get_by_label("Code").fill(served.code(role.email))
    here.page.locator("main form button.act-primary").first.click()
    here.page.wait_for_url(re.compile("/data/account$"))
    if here.page.locator("main form[action='/data/account'] button").count():
        here.page.locator("main form[action='/data/account'] button").first.click()
    here.page.get_by_text(role.email).first.wait_for()


def test_a_word_that_the_agreement_does_not_have_is_refused_in_words(visit, served):
    here = visit(served.cast[0])
    assert here.page.goto("/data/nothing").status == 403
    assert here.page.locator("h1").inner_text() == "Refused"
    assert "stands in the log as entry" in here.page.locator("main").inner_text()
    assert here.axe() == []


def test_a_consent_that_is_refused_has_a_way_on_and_nothing_is_asked_for(visit, served):
    here = visit(served.cast[0])
    here.page.goto("/verification")
    here.page.get_by_role("link", name="Begin", exact=True).click()
    here.page.get_by_role("button", name="I refuse consent").click()
    assert here.page.locator("main input[type=file]").count() == 0
    assert here.page.get_by_role("link", name="Write to us").first.is_visible()
    assert here.axe() == []


def test_a_read_that_is_refused_is_shown_to_whom_it_was_about_with_its_clause(visit, served):
    careful = served.cast[3]
    asking = served.house.purpose("legal.bookkeeping", by=BOOKKEEPER, reason="the year")
    with pytest.raises(Refused) as refused:
        asking.read(about=careful.subject, category="transactions")
    here = visit(careful)
    here.page.goto("/seen?who=refused")
    here.page.locator(f"main a[href='/seen/{refused.value.entry}']").first.click()
    assert here.page.locator("main a.clause").count() >= 1
    assert "refused" in here.page.locator("main").inner_text().lower()
    assert here.axe() == []


def test_giving_and_taking_back_take_the_same_presses(visit, served):
    page = visit(served.cast[2]).page

    def presses(value: str, n: int) -> tuple[int, dict]:
        """From home to done: how many presses, and what the button that is pressed looks like."""
        page.goto("/home")
        page.locator(".site-menu a[href='/choices'], nav a[href='/choices']").first.click()
        page.wait_for_url("**/choices")
        button = page.locator(f"main form[action='/choices/consent'] button[value={value}]").nth(n)
        looks = button.evaluate(
            """each => { const style = getComputedStyle(each), box = each.getBoundingClientRect();
            return {width: Math.round(box.width), height: Math.round(box.height), font: style.font}; }"""
        )
        button.click()
        page.locator(".receipt .reference").wait_for()
        return 2, looks

    page.goto("/choices")
    count = page.locator("main form[action='/choices/consent']").count()
    assert count > 1
    for n in range(count):
        assert presses("given", n) == presses("refused", n)
