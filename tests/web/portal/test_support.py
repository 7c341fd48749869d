"""Conversations: of members, and of people without an account by their link; both sides, files, ratings."""

import pytest

from tests.cast import AGENT, PDF
from tests.inside import blobs_of, count_of, ledger_of, rows_of, shown
from tests.web.browsing import ORIGIN
from troth.clock import DAY, SECOND
from troth.rules.decision import program
from troth.store import schema

NEW = "/support/new"


def writes(mia, *, files=None, path=NEW, **fields):
    fields = {"topic": "A late payout", "message": "It has not arrived.", **fields}
    return mia.send(mia.get(path).form(path), files=files, **fields)


def thread(page):
    """The address of the conversation that a receipt leads to."""
    return next(each.get("href") for each in page.tree.of("a") if each.text == "To the conversation")


def cases_of(portal, page):
    """The conversation of a receipt: its person, and itself."""
    reference = next(each.text for each in page.tree.of("strong") if "reference" in each.get("class"))
    row = next(row for row in rows_of(portal.house, schema.cases) if row.reference == reference)
    return row.subject, bytes(row.case_id)


def answers(portal, page, text="We look into it.", by=AGENT):
    """Customer service answers, as it does over its own doors."""
    portal.clock.forward(SECOND)
    about, case = cases_of(portal, page)
    portal.house.collect(
        about=about,
        category="support",
        when="customer_service",
        values={"message": text},
        by=by,
        within=case,
    )
    portal.house.move_case(about=about, case=case, to="answered", by=by)
    portal.clock.forward(SECOND)


def state(portal, page):
    about, case = cases_of(portal, page)
    return next(each.state for each in portal.house.cases(about=about) if each.id == case)


# ---- refused


def test_members_conversations_are_for_members(portal):
    assert portal.visitor().get("/support").path == "/sign-in"


def test_nobody_reads_or_writes_in_somebody_else_s(portal):
    mia, noor = portal.register(), portal.register("noor@example.org")
    page = writes(mia, files={"attachment": ("a.pdf", PDF, "application/pdf")})
    path = thread(page)
    token = noor.get("/support").forms[0].fields["csrf"]
    record = rows_of(portal.house, schema.case_records)[0].record.hex()
    before = count_of(portal.house, schema.records)

    assert noor.get(path).status == 404
    assert noor.get(f"{path}/file/{record}/attachment").status == 404
    for verb in ("reply", "close", "rate"):
        assert noor.post(f"{path}/{verb}", {"csrf": token, "message": "hello"}).status == 404
    assert count_of(portal.house, schema.records) == before
    assert "It has not arrived" not in noor.get("/support").text


@pytest.mark.parametrize("message", ["", " \n ", "x" * 20_001], ids=["none", "blank", "long"])
def test_a_message_that_is_none_opens_nothing(portal, message):
    mia = portal.register()
    page = writes(mia, message=message)

    assert page.status == 422
    assert page.links("#message")
    assert page.form(NEW).fields["topic"] == "A late payout"
    assert count_of(portal.house, schema.cases) == 0


def test_a_file_that_is_none_of_those_taken_opens_nothing(portal):
    mia = portal.register()
    page = writes(mia, files={"attachment": ("a.exe", b"MZ\x90\0" * 90, "application/pdf")})

    assert page.status == 422
    assert page.links("#attachment")
    assert (count_of(portal.house, schema.cases), blobs_of(portal.house)) == (0, [])


def test_a_wrong_reply_leaves_a_closed_conversation_closed(portal):
    mia = portal.register()
    page = writes(mia)
    mia.send(mia.get(thread(page)).form(f"{thread(page)}/close"))
    wrong = mia.send(mia.get(thread(page)).form(f"{thread(page)}/reply"), message=" ")

    assert wrong.status == 422
    assert state(portal, page) == "closed"


