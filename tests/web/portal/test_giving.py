"""Giving data on a page: what is refused, and how what is taken comes into the house."""

from io import BytesIO

import pytest
from PIL import Image
from sqlalchemy import update

from tests.inside import blobs_of, count_of, ledger_of, rows_of, shown
from troth.clock import SECOND
from troth.rules.decision import member
from troth.store import schema

PAYMENT = "/give/payment/payment"
NATIONAL = "/give/payment.national/payment"
PROFILE = "/give/camera.profile/camera"
ACCOUNT = {"holder": "Mia Moon", "iban": "DE89 3704 0044 0532 0130 00"}


def picture(size=(60, 40)):
    sink = BytesIO()
    Image.new("RGB", size, (200, 40, 90)).save(sink, "JPEG")
    return sink.getvalue()


def held(portal, mia, category):
    """What is held of a member, in the clear: as they are told once it is surely them."""
    return shown(portal.house.access(about=mia.subject, category=category, by=member("portal", "step_up")))


def refused(portal):
    """The last refusal that the ledger remembers."""
    return [entry for entry in ledger_of(portal.house) if entry.outcome == "refused"][-1]


def gives(mia, path=PAYMENT, **fields):
    return mia.send(mia.get(path).form(path), **fields)


# ---- refused


@pytest.mark.parametrize(
    "path",
    [
        "/give/transactions/service_use",
        "/give/usage/usage_log",
        "/give/signin.sessions/entering_account",
        "/give/payment/camera",
        "/give/nothing/nowhere",
    ],
)
def test_what_no_clause_lets_people_give_has_no_page(portal, path):
    mia = portal.register()

    assert mia.get(path).status == 404
    assert mia.post(path, {"csrf": mia.get("/give").forms[0].fields["csrf"]}).status == 404


def test_nobody_gives_anything_without_being_signed_in(portal):
    assert portal.visitor().get(PAYMENT).path == "/sign-in"


def test_a_form_without_our_token_takes_nothing_in(portal):
    mia = portal.register()
    before = count_of(portal.house, schema.records)

    assert mia.post(PAYMENT, ACCOUNT).status == 403
    assert count_of(portal.house, schema.records) == before


@pytest.mark.parametrize(
    ("fields", "name", "said"),
    [
        ({"holder": "Mia Moon", "iban": "DE89 3704 0044 0532 0130 01"}, "iban", "check digit"),
        ({"holder": "Mia Moon", "iban": "hello"}, "iban", "check digit"),
        ({"holder": "Mia Moon", "iban": ""}, "iban", "Fill this in"),
        ({"holder": " ", "iban": "DE89370400440532013000"}, "holder", "Fill this in"),
    ],
)
def test_what_is_written_wrongly_comes_back_with_all_that_was_typed(portal, fields, name, said):
    mia = portal.register()
    before = count_of(portal.house, schema.records)
    page = gives(mia, **fields)

    assert page.status == 422
    assert page.tree.of("title")[0].text.startswith("Error:")
    assert page.links(f"#{name}")
    assert said in page.words
    form = page.form(PAYMENT)
    assert (form.fields["holder"], form.fields["iban"]) == (fields["holder"], fields["iban"])
    assert count_of(portal.house, schema.records) == before
    assert refused(portal).category == "payment"
    assert "DE89" not in str(refused(portal))
    assert "Moon" not in str(refused(portal))


def test_a_field_that_no_clause_names_is_refused_by_its_name(portal):
    mia = portal.register()
    page = gives(mia, **ACCOUNT, religion="none of yours")

    assert page.status == 422
    assert "No clause names the field religion" in page.words
    assert refused(portal).reasons == ("unknown-field",)
    assert held(portal, mia, "payment") == []


def test_a_number_of_an_account_is_checked_and_its_country_is_one_of_a_list(portal):
    mia = portal.register()
    page = gives(mia, NATIONAL, holder="Mia Moon", country="XX", number="12")

    assert page.status == 422
    assert {"#country", "#number"} <= set(page.links("#"))


