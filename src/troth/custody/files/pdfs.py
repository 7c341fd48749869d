"""PDFs: what runs in one or is carried by it, named openly or in packed objects (ISO 32000-2, 7.5.7).

A reader comes to an object by the word `obj`, wherever that stands. So each dictionary behind that word is
read, strictly; one that could be that of packed objects packs them as every PDF does, or is not taken.
"""

import re
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from troth.rules.decision import Why

MOST_INFLATED = 32_000_000  # bytes of one file's packed objects, before and after, together
_CHUNK = 16_384
_HEAD = re.compile(rb"%PDF-[12]\.\d")
_END = 1_024  # bytes from the end within which a PDF says that it ends
_ZIP_END = 66_000  # bytes from the end within which an archive says that it ends
_MOST_STEPS = 4_000_000  # tokens, and parentheses in texts
_MOST_PASSES = 8  # times that a file may be gone over, as objects may be written within one another

_space = re.compile(rb"(?:[\0\t\n\f\r ]++|%[^\r\n]*+)*+").match
_token = re.compile(
    rb"(?:[\0\t\n\f\r ]++|%[^\r\n]*+)*+"
    rb"(?:(<<|>>|[\[\]])|(/[^\0\t\n\f\r ()<>\[\]{}/%]*+)|(\()|<[^<>]*+>|[^\0\t\n\f\r ()<>\[\]{}/%]++)"
).match
_parenthesis = re.compile(rb"[^()\\]*+(?:\\.[^()\\]*+)*+([()])", re.DOTALL).match
_escaped = re.compile(rb"#([0-9A-Fa-f]{2})").sub
_objects = re.compile(rb"obj").finditer
_OPENING = {b"<<": b">>", b"[": b"]"}
_PACKING = frozenset({b"/ObjStm", b"/N", b"/First", b"/Extends"})
_ALTERING = frozenset({b"/DecodeParms", b"/DP", b"/F", b"/FFilter", b"/FDecodeParms"})
_HIDING = _ALTERING | {b"/Filter", b"/First", b"/ObjStm"}
_FILTERS = ([b"/FlateDecode"], [b"[", b"/FlateDecode", b"]"])
_stream_within = re.compile(rb"(?<=[\0\t\n\f\r >])stream[\0\t\f ]*+[\r\n]").search


def _name(word: str) -> bytes:
    """Return a pattern for a name in a PDF, of which each letter may be written as `#xx`."""
    letters = "".join(f"(?:{letter}|#{ord(letter):02x}|#{ord(letter):02X})" for letter in word)
    return letters.encode("ascii")


def _names(*words: str, more: bytes = rb"(?!)") -> "re.Pattern[bytes]":
    names = b"|".join(_name(word) for word in words)
    return re.compile(b"/(?:(?:" + names + rb")(?=[\x00\s()<>\[\]{}/%]|\Z)|" + more + b")")


_ACTIVE = _names(
    "JavaScript",
    "Launch",
    "EmbeddedFile",
    "EmbeddedFiles",
    "FileAttachment",
    "RichMedia",
    "Rendition",
    "SubmitForm",
    "ImportData",
    "GoToE",
    "XFA",
    # so short a name counts with the beginning of its value only
    more=_name("EF") + rb"(?:<<|%|[\0\t\n\f\r ]++(?:<<|%|\d))",
)  # ISO 32000-2, 12.6.4, 7.11.4 and 12.7.8
_LOCK = _names("Encrypt")


def judged(content: bytes) -> str | Why:
    """Return the media type of a file that begins as a PDF, or why it is not taken."""
    if b"PK\x05\x06" in content[-_ZIP_END:]:  # an archive as well
        return Why.ACTIVE
    if not _HEAD.match(content) or b"%%EOF" not in content[-_END:] or b"startxref" not in content:
        return Why.DAMAGED
    if _LOCK.search(content):
        return Why.LOCKED
    if _ACTIVE.search(content):
        return Why.ACTIVE
    try:
        return _packed(content) or "application/pdf"
    except (_Unusual, zlib.error):
        return Why.DAMAGED


class _Unusual(Exception):
    """A PDF is written as none should be, or takes too long to read."""


