"""Correct: replace wrong values by right ones (GDPR Art. 16)."""

from collections.abc import Mapping
from typing import Any

from troth.custody.amend import Amend
from troth.custody.desk import About
from troth.rules.decision import Act, Actor, Request
from troth.terms.vocabulary import Category, FieldName


def correcting(
    *,
    by: Actor,
    about: About,
    category: str,
    values: Mapping[str, Any],
    record: bytes | None = None,
    case: str = "",
) -> Amend:
    """Return the job of a correction; of the latest record, unless one is named.

    Answered with a `Receipt`; refused where a clause wants a review first.
    """
    request = Request(Act.CORRECT, by, Category(category), case=case)
    return Amend(request, about, {FieldName(name): value for name, value in values.items()}, record)
