"""Find: who has exactly this value, for a purpose; nobody is listed and nothing is read."""

from typing import Any

from troth.custody.finding import Find
from troth.custody.frameless import frameless
from troth.rules import given
from troth.rules.decision import Act, Actor, Request, asker
from troth.terms.vocabulary import Category, FieldName, Purpose


@frameless
def finding(*, by: Actor, field: str, value: Any, purpose: str, case: str = "", reason: str = "") -> Find:  # noqa: ANN401
    """Return the job of a search for the exact value of `category.field`, in any way of writing it.

    Answered with `Found`; each search is remembered, misses too. Raises `BadArgument`.
    """
    category, _, name = given.text("field", field).rpartition(".")
    request = Request(
        Act.FIND,
        asker(by),
        Category(category),
        frozenset({FieldName(name)}),
        Purpose(given.text("purpose", purpose)),
        case=given.text("case", case),
        reason=given.text("reason", reason),
    )
    return Find(request, value)
