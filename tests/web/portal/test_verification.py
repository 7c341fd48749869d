"""An identity check as its member walks it, and everything that does not go through."""

from io import BytesIO

import pytest
from PIL import Image

from tests.cast import REVIEWER
from tests.inside import blobs_of, count_of, ledger_of, rows_of
from troth.acts import cases
from troth.clock import DAY
from troth.rules.decision import program
from troth.store import schema

HERE = "/verification/identity-check"
IDENTITY = f"{HERE}/give/identity/identity_verification"
CAMERA = f"{HERE}/give/camera.identity/camera"
PERSON = {
    "name": "Mia Luna Moon", "gender": "female", "birth_date": "1991-04-23",
    "id_number.country": "PL", "id_number.number": "44051401458",
}  # fmt: skip


def picture(colour):
    sink = BytesIO()
    Image.new("RGB", (80, 50), colour).save(sink, "JPEG")
    return sink.getvalue()


PICTURES = {
    "front": ("f.jpg", picture("red"), "image/jpeg"),
    "selfie": ("s.jpg", picture("green"), "image/jpeg"),
}


def agrees(mia, choice="given"):
    return mia.send(mia.get(CAMERA).form(f"{CAMERA}/consent"), choice=choice)


def tells(mia, **changes):
    """Give identity data, checked and sent."""
    page = mia.send(mia.get(IDENTITY).form(IDENTITY), **{**PERSON, **changes})
    return mia.send(page.form(f"{IDENTITY}/send"), choice="send") if page.status == 200 else page


def shows(mia, files=PICTURES):
    return mia.send(mia.get(CAMERA).form(CAMERA), files=files)


def submits(mia):
    return mia.send(mia.get(f"{HERE}/check").form(f"{HERE}/submit"))


def case_of(portal, mia):
    return portal.house.cases(about=mia.subject)[-1]


def decides(portal, mia, *states, reasons=()):
    for state in states:
        last = state == states[-1]
        portal.house.move_case(
            about=mia.subject,
            case=case_of(portal, mia).id,
            to=state,
            reasons=reasons if last else (),
            by=REVIEWER,
        )


def refused(portal):
    return [entry for entry in ledger_of(portal.house) if entry.outcome == "refused"][-1]


def kinds_of_consent(portal, mia):
    return [e.kind for _, e in portal.house.entries(about=mia.subject) if e.kind.startswith("consent.")]


# ---- refused


def test_the_reasons_that_the_clause_speaks_of_stand_below_it(portal):
    page = portal.register("mia@example.org").get("/verification")
    (rule,) = (rule for _clause, rule in portal.house.teller.house.book.cases.values() if rule.reasons)
    before, _, after = page.words.partition("gives a reason of the list below")
    assert before
    assert len(rule.reasons) > 5
    assert all(reason.replace("-", " ") in after for reason in rule.reasons)


def test_it_is_for_members(portal):
    assert portal.visitor().get("/verification").path == "/sign-in"


@pytest.mark.parametrize(
    "path",
    [
        "/verification/nothing",
        "/verification/conversation",
        f"{HERE}/give/payment/payment",
        f"{HERE}/give/camera.profile/camera",
        f"{HERE}/give/identity/camera",
    ],
)
def test_there_is_no_page_for_what_no_clause_has(portal, path):
    assert portal.register().get(path).status == 404


def test_the_consent_comes_before_the_camera_and_before_the_check(portal):
    mia = portal.register()
    page = mia.get("/verification")
    assert page.links(CAMERA)
    asked = mia.get(CAMERA)

    assert asked.title == "Your consent comes first"
    assert 'type="file"' not in asked.text
    for said in ("reviewer", "the program verification", "30 days after", "Dublin", "Singapore"):
        assert said in asked.words
    assert portal.house.cases(about=mia.subject) == ()


def test_refusing_the_pictures_leads_to_customer_service_with_a_topic_made_ready(portal):
    mia = portal.register()
    page = agrees(mia, "refused")

    assert page.title == "You refused your consent"
    (way,) = page.links("/support/new")
    form = mia.get(way).form("/support/new")
    assert form.fields["topic"] == "About clause 1.8: Pictures for the identity check"
    assert portal.house.cases(about=mia.subject) == ()


def test_pictures_without_consent_are_refused_whatever_the_form(portal):
    mia = portal.register()
    agrees(mia, "refused")
    mia.send(mia.get("/verification").form(f"{HERE}/open"))
    form = mia.get("/give").forms[0]
    page = mia.post(CAMERA, {"csrf": form.fields["csrf"]}, files=PICTURES)

    assert page.title == "Your consent comes first"
    assert refused(portal).reasons == ("consent-refused:camera.identity",)
    assert blobs_of(portal.house) == []


