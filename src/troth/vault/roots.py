"""Where the root key lives: in a key file, or in a file that a passphrase opens.

A root wraps a few short secrets (the keys of epochs, the house key) and never leaves its place.
A hardware token, a cloud KMS or a transit server is one more class with the same three members.
"""

import secrets
import unicodedata
from base64 import b64decode, b64encode
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Protocol, Self

from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from troth.canonical import bind, decode, encode
from troth.errors import (
    NotCanonical,
    RootMalformed,
    SealBroken,
    ShortPassphrase,
    UnknownSuite,
    WrongPassphrase,
)
from troth.vault.files import read_secret, write_secret
from troth.vault.plaintext import Closed
from troth.vault.seal import Key, seal, unseal

KEY = 32
LEAST_PASSPHRASE = 15
_LARGEST_FILE = 4096


class Root(Protocol):
    """What wraps the keys that open everything else."""

    @property
    def name(self) -> str:
        """The sort of root, such as `key-file`; never its secret or its place."""

    def wrap(self, secret: bytes, context: bytes) -> bytes:
        """Return `secret` sealed under the root key and bound to `context`."""

    def unwrap(self, wrapped: bytes, context: bytes) -> bytes:
        """Return what was wrapped; raises `SealBroken` or `UnknownSuite`."""


class _Held(Closed):
    """A root whose key is in the memory of this process."""

    __slots__ = ("_key",)

    def __init__(self, secret: bytes) -> None:
        self._key = Key(secret)

    def wrap(self, secret: bytes, context: bytes) -> bytes:
        """Return `secret` sealed under the root key and bound to `context`."""
        return seal(self._key, secret, context)

    def unwrap(self, wrapped: bytes, context: bytes) -> bytes:
        """Return what was wrapped; raises `SealBroken` or `UnknownSuite`."""
        return unseal(self._key, wrapped, context)


class KeyFileRoot(_Held):
    """A root key that is a file of 32 random bytes, readable for its owner alone."""

    __slots__ = ()
    name = "key-file"

    def __init__(self, path: str | PathLike[str]) -> None:
        """Read the key at `path`.

        Raises `RootMissing`, `RootNotFile`, `RootForeign`, `RootExposed` or `RootMalformed`.
        """
        secret = read_secret(Path(path), most=KEY)
        if len(secret) != KEY:
            raise RootMalformed(path=str(path), reason=f"it is shorter than {KEY} bytes")
        super().__init__(secret)

    @classmethod
    def create(cls, path: str | PathLike[str]) -> Self:
        """Make a new key at `path` (mode 0600); raises `RootExists`, `RootMissing`, `NoRoom`."""
        write_secret(Path(path), secrets.token_bytes(KEY))
        return cls(path)


@dataclass(frozen=True, slots=True)
class Cost:
    """What one guess of a passphrase costs: Argon2id memory in KiB, passes, lanes.

    The default is the second recommendation of RFC 9106 §4. Less than 19 MiB or two passes is
    never taken (OWASP Password Storage), nor more than 4 GiB: both raise `ValueError`.
    """

    memory: int = 65_536
    passes: int = 3
    lanes: int = 4

    def __post_init__(self) -> None:
        memory = 19_456 <= self.memory <= 4_194_304
        if not (memory and 2 <= self.passes <= 64 and 1 <= self.lanes <= 16):
            raise ValueError("the cost is out of bounds")


class PassphraseRoot(_Held):
    """A random root key in a small file, sealed under a passphrase.

    The file is one line of canonical JSON with the cost, the salt and the sealed key. Changing
    the passphrase seals the same key again, so nothing else has to be wrapped anew.
    """

    __slots__ = ()
    name = "passphrase"

    def __init__(self, path: str | PathLike[str], passphrase: str) -> None:
        """Open the root file at `path`.

        Raises `WrongPassphrase` also for altered contents, since these cannot be told apart;
        `RootMalformed`, and what `KeyFileRoot` raises about the file.
        """
        super().__init__(_open(Path(path), passphrase))

    @classmethod
    def create(cls, path: str | PathLike[str], passphrase: str, *, cost: Cost = Cost()) -> Self:
        """Make a new root file at `path`; raises `ShortPassphrase`, `RootExists`, `RootMissing`."""
        write_secret(Path(path), _closed(secrets.token_bytes(KEY), passphrase, cost))
        return cls(path, passphrase)

    @staticmethod
    def change(
        path: str | PathLike[str],
        passphrase: str,
        new: str,
        *,
        cost: Cost = Cost(),
    ) -> None:
        """Seal the same root key under a `new` passphrase; whole or not at all."""
        secret = _open(Path(path), passphrase)
        write_secret(Path(path), _closed(secret, new, cost), replace=True)


def _closed(secret: bytes, passphrase: str, cost: Cost) -> bytes:
    if len(passphrase) < LEAST_PASSPHRASE:
        raise ShortPassphrase(least=LEAST_PASSPHRASE)
    salt = secrets.token_bytes(16)
    key, context = _stretched(passphrase, cost, salt)
    return encode(
        {
            "kdf": "argon2id",
            "lanes": cost.lanes,
            "memory": cost.memory,
            "passes": cost.passes,
            "salt": b64encode(salt).decode(),
            "sealed": b64encode(seal(key, secret, context)).decode(),
            "troth": "root/1",
        }
    )


def _open(path: Path, passphrase: str) -> bytes:
    content = read_secret(path, most=_LARGEST_FILE)
    try:
        written = decode(content)
        cost = Cost(written["memory"], written["passes"], written["lanes"])
        salt = b64decode(written["salt"], validate=True)
        sealed = b64decode(written["sealed"], validate=True)
        if (written["troth"], written["kdf"]) != ("root/1", "argon2id"):
            raise RootMalformed(path=str(path), reason="its form is not known here")
    except (NotCanonical, KeyError, TypeError, ValueError):
        raise RootMalformed(path=str(path), reason="it was cut short or altered") from None
    key, context = _stretched(passphrase, cost, salt)
    try:
        return unseal(key, sealed, context)
    except (SealBroken, UnknownSuite):
        raise WrongPassphrase from None


def _stretched(passphrase: str, cost: Cost, salt: bytes) -> tuple[Key, bytes]:
    stretch = Argon2id(
        salt=salt,
        length=KEY,
        iterations=cost.passes,
        lanes=cost.lanes,
        memory_cost=cost.memory,
    )
    # A terminal may hand over bytes that are not UTF-8; an encoding error would show the passphrase.
    typed = unicodedata.normalize("NFC", passphrase).encode("utf-8", "surrogatepass")
    key = Key(stretch.derive(typed))
    return key, bind("troth.root", "argon2id", cost.memory, cost.passes, cost.lanes, salt)
