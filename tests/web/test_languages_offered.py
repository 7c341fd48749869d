"""The languages of the settings: no page offers another, and the first is for who asks for none."""

import pytest

from tests.web.browsing import ORIGIN, Portal
from troth.settings import Server, Settings
from troth.terms.vocabulary import Place
from troth.web.app import application
from troth.web.hall import hall_of


@pytest.fixture
def portal(portal):
    """A portal whose settings offer Arabic and English, Arabic first."""
    settings = Settings(Place("SG"), server=Server(languages=("ar", "en")))
    hall = hall_of(portal.house.teller, settings, portal.hall.courier, origin=ORIGIN)
    other = Portal(portal.house, hall, application(hall), portal.office, portal._runner)
    yield other
    other.close()


def language(page):
    return page.tree.of("html")[0].get("lang")


@pytest.mark.parametrize("path", ["/agreement", "/sign-in"])
@pytest.mark.parametrize(
    ("asked", "given"), [("en", "en"), ("ja", "ar"), ("ja, en;q=0.1", "en"), ("*", "ar"), ("fr", "ar")]
)
def test_a_page_is_in_an_offered_language(portal, path, asked, given):
    assert language(portal.visitor().get(path, accept_language=asked)) == given


def test_another_language_can_neither_be_chosen_nor_asked_for(portal):
    browser = portal.visitor()
    first = browser.get("/sign-in")

    assert [b.get("value") for b in first.tree.of("button") if b.get("name") == "language"] == ["ar", "en"]
    assert language(browser.get("/agreement?language=ja")) == "ar"
    browser.send(first.form("/look"), language="ja")
    assert language(browser.get("/sign-in")) == "ar"
    browser.send(first.form("/look"), language="en")
    assert language(browser.get("/sign-in", accept_language="ja")) == "en"
