"""A step on the way in serves for itself: what it was not made for it does not open, and no later."""

import pytest

from tests.inside import count_of
from tests.web.credentials.authenticator import Authenticator
from tests.web.portal.test_security import (
    PASSWORD,
    add_passkey,
    code_for,
    kinds,
    name_only,
    secret_of,
    set_password,
)
from troth.acts.membership import leaving
from troth.clock import SECOND
from troth.errors import FlowOver
from troth.rules.decision import member, program
from troth.store import schema
from troth.web.credentials.flows import Spent
from troth.web.pages import MEMBER_COOKIE

MIA, NOOR = "mia@example.org", "noor@example.org"
MINUTE = 60 * SECOND


def signing_in(browser, name):
    """The page that offers the ways in."""
    return browser.send(browser.get("/sign-in").form("/sign-in"), identifier=name)


def asked(portal, name=MIA):
    """A visitor who registers, and the page that asks for the code of a letter."""
    visitor = portal.visitor()
    form = visitor.get("/register").form("/register")
    return visitor, visitor.send(form, identifier=name, accept="yes")


# ---- registering


@pytest.mark.parametrize("known", [True, False])
def test_nobody_registers_by_a_password_under_an_address_that_a_code_proves(portal, known):
    if known:
        portal.register(NOOR)
    before = count_of(portal.house, schema.subjects)
    visitor, page = asked(portal, NOOR)
    flow = page.form("/register/code").fields["flow"]

    shown = visitor.get(f"/register/secure?flow={flow}")
    form = name_form(visitor)
    sent = visitor.send(form, flow=flow, password=PASSWORD, code="000000")

    assert (shown.status, sent.status) == (422, 422)
    assert shown.title == sent.title
    assert count_of(portal.house, schema.subjects) == before


def name_form(visitor):
    """The form on which somebody with a user name chooses a password."""
    form = visitor.get("/register").form("/register")
    return visitor.send(form, identifier="mia-moon", accept="yes").form("/register/secure")


def test_a_flow_of_a_password_proves_no_code(portal):
    visitor, page = asked(portal)
    flow = name_form(visitor).fields["flow"]

    assert visitor.send(page.form("/register/code"), flow=flow, code="00000000").status == 422
    assert visitor.get(f"/register/code?flow={flow}").status == 422


def test_a_name_is_the_one_that_was_shown_before_anything_was_sent(portal):
    visitor = portal.visitor()
    form = visitor.get("/register").form("/register")
    page = visitor.send(form, identifier="mia-moon", accept="yes")
    named = next(word for word in page.words.split() if word.startswith("mia-moon-")).rstrip(".")

    done = visitor.send(
        page.form("/register/secure"), password=PASSWORD, code=code_for(portal, secret_of(page))
    )

    assert named in done.words


def test_whoever_lost_the_answer_to_securing_an_account_is_led_to_signing_in_to_it(portal):
    visitor = portal.visitor()
    form = visitor.get("/register").form("/register")
    page = visitor.send(form, identifier="mia-moon", accept="yes")
    typed = {"password": PASSWORD, "code": code_for(portal, secret_of(page))}
    visitor.send(page.form("/register/secure"), **typed)
    visitor.cookies.pop(MEMBER_COOKIE)

    again = visitor.send(page.form("/register/secure"), **typed)

    assert (again.status, again.title) == (409, "Sign in")
    assert "This account is made already" in again.words
    assert again.form("/sign-in").fields["identifier"].startswith("mia-moon-")
    assert count_of(portal.house, schema.subjects) == 1


def test_the_secret_of_an_account_that_was_made_is_not_shown_again(portal):
    visitor = portal.visitor()
    form = visitor.get("/register").form("/register")
    page = visitor.send(form, identifier="mia-moon", accept="yes")
    secret = secret_of(page)
    address = f"/register/secure?flow={page.form('/register/secure').fields['flow']}"
    assert secret in visitor.get(address).text
    visitor.send(page.form("/register/secure"), password=PASSWORD, code=code_for(portal, secret))

    again = visitor.get(address)

    assert again.status == 409
    assert secret not in again.text


def test_a_flow_of_before_the_start_is_known_to_be_over():
    from troth.web.credentials.flows import Flow

    flow = Flow(b"0" * 16, "any", 5, 50, {})
    with pytest.raises(FlowOver):
        Spent(since=10).check(flow, at=20)


# ---- signing in


def first_factor(portal):
    """A member with a password and an application, a stranger who typed the password in, and their page."""
    mia = portal.register(MIA)
    set_password(mia)
    page = mia.get("/security/application")
    secret = secret_of(page)
    mia.send(page.form("/security/application"), code=code_for(portal, secret))
    stranger = portal.visitor()
    ways = signing_in(stranger, MIA)
    second = stranger.send(ways.form("/sign-in/password"), password=PASSWORD)
    assert second.title == "Your second factor"
    portal.clock.forward(MINUTE)  # so that the code is a new one
    return mia, stranger, second, secret


def test_a_first_factor_is_not_carried_on_by_asking_for_codes(portal):
    _, stranger, second, _ = first_factor(portal)
    flow = second.form("/sign-in/second").fields["flow"]
    ways = signing_in(stranger, MIA)

    assert stranger.send(ways.form("/sign-in/code"), flow=flow).status == 422


def test_a_first_factor_counts_for_ten_minutes(portal):
    _, stranger, second, secret = first_factor(portal)
    portal.clock.forward(9 * MINUTE + 30 * SECOND)

    page = stranger.send(second.form("/sign-in/second"), code=code_for(portal, secret))

    assert page.status == 409
    assert MEMBER_COOKIE not in stranger.cookies


def test_a_password_that_was_changed_meanwhile_counts_no_more(portal):
    mia, stranger, second, secret = first_factor(portal)
    set_password(mia, "another long pass phrase of hers")

    page = stranger.send(second.form("/sign-in/second"), code=code_for(portal, secret))

    assert page.status == 422
    assert MEMBER_COOKIE not in stranger.cookies


def test_a_first_factor_and_a_second_one_let_in(portal):
    _, stranger, second, secret = first_factor(portal)

    page = stranger.send(second.form("/sign-in/second"), code=code_for(portal, secret))

    assert page.path == "/home"


# ---- one account for two


def test_whoever_comes_back_has_proven_nothing_of_the_address_they_come_back_with(portal):
    mallory = portal.register("mallory@example.org")
    subject = mallory.subject
    portal.house.teller.ask(leaving(by=member("portal", "step_up"), about=subject))
    portal.house.collect(
        about=subject,
        category="account",
        when="registration",
        values={"email": NOOR},
        by=program("portal"),
    )
    for browser, name in ((portal.visitor(), NOOR), (portal.visitor(), "mallory@example.org")):
        code = browser.send(signing_in(browser, name).form("/sign-in/code")).form("/sign-in/code/check")
        browser.send(code, code=portal.code(name))

    held = {each.subject for each in portal.hall.sign_ins._known.values()}
    assert MEMBER_COOKIE not in browser.cookies
    assert len(held) <= 1


# ---- the last way in


def test_two_ways_in_that_are_removed_at_once_are_not_the_last_two(portal):
    mia = name_only(portal)
    add_passkey(mia, Authenticator())
    page = mia.get("/security")
    forms = [page.form(f"/security/{each}/remove") for each in ("password", "application", "passkeys")]

    portal.at_once(*((mia, form, {}) for form in forms))

    left = set(kinds(portal, mia))
    assert "passkey" in left or {"password", "totp"} <= left
