"""Asking for a right, step by step: what is shown before it is sent, and what comes of it."""

import pytest

from tests.cast import AGENT
from tests.web.markup import faults


def ask(member, right, over=""):
    return member.get(f"/requests/new/{right}/check" + (f"?over={over}" if over else ""))


def test_every_step_has_an_address_and_offers_what_the_agreement_does(portal):
    mia = portal.register()

    first = mia.get("/requests/new")
    second = mia.get("/requests/new?right=restrict")
    third = mia.get("/requests/new/restrict/check?over=device")

    assert [page.status for page in (first, second, third)] == [200, 200, 200]
    assert [faults(page.tree) for page in (first, second, third)] == [[], [], []]
    assert "Keep my data without using it" in first.words
    assert second.path == "/requests/new/restrict"
    assert third.form("/requests/new/restrict")
    assert mia.get("/requests/new?right=").status == 422
    assert mia.get("/requests/new/restrict/check?over=nothing").path == "/requests/new/restrict"
    assert mia.get("/requests/new/everything").status == 404


def test_what_is_asked_for_is_carried_out_and_followed(portal):
    mia = portal.register()

    page = mia.send(ask(mia, "restrict", "device").form("/requests/new/restrict"))

    assert page.path.startswith("/requests/RE-")
    assert faults(page.tree) == []
    assert "Carried out" in page.words
    assert portal.house.demands(about=mia.subject)[0][0].state == "done"
    listed = mia.get("/requests")
    assert faults(listed.tree) == []
    assert listed.links(page.path)


@pytest.mark.parametrize("right", ["erase", "port", "leave"])
def test_whoever_may_be_somebody_else_confirms_first(portal, right):
    mia = portal.register()
    portal.wait()

    page = ask(mia, right, "*" if right == "erase" else "")

    assert "Confirm that it is you" in page.words
    assert not [form for form in page.forms if form.action.startswith("/requests")]


def test_an_erasure_is_shown_before_it_is_sent_and_followed_when_nobody_is_signed_in(portal):
    mia = portal.register()
    page = ask(mia, "erase", "*")
    assert faults(page.tree) == []
    assert page.links("/copy")
    assert "Erased now" in page.words

    after = mia.send(page.form("/requests/new/erase"))

    assert after.path.startswith("/requests/track/")
    assert "Carried out" in after.words
    assert mia.get("/home").path == "/sign-in"


def test_a_correction_that_is_reviewed_carries_what_is_right(portal):
    mia = portal.register()
    page = mia.get("/requests/new/correct")
    assert faults(page.tree) == []
    option = next(e for e in page.tree.of("input") if e.get("name") == "over")
    page = ask(mia, "correct", option.get("value"))
    assert faults(page.tree) == []
    assert mia.send(page.form("/requests/new/correct")).status == 422


def test_a_complaint_says_what_it_is_about_and_is_looked_into(portal):
    mia = portal.register()
    page = ask(mia, "complain")
    assert mia.send(page.form("/requests/new/complain")).status == 422

    after = mia.send(page.form("/requests/new/complain"), text="You called me twice.")

    assert after.path.startswith("/requests/CO-")
    assert "called me" not in after.text
    assert "Answer by" in after.words or "We have it" in after.words


def test_the_same_form_sent_twice_files_one_demand(portal):
    mia = portal.register()
    form = ask(mia, "complain").form("/requests/new/complain")

    first = mia.send(form, text="You called me twice.")
    second = mia.send(form, text="You called me twice.")

    assert first.path == second.path
    assert len(portal.house.demands(about=mia.subject)) == 1


def test_a_demand_that_is_open_already_files_no_second_one(portal):
    mia = portal.register()
    portal.house.demand(about=mia.subject, right="leave", by=AGENT)

    again = mia.send(ask(mia, "leave").form("/requests/new/leave"))

    assert again.status == 409
    assert len(portal.house.demands(about=mia.subject)) == 1
