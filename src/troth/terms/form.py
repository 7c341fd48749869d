"""The canonical form of an agreement, whose SHA-256 is its name: the words and the rules, nothing of layout.

Kept out of it: line ends, trailing and repeated empty space, comments, order of keys, defaults left
unsaid, and where things stand. Kept in it: every word, and the order of clauses and lists.
"""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from hashlib import sha256
from typing import Any

from troth.canonical import Plain, encode
from troth.clock import iso
from troth.terms.agreement import Agreement, Clause, Rule
from troth.terms.vocabulary import Period

FORM = 1


def canonical_form(agreement: Agreement) -> dict[str, Plain]:
    """Return what the hash of an agreement is made of, as plain values."""
    return {
        "form": FORM,
        "agreement": agreement.name,
        "title": agreement.title,
        "organisation": _plain(agreement.organisation),
        "version": agreement.version,
        "effective": iso(agreement.effective),
        "language": agreement.language,
        "clauses": [_clause(clause) for clause in agreement.clauses],
    }


def named(agreement: Agreement) -> str:
    """Return the SHA-256 of the canonical form, as lower-case hex."""
    return sha256(encode(canonical_form(agreement))).hexdigest()


def rule_form(rule: Rule) -> dict[str, Plain]:
    """Return one rule as plain values, its kind under `rule`, defaults filled in."""
    return {"rule": type(rule).__name__.lower(), **_parts(rule)}


def _clause(clause: Clause) -> Plain:
    return {
        "id": clause.id,
        "number": clause.number,
        "title": clause.title,
        "text": clause.text,
        "rules": [rule_form(rule) for rule in clause.rules],
    }


def _parts(value: Any) -> dict[str, Plain]:  # noqa: ANN401 - any of the values of this room
    return {part.name: _plain(getattr(value, part.name)) for part in fields(value)}


def _plain(value: object) -> Plain:
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, str):
        return str(value)
    if isinstance(value, Period):
        return str(value)
    if isinstance(value, frozenset):
        return [*sorted(str(item) for item in value)]
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if is_dataclass(value):
        return _parts(value)
    raise TypeError(type(value).__name__)
