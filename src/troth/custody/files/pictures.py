"""Pictures: judged by their header, opened, and drawn anew, so that nothing stays but what can be seen.

A stranger's bytes go through the decoders here and nowhere else. What bounds them: bytes, pixels and the
passes over them are counted before anything is decoded (`headers`); the decoder of one format is tried, the
one that the first bytes name; only the first picture of several is read; what is written stops at its limit.
"""

from collections.abc import Callable
from io import BytesIO
from typing import TYPE_CHECKING, NamedTuple

from troth.custody.files.headers import Bare, bared, media_type
from troth.errors import BlobTooLarge, PillowMissing
from troth.rules.decision import Why
from troth.terms.kinds_numbers import MOST_PIXELS, MOST_SIDE

if TYPE_CHECKING:
    from PIL.Image import Image

MOST_WORK = 20 * MOST_PIXELS  # pixels times passes over them: a progressive JPEG takes some ten
_QUALITIES = (90, 80, 65)  # of a JPEG, until it fits
_WIDEST_WEBP = 16_383
_TURNS = {  # how a picture is turned upright, by the orientation that EXIF 2.32 counts
    2: "FLIP_LEFT_RIGHT",
    3: "ROTATE_180",
    4: "FLIP_TOP_BOTTOM",
    5: "TRANSPOSE",
    6: "ROTATE_270",
    7: "TRANSVERSE",
    8: "ROTATE_90",
}


class Picture(NamedTuple):
    """A picture as it is kept."""

    content: bytes
    media: str


class _Sink(BytesIO):
    """Takes bytes up to a limit; raises `BlobTooLarge` beyond."""

    def __init__(self, limit: int) -> None:
        super().__init__()
        self._limit = limit

    def write(self, chunk: bytes, /) -> int:  # type: ignore[override]
        if self.tell() + len(chunk) > self._limit:
            raise BlobTooLarge(limit=self._limit)
        return super().write(chunk)


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
    bare = bared(content, media)
    if bare is None:
        return Why.DAMAGED
    if _is_too_much(bare):
        return Why.TOO_MANY_PIXELS
    drawn = _drawn(bare, media)
    return drawn if isinstance(drawn, Why) else _saved(drawn, limit, exact=media == "image/png")


def _is_too_much(bare: Bare) -> bool:
    pixels = bare.width * bare.height
    wide = max(bare.width, bare.height) > MOST_SIDE
    return wide or pixels > MOST_PIXELS or pixels * bare.passes > MOST_WORK


# ---- drawing


def _drawn(bare: Bare, media: str) -> "Image | Why":
    """Return the first picture of a file, upright, as L, RGB or RGBA, with nothing beside it."""
    try:
        from PIL.Image import Transpose
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
        with readers[media](BytesIO(bare.content)) as opened:
            if opened.size != (bare.width, bare.height):  # a second header
                return Why.DAMAGED
            opened.load()
            profile = opened.info.get("icc_profile")
            plain = _plain(opened)
            if profile and plain.mode != "L":
                plain = _in_srgb(plain, profile)
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001 - a decoder raises what it likes about a stranger's bytes
        return Why.DAMAGED
    if plain.mode == "CMYK":
        plain = plain.convert("RGB")
    if bare.orientation in _TURNS:
        plain = plain.transpose(Transpose[_TURNS[bare.orientation]])
    plain.info.clear()
    return _opaque(plain) if plain.mode == "RGBA" else plain


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
