"""One key per subject and retention class, wrapped; destroyed to erase.

    root -> key of an epoch (in memory) -> key of a subject and retention class (in a key row)
    root -> house key -> index keys · house secrets · pseudonyms of actors · branches

A key row also holds the pseudonym under which the ledger knows the subject: one unwrapping gives
both, and destroying all key rows of a subject unlinks its ledger entries. Keys of epochs are held
for as long as the keyring lives; keys of subjects only as long as the caller holds them.
"""

import hashlib
import hmac
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple, Self

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from troth.canonical import bind
from troth.clock import Instant
from troth.errors import EpochNeeded, EpochUnknown, SealBroken, UnknownSuite, WrongRoot
from troth.vault.lookup import IndexKey
from troth.vault.plaintext import Closed
from troth.vault.recovery import Carried
from troth.vault.roots import Root
from troth.vault.seal import OVERHEAD, Key, holder, seal, unseal, within

KEY = 32
PSEUDONYM = 16
EPOCHS_KEPT = 2
ACTORS_REMEMBERED = 10_000


class KeyRow(NamedTuple):
    """A wrapped subject key as the keystore holds it: epoch, 77 bytes, 32 bytes."""

    epoch: int
    wrapped: bytes
    commitment: bytes


class Epoch(NamedTuple):
    """The wrapped key of one epoch as the keystore holds it."""

    number: int
    wrapped: bytes


@dataclass(frozen=True, slots=True)
class VerifiedCopy:
    """What was found when the newest copy of the keystore was read back in full.

    `epoch` was the current one when the copy was taken, `oldest` is the oldest that any key row
    in it needs, `at` is when it was verified.
    """

    epoch: int
    oldest: int
    at: Instant


class SubjectKey(Closed):
    """The key of one subject and retention class, open; let go of it at the end of the call.

    `pseudonym` (16 bytes) names the subject in the ledger, `commitment` (32 bytes) names the key.
    """

    __slots__ = ("_held", "_key", "_secret", "commitment", "pseudonym")

    def __init__(self, secret: bytes, pseudonym: bytes, commitment: bytes, held: bytes) -> None:
        self._secret = secret
        self._key = Key(secret)
        self._held = held
        self.pseudonym = pseudonym
        self.commitment = commitment

    def seal(self, plaintext: bytes, *, record: bytes, category: str, schema: int) -> bytes:
        """Return `plaintext` sealed as this record of this subject, 29 bytes longer."""
        return seal(self._key, plaintext, within(self._held, record, category, schema))

    def unseal(self, sealed: bytes, *, record: bytes, category: str, schema: int) -> bytes:
        """Return what was sealed; raises `SealBroken` or `UnknownSuite`."""
        return unseal(self._key, sealed, within(self._held, record, category, schema))

    def derive(self, salt: bytes, *parts: str | bytes | int) -> Key:
        """Return a subkey for the purpose that `parts` name (HKDF-SHA256, RFC 5869)."""
        return Key(_derived(self._secret, salt, self._held + bind(*parts)))


class Branch(Closed):
    """A key of the house for one use of its own: it seals what is kept elsewhere, and hashes."""

    __slots__ = ("_hashing", "_sealing")

    def __init__(self, secret: bytes) -> None:
        self._sealing = _derived(secret, None, bind("seal"))
        self._hashing = _derived(secret, None, bind("hash"))

    def seal(self, plaintext: bytes, *parts: str | bytes | int, salt: bytes) -> bytes:
        """Return `plaintext` sealed and bound to `parts`, 29 bytes longer.

        A `salt` of 16 random bytes or more, never used again, gives each value a key of its own.
        """
        return seal(Key(_derived(self._sealing, salt, b"")), plaintext, bind(*parts))

    def unseal(self, sealed: bytes, *parts: str | bytes | int, salt: bytes) -> bytes:
        """Return what was sealed; raises `SealBroken` or `UnknownSuite`."""
        return unseal(Key(_derived(self._sealing, salt, b"")), sealed, bind(*parts))

    def digest(self, *parts: str | bytes | int) -> bytes:
        """Return 32 bytes, HMAC-SHA256 of `parts`: nobody without the key can try a guess on them."""
        return hmac.digest(self._hashing, bind(*parts), "sha256")


