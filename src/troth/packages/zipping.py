"""Write a zip as a stream: file after file, in bounded memory, to a sink that cannot go back.

Every name is ours and stands once; the time of each entry is that of the package, so that the same
content gives the same bytes. What each file held is known when it is written: its size and its SHA-256.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from hashlib import sha256
from typing import NamedTuple
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from troth.clock import Instant, iso
from troth.errors import PackageFaulty

PIECE = 65_536  # bytes of a file that are compressed at once
LONGEST_NAME = 512
_PACKED = (".jpg", ".png", ".webp", ".pdf")  # these are compressed already
_PART = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]*\Z")


class Written(NamedTuple):
    """What a file of a package holds."""

    path: str
    size: int
    sha256: str


Files = Iterable[tuple[str, Iterable[bytes]]]
Closing = Callable[[list[Written]], Files]


def zipped(files: Files, closing: Closing, *, at: Instant) -> Iterator[bytes]:
    """Yield a zip of `files`, and of what `closing` makes of the list of all of them.

    Nothing of a file is asked for before the one in front of it is written. Raises `PackageFaulty` for a
    name that no package has, or that stands twice.
    """
    sink = _Sink()
    written: list[Written] = []
    with ZipFile(sink, "w", ZIP_DEFLATED) as archive:  # type: ignore[call-overload]
        for path, pieces in files:
            yield from _file(archive, sink, path, pieces, at, written)
        for path, pieces in closing(list(written)):
            yield from _file(archive, sink, path, pieces, at, written)
    yield from sink.taken()


def is_path(path: str) -> bool:
    """Whether a name is one that files of packages have: relative, plain, going nowhere but down."""
    return len(path) <= LONGEST_NAME and all(_PART.match(part) for part in path.split("/"))


def _file(
    archive: ZipFile, sink: "_Sink", path: str, pieces: Iterable[bytes], at: Instant, written: list[Written]
) -> Iterator[bytes]:
    if not is_path(path) or path in archive.NameToInfo:
        raise PackageFaulty(fault="name")
    year, month, day, hour, minute, second = (int(n) for n in re.findall(r"\d+", iso(at))[:6])
    entry = ZipInfo(path, (max(1980, min(2107, year)), month, day, hour, minute, second))
    entry.compress_type = ZIP_STORED if path.endswith(_PACKED) else ZIP_DEFLATED
    entry.external_attr = 0o600 << 16
    size, digest = 0, sha256()
    with archive.open(entry, "w") as inside:
        for piece in pieces:
            for low in range(0, len(piece), PIECE):
                part = piece[low : low + PIECE]
                digest.update(part)
                size += len(part)
                inside.write(part)
                yield from sink.taken()
    yield from sink.taken()
    written.append(Written(path, size, digest.hexdigest()))


class _Sink:
    """Where the zip is written to; what was written is taken away at once."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def write(self, part: bytes) -> int:
        """Take some bytes."""
        self._parts.append(bytes(part))
        return len(part)

    def flush(self) -> None:
        """There is nothing to flush."""

    def taken(self) -> Iterator[bytes]:
        """Yield what was written since the last time."""
        if self._parts:
            whole = b"".join(self._parts)
            self._parts.clear()
            yield whole


class Pulled:
    """Chunks, read as a file is: what is sealed or sent asks for bytes, and gets them as they are made."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks = iter(chunks)
        self._rest = memoryview(b"")

    def read(self, size: int, /) -> bytes:
        """Return up to `size` bytes; none at the end."""
        while not self._rest:
            chunk = next(self._chunks, None)
            if chunk is None:
                return b""
            self._rest = memoryview(chunk)
        part, self._rest = self._rest[:size], self._rest[size:]
        return bytes(part)
