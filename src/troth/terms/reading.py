"""Reads a node against a shape: gives the value, or notes every fault with its place."""

import re
from collections.abc import Mapping
from typing import Any
from unicodedata import normalize

from troth.clock import instant
from troth.errors import BadTime
from troth.terms.faults import Faults, nearest, or_one_of
from troth.terms.nodes import Node
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
from troth.terms.vocabulary import WORD, Period

CONTROL = r"\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069"
MOMENT = (  # RFC 3339, seconds may be left out
    r"[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])T([01][0-9]|2[0-3]):[0-5][0-9]"
    r"(:[0-5][0-9](\.[0-9]{1,6})?)?(Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9])"
)
_CONTROL = re.compile(f"[{CONTROL}]")
_FLAGS = frozenset({"true", "True", "TRUE", "false", "False", "FALSE"})  # as YAML 1.2 writes them
_SINGLE = frozenset({"field", "party"})  # roles whose words have no dot


class Reader:
    """Reads nodes of one agreement; what cannot be read comes back as None after a fault was noted."""

    __slots__ = ("faults", "known", "named", "own")

    def __init__(
        self, faults: Faults, known: Mapping[str, frozenset[str]], named: Mapping[str, Shape]
    ) -> None:
        self.faults = faults
        self.known = known  # by role; a role that is not in it takes any word
        self.named = named
        self.own: Mapping[str, frozenset[str]] = {}  # words known within the present rule alone

    def read(self, node: Node, shape: Shape) -> Any:  # noqa: ANN401 - as many types as shapes
        """Return what `node` says when it is of `shape`."""
        if isinstance(shape, Named):
            shape = self.named[shape.name]
        if isinstance(shape, Either):
            options = dict(shape.options())
            if node.form not in options:
                return self._wrong(node, "written as " + " or ".join(f"a {form}" for form in options))
            one = options[node.form]
            if isinstance(one, Choice) and shape.list and node.text not in one.words:
                one = shape.list  # a list of one, without brackets
            return self.read(node, one)
        if node.empty:
            self.faults.add(node, "value", "a value is missing here", "write one, or remove the key")
            return None
        if isinstance(shape, Many):
            return self._many(node, shape)
        if isinstance(shape, Table):
            return self._table(node, shape)
        if isinstance(shape, Closed):
            return self._closed(node, shape)
        if node.form != "scalar":
            return self._wrong(node, "a single value")
        return self._scalar(node, shape)

    def _scalar(self, node: Node, shape: Shape) -> Any:  # noqa: ANN401
        text = node.text
        if node.plain and text in _FLAGS and isinstance(shape, Word | Text | Pattern):
            self.faults.add(node, "value", f"`{text}` is a flag here, and no text", "put it into quotes")
            return None
        match shape:
            case Word():
                return self._word(node, shape)
            case Choice(words):
                found = text if text in words else text.replace("-", "_")
                if found in words:
                    return found
                self.faults.add(
                    node, "value", f"`{_short(text)}` is not possible here", or_one_of(text, words)
                )
                return None
            case Text(limit):
                return self._text(node, limit)
            case Flag():
                if node.plain and text in ("true", "false"):
                    return text == "true"
                return self._wrong(node, "`true` or `false`")
            case Whole(low, high):
                if node.plain and re.fullmatch(r"-?[0-9]{1,16}", text) and low <= int(text) <= high:
                    return int(text)
                return self._wrong(node, f"a whole number from {low} to {high}")
            case Span():
                return Period.parse(text) or self._wrong(node, "a period such as `P90D`, `P1Y` or `PT72H`")
            case Moment():
                return self._moment(node)
            case Pattern(regex, words):
                return text if re.fullmatch(regex, text) else self._wrong(node, words)
        raise AssertionError(shape)

    def _moment(self, node: Node) -> Any:  # noqa: ANN401
        try:
            if re.fullmatch(MOMENT, node.text):
                return instant(node.text)
        except BadTime:
            pass
        return self._wrong(node, "an instant such as `2027-01-01T00:00:00Z`")

    def _word(self, node: Node, shape: Word) -> Any:  # noqa: ANN401
        text, role = node.text, shape.role
        if role == "target" and text == "*":
            return text
        if not WORD.match(text):
            return self._wrong(node, "a word: letters, digits, `-` and `_`, with dots between parts")
        if len(text) > shape.longest:
            return self._wrong(node, f"a word of at most {shape.longest} characters")
        if role in _SINGLE and "." in text:
            return self._wrong(node, "a word without a dot")
        known = self.own.get(role) or self.known.get(role)
        if known is None or text in known:
            return text
        name = {"target": "category or field", "own_field": "field", "own_party": "recipient"}.get(
            role, role or "word"
        )
        self.faults.add(
            node, "L7" if role == "own_party" else "L3", f"`{_short(text)}` is no {name} of this agreement",
            or_one_of(text, known),
        )  # fmt: skip
        return None

    def _text(self, node: Node, limit: int) -> Any:  # noqa: ANN401
        text = normalize("NFC", node.text).strip()
        if not text:
            return self._wrong(node, "a few words")
        if len(node.text) > limit:
            return self._wrong(node, f"at most {limit} characters")
        if _CONTROL.search(node.text):
            return self._wrong(node, "text without control characters")
        return "\n".join(line.rstrip() for line in text.split("\n"))

    def _many(self, node: Node, shape: Many) -> Any:  # noqa: ANN401
        nodes = node.items if node.form == "list" else (node,)
        if len(nodes) < shape.least:
            self.faults.add(node, "value", "this list is empty", "name at least one, or remove the key")
            return None
        read: list[Any] = []
        words: set[str] = set()  # of what was read, as there may be very many
        for item in nodes:
            value = self.read(item, shape.of)
            if value is None:
                continue
            if value in words if isinstance(value, str) else value in read:
                self.faults.add(
                    item, "duplicate", f"`{_short(item.text)}` stands twice in this list", "keep one of them"
                )
                continue
            read.append(value)
            if isinstance(value, str):
                words.add(value)
        return tuple(read)

    def _table(self, node: Node, shape: Table) -> Any:  # noqa: ANN401
        if node.form != "map":
            return self._wrong(node, "a map, `name: value`")
        if not node.pairs:
            self.faults.add(node, "value", "this map is empty", "name at least one, or remove the key")
        out: dict[str, Any] = {}
        for key, value in node.pairs:
            name = self._word(key, shape.key)
            what = self.read(value, shape.value)
            if name is not None and what is not None:
                out[name] = what
        return out

    def _closed(self, node: Node, shape: Closed) -> Any:  # noqa: ANN401
        if node.form == "scalar" and shape.short:
            key = shape.key(shape.short)
            value = self.read(node, key.shape) if key else None
            return None if value is None else {shape.short: value}
        if node.form != "map":
            return self._wrong(node, "a map with " + ", ".join(f"`{key.name}`" for key in shape.keys[:6]))
        return self.keys(node, node.pairs, shape.keys)

    def keys(self, at: Node, pairs: tuple[tuple[Node, Node], ...], keys: tuple[Key, ...]) -> dict[str, Any]:
        """Return the values of a closed map by key; unknown, missing and wrong ones are noted."""
        shapes = {key.name: key for key in keys}
        out: dict[str, Any] = {}
        written = set()
        for name, value in pairs:
            canonical = name.text.replace("-", "_")
            key = shapes.get(canonical)
            if key is None:
                like = nearest(canonical, shapes)
                fix = (
                    f"did you mean `{like}`?"
                    if like
                    else "use " + ", ".join(f"`{k}`" for k in sorted(shapes))
                )
                self.faults.add(name, "key", f"`{_short(name.text)}` is no key here", fix)
                continue
            written.add(canonical)
            read = self.read(value, key.shape)
            if read is not None:
                out[canonical] = read
        for key in keys:
            if key.required and key.name not in written:
                self.faults.add(
                    at, key.lint, f"`{key.name}` is missing: {key.words}", f"add `{key.name}: ...`"
                )
        return out

    def _wrong(self, node: Node, wanted: str) -> Any:  # noqa: ANN401 - None, as what cannot be read
        shown = f"`{_short(node.text)}` is not it" if node.form == "scalar" else f"a {node.form} is not it"
        self.faults.add(node, "value", f"{shown}: this must be {wanted}", f"write {wanted}")
        return None


def _short(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= 40 else flat[:39] + "…"