class Keyring(Closed):
    """The keys that are held while a house runs, and the making and opening of all others."""

    __slots__ = ("_actors", "_epochs", "_house", "_indexes", "_named", "_root", "_secrets", "current_epoch")

    def __init__(self, root: Root, house: bytes, epochs: Mapping[int, bytes]) -> None:
        """Open a keyring from its wrapped house key and epochs; raises `WrongRoot`."""
        self._root = root
        self._house = self._unwrapped("house key", house, bind("troth.house"))
        self._secrets = Key(_derived(self._house, None, bind("troth.secrets")))
        self._actors = _derived(self._house, None, bind("troth.actors"))
        self._named: dict[str, str] = {}
        self._indexes: dict[tuple[str, str, int], IndexKey] = {}
        self._epochs: dict[int, Key] = {}
        self.current_epoch = 0
        for number, wrapped in epochs.items():
            self.adopt(Epoch(number, wrapped))

    @staticmethod
    def new_house(root: Root) -> bytes:
        """Return a new wrapped house key, for a keystore that is just being made."""
        return root.wrap(secrets.token_bytes(KEY), bind("troth.house"))

    @classmethod
    def create(cls, root: Root) -> tuple[Self, bytes, Epoch]:
        """Return a new keyring in epoch 1, with the house key and the epoch to be kept."""
        house = cls.new_house(root)
        keyring = cls(root, house, {})
        first = keyring.new_epoch()
        keyring.adopt(first)
        return keyring, house, first

    def beside(self, house: bytes, epochs: Mapping[int, bytes]) -> "Keyring":
        """Return a keyring of a copy, opened by the same root; raises `WrongRoot`."""
        return Keyring(self._root, house, epochs)

    @property
    def root(self) -> Root:
        """What wraps the house key and the keys of epochs."""
        return self._root

    def new_epoch(self) -> Epoch:
        """Return the next epoch; keep it durably, then `adopt` it."""
        number = self.current_epoch + 1
        return Epoch(number, self._root.wrap(secrets.token_bytes(KEY), _epoch_context(number)))

    def adopt(self, epoch: Epoch) -> None:
        """Hold the key of an epoch that the keystore has; the highest number is the current one.

        Raises `WrongRoot`.
        """
        number, wrapped = epoch
        self._epochs[number] = Key(self._unwrapped(f"epoch {number}", wrapped, _epoch_context(number)))
        self.current_epoch = max(self.current_epoch, number)

    def __contains__(self, epoch: int) -> bool:
        """Whether the key of an epoch is held."""
        return epoch in self._epochs

    @property
    def epochs(self) -> tuple[int, ...]:
        """The numbers of the epochs that are held, oldest first."""
        return tuple(sorted(self._epochs))

    def destroy_epoch(self, epoch: int, *, verified_copy: VerifiedCopy) -> None:
        """Forget the key of an epoch, for good once the caller has removed its wrapped form.

        Raises `EpochNeeded` unless the epoch is two or more behind, and the newest copy of the
        keystore was taken in the current epoch and needs no epoch as old; `EpochUnknown` when it
        is not held.
        """
        if epoch not in self._epochs:
            raise EpochUnknown(epoch=epoch)
        if epoch > self.current_epoch - EPOCHS_KEPT:
            raise EpochNeeded(epoch=epoch, reason="it is not two epochs old")
        if verified_copy.epoch != self.current_epoch:
            raise EpochNeeded(epoch=epoch, reason="no copy of the current epoch is verified")
        if verified_copy.oldest <= epoch:
            raise EpochNeeded(epoch=epoch, reason="key rows in the verified copy need it")
        del self._epochs[epoch]

    def make(self, subject: int, retention_class: str, pseudonym: bytes) -> KeyRow:
        """Return a new key for a subject and retention class, wrapped in the current epoch.

        `pseudonym` is 16 bytes, the same in all key rows of the subject: see `new_pseudonym`.
        """
        if len(pseudonym) != PSEUDONYM:
            raise ValueError("a pseudonym has 16 bytes")
        secret = secrets.token_bytes(KEY)
        return self._wrap(subject, retention_class, secret + pseudonym, commit(secret))

    def unwrap(self, subject: int, retention_class: str, row: KeyRow) -> SubjectKey:
        """Return the open key of a row; raises `EpochUnknown`, `SealBroken` or `UnknownSuite`.

        The commitment is part of the context, so a row with another's commitment does not open.
        """
        epoch, wrapped, commitment = row
        key = self._epochs.get(epoch)
        if key is None:
            raise EpochUnknown(epoch=epoch)
        held = holder(subject, commitment)
        both = unseal(key, wrapped, _row_kind(retention_class, epoch) + held)
        return SubjectKey(both[:KEY], both[KEY:], commitment, held)

    def rewrap(self, subject: int, retention_class: str, row: KeyRow) -> KeyRow:
        """Return the row wrapped in the current epoch; raises as `unwrap` does.

        The commitment is computed again and compared: a row that commits to another key than it
        holds is `SealBroken`.
        """
        open_key = self.unwrap(subject, retention_class, row)
        secret = open_key._secret  # noqa: SLF001 - the keyring made it
        if not hmac.compare_digest(commit(secret), row.commitment):
            raise SealBroken
        return self._wrap(subject, retention_class, secret + open_key.pseudonym, row.commitment)

    def carried(self, subject: int, retention_class: str, row: KeyRow) -> Carried:
        """Return the open key of a row, to be sealed elsewhere; raises as `unwrap` does."""
        key = self.unwrap(subject, retention_class, row)
        return retention_class, key._secret, key.pseudonym, row.commitment  # noqa: SLF001 - the keyring made it

    def arrived(self, subject: int, key: Carried) -> KeyRow:
        """Return the row of a key that was sealed elsewhere, wrapped in the current epoch."""
        retention_class, secret, pseudonym, commitment = key
        if not hmac.compare_digest(commit(secret), commitment):
            raise SealBroken
        return self._wrap(subject, retention_class, secret + pseudonym, commitment)

    def check(self, subject: int, retention_class: str, row: KeyRow) -> bytes:
        """Return the pseudonym of a row that opens and holds the key it commits to; raises as `rewrap`."""
        open_key = self.unwrap(subject, retention_class, row)
        if not hmac.compare_digest(commit(open_key._secret), row.commitment):  # noqa: SLF001 - as in `rewrap`
            raise SealBroken
        return open_key.pseudonym

    def index_key(self, category: str, field: str, version: int) -> IndexKey:
        """Return the key of the blind index of one field under one normaliser version."""
        name = (category, field, version)
        if name not in self._indexes:
            secret = _derived(self._house, None, bind("troth.index", *name))
            self._indexes[name] = IndexKey(secret)
        return self._indexes[name]

    def branch(self, name: str) -> Branch:
        """Return the key of the house for the use that `name` names; the same name gives the same key."""
        return Branch(_derived(self._house, None, bind("troth.branch", name)))

    def seal_secret(self, name: str, secret: bytes) -> bytes:
        """Return a secret of the house itself, such as a signing seed, sealed under its name."""
        return seal(self._secrets, secret, bind("troth.secret", name))

    def unseal_secret(self, name: str, sealed: bytes) -> bytes:
        """Return a secret of the house; raises `SealBroken` or `UnknownSuite`."""
        return unseal(self._secrets, sealed, bind("troth.secret", name))

    def actor_pseudonym(self, name: str) -> str:
        """Return 22 characters (base64url of 128 bits) that stand for an actor in the ledger."""
        known = self._named.get(name)
        if known is None:
            digest = hmac.digest(self._actors, name.encode("utf-8", "surrogatepass"), "sha256")
            known = urlsafe_b64encode(digest[:16]).rstrip(b"=").decode("ascii")
            if len(self._named) < ACTORS_REMEMBERED:
                self._named[name] = known
        return known

    def _wrap(self, subject: int, retention_class: str, both: bytes, commitment: bytes) -> KeyRow:
        epoch = self.current_epoch
        key = self._epochs.get(epoch)
        if key is None:
            raise EpochUnknown(epoch=epoch)
        context = _row_kind(retention_class, epoch) + holder(subject, commitment)
        return KeyRow(epoch, seal(key, both, context), commitment)

    def _unwrapped(self, what: str, wrapped: bytes, context: bytes) -> bytes:
        try:
            return self._root.unwrap(wrapped, context)
        except (SealBroken, UnknownSuite):
            raise WrongRoot(root=self._root.name, wrapped=what) from None


def new_pseudonym() -> bytes:
    """Return 16 random bytes to stand for a new subject in the ledger."""
    return secrets.token_bytes(PSEUDONYM)


def looks_sealed(value: bytes) -> bool:
    """Whether bytes have the outer form of a sealed value; nothing is opened."""
    return len(value) > OVERHEAD and value[0] == 1


def mark_of(sealed: bytes) -> bytes:
    """Return 12 bytes that differ each time a value is sealed, and tell nothing of it: its nonce."""
    return sealed[1:13]


def commit(secret: bytes) -> bytes:
    """Return the commitment of a key, SHA-256 of a label and the key: AES-GCM commits to none."""
    return hashlib.sha256(b"troth.commitment\x00" + secret).digest()


@lru_cache(maxsize=1024)
def _row_kind(retention_class: str, epoch: int) -> bytes:
    return bind("troth.key", retention_class, epoch)


def _epoch_context(number: int) -> bytes:
    return bind("troth.epoch", number)


def _derived(secret: bytes, salt: bytes | None, purpose: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=KEY, salt=salt, info=purpose).derive(secret)