def test_no_picture_is_asked_for_before_the_consent(portal):
    mia = portal.register()
    page = mia.get(PROFILE)

    assert page.title == "Your consent comes first"
    assert 'type="file"' not in page.text
    assert "camera=()" in page.headers["permissions-policy"]
    for said in ("To show your profile picture", "support agent", "five years", "Singapore"):
        assert said in page.words


def test_a_picture_that_is_sent_without_the_consent_is_refused(portal):
    mia = portal.register()
    form = mia.get(PROFILE).form(f"{PROFILE}/consent")
    page = mia.post(PROFILE, {"csrf": form.fields["csrf"]}, files={"picture": ("p.jpg", picture())})

    assert page.title == "Your consent comes first"
    assert blobs_of(portal.house) == []
    assert refused(portal).reasons == ("consent-missing:camera.profile",)


def test_a_refusal_has_its_receipt_and_the_way_on_that_the_clause_names(portal):
    mia = portal.register()
    page = mia.send(mia.get(PROFILE).form(f"{PROFILE}/consent"), choice="refused")

    assert page.title == "You refused your consent"
    assert "your user name then stands without a picture" in page.words
    assert page.links("/support/new?clause=collect.camera.profile")
    assert ledger_of(portal.house)[-1].kind == "consent.refused"
    assert "You said no on" in mia.get(PROFILE).words


def test_yes_and_no_are_buttons_of_one_kind_and_end_on_pages_of_one_kind(portal):
    mia = portal.register()
    page = mia.get(PROFILE)
    yes, no = page.form(f"{PROFILE}/consent").element.of("button")

    assert yes.get("class") == no.get("class")
    assert [b.get("value") for b in (yes, no)] == ["given", "refused"]
    told = [mia.send(mia.get(PROFILE).form(f"{PROFILE}/consent"), choice="refused")]
    told += [mia.send(mia.get(PROFILE).form(f"{PROFILE}/consent"), choice="given")]
    assert [page.status for page in told] == [200, 200]
    assert len({tuple(each.name for each in page.tree.of("section", "h1", "h2")) for page in told}) == 1


def test_a_consent_to_an_older_text_is_not_taken(portal):
    mia = portal.register()
    page = mia.send(mia.get(PROFILE).form(f"{PROFILE}/consent"), choice="given", version="0")

    assert page.status == 422
    assert "changed meanwhile" in page.words
    assert all(entry.kind != "consent.given" for entry in ledger_of(portal.house))


def test_neither_yes_nor_no_is_nothing(portal):
    mia = portal.register()
    assert mia.send(mia.get(PROFILE).form(f"{PROFILE}/consent")).status == 422


def agrees(mia, path=PROFILE):
    mia.send(mia.get(path).form(f"{path}/consent"), choice="given")
    return mia.get(path)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"GIF89a and so on", "no JPEG, PNG or WebP picture"),
        (b"<html>", "no JPEG, PNG or WebP picture"),
        (picture()[:300], "cut short or damaged"),
        (b"\xff\xd8\xff" + b"\0" * 5_000_000, "larger than the clause"),
    ],
    ids=["gif", "html", "cut", "large"],
)
def test_what_is_no_picture_is_refused_and_nothing_is_kept(portal, content, said):
    mia = portal.register()
    page = mia.send(agrees(mia).form(PROFILE), files={"picture": ("p.jpg", content)})

    assert page.status == 422
    assert said in page.words
    assert page.links("#picture")
    assert blobs_of(portal.house) == []
    assert count_of(portal.house, schema.blobs) == 0


def test_an_upload_that_breaks_off_stores_nothing(portal):
    mia = portal.register()
    form = agrees(mia).form(PROFILE)
    head = (
        f'--b\r\nContent-Disposition: form-data; name="csrf"\r\n\r\n{form.fields["csrf"]}\r\n'
        '--b\r\nContent-Disposition: form-data; name="picture"; filename="p.jpg"\r\n'
        "Content-Type: image/jpeg\r\n\r\n"
    )
    page = mia.ask(
        "POST",
        PROFILE,
        headers={"content-type": "multipart/form-data; boundary=b", "sec-fetch-site": "same-origin"},
        content=head.encode() + picture()[:200],
    )

    assert page.status == 422
    assert "The form cannot be read, or holds too much." in page.words
    assert blobs_of(portal.house) == []
    assert count_of(portal.house, schema.blobs) == 0


