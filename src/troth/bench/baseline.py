"""The baseline: the same members in plaintext, with no promise, as a good developer would file them.

One table a category, its fields as columns, an index for the member and one for the expiry; the same
engine and the same durability as a house has (SQLite: write-ahead log, full sync, `secure_delete`;
PostgreSQL: `fsync` on). SQLite through SQLAlchemy Core and a pool; PostgreSQL through a pool of psycopg
connections in autocommit, every statement prepared.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Executable,
    Integer,
    MetaData,
    Table,
    Text,
    bindparam,
    delete,
    insert,
    select,
)

from troth.clock import Instant

COLUMNS = {
    "account": ("phone", "email", "username"),
    "identity": ("name", "gender", "birth_date", "id_number"),
    "payment": ("holder", "iban"),
    "support": ("topic", "message"),
    "device": ("device_id", "model", "system"),
    "network": ("ip", "time"),
    "transactions": ("time", "kind", "amount", "currency", "reference", "counterparty"),
    "activity": ("time", "action", "succeeded"),
    "usage": ("time", "browser", "language", "page", "came_from"),
}
UNIQUE = frozenset(COLUMNS["account"])
PLAIN = MetaData()
_key = BigInteger().with_variant(Integer, "sqlite")
members = Table(
    "members",
    PLAIN,
    Column("member", _key, primary_key=True, autoincrement=True),
    Column("reference", Text, nullable=False, unique=True),
)
tables = {
    category: Table(
        category,
        PLAIN,
        Column("id", _key, primary_key=True, autoincrement=True),
        Column("member", BigInteger, nullable=False, index=True),
        *(
            Column(name, Boolean if name == "succeeded" else Text, unique=name in UNIQUE or None)
            for name in columns
        ),
        Column("collected_at", BigInteger, nullable=False),
        Column("expires_at", BigInteger, nullable=False, index=True),
    )
    for category, columns in COLUMNS.items()
}
Row = Mapping[str, Any]


def row(about: str, category: str, values: Mapping[str, Any], at: Instant, until: Instant) -> Row:
    """Return the parameters of one row, from the values that a house is given."""
    flat = dict.fromkeys(COLUMNS[category])
    for name, value in values.items():
        flat.update(value if isinstance(value, dict) else {name: value})
    return {**flat, "about": about, "collected_at": at, "expires_at": until}


def _member() -> Any:  # noqa: ANN401 - a scalar subquery
    return select(members.c.member).where(members.c.reference == bindparam("about")).scalar_subquery()


JOIN: Executable = insert(members).values(reference=bindparam("about"))
ADD: Mapping[str, Executable] = {
    name: insert(table).values(
        member=_member(),
        **{column: bindparam(column) for column in (*COLUMNS[name], "collected_at", "expires_at")},
    )
    for name, table in tables.items()
}
_account = tables["account"]
READ: Executable = (
    select(_account.c.phone, _account.c.email, _account.c.username)
    .join(members, members.c.member == _account.c.member)
    .where(members.c.reference == bindparam("about"))
)
READ_MANY = (
    "SELECT m.reference, a.phone, a.email, a.username FROM members m JOIN account a ON a.member = m.member"
    " WHERE m.reference = ANY(%s)"
)
DELETE: Mapping[str, Executable] = {
    name: delete(table).where(table.c.member == _member()) for name, table in tables.items()
}
EXPIRE: Mapping[str, Executable] = {
    name: delete(table).where(table.c.expires_at <= bindparam("now")) for name, table in tables.items()
}


class Plain(Protocol):
    """Members in plaintext. Every writing call is one transaction, durable when it returns."""

    def join(self, references: Sequence[str]) -> None:
        """Add members."""

    def add(self, category: str, row: Row) -> None:
        """Add one row, in a transaction of its own."""

    def add_many(self, category: str, rows: Sequence[Row]) -> None:
        """Add rows by one `executemany`."""

    def read(self, about: str) -> Sequence[Any]:
        """Return a member's account, through the pool."""

    def read_many(self, abouts: Sequence[str]) -> list[Sequence[Any]]:
        """Return many members' accounts, all at once."""

    def erase(self, about: str, categories: Sequence[str]) -> None:
        """Delete a member's rows."""

    def expire(self, category: str, now: Instant) -> None:
        """Delete what is over, as one statement."""

    def fold(self) -> None:
        """Fold the log back, so that nothing deleted stays in the files."""

    def size(self) -> int:
        """Return the bytes on disk."""

    def close(self) -> None:
        """Close every connection."""
