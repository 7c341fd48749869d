"""Real pictures and files for the tests: small, each unlike every other, and kept as they are sent."""

import struct
import zipfile
import zlib
from functools import cache
from hashlib import shake_256
from io import BytesIO
from typing import Any

from PIL import Image, ImageCms

from troth.custody.files.pictures import redrawn

HIDDEN = b"hidden-words-about-mia"
ORIENTATION, GPS, ARTIST = 0x0112, 0x8825, 0x013B  # tags of EXIF 2.32


def noise(seed: str, width: int = 16, height: int = 16) -> Image.Image:
    """Return a picture of as many colours as it has pixels, decided by `seed`."""
    return Image.frombytes("RGB", (width, height), shake_256(seed.encode()).digest(width * height * 3))


def calm(seed: str, width: int, height: int) -> Image.Image:
    """Return a picture as cameras take them: neighbours are much alike."""
    return noise(seed, 6, 6).resize((width, height), Image.Resampling.BICUBIC)


def encoded(picture: Image.Image, form: str, **more: Any) -> bytes:
    """Return a picture's file."""
    sink = BytesIO()
    picture.save(sink, form, **more)
    return sink.getvalue()


def decoded(content: bytes) -> Image.Image:
    """Return the picture of a file, loaded."""
    picture = Image.open(BytesIO(content))
    picture.load()
    return picture


@cache
def face(seed: str) -> bytes:
    """Return a JPEG that stays byte for byte what it is when it is drawn anew."""
    content = encoded(noise(seed).resize((32, 32)), "JPEG", quality=90)
    while (again := redrawn(content, 1_000_000).content) != content:
        content = again
    return content


def letter(text: str) -> bytes:
    """Return a PDF of one page that says nothing but in a comment."""
    head = (
        "%PDF-1.7\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\n"
    )
    tail = f"% {text}\ntrailer<</Root 1 0 R/Size 3>>\nstartxref\n0\n%%EOF\n"
    return (head + tail).encode()


def exif(orientation: int = 1) -> Image.Exif:
    """Return EXIF with a place, a name, and how the camera was held."""
    found = Image.Exif()
    found[ORIENTATION], found[ARTIST] = orientation, HIDDEN.decode()
    found.get_ifd(GPS).update({1: "N", 2: (1.0, 17.0, 24.0), 3: "E", 4: (103.0, 51.0, 0.0)})
    return found


def profile(name: str = "sRGB") -> bytes:
    """Return an ICC profile."""
    return ImageCms.ImageCmsProfile(ImageCms.createProfile(name)).tobytes()


def segment(marker: int, body: bytes) -> bytes:
    """Return a segment of a JPEG."""
    return bytes((0xFF, marker)) + struct.pack(">H", len(body) + 2) + body


def archive() -> bytes:
    """Return a ZIP with a program in it."""
    sink = BytesIO()
    with zipfile.ZipFile(sink, "w") as zipped:
        zipped.writestr("run.sh", HIDDEN)
    return sink.getvalue()


def chunk(kind: bytes, body: bytes) -> bytes:
    """Return a chunk of a PNG."""
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png_of(width: int, height: int, body: bytes = b"", colours: int = 2) -> bytes:
    """Return a PNG of a size, whatever its pixels are; colours: 0 grey, 2 red, green and blue."""
    head = struct.pack(">IIBBBBB", width, height, 8, colours, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(body))
        + chunk(b"IEND", b"")
    )