def test_answers_that_were_checked_in_another_browser_are_not_taken(portal):
    mia, noor = portal.register(), portal.register("noor@example.org")
    checked = gives(mia, **ACCOUNT).form(f"{PAYMENT}/send")
    hers = gives(noor, **ACCOUNT).form(f"{PAYMENT}/send")
    before = count_of(portal.house, schema.records)
    page = noor.send(hers, flow=checked.fields["flow"], choice="send")

    assert page.status == 422
    assert count_of(portal.house, schema.records) == before


def test_checked_answers_count_for_their_own_clause_and_for_an_hour(portal):
    mia = portal.register()
    checked = gives(mia, **ACCOUNT).form(f"{PAYMENT}/send")
    other = gives(mia, NATIONAL, holder="Mia", country="US", number="12345").form(f"{NATIONAL}/send")

    assert mia.send(other, flow=checked.fields["flow"], choice="send").status == 422
    portal.clock.forward(3_601 * SECOND)
    assert mia.send(checked, choice="send").status == 409
    assert held(portal, mia, "payment") == []


def test_a_form_that_is_sent_again_gives_one_record(portal):
    mia = portal.register()
    checked = gives(mia, **ACCOUNT).form(f"{PAYMENT}/send")
    first, again = (mia.send(checked, choice="send") for _ in range(2))

    assert first.words == again.words
    assert len(held(portal, mia, "payment")) == 1


def test_a_receipt_has_an_address_and_coming_back_to_the_answers_leads_to_it(portal):
    mia = portal.register()
    form = mia.get(PAYMENT).form(PAYMENT)
    asked = mia.send(form, **ACCOUNT, follow=False)
    assert asked.status == 303
    answers = asked.headers["location"]
    checked = mia.get(answers)
    assert checked.title == mia.get(answers).title == "Check your answers"
    assert held(portal, mia, "payment") == []

    done = mia.send(checked.form(f"{PAYMENT}/send"), choice="send", follow=False)

    assert done.status == 303
    receipt = mia.get(done.headers["location"])
    assert receipt.title == "We have it"
    assert mia.get(done.headers["location"]).words == receipt.words
    back = mia.get(answers, follow=False)
    assert (back.status, back.headers["location"]) == (303, done.headers["location"])
    assert len(held(portal, mia, "payment")) == 1


def test_answers_to_be_checked_and_receipts_open_for_their_giver_alone(portal):
    mia, noor = portal.register(), portal.register("noor@example.org")
    answers = gives(mia, **ACCOUNT).response.url.raw_path.decode()
    sealed = "__Host-troth-visit"
    noor.cookies[sealed], kept = mia.cookies[sealed], noor.cookies[sealed]  # the same browser, lent
    assert noor.get(answers).status == 422
    noor.cookies[sealed] = kept
    assert mia.get(f"{PAYMENT}/send?flow=x").status == 422
    assert mia.get(f"{PAYMENT}/send").path == PAYMENT
    mia.send(mia.get(answers).form(f"{PAYMENT}/send"), choice="send")
    number = max(n for n, e in portal.house.entries(about=mia.subject) if e.kind == "record.collected")
    assert noor.get(f"{PAYMENT}/received?entry={number}").status == 404
    assert mia.get(f"{NATIONAL}/received?entry={number}").status == 404
    assert mia.get(f"{PAYMENT}/received?entry={number}").status == 200
    for said in ("", "x", "-1", "9" * 30, str(number + 10_000)):
        assert mia.get(f"{PAYMENT}/received?entry={said}").status == 404


def test_more_answers_than_an_address_carries_are_checked_all_the_same(portal):
    mia = portal.register()
    form = mia.get(PAYMENT).form(PAYMENT)

    page = mia.send(form, **{**ACCOUNT, "iban": ACCOUNT["iban"] + " " * 1_500}, follow=False)

    assert (page.status, page.title) == (200, "Check your answers")
    assert mia.send(page.form(f"{PAYMENT}/send"), choice="send").title == "We have it"


