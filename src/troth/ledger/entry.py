"""One fact worth remembering, with no personal data in it.

An entry is written as canonical JSON (RFC 8785), one leaf of the tree. It names things: a kind, an
act, a category, field *names*, clauses, a pseudonym. It never holds a value of a person, nor a plain
hash of one (EDPB Guidelines 02/2025). The alphabets below are the fence: nothing in an entry admits a
space, an `@` or free text. Every field is described in `docs/formats/ledger.md`.
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeAlias

from troth import clock
from troth.clock import FOREVER, SECOND, Instant
from troth.errors import BadEntry, BadTime, EntryRefused

LEAF_MAX = 65_535  # bytes: an entry bundle gives a leaf's length in 16 bits (C2SP tlog-tiles)
OUTCOMES = ("permitted", "refused", "done")
SAFE_INTEGER = 2**53 - 1

_name = re.compile(r"[A-Za-z0-9_.:/#-]{1,128}").fullmatch
_pseudonym = re.compile(r"[A-Za-z0-9_-]{22}").fullmatch
_commitment = re.compile(r"[A-Za-z0-9_+/=-]{16,128}").fullmatch
_SHAPES: dict[object, str] = {
    _name: "is not a name of 1 to 128 letters, digits and `_.:/#-`",
    _pseudonym: "is not a pseudonym of 22 base64url characters",
    _commitment: "is not a commitment of 16 to 128 hex or base64 characters",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What happened, to whom by pseudonym, under which clauses, and how it ended.

    Only the first five are always there. Absent text is None; absent lists are empty.
    """

    at: Instant
    kind: str
    actor: str
    act: str
    outcome: str
    on_behalf_of: str | None = None
    subject: str | None = None
    category: str | None = None
    circumstance: str | None = None
    fields: tuple[str, ...] = ()
    purpose: str | None = None
    recipient: str | None = None
    place: str | None = None
    clauses: tuple[str, ...] = ()
    agreement: int | None = None
    reasons: tuple[str, ...] = ()
    count: int | None = None
    commitment: str | None = None
    case: str | None = None


Alike: TypeAlias = tuple[str, str, str, str]
"""The text around what differs between entries of one kind."""
_KEYS = frozenset(Entry.__dataclass_fields__)
_LISTS = ("fields", "clauses", "reasons")
_NEEDED = ("at", "kind", "actor", "act", "outcome")


def is_name(text: str) -> bool:
    """Whether text may stand in an entry as a name: 1 to 128 letters, digits and `_.:/#-`."""
    return bool(_name(text))


def encode(entry: Entry) -> bytes:
    """Return the leaf of an entry: canonical JSON, absent fields left out, at most 65,535 bytes.

    It equals `canonical.encode` of the same fields, about ten times as fast: what an act, a clause
    and a category say is the same for most entries, so those parts are kept ready.

    Raises `EntryRefused` for a value outside the alphabet or range of its field.
    """
    return write(
        alike(entry),
        entry.at,
        subject=entry.subject,
        on_behalf_of=entry.on_behalf_of,
        case=entry.case,
        count=entry.count,
        commitment=entry.commitment,
    )


def alike(entry: Entry) -> Alike:
    """Return the parts of a leaf that entries of one kind share; raises `EntryRefused`."""
    return _shape(
        entry.act, entry.actor, entry.agreement, entry.category, entry.circumstance, entry.clauses,
        entry.fields, entry.kind, entry.outcome, entry.place, entry.purpose, entry.reasons, entry.recipient,
    )  # fmt: skip


def write(
    parts: Alike,
    at: Instant,
    *,
    subject: str | None = None,
    on_behalf_of: str | None = None,
    case: str | None = None,
    count: int | None = None,
    commitment: str | None = None,
) -> bytes:
    """Return the leaf of an entry that is like others but for these; raises `EntryRefused`."""
    if type(at) is not int or not 0 <= at <= FOREVER:
        raise EntryRefused(field="at", reason="is not an instant between 1970 and 9999")
    second, micro = divmod(at, SECOND)
    head, middle, waist, tail = parts
    moment = f"{_second(second)}.{micro:06d}" if micro else _second(second)
    about_case = promised = counted = behalf = person = ""
    if case is not None:
        about_case = f',"case":"{_checked("case", case)}"'
    if commitment is not None:
        promised = f',"commitment":"{_checked("commitment", commitment, _commitment)}"'
    if count is not None:
        counted = f',"count":{_whole("count", count)}'
    if on_behalf_of is not None:
        behalf = f',"on_behalf_of":"{_checked("on_behalf_of", on_behalf_of)}"'
    if subject is not None:
        person = f',"subject":"{_checked("subject", subject, _pseudonym)}"'
    text = f'{head}"at":"{moment}Z"{about_case}{middle}{promised}{counted}{waist}{behalf}{tail}{person}}}'
    if len(text) > LEAF_MAX:
        raise EntryRefused(field="fields", reason="make an entry beyond 65,535 bytes")
    return text.encode("ascii")


