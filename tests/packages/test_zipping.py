"""A zip is written as it is asked for: nothing ahead of its reader, and no name twice."""

import io
from zipfile import ZipFile

import pytest

from troth.clock import instant
from troth.errors import PackageFaulty
from troth.packages.zipping import Pulled, zipped

AT = instant("2027-06-01T09:00:00Z")


def nothing(_written):
    return ()


def test_a_file_is_asked_for_when_the_one_before_it_is_written_and_not_sooner():
    asked = []

    def files():
        for number in range(3):
            asked.append(number)
            yield f"f/{number}", (bytes([n]) * 100_000 for n in range(3))

    chunks = zipped(files(), nothing, at=AT)
    next(chunks)

    assert asked == [0]
    list(chunks)
    assert asked == [0, 1, 2]


def test_what_was_written_is_known_by_size_and_hash_when_it_is_closed():
    seen = []

    def closing(written):
        seen.extend(written)
        return [("manifest.json", [b"{}"])]

    raw = b"".join(zipped([("a/b.json", [b"12", b"", b"345"])], closing, at=AT))

    assert [(each.path, each.size) for each in seen] == [("a/b.json", 5)]
    assert ZipFile(io.BytesIO(raw)).read("a/b.json") == b"12345"


@pytest.mark.parametrize("name", ["../a", "a/../b", "/a", "a//b", "", "a\x00"])
def test_a_name_that_no_package_has_is_not_written(name):
    with pytest.raises(PackageFaulty):
        list(zipped([(name, [b""])], nothing, at=AT))


def test_a_name_is_written_once():
    with pytest.raises(PackageFaulty):
        list(zipped([("a", [b""]), ("a", [b""])], nothing, at=AT))


def test_chunks_are_read_as_a_file_is():
    pulled = Pulled([b"abc", b"", b"defgh"])

    assert [pulled.read(2) for _ in range(6)] == [b"ab", b"c", b"de", b"fg", b"h", b""]
