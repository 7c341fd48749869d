"""PROMISES 4, through the pages: attacks that find nothing, and reminders where they matter."""

import pytest

from tests.houses import MEMBER_TEXT
from tests.inside import blobs_of, count_of
from troth.evidence.report import verify
from troth.evidence.status import Status
from troth.store import schema
from troth.web.door import HEADERS
from troth.web.probing import try_pages

PASSWORD = "seven lanterns over quiet water 41"
PROFILE = "/give/camera.profile/camera"


def registering(visitor, who):
    return visitor.send(visitor.get("/register").form("/register"), identifier=who, accept="yes")


# ---- P4.1


@pytest.mark.parametrize("path", ["/register", "/contact"])
def test_p4_1_whoever_has_no_account_is_told_what_it_is_for_before_they_give_it(portal, path):
    page = portal.visitor().get(path)

    assert "What it is for:" in page.words
    assert "erased" in page.words


@pytest.mark.parametrize("path", ["/give/payment/payment", "/give/payment.national/payment", "/support/new"])
def test_p4_1_a_member_is_told_what_it_is_for_before_they_give_it(portal, path):
    page = portal.register().get(path)

    assert "What it is for:" in page.words
    assert page.form(path)


# ---- P4.4


def test_p4_4_from_one_place_no_more_is_tried_than_promised(portal):
    visitor = portal.visitor()
    form = visitor.get("/sign-in").form("/sign-in")

    statuses = [visitor.send(form, identifier="mia@example.org").status for _ in range(61)]

    assert statuses == [200] * 60 + [429]
    assert int(visitor.send(form, identifier="mia@example.org").headers["retry-after"]) >= 1


@pytest.mark.parametrize("who", ["mia@example.org", "nobody@example.org"])
def test_p4_4_after_so_many_failures_an_account_pauses_known_or_not_and_its_own_browser_does_not(portal, who):
    mia = portal.register("mia@example.org")
    stranger = portal.visitor()
    ways = stranger.send(stranger.get("/sign-in").form("/sign-in"), identifier=who)
    form = stranger.send(ways.form("/sign-in/code")).form("/sign-in/code/check")

    statuses = [stranger.send(form, code="00000000").status for _ in range(11)]

    assert statuses == [422] * 10 + [429]
    mia.send(mia.get("/home").form("/sign-out"))
    portal.office.letters.clear()
    portal._read = 0
    assert mia.sign_in("mia@example.org").get("/home").status == 200  # nobody can shut them out


@pytest.mark.parametrize(
    "path", ["/", "/sign-in", "/register", "/contact", "/agreement", "/nothing", "/health"]
)
def test_p4_4_every_answer_forbids_strange_scripts_frames_and_memories(portal, path):
    headers = portal.visitor().get(path).headers

    assert {name: headers[name] for name in HEADERS} == HEADERS | {
        name: headers[name] for name in ("cache-control", "permissions-policy")
    }
    assert "unsafe" not in headers["content-security-policy"]


def test_p4_4_a_form_from_elsewhere_changes_nothing(portal):
    mia = portal.register()
    form = mia.get("/choices").form("/choices/consent", purpose="contact.promotion")
    before = count_of(portal.house, schema.entries)

    for headers in ({"sec_fetch_site": "cross-site"}, {"origin": "https://elsewhere.example"}):
        assert mia.post(form.action, {**form.fields, "choice": "given"}, **headers).status == 403
    assert mia.post(form.action, {**form.fields, "csrf": "", "choice": "given"}).status == 403
    assert count_of(portal.house, schema.entries) == before


def test_p4_4_a_hostile_upload_is_refused_and_kept_nowhere(portal):
    mia = portal.register()
    mia.send(mia.get(PROFILE).form(f"{PROFILE}/consent"), choice="given")
    script = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"

    page = mia.send(mia.get(PROFILE).form(PROFILE), files={"picture": ("<b>.jpg", script, "image/jpeg")})

    assert page.status == 422
    assert "<b>" not in page.text
    assert blobs_of(portal.house) == []


def test_p4_4_a_cookie_that_was_taken_opens_nothing_once_its_session_is_ended(portal):
    mia = portal.register()
    thief = portal.visitor()
    thief.cookies.update(mia.cookies)
    assert thief.get("/home").path == "/home"

    mia.send(mia.get("/home").form("/sign-out"))

    assert thief.get("/home").path == "/sign-in"


# ---- P4.8


@pytest.mark.parametrize(
    ("password", "said"),
    [
        ("x7!qLm2#vR9pTz", "too short"),
        ("passwordpassword", "Everybody uses"),
        ("mia@example.org mia@", "name"),
    ],
)
def test_p4_8_a_password_is_judged_by_its_length_and_by_a_list_with_the_reason(portal, password, said):
    mia = portal.register("mia@example.org")
    page = mia.get("/security/password")

    refused = mia.send(page.form("/security/password"), password=password)

    assert refused.status == 422
    assert said in refused.words
    assert password not in refused.text
    assert count_of(portal.house, schema.tokens) == 1  # the session alone: no credential was kept


def test_p4_8_members_are_reminded_where_it_matters(portal):
    mia = portal.register()

    assert "used nowhere else, protects you" in mia.get("/security/password").words
    assert "E-mail can travel without encryption" in portal.visitor().get("/contact").words
    secured = registering(portal.visitor(), "mia.moon")
    assert "used nowhere else, protects you" in secured.words


def test_p4_8_passkeys_are_offered_to_whoever_comes_and_to_whoever_has_come(portal):
    assert 'data-passkey="get"' in portal.visitor().get("/sign-in").text
    assert portal.register().get("/security").links("/security/passkeys")


def test_p4_every_measure_of_the_pages_is_evidence_that_anybody_sees(new_portal):
    portal = new_portal(text=MEMBER_TEXT.replace("rate_limit: 60/minute", "rate_limit: 12/minute"))
    try_pages(portal.hall)
    report = verify(portal.house.teller)

    found = {each.clause: {check.name: check.status for check in each.checks} for each in report.clauses}
    assert found["protect.passwords"] == dict.fromkeys(
        ("password-length", "password-blocklist", "passkeys"), Status.KEPT
    )
    assert {found["protect.attacks"][name] for name in ("rate-limit", "lockout", "uploads")} == {Status.KEPT}
    assert found["protect.reminders"] == {"reminders": Status.KEPT}
    portal.hall.watch.look(portal.hall.teller)
    assert "one character too short was refused" in portal.visitor().get("/agreement").words
