"""Which page an address belongs to: to come back to after a form, a detour, a reload or another language."""

import re
from urllib.parse import quote

import pytest

from troth.web.portal import pages

FORMS_ALONE = [
    ("/choices/consent", "/choices"),
    ("/leave/close", "/leave"),
    ("/copy/make", "/copy"),
    ("/security/sessions/end", "/security"),
    ("/confirm/code/check", "/confirm/code"),
]


def looking(page, **chosen):
    """The form by which language or theme is chosen on a page."""
    name, value = next(iter(chosen.items()))
    return next(
        form
        for form in page.forms
        if form.action == "/look"
        and any(b.get("name") == name and b.get("value") == value for b in form.element.of("button"))
    )


def current(page):
    return [each["href"] for each in page.tree.of("a") if each.get("aria-current") == "page"]


def in_arabic(visitor, page):
    """The same page once its language was chosen on it."""
    chosen = visitor.send(looking(page, language="ar"), language="ar")
    assert (chosen.status, chosen.path) == (200, page.path)
    assert 'lang="ar"' in chosen.text
    return chosen


def test_choosing_a_language_on_the_page_of_a_code_leaves_the_code_as_it_is(portal):
    visitor = portal.visitor()
    form = visitor.get("/register").form("/register")
    asked = in_arabic(visitor, visitor.send(form, identifier="mia@example.org", accept="yes"))
    wrong = visitor.send(asked.form("/register/code"), code="00000000")
    assert wrong.status == 422
    again = visitor.send(looking(wrong, language="ja"), language="ja")
    entered = visitor.send(again.form("/register/code"), code=portal.code("mia@example.org"))
    assert entered.path == "/security"


def test_choosing_a_language_while_an_account_is_secured_leaves_its_secret_as_it_is(portal):
    visitor = portal.visitor()
    form = visitor.get("/register").form("/register")
    asked = visitor.send(form, identifier="mia", accept="yes")
    (secret,) = re.findall(r"\b[A-Z2-7]{32}\b", asked.text)
    assert secret in in_arabic(visitor, asked).text


def test_choosing_a_language_leaves_every_step_of_signing_in_as_it_is(portal):
    member = portal.register()
    member.send(member.get("/home").form("/sign-out"))
    begun = member.send(member.get("/sign-in").form("/sign-in"), identifier=member.email)
    ways = in_arabic(member, begun)
    asked = in_arabic(member, member.send(ways.form("/sign-in/code")))
    entered = member.send(asked.form("/sign-in/code/check"), code=portal.code(member.email))
    assert entered.path == "/home"
    portal.wait()
    confirming = member.send(member.get("/confirm?back=/data").form("/confirm/code"))
    sure = member.send(
        in_arabic(member, confirming).form("/confirm/code/check"), code=portal.code(member.email)
    )
    assert sure.path == "/data"


def test_a_page_of_a_code_that_is_loaded_again_sends_no_other_code(portal):
    visitor = portal.visitor()
    form = visitor.get("/register").form("/register")
    asked = visitor.send(form, identifier="mia@example.org", accept="yes")
    portal.code("mia@example.org")
    before = len(portal.office.letters)
    for _ in range(3):
        assert in_arabic(visitor, asked).status == 200
    portal.hall.courier.close(within=2.0)
    assert len(portal.office.letters) == before


def test_choosing_a_theme_on_a_form_that_was_refused_leads_to_the_form(portal):
    visitor = portal.visitor()
    refused = visitor.send(visitor.get("/register").form("/register"), identifier="nobody")
    assert refused.status == 422
    assert visitor.send(looking(refused, theme="dark"), theme="dark").path == "/register"


def test_choosing_a_language_on_a_receipt_leads_to_the_page_of_the_choice_which_the_menu_marks(portal):
    member = portal.register()
    receipt = member.send(member.get("/choices").form("/choices/consent"), choice="given")
    assert current(receipt) == ["/choices"]
    assert member.send(looking(receipt, language="ja"), language="ja").path == "/choices"


