"""PROMISES 1, 2.3 and 9, through the pages: what is told where, what comes back, and who answers."""

import json
import re

from tests.cast import AGENT, PDF, REVIEWER
from tests.drawing import face
from tests.inside import blobs_of, count_of, ledger_of, rows_of, shown
from tests.web.browsing import ORIGIN
from troth.rules.decision import member
from troth.store import schema
from troth.web.credentials.second_factor import Totp

CHECK = "/verification/identity-check"
PASSWORD = "seven lanterns over quiet water 41"
PICTURES = {name: (f"{name}.jpg", face(name), "image/jpeg") for name in ("front", "selfie")}


def held(portal, mia, category):
    return shown(portal.house.access(about=mia.subject, category=category, by=member("portal", "step_up")))


def refusals(portal):
    return [entry for entry in ledger_of(portal.house) if entry.outcome == "refused"]


# ---- P1.1


def test_p1_1_an_address_counts_once_its_code_came_back_and_not_by_a_wrong_one(portal):
    visitor = portal.visitor()
    asked = visitor.send(
        visitor.get("/register").form("/register"), identifier="mia@example.org", accept="yes"
    )
    form, code = asked.form("/register/code"), portal.code("mia@example.org")
    wrong = visitor.send(form, code=code[:-1] + str((int(code[-1]) + 1) % 10))
    assert (wrong.status, count_of(portal.house, schema.subjects)) == (422, 0)

    assert visitor.send(form, code=code).path == "/security"

    assert held(portal, visitor, "account") == [{"email": "mia@example.org"}]
    assert b"mia@example.org" not in b"".join(
        bytes(row.sealed) for row in rows_of(portal.house, schema.records)
    )


def test_p1_1_a_known_and_an_unknown_address_look_alike_to_whoever_types_them_in(portal):
    portal.register("mia@example.org")
    pages = []
    for who in ("mia@example.org", "zoe@example.org"):
        visitor = portal.visitor()
        page = visitor.send(visitor.get("/register").form("/register"), identifier=who, accept="yes")
        pages.append((page.status, page.path, page.words.replace(who, "")))
    assert pages[0] == pages[1]

    assert "code is" not in portal.letter("mia@example.org")  # its owner is told that there is an account
    assert "code is" in portal.letter("zoe@example.org")


def test_p1_1_a_name_that_no_code_can_prove_is_secured_by_a_password_and_a_second_factor(portal):
    visitor = portal.visitor()
    secure = visitor.send(visitor.get("/register").form("/register"), identifier="mia.moon", accept="yes")
    secret = re.search(r"<code dir=\"ltr\">([A-Z2-7]+)</code>", secure.text)[1]
    code = _totp(secret, portal.clock.at)
    weak = visitor.send(secure.form("/register/secure"), password="password", code=code)
    assert (weak.status, count_of(portal.house, schema.subjects)) == (422, 0)

    kept = visitor.send(weak.form("/register/secure"), password=PASSWORD, code=code)

    assert kept.title == "Keep these codes"
    (account,) = held(portal, visitor, "account")
    assert re.fullmatch(r"mia\.moon-[0-9]{4}", account["username"])


