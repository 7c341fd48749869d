"""How pages look is chosen in any tab of a browser, kept there alone, and by nobody else's page."""

import pytest

from tests.web.browsing import ORIGIN
from troth.web.portal import pages
from troth.web.public import pages as public

LOOK = "__Host-troth-look"


def moments(page):
    """The times on a page: each ends with UTC, in brackets where another zone stands before it."""
    return [each.text for each in page.tree.of("time") if "UTC" in each.text]


def test_in_a_tab_whose_session_is_over_the_colours_and_the_language_are_chosen_all_the_same(portal):
    mia, elsewhere = portal.register(), portal.visitor()
    page = mia.get("/home")
    elsewhere.sign_in("mia@example.org")
    elsewhere.send(elsewhere.get("/security").form("/security/sessions/end-others"))

    chosen = mia.send(page.form("/look", theme="dark"), theme="dark")

    assert (chosen.status, chosen.path) == (200, "/sign-in")
    assert chosen.tree.of("html")[0].get("data-theme") == "dark"
    assert mia.send(page.form("/look", language="ja"), language="ja").tree.of("html")[0]["lang"] == "ja"


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://elsewhere.example", "sec-fetch-site": "cross-site"},
        {"origin": "https://elsewhere.example", "sec-fetch-site": "same-origin"},
        {"origin": "null", "sec-fetch-site": "cross-site"},
        {"origin": ORIGIN, "sec-fetch-site": "same-site"},
    ],
)
def test_no_other_site_chooses_how_pages_look(portal, headers):
    mia = portal.register()

    assert mia.post("/look", {"theme": "dark"}, **headers).status == 403
    assert LOOK not in mia.cookies


def test_choosing_a_look_recognises_nobody_and_changes_nothing_else(portal):
    mia = portal.register()
    before = dict(mia.cookies)

    mia.post("/look", {"theme": "dark", "language": "xx", "zone": "Moon/Base", "back": "//elsewhere.example"})

    assert mia.cookies == {**before, LOOK: "|dark|"}


def test_every_other_form_needs_a_mark(portal):
    mia = portal.register()
    paths = {route.path for route in (*pages.routes(), *public.routes()) if "POST" in (route.methods or ())}
    bare = {path for path in paths if "{" not in path} - {"/usage"}

    taken = {path for path in bare if mia.post(path, {"theme": "dark"}, follow=False).status != 403}

    assert taken == {"/look"}


def test_times_are_in_the_zone_that_was_chosen_on_each_page_with_utc_beside_it(portal):
    mia = portal.register()
    portal.visitor().sign_in("mia@example.org")
    (before,) = moments(mia.get("/messages"))
    assert before.endswith(" UTC")

    page = mia.get(mia.get("/messages").links("/look")[0])
    done = mia.send(page.form("/look", back="/messages", zone="UTC"), zone="Asia/Tokyo")

    assert done.path == "/messages"
    (after,) = moments(done)
    assert after.endswith(before[-len("00:00 UTC") :] + ")")
    again = mia.get("/look")
    assert again.tree.of("option")[0].get("value") == "Asia/Tokyo"


def test_zones_are_named_in_the_language_of_the_reader_and_each_stands_once(portal):
    visitor = portal.visitor()

    names = {}
    for language in ("en", "ar", "ja"):
        options = visitor.get("/look", accept_language=language).tree.of("option")
        values = [each.get("value") for each in options]
        assert len(values) == len(set(values)) > 400
        assert values[0] == "UTC"
        names[language] = dict(zip(values, (each.text for each in options), strict=True))["Asia/Tokyo"]

    assert names == {"en": "Japan, Tokyo", "ar": "اليابان، طوكيو", "ja": "日本、東京"}


def test_another_name_of_a_zone_is_shown_as_the_one_it_is(portal):
    visitor = portal.visitor()
    visitor.post("/look", {"zone": "Asia/Calcutta"})

    assert visitor.get("/look").tree.of("option")[0].text == "India, Kolkata"


def test_a_page_for_everybody_leads_to_the_zone_and_sets_no_cookie(portal):
    visitor = portal.visitor()
    page = visitor.get("/agreement")

    assert page.links("/look") == ["/look?back=/agreement"]
    assert visitor.cookies == {}
