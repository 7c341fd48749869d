"""Bodies as programs send them: read in memory, in bounds, and as JSON that means one thing only.

Refused are names given twice (RFC 8259 leaves open which counts), numbers that are none (NaN, Infinity),
halves of surrogate pairs, and what is nested deeper than anything the API has.
"""

import json
from collections.abc import Iterable
from json import JSONDecoder
from typing import Any, Final, NoReturn

from starlette.datastructures import UploadFile
from starlette.requests import ClientDisconnect
from starlette.requests import Request as HttpRequest

from troth.errors import BodyOfOtherKind, BodyTooLarge, BodyUnreadable, FormUnreadable
from troth.web.forms import read_form

JSON: Final = "application/json"
LINES: Final = "application/x-ndjson"
FORM: Final = "multipart/form-data"
MOST: Final = 256 * 1024  # bytes of one act
MOST_TOGETHER: Final = 16 * 1024 * 1024  # bytes of many
MOST_OFFERS: Final = 1_000
DEEPEST: Final = 32
RECORD: Final = "record"  # the part of a form that holds the JSON


def media_type(http: HttpRequest) -> str:
    """Return the media type that a request says its body has; empty when it says none."""
    return http.headers.get("content-type", "").partition(";")[0].strip().lower()


def expect(http: HttpRequest, *taken: str) -> str:
    """Return the media type of a body; raises `BodyOfOtherKind` unless it is one of these."""
    found = media_type(http)
    if found not in taken:
        raise BodyOfOtherKind(wanted=" or ".join(f"`{each}`" for each in taken))
    return found


async def whole(http: HttpRequest, most: int = MOST) -> bytes:
    """Return the bytes of a body; raises `BodyTooLarge`, and `BodyUnreadable` when it breaks off."""
    said = http.headers.get("content-length", "")
    if said.isdecimal() and int(said) > most:
        raise BodyTooLarge(limit=most)
    parts, had = [], 0
    try:
        async for chunk in http.stream():
            had += len(chunk)
            if had > most:
                raise BodyTooLarge(limit=most)
            parts.append(chunk)
    except ClientDisconnect:
        raise BodyUnreadable(reason="the connection broke off") from None
    return b"".join(parts)


def read(body: bytes) -> Any:  # noqa: ANN401 - any JSON
    """Return what a JSON text (RFC 8259) says; raises `BodyUnreadable`."""
    try:
        text = body.decode("utf-8")
        found = _decode(text)
        if "\\u" in text or "\\U" in text:
            json.dumps(found, ensure_ascii=False).encode("utf-8")  # not hashed
    except RecursionError:
        raise BodyUnreadable(reason="it is nested too deep") from None
    except UnicodeError:
        raise BodyUnreadable(reason="it holds what is no text") from None
    except ValueError:
        raise BodyUnreadable(reason="it is not JSON, or means two things at once") from None
    if text.count("{") + text.count("[") > DEEPEST:
        _measure(found)
    return found


def lines(body: bytes) -> list[bytes]:
    """Return the lines of a body of JSON lines that are not blank; raises `BodyUnreadable` for too many."""
    found = [line for line in body.split(b"\n") if line.strip()]
    if len(found) > MOST_OFFERS:
        raise BodyUnreadable(reason=f"it has more than {MOST_OFFERS} lines")
    return found


async def form(http: HttpRequest) -> tuple[Any, dict[str, bytes], bytes]:
    """Return the JSON of a form's part `record`, its files by name, and the bytes of that part.

    Raises `BodyUnreadable`.
    """
    try:
        fields, files = await read_form(http)
    except FormUnreadable as problem:
        raise BodyUnreadable(reason=problem.reason) from None
    try:
        content = {name: await upload.read() for name, upload in files.items()}
    finally:
        await _close(files.values())
    said = fields.get(RECORD, "").encode("utf-8") or content.pop(RECORD, b"")
    return read(said), content, said


async def _close(files: Iterable[UploadFile]) -> None:
    for upload in files:
        await upload.close()


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a name is given twice")
    return found


def _no_number(_: str) -> NoReturn:
    raise ValueError("this is no number")


def _finite(text: str) -> float:
    found = float(text)
    if found - found != 0:  # infinite
        raise ValueError("this is no number that can be kept")
    return found


_decode = JSONDecoder(object_pairs_hook=_once, parse_constant=_no_number, parse_float=_finite).decode


def _measure(value: Any, at: int = 1) -> None:  # noqa: ANN401
    """Raise `BodyUnreadable` for what is nested deeper than `DEEPEST`."""
    if at > DEEPEST:
        raise BodyUnreadable(reason="it is nested too deep")
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for each in inner:
        _measure(each, at + 1)
