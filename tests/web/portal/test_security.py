"""Security: nobody adds or removes a way in without proving that it is them, and each change is told."""

import json
import sqlite3
from html import unescape
from pathlib import Path

import pyotp
import pytest

import troth
from tests.faults.cutting import Cut, count_statements
from tests.inside import count_of, ledger_of
from tests.web.browsing import ORIGIN
from tests.web.credentials.authenticator import Authenticator
from tests.web.markup import faults
from troth.clock import SECOND
from troth.store import schema

NEW = "green mountains sleep below clouds"
PASSWORD = "seven horses dance on blue ice"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
PHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Safari/604.1"
)


class Failing(Cut):
    """Let the n-th commit fail, before it is done."""

    def __init__(self, n):
        super().__init__(n, "before", lambda: None)
        self.failed, self.commits = False, 0

    def run(self, statement, execute):
        if statement.strip().startswith("COMMIT"):
            self.commits += 1
            if self.commits == self.at + 1:
                self.failed = True
                raise sqlite3.OperationalError("disk I/O error")
        return execute()


def from_(browser):
    """The headers of a browser that calls itself so."""
    return {"user-agent": browser}


def kinds(portal, member):
    """The kinds of credentials that somebody has."""
    held = portal.house.access(about=member.subject, category="signin.credentials")
    return sorted(str(record.values["kind"].reveal()) for record in held.records)


def fields(page, action):
    return page.form(action).fields


def set_password(member, password=PASSWORD):
    return member.send(member.get("/security/password").form("/security/password"), password=password)


def secret_of(page):
    return next(each.text for each in page.tree.of("code") if each.get("dir") == "ltr")


