"""Field types that are not words: dates, numbers, money, small objects, pictures and files."""

import re
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any

from troth.canonical import SAFE_INTEGER, Plain, encode
from troth.clock import instant, iso
from troth.errors import BadTime, NotCanonical
from troth.terms.agreement import FieldSpec
from troth.terms.kinds_text import line
from troth.terms.refusing import refuse

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}\Z", re.ASCII)
_AMOUNT = re.compile(r"(-?)0*(\d{1,15})(?:\.(\d{1,4}))?\Z", re.ASCII)
_CURRENCY = re.compile(r"[A-Z]{3}\Z")
_MEDIA = re.compile(r"[a-z]+/[a-z0-9][a-z0-9.+-]{0,80}\Z")
_BLOB = re.compile(r"[A-Za-z0-9_-]{1,128}\Z")
PICTURES = ("image/jpeg", "image/png", "image/webp")
MOST_PIXELS = 40_000_000
MOST_SIDE = 30_000  # pixels
DEEPEST = 6

MONEY: Mapping[str, Plain] = {
    "type": "object",
    "properties": {"amount": {"type": "string"}, "currency": {"type": "string", "pattern": "^[A-Z]{3}$"}},
    "required": ["amount", "currency"],
    "additionalProperties": False,
}
BLOB: Mapping[str, Plain] = {
    "type": "object",
    "properties": {
        "blob": {"type": "string"},
        "type": {"type": "string"},
        "size": {"type": "integer", "minimum": 1},
        "name": {"type": "string"},
    },
    "required": ["blob", "type", "size"],
    "additionalProperties": False,
}


def date(value: object, spec: FieldSpec) -> str:
    """Return a day as `YYYY-MM-DD`."""
    found = line(value, spec, 10)
    if _DATE.match(found):
        with suppress(ValueError):
            return datetime.fromisoformat(found).date().isoformat()
    return refuse(spec, "it is no day of the calendar", "write it like 1980-01-31")


def time(value: object, spec: FieldSpec) -> str:
    """Return an instant in ISO 8601, in UTC; a time without a zone is refused."""
    found = line(value, spec, 40)
    try:
        return iso(instant(found))
    except (BadTime, OverflowError):
        refuse(spec, "it is no instant with a zone", "write it like 2027-01-31T12:00:00Z")


def integer(value: object, spec: FieldSpec) -> int:
    """Return a whole number within the range JSON keeps exactly (RFC 7493)."""
    if type(value) is not int or not -SAFE_INTEGER <= value <= SAFE_INTEGER:
        refuse(spec, "it is not a whole number of at most 2**53-1", "send a number without quotes or point")
    return value


def boolean(value: object, spec: FieldSpec) -> bool:
    """Return true or false."""
    if type(value) is not bool:
        refuse(spec, "it is neither true nor false", "send true or false")
    return value


def money(value: object, spec: FieldSpec) -> dict[str, Plain]:
    """Return an amount with its currency (ISO 4217): `{"amount": "12.50", "currency": "EUR"}`."""
    if not isinstance(value, Mapping) or set(value) != {"amount", "currency"}:
        refuse(spec, "it is not an amount with a currency", 'send {"amount": "12.50", "currency": "EUR"}')
    amount, currency = value["amount"], value["currency"]
    found = _AMOUNT.match(amount) if type(amount) is str else None
    if not found or type(currency) is not str or not _CURRENCY.match(currency):
        refuse(
            spec,
            "its amount is no decimal text, or its currency no three letters",
            'send {"amount": "12.50", "currency": "EUR"}',
        )
    return {"amount": found[1] + found[2] + (f".{found[3]}" if found[3] else ""), "currency": currency}


def small_object(value: object, spec: FieldSpec) -> dict[str, Plain]:
    """Return a JSON object of bounded size (canonical bytes) and depth, without floats."""
    if type(value) is not dict:
        refuse(spec, "it is not an object", "send a JSON object")
    limit = spec.limit or 8192
    if _depth(value, 1) > DEEPEST:
        refuse(spec, f"it is nested more than {DEEPEST} deep", "send it flatter")
    try:
        size = len(encode(value))
    except (NotCanonical, RecursionError):
        refuse(
            spec,
            "it holds a float, a number beyond 2**53-1 or something else than JSON",
            "send such numbers as text",
        )
    if size > limit:
        refuse(spec, f"it is larger than {limit} bytes", "send less, or a file")
    return value


def picture(value: object, spec: FieldSpec) -> dict[str, Plain]:
    """Return the reference of a stored JPEG, PNG or WebP picture."""
    found = _blob(value, spec, 10_000_000)
    if found["type"] not in PICTURES:
        refuse(spec, "it is of another type than JPEG, PNG or WebP", "send one of those")
    return found


def file(value: object, spec: FieldSpec) -> dict[str, Plain]:
    """Return the reference of a stored file."""
    return _blob(value, spec, 25_000_000)


def _blob(value: object, spec: FieldSpec, largest: int) -> dict[str, Plain]:
    """Return `{"blob", "type", "size"}` and maybe `"name"`: what a record keeps of bytes stored apart."""
    if not isinstance(value, Mapping) or not {"blob", "type", "size"} <= set(value) <= {
        "blob",
        "type",
        "size",
        "name",
    }:
        refuse(spec, "it is not a stored file", "upload the bytes first, then send their blob, type and size")
    blob, media, size = value["blob"], value["type"], value["size"]
    if type(blob) is not str or not _BLOB.match(blob) or type(media) is not str or not _MEDIA.match(media):
        refuse(spec, "its blob or media type has not the form of one", "send them as the upload answered")
    limit = spec.limit or largest
    if type(size) is not int or not 0 < size <= limit:
        refuse(spec, f"it is empty or larger than {limit} bytes", "send a smaller one")
    found: dict[str, Plain] = {"blob": blob, "type": media, "size": size}
    if "name" in value:
        found["name"] = line(value["name"], spec, 255)
    return found


def _depth(value: Any, at: int) -> int:  # noqa: ANN401 - any JSON
    if at > DEEPEST:
        return at
    if type(value) is dict:
        return max((_depth(inner, at + 1) for inner in value.values()), default=at)
    if type(value) is list:
        return max((_depth(inner, at + 1) for inner in value), default=at)
    return at
