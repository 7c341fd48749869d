"""What was proven of a person holds for the value it was shown of, and no longer."""

from collections.abc import Iterable
from dataclasses import replace

from troth.custody.desk import Desk
from troth.rules.standing import write
from troth.store import registry
from troth.terms.vocabulary import Category, FieldName


def label(category: Category, name: FieldName) -> str:
    """Return the label of a proven field."""
    return f"{category}.{name}"


def doubt(desk: Desk, subject: int, category: Category, names: Iterable[FieldName]) -> None:
    """Take the labels of fields from a person whose values of them change."""
    standing = desk.standings[subject]
    left = standing.proven.difference(label(category, name) for name in names) if standing.proven else None
    if left is not None and left != standing.proven:
        desk.standings[subject] = after = replace(standing, proven=left)
        registry.set_standing(desk.unit, subject, write(after))
