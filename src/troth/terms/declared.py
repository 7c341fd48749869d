"""The words an agreement declares by using them: categories, fields, purposes, recipients and the rest."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from troth.terms.nodes import Node
from troth.terms.vocabulary import above


@dataclass(frozen=True, slots=True)
class Declared:
    """Every word known in one agreement.

    `known` maps a role (`category`, `target`, `purpose`, `recipient`, `retention`) to its words and those
    above them: `contact` is known where `contact.email` is declared. A role not in it takes any word.
    """

    categories: Mapping[str, frozenset[str]]  # each collected category, with its fields
    known: Mapping[str, frozenset[str]]


def declare(rules: Iterable[Node]) -> Declared:
    """Return the words that these rules declare; a rule's kind is its first key."""
    categories: dict[str, set[str]] = {}
    purposes: set[str] = set()
    recipients: set[str] = set()
    retentions: set[str] = set()
    for rule in rules:
        if not rule.pairs:
            continue
        head, named = rule.pairs[0][0].text, rule.pairs[0][1].text
        if head == "collect" and named:
            categories.setdefault(named, set()).update(_keys(rule.get("fields")))
        elif head == "use" and named:
            purposes.add(named)
        elif head == "keep" and named:
            retentions.add(named)
        elif head == "disclose" and named:
            recipients.add(named)
            recipients.update(f"{named}.{party}" for party in _keys(rule.get("recipients")))
            purposes.update(_scalars(rule.get("for")))
    everything = _with_above(categories)
    fields = {f"{category}.{name}" for category, names in categories.items() for name in names}
    return Declared(
        {category: frozenset(names) for category, names in categories.items()},
        {
            "category": everything,
            "target": everything | fields | {"*"},
            "purpose": _with_above(purposes),
            "recipient": _with_above(recipients),
            "retention": frozenset(retentions),
        },
    )


def _keys(node: Node | None) -> list[str]:
    return [key.text for key, _ in node.pairs] if node else []


def _scalars(node: Node | None) -> list[str]:
    if node is None:
        return []
    return [item.text for item in (node.items if node.form == "list" else (node,)) if item.text]


def _with_above(words: Iterable[str]) -> frozenset[str]:
    return frozenset(higher for word in words for higher in above(word))