def test_a_topic_is_made_ready_by_its_name_alone(portal):
    mia = portal.register()

    def topic(query):
        return mia.get(f"{NEW}?{query}").form(NEW).fields["topic"]

    assert topic("clause=use.support") == "About clause 2.7: To answer you"
    assert topic("case=IC-7K3M-Q2XD") == "About IC-7K3M-Q2XD"
    assert topic("entry=12") == "About entry 12 of the log"
    for nonsense in ("clause=nothing", "case=<b>", "entry=twelve", "topic=hello", f"case={'A' * 30}"):
        assert topic(nonsense) == ""


def test_a_form_that_comes_again_writes_one_message(portal):
    mia = portal.register()
    form = mia.get(NEW).form(NEW)
    first, again = (mia.send(form, message="hello") for _ in range(2))
    assert first.words == again.words
    reply = mia.get(thread(first)).form(f"{thread(first)}/reply")
    for _ in range(2):
        mia.send(reply, message="and this")

    assert mia.get(thread(first)).words.count("and this") == 1
    assert count_of(portal.house, schema.cases) == 1
    assert count_of(portal.house, schema.case_records) == 2


def test_a_message_that_comes_again_does_not_open_what_was_closed_or_answered_since(portal):
    mia = portal.register()
    page = writes(mia)
    reply = mia.get(thread(page)).form(f"{thread(page)}/reply")
    mia.send(reply, message="and this")
    answers(portal, page)
    mia.send(reply, message="and this")
    assert state(portal, page) == "answered"
    mia.send(mia.get(thread(page)).form(f"{thread(page)}/close"))
    before = len(ledger_of(portal.house))
    mia.send(reply, message="and this")

    assert state(portal, page) == "closed"
    assert len([e for e in ledger_of(portal.house)[before:] if e.kind == "case.moved"]) == 0


def test_another_message_from_a_page_that_brought_one_comes_back_to_be_sent_again(portal):
    mia = portal.register()
    page = writes(mia)
    reply = mia.get(thread(page)).form(f"{thread(page)}/reply")
    mia.send(reply, message="and this")
    again = mia.send(reply, message="and that")

    assert again.status == 422
    assert "You sent this form before, with something else in it" in again.words
    fresh = again.form(f"{thread(page)}/reply")
    assert fresh.fields["message"] == "and that"
    assert "and that" in mia.send(fresh).words


def test_to_close_again_what_was_opened_since_is_said_not_to_be_done(portal):
    mia = portal.register()
    page = writes(mia)
    form = mia.get(thread(page)).form(f"{thread(page)}/close")
    mia.send(form)
    mia.send(mia.get(thread(page)).form(f"{thread(page)}/reply"), message="Once more.")
    again = mia.send(form)

    assert "You sent this before, and it was changed since." in again.words
    assert state(portal, page) == "open"
    mia.send(again.form(f"{thread(page)}/close"))
    assert state(portal, page) == "closed"


# ---- members


def test_the_receipt_of_a_message_has_an_address_for_its_writer_alone(portal):
    mia, noor = portal.register(), portal.register("noor@example.org")
    form = mia.get("/support/new").form("/support/new")

    done = mia.send(form, topic="Where is it?", message="It has not arrived.", follow=False)

    assert done.status == 303
    receipt = mia.get(done.headers["location"])
    assert receipt.title == "We have your message"
    assert mia.get(done.headers["location"]).words == receipt.words
    assert noor.get(done.headers["location"]).status == 404
    joined = next(n for n, e in portal.house.entries(about=mia.subject) if e.kind == "member.joined")
    assert mia.get(f"{done.headers['location'].partition('=')[0]}={joined}").status == 404