def code_for(portal, secret):
    return pyotp.TOTP(secret).at(portal.clock() // SECOND)


def add_application(portal, member):
    page = member.get("/security/application")
    return member.send(page.form("/security/application"), code=code_for(portal, secret_of(page)))


def add_passkey(member, device, label="My phone"):
    page = member.get("/security/passkeys")
    form = page.form("/security/passkeys")
    options = json.loads(unescape(form.element.get("data-passkey-options")))
    return member.send(form, label=label, credential=device.create(options, origin=ORIGIN))


def name_only(portal):
    """A member who has a user name alone, so that no code can be sent to them."""
    browser = portal.visitor()
    secured = browser.send(browser.get("/register").form("/register"), identifier="mia-moon", accept="yes")
    form = secured.form("/register/secure")
    done = browser.send(form, password=PASSWORD, code=code_for(portal, secret_of(secured)))
    assert done.title == "Keep these codes", done.words
    return browser


# ---- refused


@pytest.mark.parametrize("page", ["passkeys", "password", "application"])
def test_a_page_that_adds_a_way_in_asks_first_that_one_proves_who_one_is(portal, page):
    mia = portal.register()
    portal.wait()

    assert mia.get(f"/security/{page}").path == "/confirm"


def test_every_form_that_adds_a_way_in_is_refused_once_nobody_is_sure_any_more(portal):
    mia, device = portal.register(), Authenticator()
    add_application(portal, mia)
    passkey = mia.get("/security/passkeys").form("/security/passkeys")
    options = json.loads(unescape(passkey.element.get("data-passkey-options")))
    application = mia.get("/security/application")
    before = kinds(portal, mia)
    asked = {
        "/security/password": {
            **fields(mia.get("/security/password"), "/security/password"),
            "password": PASSWORD,
        },
        "/security/recovery": fields(mia.get("/security"), "/security/recovery"),
    }
    portal.wait()
    asked["/security/passkeys"] = {
        **fields(mia.get("/security"), "/security/sessions/end"),
        "flow": passkey.fields["flow"],
        "credential": device.create(options, origin=ORIGIN),
    }
    asked["/security/application"] = {
        **application.form("/security/application").fields,
        "code": code_for(portal, secret_of(application)),
    }

    for path in ("/security/password", "/security/recovery", "/security/application"):
        assert mia.post(path, asked[path]).path == "/confirm", path
    # A passkey's challenge is over before the ten minutes are: it is refused for that already.
    assert mia.post("/security/passkeys", asked["/security/passkeys"]).path in (
        "/security/passkeys",
        "/confirm",
    )
    assert kinds(portal, mia) == before
    refused = [each for each in ledger_of(portal.house) if each.kind == "request.refused"]
    assert {each.act for each in refused} == {"collect"}
    assert refused[-1].reasons == ("assurance-missing:step_up",)
    assert refused[-1].clauses == ("collect.credentials",)


def test_there_is_one_place_in_which_a_way_in_is_added():
    web = Path(troth.__file__).parent / "web"
    adding = {
        path.relative_to(web).as_posix()
        for path in web.rglob("*.py")
        if "offering(" in path.read_text("utf-8") and "rule.credentials" in path.read_text("utf-8")
    }

    assert adding == {"accounts/keeping.py"}


@pytest.mark.parametrize("what", ["password", "application"])
def test_a_way_in_is_not_removed_without_proving_who_one_is(portal, what):
    mia = portal.register()
    set_password(mia)
    add_application(portal, mia)
    before = kinds(portal, mia)
    portal.wait()

    page = mia.get("/security")
    assert mia.send(page.form(f"/security/{what}/remove")).path == "/confirm"
    assert kinds(portal, mia) == before


def test_nobody_ends_or_removes_what_is_another_members(portal):
    mia, leo = portal.register(), portal.register("leo@example.org")
    add_passkey(mia, Authenticator())
    session = fields(mia.get("/security"), "/security/sessions/end")["record"]
    passkey = fields(mia.get("/security"), "/security/passkeys/remove")["record"]
    csrf = {"csrf": fields(leo.get("/security"), "/security/sessions/end")["csrf"]}

    leo.post("/security/sessions/end", {**csrf, "record": session})
    leo.post("/security/passkeys/remove", {**csrf, "record": passkey})
    leo.post("/security/passkeys/name", {**csrf, "record": passkey, "label": "Leo"})

    assert mia.get("/home").path == "/home"
    assert "My phone" in mia.get("/security").words


def test_the_last_way_in_stays(portal):
    mia = name_only(portal)

    kept = mia.send(mia.get("/security").form("/security/password/remove"))
    assert kept.status == 409
    assert "the only thing" in kept.words
    assert kinds(portal, mia) == ["password", "recovery", "totp"]

    add_passkey(mia, Authenticator())
    assert mia.send(mia.get("/security").form("/security/password/remove")).status == 200
    assert kinds(portal, mia) == ["passkey", "recovery", "totp"]


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("short one", "too short"),
        ("passwordpassword", "Everybody uses"),
        ("mia@example.org!", "made of your name"),
    ],
)
def test_a_bad_password_is_not_taken_and_the_page_says_why(portal, password, why):
    mia = portal.register()

    page = set_password(mia, password)

    assert page.status == 422
    assert why in page.words
    assert password not in page.text
    assert kinds(portal, mia) == []
    assert faults(page.tree) == []


def test_a_code_that_the_application_does_not_show_adds_nothing(portal):
    mia = portal.register()

    page = mia.send(mia.get("/security/application").form("/security/application"), code="000000")

    assert page.status == 422
    assert kinds(portal, mia) == []


def test_a_passkey_of_another_site_is_not_taken(portal):
    mia, device = portal.register(), Authenticator()
    form = mia.get("/security/passkeys").form("/security/passkeys")
    options = json.loads(unescape(form.element.get("data-passkey-options")))

    page = mia.send(form, credential=device.create(options, origin="https://evil.test"))

    assert page.status == 422
    assert kinds(portal, mia) == []


