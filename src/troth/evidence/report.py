"""Verify: run every check against the live house, give each clause its word, and sign the report."""

from dataclasses import asdict, dataclass
from hashlib import sha256

from troth import canonical
from troth.canonical import Plain
from troth.clock import Instant, instant, iso
from troth.custody.desk import Desk
from troth.custody.endings.anonymising import is_counted, wait
from troth.custody.endings.expiring import spare
from troth.custody.publishing import damage, entry_of, full_tiles, publish
from troth.errors import LeafDamaged, SealBroken, TrothError
from troth.evidence import days, demands, tried
from troth.evidence.casework import seen
from troth.evidence.checks import Held, Sight, check_clause
from troth.evidence.choosing import chosen_times
from troth.evidence.figures import Quarter
from troth.evidence.history import Reader
from troth.evidence.holding import held_back
from troth.evidence.status import CheckResult, ClauseStatus, Status, worst
from troth.evidence.timelines import Timelines
from troth.ledger.checkpoint import Checkpoint, advance, sign_note
from troth.ledger.tree import Tree, leaf_hash
from troth.store import entries, erasures, expiry, graces, keystore, records, registry, tallies
from troth.teller import Teller
from troth.terms.agreement import Inform
from troth.terms.vocabulary import RetentionClass
from troth.vault.files import write_secret
from troth.vault.keyring import looks_sealed

SAMPLE = 1_000  # records looked at per origin
_LAST = "evidence.last"


@dataclass(frozen=True, slots=True)
class Report:
    """The status of every clause at one instant, against one signed state of the ledger."""

    agreement: str
    version: int
    hash: str
    at: Instant
    checkpoint: Checkpoint
    clauses: tuple[ClauseStatus, ...]
    ledger_fault: str = ""  # what is wrong with the ledger that the checks read; then nothing is kept
    kinds: tuple[tuple[str, int], ...] = ()  # how often each kind of thing was done, as the ledger tells
    quarters: tuple[Quarter, ...] = ()  # what is told in public of that

    def count(self, status: Status) -> int:
        """Return how many clauses stand so."""
        return sum(clause.status is status for clause in self.clauses)

    def plain(self) -> dict[str, object]:
        """Return the report as plain values, for JSON."""
        return {
            "agreement": self.agreement,
            "version": self.version,
            "hash": self.hash,
            "at": iso(self.at),
            "ledger_size": self.checkpoint.size,
            "ledger_root": self.checkpoint.root.hex(),
            "ledger_fault": self.ledger_fault or None,
            "clauses": [
                {
                    "clause": c.clause,
                    "number": c.number,
                    "title": c.title,
                    "status": c.status.value if c.status else None,
                    "since": iso(c.since),
                    "checks": [_plain(check) for check in c.checks],
                }
                for c in self.clauses
            ],
        }


def _plain(check: CheckResult) -> dict[str, object]:
    return {**asdict(check), "status": check.status.value}


def verify(teller: Teller) -> Report:
    """Run all checks in one transaction, sign the ledger and the report, and return it.

    The report is written beside the house's checkpoint as `evidence.json`, with `evidence.note`: a
    signed note over its SHA-256, which a page can show and a reader can verify. The house answers
    nothing else while the ledger is read; about ten seconds a million entries.
    """
    return teller.alone(_verified)


def _verified(desk: Desk) -> Report:
    sight = _look(desk)
    agreement = desk.house.book.agreement
    before = canonical.decode((registry.setting(desk.unit, _LAST) or "{}").encode())
    clauses = []
    for clause in agreement.clauses:
        checks = check_clause(clause.id, clause.rules, sight)
        promises = any(not isinstance(rule, Inform) for rule in clause.rules)
        status = worst(checks) if promises else None
        word = status.value if status else ""
        since = before.get(clause.id)
        start = _since(since[1]) if since and since[0] == word else desk.now
        clauses.append(ClauseStatus(clause.id, clause.number, clause.title, status, start, checks))
    last: dict[str, Plain] = {c.clause: [c.status.value if c.status else "", iso(c.since)] for c in clauses}
    registry.set_setting(desk.unit, _LAST, canonical.encode(last).decode())
    days.note(desk, clauses)
    checkpoint = publish(desk)
    report = Report(
        agreement.name,
        agreement.version,
        agreement.hash,
        desk.now,
        checkpoint,
        tuple(clauses),
        sight.ledger_fault,
        tuple(sorted(sight.history.kinds.items())),
        sight.history.figures.quarters(desk.now),
    )
    _write(desk, report)
    return report


