"""YAML read as it is written: text, lists and maps with their places, and no guessing of types.

Rules this module keeps: a scalar stays the text that was typed, so YAML 1.1's readings of `no`, `1_000`
or a date never happen; a key stands once; anchors, aliases and tags are refused; depth is bounded.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from troth.terms.faults import Faults

DEPTH = 12


@dataclass(frozen=True, slots=True)
class Node:
    """One piece of YAML: a scalar with its text, a list, or a map, and where it begins."""

    form: str  # "scalar", "list" or "map"
    line: int
    column: int
    text: str = ""
    plain: bool = True  # written without quotes
    items: tuple["Node", ...] = ()
    pairs: tuple[tuple["Node", "Node"], ...] = ()

    @property
    def empty(self) -> bool:
        """Whether nothing was written: `key:` without a value."""
        return self.form == "scalar" and self.plain and self.text in ("", "~", "null", "Null", "NULL")

    def get(self, key: str) -> "Node | None":
        """Return the value of `key` in a map, hyphens read as underscores; None when absent."""
        return next((value for name, value in self.pairs if name.text.replace("-", "_") == key), None)


@dataclass(frozen=True, slots=True)
class Here:
    """A place in the text."""

    line: int
    column: int = 1


class _Stop(Exception):
    pass


def read_yaml(text: str, faults: Faults, line: int = 1, indents: tuple[int, ...] = ()) -> Node | None:
    """Return the map written in `text`, or None after noting why there is none.

    `line` is the line of the file on which the text begins; `indents[i]` is how many columns of the
    file's line were cut from line i of the text.
    """
    import yaml

    loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    reader = _Reader(faults, line, indents)
    try:
        root = reader.document(yaml.parse(text, Loader=loader))
    except yaml.MarkedYAMLError as problem:
        mark = problem.problem_mark or problem.context_mark
        at = reader.place(mark) if mark else Here(line)
        faults.add(
            at,
            "yaml",
            f"this is not YAML: {problem.problem or problem.context}",
            "mend the indentation, quotes or brackets",
        )
        return None
    except yaml.YAMLError:
        faults.add(
            Here(line), "yaml", "this holds a character that YAML refuses", "remove control characters"
        )
        return None
    except _Stop:
        return None
    return root


class _Reader:
    """Composes nodes from YAML events."""

    def __init__(self, faults: Faults, line: int, indents: tuple[int, ...]) -> None:
        self.faults, self.line, self.indents = faults, line, indents

    def place(self, mark: Any) -> Here:  # noqa: ANN401 - PyYAML gives no type for its marks
        cut = self.indents[mark.line] if mark.line < len(self.indents) else 0
        return Here(self.line + mark.line, mark.column + cut + 1)

    def document(self, events: Iterator[Any]) -> Node | None:
        import yaml

        root: Node | None = None
        for event in events:
            if isinstance(event, yaml.DocumentStartEvent):
                if root is not None:
                    self.stop(event, "yaml", "a second YAML document begins here", "write one rule a block")
                root = self.node(next(events), events, 1)
        if root is not None and root.form != "map":
            self.faults.add(root, "shape", "a map of keys is needed here", "write `key: value` lines")
            return None
        return root

    def stop(self, event: Any, code: str, sentence: str, fix: str) -> None:  # noqa: ANN401
        self.faults.add(self.place(event.start_mark), code, sentence, fix)
        raise _Stop

    def node(self, event: Any, events: Iterator[Any], depth: int) -> Node:  # noqa: ANN401
        import yaml

        at = self.place(event.start_mark)
        if isinstance(event, yaml.AliasEvent) or event.anchor:
            self.stop(
                event, "yaml", "anchors and aliases are not part of the language", "write the value out"
            )
        if event.tag:
            self.stop(event, "yaml", "tags are not part of the language", "remove the `!` word")
        if depth > DEPTH:
            self.stop(
                event, "yaml", f"this is nested more than {DEPTH} deep", "split the rule into several clauses"
            )
        if isinstance(event, yaml.ScalarEvent):
            return Node("scalar", at.line, at.column, event.value, plain=bool(event.implicit[0]))
        if isinstance(event, yaml.SequenceStartEvent):
            items = []
            while not isinstance(event := next(events), yaml.SequenceEndEvent):
                items.append(self.node(event, events, depth + 1))
            return Node("list", at.line, at.column, items=tuple(items))
        return Node("map", at.line, at.column, pairs=self.pairs(events, depth))

    def pairs(self, events: Iterator[Any], depth: int) -> tuple[tuple[Node, Node], ...]:
        import yaml

        pairs: list[tuple[Node, Node]] = []
        seen: dict[str, Node] = {}
        while not isinstance(event := next(events), yaml.MappingEndEvent):
            key = self.node(event, events, depth + 1)
            value = self.node(next(events), events, depth + 1)
            if key.form != "scalar" or key.empty:
                self.faults.add(key, "shape", "a key is a word", "write `key: value`")
                continue
            name = key.text.replace("-", "_")
            if name in seen:
                self.faults.add(
                    key,
                    "duplicate",
                    f"`{key.text}` stands twice, first on line {seen[name].line}",
                    "keep one of them",
                )
                continue
            seen[name] = key
            pairs.append((key, value))
        return tuple(pairs)