def test_how_good_a_password_is_cannot_be_asked_without_end(portal):
    mia = portal.register()
    form = fields(mia.get("/security/password"), "/security/password")

    answers = [mia.post("/security/strength", {**form, "password": "abc"}).status for _ in range(61)]

    assert set(answers) == {200, 429}


# ---- what is shown


def test_a_new_member_is_offered_a_passkey_first(portal):
    page = portal.register().get("/security?new=yes")

    assert page.links("/security/passkeys")
    assert "You are registered" in page.words
    assert faults(page.tree) == []


def test_a_session_is_shown_in_words_and_its_address_whole_only_to_whoever_is_sure(portal):
    mia = portal.register(**from_(FIREFOX))

    assert "Firefox on Linux" in mia.get("/security").words
    assert "127.0.0.1" in mia.get("/security").words
    portal.wait()
    page = mia.get("/security")
    assert "127.0.0.1" not in page.text
    assert "127.0.***" in page.words


# ---- what is changed


def test_a_password_ends_all_other_sessions_and_is_told_without_a_value(portal):
    mia = portal.register()
    other = portal.visitor().sign_in("mia@example.org")
    assert "had not seen before" in portal.letter("mia@example.org")

    done = set_password(mia)

    assert "The password was set" in done.words
    assert other.get("/home").path == "/sign-in"
    letter = portal.letter("mia@example.org")
    assert "A password was added to your account" in letter
    assert f"{ORIGIN}/messages" in letter
    assert PASSWORD not in letter
    assert "mia@" not in letter
    assert "A password was added" in mia.get("/messages").words


def test_a_form_that_is_sent_twice_sets_one_password_and_tells_it_once(portal):
    mia = portal.register()
    form = mia.get("/security/password").form("/security/password")

    first = mia.send(form, password=PASSWORD)
    again = mia.send(form, password=PASSWORD)

    assert first.status == again.status == 200
    assert kinds(portal, mia) == ["password"]
    assert mia.get("/messages").words.count("A password was added") == 1


def test_a_form_that_is_sent_again_hours_later_changes_nothing(portal):
    mia = portal.register()
    form = mia.get("/security/password").form("/security/password")
    mia.send(form, password=PASSWORD)
    set_password(mia, "green mountains sleep below clouds")
    portal.wait(120)
    page = mia.get("/confirm?back=/security")
    mia.send(page.form("/confirm/password"), password="green mountains sleep below clouds")
    assert mia.send(form, password=PASSWORD).path == "/security"

    portal.wait()
    page = mia.get("/confirm?back=/security")
    assert mia.send(page.form("/confirm/password"), password=PASSWORD).status == 422


def test_a_changed_password_replaces_the_one_before(portal):
    mia = portal.register()
    set_password(mia)

    set_password(mia, "green mountains sleep below clouds")

    assert kinds(portal, mia) == ["password"]
    portal.wait()
    page = mia.get("/confirm?back=/security")
    assert mia.send(page.form("/confirm/password"), password=PASSWORD).status == 422
    sure = mia.send(page.form("/confirm/password"), password="green mountains sleep below clouds")
    assert sure.path == "/security"


def test_an_application_is_asked_for_from_then_on_and_a_recovery_code_replaces_it_once(portal):
    mia = portal.register()
    shown = add_application(portal, mia)
    codes = [each.text for each in shown.tree.of("code")]
    assert len(codes) == 10
    assert kinds(portal, mia) == ["recovery", "totp"]

    leo = portal.visitor()
    ways = leo.send(leo.get("/sign-in").form("/sign-in"), identifier="mia@example.org")
    asked = leo.send(ways.form("/sign-in/code"))
    portal.letter("mia@example.org")  # of the application that was added
    second = leo.send(asked.form("/sign-in/code/check"), code=portal.code("mia@example.org"))
    assert leo.send(second.form("/sign-in/second"), code=codes[0]).status == 200
    assert "9 recovery codes are left" in leo.get("/security").words


