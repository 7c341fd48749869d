"""A text message goes to a real gateway that verifies it; one that misbehaves costs a moment and no more."""

import base64
import json
import threading
from contextlib import suppress
from time import monotonic, sleep

import pytest

from tests.gates.counterparts import (
    NOW,
    SECRET,
    Gateway,
    a_clock,
    http_gateway,
    tcp_server,
    told_by,
    trust_in,
    verified,
)
from tests.vault.known import page
from troth.clock import SECOND
from troth.errors import BadArgument, BadMessage, NotTaken, NotTakenYet
from troth.gates.message import Message
from troth.gates.sms import SmsGate, signature, signing_key

CODE = Message("+6561234567", "", "Your code is 418 205.")
VECTORS = page("sms.json")["vectors"]


def gate(port, **how):
    how = {"url": f"http://127.0.0.1:{port}/send?account=7", "secret": SECRET, "patience": 5.0, **how}
    return SmsGate(how.pop("url"), sender="Example", clock=a_clock(), **how)


# ---- what is sent


def test_a_gateway_gets_number_text_and_id_and_verifies_them():
    gateway = Gateway()
    with http_gateway(gateway) as port:
        gate(port).hand_out(CODE)
    (request,) = gateway.requests
    assert request.path == "/send?account=7"
    assert request.headers["content-type"] == "application/json"
    assert json.loads(request.body) == {
        "to": "+6561234567", "from": "Example", "text": "Your code is 418 205.", "id": CODE.id
    }  # fmt: skip
    assert request.headers["webhook-timestamp"] == str(NOW // SECOND)
    assert "python" not in str(request.headers)


def test_a_gateway_with_another_key_refuses_it():
    other = "whsec_" + base64.b64encode(bytes(32)).decode()
    with http_gateway(Gateway()) as port, pytest.raises(NotTaken, match="401"):
        gate(port, secret=other).hand_out(CODE)


def test_what_is_tried_again_has_the_same_id_and_a_new_time():
    gateway = Gateway(answers=[503])
    with http_gateway(gateway) as port:
        clock = a_clock()
        again = SmsGate(f"http://127.0.0.1:{port}/", sender="Example", secret=SECRET, clock=clock)
        with pytest.raises(NotTakenYet):
            again.hand_out(CODE)
        clock.forward(2 * SECOND)
        again.hand_out(CODE)
    first, second = (request.headers for request in gateway.requests)
    assert first["webhook-id"] == second["webhook-id"] == CODE.id
    assert int(second["webhook-timestamp"]) - int(first["webhook-timestamp"]) == 2


def test_it_travels_over_verified_tls(tmp_path):
    trust, gateway = trust_in(tmp_path), Gateway()
    with http_gateway(gateway, context=trust.context) as port:
        gate(port, url=f"https://localhost:{port}/send", trust=str(trust.file)).hand_out(CODE)
    assert len(gateway.requests) == 1


@pytest.mark.parametrize("wrong", ["authority", "name", "time"])
def test_a_certificate_that_is_not_to_be_trusted_is_given_nothing(tmp_path, wrong):
    host, days = (
        ("sms.elsewhere.example" if wrong == "name" else "localhost"),
        (-1 if wrong == "time" else 30),
    )
    for name in ("theirs", "other"):
        (tmp_path / name).mkdir()
    theirs, other = trust_in(tmp_path / "theirs", host=host, days=days), trust_in(tmp_path / "other")
    believed = other if wrong == "authority" else theirs
    gateway = Gateway()
    with http_gateway(gateway, context=theirs.context) as port, pytest.raises(NotTakenYet, match="certific"):
        gate(port, url=f"https://localhost:{port}/", trust=str(believed.file)).hand_out(CODE)
    assert gateway.requests == []


@pytest.mark.parametrize(
    "to", ["mia@example.org", "6561234567", "+65 6123 4567", "+0651234567", "+65", "+6561234567\u0661"]
)
def test_what_is_no_number_is_refused_before_anything_is_reached(to):
    with pytest.raises(BadMessage):
        gate(1).hand_out(Message(to, "", "t"))


def test_a_proxy_of_the_environment_is_not_used(monkeypatch):
    gateway = Gateway()
    with tcp_server(lambda peer: None) as other, http_gateway(gateway) as port:
        monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{other}")
        monkeypatch.setenv("ALL_PROXY", f"http://127.0.0.1:{other}")
        gate(port).hand_out(CODE)
    assert len(gateway.requests) == 1


# ---- what a gateway answers


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
def test_2xx_is_taken(status):
    gateway = Gateway(answers=[status])
    with http_gateway(gateway) as port:
        gate(port).hand_out(CODE)
    assert len(gateway.requests) == 1


@pytest.mark.parametrize("status", [400, 401, 404, 410, 422, 499])
def test_4xx_is_for_good(status):
    with http_gateway(Gateway(answers=[status])) as port, pytest.raises(NotTaken, match=str(status)):
        gate(port).hand_out(CODE)


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 599])
def test_5xx_and_not_now_is_for_now(status):
    with http_gateway(Gateway(answers=[status])) as port, pytest.raises(NotTakenYet, match=str(status)):
        gate(port).hand_out(CODE)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(status):
    elsewhere = Gateway()
    with http_gateway(elsewhere) as there:
        gateway = Gateway(answers=[status], location=f"http://127.0.0.1:{there}/taken")
        with http_gateway(gateway) as port, pytest.raises(NotTaken, match=str(status)):
            gate(port).hand_out(CODE)
    assert len(gateway.requests) == 1
    assert elsewhere.requests == []


