"""One message to one person, which shows nothing of itself unless its parts are asked for by name."""

import secrets
from dataclasses import dataclass, field
from typing import NoReturn, Self, SupportsIndex

from troth.errors import BadMessage, LeakRefused

MOST = 256 * 1024  # letters of text and HTML together
_MOST_LINE = 900  # letters of a header: SMTP takes lines of 998 octets (RFC 5321 §4.5.3.1.6)
_TOKEN = frozenset("abcdefghijklmnopqrstuvwxyz0123456789-")
# What a gate writes itself, or what would send a message elsewhere than to `to`.
_OURS = {
    "auto-submitted", "bcc", "cc", "date", "from", "message-id", "mime-version", "received", "return-path",
    "sender", "subject", "to",
}  # fmt: skip


def _fresh() -> str:
    return secrets.token_hex(16)


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class Message:
    """What one person is told; of `subject`, `text`, `html` and `headers` a text message has `text` alone.

    `to` is an e-mail address or a number in E.164. `headers` are further ones, ASCII, such as
    `List-Unsubscribe`. `id` is random and stays the same when a message is tried again. Like a guarded
    value of the vault a message has no repr that tells, is equal to itself alone, and is never pickled.

    Raises `BadMessage` for a line break in what becomes a header (injection), and for what no gate sends.
    """

    to: str
    subject: str
    text: str
    html: str | None = None
    headers: tuple[tuple[str, str], ...] = ()
    id: str = field(default_factory=_fresh)

    def __post_init__(self) -> None:
        _must_be_line("to", self.to)
        if not self.to or self.to != self.to.strip():
            raise BadMessage(part="to", reason="it is empty, or has a space around it")
        _must_be_line("subject", self.subject)
        for name, line in self.headers:
            _must_be_header(name, line)
        for part, said in (("text", self.text), ("html", self.html or "")):
            if "\0" in said or not _is_unicode(said):
                raise BadMessage(part=part, reason="it holds a mark that is no text")
        if len(self.text) + len(self.html or "") > MOST:
            raise BadMessage(part="text", reason=f"with the HTML it is longer than {MOST} letters")
        if not self.text.strip():
            raise BadMessage(part="text", reason="it is empty")

    def __repr__(self) -> str:
        return "<message>"

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: object, /) -> Self:
        return self

    def __getstate__(self) -> NoReturn:
        raise LeakRefused(form="state")

    def __reduce_ex__(self, protocol: SupportsIndex, /) -> NoReturn:
        raise LeakRefused(form="pickle")


def _must_be_line(part: str, said: str) -> None:
    # `splitlines` knows more line breaks than CR and LF, and so do programs that read mail
    if len(f"{said}.".splitlines()) > 1 or any(mark < " " or mark == "\x7f" for mark in said):
        raise BadMessage(part=part, reason="it holds a line break or a control mark")
    if len(said) > _MOST_LINE or not _is_unicode(said):
        raise BadMessage(part=part, reason=f"it is longer than {_MOST_LINE} letters, or is no text")


def _must_be_header(name: str, line: str) -> None:
    low = name.lower()
    if not low or not set(low) <= _TOKEN or len(name) + len(line) > _MOST_LINE:
        raise BadMessage(part="headers", reason="a name is no header's, or a line is too long")
    if (
        low in _OURS
        or low.startswith("resent-")
        or (low.startswith("content-") and low != "content-language")
    ):
        raise BadMessage(part="headers", reason="one of them is written by the gate alone")
    if not line.strip() or not all(" " <= mark <= "~" for mark in line):
        raise BadMessage(
            part="headers", reason="one is empty, or holds a line break or a mark outside of ASCII"
        )


def _is_unicode(said: str) -> bool:
    try:
        said.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True