def test_a_conversation_stands_in_order_with_who_said_what(portal):
    mia = portal.register()
    page = writes(mia, files={"attachment": ("a.pdf", PDF, "application/pdf")})
    assert page.title == "We have your message"
    answers(portal, page)
    answered = mia.get(thread(page))
    assert "We answered" in answered.words
    mia.send(answered.form(f"{thread(page)}/reply"), message="Thank you.")
    portal.clock.forward(SECOND)
    answers(portal, page, "You are welcome.", by=program("helpdesk"))

    words = mia.get(thread(page)).words
    said = [
        "You",
        "It has not arrived.",
        "Support agent",
        "We look into it.",
        "Thank you.",
        "The program helpdesk",
    ]
    places = [words.index(each) for each in said]
    assert places == sorted(places)
    assert "anna" not in words
    assert "A late payout" in mia.get("/support").words


def test_what_a_member_writes_after_an_answer_waits_for_the_next_one(portal):
    mia = portal.register()
    page = writes(mia)
    answers(portal, page)
    assert state(portal, page) == "answered"
    mia.send(mia.get(thread(page)).form(f"{thread(page)}/reply"), message="And?")
    assert state(portal, page) == "open"


def test_reading_one_s_own_is_remembered_for_its_purpose(portal):
    mia = portal.register()
    page = writes(mia)
    mia.get(thread(page))
    entry = [e for e in ledger_of(portal.house) if e.kind == "record.used" and e.category == "support"][-1]

    assert (entry.purpose, entry.actor, entry.on_behalf_of) == ("support.thread", "program:portal", "self")


def test_a_file_comes_back_as_it_was_to_be_kept_and_not_opened_here(portal):
    mia = portal.register()
    page = writes(mia, files={"attachment": ("my secret name.pdf", PDF, "application/pdf")})
    (href,) = mia.get(thread(page)).links(f"{thread(page)}/file/")
    got = mia.get(href)

    assert got.headers["content-disposition"] == 'attachment; filename="attachment.pdf"'
    assert got.headers["content-type"] == "application/pdf"
    assert got.headers["x-content-type-options"] == "nosniff"
    assert got.body.startswith(b"%PDF")
    assert mia.get(href.replace("attachment", "message")).status == 404


def test_it_is_closed_and_opened_again_by_writing(portal):
    mia = portal.register()
    page = writes(mia)
    form = mia.get(thread(page)).form(f"{thread(page)}/close")
    for _ in range(2):
        assert "It is closed" in mia.send(form).words
        assert state(portal, page) == "closed"
    mia.send(mia.get(thread(page)).form(f"{thread(page)}/reply"), message="Once more.")
    assert state(portal, page) == "open"


def test_an_answer_can_be_rated_once_also_after_the_end(portal):
    mia = portal.register()
    page = writes(mia)
    path = thread(page)
    assert all(form.action != f"{path}/rate" for form in mia.get(path).forms)
    answers(portal, page)
    mia.send(mia.get(path).form(f"{path}/close"))
    mia.send(mia.get(path).form(f"{path}/rate"), rating="4", comment="quick and kind")

    assert state(portal, page) == "closed"
    rated = mia.get(path)
    assert "You rated our answers" in rated.words
    assert all(form.action != f"{path}/rate" for form in rated.forms)
    about, _ = cases_of(portal, page)
    held = portal.house.access(about=about, category="support.feedback")
    assert shown(held) == [{"rating": 4, "comment": "quick and kind"}]
    assert held.records[0].expires_at < portal.clock() + 2 * 366 * DAY  # it runs from the close


def test_a_rating_without_a_number_and_a_word_is_none(portal):
    mia = portal.register()
    page = writes(mia)
    answers(portal, page)
    path = thread(page)
    wrong = mia.send(mia.get(path).form(f"{path}/rate"), comment=" ")

    assert wrong.status == 422
    assert state(portal, page) == "answered"


