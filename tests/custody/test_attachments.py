"""A file is taken by what it is, not by what it says it is: a PDF that cannot run, or plain text."""

import time
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.drawing import archive, letter
from troth.custody.attachments import judged
from troth.rules.decision import Why


def pdf(inside=b"", end=b"trailer<</Root 1 0 R>>\nstartxref\n9\n%%EOF\n"):
    return b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n" + inside + end


def stream(content, words=b"/Type/ObjStm/N 1/First 4/Filter/FlateDecode"):
    return b"3 0 obj<<%s/Length %d>>\nstream\r\n%s\nendstream endobj\n" % (words, len(content), content)


def packed(objects):
    return pdf(stream(zlib.compress(objects)))


@pytest.mark.parametrize(
    "content",
    [
        pdf(),
        letter("hello"),
        pdf(stream(b"q 1 0 0 1 0 0 cm Q", b"")),
        packed(b"5 0 <</Type/Font>>"),
        pdf(b"% a note on /JavaScripting and /Launchers\n"),
        pdf(b"4 0 obj<</OpenAction[3 0 R/Fit]>>endobj\n"),
        pdf(stream(b"5 0 <</Type/Font>>", b"/Type/ObjStm/N 1/First 4")),
    ],
)
def test_a_pdf_is_taken(content):
    assert judged(content) == "application/pdf"


@pytest.mark.parametrize(
    "content",
    [
        b"Hello",
        "Grüße an Zoë, 你好 \U0001f642\r\n\tfrom me\f".encode(),
        b"\xef\xbb\xbfa;b;c\n1;2;3\n",
        b"\x1b[31mred\x1b[0m",
        b"1 < 2 and 3 > 2, <3",
        b"  \n",
        b"From: mia@example.org\n\nhello",
    ],
)
def test_plain_text_is_taken(content):
    assert judged(content) == "text/plain"


@pytest.mark.parametrize(
    "content",
    [
        b"\x7fELF\x02\x01\x01" + bytes(60),
        b"MZ\x90\x00" + bytes(60),
        b"#!/bin/sh\nrm -rf /",
        b"\xca\xfe\xba\xbe",
        archive(),
        b"\x1f\x8b\x08" + bytes(20),
        b"7z\xbc\xaf\x27\x1c",
        b"Rar!\x1a\x07\x00",
        b"BZh91AY&SY\x00",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(60),
        b"GIF89a" + bytes(9),
        b"{\\rtf1\\object}",
        b"%!PS-Adobe-3.0",
        b"<!DOCTYPE html><p>hi",
        b"\n\n <HTML>",
        b"hello\n<script src=x></script>",
        b"<svg/onload=alert(1)>",
        b"<?xml version='1.0'?><svg xmlns='http://www.w3.org/2000/svg'/>",
        b"\xef\xbb\xbf<svg>",
        b"<iframe\tsrc=x>",
        "<html>".encode("utf-16"),
        "Grüße".encode("latin-1"),
        b"a\x00b",
        b"\xff\xfe",
        b"hello\n%PDF-1.7\n",
        b" %PDF-1.7",
        b"\x00\x00\x00\x24ftypheic",
        b"ID3\x04\x00",
    ],
)
def test_what_runs_what_packs_and_what_nobody_expects_is_not_taken(content):
    assert judged(content) is Why.NOT_A_FILE


ACTIVE = [
    b"<</S/JavaScript/JS(app.alert(1))>>", b"<</S /JavaScript>>", b"<</S/Launch/F(cmd.exe)>>",
    b"<</Type/EmbeddedFile>>", b"<</Names<</EmbeddedFiles 7 0 R>>>>", b"<</S/#4aava#53cript/JS 4 0 R>>",
    b"<</S/J#61v#61Script>>", b"<</Subtype/RichMedia>>", b"<</S/Rendition/JS(x)>>", b"<</S/SubmitForm>>",
    b"<</S/ImportData>>", b"<</S/GoToE>>", b"<</S/#4C#61#75#6e#63#68>>",
]  # fmt: skip


@pytest.mark.parametrize("inside", ACTIVE)
def test_a_pdf_that_runs_or_carries_something_is_refused_openly_or_packed(inside):
    assert judged(pdf(b"4 0 obj" + inside + b"endobj\n")) is Why.ACTIVE
    assert judged(packed(b"4 0 " + inside)) is Why.ACTIVE
    assert judged(packed(b"5 0 <<>>")[:-40] + stream(zlib.compress(inside)) + pdf()[-40:]) is Why.ACTIVE
    hidden = stream(zlib.compress(inside), b"/Type/#4fbj#53tm/N 1/First 4/Filter/FlateDecode")
    assert judged(pdf(hidden)) is Why.ACTIVE


def test_a_pdf_that_is_an_archive_as_well_is_refused():
    assert judged(pdf() + archive() + b"%%EOF") is Why.ACTIVE


def test_a_pdf_under_a_password_is_refused():
    assert judged(pdf(end=b"trailer<</Root 1 0 R/Encrypt 9 0 R>>\nstartxref\n9\n%%EOF\n")) is Why.LOCKED


@pytest.mark.parametrize(
    "content",
    [
        b"%PDF-",
        b"%PDF-1.7",
        b"%PDF-1.7\n%%EOF",
        b"%PDF-9.x" + pdf()[8:],
        pdf()[:-20],
        pdf() + bytes(2000),
        pdf(b"3 0 obj<</Type/ObjStm/Filter/FlateDecode>>\nstream\n"),
        pdf(stream(b"not packed at all")),
        pdf(b"3 0 obj<</Type/ObjStm>>endobj\n"),
    ],
)
def test_a_pdf_that_is_cut_short_or_damaged_is_refused(content):
    assert judged(content) is Why.DAMAGED


def test_a_pdf_that_inflates_without_end_is_refused_soon():
    began = time.thread_time()
    assert judged(packed(bytes(40_000_000))) is Why.TOO_LARGE
    assert judged(pdf(stream(zlib.compress(bytes(4_000_000))) * 40)) is Why.TOO_LARGE
    assert time.thread_time() - began < 5


@pytest.mark.parametrize(
    "part",
    [b"/ObjStm ", b"/ObjStm stream endstream ", b"/ObjStm/Filter stream\n", b"obj", b"#4a", b"<", b"/Jav"],
)
def test_a_large_file_of_one_word_is_judged_soon(part):
    began = time.thread_time()
    judged(pdf(part * (10_000_000 // len(part))))
    judged(part * (10_000_000 // len(part)))
    assert time.thread_time() - began < 5


@given(
    st.binary(max_size=300), st.sampled_from([b"", b"%PDF-1.4\n", b"%PDF-1.7/ObjStm/Filter stream\n", b"<"])
)
def test_any_bytes_are_judged_and_raise_nothing(content, start):
    for tail in (b"", b"endstream startxref %%EOF"):
        assert judged(start + content + tail) in {
            "application/pdf",
            "text/plain",
            Why.NOT_A_FILE,
            Why.DAMAGED,
            Why.LOCKED,
            Why.ACTIVE,
            Why.TOO_LARGE,
        }