def asked_for_the_second(portal, leo):
    """Sign in as far as the page that asks for the second factor; return its form."""
    ways = leo.send(leo.get("/sign-in").form("/sign-in"), identifier="mia@example.org")
    page = leo.send(ways.form("/sign-in/password"), password=PASSWORD)
    return page.form("/sign-in/second")


@pytest.mark.parametrize("kind", ["application", "recovery"])
def test_a_code_that_comes_many_times_at_once_lets_one_of_them_in(portal, kind):
    mia = portal.register()
    set_password(mia)
    page = mia.get("/security/application")
    secret = secret_of(page)
    shown = mia.send(page.form("/security/application"), code=code_for(portal, secret))
    recovery = [each.text for each in shown.tree.of("code")]
    portal.wait()

    code = recovery[0] if kind == "recovery" else code_for(portal, secret)
    visitors = [portal.visitor() for _ in range(5)]

    answered = portal.at_once(
        *((each, asked_for_the_second(portal, each), {"code": code}) for each in visitors)
    )

    assert sorted(each.status for each in answered) == [303, 422, 422, 422, 422]


def test_two_codes_that_come_at_once_are_both_used(portal):
    mia = portal.register()
    set_password(mia)
    recovery = [each.text for each in add_application(portal, mia).tree.of("code")]
    visitors = [portal.visitor() for _ in range(4)]
    waiting = [(each, asked_for_the_second(portal, each)) for each in visitors]

    first = portal.at_once(*((b, f, {"code": c}) for (b, f), c in zip(waiting[:2], recovery, strict=False)))
    again = portal.at_once(*((b, f, {"code": c}) for (b, f), c in zip(waiting[2:], recovery, strict=False)))

    assert [each.status for each in first] == [303, 303]
    assert [each.status for each in again] == [422, 422]


def test_with_a_second_factor_nothing_less_confirms(portal):
    mia = portal.register()
    set_password(mia)
    by_mail = mia.get("/confirm?back=/security").form("/confirm/code")
    add_application(portal, mia)
    portal.wait()
    page = mia.get("/confirm?back=/security")
    csrf = page.form("/sign-out").fields["csrf"]

    assert [form.action for form in page.forms if form.action.startswith("/confirm")] == [
        "/confirm/application"
    ]
    assert mia.send(by_mail).status == 422
    assert mia.post("/confirm/password", {"csrf": csrf, "password": PASSWORD}).status == 422


def test_two_passwords_that_are_set_at_once_leave_one(portal):
    mia = portal.register()
    forms = [mia.get("/security/password").form("/security/password") for _ in range(2)]
    others = ("green mountains sleep below clouds", "nine quiet rivers under the moon")

    portal.at_once(*((mia, form, {"password": each}) for form, each in zip(forms, others, strict=True)))

    assert kinds(portal, mia) == ["password"]


def test_two_renewals_of_recovery_codes_at_once_leave_codes_that_count(portal):
    mia = portal.register()
    set_password(mia)
    add_application(portal, mia)
    forms = [mia.get("/security").form("/security/recovery") for _ in range(2)]

    shown = portal.at_once(*((mia, form, {}) for form in forms))

    assert kinds(portal, mia) == ["password", "recovery", "totp"]
    leo = portal.visitor()
    code = next(each.text for each in shown[-1].tree.of("code"))
    assert leo.send(asked_for_the_second(portal, leo), code=code).path == "/home"


@pytest.mark.parametrize("n", range(9))
def test_a_password_that_fails_at_any_commit_is_set_whole_by_the_same_form(portal, n):
    mia = portal.register()
    set_password(mia)
    portal.letter("mia@example.org")  # of the password that was added
    other = portal.visitor().sign_in("mia@example.org")
    form = mia.get("/security/password").form("/security/password")
    cut = Failing(n)
    count_statements(portal.house, cut)

    first = mia.send(form, password=NEW)
    assert first.status == (503 if cut.failed else 200)
    done = mia.send(form, password=NEW)

    assert "The password was set" in done.words
    assert kinds(portal, mia) == ["password"]
    assert other.get("/home").path == "/sign-in"
    assert "Your password was changed" in mia.get("/messages").words
    portal.wait()
    sure = mia.get("/confirm?back=/security").form("/confirm/password")
    assert mia.send(sure, password=NEW).path == "/security"


