"""Structured log lines: JSON objects on standard error, made of our own names and of numbers.

There is one way to log, and it takes no free text: a value is a number, a flag, or a name in the
alphabet of names (letters, digits and a few marks, at most 200). An address, an e-mail, a message or a
value of a person is none of these, so it has no way in. Libraries log nothing.
"""

import asyncio
import logging
import re
import sys
import threading
from collections import deque
from json import JSONEncoder
from typing import Final, TextIO, TypeAlias

from troth.canonical import Plain
from troth.clock import iso, now

Value: TypeAlias = str | int | list[str]
_NAME: Final = re.compile(r"[A-Za-z0-9_.:/{}\-]{1,200}").fullmatch
_out: list[TextIO] = [sys.stderr]
_encoded = JSONEncoder(sort_keys=True, separators=(",", ":"), check_circular=False).encode  # not hashed
_waiting: deque[str] = deque()  # lines of one turn of the loop
_writing = threading.Lock()  # so that no line is lost or broken, whichever thread it comes from


def log(event: str, **values: Value) -> None:
    """Write one line; what is no name and no number is left out, and a mark stands in its place."""
    line = {"at": iso(now()), "event": event}
    body = _encoded({**line, **{key: _kept(value) for key, value in values.items()}})
    _waiting.append(f"{body}\n")
    try:
        loop = asyncio.get_running_loop()
    except RuntimeError:
        _write()
        return
    loop.call_soon(_write)


def _write() -> None:
    """Write the lines that wait: together, so that requests of the same moment share one write."""
    with _writing:
        lines = [_waiting.popleft() for _ in range(len(_waiting))]
        if not lines:
            return
        try:
            _out[0].write("".join(lines))
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
