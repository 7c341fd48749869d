"""Choices: each one press either way, effective at once, with a receipt; nothing chosen for anybody."""

import pytest

from tests.cast import AGENT
from tests.houses import MEMBER_TEXT
from tests.inside import count_of
from tests.web.markup import faults
from troth.custody.receipts import hash_of
from troth.errors import Refused
from troth.evidence.report import verify
from troth.evidence.status import Status
from troth.rules.decision import program
from troth.store import schema

PROMOTION = "contact.promotion"


def press(member, action, choice, **about):
    page = member.get("/choices")
    return member.send(page.form(action, **about), choice=choice)


def kinds(portal, member):
    return [e.kind for _n, e in portal.house.entries(about=member.subject)]


def test_nobody_who_is_not_signed_in_chooses(portal):
    visitor = portal.visitor()
    assert visitor.get("/choices", follow=False).status == 303
    form = visitor.get("/register").form("/register")
    fields = {"csrf": form.fields["csrf"], "purpose": PROMOTION, "choice": "given"}
    sent = visitor.post("/choices/consent", fields, follow=False)
    assert (sent.status, sent.title) == (403, "You are not signed in any more")
    assert "/sign-in?back=/choices" in sent.links("/sign-in")
    assert count_of(portal.house, schema.subjects) == 0


def test_a_choice_without_the_token_of_the_form_changes_nothing(portal):
    member = portal.register("mia@example.org")
    sent = member.post("/choices/consent", {"purpose": PROMOTION, "choice": "given"})
    assert sent.status == 403
    assert "consent.given" not in kinds(portal, member)


def test_a_form_of_somebody_else_changes_nothing(portal):
    member, other = portal.register("mia@example.org"), portal.register("noor@example.org")
    theirs = other.get("/choices").form("/choices/consent", purpose=PROMOTION)
    assert member.send(theirs, choice="given").status == 403
    assert "consent.given" not in kinds(portal, other) + kinds(portal, member)


@pytest.mark.parametrize(
    ("action", "fields"),
    [
        ("/choices/consent", {"purpose": "no.such.purpose", "choice": "given"}),
        ("/choices/objection", {"purpose": "support.reply", "choice": "objected"}),
        ("/choices/restriction", {"category": "no-such", "choice": "unused"}),
    ],
)
def test_what_the_agreement_does_not_offer_is_refused(portal, action, fields):
    member = portal.register("mia@example.org")
    form = member.get("/choices").form(action)
    assert member.send(form, **fields).status == 403


def test_nothing_is_chosen_beforehand(portal):
    page = portal.register("mia@example.org").get("/choices")
    assert faults(page.tree) == []
    pressed = [
        button
        for form in page.forms
        if form.action == "/choices/consent"
        for button in form.element.of("button")
        if button["aria-pressed"] == "true"
    ]
    assert pressed == []


def test_to_give_and_to_withdraw_take_one_press_each_and_end_on_the_same_kind_of_page(portal):
    member = portal.register("mia@example.org")
    given = press(member, "/choices/consent", "given", purpose=PROMOTION)
    taken = press(member, "/choices/consent", "refused", purpose=PROMOTION)
    assert (given.status, taken.status) == (200, 200)
    assert (given.title, taken.title) == ("You agreed", "You withdrew your consent")
    assert given.path == taken.path == "/choices/consent"
    assert kinds(portal, member)[-2:] == ["consent.given", "consent.withdrawn"]


def test_a_withdrawal_is_effective_from_the_next_decision_on(portal):
    member = portal.register("mia@example.org")
    promotion = portal.house.purpose(PROMOTION, by=program("outbox"))
    press(member, "/choices/consent", "given", purpose=PROMOTION)
    assert promotion.read(about=member.subject, category="account").records
    press(member, "/choices/consent", "refused", purpose=PROMOTION)
    with pytest.raises(Refused) as refused:
        promotion.read(about=member.subject, category="account")
    assert "consent-withdrawn" in refused.value.codes


def test_a_replayed_press_changes_nothing_twice_and_the_other_button_counts_all_the_same(portal):
    member = portal.register("mia@example.org")
    form = member.get("/choices").form("/choices/consent", purpose=PROMOTION)
    first, again = (member.send(form, choice="given") for _ in range(2))
    assert kinds(portal, member).count("consent.given") == 1
    assert first.words == again.words
    member.send(form, choice="refused")
    assert kinds(portal, member)[-1] == "consent.withdrawn"