def test_what_was_typed_survives_a_session_that_ended_and_is_sent_after_signing_in_again(portal):
    mia = portal.register()
    form = mia.get("/support/new").form("/support/new")
    mia.cookies.pop("__Host-troth-member")

    page = mia.post("/support/new", {**form.fields, "message": "Where is it?", "password": "secret"})

    assert page.status == 403
    assert "secret" not in page.text
    assert count_of(portal.house, schema.case_records) == 0
    again = page.form("/support/new")
    assert again.fields["message"] == "Where is it?"
    assert mia.send(again).status == 403
    mia.sign_in("mia@example.org")
    assert mia.send(again).status == 200
    assert count_of(portal.house, schema.case_records) == 1
    stranger = portal.register("noor@example.org")
    assert stranger.send(again).status == 403


def test_a_form_without_anything_typed_leads_to_signing_in(portal):
    mia = portal.register()
    form = mia.get("/home").form("/sign-out")
    mia.cookies.pop("__Host-troth-member")
    assert mia.send(form).path == "/sign-in"


# ---- without an account


def letter(visitor, *, files=None, **fields):
    form = visitor.get("/contact").form("/contact")
    return visitor.send(form, files=files, **{"message": "Who are you?", **fields})


def test_the_ways_to_us_and_who_watches_over_us_are_named_to_everybody(portal):
    for page in (portal.visitor().get("/contact"), portal.register().get("/contact")):
        for said in ("1 Example Quay", "privacy@example.org", "Data Protection Commission, Ireland"):
            assert said in page.words


@pytest.mark.parametrize(
    ("fields", "field"),
    [({"message": ""}, "message"), ({"reply_to": "nobody"}, "reply_to"), ({"topic": "x" * 201}, "topic")],
)
def test_a_letter_that_cannot_be_taken_comes_back_and_nobody_joins(portal, fields, field):
    page = letter(portal.visitor(), **fields)

    assert page.status == 422
    assert page.links(f"#{field}")
    assert count_of(portal.house, schema.subjects) == 0


def test_a_letter_with_a_field_that_nobody_named_is_refused(portal):
    page = letter(portal.visitor(), passport="44051401458")
    assert page.status == 422
    assert count_of(portal.house, schema.subjects) == 0


def test_too_many_letters_from_one_place_are_refused(portal):
    visitor = portal.visitor()
    form = visitor.get("/contact").form("/contact")
    told = [visitor.send(form, message="").status for _ in range(61)]
    assert told[-1] == 429
    assert set(told[:-1]) == {422}


def test_a_letter_has_its_number_and_a_link_that_shows_it_to_whoever_holds_it(portal):
    visitor = portal.visitor()
    page = letter(visitor, files={"attachment": ("a.pdf", PDF, "application/pdf")})
    assert page.title == "We have your message"
    assert "shown this one time" in page.words
    there = portal.visitor().get(thread(page))

    assert "Who are you?" in there.words
    (href,) = there.links(f"{thread(page)}/file/")
    assert portal.visitor().get(href).body.startswith(b"%PDF")
    assert there.headers["referrer-policy"] == "no-referrer"
    assert there.headers["cache-control"] == "no-store"


def test_the_answer_comes_by_the_link_and_can_be_replied_to(portal):
    page = letter(portal.visitor())
    answers(portal, page, "We are Example Exchange.")
    holder = portal.visitor()
    there = holder.get(thread(page))
    assert "We are Example Exchange." in there.words
    holder.send(there.form(f"{thread(page)}/reply"), message="Thank you.")

    assert "Thank you." in holder.get(thread(page)).words
    assert state(portal, page) == "open"
    holder.send(holder.get(thread(page)).form(f"{thread(page)}/rate"), rating="5")
    holder.send(holder.get(thread(page)).form(f"{thread(page)}/close"))
    assert state(portal, page) == "closed"


def test_a_link_that_was_altered_opens_nothing(portal):
    path = thread(letter(portal.visitor()))
    token = path.rpartition("/")[2]
    visitor = portal.visitor()
    csrf = visitor.get("/contact").forms[0].fields["csrf"]
    altered = [
        token[:-1] + ("A" if token[-1] != "A" else "B"),
        token[:30] + ("A" if token[30] != "A" else "B") + token[31:],
        token[:-4],
        "x",
        "A" * 400,
    ]
    for each in altered:
        assert visitor.get(f"/contact/{each}").status == 404
        assert visitor.post(f"/contact/{each}/reply", {"csrf": csrf, "message": "hello"}).status == 404
    assert count_of(portal.house, schema.case_records) == 1


