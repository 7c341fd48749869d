"""A processor that is told by OpenDSR 2.0: a request is filed, its status asked, every answer verified.

Of an answer nothing is kept: above all not `encoded_request`, which holds the person's identities.
"""

from base64 import b64decode
from collections.abc import Callable
from uuid import UUID

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256

from troth.canonical import Plain, encode
from troth.clock import iso
from troth.errors import NotDoneThere
from troth.gates.systems.asking import Said, object_of, refused
from troth.gates.systems.declared import Hook
from troth.gates.systems.system import Answer, Order
from troth.gates.systems.told import Told

_DOMAIN, _SIGNATURE = "x-opendsr-processor-domain", "x-opendsr-signature"
_GOING = ("pending", "in_progress")
VERSION = "2.0"


class OpenDsrGate(Told):
    """One processor; not to be asked inside of a running event loop."""

    def __init__(self, declared: Hook, certificate: Callable[[], bytes], *, trust: str = "") -> None:
        """Keep where it is; nothing is reached yet. `certificate` (PEM) is the processor's, pinned."""
        super().__init__(declared, trust=trust)
        self._certificate = certificate

    def do(self, order: Order, /) -> Answer:
        """File the request, or ask how far it came; raises `NotDoneThere`."""
        number = str(UUID(bytes=order.number, version=4))
        if order.asked:
            return self._status(number)
        identities: list[Plain] = [
            {"identity_type": kind, "identity_value": value, "identity_format": "raw"}
            for word, kind in sorted(self.declared.identities.items())
            for value in order.known.get(word, ())
        ]
        if not identities:
            raise NotDoneThere(system=self.name, problem="unknown-there", stuck=True)
        self._discover({kind for word, kind in self.declared.identities.items() if order.known.get(word)})
        body = encode({
            "api_version": VERSION, "regulation": self.declared.regulation, "subject_request_id": number,
            "subject_request_type": "erasure", "submitted_time": iso(order.since),
            "subject_identities": identities,
        })  # fmt: skip
        said = self._line.post("/requests", body, {"content-type": "application/json"})
        if said.status != 201:
            return self._filed_before(number, said)
        self._verify(said)
        if object_of(self.name, said.body).get("subject_request_id") != number:
            raise NotDoneThere(system=self.name, problem="no-receipt", stuck=False)
        return Answer(done=False)

    def _filed_before(self, number: str, said: Said) -> Answer:
        """Ask for a request that may have been filed by a run that was cut off."""
        there = self._line.get(f"/requests/{number}", {}) if 400 <= said.status <= 499 else said
        if there.status != 200:
            raise refused(self.name, said.status)
        return self._judged(number, there)

    def _discover(self, kinds: set[str]) -> None:
        """Raise `NotDoneThere` (stuck) for a processor that erases nobody, or knows nobody by these."""
        said = self._line.get("/discovery", {})
        if said.status != 200:
            raise refused(self.name, said.status)
        self._verify(said)
        found = object_of(self.name, said.body)
        types, known = found.get("supported_subject_request_types"), found.get("supported_identities")
        formats = {
            str(each.get("identity_type"))
            for each in (known if isinstance(known, list) else ())
            if isinstance(each, dict) and each.get("identity_format") == "raw"
        }
        if not isinstance(types, list) or "erasure" not in types or not kinds <= formats:
            raise NotDoneThere(system=self.name, problem="not-supported", stuck=True)

    def _status(self, number: str) -> Answer:
        said = self._line.get(f"/requests/{number}", {})
        if said.status != 200:
            raise refused(self.name, said.status)
        return self._judged(number, said)

    def _judged(self, number: str, said: Said) -> Answer:
        self._verify(said)
        found = object_of(self.name, said.body)
        if found.get("subject_request_id") != number:
            raise NotDoneThere(system=self.name, problem="no-receipt", stuck=False)
        status, count = found.get("request_status"), found.get("results_count")
        if status == "completed":
            return Answer(done=True, counts={"results": count} if type(count) is int and count >= 0 else {})
        if status in _GOING:
            return Answer(done=False)
        raise NotDoneThere(system=self.name, problem="cancelled", stuck=True)

    def _verify(self, said: Said) -> None:
        """Raise `NotDoneThere` unless the bytes of an answer are signed by the processor that was declared.

        The signature is over the body as it came, before anything of it is read.
        """
        if said.headers.get(_DOMAIN, "").lower() == self.declared.domain.lower() and self._signed(said):
            return
        raise NotDoneThere(system=self.name, problem="receipt-unsigned", stuck=False)

    def _signed(self, said: Said) -> bool:
        try:
            key = x509.load_pem_x509_certificate(self._certificate()).public_key()
            signature = b64decode(said.headers.get(_SIGNATURE, ""), validate=True)
            if isinstance(key, rsa.RSAPublicKey):
                key.verify(signature, said.body, padding.PKCS1v15(), SHA256())
            elif isinstance(key, ec.EllipticCurvePublicKey):
                key.verify(signature, said.body, ec.ECDSA(SHA256()))
            else:
                return False
        except (ValueError, InvalidSignature):
            return False
        return True