def _packed(content: bytes) -> Why | None:
    """Look into whatever a reader could take for packed objects; raises `_Unusual`."""
    left = MOST_INFLATED
    for words, start in _Reader(content, _MOST_STEPS, _MOST_PASSES * len(content)).streams():
        if _PACKING.isdisjoint(words):
            continue
        if _HIDING.isdisjoint(words):
            continue  # a colour profile that is not packed: what it says was seen
        if not _is_usual(words):
            raise _Unusual
        objects, left = _inflated(content, start, left)
        if _ACTIVE.search(objects):
            return Why.ACTIVE
        if _stream_within(objects):
            raise _Unusual
        if left <= 0:
            return Why.TOO_LARGE
    return None


def _inflated(content: bytes, at: int, left: int) -> tuple[bytes, int]:
    """Return what is deflated from a place on, and how many bytes may still be read or made."""
    inflating, objects = zlib.decompressobj(), []
    while left > 0 and not inflating.eof and (part := content[at : at + _CHUNK]):
        objects.append(inflating.decompress(part, left))
        left -= len(objects[-1]) + len(part) - len(inflating.unused_data)
        at += len(part)
    return b"".join(objects), left


def _is_usual(words: Sequence[bytes]) -> bool:
    """Whether the words of a stream's dictionary say that it is deflated, and nothing else."""
    if not _ALTERING.isdisjoint(words) or words.count(b"/Filter") != 1:
        return False
    at = words.index(b"/Filter") + 1
    return any(words[at : at + len(each)] == each for each in _FILTERS)


@dataclass(slots=True)
class _Reader:
    """Reads the dictionaries of a PDF, and raises `_Unusual` once it was at it for too long."""

    content: bytes
    steps: int  # left
    span: int  # bytes left

    def streams(self) -> Iterator[tuple[Sequence[bytes], int]]:
        """Give the words of each stream's dictionary, and where its content begins."""
        for found in _objects(self.content):
            at = self._spaced(found.end())
            if not self.content.startswith(b"<<", at):
                continue
            words, end = self._dictionary(at)
            self._spend(end - at)
            at = self._spaced(end)
            if self.content.startswith(b"stream", at):
                yield words, self._begun(at + 6, words)
            elif b"/ObjStm" in words:
                raise _Unusual

    def _dictionary(self, at: int) -> tuple[list[bytes], int]:
        """Return the words of a dictionary, without those of inner ones, and its end."""
        words: list[bytes] = []
        open_now: list[bytes] = []
        depth = 0
        while True:
            found = _token(self.content, at)
            self.steps -= 1
            if found is None or self.steps < 0:
                raise _Unusual
            at = found.end()
            mark, name, text = found.groups()
            if text:
                at = self._text_end(at)
            elif mark in _OPENING:
                open_now.append(_OPENING[mark])
                depth += mark == b"<<"
            elif mark and (not open_now or open_now.pop() != mark):
                raise _Unusual
            elif mark == b">>":
                depth -= 1
            if depth == 0:
                return words, at
            if depth == 1:
                words.append(_escaped(_letter, name) if name and b"#" in name else name or mark or b"")

    def _text_end(self, at: int) -> int:
        depth = 1
        while depth:
            found = _parenthesis(self.content, at)
            self.steps -= 1
            if found is None or self.steps < 0:
                raise _Unusual
            depth += 1 if found[1] == b"(" else -1
            at = found.end()
        return at

    def _spaced(self, at: int) -> int:
        found = _space(self.content, at)
        end = found.end() if found else at
        self._spend(end - at)
        return end

    def _spend(self, some: int) -> None:
        self.span -= some
        if self.span < 0:
            raise _Unusual

    def _begun(self, at: int, words: Sequence[bytes]) -> int:
        """Return where a stream's content begins; where that is in doubt, packed objects are not taken."""
        if self.content.startswith(b"\r\n", at):
            return at + 2
        if not self.content.startswith(b"\n", at) and not _PACKING.isdisjoint(words):
            raise _Unusual
        return at + 1


def _letter(escaped: "re.Match[bytes]") -> bytes:
    return bytes.fromhex(escaped[1].decode("ascii"))
