"""Unique names: whether somebody holds one still, and what becomes of it when several records have it."""

from collections.abc import Sequence

from troth.custody.desk import Desk
from troth.custody.endings.finishing import finish_of
from troth.store import belongings, registry
from troth.terms.vocabulary import FieldName

Holder = tuple[int, bytes]  # who, and their record; an empty one for a claim of this transaction
Tokens = Sequence[tuple[FieldName, bytes, bool]]  # field, token, unique


def is_taken(desk: Desk, token: bytes, holder: Holder | None, subject: int) -> bool:
    """Whether somebody else than `subject` holds a unique token.

    One that only records have whose time is over is free, swept or not: it is taken from them.
    """
    if holder is None or holder[0] == subject:
        return False
    other, record = holder
    if any(who == other for who, _ in desk.ending):
        finish_of(desk, [other])  # what goes holds no name
        holder = registry.holders(desk.unit, [token]).get(token)
        if holder is None:
            return False
        _, record = holder
    also = [each for who, each in registry.sharers(desk.unit, token) if who == other]
    if not record or belongings.lives(desk.unit, other, [record, *also], desk.now):
        return True
    registry.free_name(desk.unit, token, other)
    return False


def keep_for_both(desk: Desk, token: bytes, holder: Holder | None, subject: int) -> None:
    """Remember that a record of `subject` has a unique token which another of theirs is about to hold.

    Whoever else held it held it free: it was taken from them, and comes back to none of their records.
    """
    if holder is not None and holder[0] == subject and holder[1]:
        registry.add_tokens(desk.unit, [(token, *holder)])


def refile(desk: Desk, subject: int, record: bytes, tokens: Tokens) -> None:
    """Replace the tokens of a record; one that another record of the person holds stays with that."""
    registry.drop_names(desk.unit, subject, record)
    held = registry.holders(desk.unit, [token for _, token, unique in tokens if unique])
    for _, token, unique in tokens:
        add = registry.add_names if unique and token not in held else registry.add_tokens
        add(desk.unit, [(token, subject, record)])