@pytest.mark.parametrize(
    ("changes", "field", "said"),
    [
        ({"id_number.country": "PL", "id_number.number": "44051401459"}, "id_number", "check digit"),
        ({"id_number.country": "", "id_number.number": "44051401458"}, "id_number", "country is missing"),
        ({"id_number.country": "US", "id_number.number": "44051401458"}, "id_number", "form of one"),
        ({"birth_date": "1991-02-30"}, "birth_date", "no day of the calendar"),
        ({"name": ""}, "name", "Fill this in"),
        ({"gender": "dragon"}, "gender", "none of the choices"),
    ],
)
def test_what_is_written_wrongly_comes_back_with_what_was_typed(portal, changes, field, said):
    mia = portal.register()
    agrees(mia)
    page = tells(mia, **changes)

    assert page.status == 422
    assert page.links(f"#{field}")
    assert said in page.words
    form = page.form(IDENTITY)
    kept = {**PERSON, **changes}
    assert {name: form.fields[name] for name in kept if name != "gender"} == {
        name: value for name, value in kept.items() if name != "gender"
    }
    assert all(value not in str(refused(portal)) for value in kept.values() if len(value) > 6)


def test_nobody_too_young_is_taken_and_the_age_is_never_asked_for(portal):
    mia = portal.register()
    agrees(mia)
    form = mia.get(IDENTITY).form(IDENTITY)
    assert "age" not in form.fields
    page = tells(mia, birth_date="2009-06-02")  # 18 tomorrow

    assert page.status == 422
    assert page.links("#birth_date")
    assert page.form(IDENTITY).fields["name"] == PERSON["name"]
    assert refused(portal).reasons == ("too-young",)
    portal.clock.forward(DAY)
    mia.sign_in("mia@example.org")
    assert tells(mia, birth_date="2009-06-02").path == HERE


@pytest.mark.parametrize(
    ("files", "field"),
    [
        ({**PICTURES, "selfie": ("s.jpg", b"hello", "image/jpeg")}, "selfie"),
        ({"front": PICTURES["front"]}, "selfie"),
        ({**PICTURES, "back": ("b.jpg", b"\xff\xd8\xff" + b"\0" * 10_000_001, "image/jpeg")}, "back"),
    ],
    ids=["no picture", "one missing", "too large"],
)
def test_pictures_are_taken_together_or_not_at_all(portal, files, field):
    mia = portal.register()
    agrees(mia)
    page = shows(mia, files)

    assert page.status == 422
    assert page.links(f"#{field}")
    assert blobs_of(portal.house) == []
    assert count_of(portal.house, schema.case_records) == 0


def test_nobody_reaches_into_somebody_else_s_check(portal):
    mia, noor = portal.register(), portal.register("noor@example.org")
    for who in (mia, noor):
        agrees(who)
        tells(who)
    submits(mia)
    hers = case_of(portal, noor)
    stolen = mia.post(
        f"{HERE}/withdraw", {"csrf": mia.get("/give").forms[0].fields["csrf"], "case": hers.id.hex()}
    )

    assert stolen.status == 200
    assert (case_of(portal, mia).state, case_of(portal, noor).state) == ("withdrawn", "collecting")


def test_nothing_is_added_after_it_was_handed_in(portal):
    mia = portal.register()
    agrees(mia)
    tells(mia)
    form = mia.get(CAMERA).form(CAMERA)
    submits(mia)
    page = mia.send(form, files=PICTURES)

    assert page.path == HERE
    assert blobs_of(portal.house) == []
    assert mia.send(mia.get("/verification").forms[0], follow=False).status in (200, 303)


def test_a_step_that_comes_again_changes_nothing_twice(portal):
    mia = portal.register()
    agrees(mia)
    tells(mia)
    form = mia.get(f"{HERE}/check").form(f"{HERE}/submit")
    first, again = mia.send(form), mia.send(form)

    assert first.words == again.words
    moved = [e for e in ledger_of(portal.house) if e.kind == "case.moved" and e.fields == ("submitted",)]
    assert len(moved) == 1


def test_a_step_that_comes_again_after_another_says_that_it_does_not_stand(portal):
    mia = portal.register()
    agrees(mia)
    tells(mia)
    form = mia.get(f"{HERE}/check").form(f"{HERE}/submit")
    mia.send(form)
    mia.send(mia.get("/verification").form(f"{HERE}/withdraw"))
    again = mia.send(form)

    assert again.status == 409
    assert "You sent this before, and it was changed since." in again.words
    assert "You withdrew it." in again.words
    assert case_of(portal, mia).state == "withdrawn"


