"""Packing: how a copy of all that is held of somebody is begun, kept alive and made ready, unit by unit.

A package is begun in one unit (decided; a row that says whose it is, who asked, and where its sealed file
will be), filled page by page, each page handed out in a unit of its own, and ready in a last one, once its
file was read back. Whoever makes one says so for a while: after that its making counts as interrupted.
"""

from base64 import b64encode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from os import urandom

from troth.clock import DAY, SECOND, Instant
from troth.custody.desk import Desk
from troth.custody.keymaking import PACKAGES
from troth.custody.packages.covering import RIGHTS, Gap, Pack, asked, covered, gaps, job_of, line, stopping
from troth.custody.packages.parcels import LASTS, Package, end, told
from troth.errors import PackageBusy, PackageGone, TooManyWaiting, TrothError
from troth.house import House
from troth.ledger.checkpoint import sign_note
from troth.ledger.receipt import Receipt
from troth.rules.decision import Permit, Refusal, Request
from troth.store import belongings
from troth.store import packages as rows
from troth.store.packages import MAKING, READY, PackageRow
from troth.terms.vocabulary import Category
from troth.vault.blobs import new_name
from troth.vault.keyring import SubjectKey

MOST = 5  # that are ready for one person and not fetched
SILENT = 600 * SECOND  # after this whoever makes or fetches one was interrupted
_KIND = "troth.package"


@dataclass(frozen=True, slots=True)
class Making:
    """A package that is being made: under which key, for which request, of which categories."""

    row: PackageRow
    key: SubjectKey = field(repr=False)
    request: Request
    language: str
    categories: tuple[Category, ...]
    gaps: tuple[Gap, ...]
    at: Instant
    begun: Receipt


def outlook(desk: Desk, job: Pack) -> tuple[tuple[Category, ...], tuple[Gap, ...]] | TrothError:
    """Return which categories a package would hold, and what not; only a refusal is remembered."""
    desk.find([job.about])
    permits, refusals = covered(desk, job.request, job.about)
    stop = stopping(desk, job, permits, refusals)
    if stop:
        return stop
    held = _held(desk, desk.people[job.about], permits)
    return held, gaps(desk, {category: permits[category] for category in held}, refusals)


def begin(desk: Desk, job: Pack) -> Making | TrothError:
    """Decide that a package is made, and note it; raises `PackageBusy` while one of its kind is.

    Raises `TooManyWaiting`: each that nobody fetches takes room on the disk for seven days. One that answers
    a demand takes the place of the oldest instead.
    """
    desk.find([job.about])
    permits, refusals = covered(desk, job.request, job.about)
    stop = stopping(desk, job, permits, refusals)
    if stop:
        return stop
    subject, right = desk.people[job.about], RIGHTS[job.request.act]
    mine = rows.of(desk.unit, subject)
    if any(row.state == MAKING and row.right == right and row.busy_until > desk.now for row in mine):
        raise PackageBusy
    waiting = [row for row in mine if row.state == READY and row.busy_until <= desk.now < row.ends_at]
    if len(waiting) >= MOST:
        if not job.case_id:
            raise TooManyWaiting(most=MOST)
        end(desk, waiting[0])
    desk.need_keys([(subject, PACKAGES)])
    key, package = desk.keys[subject, PACKAGES], urandom(16)
    sealed = key.seal(asked(job), record=package, category=_KIND, schema=1)
    busy_until = desk.now + SILENT
    row = PackageRow(
        package,
        job.case_id,
        subject,
        new_name(),
        0,
        bytes(32),
        MAKING,
        right,
        desk.now,
        0,
        busy_until,
        sealed,
    )
    rows.add(desk.unit, row)
    return _making(desk, row, key, job, permits, refusals)


def again(desk: Desk, package: bytes) -> Making | None:
    """Take up a package whose making was interrupted; None where nobody may go on with it.

    It is decided anew for whoever asked. One that cannot be made any more is gone.
    """
    row = rows.one(desk.unit, package)
    if row is None or row.state != MAKING or row.busy_until > desk.now:
        return None
    desk.find([row.subject])
    desk.open_keys([(row.subject, PACKAGES)])
    key = desk.keys.get((row.subject, PACKAGES))
    if key is None or row.subject not in desk.people or row.made_at < desk.now - DAY:
        end(desk, row)
        return None
    job = job_of(row.right, row.subject, key.unseal(row.sealed, record=package, category=_KIND, schema=1))
    permits, refusals = covered(desk, job.request, job.about)
    if not permits:
        end(desk, row)
        return None
    row = row._replace(busy_until=desk.now + SILENT)
    rows.put(desk.unit, row)
    return _making(desk, row, key, job, permits, refusals)


def _making(
    desk: Desk,
    row: PackageRow,
    key: SubjectKey,
    job: Pack,
    permits: Mapping[Category, Permit],
    refusals: Iterable[Refusal],
) -> Making:
    clauses = tuple(dict.fromkeys(c for permit in permits.values() for c in permit.clauses))
    receipt = desk.remember(line(desk, "package.begun", job.request, row.subject, clauses, len(permits)))
    held = _held(desk, row.subject, permits)
    found = gaps(desk, {category: permits[category] for category in held}, refusals)
    return Making(row, key, job.request, job.language, held, found, desk.now, receipt)


def _held(desk: Desk, subject: int, permits: Iterable[Category]) -> tuple[Category, ...]:
    """Return those categories of which anything is held."""
    there = {o.category for o in belongings.present(desk.unit, subject, desk.house.origins).values()}
    return tuple(category for category in permits if category in there)


def alive(desk: Desk, making: Making) -> None:
    """Say that a package is still being made; raises `PackageGone` when it need not be any more."""
    rows.put(desk.unit, _own(desk, making)._replace(busy_until=desk.now + SILENT))


def finish(desk: Desk, making: Making, size: int, digest: bytes) -> Package:
    """Note that a package was read back and is ready; `digest` is the SHA-256 of what was sealed.

    Raises `PackageGone` when its person was erased meanwhile, or another maker took it up.
    """
    row = _own(desk, making)
    keyed = digest_of(desk.house, digest)
    ready = row._replace(size=size, digest=keyed, state=READY, ends_at=desk.now + LASTS, busy_until=0)
    rows.put(desk.unit, ready)
    entry = line(desk, "package.made", making.request, row.subject, (), size)
    desk.remember(replace(entry, commitment=b64encode(keyed).decode("ascii")))
    return told(ready)


def digest_of(house: House, digest: bytes) -> bytes:
    """Return what the ledger and the row say of a package's bytes: a keyed hash of their SHA-256."""
    return house.keyring.branch("packages").digest("package", digest)


def _own(desk: Desk, making: Making) -> PackageRow:
    row = rows.one(desk.unit, making.row.package)
    desk.open_keys([(making.row.subject, PACKAGES)])
    key = desk.keys.get((making.row.subject, PACKAGES))
    if row is None or row.state != MAKING or key is None or key.commitment != making.key.commitment:
        raise PackageGone
    return row


def give_up(desk: Desk, making: Making) -> None:
    """Leave a package that could not be made to whoever takes it up next, at once."""
    row = rows.one(desk.unit, making.row.package)
    if row is not None and row.state == MAKING:
        rows.put(desk.unit, row._replace(busy_until=0))


def signed(house: House, text: str) -> bytes:
    """Return a text of ours signed with the ledger's key (C2SP signed-note)."""
    return sign_note(text, house.signer)
