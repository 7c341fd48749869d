"""Read for a purpose, by staff or a program; or, for the person themself, read what is held."""

from collections.abc import Iterable
from typing import cast

from troth.custody.desk import About
from troth.custody.hand_out import HandOut
from troth.errors import BadArgument
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
    records: Iterable[bytes] = (),
) -> HandOut:
    """Return the job of a read for a purpose (GDPR Art. 5(1)(b)); no fields means all that are allowed.

    `records` are the ids of the only ones that are opened; none means all.
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
    return HandOut(request, given.about(about), _ids(records))


def accessing(
    *,
    by: Actor,
    about: About,
    category: str,
    fields: Iterable[str] = (),
    masked: bool = False,
    records: Iterable[bytes] = (),
) -> HandOut:
    """Return the job of a person's own look at what is held of them (GDPR Art. 15).

    `masked` asks for masked values, for which it need not be as sure that it is them; `records` are
    the ids of the only ones that are opened. Raises `BadArgument`.
    """
    category = Category(given.text("category", category))
    request = Request(Act.ACCESS, asker(by), category, _named(fields), masked=masked is True)
    return HandOut(request, given.about(about), _ids(records))


def _ids(records: Iterable[bytes]) -> frozenset[bytes]:
    named = frozenset(records)
    if not all(isinstance(record, bytes) for record in named):
        raise BadArgument(name="records", wanted="the ids of records (bytes)")
    return named


def _named(fields: Iterable[str]) -> frozenset[FieldName]:
    return cast("frozenset[FieldName]", given.texts("fields", fields))
