"""May a message be sent: decided before it is, remembered once, and with the way to end such letters."""

import pytest

from tests.cast import MIA, joins
from tests.web.api.calling import codes

BODY = {"about": {"reference": MIA}, "channel": "email"}
PATH = "/messages/permission"


@pytest.fixture
def outbox(api):
    joins(api.house, MIA)
    return api.program("outbox", "contact")


def asked(outbox, **headers):
    return outbox.post(PATH, BODY, troth_purpose="contact.promotion", **headers)


def test_without_a_consent_or_with_a_stopped_channel_nothing_may_be_sent(api, outbox):
    assert codes(asked(outbox)) == ["consent-missing"]
    api.house.consent(about=MIA, purpose="contact.promotion")
    api.house.stop(about=MIA, purpose="contact.promotion", channel="email")
    refused = asked(outbox)
    assert (refused.status_code, "stopped" in codes(refused)) == (403, True)
    assert api.lines()[refused.json()["entry"]]["act"] == "send"


def test_a_purpose_is_named_and_is_one_of_the_key(api, outbox):
    assert outbox.post(PATH, BODY).json()["code"] == "api.no-purpose"
    other = api.program("outbox", "support")
    assert asked(other).json()["code"] == "api.purpose-not-of-key"


def test_a_channel_that_no_clause_names_and_somebody_unknown_are_refused(outbox):
    pigeon = outbox.post(PATH, {**BODY, "channel": "pigeon"}, troth_purpose="contact.promotion")
    assert (pigeon.status_code, codes(pigeon)) == (403, ["no-clause"])
    nobody = outbox.post(PATH, {**BODY, "about": {"reference": "M-9"}}, troth_purpose="contact.promotion")
    assert nobody.status_code == 404


def test_what_may_be_sent_is_remembered_once_however_often_it_is_asked(api, outbox):
    api.house.consent(about=MIA, purpose="contact.promotion")
    first = asked(outbox, idempotency_key="1")
    again = asked(outbox, idempotency_key="1")
    assert first.status_code == 200, first.text
    assert first.json() == again.json()
    assert [line["kind"] for line in api.lines()].count("message.sent") == 1
    assert first.json()["headers"] == {}  # this house is served without TLS, and RFC 8058 asks for it


def test_a_repeat_is_no_way_around_a_no_that_was_said_meanwhile(api, outbox):
    api.house.consent(about=MIA, purpose="contact.promotion")
    assert asked(outbox, idempotency_key="1").status_code == 200
    api.house.withdraw(about=MIA, purpose="contact.promotion")
    refused = asked(outbox, idempotency_key="1")
    assert (refused.status_code, codes(refused)) == (403, ["consent-withdrawn"])


def test_the_headers_of_a_letter_end_such_letters_with_one_click(api, outbox):
    from dataclasses import replace

    api.house.consent(about=MIA, purpose="contact.promotion")
    api.hall.site = replace(api.hall.site, origins=("https://members.example.org",))
    headers = asked(outbox).json()["headers"]
    assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert headers["List-Unsubscribe"].startswith("<https://members.example.org/u/")