@pytest.mark.parametrize("n", range(2, 9))
def test_a_registration_that_fails_at_any_commit_leaves_a_member_whole_or_none(portal, n):
    visitor = portal.visitor()
    asked = visitor.send(visitor.get("/register").form("/register"), identifier="wanda", accept="yes")
    secret, form = secret_of(asked), asked.form("/register/secure")
    cut = Failing(n)
    count_statements(portal.house, cut)

    first = visitor.send(form, password=NEW, code=code_for(portal, secret))
    if first.status != 200:
        assert first.status == 503
        first = visitor.send(form, password=NEW, code=code_for(portal, secret))

    assert first.title == "Keep these codes", first.words
    assert kinds(portal, visitor) == ["password", "recovery", "totp"]
    assert count_of(portal.house, schema.subjects) == 1


def test_new_recovery_codes_are_shown_once_and_end_those_of_before(portal):
    mia = portal.register()
    old = [each.text for each in add_application(portal, mia).tree.of("code")]
    form = mia.get("/security").form("/security/recovery")

    page = mia.send(form)
    again = mia.send(form)

    new = [each.text for each in page.tree.of("code")]
    assert len(new) == 10
    assert not set(old) & set(new)
    assert again.path == "/security"
    assert kinds(portal, mia) == ["recovery", "totp"]


def test_a_second_factor_that_is_removed_takes_its_codes_and_all_other_sessions_with_it(portal):
    mia = portal.register()
    add_application(portal, mia)
    portal.letter("mia@example.org")

    done = mia.send(mia.get("/security").form("/security/application/remove"))

    assert "The second factor was removed" in done.words
    assert kinds(portal, mia) == []
    assert "The second factor was removed" in portal.letter("mia@example.org")


def test_a_passkey_is_added_named_used_and_removed(portal):
    mia, device = portal.register(), Authenticator()

    assert "My phone" in add_passkey(mia, device).words
    mia.send(mia.get("/security").form("/security/passkeys/name"), label="The old phone")
    assert "The old phone" in mia.get("/security").words

    leo = portal.visitor()
    form = leo.get("/sign-in").form("/sign-in/passkey")
    options = json.loads(unescape(form.element.get("data-passkey-options")))
    assert leo.send(form, credential=device.get(options, origin=ORIGIN)).path == "/home"

    mia.send(mia.get("/security").form("/security/passkeys/remove"))
    assert kinds(portal, mia) == []


def test_a_passkey_that_is_sent_twice_is_kept_once(portal):
    mia, device = portal.register(), Authenticator()
    form = mia.get("/security/passkeys").form("/security/passkeys")
    options = json.loads(unescape(form.element.get("data-passkey-options")))
    answer = device.create(options, origin=ORIGIN)

    mia.send(form, credential=answer)
    again = mia.send(form, credential=answer)

    assert again.path == "/security"
    assert kinds(portal, mia) == ["passkey"]


def test_the_strength_of_a_password_is_told_while_it_is_typed(portal):
    mia = portal.register()
    form = fields(mia.get("/security/password"), "/security/password")
    size = len(ledger_of(portal.house))

    weak = mia.post("/security/strength", {**form, "password": "abc"})
    good = mia.post("/security/strength", {**form, "password": PASSWORD})

    assert 'value="0"' in weak.text
    assert "not enough yet" in weak.text
    assert "good enough" in good.text
    assert PASSWORD not in good.text
    assert len(ledger_of(portal.house)) == size


