"""A picture is drawn anew: what can be seen stays, what cannot is gone, and no bytes do harm."""

import io
import re
import struct
import zipfile
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms, ImageStat, PngImagePlugin

from tests.drawing import (
    HIDDEN,
    archive,
    calm,
    decoded,
    encoded,
    exif,
    face,
    noise,
    profile,
    segment,
)
from troth.custody.files.headers import media_type
from troth.custody.files.pictures import Picture, redrawn
from troth.rules.decision import Why

LIMIT = 5_000_000


def likeness(one, other):
    """How far two pictures of one size are apart on the average, in shades of 255."""
    pixels = zip(one.convert("RGB").tobytes(), other.convert("RGB").tobytes(), strict=True)
    return sum(abs(a - b) for a, b in pixels) / (one.width * one.height * 3)


def halves(top, bottom, size=(64, 48)):
    found = Image.new("RGB", size, top)
    found.paste(bottom, (0, size[1] // 2, *size))
    return found


def told_all():
    """A JPEG with everything that a telephone, a program or a prankster puts beside the pixels."""
    jpeg = encoded(
        calm("told", 64, 48), "JPEG", exif=exif(), comment=HIDDEN, xmp=b"<x:xmpmeta>" + HIDDEN,
        icc_profile=profile(), quality=90,
    )  # fmt: skip
    iptc = segment(0xED, b"Photoshop 3.0\x008BIM\x04\x04\x00\x00" + HIDDEN)
    thumbnail = segment(0xE2, b"Thumb\x00" + HIDDEN + encoded(noise("small"), "JPEG"))
    return jpeg[:2] + iptc + thumbnail + segment(0xEF, HIDDEN) + jpeg[2:] + archive() + HIDDEN


def told_png():
    words = PngImagePlugin.PngInfo()
    words.add_text("Author", HIDDEN.decode())
    words.add_itxt("Comment", HIDDEN.decode(), zip=True)
    words.add(b"prVt", HIDDEN)
    png = encoded(
        calm("told", 64, 48), "PNG", pnginfo=words, exif=exif(), icc_profile=profile(), dpi=(72, 72)
    )
    return png + archive() + HIDDEN


def told_webp():
    return encoded(
        calm("told", 64, 48), "WEBP", exif=exif(), xmp=HIDDEN, icc_profile=profile(), quality=90
    ) + archive()  # fmt: skip


@pytest.mark.parametrize("made", [told_all, told_png, told_webp])
def test_nothing_stays_beside_the_pixels(made):
    content = made()
    assert HIDDEN in content

    drawn = redrawn(content, LIMIT)

    assert isinstance(drawn, Picture)
    kept = decoded(drawn.content)
    assert likeness(kept, decoded(content)) < 4
    assert not kept.getexif()
    assert kept.info.keys() <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
    for trace in (
        HIDDEN,
        zlib.compress(HIDDEN)[2:-4],
        b"Exif",
        b"eXIf",
        b"GPS",
        b"http",
        b"PK\x03\x04",
        b"ICC",
    ):
        assert trace not in drawn.content
    assert media_type(drawn.content) == drawn.media


def test_a_jpeg_that_is_an_archive_as_well_is_none_any_more():
    both = face("mia") + archive()
    assert zipfile.is_zipfile(io.BytesIO(both))

    drawn = redrawn(both, LIMIT)

    assert drawn.content == face("mia")
    assert not zipfile.is_zipfile(io.BytesIO(drawn.content))
    assert drawn.content.endswith(b"\xff\xd9")


def test_a_jpeg_is_kept_with_the_segments_that_a_picture_needs_and_no_other():
    drawn = redrawn(told_all(), LIMIT).content
    markers = {found[1] for found in re.findall(rb"\xff[\xc0-\xfe]", drawn[: drawn.index(b"\xff\xda")])}
    assert markers <= {0xD8, 0xE0, 0xDB, 0xC0, 0xC4}


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_picture_stands_upright_as_its_camera_said(form, orientation):
    turns = [
        None, Image.Transpose.FLIP_LEFT_RIGHT, Image.Transpose.ROTATE_180, Image.Transpose.FLIP_TOP_BOTTOM,
        Image.Transpose.TRANSPOSE, Image.Transpose.ROTATE_90, Image.Transpose.TRANSVERSE,
        Image.Transpose.ROTATE_270,
    ]  # fmt: skip
    upright = halves("navy", "orange")
    upright.paste("white", (0, 0, 16, 12))
    turn = turns[orientation - 1]
    lying = upright if turn is None else upright.transpose(turn)

    drawn = decoded(redrawn(encoded(lying, form, exif=exif(orientation)), LIMIT).content)

    assert drawn.size == upright.size
    assert likeness(drawn, upright) < 4


def test_a_picture_whose_exif_cannot_be_read_is_taken_as_it_lies():
    jpeg = encoded(noise("odd", 40, 20), "JPEG")
    odd = jpeg[:2] + segment(0xE1, b"Exif\x00\x00MM\x00*\xff\xff\xff\xff" + HIDDEN) + jpeg[2:]

    assert decoded(redrawn(odd, LIMIT).content).size == (40, 20)


# ---- forms and colours


@pytest.mark.parametrize(
    ("mode", "media", "kept"),
    [
        ("1", "image/png", "L"),
        ("L", "image/png", "L"),
        ("P", "image/png", "RGB"),
        ("RGB", "image/png", "RGB"),
        ("RGBA", "image/png", "RGB"),
        ("LA", "image/png", "RGB"),
        ("I;16", "image/png", "L"),
    ],
)
def test_a_png_stays_one_as_it_looked(mode, media, kept):
    seen = noise("mode", 40, 30).convert("L").convert("I;16") if mode == "I;16" else noise("mode", 40, 30)
    if mode == "I;16":
        grey = noise("mode", 40, 30).convert("L")
        seen = Image.frombytes("I;16", grey.size, b"".join(bytes((level, level)) for level in grey.tobytes()))
    sent = encoded(seen if mode == "I;16" else seen.convert(mode), "PNG")

    drawn = redrawn(sent, LIMIT)

    assert drawn.media == media
    assert decoded(drawn.content).mode == kept
    expected = grey if mode == "I;16" else decoded(sent)
    assert likeness(decoded(drawn.content), expected) == 0


@pytest.mark.parametrize(("mode", "kept"), [("L", "L"), ("RGB", "RGB"), ("CMYK", "RGB")])
def test_a_jpeg_of_any_mode_is_taken(mode, kept):
    sent = encoded(halves("teal", "gold").convert(mode), "JPEG", quality=95)

    drawn = redrawn(sent, LIMIT)

    assert (drawn.media, decoded(drawn.content).mode) == ("image/jpeg", kept)
    assert likeness(decoded(drawn.content), decoded(sent)) < 4


def test_what_is_transparent_stays_so_and_its_colours_are_gone():
    seen = noise("clear", 40, 30).convert("RGBA")
    seen.putalpha(Image.new("L", seen.size, 255))
    seen.paste((200, 10, 10, 0), (0, 0, 20, 30))
    seen.paste((0, 120, 0, 128), (20, 0, 30, 30))
    for sent in (encoded(seen, "PNG"), encoded(seen, "WEBP", lossless=True, exact=True)):
        drawn = redrawn(sent, LIMIT)
        kept = decoded(drawn.content)
        assert (drawn.media, kept.mode) == ("image/png", "RGBA")
        assert kept.getpixel((5, 5)) == (0, 0, 0, 0)
        assert kept.getpixel((25, 5)) == (0, 120, 0, 128)
        assert kept.getpixel((35, 5)) == seen.getpixel((35, 5))


def test_a_palette_with_a_transparent_colour_stays_transparent():
    seen = Image.new("P", (20, 20), 0)
    seen.putpalette([250, 0, 0, 0, 0, 250])
    seen.paste(1, (0, 0, 10, 20))
    kept = decoded(redrawn(encoded(seen, "PNG", transparency=0), LIMIT).content)
    assert kept.getpixel((15, 5))[3] == 0
    assert kept.getpixel((5, 5)) == (0, 0, 250, 255)


def test_colours_of_another_profile_are_told_in_srgb():
    wide = halves("white", "white")
    lab = ImageCms.createProfile("LAB")
    strange = ImageCms.ImageCmsProfile(lab).tobytes()
    same = decoded(redrawn(encoded(wide, "JPEG", icc_profile=profile()), LIMIT).content)
    assert ImageStat.Stat(same).mean == pytest.approx([255] * 3, abs=1)
    for no_profile in (strange, b"no profile at all", HIDDEN * 100):
        drawn = redrawn(encoded(halves("teal", "gold"), "JPEG", icc_profile=no_profile), LIMIT)
        assert likeness(decoded(drawn.content), halves("teal", "gold")) < 4


def test_colours_of_a_profile_with_another_curve_change_as_it_says():
    linear = bytearray(profile())
    at = linear.index(b"rTRC")
    (offset,) = struct.unpack_from(">I", linear, at + 4)
    # every curve of the profile is one: make it a straight line
    linear[offset : offset + 12] = b"curv" + bytes(4) + struct.pack(">I", 0)
    for tag in (b"gTRC", b"bTRC"):
        struct.pack_into(">I", linear, linear.index(tag) + 4, offset)
    for tag in (b"rTRC", b"gTRC", b"bTRC"):
        struct.pack_into(">I", linear, linear.index(tag) + 8, 12)
    grey = Image.new("RGB", (32, 32), (128, 128, 128))

    drawn = decoded(redrawn(encoded(grey, "PNG", icc_profile=bytes(linear)), LIMIT).content)

    assert drawn.getpixel((5, 5)) == pytest.approx((188, 188, 188), abs=2)  # 50 % of light, in sRGB


@pytest.mark.parametrize("form", ["PNG", "WEBP"])
def test_of_several_frames_the_first_is_kept(form):
    first, second = halves("navy", "orange"), halves("red", "green")
    sent = encoded(first, form, save_all=True, append_images=[second], duration=100, lossless=True)
    assert decoded(sent).n_frames == 2

    drawn = decoded(redrawn(sent, LIMIT).content)

    assert getattr(drawn, "n_frames", 1) == 1
    assert likeness(drawn, first) < 4


def test_the_other_pictures_of_a_multi_picture_jpeg_are_gone():
    first, second = calm("first", 48, 48), calm("second", 48, 48)
    sent = encoded(first, "MPO", save_all=True, append_images=[second])

    drawn = redrawn(sent, LIMIT)

    assert drawn.media == "image/jpeg"
    assert drawn.content.count(b"\xff\xd8\xff") == 1
    assert likeness(decoded(drawn.content), decoded(sent)) < 4


# ---- what fits


def test_a_picture_that_is_drawn_anew_fits_its_limit_or_is_refused():
    sent = encoded(noise("fit", 300, 300), "JPEG", quality=50)
    assert len(redrawn(sent, LIMIT).content) > len(sent)
    fitting = redrawn(sent, len(sent) * 5 // 4)
    assert (fitting.media, len(fitting.content) <= len(sent) * 5 // 4) == ("image/jpeg", True)
    assert redrawn(sent, len(sent) - 1) is Why.TOO_LARGE
    poor = encoded(noise("fit", 300, 300), "JPEG", quality=5)
    assert redrawn(poor, len(poor)) is Why.TOO_LARGE


def test_a_png_that_would_not_fit_becomes_a_jpeg_and_one_that_is_transparent_a_webp():
    seen = noise("fit", 300, 300)
    sent = encoded(seen, "PNG", compress_level=9)
    assert redrawn(sent, len(sent) * 2).media == "image/png"
    tight = encoded(calm("fit", 300, 300), "PNG", compress_level=9)
    assert redrawn(tight, len(tight)).media == "image/jpeg"
    seen.putalpha(noise("alpha", 300, 300).convert("L"))
    clear = encoded(seen, "WEBP", quality=60)
    drawn = redrawn(clear, len(clear) * 5 // 4)
    assert (drawn.media, decoded(drawn.content).mode) == ("image/webp", "RGBA")


# ---- any bytes


WHOLE = {
    "jpeg": told_all(), "png": told_png(), "webp": told_webp(),
    "grey": encoded(noise("g").convert("L"), "JPEG"),
    "progressive": encoded(noise("p", 40, 40), "JPEG", progressive=True),
    "cmyk": encoded(noise("c").convert("CMYK"), "JPEG"),
    "palette": encoded(noise("q").convert("P"), "PNG"),
    "clear": encoded(noise("r").convert("RGBA"), "WEBP", lossless=True),
    "moving": encoded(noise("s"), "WEBP", save_all=True, append_images=[noise("t")]),
}  # fmt: skip


@settings(max_examples=400, deadline=None)
@given(
    name=st.sampled_from(sorted(WHOLE)),
    changes=st.lists(st.tuples(st.floats(0, 1), st.binary(max_size=6)), min_size=1, max_size=6),
    cut=st.one_of(st.none(), st.floats(0, 1)),
)
def test_altered_bytes_are_drawn_or_refused_and_raise_nothing(name, changes, cut):
    content = bytearray(WHOLE[name])
    for place, put in changes:
        at = int(place * len(content))
        content[at : at + len(put)] = put
    if cut is not None:
        del content[int(cut * len(content)) :]

    drawn = redrawn(bytes(content), 200_000)

    if isinstance(drawn, Picture):
        assert len(drawn.content) <= 200_000
        assert media_type(drawn.content) == drawn.media
        assert HIDDEN not in drawn.content
    else:
        assert drawn in {Why.NOT_A_PICTURE, Why.TOO_LARGE, Why.TOO_MANY_PIXELS, Why.DAMAGED}


@settings(max_examples=200, deadline=None)
@given(start=st.sampled_from([b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"RIFF\x20\x00\x00\x00WEBPVP8X", b""]),
       rest=st.binary(max_size=300))  # fmt: skip
def test_any_bytes_are_refused_and_raise_nothing(start, rest):
    assert not isinstance(redrawn(start + rest, LIMIT), Picture)
