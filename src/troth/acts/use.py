"""Read for a purpose, by staff or a program; or, for the person themself, read what is held."""

from collections.abc import Iterable
from typing import cast

from troth.custody.desk import About
from troth.custody.hand_out import HandOut
from troth.rules import given
from troth.rules.decision import Act, Actor, Request, asker
from troth.terms.vocabulary import Category, FieldName, Purpose


def reading(
    *,
    by: Actor,
    about: About,
    category: str,
    fields: Iterable[str] = (),
    purpose: str,
    case: str = "",
    reason: str = "",
) -> HandOut:
    """Return the job of a read for a purpose (GDPR Art. 5(1)(b)); no fields means all that are allowed.

    Answered with `Handed`; refused with `Refused`, `NotFound` or `Erased`. Raises `BadArgument`.
    """
    request = Request(
        Act.USE,
        asker(by),
        Category(given.text("category", category)),
        _named(fields),
        Purpose(given.text("purpose", purpose)),
        case=given.text("case", case),
        reason=given.text("reason", reason),
    )
    return HandOut(request, given.about(about))


def accessing(
    *, by: Actor, about: About, category: str, fields: Iterable[str] = (), masked: bool = False
) -> HandOut:
    """Return the job of a person's own look at what is held of them (GDPR Art. 15).

    `masked` asks for masked values, for which it need not be as sure that it is them. Raises `BadArgument`.
    """
    category = Category(given.text("category", category))
    request = Request(Act.ACCESS, asker(by), category, _named(fields), masked=masked is True)
    return HandOut(request, given.about(about))


def _named(fields: Iterable[str]) -> frozenset[FieldName]:
    return cast("frozenset[FieldName]", given.texts("fields", fields))
