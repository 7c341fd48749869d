"""The rows of packages: whose each is, where its sealed file is, and how it stands."""

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import bindparam, delete, select, update

from troth.store.schema_rights import arrivals, packages
from troth.store.unit import Adding, Prepared, Unit

MAKING, READY, TAKEN, GONE = "making", "ready", "taken", "gone"

_ADD = Adding(packages)
_ONE = Prepared(select(packages).where(packages.c.package == bindparam("package")))
_OF = Prepared(
    select(packages)
    .where(packages.c.subject == bindparam("subject"))
    .order_by(packages.c.made_at, packages.c.package)
)
_SET = Prepared(
    update(packages)
    .where(packages.c.package == bindparam("in_package"))
    .values(
        blob=bindparam("blob"),
        size=bindparam("size"),
        digest=bindparam("digest"),
        state=bindparam("state"),
        ends_at=bindparam("ends_at"),
        busy_until=bindparam("busy_until"),
    )
)
_COLUMNS = ", ".join(f'"{column.name}"' for column in packages.columns)
_IN = Prepared(f"SELECT {_COLUMNS} FROM packages WHERE state = :state AND ends_at <= :until LIMIT :limit")  # noqa: S608
_IDLE = Prepared(
    f"SELECT {_COLUMNS} FROM packages WHERE state = :state AND busy_until <= :until LIMIT :limit"  # noqa: S608
)
_SET_SEALED = Prepared(
    update(packages).where(packages.c.package == bindparam("in_package")).values(sealed=bindparam("sealed"))
)
_DROP = Prepared(delete(packages).where(packages.c.package == bindparam("package")))
_DROP_OF = Prepared(delete(packages).where(packages.c.subject == bindparam("subject")))
_FILES = Prepared("SELECT blob FROM packages WHERE blob <> :none")
_ARRIVED_FILES = Prepared("SELECT blob FROM arrivals WHERE blob <> :none")
_SEALED = Prepared(
    "SELECT 1 FROM packages WHERE subject = :subject AND blob <> :none"
    " UNION ALL SELECT 1 FROM arrivals WHERE subject = :subject_too"
    " AND (blob <> :none_too OR state = 'awaited')"
)
_SPENT = Prepared(
    "SELECT subject, blob FROM packages WHERE blob <> :none AND state IN ('taken', 'gone')"
    " UNION ALL SELECT subject, blob FROM arrivals WHERE blob <> :none_too AND state IN ('taken', 'refused')"
)
_CLEAR = [
    Prepared(update(table).where(table.c.blob == bindparam("in_blob")).values(blob=bindparam("blob")))
    for table in (packages, arrivals)
]
_ARRIVED_OF = Prepared("SELECT blob FROM arrivals WHERE subject = :subject AND blob <> :none")
_DROP_ARRIVED = Prepared(delete(arrivals).where(arrivals.c.subject == bindparam("subject")))


class PackageRow(NamedTuple):
    """One row, in the order of the table's columns."""

    package: bytes
    case_id: bytes
    subject: int
    blob: str
    size: int
    digest: bytes
    state: str
    right: str
    made_at: int
    ends_at: int
    busy_until: int
    sealed: bytes


def add(unit: Unit, row: PackageRow) -> None:
    """Add a package that is about to be made."""
    unit.add(_ADD, [row])


def one(unit: Unit, package: bytes) -> PackageRow | None:
    """Return a package; None when there is none."""
    found = unit.rows(_ONE, package)
    return _row(found[0]) if found else None


def of(unit: Unit, subject: int) -> list[PackageRow]:
    """Return the packages of a person, oldest first."""
    return [_row(row) for row in unit.rows(_OF, subject)]


def put(unit: Unit, row: PackageRow) -> None:
    """Replace what changes of a package: its file, its state, and its ends."""
    unit.run(_SET, row.blob, row.size, row.digest, row.state, row.ends_at, row.busy_until, row.package)


def set_sealed(unit: Unit, package: bytes, sealed: bytes) -> None:
    """Replace what is sealed beside a package."""
    unit.run(_SET_SEALED, sealed, package)


def ended(unit: Unit, state: str, until: int, limit: int) -> list[PackageRow]:
    """Return up to `limit` packages in a state whose time was over at an instant."""
    return [_row(row) for row in unit.rows(_IN, state, until, limit)]


def idle(unit: Unit, state: str, until: int, limit: int) -> list[PackageRow]:
    """Return up to `limit` packages in a state of whose maker nothing was heard since an instant."""
    return [_row(row) for row in unit.rows(_IDLE, state, until, limit)]


def drop(unit: Unit, package: bytes) -> None:
    """Forget a package."""
    unit.run(_DROP, package)


def drop_of(unit: Unit, subject: int) -> list[str]:
    """Forget every package and arrival of a person; return the names of their sealed files."""
    names = [row.blob for row in of(unit, subject) if row.blob]
    names += [str(name) for (name,) in unit.rows(_ARRIVED_OF, subject, "")]
    unit.run(_DROP_OF, subject)
    unit.run(_DROP_ARRIVED, subject)
    return names


def is_sealed_under(unit: Unit, subject: int) -> bool:
    """Whether any package or arrival of a person is sealed under their key for these, or will be."""
    return bool(unit.rows(_SEALED, subject, "", subject, ""))


def spent(unit: Unit) -> list[tuple[int, str]]:
    """Return whose packages and arrivals are over and still have a sealed file, and its name."""
    return [(subject, str(blob)) for subject, blob in unit.rows(_SPENT, "", "")]


def cleared(unit: Unit, blob: str) -> None:
    """Note that a sealed file is gone."""
    for clear in _CLEAR:
        unit.run(clear, "", blob)


def known(unit: Unit) -> set[str]:
    """Return the names of the sealed files of all packages and arrivals."""
    found = (*unit.rows(_FILES, ""), *unit.rows(_ARRIVED_FILES, ""))
    return {str(name) for (name,) in found}


def _row(row: Sequence[object]) -> PackageRow:
    package, case_id, subject, blob, size, digest, state, right, made_at, ends_at, busy, sealed = row
    return PackageRow(
        bytes(package), bytes(case_id), subject, blob, size, bytes(digest), state, right,  # type: ignore[arg-type,call-overload]
        made_at, ends_at, busy, bytes(sealed),  # type: ignore[arg-type,call-overload]
    )  # fmt: skip
