"""Pictures: judged by their header, opened, and drawn anew, so that nothing stays but what can be seen.

A stranger's bytes go through the decoders here and nowhere else. What bounds them: bytes and pixels are
counted before anything is decoded, and so are the passes over them; one format's decoder is tried, the one
that the first bytes name; only the first picture of several is read; what is written stops at its limit.
"""

import re
import struct
from collections.abc import Callable, Iterator
from io import BytesIO
from typing import TYPE_CHECKING, NamedTuple

from troth.errors import BlobTooLarge, PillowMissing
from troth.rules.decision import Why
from troth.terms.kinds_numbers import MOST_PIXELS, MOST_SIDE

if TYPE_CHECKING:
    from PIL.Image import Image

MOST_WORK = 20 * MOST_PIXELS  # pixels times passes over them: a progressive JPEG takes some ten
_MAGIC = (
    (b"\xff\xd8\xff", 0, "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", 0, "image/png"),
    (b"WEBP", 8, "image/webp"),
)
_QUALITIES = (90, 80, 65)  # of a JPEG, until it fits
_WIDEST_WEBP = 16_383
_ORIENTATION = 0x0112  # the tag of EXIF 2.32
_MARKER = re.compile(rb"\xff+[^\x00\x01\xd0-\xd8\xff]")  # of a JPEG: one that has a length, or the end
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}


class Picture(NamedTuple):
    """A picture as it is kept."""

    content: bytes
    media: str


class _Shape(NamedTuple):
    """What a header says, before anything is decoded: pixels each way, and passes over them."""

    width: int
    height: int
    passes: int = 1


class _Sink(BytesIO):
    """Takes bytes up to a limit; raises `BlobTooLarge` beyond."""

    def __init__(self, limit: int) -> None:
        super().__init__()
        self._limit = limit

    def write(self, chunk: bytes, /) -> int:  # type: ignore[override]
        if self.tell() + len(chunk) > self._limit:
            raise BlobTooLarge(limit=self._limit)
        return super().write(chunk)


def media_type(content: bytes) -> str:
    """Return the media type of a picture that the first bytes show; empty when they show none."""
    return next((media for magic, at, media in _MAGIC if content[at : at + len(magic)] == magic), "")


def redrawn(content: bytes, limit: int) -> Picture | Why:
    """Return a picture drawn anew in at most `limit` bytes, or why it is not taken.

    It is upright, in sRGB, and without a word beside its pixels: EXIF, XMP, IPTC, profiles, comments,
    text, thumbnails, further frames, and whatever follows its end are gone; so are colours that are
    wholly transparent. A PNG stays one while it fits; others become JPEG, or PNG where they are
    transparent. Raises `PillowMissing`.
    """
    media = media_type(content)
    if not media:
        return Why.NOT_A_PICTURE
    if len(content) > limit:
        return Why.TOO_LARGE
    try:
        shape = _SHAPES[media](content)
    except (struct.error, IndexError, ValueError):
        return Why.DAMAGED
    if min(shape) < 1:
        return Why.DAMAGED
    if _is_too_much(shape):
        return Why.TOO_MANY_PIXELS
    drawn = _drawn(content, media, shape)
    return drawn if isinstance(drawn, Why) else _saved(drawn, limit, exact=media == "image/png")


def _is_too_much(shape: _Shape) -> bool:
    pixels = shape.width * shape.height
    wide = max(shape.width, shape.height) > MOST_SIDE
    return wide or pixels > MOST_PIXELS or pixels * shape.passes > MOST_WORK


# ---- what a header says


def _jpeg(content: bytes) -> _Shape:
    """Walk the segments (ITU-T T.81, annex B) up to the picture's end; count its scans."""
    found: _Shape | None = None
    passes = 0
    for marker, at in _segments(content):
        if marker in _FRAMES:
            height, width = struct.unpack_from(">HH", content, at + 3)
            if found is not None:
                raise ValueError(marker)
            found = _Shape(width, height)
        passes += marker == 0xDA
    if found is None:
        raise ValueError(passes)
    return found._replace(passes=passes)


def _segments(content: bytes) -> Iterator[tuple[int, int]]:
    """Give each marker with the place of its length; what lies between two scans is passed over."""
    at = 2
    while (here := _MARKER.search(content, at)) and content[here.end() - 1] != 0xD9:
        yield content[here.end() - 1], here.end()
        at = here.end() + struct.unpack_from(">H", content, here.end())[0]


def _png(content: bytes) -> _Shape:
    """Read the header chunk, which comes first (W3C PNG, third edition, 11.2.1)."""
    if content[12:16] != b"IHDR":
        raise ValueError
    return _Shape(*struct.unpack_from(">II", content, 16))


