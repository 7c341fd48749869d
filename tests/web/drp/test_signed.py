"""What an agent signed, judged in the order of the protocol; each refusal, and the edges of time."""

import json
from base64 import b64encode

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from troth.clock import SECOND, Instant, instant, iso
from troth.errors import CallRefused
from troth.store.agents import Agent
from troth.web.drp.signed import opened

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
AGENT = Agent("GOOD_AGENT", "Good", KEY.public_key().public_bytes_raw(), (), b"", 0, 0)
NOW: Instant = instant("2026-03-01T12:00:00Z")
GOOD = {
    "agent-id": "GOOD_AGENT",
    "business-id": "US",
    "issued-at": iso(NOW - SECOND),
    "expires-at": iso(NOW + 600 * SECOND),
}


def signed(said: object, key: Ed25519PrivateKey = KEY) -> bytes:
    body = said if isinstance(said, bytes) else json.dumps(said).encode()
    return b64encode(key.sign(body) + body)


def problem_of(body: bytes, now: Instant = NOW) -> str:
    with pytest.raises(CallRefused) as refused:
        opened(body, agent=AGENT, business="US", now=now)
    return refused.value.problem


def test_what_is_good_is_opened() -> None:
    call = opened(signed(GOOD), agent=AGENT, business="US", now=NOW)
    assert dict(call.said) == GOOD
    assert (len(call.signature), call.until) == (32, NOW + 600 * SECOND)


def test_a_vector_made_elsewhere_opens_here() -> None:
    # RFC 8032, 7.1, test 3: the message is two bytes, and no object; the signature fits.
    secret = bytes.fromhex("c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7")
    sent = bytes.fromhex(
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
        "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"
        "af82"
    )
    public = Ed25519PrivateKey.from_private_bytes(secret).public_key().public_bytes_raw()
    other = Agent("GOOD_AGENT", "Good", public, (), b"", 0, 0)
    with pytest.raises(CallRefused) as refused:
        opened(b64encode(sent), agent=other, business="US", now=NOW)
    assert "not JSON" in refused.value.problem


def test_the_first_thing_that_is_wrong_is_said_in_the_order_of_the_protocol() -> None:
    wrong = {**GOOD, "agent-id": "X", "business-id": "X", "issued-at": "no", "expires-at": "no"}
    assert "Base64" in problem_of(b"%%%")
    assert "signature" in problem_of(signed(wrong, Ed25519PrivateKey.generate()))
    assert "agent-id" in problem_of(signed(wrong))
    assert "business-id" in problem_of(signed({**wrong, "agent-id": "GOOD_AGENT"}))
    assert "issued-at" in problem_of(signed({**wrong, "agent-id": "GOOD_AGENT", "business-id": "US"}))


def test_a_byte_that_was_changed_after_signing_is_found() -> None:
    raw = bytearray(KEY.sign(json.dumps(GOOD).encode()) + json.dumps(GOOD).encode())
    raw[-2] ^= 1
    assert "signature" in problem_of(b64encode(raw))


@pytest.mark.parametrize("length", [0, 1, 63, 64])
def test_what_is_shorter_than_a_signature_and_a_body_is_refused(length: int) -> None:
    assert problem_of(b64encode(b"\0" * length))


@pytest.mark.parametrize(
    "body",
    [
        b"", b"[]", b"null", b'"x"', b"\xff\xfe", b'{"a":1,"a":2}', b'{"a":NaN}', b"[" * 50_000,
        b'{"a":' * 50_000, b"{} {}",
    ],
)  # fmt: skip
def test_hostile_json_is_refused(body: bytes) -> None:
    assert problem_of(signed(body))


def test_the_times_count_to_the_microsecond() -> None:
    body = signed(GOOD)
    issued, expires = NOW - SECOND, NOW + 600 * SECOND
    assert "yet to come" in problem_of(body, issued)
    opened(body, agent=AGENT, business="US", now=issued + 1)
    opened(body, agent=AGENT, business="US", now=expires - 1)
    assert "has passed" in problem_of(body, expires)


@pytest.mark.parametrize(
    "said", ["2026-03-01T12:00:00", 5, None, "x" * 99, "9999-12-31T23:59:59-14:00", True]
)
def test_a_time_without_a_zone_or_that_is_none_is_refused(said: object) -> None:
    assert "issued-at" in problem_of(signed({**GOOD, "issued-at": said}))


def test_times_with_an_offset_count() -> None:
    there = {**GOOD, "issued-at": "2026-03-01T13:59:59+02:00", "expires-at": "2026-03-01T14:05:00+02:00"}
    assert opened(signed(there), agent=AGENT, business="US", now=NOW).said == there


def test_a_call_that_is_good_for_days_is_refused() -> None:
    assert "hour" in problem_of(signed({**GOOD, "expires-at": iso(NOW + 7_200 * SECOND)}))
