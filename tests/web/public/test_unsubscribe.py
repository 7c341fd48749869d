"""One click ends messages: by the token alone, from anywhere, at once; looking changes nothing."""

import pytest

from tests.inside import ledger_of
from tests.web.markup import faults
from troth.errors import BadArgument, Refused
from troth.gates.message import Message
from troth.rules.decision import program

SITE, PURPOSE = "https://members.example.org", "contact.promotion"
BODY = {"List-Unsubscribe": "One-Click"}
OUTBOX = program("outbox")


def agreed(portal, email="mia@example.org"):
    member = portal.register(email)
    portal.house.consent(about=member.subject, purpose=PURPOSE)
    return member.subject


def path_of(portal, subject, channel="email"):
    headers = dict(portal.house.list_unsubscribe(about=subject, purpose=PURPOSE, channel=channel, site=SITE))
    assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    address = headers["List-Unsubscribe"]
    assert address.startswith(f"<{SITE}/u/")
    assert address.endswith(">")
    return address.removeprefix(f"<{SITE}").removesuffix(">")


def may_send(portal, subject, channel="email"):
    try:
        return portal.house.may_send(about=subject, purpose=PURPOSE, channel=channel, by=OUTBOX).kind
    except Refused as problem:
        return problem.codes[0]


def kinds(portal):
    return [each.kind for each in ledger_of(portal.house)]


# ---- refused


def test_whoever_only_looks_changes_nothing(portal):
    subject = agreed(portal)
    path, before = path_of(portal, subject), len(kinds(portal))

    for method in ("GET", "HEAD", "GET"):
        answer = portal.fetch(method, path)
        assert answer.status_code == 200
        assert "set-cookie" not in answer.headers

    assert len(kinds(portal)) == before
    assert may_send(portal, subject) == "message.sent"


@pytest.mark.parametrize("body", [{}, {"List-Unsubscribe": "Two-Click"}, {"list-unsubscribe": "One-Click"}])
def test_a_form_that_does_not_say_so_changes_nothing(portal, body):
    subject = agreed(portal)

    portal.fetch("POST", path_of(portal, subject), data={"x": "y", **body})

    assert may_send(portal, subject) == "message.sent"


def test_no_other_token_and_no_altered_one_ends_anything(portal):
    subject = agreed(portal)
    path = path_of(portal, subject)
    swapped = "A" if path[40] != "A" else "B"

    altered = path[:40] + swapped + path[41:]
    for strange in (path + "A", path[:-1], altered, "/u/x", f"{path}==", "/u/" + "A" * 900):
        assert portal.fetch("POST", strange, data=BODY).status_code == 404

    assert may_send(portal, subject) == "message.sent"


def test_strange_tokens_are_not_tried_too_often_from_one_place(portal):
    statuses = {portal.fetch("POST", f"/u/{n}", data=BODY).status_code for n in range(70)}

    assert statuses == {404, 429}


def test_a_large_body_is_not_taken(portal):
    path = path_of(portal, agreed(portal))

    assert portal.fetch("POST", path, data={**BODY, "x": "y" * 20_000}).status_code == 413


# ---- done


def test_a_letter_takes_the_headers_as_they_are(portal):
    headers = portal.house.list_unsubscribe(about=agreed(portal), purpose=PURPOSE, channel="email", site=SITE)

    message = Message("mia@example.org", "Offers", "Some offers.", headers=headers)

    assert [name for name, _ in message.headers] == ["List-Unsubscribe", "List-Unsubscribe-Post"]
    assert all(len(name) + len(line) < 900 for name, line in message.headers)


@pytest.mark.parametrize("site", ["http://members.example.org", "", "https://x y", "https://ä.example", 7])
def test_a_link_that_no_provider_would_use_is_not_made(portal, site):
    with pytest.raises(BadArgument):
        portal.house.list_unsubscribe(about=1, purpose=PURPOSE, channel="email", site=site)


@pytest.mark.parametrize("how", ["data", "files"])
def test_one_click_ends_it_at_once_without_a_cookie_from_anywhere(portal, how):
    subject = agreed(portal)
    body = {"data": BODY} if how == "data" else {"files": {"List-Unsubscribe": (None, "One-Click")}}

    answer = portal.fetch(
        "POST",
        path_of(portal, subject),
        headers={"origin": "https://mail.example.net", "sec-fetch-site": "cross-site"},
        **body,
    )

    assert answer.status_code == 200
    assert "location" not in answer.headers
    assert "set-cookie" not in answer.headers
    assert "mia@example.org" not in answer.text
    assert may_send(portal, subject) == "stopped"
    assert may_send(portal, subject, "inbox") == "message.sent"
    entry = next(each for each in ledger_of(portal.house) if each.kind == "channel.stopped")
    assert (entry.purpose, entry.fields, entry.clauses) == (PURPOSE, ("email",), ("right.opt-out",))


def test_a_second_click_is_answered_alike_and_writes_nothing(portal):
    subject = agreed(portal)
    path = path_of(portal, subject)

    answers = [portal.fetch("POST", path, data=BODY) for _ in range(3)]

    assert {each.status_code for each in answers} == {200}
    assert len({each.text for each in answers}) == 1
    assert kinds(portal).count("channel.stopped") == 1


def test_who_is_erased_or_in_grace_is_answered_like_anybody(portal):
    mia, noor, zoe = (agreed(portal, f"{name}@example.org") for name in ("mia", "noor", "zoe"))
    paths = [path_of(portal, subject) for subject in (mia, noor, zoe)]
    portal.house.erase(about=noor)
    portal.house.erase_later(about=zoe, days=3, code=portal.house.recovery_code())
    before = len(kinds(portal))

    answers = [portal.fetch("POST", path, data=BODY) for path in paths]

    assert {each.status_code for each in answers} == {200}
    assert len({each.text.replace(path, "") for each, path in zip(answers, paths, strict=True)}) == 1
    assert kinds(portal)[before:] == ["channel.stopped"]


def test_a_token_tells_nobody_whom_and_what_it_is_about_and_no_two_are_alike(portal):
    subject = agreed(portal)
    paths = {path_of(portal, subject) for _ in range(5)}

    assert len(paths) == 5
    assert not any(word in path for path in paths for word in ("promotion", str(subject), "email"))


def test_the_page_for_people_asks_for_one_press_and_is_in_order(portal):
    visitor = portal.visitor()
    subject = agreed(portal)
    page = visitor.get(path_of(portal, subject))
    (form,) = [form for form in page.forms if "List-Unsubscribe" in form.fields]
    assert faults(page.tree) == ["the form to `` has no token of its own"]  # that in the address is enough

    done = portal.fetch("POST", path_of(portal, subject), data=form.fields)

    assert "They are ended" in done.text
    assert may_send(portal, subject) == "stopped"


def test_a_purpose_that_nobody_may_stop_has_no_such_headers(portal):
    subject = agreed(portal)
    for purpose, channel in (("contact.service", "email"), (PURPOSE, "sms"), ("unheard", "email")):
        found = portal.house.list_unsubscribe(about=subject, purpose=purpose, channel=channel, site=SITE)
        assert found == ()
    assert portal.house.list_unsubscribe(about="X-1", purpose=PURPOSE, channel="email", site=SITE) == ()
