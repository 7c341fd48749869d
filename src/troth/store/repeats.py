"""What was done for an idempotency key: found by its token, forgotten after a day."""

from collections.abc import Iterable, Sequence

from sqlalchemy import bindparam, delete

from troth.store.schema import repeats
from troth.store.unit import Adding, Joining, Prepared, Unit

_ADD = Adding(repeats)
_FIND = Joining(
    "SELECT r.token, r.content, r.outcome FROM {given} CROSS JOIN repeats r WHERE r.token = g.token",
    token="bytea",  # noqa: S106 - a type, not a secret
)
_DROP = Prepared(delete(repeats).where(repeats.c.done_at < bindparam("before")))


def find(unit: Unit, tokens: Iterable[bytes]) -> dict[bytes, tuple[bytes, str]]:
    """Return (content token, outcome) of each token that something was done for."""
    found = _FIND.run(unit, [(token,) for token in tokens])
    return {bytes(token): (bytes(content), str(outcome)) for token, content, outcome in found}


def add(unit: Unit, rows: Sequence[tuple[bytes, bytes, str, int]]) -> None:
    """Note what was done: (token, content token, outcome, when)."""
    unit.add(_ADD, rows)


def drop(unit: Unit, before: int) -> None:
    """Forget what was done before an instant."""
    unit.run(_DROP, before)
