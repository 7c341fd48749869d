"""JSON Schema (2020-12) of rule blocks and of front matter, generated from the grammar for editors.

A schema cannot know which words an agreement declares, nor the order of keys; `parse` has the last word.
"""

from collections.abc import Mapping
from typing import Any

from troth.terms.grammar import FRONT, NAMED, RULES
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

Schema = dict[str, Any]
_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_WORD = r"^[A-Za-z][A-Za-z0-9_-]*(\.[A-Za-z][A-Za-z0-9_-]*)*$"
_SINGLE = r"^[A-Za-z][A-Za-z0-9_-]*$"
_TARGET = r"^(\*|[A-Za-z][A-Za-z0-9_-]*(\.[A-Za-z][A-Za-z0-9_-]*)*)$"
_SPAN = r"^P(?=.)(\d+Y)?(\d+M)?(\d+W)?(\d+D)?(T(?=.)(\d+H)?(\d+M)?(\d+S)?)?$"


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
        case Word(role):
            form = _TARGET if role == "target" else _SINGLE if role in ("field", "party") else _WORD
            return {"type": "string", "pattern": form}
        case Text(limit):
            return {"type": ["string", "number"], "minLength": 1, "maxLength": limit}
        case Flag():
            return {"type": "boolean"}
        case Whole(low, high):
            return {"type": "integer", "minimum": low, "maximum": high}
        case Span():
            return {"type": "string", "pattern": _SPAN}
        case Moment():
            return {"type": "string", "format": "date-time"}
        case Choice(words):
            return {
                "enum": [form for word in words for form in dict.fromkeys((word, word.replace("_", "-")))]
            }
        case Pattern(regex, words):
            return {"type": ["string", "number"], "pattern": f"^({regex})$", "description": words}
        case Many(inner, least):
            item = of(inner)
            return {"anyOf": [item, {"type": "array", "items": item, "minItems": least, "uniqueItems": True}]}
        case Table(key, value):
            names = {"pattern": of(key)["pattern"]}
            return {
                "type": "object",
                "propertyNames": names,
                "additionalProperties": of(value),
                "minProperties": 1,
            }
        case Closed(keys, short):
            closed = _object(keys)
            bare = next((key for key in keys if key.name == short), None)
            return {"anyOf": [of(bare.shape), closed]} if bare else closed
        case Either():
            options = [of(option) for _, option in shape.options()]
            return {"anyOf": [option for at, option in enumerate(options) if option not in options[:at]]}
        case Named(name):
            return {"$ref": f"#/$defs/{name}"}


def _object(keys: tuple[Key, ...]) -> Schema:
    properties: Schema = {}
    for key in keys:
        described = {"description": key.words, **of(key.shape)}
        properties[key.name] = described
        properties.setdefault(key.name.replace("_", "-"), described)
    schema: Schema = {"type": "object", "properties": properties, "additionalProperties": False}
    required = [key.name for key in keys if key.required]
    return schema | {"required": required} if required else schema
