"""Blind index tokens: find a record without reading it.

A token is HMAC-SHA256 of the normalised value, cut to 128 bits, under a key of its own for each
category, field and normaliser version. Equal values give equal tokens, and that is all a token
tells; so a kind with few values is refused, since counting would name them.
"""

import hmac
import re
import unicodedata
from collections.abc import Callable

from troth.errors import EmptyNeedle, LowCardinality, NotNormal, UnknownKind
from troth.vault.plaintext import Closed

VERSION = 1
TOKEN = 16

_FEW_VALUES = frozenset(
    {
        "boolean",
        "gender",
        "date",
        "year",
        "age",
        "choice",
        "country",
        "region",
        "language",
        "currency",
        "number",
    }
)

_SURROGATE = re.compile("[\ud800-\udfff]")


class IndexKey(Closed):
    """The key of one index; only `token` uses it."""

    __slots__ = ("_secret",)

    def __init__(self, secret: bytes) -> None:
        self._secret = secret


def token(key: IndexKey, value: bytes) -> bytes:
    """Return the 16-byte token of a normalised value; raises `EmptyNeedle` when it is empty."""
    if not value:
        raise EmptyNeedle
    return hmac.digest(key._secret, value, "sha256")[:TOKEN]  # noqa: SLF001 - its one reader


def indexable(kind: str) -> None:
    """Raise `LowCardinality` for a kind with few values, `UnknownKind` for one nobody knows."""
    if kind in _FEW_VALUES:
        raise LowCardinality(kind=kind)
    if kind not in _NORMAL:
        raise UnknownKind(kind=kind)


def normalise(kind: str, text: str) -> str:
    """Return `text` in the form of normaliser version 1; empty when nothing of it is left.

    Normalising twice changes nothing. Raises `NotNormal` when the text cannot be of that kind,
    and what `indexable` raises.
    """
    indexable(kind)
    if _SURROGATE.search(text):
        raise NotNormal(kind=kind)
    return _NORMAL[kind](text)


def _exact(text: str) -> str:
    return unicodedata.normalize("NFC", text)


def _folded(text: str) -> str:
    """Compatibility caseless form (Unicode 3.13, D146), white space at the ends removed, inside single."""
    folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFD", text).casefold()).casefold()
    return " ".join(unicodedata.normalize("NFKC", folded).split())


def _handle(text: str) -> str:
    folded = _folded(text)
    if " " in folded:
        raise NotNormal(kind="handle")
    return folded


def _email(text: str) -> str:
    """Local part folded, domain in A-labels by UTS #46, non-transitional."""
    import idna

    local, at, domain = _folded(text).rpartition("@")
    if not at and not domain:
        return ""
    try:
        ascii_domain = idna.encode(domain.rstrip("."), uts46=True).decode("ascii")
    except (idna.IDNAError, UnicodeError):
        raise NotNormal(kind="email") from None
    if not local or " " in local:
        raise NotNormal(kind="email")
    return f"{local}@{ascii_domain}"


def _phone(text: str) -> str:
    """E.164, from international notation."""
    import phonenumbers

    if not text.strip():
        return ""
    try:
        number = phonenumbers.parse(text, None)
    except phonenumbers.NumberParseException:
        raise NotNormal(kind="phone") from None
    if not phonenumbers.is_possible_number(number):
        raise NotNormal(kind="phone")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _reference(text: str) -> str:
    """Folded, without the white space and dashes that group the numbers of accounts and papers."""
    letters = (each for each in _folded(text) if not each.isspace() and unicodedata.category(each) != "Pd")
    return _folded("".join(letters))


_NORMAL: dict[str, Callable[[str], str]] = {
    "text": _folded,
    "email": _email,
    "phone": _phone,
    "handle": _handle,
    "reference": _reference,
    "exact": _exact,
}