@pytest.mark.parametrize(
    ("action", "about", "one", "other", "stands"),
    [
        ("/choices/consent", {"purpose": PROMOTION}, "given", "refused", "consent.withdrawn"),
        ("/choices/consent", {"purpose": PROMOTION}, "refused", "given", "consent.given"),
        ("/choices/objection", {"purpose": "support.quality"}, "objected", "allowed", "objection.ended"),
        ("/choices/restriction", {"category": "account"}, "unused", "used", "restriction.lifted"),
    ],
)
def test_a_press_on_a_form_already_used_is_not_answered_as_if_it_stood(
    portal, action, about, one, other, stands
):
    member = portal.register("mia@example.org")
    form = member.get("/choices").form(action, **about)
    member.send(form, choice=one)
    member.send(form, choice=other)
    done = kinds(portal, member)
    assert done[-1] == stands
    again = member.send(form, choice=one)

    assert again.status == 409
    assert again.title == "Choices"
    assert "You sent this before, and it was changed since." in again.words
    assert faults(again.tree) == []
    assert kinds(portal, member) == done
    assert member.send(again.form(action, **about), choice=one).status == 200
    assert len(kinds(portal, member)) == len(done) + 1


@pytest.mark.parametrize(
    ("action", "field", "choice"),
    [
        ("/choices/consent", "purpose", "given"),
        ("/choices/objection", "purpose", "objected"),
        ("/choices/restriction", "category", "unused"),
    ],
)
def test_every_choice_of_a_page_counts_whatever_was_pressed_on_it_before(portal, action, field, choice):
    member = portal.register("mia@example.org")
    some = [form for form in member.get("/choices").forms if form.action == action]
    assert len(some) > 1
    before = len(kinds(portal, member))
    for form in some:
        member.send(form, choice=choice)

    made = [e for _n, e in portal.house.entries(about=member.subject)][before:]
    assert [e.purpose or e.category or "*" for e in made] == [form.fields[field] for form in some]


def test_the_receipt_page_says_what_was_shown_and_how(portal):
    member = portal.register("mia@example.org")
    page = press(member, "/choices/consent", "given", purpose=PROMOTION)
    clause = portal.hall.agreement.clause("use.promotions")
    assert faults(page.tree) == []
    for said in (hash_of(clause), "Version of the agreement1", "Language of the texten", "one press"):
        assert said.replace("1", "") in page.words.replace("1", "")


@pytest.mark.parametrize("choices", [("refused",), ("given", "refused"), ("given",)])
def test_every_choice_has_a_receipt_for_programs_with_its_whole_history(portal, choices):
    member = portal.register("mia@example.org")
    for choice in choices:
        page = press(member, "/choices/consent", choice, purpose=PROMOTION)
    (link,) = page.links("/choices/receipts/")
    given = member.get(link)
    receipt = given.response.json()
    (record,) = receipt["dpv:hasRecordOfActivity"]
    assert receipt["@type"] == "dpv:ConsentReceipt"
    assert isinstance(record["dpv:hasProcess"], list)
    states = [each["@type"] for each in record["dpv:hasConsentStatus"]]
    last = "dpv:ConsentGiven" if choices == ("given",) else "dpv:ConsentWithdrawn"
    assert states[-1] == ("dpv:ConsentRefused" if choices == ("refused",) else last)
    assert len(states) == len(choices)
    assert "mia@example.org" not in given.text
    assert record["dpv:hasProcess"][0]["dpv:hasConsentControl"]["dpv:isExercisedAt"].endswith("/choices")


def test_the_receipt_of_what_is_no_consent_is_not_there(portal):
    member = portal.register("mia@example.org")
    number = portal.house.entries(about=member.subject)[0][0]
    assert member.get(f"/choices/receipts/{number}").status == 404


def test_an_objection_and_its_end_are_one_press_each(portal):
    member = portal.register("mia@example.org")
    press(member, "/choices/objection", "objected", purpose="support.quality")
    done = press(member, "/choices/objection", "allowed", purpose="support.quality")
    assert done.title == "You allow it again"
    assert kinds(portal, member)[-2:] == ["objection.made", "objection.ended"]


