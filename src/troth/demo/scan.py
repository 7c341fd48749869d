"""Look for values in every byte of a directory, in each form in which they might have leaked."""

from base64 import b64encode
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class Needle:
    """What is looked for: a name to report it by, and the bytes themselves."""

    name: str
    form: str  # "as it is", "utf-16", "hex", "base64"
    content: bytes


@dataclass(frozen=True, slots=True)
class Found:
    """One needle in one file."""

    file: str
    name: str
    form: str


@dataclass(frozen=True, slots=True)
class Scan:
    """What a scan looked at, and what it found."""

    files: int
    size: int  # bytes
    needles: int
    found: tuple[Found, ...]

    @property
    def names(self) -> frozenset[str]:
        """The names of everything that was found, in whatever form and file."""
        return frozenset(found.name for found in self.found)


def exact(name: str, content: bytes) -> Needle:
    """Return a needle of bytes that are looked for as they are."""
    return Needle(name, "as it is", content)


def forms(name: str, value: str | bytes) -> Iterator[Needle]:
    """Yield a value in the forms in which software writes values: plain, UTF-16, hex, base64.

    Base64 is looked for at each of its three alignments, so that it is found inside of something larger.
    """
    content = value.encode("utf-8") if isinstance(value, str) else value
    yield exact(name, content)
    if isinstance(value, str):
        yield Needle(name, "utf-16", value.encode("utf-16-le"))
    yield Needle(name, "hex", content.hex().encode())
    for lead in range(3):
        # The first character of a group depends on what stands before it, the last on what follows.
        text = b64encode(b"\x00" * lead + content)
        start = -(-lead * 8 // 6)
        whole = (lead + len(content)) * 8 // 6
        yield Needle(name, "base64", text[start:whole])


def scan(directory: Path, needles: Iterable[Needle]) -> Scan:
    """Return where needles are in the files under a directory: databases, logs of databases, blobs, all.

    Reads a mebibyte at a time, and finds what lies across two of them.
    """
    looked = [needle for needle in dict.fromkeys(needles) if needle.content]
    found: list[Found] = []
    files = size = 0
    for path in sorted(p for p in directory.rglob("*") if p.is_file()):
        files += 1
        read, here = _scan_file(path, looked)
        size += read
        name = path.relative_to(directory).as_posix()
        found += [Found(name, needle.name, needle.form) for needle in looked if needle in here]
    return Scan(files, size, len(looked), tuple(found))


def _scan_file(path: Path, needles: list[Needle]) -> tuple[int, set[Needle]]:
    overlap = max((len(needle.content) for needle in needles), default=1) - 1
    found: set[Needle] = set()
    size, tail = 0, b""
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            size += len(chunk)
            window = tail + chunk
            found.update(needle for needle in needles if needle.content in window)
            tail = window[-overlap:] if overlap else b""
    return size, found
