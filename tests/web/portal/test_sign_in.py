"""Signing in and out: a browser that was signed in stays known, so that nobody shuts its member out."""

import json
from html import unescape

import pytest

from tests.houses import MEMBER_TEXT
from tests.web.browsing import ORIGIN
from tests.web.credentials.authenticator import Authenticator
from tests.web.portal.test_security import add_passkey
from troth.acts.membership import proving
from troth.gates.courier import Courier
from troth.rules.decision import program
from troth.web.pages import MEMBER_COOKIE
from troth.web.probes.stage import Pocket

DEVICE = "__Host-troth-device"
MIA = "mia@example.org"


def code_asked(browser, name=MIA):
    """The page that asks for the code of a letter."""
    ways = browser.send(browser.get("/sign-in").form("/sign-in"), identifier=name)
    return browser.send(ways.form("/sign-in/code"))


def fails(portal, name=MIA):
    """Let somebody of the same network fail until the account pauses for them."""
    stranger = portal.visitor()
    form = code_asked(stranger, name).form("/sign-in/code/check")
    assert [stranger.send(form, code="00000000").status for _ in range(11)] == [422] * 10 + [429]
    portal._read = len(portal.office.letters)


def sign_in_by_passkey(browser, device):
    form = browser.get("/sign-in").form("/sign-in/passkey")
    options = json.loads(unescape(form.element.get("data-passkey-options")))
    return browser.send(form, credential=device.get(options, origin=ORIGIN))


def test_signing_out_takes_the_session_away_and_no_cookie_of_anybody_else(portal):
    mia = portal.register(MIA)

    page = mia.send(mia.get("/home").form("/sign-out"))

    assert page.headers["clear-site-data"] == '"cache", "storage"'
    assert MEMBER_COOKIE not in mia.cookies
    assert DEVICE in mia.cookies


def test_whoever_leaves_takes_every_cookie_of_ours_along(portal):
    mia = portal.register(MIA)
    mia.cookies["__Host-troth-look"] = "en|dark|UTC"

    page = mia.send(mia.get("/leave/erase").form("/leave/erase"))

    assert page.headers["clear-site-data"] == '"cache", "storage"'
    assert mia.cookies == {}


def test_a_browser_that_came_by_passkey_is_not_paused_by_what_others_fail(portal):
    device = Authenticator()
    add_passkey(portal.register(MIA), device)
    phone = portal.visitor()
    assert sign_in_by_passkey(phone, device).status == 200
    assert DEVICE in phone.cookies
    phone.send(phone.get("/home").form("/sign-out"))
    portal.wait()
    fails(portal)

    assert phone.sign_in(MIA).get("/home").path == "/home"


@pytest.mark.parametrize("name", [MIA, "nobody@example.org"])
def test_nobody_is_sent_more_codes_than_they_can_want_and_no_answer_tells(portal, name):
    portal.register(MIA)
    portal.wait()
    portal.office.letters.clear()
    visitor = portal.visitor()

    pages = [code_asked(visitor, name) for _ in range(8)]

    assert {page.status for page in pages} == {200}
    assert len({page.words for page in pages}) == 1
    assert "only a few are sent to one recipient" in pages[0].words
    portal.hall.courier.close(within=2.0)
    assert len(portal.office.letters) == 5


def test_what_strangers_ask_for_keeps_no_code_from_a_member_or_their_browser(portal):
    mia = portal.register(MIA)
    portal.wait()
    stranger = portal.visitor()
    for _ in range(8):
        code_asked(stranger)
    for _ in range(5):
        portal.letter(MIA)
    assert mia.confirm("/data").path == "/data"
    mia.send(mia.get("/home").form("/sign-out"))
    assert mia.sign_in(MIA).get("/home").path == "/home"


def test_after_a_while_codes_go_out_again(portal):
    portal.register(MIA)
    portal.wait()
    stranger = portal.visitor()
    for _ in range(6):
        code_asked(stranger)
    for _ in range(5):
        portal.letter(MIA)

    portal.wait()

    assert portal.visitor().sign_in(MIA).get("/home").path == "/home"


