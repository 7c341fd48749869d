"""Attachments: files judged by their content, which is of a kind that is taken and cannot run.

Taken are PDF and plain text; PDFs and pictures have modules of their own. This is no virus scanner, and it
mends nothing.
"""

import re

from troth.custody.files import pdfs
from troth.rules.decision import Why

_START = 1_024  # bytes from the beginning that a reader looks at
_CONTROLS = re.compile(rb"[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f\x7f]")  # what no text holds
_RUNS = re.compile(  # what browsers take for a page (WHATWG, MIME sniffing, 7.1), anywhere, and as XML
    rb"<(?:[\w.-]++:)?(?:!doctype|html|head|body|script|iframe|object|embed|style|svg|math|\?xml|\?php)\b",
    re.IGNORECASE,
)
_STARTS = (b"#!", b"{\\rtf", b"%!PS")  # scripts, and kinds that only look like text


def judged(content: bytes) -> str | Why:
    """Return the media type of a file that is no picture, or why it is not taken."""
    if content.startswith(b"%PDF-"):
        return pdfs.judged(content)
    return _text(content)


def _text(content: bytes) -> str | Why:
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return Why.NOT_A_FILE
    starts = content[:_START].removeprefix(b"\xef\xbb\xbf").lstrip()
    if starts.startswith(_STARTS) or b"%PDF-" in starts:
        return Why.NOT_A_FILE
    if _CONTROLS.search(content) or _RUNS.search(content):
        return Why.NOT_A_FILE
    return "text/plain"
