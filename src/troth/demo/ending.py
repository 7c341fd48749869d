"""The late scenes: what time takes away, what a member is shown, and what is left of somebody erased."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from troth.clock import DAY, SECOND
from troth.custody.desk import Desk
from troth.custody.erasing import Gone
from troth.custody.publishing import export
from troth.demo import lives
from troth.demo.collecting import remember
from troth.demo.people import Person
from troth.demo.scan import Needle, Scan, exact, scan
from troth.demo.stage import (
    AGENT,
    ENGINEER,
    GUARD,
    Stage,
    attempt,
    because,
    clauses_of,
    day,
    moment,
    shown,
    timed,
)
from troth.errors import Refused
from troth.ledger.entry import Entry
from troth.rules.decision import staff
from troth.store import keystore, records

PUBLISHED = "ledger"  # where in the house's directory the story exports the ledger to
TAIL = 24  # bytes of a sealed record by which it is recognised in a file
LONG = 91 * DAY


def expiry_scene(stage: Stage) -> None:
    """Let 91 days pass: what has ended is unreadable at that instant, and gone after a sweep."""
    page, house, someone = stage.page, stage.house, stage.people[2]
    page.scene("91 days pass")
    context = house.purpose("service.upkeep", by=ENGINEER, case="E-6", reason="slow-page")

    def visits() -> Any:  # noqa: ANN401 - what a read gives
        return context.read(about=someone.reference, category="usage")

    before = len(visits().records)
    held = [exact("usage", tail) for tail in _tails(stage, someone, "usage")]
    there = len(scan(stage.directory, held).found)
    stage.clock.forward(LONG)
    refusal = attempt(visits)
    page.say(
        f"On {day(stage.clock() - LONG)} an engineer read {before} visits of {someone.name}. On "
        f"{day(stage.clock())}: {because(refusal)} ({stage.numbers(clauses_of(refusal))}). Nothing has run yet.",
        good=refusal is not None,
    )
    model = attempt(lambda: context.one(about=someone.reference, field="device.model"))
    guard = house.purpose("security.accounts", by=GUARD)
    device = guard.one(about=someone.reference, field="device.device_id").reveal()
    page.say(
        f"The device split in two by itself: its model is refused ({because(model)}), while its number "
        f"({shown(device)}) is left to security for a year, as {stage.number('keep.technical')} says.",
        good=model is not None,
    )
    swept, seconds = timed(house.sweep)
    after = scan(stage.directory, held)
    page.say(
        f"One sweep: {swept.expired:,} records physically removed in {seconds:.2f} s, {swept.expired / seconds:,.0f} "
        f"a second. Of {len(held)} sealed visits {there} stood in the files before, {len(after.names)} stand there now.",
        good=not after.found,
    )
    page.figure("expired", swept.expired)
    page.figure("expired_refused", isinstance(refusal, Refused) and refusal.codes == ("expired",))
    page.figure("expired_left", len(after.found))


def _tails(stage: Stage, person: Person, category: str = "") -> list[bytes]:
    """Return the last bytes of every sealed record of a person, of one category or of all."""

    def work(desk: Desk) -> list[bytes]:
        desk.find([person.reference])
        held = records.every(desk.unit, desk.people[person.reference], desk.house.origins)
        return [r.sealed[-TAIL:] for r in held if category in ("", r.origin.category)]

    return stage.house.teller.alone(work)


# ---- what a member sees


def ledger_scene(stage: Stage) -> None:
    """Show a member what the ledger says of her."""
    page, she = stage.page, stage.heroine
    rng = stage.crowd.rng
    for person in (she, stage.visitor):  # both come back, so that there is something of every class to erase
        for offer in (lives.visit(person, stage.clock(), rng), lives.device(person, rng)):
            remember(stage, offer)
            stage.house.collect_many([offer])
    entries = stage.house.entries(about=she.reference)
    page.scene(f"What {she.name} sees: who saw her, why, under which clause")
    telling = [
        (n, e) for n, e in entries if e.kind in _TELLING and (e.kind != "request.refused" or e.purpose)
    ]
    few = telling[-9:]
    page.table(("entry #", "when", "who", "what", "for", "clause"), [_told(stage, n, e) for n, e in few])
    refused = sum(entry.outcome == "refused" for _, entry in entries)
    page.say(
        f"... and {len(entries) - len(few)} more: {len(entries)} entries in all, {refused} of them refusals. They name "
        "fields, never values; she is in them by a name that only her own key can work out."
    )
    page.figure("timeline", len(entries))


_TELLING = frozenset({"record.used", "record.disclosed", "request.refused"})


def _told(stage: Stage, number: int, entry: Entry) -> tuple[str, ...]:
    kind, _, rest = entry.actor.partition(":")
    who = rest.partition(":")[0] if kind == "staff" else rest or kind
    to = f" to {entry.recipient.rpartition('.')[2]}" if entry.recipient else ""
    if entry.outcome == "refused":
        what = f"{entry.act} {entry.category}{to}: refused, {entry.reasons[0].partition(':')[0]}"
    else:
        what = f"{entry.act} {entry.category}{to}: {', '.join(entry.fields)}"
    return f"{number}", moment(entry.at), who, what, entry.purpose or "", stage.short(entry.clauses)


# ---- erasure


@dataclass(frozen=True, slots=True)
class _Traces:
    """What stands in the files of one person: wrapped keys by class, and sealed records."""

    subject: int
    keys: dict[str, Needle]
    sealed: list[Needle]


def erasure_scene(stage: Stage) -> None:
    """Erase two people; show the receipts; look for them in every byte that is left."""
    page, house, she, he = stage.page, stage.house, stage.heroine, stage.visitor
    page.scene("Two people are erased")
    hers, his = _traces(stage, she), _traces(stage, he)
    told = [needle for needles in stage.needles.values() for needle in needles]
    before = scan(stage.directory, [*told, *hers.keys.values(), *his.keys.values(), *his.sealed])
    house.leave(about=she.reference)
    stage.clock.forward(5 * SECOND)
    gone, seconds = timed(lambda: house.erase(about=she.reference))
    page.table(("", f"{she.name} leaves, and asks to be erased", "clause"), _fates(stage, gone))
    all_gone, more = timed(lambda: house.erase(about=he.reference))
    page.say(
        f"{he.name} never verified, traded or paid, so nothing of him is under a duty: {len(all_gone.erased)} classes, "
        f"{all_gone.records} records and {all_gone.files} file(s) erased in {more * 1000:.0f} ms (hers: {gone.records} and "
        f"{gone.files} in {seconds * 1000:.0f} ms). Receipts: entries {gone.done} and {all_gone.done}.",
        good=all_gone.whole,
    )
    _after(stage, gone)
    house.sweep()
    house.teller.alone(lambda desk: export(desk, stage.directory / PUBLISHED))
    after = scan(stage.directory, [*told, *hers.keys.values(), *his.keys.values(), *his.sealed])
    _compare(stage, gone, (hers, his), (before, after))


def _traces(stage: Stage, person: Person) -> _Traces:
    def work(desk: Desk) -> _Traces:
        desk.find([person.reference])
        subject = desk.people[person.reference]
        with keystore.looking(desk.house.filing) as looking:
            keys = {
                k: exact(f"key {subject} {k}", row[1]) for k, row in keystore.of(looking, subject).items()
            }
        return _Traces(subject, keys, [])

    found = stage.house.teller.alone(work)
    found.sealed.extend(exact(f"sealed {n}", tail) for n, tail in enumerate(_tails(stage, person)))
    return found


def _fates(stage: Stage, gone: Gone) -> list[tuple[str, str, str]]:
    book = stage.house.teller.house.book
    clauses = tuple(book.keep(kept)[0] for kept in gone.erased)
    goes = [("erased now", ", ".join(gone.erased), stage.short(clauses))]
    return goes + [
        (
            f"kept until {day(stay.until)}",
            f"{stay.kept}: {stay.why.removeprefix('duty: ')}",
            stage.short((stay.clause,)),
        )
        for stay in gone.stays
    ]


def _after(stage: Stage, gone: Gone) -> None:
    """Read again: what is erased is gone, what a duty keeps serves that duty alone."""
    page, house, she = stage.page, stage.house, stage.heroine.reference
    agent = house.purpose("support.reply", by=AGENT, case="C-1017")
    books = house.purpose("legal.bookkeeping", by=staff("b.lund", "bookkeeper"), reason="annual-accounts")
    talk = agent.read(about=she, category="support").records
    kept = books.read(about=she, category="transactions").records
    his = attempt(lambda: agent.read(about=stage.visitor.reference, category="account"))
    page.say(
        f"Support finds {len(talk)} of her conversations; the bookkeeper still finds {len(kept)} transaction(s), as the "
        f"law demands. Of him: {because(his)}.",
        good=not talk and bool(kept) and his is not None,
    )
    page.figure("kept_classes", len(gone.stays))
    page.figure("erased_read_refused", his is not None)


def _compare(stage: Stage, gone: Gone, traces: tuple[_Traces, _Traces], scans: tuple[Scan, Scan]) -> None:
    """Say what stood in the files before, and what stands in them now."""
    page, (hers, his), (before, after) = stage.page, traces, scans
    dead = [hers.keys[kept] for kept in gone.erased if kept in hers.keys] + list(his.keys.values())
    alive = [hers.keys[stay.kept] for stay in gone.stays if stay.kept in hers.keys]

    def count(needles: Sequence[Needle], found: Scan) -> str:
        return f"{sum(needle.name in found.names for needle in needles)} of {len(needles)}"

    told = {n.name for needles in stage.needles.values() for n in needles}
    rows = [
        (
            "what they told, in 6 forms each",
            f"{len(told & before.names)} of {len(told)}",
            f"{len(told & after.names)} of {len(told)}",
        ),
        ("wrapped keys, of what is erased", count(dead, before), count(dead, after)),
        ("wrapped keys, of what the law keeps", count(alive, before), count(alive, after)),
        ("his sealed records", count(his.sealed, before), count(his.sealed, after)),
    ]
    page.say(
        f"Every byte of {after.files} files ({after.size / 1e6:.1f} MB: databases, logs, blobs, published ledger), for {after.needles} needles:"
    )
    page.table(("found in the files", "before #", "after #"), rows)
    left = {n.name for n in (*dead, *his.sealed)} & after.names | told & after.names
    page.say(_control(stage), good=True)
    page.figure("scan_found_of_erased", len(left))
    page.figure("scan_keys_before", sum(n.name in before.names for n in dead))
    page.figure("scan_keys_after", sum(n.name in after.names for n in dead))
    page.figure("scan_files", after.files)


def _control(stage: Stage) -> str:
    """Prove that the scan can find: leak one value into a file of its own, in each form."""
    needles = next(iter(stage.needles.values()))[:6]
    with TemporaryDirectory() as folder:
        Path(folder, "leak.bin").write_bytes(b"\x00..".join(needle.content for needle in needles))
        found = scan(Path(folder), needles)
    return f"The same scan over a file into which one value was leaked on purpose finds it in {len(found.found)} of {len(needles)} forms."