def test_a_consent_that_comes_again_after_it_was_withdrawn_is_asked_for_anew(portal):
    mia = portal.register()
    form = mia.get(CAMERA).form(f"{CAMERA}/consent")
    mia.send(form, choice="given")
    mia.send(mia.get("/choices").form("/choices/consent", purpose="camera.identity"), choice="refused")
    again = mia.send(form, choice="given")

    assert again.title == "Your consent comes first"
    assert "took it back since" in again.words
    assert kinds_of_consent(portal, mia) == ["consent.given", "consent.withdrawn"]
    assert mia.send(again.form(f"{CAMERA}/consent"), choice="given").title == "You gave your consent"


def test_both_buttons_of_a_consent_count_from_one_page(portal):
    mia = portal.register()
    form = mia.get(CAMERA).form(f"{CAMERA}/consent")
    mia.send(form, choice="given")

    assert mia.send(form, choice="refused").title == "You refused your consent"
    again = mia.send(form, choice="given")
    assert "took it back since" in again.words
    assert kinds_of_consent(portal, mia) == ["consent.given", "consent.refused"]


def test_a_case_is_opened_once_however_often_its_form_comes(portal):
    mia = portal.register()
    form = mia.get(CAMERA).form(f"{CAMERA}/consent")
    for _ in range(2):
        assert mia.send(form, choice="given").title == "You gave your consent"
    assert len(portal.house.cases(about=mia.subject)) == 1


# ---- the walk


def test_a_check_from_the_consent_to_the_decision(portal):
    mia = portal.register()
    assert mia.get("/verification").words.count("You have not begun.") == 1
    receipt = agrees(mia)
    assert receipt.title == "You gave your consent"
    assert case_of(portal, mia).state == "consented"

    page = mia.get("/verification")
    assert "Your consent is noted" in page.words
    assert tells(mia).path == HERE
    assert case_of(portal, mia).state == "collecting"
    capture = mia.get(CAMERA)
    assert "camera=(self)" in capture.headers["permissions-policy"]
    assert shows(mia).path == HERE
    given = cases.records_of(portal.house.teller, mia.subject, case_of(portal, mia).id)
    assert len(given) == 2
    assert len(blobs_of(portal.house)) == 2

    check = mia.get(f"{HERE}/check")
    assert check.words.count("given on") == 2
    done = submits(mia)
    assert done.title == "You handed it in"
    assert case_of(portal, mia).reference in done.words

    assert "waits for a reviewer" in mia.get("/verification").words
    decides(portal, mia, "in_review")
    assert "It is being reviewed" in mia.get("/verification").words
    decides(portal, mia, "verified")
    page = mia.get("/verification")
    assert "You are verified" in page.words
    assert "erased on 1 July 2027 at the latest" in page.words


def stations(page):
    """The line of stations, as its table says it: each with where it is, and whether it has a day."""
    rows = [[cell.text for cell in row.of("th", "td")] for row in page.tree.of("table")[0].of("tr")]
    return [(cells[0], cells[1], bool(cells[2])) for cells in rows[1:]]


def test_what_was_withdrawn_before_it_was_handed_in_was_neither_handed_in_nor_reviewed(portal):
    mia = portal.register()
    agrees(mia)
    mia.send(mia.get("/verification").form(f"{HERE}/withdraw"))

    assert stations(mia.get("/verification")) == [
        ("Begun", "done", True),
        ("Withdrawn", "it ended here", True),
    ]
    assert 'class="dot-ended"' in mia.get("/verification").text
    assert 'class="dot-no"' not in mia.get("/verification").text


def test_what_was_withdrawn_after_it_was_handed_in_keeps_the_day_of_that(portal):
    mia = portal.register()
    agrees(mia)
    tells(mia)
    submits(mia)
    portal.clock.forward(DAY)
    again = portal.visitor().sign_in("mia@example.org")
    again.send(again.get("/verification").form(f"{HERE}/withdraw"))

    assert stations(again.get("/verification")) == [
        ("Begun", "done", True),
        ("Handed in", "done", True),
        ("Withdrawn", "it ended here", True),
    ]


def test_what_time_ended_stands_as_that(portal):
    mia = portal.register()
    agrees(mia)
    portal.clock.forward(800 * DAY)
    portal.house.sweep()
    assert case_of(portal, mia).state == "expired"
    again = portal.visitor().sign_in("mia@example.org")

    assert stations(again.get("/verification")) == [("Begun", "done", True), ("Over", "it ended here", True)]


