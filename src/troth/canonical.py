"""The one encoding that is hashed, signed or bound as context.

Two forms, and no third:

* `encode` gives the JSON Canonicalization Scheme (RFC 8785) of plain values. Floats are refused, so
  the number rules of the scheme reduce to plain decimal integers.
* `bind` gives a typed, length-prefixed byte string for associated data: no two different lists of
  parts share an encoding.
"""

import json
from typing import Any, TypeAlias, Union

from troth.errors import NotCanonical

Plain: TypeAlias = Union[str, int, bool, list["Plain"], tuple["Plain", ...], dict[str, "Plain"], None]

SAFE_INTEGER = 2**53 - 1
_encoder = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"), check_circular=False)


def encode(value: Plain) -> bytes:
    """Return the RFC 8785 form of `value` as UTF-8 bytes.

    Raises `NotCanonical` for floats, integers beyond 2**53-1 (RFC 7493 §2.2), lone surrogates,
    keys that are not text, and any other type.
    """
    try:
        return _encoder.encode(_ordered(value)).encode("utf-8")
    except UnicodeEncodeError:
        raise NotCanonical(reason="a lone surrogate") from None


def decode(encoded: bytes) -> Any:  # noqa: ANN401 - JSON decodes to whatever was written
    """Return the value of canonical bytes; raises `NotCanonical` when they are not exactly canonical."""
    try:
        value = json.loads(encoded)
    except ValueError:
        raise NotCanonical(reason="not JSON") from None
    if encode(value) != encoded:
        raise NotCanonical(reason="not in canonical form")
    return value


def bind(*parts: str | bytes | int) -> bytes:
    """Return `parts` as one byte string for use as associated data.

    Each part is a tag (`s` text, `b` bytes, `i` integer), its length as u32 big-endian, its bytes.
    """
    out = bytearray()
    for part in parts:
        if isinstance(part, str):
            raw, tag = part.encode("utf-8"), b"s"
        elif isinstance(part, bytes):
            raw, tag = part, b"b"
        else:
            raw, tag = part.to_bytes(8, "big", signed=True), b"i"
        out += tag + len(raw).to_bytes(4, "big") + raw
    return bytes(out)


def _ordered(value: Plain) -> Plain:
    kind = type(value)
    if kind is str or kind is bool or value is None:
        return value
    if kind is int:
        if not -SAFE_INTEGER <= value <= SAFE_INTEGER:  # type: ignore[operator]
            raise NotCanonical(reason="an integer beyond 2**53-1; write it as text")
        return value
    if isinstance(value, dict):
        if not all(type(key) is str for key in value):
            raise NotCanonical(reason="a key that is not text")
        return {key: _ordered(value[key]) for key in sorted(value, key=_utf16)}
    if isinstance(value, list | tuple):
        return [_ordered(item) for item in value]
    raise NotCanonical(reason=f"a value of type {kind.__name__}")


def _utf16(key: str) -> bytes:
    try:
        return key.encode("utf-16-be")
    except UnicodeEncodeError:
        raise NotCanonical(reason="a lone surrogate") from None
