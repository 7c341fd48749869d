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
from contextlib import contextmanager
from io import SEEK_CUR, SEEK_END, SEEK_SET, BufferedReader, RawIOBase
from os import PathLike
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple, Protocol

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

    def write(
        self, source: Source, *, under: SubjectKey, about: bytes, limit: int | None = None, name: str = ""
    ) -> Blob:
        """Seal `source` to its end as a large value of the record `about`, and return its name.

        A `name` of `new_name` can be noted before anything is written. It is durable when this returns;
        otherwise nothing of it is left. Raises `BlobTooLarge` beyond `limit` bytes, `NoRoom` on a full disk,
        and whatever `source` raises.
        """
        name = name or new_name()
        path = self._at(name)
        if not path.parent.is_dir():
            path.parent.mkdir(mode=0o700, exist_ok=True)
            sync_folder(self._path)
        with whole(path) as file:
            size = seal_stream(source, file, name=name, under=under, about=about, limit=limit)
        return Blob(name, size)

    @contextmanager
    def writing(
        self, name: str, *, under: SubjectKey, about: bytes, limit: int | None = None
    ) -> Iterator["Sealing"]:
        """Give what a value is sealed with as it comes; it is durable when the block ends, or never was.

        Raises `BlobTooLarge` beyond `limit` bytes, `NoRoom` on a full disk.
        """
        path = self._at(name)
        if not path.parent.is_dir():
            path.parent.mkdir(mode=0o700, exist_ok=True)
            sync_folder(self._path)
        with whole(path) as file:
            sealing = Sealing(file, name=name, under=under, about=about, limit=limit)
            yield sealing
            sealing.finish()

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

    def open(self, name: str, *, under: SubjectKey, about: bytes) -> BufferedReader:
        """Give the value as a file that is read from any place on; close it in the end.

        Raises `BlobMissing`, `SealBroken` or `UnknownSuite`, reading as well as opening.
        """
        try:
            file = self._at(name).open("rb")
        except FileNotFoundError:
            raise BlobMissing(name=name) from None
        try:
            return BufferedReader(Opened(file, name=name, under=under, about=about), CHUNK)
        except BaseException:
            file.close()
            raise

    def sealed(self, name: str) -> Path:
        """Return where the sealed bytes of a blob lie, or would; raises `BlobMissing` for what is no name."""
        return self._at(name)

    def remove(self, name: str) -> None:
        """Remove a blob for good; it may be gone already. What is no name names no file."""
        if not _NAME.fullmatch(name):
            return
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


class Opened(RawIOBase):
    """A sealed large value, read from any place on; each chunk is opened when it is come to.

    What is the last chunk follows from the length of the file, so that one that was cut does not open.
    """

    def __init__(self, file: BinaryIO, *, name: str, under: SubjectKey, about: bytes) -> None:
        """Take over an open file; raises `SealBroken` or `UnknownSuite`."""
        self._file = file
        self._size, salt = _header(file)
        self._key = _key(under, salt, self._size, name, about)
        rest = file.seek(0, SEEK_END) - HEADER
        self._last = max(0, -(-rest // (self._size + TAG)) - 1)
        self._length = rest - (self._last + 1) * TAG
        self._at, self._number, self._chunk = 0, -1, b""
        if self._length < 0:
            raise SealBroken

    def readable(self) -> bool:
        """It is read."""
        return True

    def seekable(self) -> bool:
        """It is read from any place on."""
        return True

    def tell(self) -> int:
        """Where it is read next."""
        return self._at

    def seek(self, offset: int, whence: int = SEEK_SET, /) -> int:
        """Go to a place."""
        start = {SEEK_SET: 0, SEEK_CUR: self._at, SEEK_END: self._length}[whence]
        self._at = max(0, start + offset)
        return self._at

    def readinto(self, buffer: Any, /) -> int:  # noqa: ANN401 - anything that bytes are put into
        """Read up to the end of a chunk; raises `SealBroken`."""
        if self._at >= self._length:
            return 0
        number, place = divmod(self._at, self._size)
        if number != self._number:
            self._file.seek(HEADER + number * (self._size + TAG))
            sealed = _full(self._file, self._size + TAG)
            self._chunk = _unsealed(self._key, number, sealed, last=number == self._last)
            self._number = number
        found = self._chunk[place : place + len(buffer)]
        buffer[: len(found)] = found
        self._at += len(found)
        return len(found)

    def close(self) -> None:
        """Close the file."""
        self._file.close()
        super().close()


def new_name() -> str:
    """Return a random name for a large value."""
    return secrets.token_hex(16)


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
    sealing = Sealing(sink, name=name, under=under, about=about, limit=limit)
    while chunk := source.read(CHUNK):
        sealing.write(chunk)
    return sealing.finish()


class Sealing:
    """A large value that is sealed as it comes, by whoever brings it; `finish` it in the end."""

    def __init__(
        self, sink: Sink, *, name: str, under: SubjectKey, about: bytes, limit: int | None = None
    ) -> None:
        """Write the header to `sink`; no more than `limit` bytes are taken."""
        salt = secrets.token_bytes(SALT)
        self._sink, self._limit = sink, limit
        self._key = _key(under, salt, CHUNK, name, about)
        self._rest, self._number, self._size = bytearray(), 0, 0
        sink.write(MAGIC + bytes([VERSION]) + CHUNK.to_bytes(4, "big") + salt)

    def write(self, chunk: bytes) -> None:
        """Seal some bytes; raises `BlobTooLarge` beyond the limit."""
        self._size += len(chunk)
        if self._limit is not None and self._size > self._limit:
            raise BlobTooLarge(limit=self._limit)
        self._rest += chunk
        while len(self._rest) > CHUNK:  # what is left may be the last chunk, which is sealed as that
            self._seal(bytes(self._rest[:CHUNK]), last=False)
            del self._rest[:CHUNK]

    def finish(self) -> int:
        """Seal the last chunk; return how many bytes there were."""
        self._seal(bytes(self._rest), last=True)
        return self._size

    def _seal(self, chunk: bytes, *, last: bool) -> None:
        self._sink.write(self._key.encrypt(_nonce(self._number, last=last), chunk, None))
        self._number += 1


def unseal_stream(source: Source, *, name: str, under: SubjectKey, about: bytes) -> Iterator[bytes]:
    """Give what was sealed, chunk by chunk; raises `SealBroken` or `UnknownSuite`."""
    size, salt = _header(source)
    key = _key(under, salt, size, name, about)
    number = 0
    sealed = _full(source, size + TAG)
    while True:
        following = _full(source, size + TAG)
        chunk = _unsealed(key, number, sealed, last=not following)
        if not chunk and number:
            raise SealBroken
        yield chunk
        if not following:
            return
        sealed, number = following, number + 1


def _header(source: Source) -> tuple[int, bytes]:
    """Return the size of the chunks, and the salt; raises `SealBroken` or `UnknownSuite`."""
    header = _full(source, HEADER)
    if len(header) != HEADER or not header.startswith(MAGIC):
        raise SealBroken
    if header[8] != VERSION:
        raise UnknownSuite(suite=header[8])
    size = int.from_bytes(header[9:13], "big")
    if not 1 <= size <= LARGEST_CHUNK:
        raise SealBroken
    return size, header[13:]


def _unsealed(key: Key, number: int, sealed: bytes, *, last: bool) -> bytes:
    try:
        return key.decrypt(_nonce(number, last=last), sealed, None)
    except InvalidTag:
        raise SealBroken from None


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
