"""Large values (document pictures): chunked, sealed, in files.

    blob = "TROTHBLB" || version 0x01 || chunk size (u32, big-endian) || salt (32) || chunks

Each blob has a key of its own, derived from the subject key over the salt, the name and everything
else in the header. Chunks follow the STREAM construction (Hoang, Reyhanitabar, Rogaway, Vizár,
2015): the nonce is the number of the chunk (11 bytes) and whether it is the last (1 byte), so a cut,
moved or added chunk does not open. No plaintext touches the disk.
"""

import re
import secrets
from collections.abc import Iterator
from os import PathLike
from pathlib import Path
from typing import NamedTuple, Protocol

from cryptography.exceptions import InvalidTag

from troth.clock import Instant
from troth.errors import BlobMissing, BlobTooLarge, SealBroken, UnknownSuite
from troth.vault.files import TEMPORARY, sync_folder, whole
from troth.vault.keyring import SubjectKey
from troth.vault.seal import TAG, Key

MAGIC = b"TROTHBLB"
VERSION = 1
CHUNK = 65_536
LARGEST_CHUNK = 1_048_576
SALT = 32
HEADER = len(MAGIC) + 1 + 4 + SALT
_NAME = re.compile(r"[0-9a-f]{32}")


class Source(Protocol):
    """Anything that bytes are read from."""

    def read(self, size: int, /) -> bytes:
        """Return up to `size` bytes; none at the end."""


class Sink(Protocol):
    """Anything that bytes are written to."""

    def write(self, chunk: bytes, /) -> object:
        """Take all of `chunk`."""


class Blob(NamedTuple):
    """A large value that was kept: its random name, and how many bytes it holds."""

    name: str
    size: int


class BlobDirectory:
    """A folder of sealed large values under random names, in 256 folders by their first byte."""

    __slots__ = ("_path",)

    def __init__(self, path: str | PathLike[str]) -> None:
        """Keep blobs under `path`, made for its owner alone when it is not there."""
        self._path = Path(path)
        self._path.mkdir(mode=0o700, parents=True, exist_ok=True)

    def write(self, source: Source, *, under: SubjectKey, about: bytes, limit: int | None = None) -> Blob:
        """Seal `source` to its end as a large value of the record `about`, and return its name.

        It is durable when this returns; otherwise nothing of it is left. Raises `BlobTooLarge`
        beyond `limit` bytes, `NoRoom` on a full disk, and whatever `source` raises.
        """
        name = secrets.token_hex(16)
        path = self._at(name)
        if not path.parent.is_dir():
            path.parent.mkdir(mode=0o700, exist_ok=True)
            sync_folder(self._path)
        with whole(path) as file:
            size = seal_stream(source, file, name=name, under=under, about=about, limit=limit)
        return Blob(name, size)

    def read(self, name: str, *, under: SubjectKey, about: bytes) -> Iterator[bytes]:
        """Give the value chunk by chunk, each opened before it is given.

        Raises `BlobMissing`, `SealBroken` or `UnknownSuite`. That the end was cut off shows only
        there: whoever passes chunks on must take back what was given when this raises.
        """
        try:
            file = self._at(name).open("rb")
        except FileNotFoundError:
            raise BlobMissing(name=name) from None
        with file:
            yield from unseal_stream(file, name=name, under=under, about=about)

    def remove(self, name: str) -> None:
        """Remove a blob for good; it may be gone already."""
        path = self._at(name)
        if path.exists():
            path.unlink(missing_ok=True)
            sync_folder(path.parent)

    def names(self) -> Iterator[str]:
        """Give the names of all blobs, so that those no record knows can be removed."""
        for path in sorted(self._path.glob("??/*")):
            if _NAME.fullmatch(path.name):
                yield path.name

    def sweep(self, *, until: Instant) -> int:
        """Remove what writers that were killed before `until` left behind; return how many."""
        count = 0
        for path in self._path.glob(f"??/{TEMPORARY}*"):
            if path.stat().st_mtime_ns // 1000 < until:
                path.unlink(missing_ok=True)
                count += 1
        return count

    def _at(self, name: str) -> Path:
        if not _NAME.fullmatch(name):
            raise BlobMissing(name="(not a name)")
        return self._path / name[:2] / name


def seal_stream(
    source: Source,
    sink: Sink,
    *,
    name: str,
    under: SubjectKey,
    about: bytes,
    limit: int | None = None,
) -> int:
    """Write `source` sealed to `sink`, in bounded memory, and return how many bytes it held.

    Raises `BlobTooLarge` as soon as `limit` is passed; `sink` then holds a part to be discarded.
    """
    salt = secrets.token_bytes(SALT)
    key = _key(under, salt, CHUNK, name, about)
    sink.write(MAGIC + bytes([VERSION]) + CHUNK.to_bytes(4, "big") + salt)
    number = size = 0
    chunk = _full(source, CHUNK)
    while True:
        size += len(chunk)
        if limit is not None and size > limit:
            raise BlobTooLarge(limit=limit)
        following = _full(source, CHUNK)
        sink.write(key.encrypt(_nonce(number, last=not following), chunk, None))
        if not following:
            return size
        chunk, number = following, number + 1


def unseal_stream(source: Source, *, name: str, under: SubjectKey, about: bytes) -> Iterator[bytes]:
    """Give what was sealed, chunk by chunk; raises `SealBroken` or `UnknownSuite`."""
    header = _full(source, HEADER)
    if len(header) != HEADER or not header.startswith(MAGIC):
        raise SealBroken
    if header[8] != VERSION:
        raise UnknownSuite(suite=header[8])
    size = int.from_bytes(header[9:13], "big")
    if not 1 <= size <= LARGEST_CHUNK:
        raise SealBroken
    key = _key(under, header[13:], size, name, about)
    number = 0
    sealed = _full(source, size + TAG)
    while True:
        following = _full(source, size + TAG)
        try:
            chunk = key.decrypt(_nonce(number, last=not following), sealed, None)
        except InvalidTag:
            raise SealBroken from None
        if not chunk and number:
            raise SealBroken
        yield chunk
        if not following:
            return
        sealed, number = following, number + 1


def _key(under: SubjectKey, salt: bytes, chunk: int, name: str, about: bytes) -> Key:
    return under.derive(salt, "troth.blob", VERSION, chunk, bytes.fromhex(name), about)


def _nonce(number: int, *, last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes([last])


def _full(source: Source, size: int) -> bytes:
    parts = []
    while size and (part := source.read(size)):
        parts.append(part)
        size -= len(part)
    return b"".join(parts)
