"""A file is taken by what it is, not by what it says it is: a PDF that cannot run, or plain text."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.drawing import archive
from troth.custody.files.attachments import judged
from troth.rules.decision import Why


@pytest.mark.parametrize(
    "content",
    [
        b"Hello",
        "Grüße an Zoë, 你好 \U0001f642\r\n\tfrom me\f".encode(),
        b"\xef\xbb\xbfa;b;c\n1;2;3\n",
        b"\x1b[31mred\x1b[0m",
        b"1 < 2 and 3 > 2, <3",
        b"<mailto:mathilda@example.org>",
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
        b"<x:svg xmlns:x='http://www.w3.org/2000/svg' onload='alert(1)'/>",
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


@pytest.mark.parametrize("part", [b"<", b"#4a", b"a\n", b"<scrip", b"<a", b"a:"])
def test_a_large_text_of_one_word_is_judged_soon(part):
    began = time.thread_time()
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