def test_choosing_a_language_keeps_what_the_address_asks_for(portal):
    member = portal.register()
    form = looking(member.get("/seen?who=you&all=1"), language="ja")
    sent = member.send(form, language="ja", follow=False)
    assert sent.headers["location"] == "/seen?who=you&all=1"
    assert current(member.get("/seen?who=you"))[0] == "/seen"


def test_a_language_that_an_address_names_gives_way_to_the_one_that_is_chosen(portal):
    visitor = portal.visitor()
    form = looking(visitor.get("/register?language=ja"), language="ar")
    visitor.send(form, language="ar")
    assert 'lang="ar"' in visitor.get(form.fields["back"]).text


def test_links_to_other_languages_keep_what_the_address_asks_for_and_what_a_page_knows_of(portal):
    page = portal.visitor().get("/agreement?of=1&status=unproven&language=ar")
    assert "/agreement?status=unproven&language=ja" in page.links("/agreement?")


@pytest.mark.parametrize(("path", "page"), FORMS_ALONE)
def test_an_address_that_only_a_form_goes_to_leads_to_the_page_of_the_form(portal, path, page):
    member = portal.register()
    opened = member.get(path, follow=False)
    assert (opened.status, opened.headers["location"]) == (303, page)


@pytest.mark.parametrize(
    "path", ["/register/code", "/sign-in/code", "/sign-in/code/check", "/sign-in/second"]
)
def test_a_step_on_the_way_in_that_is_reloaded_begins_where_it_began(portal, path):
    assert portal.visitor().get(path).path in ("/register", "/sign-in")


def test_no_address_of_a_form_answers_a_browser_with_what_programs_read(portal):
    reads = {route.path for route in pages.routes() if "GET" in route.methods}
    forms_alone = sorted({route.path for route in pages.routes()} - reads)
    assert len(forms_alone) > 20
    visitor = portal.visitor()
    for path in forms_alone:
        opened = visitor.get(path.replace("{", "").replace("}", ""), follow=False)
        assert opened.status == 303, path
        assert opened.headers["location"].startswith("/"), path


def test_another_method_than_reading_is_refused_as_before(portal):
    assert portal.visitor().ask("PUT", "/choices").status == 405
    assert portal.fetch("GET", "/choices/consent").status_code == 405


def test_a_detour_through_signing_in_keeps_what_the_address_asks_for(portal):
    member = portal.register()
    visitor = portal.visitor()
    sent = visitor.get("/support/new?clause=2.6", follow=False)
    assert sent.headers["location"] == "/sign-in?back=/support/new%3Fclause%3D2.6"
    form = visitor.get(sent.headers["location"]).form("/sign-in")
    assert form.fields["back"] == "/support/new?clause=2.6"
    ways = visitor.send(form, identifier=member.email)
    asked = visitor.send(ways.form("/sign-in/code"))
    done = visitor.send(asked.form("/sign-in/code/check"), follow=False, code=portal.code(member.email))
    assert done.headers["location"] == "/support/new?clause=2.6"


def test_a_detour_through_confirming_keeps_what_the_address_asks_for(portal):
    member = portal.register()
    portal.wait()
    sent = member.get("/identifiers/email?from=here", follow=False)
    assert sent.headers["location"] == "/confirm?back=/identifiers/email%3Ffrom%3Dhere"


@pytest.mark.parametrize("back", ["//[", "//a]b", "http://[", "//\u2100", "/\\example.org", "//x.example"])
def test_an_address_to_come_back_to_that_is_none_of_ours_leads_home(portal, back):
    visitor = portal.visitor()
    page = visitor.get(f"/sign-in?back={quote(back)}")
    assert page.status == 200
    assert page.form("/sign-in").fields["back"] == "/home"
    assert visitor.send(page.form("/sign-in"), identifier="x", back=back).status in (200, 422)