def _totp(secret, at):
    import pyotp

    assert Totp(secret).secret == secret
    return pyotp.TOTP(secret).at(at // 1_000_000)


# ---- P1.2, P1.7


def test_p1_2_a_check_goes_from_consent_to_a_decision_and_its_pictures_go(portal):
    mia = portal.register()
    camera = f"{CHECK}/give/camera.identity/camera"
    consent = mia.get(camera)
    assert "30 days after" in consent.words
    mia.send(consent.form(f"{camera}/consent"), choice="given")
    identity = f"{CHECK}/give/identity/identity_verification"
    told = {
        "name": "Mia Luna Moon", "birth_date": "1991-04-23",
        "id_number.country": "PL", "id_number.number": "44051401458",
    }  # fmt: skip
    wrong = mia.send(mia.get(identity).form(identity), **{**told, "id_number.number": "44051401459"})
    assert (wrong.status, "check digit" in wrong.words) == (422, True)
    reviewed = mia.send(mia.get(identity).form(identity), **told)
    mia.send(reviewed.form(f"{identity}/send"), choice="send")
    mia.send(mia.get(camera).form(camera), files=PICTURES)
    mia.send(mia.get(f"{CHECK}/check").form(f"{CHECK}/submit"))
    (case,) = portal.house.cases(about=mia.subject)
    assert case.state == "submitted"

    for state in ("in_review", "verified"):
        portal.house.move_case(about=mia.subject, case=case.id, to=state, by=REVIEWER)

    assert "You are verified" in mia.get("/verification").words
    portal.clock.forward(31 * 86_400_000_000)
    portal.house.sweep()
    assert blobs_of(portal.house) == []


def test_p1_7_refusing_the_camera_has_a_way_forward_and_nothing_is_taken(portal):
    mia, camera = portal.register(), f"{CHECK}/give/camera.identity/camera"
    page = mia.send(mia.get(camera).form(f"{camera}/consent"), choice="refused")

    assert page.links("/support/new")
    assert 'type="file"' not in mia.get(camera).text
    assert blobs_of(portal.house) == []


def test_p1_7_what_a_picture_hides_is_taken_out(portal):
    profile = "/give/camera.profile/camera"
    mia = portal.register()
    mia.send(mia.get(profile).form(f"{profile}/consent"), choice="given")
    hiding = face("mia") + b"hidden behind the picture"
    mia.send(mia.get(profile).form(profile), files={"picture": ("me.jpg", hiding, "image/jpeg")})

    (kept,) = held(portal, mia, "camera.profile")

    assert kept["picture"].startswith(b"\xff\xd8\xff")
    assert b"hidden" not in kept["picture"]


# ---- P1.4, P1.5, P1.6, P1.8


def test_p1_4_a_bank_account_is_checked_before_it_is_kept_and_masked_where_it_is_shown(portal):
    mia, path = portal.register(), "/give/payment/payment"
    wrong = mia.send(mia.get(path).form(path), holder="Mia Moon", iban="DE89370400440532013001")
    assert wrong.status == 422
    assert held(portal, mia, "payment") == []
    checked = mia.send(mia.get(path).form(path), holder="Mia Moon", iban="DE89 3704 0044 0532 0130 00")
    mia.send(checked.form(f"{path}/send"), choice="send")

    portal.wait()
    page = mia.get("/data/payment")

    assert held(portal, mia, "payment") == [{"holder": "Mia Moon", "iban": "DE89370400440532013000"}]
    assert "DE****3000" in page.words
    assert "DE89" not in page.text


def test_p1_5_a_conversation_has_files_answers_and_a_rating(portal):
    mia, new = portal.register(), "/support/new"
    files = {"attachment": ("a.pdf", PDF, "application/pdf")}
    page = mia.send(mia.get(new).form(new), files=files, topic="A late payout", message="It is late.")
    (case,) = portal.house.cases(about=mia.subject)
    support = {"about": mia.subject, "category": "support", "when": "customer_service", "by": AGENT}
    portal.clock.forward(1_000_000)
    portal.house.collect(values={"message": "It comes today."}, within=case.id, **support)
    portal.house.move_case(about=mia.subject, case=case.id, to="answered", by=AGENT)

    thread = mia.get(f"/support/{case.reference}")
    rated = mia.send(thread.form(f"/support/{case.reference}/rate"), rating="4")

    assert page.title == "We have your message"
    assert "It comes today." in thread.words
    assert rated.status == 200
    assert held(portal, mia, "support.feedback")[0]["rating"] == 4


def test_p1_6_pages_are_logged_for_members_alone_by_the_script_of_our_own(portal):
    mia = portal.register()
    seen = json.dumps({"time": "2027-06-01T09:00:00Z", "page": f"{ORIGIN}/data", "language": "en"}).encode()
    sent = {"content-type": "application/json", "sec-fetch-site": "same-origin", "user-agent": "Moonfox/11"}
    for who in (mia, portal.visitor()):
        assert who.ask("POST", "/usage", headers=sent, content=seen).status == 204
    portal.run(portal.hall.gathered.flush(portal.hall.teller))

    assert [each["page"] for each in held(portal, mia, "usage")] == [f"{ORIGIN}/data"]
    assert len(held(portal, mia, "usage")) == 1


def test_p1_8_a_field_that_no_clause_names_is_refused_by_name_and_the_refusal_remembered(portal):
    mia, path = portal.register(), "/give/payment/payment"
    before = len(refusals(portal))

    page = mia.send(
        mia.get(path).form(path), holder="Mia Moon", iban="DE89370400440532013000", blood_group="B+"
    )

    assert page.status in (403, 422)
    assert "blood_group" in page.words.replace("blood group", "blood_group")
    assert "B+" not in page.words
    assert held(portal, mia, "payment") == []
    assert refusals(portal)[before].reasons[0].startswith("unknown-field")


# ---- P2.3, P9.1


def test_p2_3_notices_stand_in_the_inbox_and_the_mail_that_says_so_holds_no_value(portal):
    mia = portal.register()
    mia.confirm()
    mia.send(mia.get("/security/password").form("/security/password"), password=PASSWORD)

    letter = portal.letter("mia@example.org")

    (message,) = mia.get("/messages").links("/messages/")
    assert "password" in mia.get(message).words.casefold()
    assert PASSWORD not in letter
    assert ORIGIN in letter


def test_p2_3_promotions_need_a_yes_and_end_with_one_click_as_they_began(portal):
    mia, kinds = portal.register(), []
    for choice in ("given", "withdrawn"):
        form = mia.get("/choices").form("/choices/consent", purpose="contact.promotion")
        assert mia.send(form, choice=choice).status == 200
        kinds.append(ledger_of(portal.house)[-1].kind)

    assert kinds == ["consent.given", "consent.withdrawn"]


def test_p9_1_somebody_without_an_account_writes_reads_the_answer_and_learns_who_watches(portal):
    visitor = portal.visitor()
    page = visitor.get("/contact")
    assert "Data Protection Commission, Ireland" in page.words
    assert "e-mail can travel" in page.words.casefold()
    done = visitor.send(
        page.form("/contact"), topic="How to join", message="How do I join?", reply_to="leo@example.org"
    )
    assert done.title == "We have your message"
    (link,) = set(done.links("/contact/"))
    (row,) = rows_of(portal.house, schema.cases)
    portal.clock.forward(1_000_000)
    portal.house.collect(
        about=row.subject, category="support", when="customer_service", by=AGENT, within=bytes(row.case_id),
        values={"message": "On the page Register."},
    )  # fmt: skip
    portal.house.move_case(about=row.subject, case=bytes(row.case_id), to="answered", by=AGENT)

    assert "On the page Register." in portal.visitor().get(link).words
    assert portal.visitor().get(link[:-4] + "AAAA").status == 404
    assert link in portal.letter("leo@example.org")
