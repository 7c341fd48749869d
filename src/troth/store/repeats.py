"""What was done for an idempotency key: found by its token, for each person apart, forgotten after a day."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from sqlalchemy import bindparam, delete

from troth.store.schema import repeats
from troth.store.unit import Adding, Joining, Prepared, Unit

NOBODY = 0  # stands for the person where nobody is known, or is no more
_ADD = Adding(repeats)
_USED = Adding(repeats, latest=("done_at",))
_FIND = Joining(
    "SELECT r.token, r.subject, r.content, r.sealed FROM {given} CROSS JOIN repeats r"
    " WHERE r.token = g.token",
    token="bytea",  # noqa: S106 - a type, not a secret
)
_DROP = Prepared(delete(repeats).where(repeats.c.done_at < bindparam("before")))
_DROP_OF = Joining(
    "DELETE FROM repeats WHERE subject IN (SELECT g.subject FROM {given}) RETURNING token, done_at",
    subject="bigint",
)


class Noted(NamedTuple):
    """What was done for one person: a content token, empty once the person is gone, and the sealed rest."""

    person: int
    content: bytes
    sealed: bytes


def find(unit: Unit, tokens: Iterable[bytes]) -> dict[bytes, list[Noted]]:
    """Return what was done for each token under which anything was."""
    found: dict[bytes, list[Noted]] = {}
    for token, person, content, sealed in _FIND.run(unit, [(token,) for token in tokens]):
        found.setdefault(bytes(token), []).append(Noted(person, bytes(content), bytes(sealed)))
    return found


def add(unit: Unit, rows: Sequence[tuple[bytes, int, bytes, bytes, int]]) -> None:
    """Note what was done: (token, person, content token, sealed, when)."""
    unit.add(_ADD, rows)


def drop_of(unit: Unit, people: Iterable[int]) -> None:
    """Forget what was done for some people; that their tokens were used stays, and nothing else."""
    used: dict[bytes, int] = dict(_DROP_OF.run(unit, [(person,) for person in people]))
    unit.add(_USED, [(token, NOBODY, b"", b"", at) for token, at in used.items()])


def drop(unit: Unit, before: int) -> None:
    """Forget what was done before an instant."""
    unit.run(_DROP, before)
