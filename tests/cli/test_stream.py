"""A stream is read line by line; whatever is wrong with one is named without repeating any of it."""

import io
import json

import pytest

from tests.cast import JPEG
from tests.houses import MEMBER_TEXT
from troth.cli.stream import LONGEST_LINE, Acts
from troth.errors import BadAttachment, BadLine
from troth.rules.compiling import compile_rules
from troth.rules.decision import member, program, staff
from troth.terms.parse import parse

GOOD = {
    "reference": "M-1",
    "circumstance": "registration",
    "category": "account",
    "fields": {"email": "canary"},
}
PICTURE = {"reference": "M-1", "circumstance": "camera", "category": "camera.profile"}


@pytest.fixture(scope="module")
def book():
    return compile_rules(parse(MEMBER_TEXT, "agreement.md"), "SG")


@pytest.fixture
def read(book, tmp_path):
    (tmp_path / "in").mkdir()

    def reading(*lines):
        raw = b"\n".join(line if isinstance(line, bytes) else json.dumps(line).encode() for line in lines)
        return list(Acts(book, tmp_path / "in", member()).read(io.BytesIO(raw)))

    return reading


def test_a_good_line_is_an_offer_of_the_person_themself(read):
    (line,) = read(GOOD)
    assert line.number == 1
    assert line.offer.about == "M-1"
    assert line.offer.request.by == member()
    assert dict(line.offer.values) == GOOD["fields"]


def test_a_line_may_name_who_asks_and_how_old_the_person_is(read):
    by_program, by_staff = read(
        {**GOOD, "by": {"program": "portal"}, "age": 30}, {**GOOD, "by": {"staff": "anna", "role": "agent"}}
    )
    assert (by_program.offer.request.by, by_program.offer.request.age) == (program("portal"), 30)
    assert by_staff.offer.request.by == staff("anna", "agent")


def test_empty_lines_and_a_byte_order_mark_are_passed_over(read):
    lines = read(b"\xef\xbb\xbf" + json.dumps(GOOD).encode(), b"", b"  \r", GOOD)
    assert [line.number for line in lines] == [1, 4]


BAD = {
    "not JSON": b"canary",
    "cut short": b'{"reference": "canary',
    "not UTF-8": b'{"reference": "canary\xff"}',
    "a list": b'["canary"]',
    "a key twice": b'{"reference": "M-1", "reference": "canary"}',
    "not a number": b'{"reference": "canary", "age": NaN}',
    "half a pair": b'{"reference": "canary\\ud800"}',
    "nested without end": b"[" * 100_000,
    "no reference": {**GOOD, "reference": None},
    "a blank reference": {**GOOD, "reference": "  "},
    "a reference with what cannot be seen": {**GOOD, "reference": "canary\u200b\0"},
    "an endless reference": {**GOOD, "reference": "canary" * 100},
    "a number for a category": {**GOOD, "category": 7},
    "no circumstance": {name: word for name, word in GOOD.items() if name != "circumstance"},
    "fields that are a list": {**GOOD, "fields": ["canary"]},
    "a key too many": {**GOOD, "canary@example.org": 1},
    "an age in words": {**GOOD, "age": "canary"},
    "an age of true": {**GOOD, "age": True},
    "an asker without a role": {**GOOD, "by": {"staff": "canary"}},
    "an asker that is text": {**GOOD, "by": "canary"},
    "too long": {**GOOD, "fields": {"email": "canary" * (LONGEST_LINE // 6)}},
}


@pytest.mark.parametrize("bad", BAD.values(), ids=BAD)
def test_a_bad_line_is_named_and_the_next_one_is_read(read, bad):
    first, second = read(bad, GOOD)
    assert isinstance(first.offer, BadLine)
    assert "canary" not in str(first.offer)
    assert second.number == 2
    assert second.offer.about == "M-1"


def test_a_picture_is_read_from_beside_the_stream(read, tmp_path):
    (tmp_path / "in/pictures").mkdir()
    (tmp_path / "in/pictures/mia.jpg").write_bytes(JPEG)
    (line,) = read({**PICTURE, "fields": {"picture": {"file": "pictures/mia.jpg"}}})
    assert line.offer.values["picture"] == JPEG
    assert line.weight > len(JPEG)


@pytest.mark.parametrize(
    "path",
    [
        "../secret",
        "pictures/../../secret",
        "/etc/hostname",
        "link",
        "folder",
        "absent",
        "",
        7,
        "nul\0",
        "a" * 5000,
    ],
)
def test_a_path_out_of_the_folder_or_to_no_file_is_refused(read, tmp_path, path):
    (tmp_path / "secret").write_bytes(JPEG)
    (tmp_path / "in/link").symlink_to(tmp_path / "secret")
    (tmp_path / "in/folder").mkdir()
    (line,) = read({**PICTURE, "fields": {"picture": {"file": path}}})
    assert isinstance(line.offer, BadAttachment)
    assert "secret" not in str(line.offer)


def test_a_picture_beyond_its_clause_is_not_read_into_memory(read, tmp_path):
    with (tmp_path / "in/huge").open("wb") as huge:
        huge.truncate(5_000_001)
    (line,) = read({**PICTURE, "fields": {"picture": {"file": "huge"}}})
    assert str(line.offer).startswith(
        "a file that the line names is not taken: it is larger than 5000000 bytes"
    )


def test_only_a_field_that_holds_files_reads_one(read, tmp_path):
    (tmp_path / "in/note").write_text("canary", "utf-8")
    (line,) = read({**GOOD, "fields": {"email": {"file": "note"}}})
    assert line.offer.values["email"] == {"file": "note"}


def test_lines_are_read_as_they_are_needed(book, tmp_path):
    class Endless(io.RawIOBase):
        given = 0

        def readline(self, size=-1):
            self.given += 1
            return json.dumps(GOOD).encode() + b"\n"

    stream = Endless()
    lines = Acts(book, tmp_path, member()).read(stream)
    assert [next(lines).number for _ in range(3)] == [1, 2, 3]
    assert stream.given == 3
