"""A form is sent within a day of its page; later it would count anew, as nothing is known of it any more."""

from base64 import urlsafe_b64decode, urlsafe_b64encode

import pytest

from tests.cast import PAYMENT
from tests.inside import count_of
from tests.web.markup import faults
from troth.clock import DAY, SECOND
from troth.store import schema
from troth.web.credentials.flows import Spent
from troth.web.form_tokens import LIFE

PROMOTION = "contact.promotion"
HOUR = 3_600 * SECOND
OPEN = "This page was open for a day."


def wait(portal, member, span):
    """Let time pass, while the member comes by often enough to stay signed in."""
    while span > 0:
        portal.clock.forward(min(span, 8 * HOUR))
        span -= 8 * HOUR
        assert member.get("/home").path == "/home"


def kinds(portal, member):
    return [e.kind for _n, e in portal.house.entries(about=member.subject)]


def test_a_replay_counts_no_more_when_its_first_time_is_forgotten(portal):
    member = portal.register()
    form = member.get("/choices").form("/choices/consent", purpose=PROMOTION)
    member.send(form, choice="given")
    member.send(member.get("/choices").form("/choices/consent", purpose=PROMOTION), choice="refused")
    wait(portal, member, 25 * HOUR)
    portal.house.sweep()
    assert count_of(portal.house, schema.repeats) == 0
    done = kinds(portal, member)
    page = member.send(form, choice="given")

    assert page.status == 409
    assert OPEN in page.words
    assert faults(page.tree) == []
    assert kinds(portal, member) == done
    assert page.links("/choices") == ["/choices", "/choices"]  # of the menu, and the way back
    fresh = member.get("/choices").form("/choices/consent", purpose=PROMOTION)
    assert member.send(fresh, choice="given").title == "You agreed"


@pytest.mark.parametrize(("age", "status"), [(LIFE - 1, 200), (LIFE, 409)])
def test_a_form_counts_for_somewhat_less_than_a_day(portal, age, status):
    member = portal.register()
    wait(portal, member, 8 * HOUR)
    form = member.get("/choices").form("/choices/consent", purpose=PROMOTION)
    wait(portal, member, age)

    assert LIFE < DAY
    assert member.send(form, choice="given").status == status


def test_the_time_of_a_form_cannot_be_altered(portal):
    member = portal.register()
    form = member.get("/choices").form("/choices/consent", purpose=PROMOTION)
    raw = bytearray(urlsafe_b64decode(form.fields["csrf"]))
    raw[19] ^= 1

    assert member.send(form, csrf=urlsafe_b64encode(raw).decode(), choice="given").status == 403


def test_a_first_message_from_an_old_page_comes_back_as_it_was_typed_and_is_sent_once(portal):
    member = portal.register()
    form = member.get("/support/new").form("/support/new")
    wait(portal, member, 25 * HOUR)
    page = member.send(form, topic="Where is it?", message="It has not arrived.")

    assert page.status == 422
    assert OPEN in page.words
    assert faults(page.tree) == []
    fresh = page.form("/support/new")
    assert (fresh.fields["topic"], fresh.fields["message"]) == ("Where is it?", "It has not arrived.")
    assert count_of(portal.house, schema.cases) == 0
    assert member.send(fresh).title == "We have your message"
    assert count_of(portal.house, schema.cases) == 1


def _payment(portal, member):
    taken = portal.house.collect(about=member.subject, category="payment", when="payment", values=PAYMENT)
    return f"/data/payment/{taken.records[0].hex()}/correct"


def _conversation(_portal, member):
    page = member.send(member.get("/support/new").form("/support/new"), message="hello")
    (path,) = {each for each in page.links("/support/") if each.count("/") == 2}
    return path


@pytest.mark.parametrize(
    ("page_of", "action_of", "field"),
    [
        (lambda *_: "/give/payment.national/payment", str, "holder"),
        (lambda *_: "/identifiers/username", str, "value"),
        (_payment, str, "holder"),
        (_conversation, lambda path: f"{path}/reply", "message"),
    ],
    ids=["giving", "identifiers", "correcting", "reply"],
)
def test_what_was_typed_into_an_old_page_comes_back(portal, page_of, action_of, field):
    member = portal.register()
    path = page_of(portal, member)
    form = member.get(path).form(action_of(path))
    wait(portal, member, 25 * HOUR)
    before = count_of(portal.house, schema.records)
    page = member.send(form, **{field: "as it was typed"})

    assert (page.status, page.form(action_of(path)).fields[field]) == (422, "as it was typed")
    assert OPEN in page.words
    assert count_of(portal.house, schema.records) == before


def test_an_old_page_changes_its_language_and_signs_out_all_the_same(portal):
    member = portal.register()
    page = member.get("/choices")
    wait(portal, member, 25 * HOUR)

    assert member.send(page.form("/look", language="ja"), language="ja").tree.of("html")[0]["lang"] == "ja"
    assert member.send(page.form("/sign-out")).status == 200
    assert member.get("/home").path == "/sign-in"


# ---- the same form, once nobody is signed in any more