def test_the_receipt_of_a_choice_has_an_address_for_its_giver_alone(portal):
    mia, noor = portal.register(), portal.register("noor@example.org")
    form = mia.get(PROFILE).form(f"{PROFILE}/consent")

    done = mia.send(form, choice="refused", follow=False)

    assert done.status == 303
    receipt = mia.get(done.headers["location"])
    assert receipt.title == "You refused your consent"
    assert mia.get(done.headers["location"]).words == receipt.words
    assert noor.get(done.headers["location"]).status == 404
    assert mia.get(f"{PROFILE}/consent").path == PROFILE
    assert mia.get(done.headers["location"].replace(PROFILE, PAYMENT)).status == 404


def test_a_form_that_is_sent_again_with_other_content_is_refused(portal):
    mia = portal.register()
    form = agrees(mia).form(PROFILE)
    mia.send(form, files={"picture": ("p.jpg", picture())})
    page = mia.send(form, files={"picture": ("p.jpg", picture((70, 50)))})

    assert page.status == 422
    assert len(rows_of(portal.house, schema.blobs)) == 1


def test_a_form_that_is_sent_again_after_its_record_was_removed_says_that_it_is_not_held(portal):
    mia = portal.register()
    form, mine = agrees(mia).form(PROFILE), picture()
    assert mia.send(form, files={"picture": ("p.jpg", mine)}).title == "We have it"
    remove = mia.get("/data/camera.profile").links("/data/camera.profile/")[-1]
    assert mia.send(mia.get(remove).form(remove)).title == "It is removed"
    again = mia.send(form, files={"picture": ("p.jpg", mine)})

    assert again.status == 409
    assert "You sent this before, and it was changed since." in again.words
    assert held(portal, mia, "camera.profile") == []
    fresh = mia.send(again.form(PROFILE), files={"picture": ("p.jpg", mine)})
    assert fresh.title == "We have it"


def test_what_is_held_already_is_not_left_out_where_it_cannot_be_read(portal):
    mia = portal.register()
    given = mia.send(gives(mia, **ACCOUNT).form(f"{PAYMENT}/send"), choice="send")
    assert given.title == "We have it"
    with portal.house.teller.house.filing.connect("store") as connection:
        connection.execute(update(schema.records).values(sealed=b"altered"))

    assert mia.get(PAYMENT).status == 500


# ---- taken


def test_a_bank_account_is_checked_by_its_giver_and_then_held(portal):
    mia = portal.register()
    page = gives(mia, **ACCOUNT)
    assert page.title == "Check your answers"
    assert "DE89370400440532013000" in page.words
    assert held(portal, mia, "payment") == []

    done = mia.send(page.form(f"{PAYMENT}/send"), choice="send")
    assert done.title == "We have it"
    assert held(portal, mia, "payment") == [{"holder": "Mia Moon", "iban": "DE89370400440532013000"}]
    entry = next(e for e in reversed(ledger_of(portal.house)) if e.kind == "record.collected")
    assert (entry.actor, entry.on_behalf_of, entry.category) == ("program:portal", "self", "payment")


def test_answers_can_be_changed_before_they_are_sent(portal):
    mia = portal.register()
    page = mia.send(gives(mia, **ACCOUNT).form(f"{PAYMENT}/send"), choice="change")

    assert page.form(PAYMENT).fields["iban"] == ACCOUNT["iban"]
    assert held(portal, mia, "payment") == []


def test_what_is_held_already_stands_masked_below_the_form(portal):
    mia = portal.register()
    mia.send(gives(mia, **ACCOUNT).form(f"{PAYMENT}/send"), choice="send")
    page = mia.get(PAYMENT)

    assert "DE****3000" in page.words
    assert "DE89370400440532013000" not in page.text
    assert page.form(PAYMENT)


def test_the_notice_of_the_clause_stands_before_the_fields(portal):
    mia = portal.register()
    text = mia.get(NATIONAL).text

    assert text.index("What this is for") < text.index('name="holder"')
    assert "/agreement#collect.payment" in text


def test_a_picture_is_given_with_the_camera_allowed_on_that_page_alone(portal):
    mia = portal.register()
    page = agrees(mia)
    assert "camera=(self)" in page.headers["permissions-policy"]
    assert "camera=()" in mia.get("/give").headers["permissions-policy"]
    assert "camera.js" in page.text

    done = mia.send(page.form(PROFILE), files={"picture": ("p.jpg", picture())})
    assert done.title == "We have it"
    assert len(blobs_of(portal.house)) == 1
    assert "We hold this already" in mia.get(PROFILE).words


