"""Hostile packages: each is refused with its fault, before anything of it is believed, in little memory."""

import io
import struct
import tracemalloc
from hashlib import sha256
from zipfile import ZIP_BZIP2, ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

import pytest

from troth.canonical import encode
from troth.clock import instant
from troth.errors import PackageFaulty
from troth.packages import unzipping
from troth.packages.manifest import FORMAT, MANIFEST, SIGNATURE, manifest_of
from troth.packages.zipping import Written, zipped

AT = instant("2027-06-01T09:00:00Z")
SAID = {
    "right": "access", "at": AT, "log": "example.org/log", "person": "7", "case": "",
    "organisation": "Example",
    "agreement": {"name": "a", "version": 1, "hash": "h"}, "counts": {"account": 1},
}  # fmt: skip
FILES = [("data/account.json", b'{"records":[]}'), ("index.html", b"<!doctype html>")]


def whole(files=FILES):
    def closing(written):
        yield MANIFEST, [manifest_of(written, **SAID)]
        yield SIGNATURE, [b"signed"]

    return b"".join(zipped([(path, [content]) for path, content in files], closing, at=AT))


def forged(entries, *, manifest=None, kind=ZIP_DEFLATED):
    """A zip of just these entries, with a manifest that fits unless one is given."""
    out = io.BytesIO()
    written = [Written(path, len(content), sha256(content).hexdigest()) for path, content in entries]
    raw = manifest_of(written, **SAID) if manifest is None else manifest
    with ZipFile(out, "w", kind) as archive:
        for path, content in [*entries, (MANIFEST, raw), (SIGNATURE, b"signed")]:
            archive.writestr(path, content)
    return out.getvalue()


def fault(raw, **limits):
    with pytest.raises(PackageFaulty) as caught:
        unzipping.opened(io.BytesIO(raw), **limits).verify()
    return caught.value.fault


def test_what_was_written_here_opens_and_is_what_it_was():
    found = unzipping.opened(io.BytesIO(whole()))

    assert found.paths == tuple(path for path, _ in FILES)
    assert [found.read(path) for path, _ in FILES] == [content for _, content in FILES]
    assert found.verify() == sum(len(content) for _, content in FILES)


def test_the_same_content_gives_the_same_bytes():
    assert whole() == whole()


@pytest.mark.parametrize(
    "name",
    ["../up.json", "/root", "a/../../b", "a//b", "", "a\\b", ".hidden", "a/.", "C:x", "a\nb", "x" * 600],
)
def test_names_that_lead_elsewhere_are_refused(name):
    assert fault(forged([(name or " ", b"x")])) == "name"


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_name_that_stands_twice_is_refused():
    assert fault(forged([("data/a.json", b"1"), ("data/a.json", b"2")])) == "name"


def test_a_file_that_is_not_what_the_manifest_says_is_refused():
    listed = manifest_of([Written("data/a.json", 2, sha256(b"{}").hexdigest())], **SAID)

    assert fault(forged([("data/a.json", b"[]")], manifest=listed)) == "hash"
    assert fault(forged([("data/a.json", b"[1]")], manifest=listed)) == "size"
    assert fault(forged([("data/b.json", b"{}")], manifest=listed)) == "files"
    assert fault(forged([("data/a.json", b"{}"), ("more", b"")], manifest=listed)) == "files"
    assert fault(forged([], manifest=listed)) == "files"


def test_what_has_no_manifest_or_none_of_ours_is_refused():
    out = io.BytesIO()
    with ZipFile(out, "w") as archive:
        archive.writestr("data/a.json", b"{}")
    assert fault(out.getvalue()) == "manifest"
    assert fault(forged([], manifest=b"{}")) == "format"
    assert fault(forged([], manifest=b"[" * 100_000)) == "manifest"
    assert fault(forged([], manifest=encode({"format": "troth-package/2"}))) == "format"
    assert fault(forged([], manifest=encode({"format": FORMAT}))) == "manifest"
    assert fault(forged([], manifest=b'{"format": "troth-package/1"}')) == "manifest"
    bad = manifest_of([], **SAID).replace(b'"files":[]', b'"files":[{"path":1}]')
    assert fault(forged([], manifest=bad)) == "manifest"


@pytest.mark.parametrize(
    "raw", [b"", b"PK", b"x" * 100, b"PK\x05\x06" + bytes(17), whole()[:-1], whole() + b"x"]
)
def test_what_is_no_zip_or_was_cut_or_goes_on_is_refused(raw):
    assert fault(raw) == "zip"


def test_a_zip_in_another_packing_or_with_a_password_is_refused():
    assert fault(forged([("data/a.json", b"{}")], kind=ZIP_BZIP2)) == "zip"
    raw = bytearray(forged([("data/a.json", b"{}")], kind=ZIP_STORED))
    raw[raw.index(b"PK\x01\x02") + 8] |= 1
    assert fault(bytes(raw)) == "zip"


def test_a_bomb_is_refused_before_it_is_opened():
    bomb = forged([("data/a.json", bytes(50_000_000))])
    tracemalloc.start()

    assert fault(bomb, most=10_000_000) == "size"

    assert tracemalloc.get_traced_memory()[1] < 5_000_000
    tracemalloc.stop()


def test_a_bomb_that_lies_about_its_size_is_not_opened_beyond_it():
    raw = bytearray(forged([("data/a.json", bytes(50_000_000))]))
    at = raw.index(b"PK\x01\x02") + 24
    raw[at : at + 4] = struct.pack("<L", 10)

    assert fault(bytes(raw), most=1_000_000) in {"size", "zip", "hash"}


def test_a_million_entries_are_refused_by_what_the_directory_says_of_itself():
    end = struct.pack("<4sQ2H2L4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, 10**6, 10**6, 46 * 10**6, 0)
    end += struct.pack("<4sLQL", b"PK\x06\x07", 0, 0, 1)
    end += struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0)

    assert fault(bytes(1_000) + end) == "size"


def test_more_entries_than_are_taken_are_refused_though_they_are_there():
    out = io.BytesIO()
    with ZipFile(out, "w") as archive:
        for number in range(70_000):
            archive.writestr(ZipInfo(f"a/{number}"), b"")
    directory = out.getvalue()
    assert fault(directory) == "manifest"  # so many may be

    with pytest.raises(PackageFaulty):
        unzipping.opened(io.BytesIO(directory.replace(b"PK\x05\x06", b"PK\x05\x07")))


def test_a_file_is_read_no_further_than_it_may_be():
    found = unzipping.opened(io.BytesIO(whole()))

    with pytest.raises(PackageFaulty) as caught:
        found.read("index.html", most=3)
    assert caught.value.fault == "size"
    with pytest.raises(PackageFaulty) as caught:
        found.read("data/none.json")
    assert caught.value.fault == "missing"
