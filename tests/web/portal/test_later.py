"""Erase later: the code comes first, nobody signs in meanwhile, and only name and code bring it back."""

import re

import pytest

from tests import cast
from tests.custody.systems.test_duties import Standin, with_systems
from tests.inside import ledger_of, rows_of
from tests.web.markup import faults
from troth.clock import DAY
from troth.errors import InGrace
from troth.store import schema

CODE = re.compile(r"\b(?:[0-9A-HJKMNP-TV-Z]{5}-){7}[0-9A-HJKMNP-TV-Z]{5}\b")


def asked(member, days="14"):
    return member.send(member.get("/leave").form("/leave/later"), days=days)


def sealed(member, days="14"):
    page = asked(member, days)
    code = CODE.search(page.words).group()
    return code, member.send(page.form("/leave/later/begin"), kept=code[-5:])


def back(visitor, name, code):
    return visitor.send(visitor.get("/come-back").form("/come-back"), name=name, code=code)


# ---- refused


def test_whoever_may_be_somebody_else_is_offered_nothing_and_seals_nothing(portal):
    mia = portal.register()
    sure = mia.get("/leave")
    portal.wait()

    assert not [form for form in mia.get("/leave").forms if form.action == "/leave/later"]
    assert mia.send(sure.form("/leave/later")).path == "/confirm"
    assert rows_of(portal.house, schema.graces) == []


@pytest.mark.parametrize("days", ["0", "31", "", "1.5", "many", "٣", "999999"])
def test_other_days_than_one_to_thirty_lead_nowhere(portal, days):
    mia = portal.register()

    page = asked(mia, days)

    assert page.status == 422
    assert not [form for form in page.forms if form.action == "/leave/later/begin"]
    assert faults(page.tree) == []


def test_where_other_systems_are_declared_it_says_that_they_are_told_after_the_days(portal):
    mia = portal.register()
    assert "Other systems" not in asked(mia).words

    with_systems(portal.house, Standin())
    assert "They are told after the last day. Until then they have what they have." in asked(mia).words


def test_who_does_not_show_that_they_have_the_code_keeps_everything_and_the_same_code(portal):
    mia = portal.register()
    page = asked(mia)
    code = CODE.search(page.words).group()

    again = mia.send(page.form("/leave/later/begin"), kept="00000" if code[-5:] != "00000" else "11111")

    assert again.status == 422
    assert code in again.words
    assert faults(again.tree) == []
    assert rows_of(portal.house, schema.graces) == []
    assert mia.get("/home").path == "/home"


# ---- done


def test_the_code_is_shown_before_anything_is_done_and_the_house_never_has_it(portal):
    mia = portal.register()

    page = asked(mia, "3")

    assert CODE.search(page.words)
    assert "Nothing is done yet" in page.words
    assert faults(page.tree) == []
    assert "no-store" in page.headers["cache-control"]
    assert rows_of(portal.house, schema.graces) == []
    assert mia.get("/home").path == "/home"


def test_sealed_away_nobody_is_signed_in_and_nobody_can_sign_in(portal):
    mia = portal.register()
    other = portal.visitor().sign_in("mia@example.org")
    subject = mia.subject

    code, page = sealed(mia)

    assert page.title == "Sealed away"
    assert code in page.words
    assert faults(page.tree) == []
    assert "__Host-troth-member" not in mia.cookies
    for browser in (mia, other):
        assert browser.get("/home").path == "/sign-in"
    with pytest.raises(InGrace):
        portal.house.access(about=subject, category="account")
    assert {each.kind for each in ledger_of(portal.house)} >= {"grace.begun", "grace.sealed"}
    visitor = portal.visitor()
    known = visitor.send(visitor.get("/sign-in").form("/sign-in"), identifier="mia@example.org")
    stranger = portal.visitor()
    unknown = stranger.send(stranger.get("/sign-in").form("/sign-in"), identifier="nobody@example.org")
    assert (known.status, known.path, known.title) == (unknown.status, unknown.path, unknown.title)


def test_name_and_code_bring_it_back_and_one_signs_in_as_before(portal):
    mia = portal.register()
    subject = mia.subject
    code, _ = sealed(mia)

    page = back(portal.visitor(), "mia@example.org", code.lower())

    assert page.title == "Your account is back"
    assert faults(page.tree) == []
    assert portal.visitor().sign_in("mia@example.org").subject == subject
    assert ledger_of(portal.house)


def test_where_a_law_keeps_something_the_rest_is_sealed_and_comes_back(portal):
    mia = portal.register()
    for category, when, values, by in cast.EVERYTHING:
        if category == "identity":
            portal.house.collect(
                about=mia.subject, category=category, when=when, values=values, by=by, age=36
            )
    subject = mia.subject
    code, page = sealed(mia)
    assert "clause 8.2" in page.words
    visitor = portal.visitor()
    known = visitor.send(visitor.get("/sign-in").form("/sign-in"), identifier="mia@example.org")
    stranger = portal.visitor()
    unknown = stranger.send(stranger.get("/sign-in").form("/sign-in"), identifier="nobody@example.org")
    assert (known.status, known.path, known.title) == (unknown.status, unknown.path, unknown.title)

    assert back(portal.visitor(), "mia@example.org", code).title == "Your account is back"

    assert portal.visitor().sign_in("mia@example.org").subject == subject


def test_after_the_last_day_it_is_erased_and_the_name_is_free(portal):
    mia = portal.register()
    subject = mia.subject
    code, _ = sealed(mia, "1")
    portal.clock.forward(DAY)
    portal.house.sweep()

    assert back(portal.visitor(), "mia@example.org", code).status == 422
    assert portal.register("mia@example.org").subject != subject
