"""A signed statement of a log's size and root (C2SP signed-note and tlog-checkpoint).

A note is text signed by one or more keys; a checkpoint is a note whose text is origin, size and root.
Signatures are Ed25519 (type 0x01), as every reader of such logs understands them; lines of keys that
are not known, such as witnesses, are kept and ignored. A log signs a checkpoint only after proving to
itself that it continues the last one: `advance` is the only way to a new one.
"""

import re
from base64 import b64encode
from binascii import Error as NotBase64
from binascii import a2b_base64
from dataclasses import dataclass, field
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from troth.errors import BadCheckpoint, BadNote, BadProof, BadVerifierKey, ForkRefused
from troth.ledger.tree import EMPTY_ROOT, HASH, Reader, Tree, consistency_path, verify_consistency

_ED25519 = b"\x01"
_SIGNATURES_MAX = 100
_NOTE_MAX = 1_000_000  # bytes
_control = re.compile(r"[\x00-\x09\x0b-\x1f]").search
_number = re.compile(r"0|[1-9][0-9]{0,18}").fullmatch
_eight_hex = re.compile(r"[0-9a-f]{8}").fullmatch


@dataclass(frozen=True, slots=True)
class Verifier:
    """A log's name and Ed25519 public key (32 bytes): what it takes to believe its notes."""

    name: str
    public: bytes

    def __post_init__(self) -> None:
        if not _is_name(self.name):
            raise BadVerifierKey(reason="its name is empty, or holds a space or a `+`")
        try:
            Ed25519PublicKey.from_public_bytes(self.public)
        except ValueError:
            raise BadVerifierKey(reason="its key is not 32 bytes of Ed25519") from None

    @classmethod
    def from_vkey(cls, text: str) -> "Verifier":
        """Return the verifier of `name+keyid+base64(type‖key)`; raises `BadVerifierKey`."""
        name, _, rest = text.partition("+")
        key_id, _, encoded = rest.partition("+")
        raw = _unbase64(encoded)
        if raw is None or raw[:1] != _ED25519:
            raise BadVerifierKey(reason="it does not hold an Ed25519 key in base64")
        verifier = cls(name, raw[1:])
        if not _eight_hex(key_id) or verifier.key_id.hex() != key_id:
            raise BadVerifierKey(reason="its key id is not that of its name and key")
        return verifier

    @property
    def key_id(self) -> bytes:
        """SHA-256(name ‖ 0x0A ‖ 0x01 ‖ key)[:4]."""
        return sha256(self.name.encode() + b"\n" + _ED25519 + self.public).digest()[:4]

    @property
    def vkey(self) -> str:
        """The key as text, as other tools read it."""
        return f"{self.name}+{self.key_id.hex()}+{b64encode(_ED25519 + self.public).decode()}"

    def verify(self, text: bytes, signature: bytes) -> None:
        """Raise `BadNote` unless `signature` over `text` is of this key."""
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, text)
        except InvalidSignature:
            raise BadNote(reason=f"the signature of `{self.name}` does not fit the text") from None


@dataclass(frozen=True, slots=True)
class Signer:
    """A log's name and private key; `verifier` is its public half."""

    verifier: Verifier
    _key: Ed25519PrivateKey = field(repr=False)

    @classmethod
    def from_seed(cls, name: str, seed: bytes) -> "Signer":
        """Return the signer of a 32-byte Ed25519 seed (RFC 8032); raises `BadVerifierKey`."""
        if len(seed) != 32:
            raise BadVerifierKey(reason="an Ed25519 seed is 32 bytes")
        key = Ed25519PrivateKey.from_private_bytes(seed)
        return cls(Verifier(name, key.public_key().public_bytes_raw()), key)

    @property
    def name(self) -> str:
        """The key's name, which is the log's origin."""
        return self.verifier.name

    def line(self, text: bytes) -> str:
        """Return the signature line over `text`, with its newline."""
        signature = b64encode(self.verifier.key_id + self._key.sign(text)).decode()
        return f"\u2014 {self.name} {signature}\n"


@dataclass(frozen=True, slots=True)
class Note:
    """An opened note: its text, and the keys that were known and verified."""

    text: str
    by: tuple[Verifier, ...]


def sign_note(text: str, *by: Signer) -> bytes:
    """Return `text` signed by each signer in turn; raises `BadNote` unless it ends in a newline."""
    if not by or not text.endswith("\n") or _control(text):
        raise BadNote(reason="a text needs a signer, a newline at its end and no control characters")
    try:
        raw = text.encode("utf-8")
    except UnicodeEncodeError:
        raise BadNote(reason="it is not UTF-8") from None
    return raw + b"\n" + "".join(signer.line(raw) for signer in by).encode()


def open_note(signed: bytes, *known: Verifier) -> Note:
    """Return the text of a note that at least one known key signed (C2SP signed-note).

    A known key is one whose name and id both fit; each of its signatures must verify. Others are
    ignored. Raises `BadNote`.
    """
    text, lines = _split_note(signed)
    keys: dict[tuple[str, bytes], Verifier] = {}
    for verifier in known:
        if keys.setdefault((verifier.name, verifier.key_id), verifier) != verifier:
            raise BadNote(reason="two known keys share one name and id")
    verified: dict[Verifier, None] = {}
    for line in lines:
        name, key_id, signature = _signature(line)
        if signer := keys.get((name, key_id)):
            signer.verify(text, signature)
            verified[signer] = None
    if not verified:
        raise BadNote(reason="no known key signed it")
    return Note(text.decode("utf-8"), tuple(verified))


