"""Parcels: packages as they stand, and how they end: with their time, once given, or with their person."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from troth.clock import DAY, Instant
from troth.custody.desk import Desk
from troth.custody.keymaking import PACKAGES
from troth.ledger.entry import Entry
from troth.store import keystore
from troth.store import packages as rows
from troth.store.packages import GONE, MAKING, READY, TAKEN, PackageRow

LASTS = 7 * DAY  # a package, after it is ready
TOLD = 30 * DAY  # how long after that it is said that it is gone
CHUNK = 100


@dataclass(frozen=True, slots=True)
class Package:
    """A package as it stands."""

    id: bytes
    subject: int
    right: str
    state: str
    size: int
    made_at: Instant
    ends_at: Instant  # 0 while it is being made


def told(row: PackageRow) -> Package:
    """Return a package as it stands, without where it is."""
    return Package(row.package, row.subject, row.right, row.state, row.size, row.made_at, row.ends_at)


def of(desk: Desk, subject: int) -> tuple[Package, ...]:
    """Return the packages of a person, oldest first, as they stand; one whose time is over is gone."""
    found = (told(row) for row in rows.of(desk.unit, subject))
    return tuple(
        replace(each, state=GONE) if each.state == READY and each.ends_at <= desk.now else each
        for each in found
    )


def interrupted(desk: Desk) -> tuple[bytes, ...]:
    """Return packages whose makers were interrupted."""
    return tuple(row.package for row in rows.idle(desk.unit, MAKING, desk.now, CHUNK))


def expire(desk: Desk, limit: int = CHUNK) -> int:
    """End packages whose time is over, with their files; forget those that ended long ago."""
    over = rows.ended(desk.unit, READY, desk.now, limit)
    for row in over:
        end(desk, row)
    for state in (TAKEN, GONE):
        for row in rows.ended(desk.unit, state, desk.now - TOLD, limit):
            rows.drop(desk.unit, row.package)
    return len(over)


def drop_of(desk: Desk, subject: int) -> int:
    """Remove every package and arrival of a person, with their files and their key; return how many files.

    Part of any erasure of theirs: a copy of what is erased is erased with it.
    """
    names = rows.drop_of(desk.unit, subject)
    for name in names:
        desk.house.blobs.remove(name)
    with keystore.keeping(desk.house.filing) as keeping:
        keystore.destroy(keeping, subject, [PACKAGES])
    desk.keys.pop((subject, PACKAGES), None)
    return len(names)


def end(desk: Desk, row: PackageRow) -> None:
    """End a package that was not fetched, with its file."""
    entry = Entry(
        at=desk.now, kind="package.ended", actor="time", act="expire", outcome="done",
        subject=desk.pseudonym(row.subject), agreement=desk.house.book.agreement.version,
    )  # fmt: skip
    desk.remember(entry)
    close(desk, row, GONE)
    clear(desk)


def close(desk: Desk, row: PackageRow, state: str) -> None:
    """Let nobody fetch a package any more; what it was stays known a while. `clear` comes next."""
    rows.put(desk.unit, row._replace(state=state, ends_at=max(row.ends_at, desk.now), busy_until=0))


def clear(desk: Desk, also: Iterable[int] = ()) -> int:
    """Take the files of packages and arrivals that are over away, and each person's key with the last one.

    Of the people `also` only the key is looked at: what they awaited is over, and left no file.

    In a transaction that comes after the one in which they were over: so whoever fetches or takes in one
    that is cut off has either all of it still, or had it. Returns how many files there were.
    """
    some = rows.spent(desk.unit)
    for _, blob in some:
        desk.house.blobs.remove(blob)
        rows.cleared(desk.unit, blob)
    for subject in dict.fromkeys((*(subject for subject, _ in some), *also)):
        if not rows.is_sealed_under(desk.unit, subject):
            with keystore.keeping(desk.house.filing) as keeping:
                keystore.destroy(keeping, subject, [PACKAGES])
            desk.keys.pop((subject, PACKAGES), None)
    return len(some)