def test_one_session_or_all_others_are_ended(portal):
    mia = portal.register(**from_(FIREFOX))
    phone = portal.visitor(**from_(PHONE)).sign_in("mia@example.org")
    portal.letter("mia@example.org")  # of the browser that was new
    laptop = portal.visitor(**from_(FIREFOX)).sign_in("mia@example.org")
    page = mia.get("/security")
    assert "Safari on iPhone" in page.words
    records = [f.fields["record"] for f in page.forms if f.action == "/security/sessions/end"]
    assert len(records) == 3

    mia.send(mia.get("/security").form("/security/sessions/end-others"))

    assert phone.get("/home").path == "/sign-in"
    assert laptop.get("/home").path == "/sign-in"
    assert mia.get("/home").path == "/home"
    mine = mia.get("/security").form("/security/sessions/end")
    assert mia.send(mine).path == "/sign-in"
    assert mia.get("/home").path == "/sign-in"


def told(mia):
    """How many messages tell of a new browser."""
    return mia.get("/messages").words.count("Somebody signed in")


def test_a_browser_that_is_new_is_told_of_whatever_kind_it_is_and_one_that_is_known_is_not(portal):
    mia = portal.register(**from_(FIREFOX))
    mia.send(mia.get("/home").form("/sign-out"))
    mia.sign_in("mia@example.org")
    assert told(mia) == 0

    portal.visitor(**from_(FIREFOX)).sign_in("mia@example.org")
    assert told(mia) == 1
    assert "had not seen before" in portal.letter("mia@example.org")

    mia.headers = from_(PHONE)  # updated, or called otherwise: it is the same
    mia.send(mia.get("/home").form("/sign-out"))
    mia.sign_in("mia@example.org")
    assert told(mia) == 1

    mia.cookies.clear()
    mia.sign_in("mia@example.org")
    assert told(mia) == 2


def test_a_browser_that_several_share_is_known_to_each_and_to_nobody_else(portal):
    mia = portal.register("mia@example.org")
    mia.send(mia.get("/home").form("/sign-out"))
    leo = mia.register("leo@example.org")
    leo.send(leo.get("/home").form("/sign-out"))

    assert told(mia.sign_in("mia@example.org")) == 0
    mia.send(mia.get("/home").form("/sign-out"))
    assert told(mia.sign_in("leo@example.org")) == 0

    zoe = portal.register("zoe@example.org")
    zoe.send(zoe.get("/home").form("/sign-out"))
    assert told(zoe.sign_in("mia@example.org")) == 1


def test_a_passkey_in_a_new_browser_is_told(portal):
    mia, device = portal.register(), Authenticator()
    add_passkey(mia, device)
    phone = portal.visitor()
    form = phone.get("/sign-in").form("/sign-in/passkey")
    options = json.loads(unescape(form.element.get("data-passkey-options")))

    phone.send(form, credential=device.get(options, origin=ORIGIN))

    assert told(mia) == 1


def test_whoever_registered_by_a_password_is_known_in_that_browser(portal):
    assert "__Host-troth-device" in name_only(portal).cookies


def test_a_way_that_no_code_can_go_is_offered_to_nobody(portal):
    leo = portal.visitor()
    by_mail = leo.send(leo.get("/sign-in").form("/sign-in"), identifier="mia@example.org")
    by_phone = leo.send(leo.get("/sign-in").form("/sign-in"), identifier="+353 85 123 4567")
    assert "/sign-in/code" in [form.action for form in by_mail.forms]
    assert "/sign-in/code" not in [form.action for form in by_phone.forms]
    assert "/sign-in/password" in [form.action for form in by_phone.forms]

    mia = portal.register()
    portal.house.correct(about=mia.subject, category="account", values={"phone": "+353 85 123 4567"})
    portal.wait()
    offered = mia.get("/confirm?back=/security").words
    assert "m***@e" in offered
    assert "4567" not in offered