def _split_note(signed: bytes) -> tuple[bytes, list[str]]:
    try:
        whole = signed.decode("utf-8")
    except UnicodeDecodeError:
        raise BadNote(reason="it is not UTF-8") from None
    if len(signed) > _NOTE_MAX or _control(whole):
        raise BadNote(reason="it is longer than 1 MB or holds control characters")
    text, gap, signatures = whole.rpartition("\n\n")
    if not gap or not signatures.endswith("\n"):
        raise BadNote(reason="it has no empty line before whole lines of signatures")
    lines = signatures[:-1].split("\n")
    if len(lines) > _SIGNATURES_MAX:
        raise BadNote(reason=f"it has more than {_SIGNATURES_MAX} signatures")
    return f"{text}\n".encode(), lines


def _signature(line: str) -> tuple[str, bytes, bytes]:
    dash, _, rest = line.partition(" ")
    name, _, encoded = rest.partition(" ")
    raw = _unbase64(encoded)
    if dash != "\u2014" or not _is_name(name) or raw is None or len(raw) < 5:
        raise BadNote(reason="a line after the text is not a signature")
    return name, raw[:4], raw[4:]


def _is_name(name: str) -> bool:
    return bool(name) and "+" not in name and not any(c.isspace() or c < " " for c in name)


def _unbase64(text: str) -> bytes | None:
    """Return the bytes of standard base64 in its one canonical form, or None."""
    try:
        raw = a2b_base64(text.encode("ascii"), strict_mode=True)
    except (NotBase64, ValueError):
        return None
    return raw if b64encode(raw).decode() == text else None


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """How many entries a log has and the root over them; `origin` says which log."""

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()


def format_checkpoint(checkpoint: Checkpoint) -> str:
    """Return a checkpoint's text, each line ended (C2SP tlog-checkpoint); raises `BadCheckpoint`."""
    lines = (checkpoint.origin, str(checkpoint.size), b64encode(checkpoint.root).decode())
    text = "\n".join((*lines, *checkpoint.extensions)) + "\n"
    if parse_checkpoint(text) != checkpoint:
        raise BadCheckpoint(reason="a line of it holds a newline")
    return text


def parse_checkpoint(text: str) -> Checkpoint:
    """Return the checkpoint of a note's text; raises `BadCheckpoint` for anything but its one form."""
    lines = text.split("\n")
    if len(lines) < 4 or lines.pop() or not all(lines):
        raise BadCheckpoint(reason="it is not three or more non-empty lines")
    origin, size, root, *extensions = lines
    hashed = _unbase64(root)
    if not _number(size) or int(size) >= 2**63:
        raise BadCheckpoint(reason="its size is not a decimal number without leading zeros")
    if hashed is None or len(hashed) != HASH:
        raise BadCheckpoint(reason="its root is not 32 bytes in base64")
    if size == "0" and hashed != EMPTY_ROOT:
        raise BadCheckpoint(reason="its root is not that of an empty tree")
    return Checkpoint(origin, int(size), hashed, tuple(extensions))


def sign_checkpoint(checkpoint: Checkpoint, *by: Signer) -> bytes:
    """Return a signed checkpoint. A log's own goes through `advance`, which refuses a fork."""
    return sign_note(format_checkpoint(checkpoint), *by)


def open_checkpoint(signed: bytes, by: Verifier, *, origin: str | None = None) -> Checkpoint:
    """Return the checkpoint that `by` signed; its origin must be `origin`, or else the key's name.

    Raises `BadNote` or `BadCheckpoint`.
    """
    checkpoint = parse_checkpoint(open_note(signed, by).text)
    if checkpoint.origin != (by.name if origin is None else origin):
        raise BadCheckpoint(reason=f"it is of `{checkpoint.origin}`")
    return checkpoint


def verify_continues(old: Checkpoint, new: Checkpoint, reader: Reader) -> None:
    """Raise `ForkRefused` unless the log of `new`, whose tiles `reader` reads, continues `old`.

    Any log continues an empty one of its origin. Raises `TileBroken` for a short tile.
    """
    refused = ForkRefused(kept=old.size, size=new.size)
    if old.origin != new.origin or old.size > new.size:
        raise refused
    if old.size:
        path = consistency_path(old.size, new.size, reader)
        try:
            verify_consistency(path, old=old.size, size=new.size, old_root=old.root, root=new.root)
        except BadProof:
            raise refused from None


def advance(previous: Checkpoint | None, tree: Tree, full: Reader, *, by: Signer) -> tuple[Checkpoint, bytes]:
    """Return the checkpoint of `tree` and its signed text, once it is shown to continue `previous`.

    `previous` is the last one signed, kept outside the database; None only for a log that never
    signed. `full` reads the full tiles. Raises `ForkRefused` after a rollback or a change.
    """
    checkpoint = Checkpoint(by.name, tree.size, tree.root())
    if previous is not None:
        verify_continues(previous, checkpoint, tree.reader(full))
    return checkpoint, sign_checkpoint(checkpoint, by)