def _webp(content: bytes) -> _Shape:
    """Read the canvas (RFC 9649, 2.5 to 2.7), as its decoder makes room for it at once."""
    kind = content[12:16]
    if kind == b"VP8X":
        low, lower, high, higher = struct.unpack_from("<HBHB", content, 24)
        return _Shape((lower << 16 | low) + 1, (higher << 16 | high) + 1)
    if kind == b"VP8L":
        (bits,) = struct.unpack_from("<I", content, 21)
        return _Shape((bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1)
    if kind == b"VP8 ":
        width, height = struct.unpack_from("<HH", content, 26)
        return _Shape(width & 0x3FFF, height & 0x3FFF)
    raise ValueError


_SHAPES: dict[str, Callable[[bytes], _Shape]] = {
    "image/jpeg": _jpeg,
    "image/png": _png,
    "image/webp": _webp,
}


# ---- drawing


def _drawn(content: bytes, media: str, shape: _Shape) -> "Image | Why":
    """Return the first picture of some bytes, upright, as L, RGB or RGBA, with nothing beside it."""
    try:
        from PIL.JpegImagePlugin import JpegImageFile
        from PIL.PngImagePlugin import PngImageFile
        from PIL.WebPImagePlugin import WebPImageFile
    except ImportError:
        raise PillowMissing from None
    readers: dict[str, Callable[[BytesIO], Image]] = {
        "image/jpeg": JpegImageFile,
        "image/png": PngImageFile,
        "image/webp": WebPImageFile,
    }
    try:
        with readers[media](BytesIO(content)) as opened:
            if opened.size != shape[:2]:  # a second header
                return Why.DAMAGED
            opened.load()
            turn, profile = _turn(opened), opened.info.get("icc_profile")
            plain = _plain(opened)
            if profile and plain.mode != "L":
                plain = _in_srgb(plain, profile)
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001 - a decoder raises what it likes about a stranger's bytes
        return Why.DAMAGED
    if plain.mode == "CMYK":
        plain = plain.convert("RGB")
    if turn is not None:
        plain = plain.transpose(turn)
    plain.info = {}
    return _opaque(plain) if plain.mode == "RGBA" else plain


def _turn(opened: "Image") -> "Image.Transpose | None":  # type: ignore[name-defined]
    """Return how a picture is turned upright; one whose EXIF cannot be read is taken as upright."""
    from PIL.Image import Transpose

    turns = {
        2: Transpose.FLIP_LEFT_RIGHT,
        3: Transpose.ROTATE_180,
        4: Transpose.FLIP_TOP_BOTTOM,
        5: Transpose.TRANSPOSE,
        6: Transpose.ROTATE_270,
        7: Transpose.TRANSVERSE,
        8: Transpose.ROTATE_90,
    }
    try:
        return turns.get(opened.getexif().get(_ORIENTATION, 1))
    except Exception:  # noqa: BLE001 - as above
        return None


def _plain(opened: "Image") -> "Image":
    """Return a picture of any mode as L, RGB, RGBA, or as CMYK, which a profile turns into colours."""
    if opened.mode.startswith("I"):  # 16 bits of grey
        return opened.point(lambda value: value * (1 / 257)).convert("L")
    if opened.has_transparency_data:
        return opened if opened.mode == "RGBA" else opened.convert("RGBA")
    if opened.mode in ("L", "RGB", "CMYK"):
        return opened
    return opened.convert("L" if opened.mode == "1" else "RGB")


def _in_srgb(plain: "Image", profile: bytes) -> "Image":
    """Return a picture with the colours that its ICC profile means; one that is no profile says nothing."""
    from PIL import ImageCms

    try:
        meant = ImageCms.ImageCmsProfile(BytesIO(profile))
        mode = "RGB" if plain.mode == "CMYK" else plain.mode
        changed = ImageCms.profileToProfile(
            plain, meant, ImageCms.createProfile("sRGB"), outputMode=mode, inPlace=mode == plain.mode
        )
    except (ImageCms.PyCMSError, OSError, TypeError, ValueError):
        return plain
    return changed or plain


def _opaque(plain: "Image") -> "Image":
    """Return a picture without the colours of pixels that nobody sees; opaque when all are seen."""
    least, _ = plain.getchannel("A").getextrema()
    if least == 255:
        return plain.convert("RGB")
    unseen = plain.getchannel("A").point(lambda alpha: 0 if alpha else 255)
    plain.paste((0, 0, 0, 0), mask=unseen)
    return plain


def _saved(plain: "Image", limit: int, *, exact: bool) -> Picture | Why:
    """Return a picture in the first of several forms that fits into `limit` bytes."""
    forms: list[tuple[str, dict[str, int]]] = []
    if plain.mode == "RGBA" or exact:
        forms.append(("PNG", {"compress_level": 3}))
    if plain.mode != "RGBA":
        forms += [("JPEG", {"quality": quality}) for quality in _QUALITIES]
    elif max(plain.size) <= _WIDEST_WEBP:
        forms.append(("WEBP", {"quality": 90, "method": 2}))
    for name, settings in forms:
        sink = _Sink(limit)
        try:
            plain.save(sink, name, **settings)
        except BlobTooLarge:
            continue
        return Picture(sink.getvalue(), f"image/{name.lower()}")
    return Why.TOO_LARGE
