"""The grammar as tables for people, from the same source as the parser and the schemas."""

from troth.terms.grammar import FRONT, NAMED, RULES
from troth.terms.kinds import KINDS
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

_WORDS = {
    "": "a word", "own_field": "a field of this rule", "own_party": "a recipient of this rule",
    "target": "a category, `category.field`, or `*`", "party": "a name", "field": "a name",
    "category": "a category", "circumstance": "a circumstance", "purpose": "a purpose",
    "recipient": "a recipient", "retention": "a retention class", "place": "a place",
    "program": "a program",
}  # fmt: skip


def tables() -> str:
    """Return Markdown: front matter, each kind of rule with its keys, and the field types."""
    parts = ["### Front matter\n\n", *_keys(FRONT.keys)]
    for kind in RULES.values():
        parts.append(f"\n### `{kind.head}`\n\nSays {kind.words}. `{kind.head}:` {said(kind.shape)}.\n")
        inner = kind.shape.keys if isinstance(kind.shape, Closed) else ()
        if inner or kind.keys:
            parts += ["\n", *_keys((*(_under(kind.head, key) for key in inner), *kind.keys))]
    for name, shape in NAMED.items():
        parts += [f"\n### A {name}\n\n", *_keys(shape.keys if isinstance(shape, Closed) else ())]
    parts.append("\n### Field types\n\n| type | a value is | find | longest |\n|---|---|---|---|\n")
    for kind_of in KINDS.values():
        find = "yes" if kind_of.findable else "no"
        parts.append(f"| `{kind_of.name}` | {kind_of.words} | {find} | {kind_of.limit or ''} |\n")
    return "".join(parts)


def _under(head: str, key: Key) -> Key:
    return Key(f"{head}.{key.name}", key.shape, key.words, key.required)


def _keys(keys: tuple[Key, ...]) -> list[str]:
    rows = ["| key | value | says | needed |\n|---|---|---|---|\n"]
    for key in keys:
        value, inner = said(key.shape), _inside(key.shape)
        rows.append(f"| `{key.name}` | {value} | {key.words} | {'yes' if key.required else ''} |\n")
        rows += _keys(tuple(_under(f"{key.name}{inner[0]}", k) for k in inner[1]))[1:] if inner else []
    return rows


def _inside(shape: Shape) -> tuple[str, tuple[Key, ...]] | None:
    """Return how to write a way into a shape, and the keys found there."""
    match shape:
        case Closed(keys):
            return "", keys
        case Many(Closed(keys)):
            return "[]", keys
        case Table(_, Closed(keys)):
            return ".NAME", keys
        case Either() if isinstance(shape.map, Closed):
            return "", shape.map.keys
    return None


def said(shape: Shape) -> str:
    """Return a shape in words."""
    match shape:
        case Word(role):
            return _WORDS[role]
        case Text(limit):
            return f"text, at most {limit} characters"
        case Flag():
            return "`true` or `false`"
        case Whole(low, high):
            return f"a whole number from {low} to {high}"
        case Span():
            return "a period"
        case Moment():
            return "an instant"
        case Choice(words):
            return "one of " + ", ".join(f"`{word}`" for word in words) if len(words) > 1 else f"`{words[0]}`"
        case Pattern(_, words):
            return words
        case Many(inner):
            return f"one or a list of: {said(inner)}"
        case Table(key, value):
            return f"a map from {said(key)} to: {said(value)}"
        case Closed(keys, short):
            bare = next((f"{said(key.shape)}, or " for key in keys if key.name == short), "")
            return f"{bare if short != 'type' else 'a type, or '}a map"
        case Either():
            return "; or ".join(dict.fromkeys(said(option) for _, option in shape.options()))
        case Named(name):
            return f"a {name}"