def test_each_station_has_the_day_on_which_the_log_says_it_was_reached(portal):
    mia = portal.register()
    coming = [("Handed in", "still to come", False), ("In review", "still to come", False)]
    decided = ("Decided", "still to come", False)
    agrees(mia)
    assert stations(mia.get("/verification")) == [("Begun", "it is here", True), *coming, decided]
    tells(mia)
    submits(mia)
    past = [("Begun", "done", True), ("Handed in", "done", True), ("In review", "done", True)]
    assert stations(mia.get("/verification")) == [
        past[0], ("Handed in", "it is here", True), coming[1], decided
    ]  # fmt: skip
    decides(portal, mia, "in_review", "needs_more", reasons=["document-unreadable"])
    assert stations(mia.get("/verification")) == [*past, ("More is needed", "it is here", True), decided]
    submits(mia)
    assert stations(mia.get("/verification"))[1:] == [("Handed in", "it is here", True), coming[1], decided]
    decides(portal, mia, "in_review", "rejected", reasons=["names-differ"])
    assert stations(mia.get("/verification")) == [*past, ("Not verified", "refused", True)]
    mia.send(mia.get("/verification").form(f"{HERE}/appeal"))
    assert stations(mia.get("/verification")) == [*past[:2], ("In review", "it is here", True), decided]
    decides(portal, mia, "verified")
    assert stations(mia.get("/verification")) == [*past, ("Verified", "done", True)]
    decides(portal, mia, "expired")
    assert stations(mia.get("/verification")) == [
        *past, ("Verified", "done", True), ("Over", "it ended here", True)
    ]  # fmt: skip


def test_more_is_asked_for_with_the_reason_in_words_and_given_anew(portal):
    mia = portal.register()
    agrees(mia)
    tells(mia)
    shows(mia)
    submits(mia)
    decides(portal, mia, "in_review", "needs_more", reasons=["document-unreadable"])
    page = mia.get("/verification")

    assert "The review needs more from you" in page.words
    assert "document unreadable" in page.words
    assert shows(mia).path == HERE
    assert submits(mia).title == "You handed it in"
    assert len(rows_of(portal.house, schema.case_records)) == 3


def test_a_rejection_gives_its_reason_and_one_appeal(portal):
    mia = portal.register()
    agrees(mia)
    tells(mia)
    submits(mia)
    decides(portal, mia, "in_review", "rejected", reasons=["names-differ"])
    page = mia.get("/verification")
    assert "You were not verified" in page.words
    assert "names differ" in page.words
    assert mia.send(page.form(f"{HERE}/appeal")).title == "It is reviewed once more"
    decides(portal, mia, "rejected", reasons=["names-differ"])

    with pytest.raises(AssertionError):
        mia.get("/verification").form(f"{HERE}/appeal")
    again = mia.post(f"{HERE}/appeal", {"csrf": mia.get("/give").forms[0].fields["csrf"]})
    assert again.status == 409
    portal.clock.forward(DAY // 24)
    mia.send(mia.get("/verification").form(f"{HERE}/open"))
    assert case_of(portal, mia).state == "consented"


def test_it_can_be_withdrawn_until_it_is_decided_and_begun_anew(portal):
    mia = portal.register()
    agrees(mia)
    assert mia.send(mia.get("/verification").form(f"{HERE}/withdraw")).title == "You withdrew it"
    assert mia.send(mia.get("/verification").form(f"{HERE}/open")).path == HERE
    assert {case.state for case in portal.house.cases(about=mia.subject)} == {"withdrawn", "consented"}


def test_it_can_be_left_and_gone_on_with_in_another_session(portal):
    mia = portal.register()
    agrees(mia)
    tells(mia)
    again = portal.visitor().sign_in("mia@example.org")

    assert "given on" in again.get("/verification").words
    assert shows(again).path == HERE


def test_what_was_given_before_is_not_asked_for_twice(portal):
    mia = portal.register()
    agrees(mia)
    tells(mia)
    mia.send(mia.get("/verification").form(f"{HERE}/withdraw"))
    mia.send(mia.get("/verification").form(f"{HERE}/open"))
    page = mia.get("/verification")

    assert "given on" in page.words
    assert "We hold this already" in mia.get(IDENTITY).words


def test_no_picture_and_no_number_stands_on_any_page(portal):
    mia = portal.register()
    agrees(mia)
    tells(mia)
    shows(mia)
    for path in ("/verification", f"{HERE}/check", IDENTITY, CAMERA):
        page = mia.get(path)
        assert page.status == 200
        assert "44051401458" not in page.text
        assert "Luna" not in page.text


def test_a_program_moves_it_on_and_the_page_says_where_it_is(portal):
    mia = portal.register()
    agrees(mia)
    tells(mia)
    submits(mia)
    for state in ("in_review", "verified"):
        portal.house.move_case(
            about=mia.subject, case=case_of(portal, mia).id, to=state, by=program("verification")
        )
    assert "You are verified" in mia.get(HERE).words
