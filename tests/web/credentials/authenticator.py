"""A passkey device in software: it answers as a browser does, and lies where a test asks it to."""

import hashlib
import json
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import UTC, datetime, timedelta
from typing import Any

import cbor2
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding

PRESENT, VERIFIED, ELIGIBLE, BACKED_UP, ATTESTED = 0x01, 0x04, 0x08, 0x10, 0x40


def b64(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode("ascii")


def unb64(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


class Authenticator:
    """One discoverable key pair (ES256 or EdDSA) for one site, and how often it was used."""

    def __init__(self, algorithm: str = "ES256", *, counts: bool = True) -> None:
        self.key = (
            ec.generate_private_key(ec.SECP256R1())
            if algorithm == "ES256"
            else ed25519.Ed25519PrivateKey.generate()
        )
        self.id = secrets.token_bytes(16)
        self.counts = counts
        self.uses = 0
        self.handle = b""

    def cose(self) -> dict[int, Any]:
        """The public key as RFC 9053 writes it."""
        if isinstance(self.key, ed25519.Ed25519PrivateKey):
            return {1: 1, 3: -8, -1: 6, -2: self.key.public_key().public_bytes_raw()}
        numbers = self.key.public_key().public_numbers()
        return {1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big")}

    def sign(self, signed: bytes) -> bytes:
        if isinstance(self.key, ed25519.Ed25519PrivateKey):
            return self.key.sign(signed)
        return self.key.sign(signed, ec.ECDSA(SHA256()))

    def create(self, options, *, origin, cose=None, fmt="none", **lies) -> str:
        """Answer `navigator.credentials.create()`; `lies` are those of `_seen`."""
        self.handle = unb64(options["user"]["id"])
        key = cbor2.dumps(cose or self.cose())
        attested = bytes(16) + len(self.id).to_bytes(2, "big") + self.id + key
        client, seen = self._seen(options, "webauthn.create", options["rp"]["id"], origin, ATTESTED, **lies)
        given = self._statement(fmt, seen + attested, hashlib.sha256(client).digest())
        statement = cbor2.dumps({"fmt": fmt, "attStmt": given, "authData": seen + attested})
        return self._answer(
            clientDataJSON=b64(client), attestationObject=b64(statement), transports=["internal", "smell"]
        )

    def _statement(self, fmt, seen: bytes, client: bytes) -> dict[str, Any]:
        """A genuine attestation by the key itself (`packed`) or by a maker's certificate (`fido-u2f`)."""
        if fmt == "packed":
            return {"alg": self.cose()[3], "sig": self.sign(seen + client)}
        if fmt == "fido-u2f":
            point = b"\4" + self.cose()[-2] + self.cose()[-3]
            maker = ec.generate_private_key(ec.SECP256R1())
            name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "a maker of keys")])
            year = datetime(2027, 1, 1, tzinfo=UTC)
            certificate = (
                x509.CertificateBuilder(name, name, maker.public_key(), 1)
                .not_valid_before(year)
                .not_valid_after(year + timedelta(days=900))
                .sign(maker, SHA256())
            )
            signed = b"\0" + seen[:32] + client + self.id + point
            return {
                "x5c": [certificate.public_bytes(Encoding.DER)],
                "sig": maker.sign(signed, ec.ECDSA(SHA256())),
            }
        return {}

    def get(self, options, *, origin, tamper=False, handle=None, **lies) -> str:
        """Answer `navigator.credentials.get()`."""
        client, seen = self._seen(options, "webauthn.get", options["rpId"], origin, 0, **lies)
        signature = self.sign(seen + hashlib.sha256(client).digest())
        if tamper:
            signature = signature[:-1] + bytes([signature[-1] ^ 1])
        return self._answer(
            clientDataJSON=b64(client),
            authenticatorData=b64(seen),
            signature=b64(signature),
            userHandle=b64(self.handle if handle is None else handle),
        )

    def _seen(
        self, options, kind, site, origin, flags, *, rp_id=None, verified=True, present=True, framed=False,
        challenge=None, type_=None, count=None,
    ) -> tuple[bytes, bytes]:  # fmt: skip
        """What the browser saw (client data) and what the device saw (authenticator data)."""
        self.uses += self.counts
        client = {
            "type": type_ or kind,
            "challenge": challenge or options["challenge"],
            "origin": origin,
            "crossOrigin": framed,
        }
        flags |= ELIGIBLE | BACKED_UP | PRESENT * present | VERIFIED * verified
        uses = self.uses if count is None else count
        seen = hashlib.sha256((rp_id or site).encode()).digest() + bytes([flags]) + uses.to_bytes(4, "big")
        return json.dumps(client).encode(), seen

    def _answer(self, **response) -> str:
        name = b64(self.id)
        return json.dumps({"id": name, "rawId": name, "type": "public-key", "response": response})
