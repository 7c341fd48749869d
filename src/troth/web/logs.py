"""Structured log lines: JSON objects on standard error, made of our own names and of numbers.

There is one way to log, and it takes no free text: a value is a number, a flag, or a name in the
alphabet of names (letters, digits and a few marks, at most 200). An address, an e-mail, a message or a
value of a person is none of these, so it has no way in. Libraries log nothing.
"""

import logging
import re
import sys
from typing import Final, TextIO, TypeAlias

from troth.canonical import Plain, encode
from troth.clock import iso, now

Value: TypeAlias = str | int | list[str]
_NAME: Final = re.compile(r"[A-Za-z0-9_.:/{}\-]{1,200}").fullmatch
_out: list[TextIO] = [sys.stderr]


def log(event: str, **values: Value) -> None:
    """Write one line; what is no name and no number is left out, and a mark stands in its place."""
    line = {"at": iso(now()), "event": event}
    body = encode({**line, **{key: _kept(value) for key, value in values.items()}})
    try:
        _out[0].write(body.decode("utf-8") + "\n")
        _out[0].flush()
    except (OSError, ValueError):
        return  # nobody reads the log any more; that stops no request


def _kept(value: Value) -> Plain:
    if isinstance(value, list):
        return [str(_kept(each)) for each in value[:20]]
    if isinstance(value, str):
        return value if _NAME(value) else "-"
    return value


def write_to(out: TextIO) -> None:
    """Send the lines elsewhere than to standard error."""
    _out[0] = out


def quiet_libraries() -> None:
    """Let no library write to a log: their lines hold addresses and paths."""
    logging.disable(logging.CRITICAL)
