"""Attachments: files judged by their content, which is of a kind that is taken and cannot run.

Taken are PDF and plain text; pictures have a module of their own. This is no virus scanner: it finds what a
file says openly, or in what it packs as every PDF does, and it mends nothing.
"""

import re
import zlib

from troth.rules.decision import Why

MOST_INFLATED = 32_000_000  # bytes of one file's object streams together
_HEAD = re.compile(rb"%PDF-[12]\.\d")
_END = 1_024  # bytes from the end within which a PDF says that it ends
_ZIP_END = 66_000  # bytes from the end within which an archive says that it ends
_CONTROLS = re.compile(rb"[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f\x7f]")  # what no text holds
_RUNS = re.compile(  # what browsers take for a page (WHATWG, MIME sniffing, 7.1), wherever it stands
    rb"<(?:!doctype|html|head|body|script|iframe|object|embed|style|svg|math|\?xml|\?php)\b", re.IGNORECASE
)
_STARTS = (b"#!", b"{\\rtf", b"%!PS")  # scripts, and kinds that only look like text


def _name(word: str) -> bytes:
    """Return a pattern for a name in a PDF, of which each letter may be written as `#xx`."""
    letters = "".join(f"(?:{letter}|#{ord(letter):02x}|#{ord(letter):02X})" for letter in word)
    return letters.encode("ascii")


def _names(*words: str) -> "re.Pattern[bytes]":
    return re.compile(b"/(?:" + b"|".join(_name(word) for word in words) + rb")(?=[\x00\s()<>\[\]{}/%]|\Z)")


_ACTIVE = _names(
    "JavaScript",
    "Launch",
    "EmbeddedFile",
    "EmbeddedFiles",
    "RichMedia",
    "Rendition",
    "SubmitForm",
    "ImportData",
    "GoToE",
)  # ISO 32000-2, 12.6.4 and 7.11.4
_LOCK = _names("Encrypt")
_PACKED = _names("ObjStm")


def judged(content: bytes) -> str | Why:
    """Return the media type of a file that is no picture, or why it is not taken."""
    if content.startswith(b"%PDF-"):
        return _pdf(content)
    return _text(content)


def _text(content: bytes) -> str | Why:
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return Why.NOT_A_FILE
    starts = content[:_END].removeprefix(b"\xef\xbb\xbf").lstrip()
    if starts.startswith(_STARTS) or b"%PDF-" in starts:
        return Why.NOT_A_FILE
    if _CONTROLS.search(content) or _RUNS.search(content):
        return Why.NOT_A_FILE
    return "text/plain"


def _pdf(content: bytes) -> str | Why:
    if b"PK\x05\x06" in content[-_ZIP_END:]:  # an archive as well
        return Why.ACTIVE
    if not _HEAD.match(content) or b"%%EOF" not in content[-_END:] or b"startxref" not in content:
        return Why.DAMAGED
    if _LOCK.search(content):
        return Why.LOCKED
    if _ACTIVE.search(content):
        return Why.ACTIVE
    return _packed(content) or "application/pdf"


def _packed(content: bytes) -> Why | None:
    """Look into the object streams of a PDF (ISO 32000-2, 7.5.7): objects may be written there as well."""
    at, left = 0, MOST_INFLATED
    while found := _PACKED.search(content, at):
        start, end = content.find(b"stream", found.end()), content.find(b"endstream", found.end())
        if not 0 <= start < end:
            return Why.DAMAGED
        if b"Filter" not in content[content.rfind(b"obj", at, found.start()) : start]:
            at = end  # it is not packed: what it says was seen
            continue
        start += len(b"stream")
        start += 2 if content.startswith(b"\r\n", start) else 1
        inflating = zlib.decompressobj()
        try:
            objects = inflating.decompress(content[start:end], left)
        except zlib.error:
            return Why.DAMAGED
        if _ACTIVE.search(objects):
            return Why.ACTIVE
        left -= len(objects)
        if left <= 0:
            return Why.TOO_LARGE
        at = end
    return None
