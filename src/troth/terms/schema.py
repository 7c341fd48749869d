"""JSON Schema (2020-12) of rule blocks and of front matter, generated from the grammar for editors.

A schema cannot know which words an agreement declares, the order of keys, how a number was typed (`16.0`
is an integer in JSON), nor the length of a month; in all this `parse` has the last word.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from troth.terms.grammar import FIELD, FRONT, NAMED, RULES
from troth.terms.kinds import KINDS, WITH_CHOICES
from troth.terms.reading import CONTROL, MOMENT
from troth.terms.shapes import (
    Choice,
    Closed,
    Either,
    Flag,
    Key,
    Many,
    Moment,
    Named,
    Pattern,
    Shape,
    Span,
    Table,
    Text,
    Whole,
    Word,
)
from troth.terms.vocabulary import PERIOD

Schema = dict[str, Any]
_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_WORD = r"^[A-Za-z][A-Za-z0-9_-]*(\.[A-Za-z][A-Za-z0-9_-]*)*$"
_SINGLE = r"^[A-Za-z][A-Za-z0-9_-]*$"
_TARGET = r"^(\*|[A-Za-z][A-Za-z0-9_-]*(\.[A-Za-z][A-Za-z0-9_-]*)*)$"
_TEXT = rf"^(?=\s*\S)[^{CONTROL}]*$"


def rule_schema() -> Schema:
    """Return the schema of one rule block, as YAML 1.2 reads it."""
    return {
        "$schema": _DIALECT,
        "$id": "urn:troth:schema:rule:1",
        "title": "A rule of an agreement",
        "oneOf": [{"$ref": f"#/$defs/{head}"} for head in RULES],
        "$defs": {
            **{
                kind.head: {
                    "description": kind.words,
                    **_object((Key(kind.head, kind.shape, kind.words, required=True), *kind.keys)),
                }
                for kind in RULES.values()
            },
            **{name: of(shape) for name, shape in NAMED.items()},
        },
    }


def front_schema() -> Schema:
    """Return the schema of the front matter."""
    return {
        "$schema": _DIALECT,
        "$id": "urn:troth:schema:front:1",
        "title": "The front matter of an agreement",
        **of(FRONT),
    }


def schemas() -> Mapping[str, Schema]:
    """Return every schema by the file name it is published under."""
    return {"rule.schema.json": rule_schema(), "front.schema.json": front_schema()}


def of(shape: Shape) -> Schema:
    """Return the schema of one shape."""
    match shape:
        case Word(role, longest):
            form = _TARGET if role == "target" else _SINGLE if role in ("field", "party") else _WORD
            return {"type": "string", "pattern": form, "maxLength": longest}
        case Text(limit):
            return {"type": ["string", "number"], "pattern": _TEXT, "maxLength": limit}
        case Flag():
            return {"type": "boolean"}
        case Whole(low, high):
            return {"type": "integer", "minimum": low, "maximum": high}
        case Span():
            return {"type": "string", "pattern": f"^{PERIOD}$"}
        case Moment():
            return {"type": "string", "pattern": f"^{MOMENT}$"}
        case Choice(words):
            return {"enum": _forms(words)}
        case Pattern(regex, words):
            described = {"pattern": f"^({regex})$", "description": words}
            if re.fullmatch(regex, "1"):  # what reads as a number may be typed without quotes
                return {"type": ["string", "number"], "minimum": 0, **described}
            return {"type": "string", **described}
        case Many(inner, least):
            item = of(inner)
            return {"anyOf": [item, {"type": "array", "items": item, "minItems": least, "uniqueItems": True}]}
        case Table(key, value):
            names = {name: rule for name, rule in of(key).items() if name != "type"}
            return {
                "type": "object",
                "propertyNames": names,
                "additionalProperties": of(value),
                "minProperties": 1,
            }
        case Closed():
            return _closed(shape)
        case Either():
            options = [of(option) for _, option in shape.options()]
            return {"anyOf": [option for at, option in enumerate(options) if option not in options[:at]]}
        case Named(name):
            return {"$ref": f"#/$defs/{name}"}


def _forms(words: Iterable[str]) -> list[str]:
    return [form for word in words for form in dict.fromkeys((word, word.replace("_", "-")))]


def _closed(shape: Closed) -> Schema:
    if shape == FIELD:
        return _field()
    closed, bare = _object(shape.keys), shape.key(shape.short) if shape.short else None
    return {"anyOf": [of(bare.shape), closed]} if bare else closed


def _field() -> Schema:
    """Return the schema of a field: its keys, and which types take choices or can be found by."""
    of_type = {
        "choices": {"enum": _forms(WITH_CHOICES)},
        "find": {"enum": _forms(name for name, kind in KINDS.items() if kind.findable)},
    }
    closed = _object(FIELD.keys)
    closed.setdefault("dependentSchemas", {}).update(
        {key: {"properties": {"type": kinds}} for key, kinds in of_type.items()}
    )
    closed["if"] = {"properties": {"type": {"const": "choice"}}, "required": ["type"]}
    closed["then"] = {"required": ["choices"]}
    return {"anyOf": [{"enum": _forms(name for name in KINDS if name != "choice")}, closed]}


def _object(keys: tuple[Key, ...]) -> Schema:
    properties: Schema = {}
    twice: Schema = {}
    for key in keys:
        described = {"description": key.words, **of(key.shape)}
        properties[key.name] = described
        hyphened = key.name.replace("_", "-")
        if hyphened != key.name:
            properties[hyphened] = described
            twice[hyphened] = {"properties": {key.name: False}}
    schema: Schema = {"type": "object", "properties": properties, "additionalProperties": False}
    if twice:
        schema["dependentSchemas"] = twice
    required = [key.name for key in keys if key.required]
    return schema | {"required": required} if required else schema
