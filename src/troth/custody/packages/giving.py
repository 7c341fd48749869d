"""Giving: a package is given once, and the last of it when it is remembered that it was given."""

from base64 import b64encode
from dataclasses import dataclass, field, replace

from troth.custody.desk import About, Desk
from troth.custody.keymaking import PACKAGES, SELF
from troth.custody.packages.covering import RIGHTS, Pack, covered, line, stopping
from troth.custody.packages.packing import SILENT
from troth.custody.packages.parcels import close
from troth.errors import NotAbout, PackageBusy, PackageGone, SealBroken, TrothError
from troth.rules.decision import Act, Actor, Request
from troth.store import packages as rows
from troth.store.packages import MAKING, READY, TAKEN, PackageRow
from troth.vault.keyring import SubjectKey

_KIND = "troth.package.receipt"
DIRECTED = "member_directed"  # the recipient of a line: whom the person themself chose


@dataclass(frozen=True, slots=True)
class Giving:
    """A package that is being given, and the key that opens it."""

    row: PackageRow
    key: SubjectKey = field(repr=False)
    request: Request


def claim(
    desk: Desk, package: bytes, by: Actor, about: About, *, elsewhere: bool = False
) -> Giving | TrothError:
    """Decide that a package is given to whoever asks, and let nobody else fetch it meanwhile.

    Raises `PackageGone`, `PackageBusy`, and `NotAbout` for one of somebody else.
    """
    desk.find([about])
    row = rows.one(desk.unit, package)
    subject = desk.people.get(about)
    if row is None or subject is None:
        raise PackageGone
    if row.subject != subject:
        raise NotAbout(number=0)
    act = next(act for act, right in RIGHTS.items() if right == row.right)
    request = Request(act, by)
    job = Pack(request, about)
    permits, refusals = covered(desk, request, about)
    stop = stopping(desk, job, permits, refusals)
    if stop:
        return stop
    if row.state == MAKING or (row.state == READY and row.busy_until > desk.now):
        raise PackageBusy
    desk.open_keys([(subject, PACKAGES)])
    if row.state != READY or row.ends_at <= desk.now or (subject, PACKAGES) not in desk.keys:
        raise PackageGone
    row = row._replace(busy_until=desk.now + SILENT)
    rows.put(desk.unit, row)
    clauses = tuple(dict.fromkeys(c for permit in permits.values() for c in permit.clauses))
    opened = line(desk, "package.opened", request, subject, clauses, row.size)
    if elsewhere:  # straight to another provider, as its person directs: a disclosure, told as one
        sent = replace(opened, kind="package.sent", act=Act.DISCLOSE.value, recipient=DIRECTED)
        desk.remember(replace(sent, commitment=b64encode(row.digest).decode("ascii")))
    desk.remember(opened)
    return Giving(row, desk.keys[subject, PACKAGES], request)


def spend(desk: Desk, giving: Giving, *, receipt: str = "") -> None:
    """Remember that a package was given; `parcels.clear` comes next.

    Raises `PackageGone` when it was given otherwise.
    """
    row = rows.one(desk.unit, giving.row.package)
    if row is None or row.state != READY or row.busy_until != giving.row.busy_until:
        raise PackageGone
    desk.remember(line(desk, "package.fetched", giving.request, row.subject, (), row.size))
    close(desk, row, TAKEN)
    if receipt:  # of whoever got it; sealed like all that is kept of the person
        desk.open_keys([(row.subject, SELF)])
        key = desk.keys[row.subject, SELF]
        kept = key.seal(receipt.encode("utf-8"), record=row.package, category=_KIND, schema=1)
        rows.set_sealed(desk.unit, row.package, kept)


def receipt_of(desk: Desk, package: bytes, about: About) -> str:
    """Return the receipt of a package that went straight to another provider; empty where there is none."""
    desk.find([about])
    row, subject = rows.one(desk.unit, package), desk.people.get(about)
    if row is None or row.subject != subject or row.state != TAKEN:
        return ""
    desk.open_keys([(row.subject, SELF)])
    key = desk.keys.get((row.subject, SELF))
    if key is None:
        return ""
    try:
        return key.unseal(row.sealed, record=package, category=_KIND, schema=1).decode("utf-8")
    except SealBroken:  # it was fetched by its person: there is none
        return ""


def release(desk: Desk, giving: Giving) -> None:
    """Let a package be fetched again that was not given to its end."""
    row = rows.one(desk.unit, giving.row.package)
    if row is not None and row.state == READY and row.busy_until == giving.row.busy_until:
        rows.put(desk.unit, row._replace(busy_until=0))
