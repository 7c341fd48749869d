"""Codes of an authenticator application (TOTP, RFC 6238), and recovery codes for when it is lost.

A code of the application counts in its 30 seconds and one step to either side, and once: the step of
the last one used is part of the credential (RFC 6238 5.2). Recovery codes are ten, of 120 random bits
each, and each counts once. NIST SP 800-63B-4 asks for 64 bits (4.2.1.1), and for a slow hash below
112 (3.1.2.2); above, SHA-256 alone does, since nobody guesses 120 bits.
"""

import hashlib
import hmac
import secrets
from base64 import b32encode
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Self

from troth.canonical import Plain
from troth.clock import SECOND, Instant
from troth.errors import CredentialRefused
from troth.web.credentials.codes import digits_of

if TYPE_CHECKING:
    from pyotp import TOTP

STEP = 30
WINDOW = 1
DIGITS = 6
SECRET = 20  # bytes: RFC 4226 R6 recommends 160 bits
RECOVERY_CODES = 10
RECOVERY = 15  # bytes, 24 letters
GROUP = 4
BORDER = 4  # modules of white that ISO/IEC 18004 asks for

_RFC4648 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # no letter that is taken for another
_WRITTEN = str.maketrans(_RFC4648, _CROCKFORD)
_MISREAD = str.maketrans("OIL", "011")


@dataclass(frozen=True, slots=True)
class Totp:
    """The secret shared with an application (base32 text), and the last 30-second step that was used."""

    secret: str = field(repr=False)
    last_step: int = -1

    def plain(self) -> dict[str, Plain]:
        """Return it as values for a credential record."""
        return {"secret": self.secret, "last_step": self.last_step}

    @classmethod
    def read(cls, plain: Mapping[str, Any]) -> Self:
        """Return what `plain` gave."""
        return cls(plain["secret"], plain["last_step"])


@dataclass(frozen=True, slots=True)
class Picture:
    """A QR code for an `<svg viewBox="0 0 side side">` with one `<path d>`: attributes, and no style."""

    side: int
    path: str = field(repr=False)


def new_totp(entropy: bytes = b"") -> Totp:
    """Return a new secret, of `entropy` if given; it counts once `verify_totp` has accepted a first code."""
    return Totp(b32encode((entropy or secrets.token_bytes(SECRET))[:SECRET]).decode("ascii"))


def provisioning_uri(totp: Totp, *, name: str, issuer: str) -> str:
    """Return the `otpauth://` address for an application; it holds the secret: show it, do not keep it."""
    return _pyotp(totp).provisioning_uri(name=name, issuer_name=issuer)


def verify_totp(totp: Totp, typed: str, *, at: Instant) -> Totp:
    """Return the credential as it is to be kept after this use; raises `CredentialRefused`."""
    application = _pyotp(totp)
    digits = digits_of(typed)
    now = at // SECOND // STEP
    found = None
    for step in range(max(0, now - WINDOW), now + WINDOW + 1):
        if hmac.compare_digest(application.generate_otp(step), digits) and step > totp.last_step:
            found = step
    if found is None:
        raise CredentialRefused
    return replace(totp, last_step=found)


def picture(text: str) -> Picture:
    """Return `text` as a QR code."""
    import segno

    rows = segno.make_qr(text, error="m").matrix
    runs = []
    for y, row in enumerate(rows, BORDER):
        x = 0
        while x < len(row):
            end = x + 1
            while row[x] and end < len(row) and row[end]:
                end += 1
            if row[x]:
                runs.append(f"M{x + BORDER} {y}h{end - x}v1h-{end - x}z")
            x = end
    return Picture(len(rows) + 2 * BORDER, "".join(runs))


def new_recovery_codes() -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return ten codes to be shown once, in groups of four letters, and their hashes to be kept."""
    codes = tuple(
        b32encode(secrets.token_bytes(RECOVERY)).decode("ascii").translate(_WRITTEN)
        for _ in range(RECOVERY_CODES)
    )
    grouped = tuple("-".join(code[i : i + GROUP] for i in range(0, len(code), GROUP)) for code in codes)
    return grouped, tuple(_hash(code) for code in codes)


def use_recovery_code(hashes: tuple[str, ...], typed: str) -> tuple[str, ...]:
    """Return the hashes that are left once `typed` is used; raises `CredentialRefused`.

    Case, spaces and dashes do not matter, nor does taking O for 0, or I and L for 1.
    """
    letters = "".join(letter for letter in typed[:128].upper() if letter.isascii() and letter.isalnum())
    used = _hash(letters.translate(_MISREAD))
    left = tuple(each for each in hashes if not hmac.compare_digest(each, used))
    if len(left) == len(hashes):
        raise CredentialRefused
    return left


def _pyotp(totp: Totp) -> "TOTP":
    import pyotp

    return pyotp.TOTP(totp.secret, digits=DIGITS, interval=STEP)


def _hash(code: str) -> str:
    return hashlib.sha256(b"troth.recovery\x00" + code.encode("ascii")).hexdigest()
