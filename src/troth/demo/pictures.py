"""Small pictures made from nothing: valid PNG files, each unlike every other."""

import struct
import zlib
from hashlib import sha256

from troth.custody.files.pictures import Picture, redrawn

_SIZE = 24  # pixels a side
_LARGEST = 10_000  # bytes


def picture(seed: str) -> bytes:
    """Return a PNG (W3C PNG, third edition) of 24 by 24 grey pixels, mirrored, decided by `seed`."""
    rows = _pixels(seed)
    body = b"".join(b"\x00" + rows[at : at + _SIZE] for at in range(0, len(rows), _SIZE))
    head = struct.pack(">IIBBBBB", _SIZE, _SIZE, 8, 0, 0, 0, 0)
    chunks = ((b"IHDR", head), (b"IDAT", zlib.compress(body)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, body) for kind, body in chunks)


def mark(seed: str) -> bytes:
    """Return 24 bytes that stand in this picture, drawn anew as it is kept, and in no other."""
    kept = redrawn(picture(seed), _LARGEST)
    assert isinstance(kept, Picture)  # noqa: S101 - it is a picture, and a small one
    middle = len(kept.content) // 2
    return kept.content[middle - 12 : middle + 12]


def _pixels(seed: str) -> bytes:
    """Return the pixels of a picture, row by row: a pattern like the ones that stand for a face."""
    shade = sha256(seed.encode()).digest()
    half = _SIZE // 2
    rows = []
    for y in range(_SIZE):
        row = sha256(shade + bytes([y // 4])).digest()[:half]
        rows.append(row + row[::-1])
    return b"".join(rows)


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