def parse(leaf: bytes) -> Entry:
    """Return the entry of a leaf.

    Raises `BadEntry` unless `leaf` is exactly what `encode` writes: known fields only, each within
    its alphabet, in canonical form.
    """
    try:
        given = json.loads(leaf)
    except (ValueError, RecursionError):
        raise BadEntry(reason="it is not JSON") from None
    if type(given) is not dict:
        raise BadEntry(reason="it is not an object")
    if not given.keys() <= _KEYS:
        raise BadEntry(reason="it holds a field that no entry has")
    for key in _NEEDED:
        if type(given.get(key)) is not str:
            raise BadEntry(reason=f"`{key}` is missing or not text")
    try:
        entry = _rebuilt(given)
        if encode(entry) == leaf:
            return entry
    except BadTime:
        raise BadEntry(reason="`at` is not a time") from None
    except EntryRefused as refused:
        raise BadEntry(reason=refused.message) from None
    raise BadEntry(reason="it is not in canonical form")


def _rebuilt(given: dict[str, Any]) -> Entry:
    for key in _LISTS:
        if key in given:
            if type(given[key]) is not list or not all(type(item) is str for item in given[key]):
                raise BadEntry(reason=f"`{key}` is not a list of names")
            given[key] = tuple(given[key])
    if any(type(value) is dict or type(value) is list for value in given.values()):
        raise BadEntry(reason="a field holds what is neither text nor number")
    given["at"] = clock.instant(given["at"])
    return Entry(**given)


@lru_cache(maxsize=64)
def _second(second: int) -> str:
    return clock.iso(second * SECOND)[:-1]


@lru_cache(maxsize=4096)
def _shape(
    act: str, actor: str, agreement: int | None, category: str | None, circumstance: str | None,
    clauses: tuple[str, ...], fields: tuple[str, ...], kind: str, outcome: str,
    place: str | None, purpose: str | None, reasons: tuple[str, ...], recipient: str | None,
) -> Alike:  # fmt: skip
    """Return the JSON around what differs between entries of one kind, keys in canonical order."""
    if outcome not in OUTCOMES:
        raise EntryRefused(field="outcome", reason="is none of permitted, refused, done")
    head = f'{{"act":"{_checked("act", act)}","actor":"{_checked("actor", actor)}",'
    if agreement is not None:
        head += f'"agreement":{_whole("agreement", agreement)},'
    middle = _text("category", category) + _text("circumstance", circumstance) + _list("clauses", clauses)
    waist = _list("fields", fields) + _text("kind", _checked("kind", kind))
    tail = (
        _text("outcome", outcome) + _text("place", place) + _text("purpose", purpose)
        + _list("reasons", reasons) + _text("recipient", recipient)
    )  # fmt: skip
    return head, middle, waist, tail


def _text(field: str, value: str | None) -> str:
    return "" if value is None else f',"{field}":"{_checked(field, value)}"'


def _list(field: str, values: tuple[str, ...]) -> str:
    if not values:
        return ""
    return f',"{field}":["' + '","'.join(_checked(field, value) for value in values) + '"]'


def _checked(field: str, value: str, shape: Callable[[str], object] = _name) -> str:
    if not isinstance(value, str) or not shape(value):
        raise EntryRefused(field=field, reason=_SHAPES[shape])
    return str(value)


def _whole(field: str, value: int) -> int:
    if type(value) is not int or not 0 <= value <= SAFE_INTEGER:
        raise EntryRefused(field=field, reason="is not a whole number from 0 to 2**53-1")
    return value
