"""My data: everything that is held, masked until its person confirms; theirs alone."""

import pytest

from tests import cast
from tests.web.markup import faults


def everything(portal, member) -> None:
    for purpose in cast.CONSENTS:
        portal.house.consent(about=member.subject, purpose=purpose)
    for category, when, values, by in cast.EVERYTHING:
        if category != "account":
            portal.house.collect(
                about=member.subject, category=category, when=when, values=values, by=by, age=36
            )


def test_values_are_not_shown_before_their_person_confirmed(portal):
    member = portal.register("mia@example.org")
    portal.wait()
    page = member.get("/data/account")
    assert page.status == 200, page.text
    assert "m***@e***.org" in page.words
    asked = member.send(page.form("/data/account"))
    assert asked.path == "/confirm"
    assert "mia@example.org" not in page.text


def test_a_kind_that_no_clause_names_is_refused(portal):
    page = portal.register("mia@example.org").get("/data/secrets")
    assert page.status == 403
    assert "The agreement does not name “secrets”." in page.words


def test_a_picture_is_not_given_before_its_person_confirmed(portal):
    member = portal.register("mia@example.org")
    everything(portal, member)
    record = portal.house.access(about=member.subject, category="camera.profile").records[0].id.hex()
    portal.wait()
    page = member.get(f"/data/camera.profile/{record}/file/picture", follow=False)
    assert page.status == 303
    assert page.headers["location"].startswith("/confirm?back=/data/camera.profile/")


def test_a_picture_of_somebody_else_is_not_there(portal):
    member, other = portal.register("mia@example.org"), portal.register("noor@example.org")
    everything(portal, member)
    everything(portal, other)
    record = portal.house.access(about=member.subject, category="camera.profile").records[0].id.hex()
    other.confirm()
    assert other.get(f"/data/camera.profile/{record}/file/picture").status == 404


def test_everything_that_is_held_is_listed_by_kind(portal):
    member = portal.register("mia@example.org")
    everything(portal, member)
    page = member.get("/data")
    assert faults(page.tree) == []
    assert {"/data/account", "/data/identity", "/data/payment.national"} <= set(page.links("/data/"))
    assert "what verifies it" not in page.words


@pytest.mark.parametrize("category", [row[0] for row in cast.EVERYTHING])
def test_every_kind_is_shown_masked_and_then_clear(portal, category):
    member = portal.register("mia@example.org")
    everything(portal, member)
    masked = member.get(f"/data/{category}")
    assert faults(masked.tree) == []
    member.confirm()
    shown = member.send(masked.form(f"/data/{category}"))
    assert shown.status == 200, shown.text
    assert faults(shown.tree) == []
    assert shown.words != masked.words


def test_days_and_moments_are_shown_as_they_are_read_in_the_language_of_the_page(portal):
    member = portal.register("mia@example.org")
    everything(portal, member)
    member.confirm()
    page = member.send(member.get("/data/identity").form("/data/identity"))
    assert "23 April 1991" in page.words
    assert "1991-04-23" not in page.words


def test_a_picture_is_shown_to_its_person_and_kept_nowhere(portal):
    member = portal.register("mia@example.org")
    everything(portal, member)
    member.confirm()
    shown = member.send(member.get("/data/camera.profile").form("/data/camera.profile"))
    (picture,) = [each["src"] for each in shown.tree.of("img")]
    given = member.get(picture)
    assert given.headers["content-type"] == "image/jpeg"
    assert given.headers["cache-control"] == "no-store"
    assert given.body.startswith(b"\xff\xd8\xff")


def test_each_look_is_in_the_log(portal):
    member = portal.register("mia@example.org")
    member.get("/data/account")
    kinds = [entry.kind for _number, entry in portal.house.entries(about=member.subject)]
    assert kinds[-1] == "record.accessed"


# ---- many records


def many(portal, member, count=60):
    kind = next(row for row in cast.EVERYTHING if row[0] == "usage")
    for _ in range(count):
        portal.clock.forward(60_000_000)
        portal.house.collect(
            about=member.subject, category="usage", when=kind[1], values=kind[2], by=kind[3], age=36
        )


def test_the_values_of_a_further_page_are_shown_there_and_the_older_ones_stay_shown(portal):
    member = portal.register("mia@example.org")
    many(portal, member)
    masked = member.get("/data/usage?page=2")
    member.confirm()
    shown = member.send(masked.form("/data/usage"))
    assert len(shown.tree.of("article")) == 25
    assert "The values are shown." in shown.words
    assert shown.links("/data/usage?") == ["/data/usage?page=2"]  # to hide them
    older = member.send(shown.form("/data/usage", page="3"))
    assert "The values are shown." in older.words
    assert 0 < len(older.tree.of("article")) < 25
    assert not [form for form in older.forms if form.action == "/data/usage"]


def test_who_must_confirm_first_comes_back_to_the_page_they_were_on(portal):
    member = portal.register("mia@example.org")
    many(portal, member, 30)
    portal.wait()
    masked = member.get("/data/usage?page=2")
    asked = member.send(masked.form("/data/usage"), follow=False)
    assert asked.headers["location"] == "/confirm?back=/data/usage%3Fpage%3D2&sent=yes"
    page = member.get(asked.headers["location"])
    assert "Nothing was done yet. Confirm, and then do it again." in page.words


@pytest.mark.parametrize("said", ["", "&sent=", "&sent=<b>", "&sent=no", "&said=yes"])
def test_a_page_that_was_opened_by_its_address_says_nothing_of_a_form(portal, said):
    member = portal.register()
    assert "Nothing was done yet" not in member.get(f"/confirm?back=/data{said}").words
    portal.wait()
    assert "Nothing was done yet" not in member.get("/security/password").words


@pytest.mark.parametrize("page", ["99", "0", "x", "-1"])
def test_a_page_that_is_none_shows_what_is_held(portal, page):
    member = portal.register("mia@example.org")
    many(portal, member, 30)
    shown = member.get(f"/data/usage?page={page}")
    assert "Nothing of this kind is held" not in shown.words
    assert shown.tree.of("article")
