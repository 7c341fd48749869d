"""What is no picture, too large a one or a damaged one is refused, soon, and before a decoder sees it."""

import resource
import struct
import time
import tracemalloc

import pytest
from PIL import Image

from tests.drawing import HIDDEN, archive, chunk, decoded, encoded, exif, face, noise, png_of, segment
from troth.custody.files.headers import bared
from troth.custody.files.pictures import Picture, redrawn
from troth.rules.decision import Why
from troth.terms.kinds_numbers import MOST_PIXELS, MOST_SIDE

LIMIT = 5_000_000


@pytest.mark.parametrize(
    ("width", "height"),
    [(60_000, 60_000), (MOST_SIDE + 1, 1), (1, MOST_SIDE + 1), (8_001, 5_000), (2**31 - 1, 2)],
)
def test_a_picture_of_too_many_pixels_is_refused_before_it_is_decoded(width, height):
    assert redrawn(png_of(width, height, bytes(3_000_000)), LIMIT) is Why.TOO_MANY_PIXELS


def test_a_picture_of_as_many_pixels_as_may_be_is_taken():
    width, height = 8_000, MOST_PIXELS // 8_000
    grey = png_of(width, height, bytes((width + 1) * height), colours=0)
    assert decoded(redrawn(grey, LIMIT).content).size == (width, height)


def bombs():
    jpeg = bytearray(encoded(noise("bomb"), "JPEG"))
    at = jpeg.index(b"\xff\xc0")
    struct.pack_into(">HH", jpeg, at + 5, 65_500, 65_500)
    webp = bytearray(encoded(noise("bomb"), "WEBP", lossless=True))
    struct.pack_into("<I", webp, 21, 0x0FFF_FFFF)
    lossy = bytearray(encoded(noise("bomb"), "WEBP"))
    struct.pack_into("<HH", lossy, 26, 16_383, 16_383)
    wide = bytearray(encoded(noise("bomb").convert("RGBA"), "WEBP", exif=exif()))
    wide[24:30] = b"\xff" * 6
    return {
        "jpeg": bytes(jpeg), "webp": bytes(webp), "lossy": bytes(lossy), "wide": bytes(wide),
        "png": png_of(30_000, 30_000, bytes(4_000_000)),
    }  # fmt: skip


@pytest.mark.parametrize("bomb", ["jpeg", "webp", "lossy", "wide", "png"])
def test_a_bomb_is_refused_quickly_and_with_little_memory(bomb):
    content = bombs()[bomb]
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    tracemalloc.start()
    start = time.thread_time()
    try:
        assert redrawn(content, LIMIT) is Why.TOO_MANY_PIXELS
        assert time.thread_time() - start < 0.5
        assert tracemalloc.get_traced_memory()[1] < 1_000_000
    finally:
        tracemalloc.stop()
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 20_000  # kB


def test_a_jpeg_of_endless_passes_over_many_pixels_is_refused_at_once():
    large = encoded(Image.new("L", (3_000, 3_000)), "JPEG", progressive=True)
    start = large.rindex(b"\xff\xda")
    scan = large[start : large.rindex(b"\xff\xd9")]
    endless = large[:start] + scan * 200 + b"\xff\xd9"
    began = time.thread_time()
    assert redrawn(endless, LIMIT) is Why.TOO_MANY_PIXELS
    assert time.thread_time() - began < 0.5
    assert isinstance(redrawn(large, LIMIT), Picture)


@pytest.mark.parametrize(
    "filler", [b"\xff", b"\xff\x00", b"\xff\xd0", b"\xff\xe0\x00\x02", b"\xff\xfe\x00\x00"]
)
def test_a_jpeg_of_markers_without_end_takes_no_time(filler):
    content = b"\xff\xd8\xff\xe0" + filler * (LIMIT // len(filler) - 10)
    began = time.thread_time()
    assert redrawn(content, LIMIT) is Why.DAMAGED
    assert time.thread_time() - began < 1


# ---- what is none


HEIC = b"\x00\x00\x00\x24ftypheic\x00\x00\x00\x00mif1heicmiafHEIC" + bytes(200)


@pytest.mark.parametrize(
    "content",
    [
        b"", b"x", HEIC, b"GIF89a" + bytes(50), b"BM" + bytes(60), b"II*\x00" + bytes(60),
        b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"<html>", b"%PDF-1.7", b"MZ" + bytes(60), archive(),
        b"RIFF\x00\x00\x00\x00WAVE", b" " + face("mia"), face("mia")[1:], encoded(noise("a"), "GIF"),
        encoded(noise("a"), "TIFF"), encoded(noise("a"), "BMP"), encoded(noise("a"), "AVIF"),
    ],
)  # fmt: skip
def test_what_does_not_begin_as_a_picture_is_none(content):
    assert redrawn(content, LIMIT) is Why.NOT_A_PICTURE


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
def test_a_picture_that_is_cut_short_is_damaged(form):
    whole = encoded(noise("cut", 64, 64), form)
    for share in (0.02, 0.1, 0.3, 0.6, 0.9):
        assert redrawn(whole[: max(12, int(len(whole) * share))], LIMIT) is Why.DAMAGED


@pytest.mark.parametrize(
    "content",
    [
        b"\xff\xd8\xff", b"\xff\xd8\xff\xe0<html><script>alert(1)</script></html>", b"\xff\xd8\xff\xd9",
        b"\x89PNG\r\n\x1a\n", b"\x89PNG\r\n\x1a\n" + b"<html>" * 20, png_of(0, 5), png_of(5, 0),
        png_of(5, 5, b"short"), b"RIFF\x10\x00\x00\x00WEBP", b"RIFF\x10\x00\x00\x00WEBPVP8 " + bytes(40),
        b"RIFF\x10\x00\x00\x00WEBPVP8L" + bytes(40), b"RIFF\x10\x00\x00\x00WEBPEXIF" + bytes(40),
    ],
)  # fmt: skip
def test_what_only_begins_as_a_picture_is_damaged(content):
    assert redrawn(content, LIMIT) is Why.DAMAGED


def test_a_second_header_that_says_more_is_not_believed():
    jpeg = encoded(noise("twice"), "JPEG")
    at = jpeg.index(b"\xff\xc0")
    frame = jpeg[at : at + 2 + struct.unpack_from(">H", jpeg, at + 2)[0]]
    vast = bytearray(frame)
    struct.pack_into(">HH", vast, 5, 65_000, 65_000)
    assert redrawn(jpeg[:at] + frame + bytes(vast) + jpeg[at + len(frame) :], LIMIT) is Why.DAMAGED
    png = png_of(4, 4, bytes(52))
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 20_000, 20_000, 8, 2, 0, 0, 0))
    assert redrawn(png[:33] + head + png[33:], LIMIT) is Why.DAMAGED


