"""Links that sign somebody in: closed outside of a demonstration, and each of them counts once."""

from urllib.parse import urlsplit

import pytest

from troth.clock import DAY
from troth.web.portal.links import link_for


@pytest.fixture
def link(portal):
    """The path of a link for a member."""
    mia = portal.register()
    return urlsplit(link_for(portal.hall, mia.subject, "Mia")).path


def test_outside_of_a_demonstration_no_link_is_anything(portal, link):
    browser = portal.visitor()
    mark = browser.get("/sign-in").form("/sign-in").fields["csrf"]

    assert browser.get(link).status == 404
    assert browser.post(link, {"csrf": mark}).status == 404
    assert browser.get("/home").path == "/sign-in"


def test_a_link_signs_in_once_and_not_by_being_opened(portal, link):
    portal.hall.links = True
    browser, other = portal.visitor(), portal.visitor()

    late = other.get(link)
    assert browser.get("/home").path == "/sign-in"
    assert browser.send(browser.get(link).form(link)).path == "/home"

    assert other.send(late.form(link)).status == 409
    assert other.get("/home").path == "/sign-in"


def test_a_link_that_is_altered_or_older_than_a_day_signs_nobody_in(portal, link):
    portal.hall.links = True

    assert portal.visitor().get(f"{link[:-1]}{'A' if link[-1] != 'A' else 'B'}").status == 422
    portal.clock.forward(DAY)
    assert portal.visitor().get(link).status == 409
