import json

import pytest
from starlette.requests import Request

from tests.cast import ACTIVITY, MIA, joins
from troth.acts.use import accessing
from troth.errors import BodyTooLarge, BodyUnreadable
from troth.rules.decision import member
from troth.web.api.bodies import MOST, read, whole

GOOD = {"about": {"reference": MIA}, "category": "activity", "when": "service_use", "values": ACTIVITY}
HOSTILE = {
    "deep lists": b'{"values":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "deep objects": b'{"a":' * 20_000 + b"1" + b"}" * 20_000,
    "not so deep": b"[" * 33 + b"]" * 33,
    "NaN": b'{"age": NaN}',
    "Infinity": b'{"age": -Infinity}',
    "beyond all numbers": b'{"age": 1e999}',
    "more digits than Python reads": b'{"age": ' + b"9" * 5_000 + b"}",
    "a name twice": b'{"age": 1, "age": 2}',
    "a name twice, written apart": b'{"age": 1, "\\u0061ge": 2}',
    "half of a surrogate pair": b'{"category": "\\ud83d"}',
    "the other half": b'{"\\udc00": 1}',
    "no UTF-8": b'{"category": "\xff\xfe"}',
    "UTF-16": '{"category": "a"}'.encode("utf-16"),
    "a byte order mark": b"\xef\xbb\xbf{}",
    "nothing": b"",
    "two texts": b"{} {}",
    "cut off": b'{"category": "acc',
    "a comment": b"{/* */}",
    "single quotes": b"{'a': 1}",
}


@pytest.fixture
def exchange(api):
    joins(api.house, MIA)
    return api.program("exchange", "service", "security")


def held(api) -> int:
    job = accessing(by=member(), about=MIA, category="activity")
    return len(api.house.teller.ask(job).records)


@pytest.mark.parametrize("body", HOSTILE.values(), ids=HOSTILE)
def test_json_that_is_none_or_means_two_things_is_refused(body):
    with pytest.raises(BodyUnreadable):
        read(body)


@pytest.mark.parametrize("path", ["/records", "/reads", "/records/batch"])
@pytest.mark.parametrize("body", HOSTILE.values(), ids=HOSTILE)
def test_it_is_refused_at_the_door_without_being_repeated(exchange, path, body):
    answer = exchange.send("POST", path, body, troth_purpose="service", content_type="application/json")
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert len(answer.content) < 1_500


def test_a_hundred_thousand_names_are_refused_cheaply(api, exchange):
    body = json.dumps({**GOOD, "values": {f"n{n}": 0 for n in range(15_000)}}).encode()
    assert len(body) < MOST
    answer = exchange.send("POST", "/records", body)
    assert answer.status_code == 422
    assert len(answer.content) < 1_500
    more = json.dumps({**GOOD, "values": {f"n{n}": 0 for n in range(100_000)}}).encode()
    assert exchange.send("POST", "/records", more).status_code == 413
    assert held(api) == 0


@pytest.mark.parametrize("value", [2**53, -(2**60), 1.5, [1], {"a": 1}, None, "x" * 1_000, True])
def test_a_value_of_another_type_is_refused_by_its_field(exchange, value):
    answer = exchange.post("/records", {**GOOD, "values": {**ACTIVITY, "action": value}})
    assert answer.status_code == 422
    assert answer.json()["reasons"] == [{"code": "malformed", "word": "action"}]


@pytest.mark.parametrize("path", ["/records", "/records/batch", "/reads", "/subjects/search", "/cases"])
def test_a_body_of_another_kind_is_refused(exchange, path):
    for kind in (
        "text/plain",
        "application/xml",
        "",
        "application/json5",
        "application/x-www-form-urlencoded",
    ):
        answer = exchange.send("POST", path, b"{}", content_type=kind, troth_purpose="service")
        assert (answer.status_code, answer.json()["code"]) == (415, "api.media-type"), kind


@pytest.mark.parametrize("accept", ["text/html", "application/xml, text/*", "application/json;q=0"])
def test_whoever_takes_no_json_is_told_that_there_is_nothing_else(exchange, accept):
    answer = exchange.get("/cases?name=identity-check&state=submitted", accept=accept)
    assert (answer.status_code, answer.json()["code"]) == (406, "api.not-acceptable")


@pytest.mark.parametrize("accept", ["*/*", "application/*", "text/html, application/json;q=0.5", ""])
def test_whoever_takes_json_gets_it(api, accept):
    assert api.ask("GET", "/agreements", headers={"accept": accept}).status_code == 200


def test_what_is_larger_than_one_act_is_refused_before_it_is_read(exchange):
    answer = exchange.send("POST", "/reads", b"x" * (MOST + 1), troth_purpose="service")
    assert (answer.status_code, answer.json()["code"]) == (413, "api.too-large")


def test_nobody_without_a_key_has_their_body_read(api):
    async def never():
        raise AssertionError("the body was asked for")
        yield b""  # pragma: no cover

    answer = api.ask("POST", "/records", content=never(), headers={"content-type": "application/json"})
    assert answer.status_code == 401


def of(*messages: dict) -> Request:
    waiting = list(messages)

    async def receive() -> dict:
        return waiting.pop(0)

    return Request({"type": "http", "method": "POST", "path": "/", "headers": []}, receive)


def test_a_body_whose_length_was_not_told_is_bounded_all_the_same(api):
    chunks = [{"type": "http.request", "body": b"x" * 200_000, "more_body": True}] * 2
    with pytest.raises(BodyTooLarge):
        api.run(whole(of(*chunks)))


def test_a_connection_that_breaks_off_in_a_body_stores_nothing(api, exchange):
    body = json.dumps(GOOD).encode()

    async def broken():
        sent = []
        messages = [
            {"type": "http.request", "body": body[:40], "more_body": True},
            {"type": "http.disconnect"},
        ]

        async def receive():
            return messages.pop(0)

        async def send(message):
            sent.append(message)

        headers = {**exchange.shown, "host": "localhost:8000", "content-type": "application/json"}
        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": "POST",
            "scheme": "http",
            "path": "/api/v1/records",
            "raw_path": b"/api/v1/records",
            "query_string": b"",
            "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
            "client": ("127.0.0.1", 1),
            "server": ("localhost", 8000),
        }
        await api.app(scope, receive, send)
        return sent

    (start, *_) = api.run(broken())
    assert start["status"] == 422
    assert held(api) == 0
    assert exchange.send("POST", "/records", body).status_code == 201
