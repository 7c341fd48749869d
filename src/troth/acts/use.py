"""Read for a purpose, by staff or a program; or, for the person themself, read what is held."""

from collections.abc import Iterable

from troth.custody.desk import About
from troth.custody.hand_out import HandOut
from troth.rules.decision import Act, Actor, Request
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

    Answered with `Handed`; refused with `Refused`, `NotFound` or `Erased`.
    """
    names = frozenset(FieldName(name) for name in fields)
    request = Request(Act.USE, by, Category(category), names, Purpose(purpose), case=case, reason=reason)
    return HandOut(request, about)


def accessing(*, by: Actor, about: About, category: str, fields: Iterable[str] = ()) -> HandOut:
    """Return the job of a person's own look at what is held of them (GDPR Art. 15)."""
    names = frozenset(FieldName(name) for name in fields)
    return HandOut(Request(Act.ACCESS, by, Category(category), names), about)
