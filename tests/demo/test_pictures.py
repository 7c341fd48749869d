"""The pictures are pictures, and can be told apart."""

import struct
import zlib

from troth.custody.files.headers import media_type
from troth.custody.files.pictures import redrawn
from troth.demo.pictures import mark, picture


def chunks(content: bytes) -> list[tuple[bytes, bytes]]:
    found, at = [], 8
    while at < len(content):
        (size,) = struct.unpack_from(">I", content, at)
        kind, body = content[at + 4 : at + 8], content[at + 8 : at + 8 + size]
        (check,) = struct.unpack_from(">I", content, at + 8 + size)
        assert check == zlib.crc32(kind + body)
        found.append((kind, body))
        at += 12 + size
    return found


def test_a_picture_is_a_whole_png_of_the_size_it_says():
    content = picture("M-1/selfie")
    assert media_type(content) == "image/png"
    (head, shape), (body, packed), (end, nothing) = chunks(content)
    assert (head, body, end, nothing) == (b"IHDR", b"IDAT", b"IEND", b"")
    width, height, depth, colour = struct.unpack_from(">IIBB", shape)
    assert (depth, colour) == (8, 0)
    assert len(zlib.decompress(packed)) == height * (width + 1)


def test_it_is_the_same_for_the_same_seed_and_no_other():
    assert picture("a") == picture("a")
    assert picture("a") != picture("b")


def test_its_mark_stands_in_its_file_as_it_is_kept_and_in_no_other():
    kept = {seed: redrawn(picture(seed), 10_000).content for seed in "ab"}
    assert mark("a") in kept["a"]
    assert mark("a") not in kept["b"]
    assert len(mark("a")) == 24
