"""A processor that speaks OpenDSR 2.0 is told, asked, and believed when its pinned certificate signed it."""

import base64
import datetime
import json
from contextlib import contextmanager

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

from tests.gates.counterparts import NOW
from tests.hooks import web_server
from troth.errors import NotDoneThere
from troth.gates.systems.declared import Hook
from troth.gates.systems.opendsr import OpenDsrGate
from troth.gates.systems.system import Order

NUMBER = bytes(range(16))
UUID4 = "00010203-0405-4607-8809-0a0b0c0d0e0f"
KNOWN = {"account.email": ("mia@example.org",)}
DISCOVERY = {
    "api_version": "2.0",
    "supported_identities": [{"identity_type": "email", "identity_format": "raw"}],
    "supported_subject_request_types": ["erasure", "access"],
}
FILED = {"subject_request_id": UUID4, "encoded_request": "Y2FuYXJ5", "controller_id": "us"}
STATUS = {"subject_request_id": UUID4, "request_status": "completed", "results_count": 3}


def certified(kind="rsa"):
    key = rsa.generate_private_key(65537, 2048) if kind == "rsa" else ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "processor.example")])
    start = datetime.datetime.fromisoformat("2024-01-01T00:00:00+00:00")
    made = x509.CertificateBuilder(
        name, name, key.public_key(), 7, start, start.replace(year=2044)
    ).sign(key, hashes.SHA256())  # fmt: skip
    return key, made.public_bytes(serialization.Encoding.PEM)


KEY, PEM = certified()


def sign(key, body):
    if isinstance(key, rsa.RSAPrivateKey):
        made = key.sign(body, padding.PKCS1v15(), hashes.SHA256())
    else:
        made = key.sign(body, ec.ECDSA(hashes.SHA256()))
    return base64.b64encode(made).decode()


class Processor:
    """A processor of a few lines: what it says is set for each path."""

    def __init__(self, *, key=KEY, domain="processor.example", filing=(201, FILED), status=(200, STATUS)):
        self.key, self.domain, self.sent = key, domain, []
        self.said = {"/discovery": (200, DISCOVERY), "/requests": filing, f"/requests/{UUID4}": status}

    def __call__(self, sent):
        self.sent.append(sent)
        status, said = self.said[sent.path]
        body = json.dumps(said).encode()
        return status, {
            "X-OpenDSR-Processor-Domain": self.domain, "X-OpenDSR-Signature": sign(self.key, body)
        }, body  # fmt: skip


@contextmanager
def opendsr(processor, *, pem=PEM):
    with web_server(processor) as port:
        declared = Hook(
            "ads", "opendsr", f"http://127.0.0.1:{port}", ("account.email",), ("erase",),
            domain="processor.example", identities={"account.email": "email"},
        )  # fmt: skip
        yield OpenDsrGate(declared, lambda: pem)


def order(**more):
    return Order(NUMBER, "erase", KNOWN, since=NOW, **more)


@pytest.mark.parametrize("kind", ["rsa", "ec"])
def test_a_request_is_filed_and_done_when_its_signed_status_says_completed(kind):
    key, pem = certified(kind)
    processor = Processor(key=key)
    with opendsr(processor, pem=pem) as gate:
        assert not gate.do(order()).done
        answer = gate.do(order(asked=True))
    assert answer.done
    assert answer.counts == {"results": 3}
    assert json.loads(processor.sent[1].body) == {
        "api_version": "2.0", "regulation": "gdpr", "subject_request_id": UUID4,
        "subject_request_type": "erasure", "submitted_time": "2028-01-01T12:00:00Z",
        "subject_identities": [
            {"identity_type": "email", "identity_value": "mia@example.org", "identity_format": "raw"}
        ],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("processor", "problem", "stuck"),
    [
        (Processor(key=certified()[0]), "receipt-unsigned", False),
        (Processor(domain="elsewhere.example"), "receipt-unsigned", False),
        (Processor(status=(200, {**STATUS, "request_status": "cancelled"})), "cancelled", True),
        (Processor(status=(200, {**STATUS, "subject_request_id": "other"})), "no-receipt", False),
        (Processor(status=(503, {})), "not-now", False),
    ],
)
def test_what_is_not_signed_not_about_it_or_not_completed_is_not_done(processor, problem, stuck):
    with opendsr(processor) as gate, pytest.raises(NotDoneThere) as told:
        gate.do(order(asked=True))
    assert (told.value.problem, told.value.stuck) == (problem, stuck)


def test_who_is_still_at_it_is_asked_again():
    with opendsr(Processor(status=(200, {**STATUS, "request_status": "in_progress"}))) as gate:
        assert not gate.do(order(asked=True)).done


def test_a_request_that_was_filed_before_a_crash_is_found_by_its_number():
    with opendsr(Processor(filing=(400, {"error": {"code": 400, "message": "duplicate"}}))) as gate:
        assert gate.do(order()).done


def test_a_processor_that_erases_nobody_or_knows_nobody_by_this_needs_somebody():
    for less in ({"supported_subject_request_types": ["access"]}, {"supported_identities": []}):
        processor = Processor()
        processor.said["/discovery"] = (200, {**DISCOVERY, **less})
        with opendsr(processor) as gate, pytest.raises(NotDoneThere) as told:
            gate.do(order())
        assert (told.value.problem, told.value.stuck) == ("not-supported", True)
        assert [sent.path for sent in processor.sent] == ["/discovery"]
