"""Tally: read what was counted of data whose time is over, for a purpose that gets totals alone."""

from collections.abc import Iterable

from troth.custody.frameless import frameless
from troth.custody.totals import Tallying
from troth.rules import given
from troth.rules.decision import Act, Actor, Request, asker
from troth.terms.vocabulary import Category, FieldName, Purpose


@frameless
def tallying(
    *, by: Actor, category: str, purpose: str, fields: Iterable[str] = (), case: str = "", reason: str = ""
) -> Tallying:
    """Return the job of a reading of tallies; no fields means all that are allowed.

    Answered with `Totals`; refused with `Refused`. Raises `BadArgument`.
    """
    request = Request(
        Act.TALLY,
        asker(by),
        Category(given.text("category", category)),
        frozenset(map(FieldName, given.texts("fields", fields))),
        Purpose(given.text("purpose", purpose)),
        case=given.text("case", case),
        reason=given.text("reason", reason),
    )
    return Tallying(request)