@pytest.mark.parametrize("category", ["*", "account"])
def test_what_is_restricted_is_not_read_and_the_member_still_signs_in_and_lifts_it(portal, category):
    member = portal.register("mia@example.org")
    press(member, "/choices/restriction", "unused", category=category)
    support = portal.house.purpose("support.reply", by=AGENT, case="C-1")
    with pytest.raises(Refused) as refused:
        support.read(about=member.subject, category="account")
    assert "restricted" in refused.value.codes
    assert "stored and not used" in member.get("/home").words
    again = portal.visitor().sign_in("mia@example.org")
    press(again, "/choices/restriction", "used", category=category)
    assert support.read(about=member.subject, category="account").records


def test_whoever_restricted_everything_and_signs_in_breaks_no_promise(portal):
    press(portal.register("mia@example.org"), "/choices/restriction", "unused", category="*")
    portal.visitor().sign_in("mia@example.org").get("/home")
    (clause,) = (each for each in verify(portal.house.teller).clauses if each.clause == "right.restrict")
    assert clause.status is Status.KEPT


def test_the_signal_of_a_browser_is_shown_as_honoured_and_writes_no_line_where_nothing_is_shared(portal):
    member = portal.register("mia@example.org", **{"sec-gpc": "1"})
    before = len(portal.house.entries(about=member.subject))
    page = member.get("/choices")
    assert "That is honoured." in page.words
    assert "With or without it, nothing is sold" in page.words
    assert not any(s.get("src").endswith("usage.js") for s in page.tree.of("script"))
    assert len(portal.house.entries(about=member.subject)) == before


@pytest.mark.parametrize("value", ["0", "true", "1;x", ""])
def test_a_signal_that_is_not_exactly_one_is_none(portal, value):
    member = portal.register("mia@example.org", **{"sec-gpc": value})
    assert "does not send Global Privacy Control" in member.get("/choices").words


SHARED = MEMBER_TEXT.replace(
    "# 4 How we protect it",
    """## 3.12 Moonbeam {#disclose.moon}
When you do not object, Moonbeam gets your e-mail address to keep the service running, and decides alone.

```rule
disclose: moon
recipients:
  moonbeam: {place: SG, relationship: independent_controller, words: Moonbeam Ltd}
of: [account.email]
for: [service.upkeep]
by: {programs: [outbox]}
basis: legitimate_interests
```

# 4 How we protect it""",
)


def test_where_something_is_shared_the_signal_is_kept_once_as_an_objection(new_portal):
    portal = new_portal(text=SHARED)
    member = portal.register("mia@example.org", **{"sec-gpc": "1"})
    for _ in range(3):
        assert member.get("/choices").status == 200
    assert kinds(portal, member).count("objection.made") == 1
    assert "It stands as your objection to: To keep the service running." in member.get("/choices").words


def test_the_signal_is_kept_by_whoever_signs_in_with_it_and_never_opens_the_page_of_choices(new_portal):
    portal = new_portal(text=SHARED)
    member = portal.register("mia@example.org")
    assert kinds(portal, member).count("objection.made") == 0
    portal.visitor(**{"sec-gpc": "1"}).sign_in("mia@example.org")
    portal.visitor(**{"sec-gpc": "1"}).sign_in("mia@example.org")
    assert kinds(portal, member).count("objection.made") == 1


def test_each_choice_says_in_words_how_it_stands(portal):
    member = portal.register("mia@example.org")

    def said(field):
        page = member.get("/choices")
        quiet = [
            [p.text for p in article.of("p") if p.get("class") == "quiet"][:1]
            for article in page.tree.of("article")
            if any(each.get("name") == field for each in article.of("input"))
        ]
        assert all(quiet)
        return {text for (text,) in quiet}

    before = said("purpose") | said("category")
    assert "It may be done; you have not objected" in before
    assert "It is used as the agreement says" in before
    press(member, "/choices/objection", "objected")
    press(member, "/choices/restriction", "unused")
    after = said("purpose") | said("category")
    assert {"You objected", "It is stored and not used"} <= after


# ---- choices that bear on one another


def choosing(page, field, value):
    """What stands about one choice: its state in words, and the values of the buttons that are pressed."""
    for article in page.tree.of("article"):
        if any(i.get("name") == field and i.get("value") == value for i in article.of("input")):
            pressed = [b.get("value") for b in article.of("button") if b.get("aria-pressed") == "true"]
            quiet = next(p.text for p in article.of("p") if p.get("class") == "quiet")
            return " ".join(quiet.split()), pressed
    raise AssertionError(f"no choice about {value}")


