"""Sign what goes to a web hook, and verify what comes back: Standard Webhooks 1.0, symmetric or Ed25519.

docs/formats/systems.md describes every byte. Whoever gets a message checks it with a library that they have,
or in five lines: it covers the id, the time and the body.
"""

from base64 import b64decode, b64encode
from hashlib import sha256
from hmac import compare_digest, digest

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from troth.gates.sms import signing_key

WINDOW = 300  # seconds that an answer's time may differ from ours
_SEED, _SEED_BYTES = "whsk_", 32
_VERIFY = "whpk_"


class Signing:
    """The keys between us and one web hook.

    Their text is `whsec_` and base64 of 24 to 64 bytes (HMAC-SHA256 in both directions), or `whsk_` and
    base64 of a seed of Ed25519 that signs for us, a space, and `whpk_` and base64 of the key that verifies
    what they sign.
    """

    __slots__ = ("_own", "_secret", "_theirs")

    def __init__(self, text: str) -> None:
        """Raise `ValueError` for any other text, without repeating it."""
        self._secret: bytes = b""
        self._own: Ed25519PrivateKey | None = None
        self._theirs: Ed25519PublicKey | None = None
        if text.startswith(_SEED):
            own, _, theirs = text.partition(" ")
            self._own = Ed25519PrivateKey.from_private_bytes(_bytes(own.removeprefix(_SEED)))
            self._theirs = Ed25519PublicKey.from_public_bytes(_bytes(theirs.removeprefix(_VERIFY)))
        else:
            self._secret = signing_key(text)

    def sign(self, number: str, seconds: int, body: bytes) -> str:
        """Return the signature of a message: `v1,` and HMAC-SHA256, or `v1a,` and Ed25519, in base64."""
        signed = _signed(number, seconds, body)
        if self._own is not None:
            return "v1a," + b64encode(self._own.sign(signed)).decode("ascii")
        return "v1," + b64encode(digest(self._secret, signed, sha256)).decode("ascii")

    def check(self, number: str, stamp: str, body: bytes, given: str, now: int) -> None:
        """Raise `ValueError` unless a message is theirs, about `number`, of now, and as it was sent.

        `given` may hold several signatures, with spaces between, as when keys change.
        """
        if not (stamp.isascii() and stamp.isdigit() and len(stamp) < 12 and abs(int(stamp) - now) <= WINDOW):
            raise ValueError("the time of the message is not now")
        signed = _signed(number, int(stamp), body)
        if not any(self._holds(one, signed) for one in given.split(" ")[:8]):
            raise ValueError("no signature of the message is theirs")

    def _holds(self, given: str, signed: bytes) -> bool:
        version, _, text = given.partition(",")
        try:
            found = b64decode(text, validate=True)
        except ValueError:
            return False
        if self._theirs is None:
            return version == "v1" and compare_digest(found, digest(self._secret, signed, sha256))
        try:
            self._theirs.verify(found, signed)
        except InvalidSignature:
            return False
        return version == "v1a"


def _signed(number: str, seconds: int, body: bytes) -> bytes:
    return b".".join((number.encode("ascii"), b"%d" % seconds, body))


def _bytes(text: str) -> bytes:
    try:
        found = b64decode(text, validate=True)
    except ValueError:
        found = b""
    if len(found) != _SEED_BYTES:
        raise ValueError("a key of Ed25519 is base64 of 32 bytes")
    return found