def test_one_place_has_a_tenth_of_the_texts_of_an_hour_and_is_told_that_they_are_used_up(new_portal):
    portal = new_portal()
    sent = []

    class Gate:
        def hand_out(self, message, /):
            sent.append(message)

    courier = type(portal.hall.courier)({"sms": Gate()}, clock=portal.clock)
    portal.hall.courier, mail = courier, portal.hall.courier
    visitor = portal.visitor()
    form = visitor.get("/register").form("/register")
    pages = [visitor.send(form, identifier=f"+4479460{n:05d}", accept="yes") for n in range(30)]
    courier.close(within=2.0)
    portal.hall.courier = mail

    assert [page.status for page in pages] == [200] * 20 + [pages[-1].status] * 10
    assert pages[-1].status >= 500
    assert len(sent) == 20


NOOR = "noor@example.org"


def test_an_address_that_a_program_brought_along_lets_its_owner_in_by_a_code(portal):
    portal.house.collect(
        about="member-of-old",
        category="account",
        when="registration",
        values={"email": NOOR},
        by=program("portal"),
    )

    noor = portal.visitor().sign_in(NOOR)

    assert noor.get("/home").path == "/home"
    assert "yes, by a code" in noor.get("/identifiers").words


@pytest.mark.parametrize("by", ["session", "passkey", "phone"])
def test_an_address_put_into_an_account_in_which_somebody_is_brings_its_owner_not_there(portal, by):
    mallory = portal.register("mallory@example.org")
    subject = mallory.subject
    if by == "passkey":
        add_passkey(mallory, Authenticator())
    if by == "phone":
        portal.house.correct(about=subject, category="account", values={"phone": "+442079460001"})
        portal.house.teller.ask(proving(by=program("portal"), about=subject, field="account.phone"))
    if by != "session":
        mallory.send(mallory.get("/home").form("/sign-out"))
    portal.house.correct(about=subject, category="account", values={"email": NOOR})
    portal.wait()

    noor = portal.visitor()
    page = noor.send(code_asked(noor, NOOR).form("/sign-in/code/check"), code=portal.code(NOOR))

    assert page.status == 409
    assert "nobody proved there that it is theirs" in page.words
    assert MEMBER_COOKIE not in noor.cookies


def test_what_was_never_proven_is_no_way_in_that_would_be_left(portal):
    mia = portal.register(MIA)
    add_passkey(mia, Authenticator())
    portal.house.correct(about=mia.subject, category="account", values={"email": NOOR})

    page = mia.get("/security")
    (action,) = {form.action for form in page.forms if form.action.endswith("/remove")}
    page = mia.send(page.form(action))

    assert "the only thing" in page.words


def asked_for(page):
    """What the first field asks for."""
    return page.tree.of("label")[0].text


def test_nobody_is_asked_for_what_nothing_reaches_and_what_was_typed_stays(portal):
    visitor = portal.visitor()
    first = visitor.get("/register")
    assert asked_for(first) == asked_for(visitor.get("/sign-in")) == "E-mail address or user name"
    assert "such as +44" not in first.words
    assert "user name we put four digits" in first.words

    page = visitor.send(first.form("/register"), identifier="+44 20 7946 0958", accept="yes")

    assert (page.status, page.form("/register").fields["identifier"]) == (422, "+44 20 7946 0958")
    assert "No code can be sent to this from here." in page.words


def test_where_texts_go_out_a_phone_number_is_asked_for(portal):
    portal.hall.courier = Courier({"mail": Pocket(), "sms": Pocket()}, clock=portal.clock)
    visitor = portal.visitor()

    first = visitor.get("/register")

    assert asked_for(first) == "E-mail address, phone number or user name"
    assert "such as +44" in first.words
    page = visitor.send(first.form("/register"), identifier="+44 20 7946 0958", accept="yes")
    portal.hall.courier.close(within=2.0)
    assert page.path == "/register/code"


def test_where_nobody_signs_in_by_password_a_number_that_no_text_reaches_is_told_at_once(new_portal):
    portal = new_portal(text=MEMBER_TEXT.replace("methods: [passkey, code, password]", "methods: [code]"))
    visitor = portal.visitor()

    page = visitor.send(visitor.get("/sign-in").form("/sign-in"), identifier="+44 20 7946 0958")

    assert (page.status, page.form("/sign-in").fields["identifier"]) == (422, "+44 20 7946 0958")
    assert "No code can be sent to this from here." in page.words
