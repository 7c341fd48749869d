"""Names in the API: opaque ids of people, records and cases; and cursors, sealed, that continue a list."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from os import urandom

from troth import canonical
from troth.canonical import Plain
from troth.errors import BodyUnreadable, SealBroken, UnknownSuite
from troth.vault.keyring import Branch

SUBJECT = r"^s_[0-9a-f]{16}$"
RECORD = r"^r_[0-9a-f]{32}$"
CURSOR = r"^[A-Za-z0-9_-]{40,400}$"
_SALT = 16


def subject_id(number: int) -> str:
    """Return the id of a person: their number in 16 hexadecimal digits, as it is beyond what JSON keeps."""
    return f"s_{number:016x}"


def subject_of(text: str) -> int:
    """Return the number of a person's id, which has its form."""
    return int(text.removeprefix("s_"), 16)


def record_id(record: bytes) -> str:
    """Return the id of a record."""
    return f"r_{record.hex()}"


def record_of(text: str) -> bytes:
    """Return the record of an id, which has its form."""
    return bytes.fromhex(text[2:])


def sealed(key: Branch, place: Plain, *about: str) -> str:
    """Return a place that only this house reads again, bound to what it is about: of base64url letters."""
    salt = urandom(_SALT)
    found = key.seal(canonical.encode(place), "troth.api", *about, salt=salt)
    return urlsafe_b64encode(salt + found).rstrip(b"=").decode("ascii")


def unsealed(key: Branch, text: str, *about: str) -> Plain:
    """Return the place that was sealed about the same; raises `BodyUnreadable`."""
    try:
        raw = urlsafe_b64decode(text + "=" * (-len(text) % 4))
        place: Plain = canonical.decode(key.unseal(raw[_SALT:], "troth.api", *about, salt=raw[:_SALT]))
    except (ValueError, SealBroken, UnknownSuite):
        raise BodyUnreadable(reason="the cursor is none of this list") from None
    return place
