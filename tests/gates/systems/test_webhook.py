"""A web hook is told who and what, verifies it, and is done when its own receipt for that message says so."""

import base64
import gzip
import json
import tracemalloc
from contextlib import contextmanager
from time import sleep

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.gates.counterparts import NOW, SECRET, a_clock, verified
from tests.hooks import web_server
from troth.clock import SECOND
from troth.errors import NotDoneThere
from troth.gates.systems.declared import Hook
from troth.gates.systems.signing import Signing
from troth.gates.systems.system import Order
from troth.gates.systems.webhook import WebHookGate

NUMBER = bytes(range(16))
KNOWN = {"number": ("4611686018427387905",), "account.email": ("mia@example.org",)}
DONE = {"id": NUMBER.hex(), "done": True, "counts": {"people": 1}}


def order(act="erase", **more):
    return Order(NUMBER, act, KNOWN, since=NOW, **more)


def signed(said, *, key=SECRET, number="000102030405060708090a0b0c0d0e0f", seconds=NOW // SECOND):
    body = json.dumps(said).encode()
    signature = Signing(key).sign(number, seconds, body)
    return {"webhook-timestamp": str(seconds), "webhook-signature": signature}, body


class Receiver:
    """Answers what it is told to, one answer a request, the last one again and again."""

    def __init__(self, *answers):
        self.answers, self.sent = list(answers), []

    def __call__(self, sent):
        self.sent.append(sent)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        status, (headers, body) = answer if isinstance(answer, tuple) else (200, signed(answer))
        return status, headers, body


@contextmanager
def hook(receiver, *, tells=("number",), key=SECRET, **more):
    with web_server(receiver) as port:
        declared = Hook(
            "crm", "webhook", f"http://127.0.0.1:{port}/troth", tells, ("erase", "correct"), **more
        )
        yield WebHookGate(declared, lambda: key, a_clock())


def test_it_is_told_a_number_and_nothing_else_and_verifies_it():
    receiver = Receiver(DONE)
    with hook(receiver) as gate:
        answer = gate.do(order())
    assert answer.done
    assert answer.counts == {"people": 1}
    (sent,) = receiver.sent
    assert (sent.method, sent.path) == ("POST", "/troth")
    assert json.loads(sent.body) == {
        "id": NUMBER.hex(), "act": "erase", "since": "2028-01-01T12:00:00Z", "categories": [], "change": {},
        "person": {"number": ["4611686018427387905"]},
    }  # fmt: skip
    stamp, given = sent.headers["webhook-timestamp"], sent.headers["webhook-signature"]
    number = sent.headers["webhook-id"]
    assert verified(SECRET, number, int(stamp), sent.body, given, now=NOW // SECOND) == "taken"
    assert b"mia@example.org" not in sent.body


def test_a_value_is_told_where_the_declaration_says_that_it_knows_people_by_it():
    receiver = Receiver(DONE)
    with hook(receiver, tells=("account.email",)) as gate:
        gate.do(order("correct", change={"account.email": "mia@moon.example"}))
    said = json.loads(receiver.sent[0].body)
    assert said["person"] == {"account.email": ["mia@example.org"]}
    assert said["change"] == {"account.email": "mia@moon.example"}


def test_keys_of_ed25519_sign_in_both_directions():
    seeds = [bytes([n]) * 32 for n in (1, 2)]
    public = [Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw() for seed in seeds]
    text = [base64.b64encode(one).decode() for one in (*seeds, *public)]
    ours, theirs = f"whsk_{text[0]} whpk_{text[3]}", f"whsk_{text[1]} whpk_{text[2]}"
    receiver = Receiver((200, signed(DONE, key=theirs)))
    with hook(receiver, key=ours) as gate:
        assert gate.do(order()).done
    (sent,) = receiver.sent
    number, stamp = sent.headers["webhook-id"], sent.headers["webhook-timestamp"]
    Signing(theirs).check(number, stamp, sent.body, sent.headers["webhook-signature"], NOW // SECOND)


@pytest.mark.parametrize(
    ("answer", "problem", "stuck"),
    [
        ((200, ({}, json.dumps(DONE).encode())), "receipt-unsigned", False),
        ((200, signed(DONE, seconds=NOW // SECOND - 301)), "receipt-unsigned", False),
        ((200, signed(DONE, number="00" * 16)), "receipt-unsigned", False),
        ((200, signed(DONE, key="whsec_" + base64.b64encode(bytes(32)).decode())), "receipt-unsigned", False),
        ({**DONE, "id": "00" * 16}, "no-receipt", False),
        ({**DONE, "done": False}, "no-receipt", False),
        ({"id": NUMBER.hex(), "done": "yes"}, "no-receipt", False),
        ({**DONE, "counts": {"mia@example.org": 1}}, "answer-unlike", False),
        ((200, signed(["done"])), "answer-unlike", False),
        ((200, signed({"a": "x" * 70_000})), "answer-too-large", False),
        ((401, ({}, b"")), "credentials", False),
        ((404, ({}, b"")), "refused", False),
        ((503, ({}, b"")), "not-now", False),
        ((429, ({}, b"")), "not-now", False),
        ((307, ({"location": "http://127.0.0.1:1/"}, b"")), "redirected", True),
    ],
)
def test_nothing_but_a_receipt_for_this_message_is_done(answer, problem, stuck):
    receiver = Receiver(answer)
    with hook(receiver) as gate, pytest.raises(NotDoneThere) as told:
        gate.do(order())
    assert (told.value.problem, told.value.stuck) == (problem, stuck)
    assert told.value.__context__ is None
    assert "mia" not in str(told.value)


def test_an_explicit_receipt_is_enough_where_the_declaration_says_so():
    receiver = Receiver((200, ({}, json.dumps(DONE).encode())))
    with hook(receiver, receipts="explicit") as gate:
        assert gate.do(order()).done


def test_who_has_begun_is_asked_by_the_same_number_and_told_again_when_it_forgot():
    receiver = Receiver((202, ({}, b"")), (202, ({}, b"")), (404, ({}, b"")), DONE)
    with hook(receiver) as gate:
        assert not gate.do(order()).done
        assert not gate.do(order(asked=True)).done
        assert gate.do(order(asked=True)).done
    assert [(sent.method, sent.path) for sent in receiver.sent] == [
        ("POST", "/troth"), ("GET", f"/troth/{NUMBER.hex()}"), ("GET", f"/troth/{NUMBER.hex()}"),
        ("POST", "/troth"),
    ]  # fmt: skip


def test_one_that_is_silent_or_away_is_asked_again_later():
    def silent(sent):
        sleep(1.5)
        return 200, {}, b""

    with hook(silent, patience=1) as gate, pytest.raises(NotDoneThere) as told:
        gate.do(order())
    assert told.value.problem == "timeout"
    away = WebHookGate(
        Hook("crm", "webhook", "http://127.0.0.1:1", ("number",), ("erase",)), lambda: SECRET, a_clock()
    )
    with pytest.raises(NotDoneThere) as told:
        away.do(order())
    assert told.value.problem == "unreachable"


def test_a_person_of_whom_it_knows_nothing_by_what_we_hold_needs_somebody():
    with hook(Receiver(DONE), tells=("account.phone",)) as gate, pytest.raises(NotDoneThere) as told:
        gate.do(order())
    assert (told.value.problem, told.value.stuck) == ("unknown-there", True)


def test_keys_that_are_none_need_somebody_and_are_not_repeated():
    with hook(Receiver(DONE), key="whsec_short") as gate, pytest.raises(NotDoneThere) as told:
        gate.do(order())
    assert (told.value.problem, told.value.stuck) == ("secret-file", True)
    assert "short" not in repr(told.value)


def test_an_answer_that_came_packed_is_not_opened():
    packed = gzip.compress(gzip.compress(bytes(64 << 20)))
    receiver = Receiver((200, ({"content-encoding": "gzip, gzip"}, packed)))
    with hook(receiver) as gate:
        tracemalloc.start()
        try:
            with pytest.raises(NotDoneThere) as told:
                gate.do(order())
            most = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
    assert told.value.problem == "answer-unlike"
    assert most < 32 << 20
    assert receiver.sent[0].headers["accept-encoding"] == "identity, *;q=0"