def test_everything_that_people_may_give_is_listed_under_its_clause(portal):
    mia = portal.register()
    page = mia.get("/give")
    book = portal.hall.house.book
    clauses = {intake.clause for intake in book.intakes.values() if intake.rule.by.subject}
    clauses.remove("collect.account")  # what names somebody is taken in by pages that send a code to it

    assert {href.partition("#")[2] for href in page.links("/agreement#")} >= clauses
    assert all(page.links(path) for path in (PAYMENT, "/verification", "/support"))
    assert mia.get("/give/identity/identity_verification").path == "/verification"


def test_another_agreement_brings_its_own_forms(new_portal, portal):
    text = portal.hall.agreement.source.replace(
        "  holder: {type: name, required: true, words: the holder of the bank account}\n  iban:",
        "  holder: {type: name, required: true, words: the holder of the bank account}\n"
        "  primary: {type: boolean, required: true, words: whether it is the first one}\n"
        "  most: {type: money, words: the most that we pay at once}\n"
        "  colour: {type: choice, choices: [red, sky_blue], words: its colour}\n"
        "  times: {type: integer, words: how often}\n"
        "  more: {type: json, words: what else there is}\n"
        "  iban:",
    )
    mia = new_portal(text=text, name="other").register()
    wrong = gives(mia, **ACCOUNT, primary="perhaps", most="12", times="often", more="{", colour="grey")
    assert {"#primary", "#most", "#times", "#more", "#colour"} <= set(wrong.links("#"))
    page = gives(
        mia, **ACCOUNT, primary="no", colour="sky_blue", times="3", more='{"a": 1}',
        **{"most": "12.50", "most.currency": "eur"},
    )  # fmt: skip
    for said in ("12.50 EUR", "No", "sky blue", "3"):
        assert said in page.words
    assert mia.send(page.form(f"{PAYMENT}/send"), choice="send").title == "We have it"


# ---- what names somebody, or lets them in


def sent(mia, path, **fields):
    """Send fields to a path as a form of a page would, though no page has such a form."""
    return mia.post(path, {"csrf": mia.get("/home").form("/sign-out").fields["csrf"], **fields})


@pytest.mark.parametrize("path", ["/give/account/registration", "/give/account/registration/send"])
def test_what_names_somebody_is_given_through_a_code_alone(portal, path):
    mia = portal.register()
    before = held(portal, mia, "account")
    assert mia.get(path.removesuffix("/send")).status == 404
    assert sent(mia, path, email="vic@example.org", phone="+85291234567").status == 404
    assert held(portal, mia, "account") == before


@pytest.mark.parametrize(
    ("category", "instead"), [("account", "/identifiers"), ("signin.sessions", "/security")]
)
def test_what_names_somebody_or_lets_them_in_is_ended_on_its_own_page(portal, category, instead):
    mia = portal.register()
    before = portal.house.access(about=mia.subject, category=category).records
    path = f"/data/{category}/{before[0].id.hex()}/remove"
    assert mia.get(path).path == instead
    assert sent(mia, path).path == instead
    after = portal.house.access(about=mia.subject, category=category).records
    assert [each.id for each in after] == [each.id for each in before]


def test_giving_is_limited(portal):
    mia = portal.register()
    form = mia.get(PAYMENT).form(PAYMENT)
    told = [mia.send(form, holder="").status for _ in range(61)]
    assert (set(told[:-1]), told[-1]) == ({422}, 429)


def test_what_is_wrong_is_told_with_the_name_of_the_field(portal):
    mia = portal.register("mia@example.org")
    form = next(f for f in mia.get("/give/payment/payment").forms if f.action.startswith("/give/"))
    page = mia.send(form, holder="", iban="DE89 3704 0044 0532 0130 01")
    (summary,) = [each for each in page.tree.of("div") if each.get("id") == "errors"]
    said = [each.text for each in summary.of("li")]
    assert all(": " in each for each in said), said
    assert any("Its check digit does not fit." in each or "IBAN" in each for each in said), said