# ---- what decoders are spared


def directory(entries=65_000, size=60_000):
    """EXIF of which every entry says that its value is nearly all of it: read as told, it is gigabytes."""
    rows = b"".join(struct.pack("<HHII", 0x9000 + n % 20_000, 7, size, 8) for n in range(entries))
    return b"Exif\x00\x00II*\x00\x08\x00\x00\x00" + struct.pack("<H", entries) + rows


def heavy(form):
    whole, told = encoded(noise("heavy"), form), directory()
    if form == "JPEG":
        first, rest = told[:65_000], (told[at : at + 65_000] for at in range(65_000, len(told), 65_000))
        parts = segment(0xE1, first) + b"".join(segment(0xE1, b"Exif\x00\x00" + part) for part in rest)
        return whole[:2] + parts + whole[20:]
    if form == "PNG":
        return whole[:33] + chunk(b"eXIf", told[6:]) + whole[33:]
    wide = encoded(noise("heavy"), "WEBP", exif=told)
    assert b"VP8X" in wide
    return wide


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
def test_exif_that_would_take_all_memory_is_only_looked_through_for_how_the_camera_was_held(form):
    content = heavy(form)
    tracemalloc.start()
    began = time.thread_time()
    try:
        assert isinstance(redrawn(content, LIMIT), Picture)
        assert time.thread_time() - began < 2
        assert tracemalloc.get_traced_memory()[1] < 8_000_000
    finally:
        tracemalloc.stop()


def test_only_pixels_palette_and_profile_reach_a_decoder():
    jpeg = encoded(noise("bare"), "JPEG", exif=exif(6), comment=HIDDEN, xmp=HIDDEN) + archive()
    png = encoded(noise("bare"), "PNG", exif=exif(6)) + archive()
    webp = encoded(noise("bare"), "WEBP") + archive()
    for content, media in ((jpeg, "image/jpeg"), (png, "image/png"), (webp, "image/webp")):
        bare = bared(content, media)
        assert (bare.width, bare.height) == (16, 16)
        assert HIDDEN not in bare.content
        assert b"Exif" not in bare.content
        assert b"PK" not in bare.content
        assert decoded(bare.content).size == (16, 16)
    assert [bared(jpeg, "image/jpeg").orientation, bared(png, "image/png").orientation] == [6, 6]


@pytest.mark.parametrize("part", [b"\xff\xe1\x00\x02", b"\xff\xfe\x00\x03a", b"\xff", b"\x00", b"\xff\x00"])
def test_a_jpeg_with_parts_without_number_before_its_picture_is_refused_soon(part):
    whole = encoded(noise("parts"), "JPEG")
    began = time.thread_time()
    assert redrawn(whole[:20] + part * (4_000_000 // len(part)) + whole[20:], LIMIT) is Why.DAMAGED
    assert time.thread_time() - began < 1


def test_a_png_or_webp_with_parts_without_number_is_refused_soon():
    png, webp = encoded(noise("parts"), "PNG"), encoded(noise("parts"), "WEBP", exif=exif())
    began = time.thread_time()
    assert redrawn(png[:33] + chunk(b"tEXt", b"a\x00b") * 200_000 + png[33:], LIMIT) is Why.DAMAGED
    long = webp[:30] + b"abcd\x00\x00\x00\x00" * 500_000 + webp[30:]
    assert redrawn(long[:4] + struct.pack("<I", len(long) - 8) + long[8:], LIMIT) is Why.DAMAGED
    assert time.thread_time() - began < 1
