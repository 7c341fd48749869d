"""Probing: send what a stranger might send through the checks of uploads, and look at what comes out."""

import struct
import zlib
from collections.abc import Callable, Iterator
from io import BytesIO

from troth.custody.files.uploads import Judged, prepare
from troth.errors import PillowMissing
from troth.rules.decision import Why
from troth.terms.agreement import FieldSpec
from troth.terms.vocabulary import FieldName

Preparing = Callable[[object, FieldSpec, frozenset[str]], Judged | Why]

_HIDDEN = b"hidden-by-the-probe"
_PAGE = b"<html><script>alert('" + _HIDDEN + b"')</script></html>"
_GPS, _ARTIST = 0x8825, 0x013B  # tags of EXIF 2.32
_LIMIT = 100_000


def probe(checks: frozenset[str], preparing: Preparing = prepare) -> tuple[list[str], int]:
    """Return what is wrong with the checks that were promised, and how many samples were sent.

    None are sent where what opens pictures is not installed: none is taken in there.
    """
    faults, count = [], 0
    try:
        for name, kind, content in _samples(checks):
            count += 1
            found = preparing(content, FieldSpec(FieldName("probe"), kind, limit=_LIMIT), checks)
            if isinstance(found, Why):
                if name == _PHOTO:
                    faults.append(f"{name} is not taken in")
            elif name != _PHOTO:
                faults.append(f"{name} is taken in")
            elif _HIDDEN in found.content or b"Exif" in found.content:
                faults.append(f"{name} is taken in with what it hides")
    except PillowMissing:
        return [], 0
    return faults, count


_PHOTO = "a photo with a place, a name, a comment and an archive behind it"


def _samples(checks: frozenset[str]) -> Iterator[tuple[str, str, bytes]]:
    """Give what is sent: what it is called, the type of field it is sent for, and its bytes."""
    if "size" in checks:
        yield "a file beyond its limit", "file", b"a" * (_LIMIT + 1)
    if "type" in checks:
        yield "a page sent as a file", "file", _PAGE
        yield "a page sent as a picture", "picture", _PAGE
        yield "a program", "file", b"\x7fELF\x02\x01\x01" + bytes(64)
        yield (
            "a PDF with a script",
            "file",
            b"%PDF-1.7\n1 0 obj<</S/JavaScript>>endobj\nstartxref\n0\n%%EOF\n",
        )
    if "metadata" in checks:
        yield "a page that begins like a JPEG", "picture", b"\xff\xd8\xff\xe0" + _PAGE
        yield "a picture of 3,600 megapixels", "picture", _vast()
        for kind in ("picture", "file"):
            yield _PHOTO, kind, _photo()


def _vast() -> bytes:
    """Return a PNG that is small, and would be vast."""
    head = b"IHDR" + struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    body = b"IDAT" + zlib.compress(bytes(100_000))
    chunks = (struct.pack(">I", len(c) - 4) + c + struct.pack(">I", zlib.crc32(c)) for c in (head, body))
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def _photo() -> bytes:
    """Return a JPEG with everything that a telephone may hide in one; raises `PillowMissing`."""
    try:
        from PIL import Image
    except ImportError:
        raise PillowMissing from None
    exif = Image.Exif()
    exif[_ARTIST] = _HIDDEN.decode()
    exif.get_ifd(_GPS).update({1: "N", 2: (1.0, 17.0, 24.0), 3: "E", 4: (103.0, 51.0, 0.0)})
    sink = BytesIO()
    Image.new("RGB", (48, 32), "teal").save(sink, "JPEG", exif=exif, comment=_HIDDEN, xmp=_HIDDEN)
    return sink.getvalue() + b"PK\x03\x04" + _HIDDEN
