"""The rows of arrivals: packages that somebody lets come here from another provider."""

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import bindparam, delete, select, update

from troth.store.schema_rights import arrivals
from troth.store.unit import Adding, Prepared, Unit

AWAITED, HERE, TAKEN, REFUSED = "awaited", "here", "taken", "refused"

_ADD = Adding(arrivals)
_ONE = Prepared(select(arrivals).where(arrivals.c.arrival == bindparam("arrival")))
_BY = Prepared(select(arrivals).where(arrivals.c.token == bindparam("token")))
_OF = Prepared(
    select(arrivals)
    .where(arrivals.c.subject == bindparam("subject"))
    .order_by(arrivals.c.made_at, arrivals.c.arrival)
)
_SET = Prepared(
    update(arrivals)
    .where(arrivals.c.arrival == bindparam("in_arrival"))
    .values(
        sender=bindparam("sender"),
        blob=bindparam("blob"),
        size=bindparam("size"),
        digest=bindparam("digest"),
        state=bindparam("state"),
        ends_at=bindparam("ends_at"),
        outcome=bindparam("outcome"),
    )
)
_COLUMNS = ", ".join(column.name for column in arrivals.columns)
_OVER = Prepared(f"SELECT {_COLUMNS} FROM arrivals WHERE ends_at <= :until LIMIT :limit")  # noqa: S608
_DROP = Prepared(delete(arrivals).where(arrivals.c.arrival == bindparam("arrival")))


class ArrivalRow(NamedTuple):
    """One row, in the order of the table's columns."""

    arrival: bytes
    subject: int
    token: bytes
    sender: str
    blob: str
    size: int
    digest: bytes
    state: str
    made_at: int
    ends_at: int
    outcome: str


def add(unit: Unit, row: ArrivalRow) -> None:
    """Add an arrival that is awaited."""
    unit.add(_ADD, [row])


def one(unit: Unit, arrival: bytes) -> ArrivalRow | None:
    """Return an arrival; None when there is none."""
    found = unit.rows(_ONE, arrival)
    return _row(found[0]) if found else None


def by_token(unit: Unit, token: bytes) -> ArrivalRow | None:
    """Return the arrival that a code names; None when there is none."""
    found = unit.rows(_BY, token)
    return _row(found[0]) if found else None


def of(unit: Unit, subject: int) -> list[ArrivalRow]:
    """Return the arrivals of a person, oldest first."""
    return [_row(row) for row in unit.rows(_OF, subject)]


def put(unit: Unit, row: ArrivalRow) -> None:
    """Replace what changes of an arrival."""
    unit.run(
        _SET, row.sender, row.blob, row.size, row.digest, row.state, row.ends_at, row.outcome, row.arrival
    )


def over(unit: Unit, until: int, limit: int) -> list[ArrivalRow]:
    """Return up to `limit` arrivals whose time was over at an instant."""
    return [_row(row) for row in unit.rows(_OVER, until, limit)]


def drop(unit: Unit, arrival: bytes) -> None:
    """Forget an arrival."""
    unit.run(_DROP, arrival)


def _row(row: Sequence[object]) -> ArrivalRow:
    arrival, subject, token, sender, blob, size, digest, *rest = row
    return ArrivalRow(bytes(arrival), subject, bytes(token), sender, blob, size, bytes(digest), *rest)  # type: ignore[arg-type,call-overload]
