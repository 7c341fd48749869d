"""Home shows what is held, who looked, what goes next and what is open; to its member alone."""

from tests.web.markup import faults


def test_nobody_who_is_not_signed_in_sees_it(portal):
    page = portal.visitor().get("/home", follow=False)
    assert page.status == 303
    assert page.headers["location"] == "/sign-in?back=/home"


def test_a_new_member_sees_what_is_held_of_them(portal):
    page = portal.register("mia@example.org").get("/home")
    assert page.status == 200, page.text
    assert "Account data" in page.words
    assert "mia@example.org" not in page.text
    assert faults(page.tree) == []