def test_a_token_made_for_something_else_opens_no_conversation(portal):
    mia = portal.register()
    page = mia.send(
        mia.get("/give/payment/payment").form("/give/payment/payment"),
        holder="Mia Moon",
        iban="DE89370400440532013000",
    )
    flow = page.form("/give/payment/payment/send").fields["flow"]
    assert portal.visitor().get(f"/contact/{flow}").status == 404


def test_the_link_opens_nothing_once_the_person_is_erased(portal):
    page = letter(portal.visitor())
    about, _ = cases_of(portal, page)
    portal.house.erase(about=about)
    assert portal.visitor().get(thread(page)).status == 404


def test_the_link_is_mailed_to_the_address_that_was_given_and_says_nothing_of_the_message(portal):
    page = letter(portal.visitor(), reply_to="Zoe@Example.org", topic="Hello")
    assert "We also send the link" in page.words
    mail = portal.letter("Zoe@example.org")

    assert f"{ORIGIN}{thread(page)}" in mail.replace("=\n", "")
    assert "Who are you" not in mail
    assert "Hello" not in mail


def test_an_address_that_a_member_has_is_answered_like_any_other(portal):
    portal.register("mia@example.org")
    portal.clock.forward(DAY // 24)
    told = []
    for address in ("mia@example.org", "nobody@example.org"):
        page = letter(portal.visitor(), reply_to=address)
        told.append([page.status, page.title, len(page.body), len(page.tree.of("p"))])
        assert "/contact/" in portal.letter(address)
    assert told[0] == told[1]
    people = {row.subject for row in rows_of(portal.house, schema.cases)}
    assert len(people) == 2


def test_a_message_that_is_sent_again_after_its_class_was_erased_is_said_to_be_gone(portal):
    mia = portal.register()
    form = mia.get(NEW).form(NEW)
    page = mia.send(form, topic="A late payout", message="It has not arrived.")
    subject, _ = cases_of(portal, page)
    portal.house.erase(about=subject, classes=["support"])
    before = count_of(portal.house, schema.records)

    again = mia.send(form, topic="A late payout", message="It has not arrived.")

    assert again.status in (404, 409)
    assert again.title
    assert count_of(portal.house, schema.records) == before


def test_a_letter_that_is_sent_again_after_its_writer_was_erased_is_none(portal):
    visitor = portal.visitor()
    form = visitor.get("/contact").form("/contact")
    assert visitor.send(form, message="Who are you?").status == 200
    (writer,) = {row.subject for row in rows_of(portal.house, schema.cases)}
    assert portal.house.erase(about=writer).whole

    again = visitor.send(form, message="Who are you?")

    assert again.status == 404
    assert count_of(portal.house, schema.subjects) == 0


def test_the_same_letter_sent_twice_is_one_and_is_mailed_once(portal):
    visitor = portal.visitor()
    form = visitor.get("/contact").form("/contact")
    visitor.send(form, message="hello", reply_to="zoe@example.org")
    portal.letter("zoe@example.org")
    portal.clock.forward(SECOND)
    visitor.send(form, message="hello", reply_to="zoe@example.org")

    assert count_of(portal.house, schema.cases) == 1
    assert portal.hall.courier.counts()["mail"].waiting == 0
    assert len([each for each in portal.office.letters if "zoe@example.org" in each.rcpt_tos]) == 1


def test_people_are_reminded_that_e_mail_is_not_encrypted_where_they_give_an_address(portal):
    text = portal.visitor().get("/contact").text
    assert "E-mail can travel without encryption" in text
    assert "E-mail can travel without encryption" not in portal.register().get(NEW).text