RESTS = "Not done now: you have all that it reads stored without use"


def test_what_is_not_done_because_everything_is_restricted_is_not_said_to_be_done(portal):
    member = portal.register("mia@example.org")
    press(member, "/choices/consent", "given", purpose=PROMOTION)
    press(member, "/choices/restriction", "unused", category="*")
    page = member.get("/choices")

    for purpose in ("analysis.improve", "service.upkeep", "support.quality"):
        assert choosing(page, "purpose", purpose) == (RESTS, [])
    said, pressed = choosing(page, "purpose", PROMOTION)
    assert said.startswith("You agreed")
    assert said.endswith(RESTS)
    assert pressed == ["given"]
    stored = "It is stored and not used: you chose so for all that it belongs to"
    assert choosing(page, "category", "account") == (stored, ["unused"])
    assert choosing(page, "category", "*") == ("It is stored and not used", ["unused"])
    assert "It may be done" not in page.words


def test_an_objection_stands_as_one_whatever_is_restricted(portal):
    member = portal.register("mia@example.org")
    press(member, "/choices/objection", "objected", purpose="support.quality")
    press(member, "/choices/restriction", "unused", category="*")

    assert choosing(member.get("/choices"), "purpose", "support.quality") == ("You objected", ["objected"])


def test_a_use_of_which_one_kind_alone_is_restricted_is_said_to_be_made_without_it(portal):
    member = portal.register("mia@example.org")
    portal.house.restrict(about=member.subject, category="support.feedback")
    page = member.get("/choices")
    assert choosing(page, "purpose", "support.quality") == (RESTS, [])
    assert choosing(page, "purpose", "service.upkeep")[0] == "It may be done; you have not objected"

    portal.house.restrict(about=member.subject, category="usage")
    said, pressed = choosing(member.get("/choices"), "purpose", "service.upkeep")
    assert said == "It may be done, but not with what you have stored without use; you have not objected"
    assert pressed == ["allowed"]


def test_a_kind_is_not_said_to_be_used_again_while_everything_is_restricted(portal):
    member = portal.register("mia@example.org")
    press(member, "/choices/restriction", "unused", category="*")
    done = press(member, "/choices/restriction", "used", category="account")

    assert done.status == 409
    assert "You have more than this stored without use." in done.words
    assert "restriction.lifted" not in kinds(portal, member)
    press(member, "/choices/restriction", "used", category="*")
    page = member.get("/choices")
    assert choosing(page, "category", "account") == ("It is used as the agreement says", ["used"])
    assert choosing(page, "purpose", "support.quality")[1] == ["allowed"]


# ---- one way of being reached


def test_each_way_has_a_switch_of_its_own_and_stops_with_one_press(portal):
    member = portal.register("mia@example.org")
    press(member, "/choices/consent", "given", purpose=PROMOTION)
    page = member.get("/choices")
    ways = [form.fields["way"] for form in page.forms if form.action == "/choices/channel"]
    assert ways == [f"{PROMOTION} by email", f"{PROMOTION} by inbox"]
    assert faults(page.tree) == []

    done = press(member, "/choices/channel", "stopped", way=ways[0])

    assert done.title == "You stopped this way of reaching you"
    assert kinds(portal, member)[-1] == "channel.stopped"
    outbox, about = program("outbox"), member.subject
    with pytest.raises(Refused):
        portal.house.may_send(about=about, purpose=PROMOTION, channel="email", by=outbox)
    assert portal.house.may_send(about=about, purpose=PROMOTION, channel="inbox", by=outbox)
    assert "You stopped this way" in member.get("/choices").words

    assert press(member, "/choices/channel", "open", way=ways[0]).title == "It may reach you"

    assert portal.house.may_send(about=about, purpose=PROMOTION, channel="email", by=outbox)


@pytest.mark.parametrize("way", ["contact.service by email", "contact.promotion by sms", "x", "", " by "])
def test_a_way_that_nobody_may_stop_is_refused(portal, way):
    member = portal.register("mia@example.org")
    form = member.get("/choices").form("/choices/channel")
    form.fields["way"] = way

    assert member.send(form, choice="stopped").status in (403, 422)

    assert "channel.stopped" not in kinds(portal, member)