def test_of_a_hundred_megabytes_nothing_is_read():
    written, over = [0], threading.Event()

    def flood(peer):
        peer.wfile.write(b"HTTP/1.1 200 OK\r\ncontent-length: 100000000\r\n\r\n")
        try:
            for _ in range(100):
                peer.wfile.write(bytes(1_000_000))
                written[0] += 1
        finally:
            over.set()

    with tcp_server(flood) as port:
        gate(port).hand_out(CODE)
        assert over.wait(5)
    assert written[0] < 20


def trickle(peer):
    for _ in range(200):
        peer.wfile.write(b"HTTP/1.1 200 OK\r\nx-slow: " if _ == 0 else b"y")
        peer.wfile.flush()
        sleep(0.05)


def silence(peer):
    peer.rfile.read()


def gone(peer):
    pass


def gibberish(peer):
    peer.wfile.write(b"\x00\xff no HTTP at all\r\n\r\n")


def endless_headers(peer):
    peer.wfile.write(b"HTTP/1.1 200 OK\r\n")
    while True:
        peer.wfile.write(b"x-more: " + b"x" * 8_000 + b"\r\n")


def only_hints(peer):
    while True:
        peer.wfile.write(b"HTTP/1.1 103 Early Hints\r\n\r\n")
        sleep(0.01)


@pytest.mark.parametrize("talk", [trickle, silence, gone, gibberish, endless_headers, only_hints])
def test_a_gateway_that_misbehaves_costs_a_moment_and_the_message_is_not_lost(talk):
    start = monotonic()
    with tcp_server(talk) as port, pytest.raises(NotTakenYet):
        gate(port, patience=0.4).hand_out(CODE)
    assert monotonic() - start < 3


def test_nobody_there_is_a_failure_for_now_that_tells_nothing_of_the_message():
    with tcp_server(gone) as port:
        pass
    with pytest.raises(NotTakenYet, match="reached") as refused:
        gate(port).hand_out(CODE)
    told = told_by(refused.value)
    assert "6123" not in told
    assert "418" not in told


def test_no_library_logs_anything_of_the_message(caplog):
    caplog.set_level(0)
    with http_gateway(Gateway(answers=[500])) as port:
        for _ in range(2):
            with suppress(NotTakenYet):
                gate(port).hand_out(CODE)
    assert "httpx" in {record.name for record in caplog.records}
    assert "6123" not in caplog.text
    assert "418" not in caplog.text


# ---- the signature


@pytest.mark.parametrize("vector", VECTORS, ids=[vector["name"] for vector in VECTORS])
def test_a_gateway_that_follows_the_page_judges_the_vectors_as_they_say(vector):
    outcome = verified(
        vector["secret"],
        vector["id"],
        vector["timestamp"],
        vector["body"].encode(),
        vector["signature"],
        now=vector["now"],
    )
    assert outcome == vector["expect"]


@pytest.mark.parametrize(
    "vector", [each for each in VECTORS if each["expect"] == "taken"], ids=lambda v: v["name"]
)
def test_we_sign_as_the_vectors_say(vector):
    made = signature(
        signing_key(vector["secret"]), vector["id"], vector["timestamp"], vector["body"].encode()
    )
    assert made in vector["signature"].split(" ")


def test_the_page_of_the_format_shows_a_vector():
    from tests.house.source import ROOT

    shown = (ROOT / "docs/formats/sms.md").read_text("utf-8")
    first = VECTORS[0]
    assert all(first[part] in shown for part in ("secret", "id", "body", "signature"))
    assert f"Webhook-Timestamp: {first['timestamp']}\n" in shown


# ---- what is refused at the start


def test_a_key_has_24_to_64_bytes_in_base64():
    for length in (24, 32, 64):
        text = base64.b64encode(bytes(length)).decode()
        assert signing_key(text) == signing_key(f"whsec_{text}") == bytes(length)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "whsec_",
        "canary",
        "c2hvcnQ=",
        "A" * 31,
        "not base64 at all, but long enough ...",
        "A" * 200,
        "ü" * 32,
    ],
)
def test_what_is_no_key_is_refused_and_not_repeated(text):
    with pytest.raises(BadArgument) as refused:
        gate(1, secret=text)
    assert refused.value.name == "secret"
    assert not text or text == "whsec_" or text not in str(refused.value)


@pytest.mark.parametrize(
    "url", ["http://gateway.example.net/", "https://me:secret@gateway.example.net/", "gateway"]
)
def test_what_is_no_safe_address_is_refused_at_the_start(url):
    with pytest.raises(BadArgument) as refused:
        gate(1, url=url)
    assert refused.value.name == "url"
