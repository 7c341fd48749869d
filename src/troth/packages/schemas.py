"""JSON Schemas (2020-12) of a package's data, made of what the agreement says of each field."""

from collections.abc import Mapping
from typing import Any

from troth.terms.agreement import FieldSpec
from troth.terms.kinds import KINDS
from troth.terms.sentences import said
from troth.terms.vocabulary import FieldName

DIALECT = "https://json-schema.org/draft/2020-12/schema"
FILED = frozenset({"picture", "file"})
_FILE: dict[str, Any] = {
    "type": "object",
    "properties": {
        "file": {"type": "string", "pattern": "^files/"},
        "media_type": {"type": "string"},
        "size": {"type": "integer", "minimum": 0},
        "sha256": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
    },
    "required": ["file", "media_type", "size", "sha256"],
}
_TIME = {"type": "string", "format": "date-time"}
_TEXT: dict[str, Any] = {"type": "string"}
_TEXTS = {"type": "array", "items": _TEXT}


def schema_of(category: str, specs: Mapping[FieldName, FieldSpec]) -> dict[str, Any]:
    """Return the schema of `data/CATEGORY.json`."""
    kept = {
        "type": "object",
        "properties": {"class": _TEXT, "fields": _TEXTS, "until": _TIME, "only_for": _TEXT},
        "required": ["class", "fields", "until"],
    }
    item = {
        "type": "object",
        "properties": {
            "id": {"type": "string", "pattern": "^[0-9a-f]{30}$"},
            "values": {
                "type": "object",
                "properties": {str(name): _value(spec) for name, spec in specs.items()},
                "additionalProperties": False,
            },
            "collected": _TIME,
            "clause": _TEXT,
            "circumstance": _TEXT,
            "agreement": {"type": "integer"},
            "source": {"enum": ["subject", "observed", "third_party", ""]},
            "basis": _TEXT,
            "purposes": _TEXTS,
            "recipients": _TEXTS,
            "kept": {"type": "array", "items": kept, "minItems": 1},
        },
        "required": [
            "id", "values", "collected", "clause", "circumstance", "agreement", "source", "basis", "purposes",
            "recipients", "kept",
        ],
        "additionalProperties": False,
    }  # fmt: skip
    return {
        "$schema": DIALECT,
        "title": category,
        "type": "object",
        "properties": {"category": {"const": category}, "records": {"type": "array", "items": item}},
        "required": ["category", "records"],
        "additionalProperties": False,
    }


def _value(spec: FieldSpec) -> dict[str, Any]:
    if spec.type in FILED:
        return {**_FILE, "title": said(spec)}
    found = {**KINDS[spec.type].schema, "title": said(spec)}
    if spec.choices:
        found["enum"] = list(spec.choices)
    return found