def _since(kept: str | int) -> Instant:
    """Return an instant as it is kept: text; a number in houses of before, which ends in the year 2255."""
    return instant(kept) if isinstance(kept, str) else kept


def _write(desk: Desk, report: Report) -> None:
    house = desk.house
    body = canonical.encode(report.plain())  # type: ignore[arg-type]
    digest = sha256(body).hexdigest()
    text = f"{house.signer.name}/evidence\n{digest}\n{iso(report.at)}\n"
    write_secret(house.directory / "evidence.json", body, replace=True)
    write_secret(house.directory / "evidence.note", sign_note(text, house.signer), replace=True)


# ---- looking


def _look(desk: Desk) -> Sight:
    house, unit = desk.house, desk.unit
    house.origins.load(unit)
    reader, timelines = Reader(house.book, house.place), Timelines(desk)
    fault = _read(desk, reader, timelines)
    with keystore.looking(house.filing) as looking:
        newest = keystore.newest_copy(looking)
        copied, epochs = newest[2] if newest else 0, len(keystore.all_epochs(looking))
    return Sight(
        house=house,
        now=desk.now,
        history=reader.found,
        held=_held(desk),
        overdue=_overdue(desk),
        held_back=held_back(desk, reader.found),
        chosen=chosen_times(desk),
        demanded=demands.look(desk, reader.found.demands),
        cases=seen(desk, reader.found.cases, reader.found.restricted),
        under_way=len(erasures.begun(unit)),
        checkpoint_at=entries.last_signed_at(unit),
        ledger_fault=fault,
        probes=tried.read(desk),
        copied=copied,
        epochs=epochs,
        tallies=tuple(tallies.every(unit)),
        timelines=([], 0) if fault else timelines.compare(desk),
    )


def _read(desk: Desk, reader: Reader, timelines: Timelines) -> str:
    """Read the whole ledger, and return the first thing that is wrong with it; empty when nothing is."""
    house, unit = desk.house, desk.unit
    tree, pending, fault = Tree(), list[bytes](), ""
    for number, leaf in entries.found(unit, 0, unit.size):
        if leaf is None:
            fault = fault or LeafDamaged(entry=number, reason=entries.NO_BYTES).message
            continue
        try:
            entry = entry_of(number, leaf)
            reader.read([(number, entry)])
            timelines.see(number, entry.subject)
        except TrothError as problem:
            fault = fault or problem.message
        pending.append(leaf_hash(leaf))
        if len(pending) == 4096:
            tree, pending = tree.extend(pending)[0], []
    if fault:
        return fault
    tree, _ = tree.extend(pending)
    try:
        if tree.root() != house.tree.root():
            damaged = damage(house, unit)
            return damaged.message if damaged else "the leaves do not make the root of the tree"
        if house.published is not None:
            advance(house.published, house.tree, full_tiles(unit), by=house.signer)
    except TrothError as problem:
        return problem.message
    return ""


def _held(desk: Desk) -> tuple[Held, ...]:
    found = []
    leaving = {row[1] for row in erasures.begun(desk.unit)} | set(graces.subjects(desk.unit))
    for number, origin in sorted(desk.house.origins.by_number.items()):
        count, first, last = records.tally(desk.unit, number, desk.house.origins)
        if count:
            sample = records.sample(desk.unit, number, SAMPLE, desk.house.origins)
            malformed = sum(not looks_sealed(sealed) for _, sealed in sample)
            people = {(subject, origin.kept) for subject, _ in sample if subject not in leaving}
            with keystore.looking(desk.house.filing) as looking:
                lost = len(people) - len(keystore.find(looking, people))
            found.append(
                Held(
                    origin.clause,
                    origin.category,
                    origin.kept,
                    origin.version,
                    count,
                    malformed,
                    lost,
                    first,
                    last,
                )
            )
    return tuple(found)


def _overdue(desk: Desk) -> dict[RetentionClass, Instant]:
    found: dict[RetentionClass, Instant] = {}
    for number, oldest in expiry.overdue(desk.unit, desk.now, spare(desk)):
        if number not in desk.house.origins.by_number:
            raise SealBroken
        origin = desk.house.origins.by_number[number]
        kept = origin.kept
        if is_counted(desk, origin) and oldest + wait(desk, kept) > desk.now:
            continue  # it waits for others, to be counted together
        found[kept] = min(found.get(kept, oldest), oldest)
    return found