def test_what_is_sent_again_after_signing_in_anew_is_the_same_form_as_before(portal):
    member = portal.register()
    form = member.get("/choices").form("/choices/consent", purpose=PROMOTION)
    member.send(form, choice="given")
    member.send(member.get("/choices").form("/choices/consent", purpose=PROMOTION), choice="refused")
    member.send(member.get("/home").form("/sign-out"))
    again = member.send(form, choice="given").form("/choices/consent")
    member.sign_in(member.email)
    done = kinds(portal, member)

    page = member.send(again)

    assert page.status == 409
    assert "You sent this before, and it was changed since." in page.words
    assert kinds(portal, member) == done


def test_a_message_that_was_sent_and_is_sent_again_in_another_session_is_one_message(portal):
    member = portal.register()
    form = member.get("/support/new").form("/support/new")
    typed = {"topic": "Where is it?", "message": "It has not arrived."}
    member.send(form, **typed)
    member.send(member.get("/home").form("/sign-out"))
    again = member.send(form, **typed).form("/support/new")
    member.sign_in(member.email)

    assert member.send(again).status == 200
    assert count_of(portal.house, schema.cases) == 1


def test_of_a_button_that_was_pressed_nothing_is_said_to_have_been_typed(portal):
    member = portal.register()
    form = member.get("/choices").form("/choices/consent", purpose=PROMOTION)
    member.send(member.get("/home").form("/sign-out"))

    page = member.send(form, choice="given")

    assert "What you sent stands in this page" in page.words
    assert "typed" not in page.words


def test_a_form_that_is_over_is_no_newer_once_nobody_is_signed_in(portal):
    member = portal.register()
    form = member.get("/support/new").form("/support/new")
    member.send(member.get("/home").form("/sign-out"))
    portal.clock.forward(25 * HOUR)

    assert member.send(form, topic="x", message="y").path == "/sign-in"


@pytest.mark.parametrize("token", ["", "of another browser"])
def test_only_what_was_made_here_is_given_back_to_be_sent_again(portal, token):
    member, other = portal.register(), portal.visitor()
    csrf = token and other.get("/register").form("/register").fields["csrf"]
    member.send(member.get("/home").form("/sign-out"))

    page = member.post("/support/new", {"csrf": csrf, "topic": "x", "message": "y"})

    assert page.status == 403
    assert all(form.action != "/support/new" for form in page.forms)


def test_a_password_that_was_replaced_does_not_come_back_with_its_form_after_a_restart(portal):
    member = portal.register()
    forms = [member.get("/security/password").form("/security/password") for _ in range(2)]
    for form, password in zip(forms, ("a first long pass phrase", "a second long pass phrase"), strict=True):
        assert member.send(form, password=password).path == "/security"
    portal.clock.forward(SECOND)
    portal.hall.spent = Spent(since=portal.clock())

    page = member.send(forms[0], password="a first long pass phrase")

    assert page.status == 409
    visitor = portal.visitor()
    ways = visitor.send(visitor.get("/sign-in").form("/sign-in"), identifier=member.email)
    assert visitor.send(ways.form("/sign-in/password"), password="a first long pass phrase").status == 422


def test_what_a_visitor_typed_comes_back_a_day_and_days_later(portal):
    visitor = portal.visitor()
    form = visitor.get("/contact").form("/contact")
    portal.clock.forward(3 * DAY)

    page = visitor.send(form, message="a long complaint", topic="about you")

    kept = page.form("/contact").fields
    assert (page.status, kept["message"], kept["topic"]) == (422, "a long complaint", "about you")
    assert OPEN in page.words
    sent = visitor.send(page.form("/contact"))
    assert "We have your message" in sent.title
    link = sent.links("/contact/")[0]
    reply = visitor.get(link).form(f"{link}/reply")
    portal.clock.forward(DAY)
    back = visitor.send(reply, message="one more thing")
    assert (back.status, back.form(f"{link}/reply").fields["message"]) == (422, "one more thing")


def test_a_rating_that_comes_too_late_is_given_back_as_it_was_chosen(portal):
    visitor = portal.visitor()
    sent = visitor.send(visitor.get("/contact").form("/contact"), message="hello", topic="x")
    link = sent.links("/contact/")[0]
    visitor.send(visitor.get(link).form(f"{link}/close"))
    rating = visitor.get(link).form(f"{link}/rate")
    number = next(e.get("name") for e in rating.element.of("input") if e.get("type") == "radio")
    portal.clock.forward(DAY)

    back = visitor.send(rating, **{number: "4"})

    assert (back.status, back.form(f"{link}/rate").fields[number]) == (422, "4")
    assert visitor.send(back.form(f"{link}/rate")).words.count("You rated our answers") == 1


def test_a_page_that_is_opened_late_in_the_day_is_good_for_a_day_of_its_own(portal):
    visitor = portal.visitor()
    visitor.get("/register")
    first = visitor.cookies["__Host-troth-visit"]
    portal.clock.forward(6 * DAY + 23 * HOUR)
    form = visitor.get("/register").form("/register")
    portal.clock.forward(2 * HOUR)

    asked = visitor.send(form, identifier="mia@example.org", accept="yes")

    assert asked.form("/register/code")
    assert visitor.cookies["__Host-troth-visit"] == first
