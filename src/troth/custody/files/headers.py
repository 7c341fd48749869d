"""What a picture's file says before anything is decoded, and the file without what stands beside the pixels.

Decoders read only what is left here, so neither EXIF nor texts, thumbnails or comments reach one: their
readers have been talked into taking all memory there is. A file is walked once, part by part.
"""

import re
import struct
from collections.abc import Callable, Iterator
from typing import NamedTuple

MOST_PARTS = 10_000  # segments or chunks of one file
_FILL = 64  # bytes that may stand between two segments of a JPEG before its first scan
_MAGIC = (
    (b"\xff\xd8\xff", 0, "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", 0, "image/png"),
    (b"WEBP", 8, "image/webp"),
)
_ORIENTATION = 0x0112  # the tag of EXIF 2.32
_EXIF = b"Exif\0\0"


class Bare(NamedTuple):
    """A picture's file with its pixels, their palette and profile, and nothing else."""

    content: bytes
    width: int
    height: int
    passes: int = 1  # over its pixels, to decode it
    orientation: int = 1  # as EXIF counts it


def media_type(content: bytes) -> str:
    """Return the media type of a picture that the first bytes show; empty when they show none."""
    return next((media for magic, at, media in _MAGIC if content[at : at + len(magic)] == magic), "")


def bared(content: bytes, media: str) -> Bare | None:
    """Return what a picture's file says, and what of it is to be decoded; None when it is damaged."""
    try:
        found = _READERS[media](content)
    except (struct.error, IndexError, ValueError):
        return None
    return found if min(found[1:4]) > 0 else None


def _oriented(exif: bytes) -> int:
    """Return how a camera was held; upright when its EXIF (a TIFF directory) does not say it."""
    tiff = exif.removeprefix(_EXIF)
    order = {b"II": "<", b"MM": ">"}.get(tiff[:2], "<")
    try:
        (at,) = struct.unpack_from(order + "I", tiff, 4)
        (count,) = struct.unpack_from(order + "H", tiff, at)
        for entry in range(at + 2, at + 2 + 12 * count, 12):
            tag, value = struct.unpack_from(order + "H6xH", tiff, entry)
            if tag == _ORIENTATION:
                return int(value)
    except struct.error:
        pass
    return 1


# ---- JPEG (ITU-T T.81, annex B)

_MARKER = re.compile(rb"\xff[^\x00\x01\xd0-\xd8\xff]")  # one that has a length, or the end
_END, _SCAN = 0xD9, 0xDA
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_TABLES = frozenset({0xC4, 0xCC, 0xDB, 0xDC, 0xDD, _SCAN}) | _FRAMES
_COLOURS = {0xE0: b"JFIF\0", 0xE2: b"ICC_PROFILE\0", 0xEE: b"Adobe"}  # segments that say what colours mean


def _jpeg(content: bytes) -> Bare:
    kept, shape, passes, orientation = [content[:2]], (0, 0), 0, 1
    for marker, start, body, end in _segments(content):
        if marker in _FRAMES:
            if shape != (0, 0):
                raise ValueError
            height, width = struct.unpack_from(">HH", content, body + 1)
            shape = width, height
        passes += marker == _SCAN
        colours = _COLOURS.get(marker)
        if marker in _TABLES or marker == _END or (colours and content.startswith(colours, body)):
            kept.append(content[start:end])
        elif marker == 0xE1 and content.startswith(_EXIF, body) and orientation == 1:
            orientation = _oriented(content[body:end])
    return Bare(b"".join(kept), *shape, passes, orientation)


def _segments(content: bytes) -> Iterator[tuple[int, int, int, int]]:
    """Give each marker with the places where its segment, its body, and the next begins."""
    here = _MARKER.search(content, 2)
    at, scanned = 2, False
    for _ in range(MOST_PARTS):
        if here is None:
            return
        marker, start, body = content[here.end() - 1], here.start(), here.end() + 2
        if start > at + _FILL and not scanned:
            raise ValueError
        if marker == _END:
            yield marker, start, here.end(), here.end()
            return
        (length,) = struct.unpack_from(">H", content, here.end())
        if length < 2:
            raise ValueError
        at = here.end() + length
        here = _MARKER.search(content, at)
        if marker == _SCAN:
            scanned = True
            at = here.start() if here else len(content)
        yield marker, start, body, at
    raise ValueError


# ---- PNG (W3C PNG, third edition, 5)

_NEEDED = frozenset({b"IHDR", b"PLTE", b"tRNS", b"iCCP", b"IDAT", b"IEND"})


def _png(content: bytes) -> Bare:
    kept, orientation, at = [content[:8]], 1, 8
    for number in range(MOST_PARTS):
        length, kind = struct.unpack_from(">I4s", content, at)
        end = at + 12 + length
        if (kind == b"IHDR") != (number == 0) or end > len(content):
            raise ValueError
        if kind in _NEEDED:
            kept.append(content[at:end])
        elif kind == b"eXIf":
            orientation = _oriented(content[at + 8 : end - 4])
        at = end
        if kind == b"IEND":
            width, height = struct.unpack_from(">II", content, 16)
            return Bare(b"".join(kept), width, height, orientation=orientation)
    raise ValueError


# ---- WebP (RFC 9649, 2)


def _webp(content: bytes) -> Bare:
    """Its decoder makes room for the canvas as soon as it is opened, and reads no text."""
    end = min(len(content), 8 + struct.unpack_from("<I", content, 4)[0])
    orientation, at = 1, 12
    for _ in range(MOST_PARTS):
        if at + 8 > end:
            return Bare(content[:end], *_canvas(content), orientation=orientation)
        kind, length = struct.unpack_from("<4sI", content, at)
        if kind == b"EXIF":
            orientation = _oriented(content[at + 8 : at + 8 + length])
        at += 8 + length + length % 2
    raise ValueError


def _canvas(content: bytes) -> tuple[int, int]:
    kind = content[12:16]
    if kind == b"VP8X":
        low, lower, high, higher = struct.unpack_from("<HBHB", content, 24)
        return (lower << 16 | low) + 1, (higher << 16 | high) + 1
    if kind == b"VP8L":
        (bits,) = struct.unpack_from("<I", content, 21)
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if kind == b"VP8 ":
        width, height = struct.unpack_from("<HH", content, 26)
        return width & 0x3FFF, height & 0x3FFF
    raise ValueError


_READERS: dict[str, Callable[[bytes], Bare]] = {"image/jpeg": _jpeg, "image/png": _png, "image/webp": _webp}
