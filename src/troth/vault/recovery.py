"""Recovery codes: what a person alone keeps, and what is sealed so that it alone opens.

A code is 35 random symbols of 5 bits (175 bits) and five that check them, in eight groups of five, as
Crockford writes them: I and L are read as 1, O as 0, small letters as capitals. The house never keeps it.
"""

import hashlib
import secrets
from collections.abc import Sequence

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from troth.canonical import bind
from troth.errors import SealBroken
from troth.vault.plaintext import Closed
from troth.vault.seal import Key, seal, unseal

SALT = 16
_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_GROUP, _GROUPS = 5, 8
_SECRET = _GROUP * (_GROUPS - 1)
_READ = str.maketrans("ILO", "110", " -\t\r\n\u2010\u2011\u2012\u2013\u00a0")
_KEY = 32

Carried = tuple[str, bytes, bytes, bytes]
"""A key on its way: retention class, secret (32 bytes), pseudonym (16 bytes), commitment (32 bytes)."""


class Recovery(Closed):
    """The key that a recovery code gives with a salt; let go of it at the end of the call."""

    __slots__ = ("_secret",)

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def secret(self) -> bytes:
        """Return the 32 bytes, to be sealed by whoever has to finish what was begun."""
        return self._secret

    def seal(self, some: Sequence[Carried], subject: int) -> bytes:
        """Return the keys of a person sealed together."""
        parts = [part for kept, *rest in some for part in (kept.encode("utf-8"), *rest)]
        packed = b"".join(len(part).to_bytes(4, "big") + part for part in parts)
        return seal(Key(self._secret), packed, _context(subject))

    def unseal(self, sealed: bytes, subject: int) -> tuple[Carried, ...]:
        """Return the keys of a person; raises `SealBroken` or `UnknownSuite`."""
        packed, parts = unseal(Key(self._secret), sealed, _context(subject)), list[bytes]()
        while packed:
            size = int.from_bytes(packed[:4], "big")
            parts.append(packed[4 : 4 + size])
            packed = packed[4 + size :]
        rows = [parts[n : n + 4] for n in range(0, len(parts), 4)]
        return tuple((kept.decode("utf-8"), secret, pseudonym, commitment)
                     for kept, secret, pseudonym, commitment in rows)  # fmt: skip


def new_code() -> str:
    """Return a new recovery code: eight groups of five symbols, the last of which checks the others."""
    symbols = "".join(secrets.choice(_LETTERS) for _ in range(_SECRET))
    whole = symbols + _check(symbols)
    return "-".join(whole[n : n + _GROUP] for n in range(0, len(whole), _GROUP))


def is_code(text: str) -> bool:
    """Whether a text is written as a recovery code is: its last group fits the others."""
    symbols = _symbols(text)
    whole = len(symbols) == _GROUP * _GROUPS and all(symbol in _LETTERS for symbol in symbols)
    return whole and _check(symbols[:_SECRET]) == symbols[_SECRET:]


def key_of(code: str, salt: bytes) -> Recovery:
    """Return the key that a code gives (HKDF-SHA256, RFC 5869); raises `SealBroken` for what is no code."""
    if not is_code(code):
        raise SealBroken
    symbols = _symbols(code)[:_SECRET].encode("ascii")
    derived = HKDF(algorithm=SHA256(), length=_KEY, salt=salt, info=bind("troth.recovery"))
    return Recovery(derived.derive(symbols))


def _symbols(text: str) -> str:
    return text.upper().translate(_READ)


def _check(symbols: str) -> str:
    digest = hashlib.sha256(b"troth.recovery.check\x00" + symbols.encode("ascii")).digest()
    return "".join(_LETTERS[byte % 32] for byte in digest[:_GROUP])


def _context(subject: int) -> bytes:
    return bind("troth.grace", subject)
