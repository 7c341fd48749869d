"""Read a package strictly: whoever sent it may be nobody's friend.

Nothing is written anywhere. Before any entry is looked at, its directory is measured; names go nowhere but
down and stand once; each file is as long as the directory and the manifest say, and no longer; all together
they stay within a limit. What is not in the manifest is not taken, and what is in it must be there.
"""

import struct
import zlib
from collections.abc import Iterator
from hashlib import sha256
from typing import Any, BinaryIO
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from troth.errors import PackageFaulty
from troth.packages.manifest import LARGEST, MANIFEST, SIGNATURE, read_manifest
from troth.packages.zipping import PIECE, is_path

MOST_FILES = 100_000
MOST_OPENED = 8 * 1024**3  # bytes of all files together, unless less is said
_ENCRYPTED = 0x1
_MOST_DIRECTORY = 64 * 1024 * 1024
_END, _END64, _LOCATOR = struct.Struct("<4s4H2LH"), struct.Struct("<4sQ2H2L4Q"), struct.Struct("<4sLQL")


class Opened:
    """A package whose directory and manifest were read; its files are read one by one."""

    def __init__(self, archive: ZipFile, manifest: dict[str, Any], raw: bytes, signature: bytes) -> None:
        self._archive = archive
        self.manifest = manifest
        self.raw = raw  # the manifest as it is signed
        self.signature = signature
        self._known = {each["path"]: each for each in manifest["files"]}

    @property
    def paths(self) -> tuple[str, ...]:
        """The names of all files but the manifest and its signature, in the order in which they stand."""
        return tuple(self._known)

    def has(self, path: str) -> bool:
        """Whether there is such a file."""
        return path in self._known

    def size(self, path: str) -> int:
        """How long a file is, opened."""
        return int(self._known[path]["size"])

    def read(self, path: str, *, most: int = LARGEST) -> bytes:
        """Return a file that is not larger than `most`; raises `PackageFaulty` as `chunks` does."""
        if path not in self._known or self.size(path) > most:
            raise PackageFaulty(fault="size" if path in self._known else "missing")
        return b"".join(self.chunks(path))

    def chunks(self, path: str) -> Iterator[bytes]:
        """Give a file piece by piece; raises `PackageFaulty` unless it is what the manifest says.

        That it is not may show at its end alone.
        """
        if path not in self._known:
            raise PackageFaulty(fault="missing")
        wanted, digest, size = self._known[path], sha256(), 0
        for piece in _pieces(self._archive, path):
            size += len(piece)
            digest.update(piece)
            if size > wanted["size"]:
                raise PackageFaulty(fault="hash")
            yield piece
        if size != wanted["size"] or digest.hexdigest() != wanted["sha256"]:
            raise PackageFaulty(fault="hash")

    def verify(self) -> int:
        """Read every file to its end; return how many bytes they hold. Raises `PackageFaulty`."""
        return sum(len(piece) for path in self._known for piece in self.chunks(path))


def opened(file: BinaryIO, *, most: int = MOST_OPENED) -> Opened:
    """Open a package that is read from any place on; raises `PackageFaulty`.

    Its signature is not judged here: whose it is, its bearer has to be asked.
    """
    count = _measured(file)
    try:
        archive = ZipFile(file)
    except (BadZipFile, ValueError, struct.error, OverflowError, NotImplementedError):
        raise PackageFaulty(fault="zip") from None
    entries = archive.infolist()
    if len(entries) != count or len(archive.NameToInfo) != count:
        raise PackageFaulty(fault="name")
    _sound(entries, most)
    if [entry.filename for entry in entries[-2:]] != [MANIFEST, SIGNATURE]:
        raise PackageFaulty(fault="manifest")
    if entries[-2].file_size > LARGEST or entries[-1].file_size > PIECE:
        raise PackageFaulty(fault="size")
    raw, signature = (b"".join(_pieces(archive, name)) for name in (MANIFEST, SIGNATURE))
    manifest = read_manifest(raw)
    named = [each["path"] for each in manifest["files"]]
    if named != [entry.filename for entry in entries[:-2]]:
        raise PackageFaulty(fault="files")
    if any(each["size"] != entry.file_size for each, entry in zip(manifest["files"], entries, strict=False)):
        raise PackageFaulty(fault="size")
    return Opened(archive, manifest, raw, signature)


def _measured(file: BinaryIO) -> int:
    """Return how many entries a zip says it has, before any is read; raises `PackageFaulty`.

    A writer of packages leaves no comment, so that the end of the directory is the end of the file.
    """
    length = file.seek(0, 2)
    if length < _END.size:
        raise PackageFaulty(fault="zip")
    file.seek(length - _END.size)
    magic, _disk, _start, here, count, size, _offset, comment = _END.unpack(file.read(_END.size))
    if magic != b"PK\x05\x06" or comment or here != count:
        raise PackageFaulty(fault="zip")
    if 0xFFFF in (here, count) or 0xFFFFFFFF in (size, _offset):
        before = length - _END.size - _LOCATOR.size - _END64.size
        if before < 0:
            raise PackageFaulty(fault="zip")
        file.seek(before)
        found = _END64.unpack(file.read(_END64.size))
        if found[0] != b"PK\x06\x06":
            raise PackageFaulty(fault="zip")
        count, size = found[7], found[8]
    if count > MOST_FILES or size > _MOST_DIRECTORY:
        raise PackageFaulty(fault="size")
    file.seek(0)
    return int(count)


def _sound(entries: list[ZipInfo], most: int) -> None:
    total = 0
    for entry in entries:
        if not is_path(entry.filename) or entry.orig_filename != entry.filename:
            raise PackageFaulty(fault="name")
        if entry.flag_bits & _ENCRYPTED or entry.compress_type not in (ZIP_STORED, ZIP_DEFLATED):
            raise PackageFaulty(fault="zip")
        total += entry.file_size
        if total > most:
            raise PackageFaulty(fault="size")


def _pieces(archive: ZipFile, path: str) -> Iterator[bytes]:
    try:
        with archive.open(path) as inside:
            while piece := inside.read(PIECE):
                yield piece
    except (BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, struct.error):
        raise PackageFaulty(fault="zip") from None
