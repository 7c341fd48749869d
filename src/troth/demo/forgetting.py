"""Two people are erased, and looked for in every byte that is left."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from troth.clock import SECOND
from troth.custody.desk import Desk
from troth.custody.endings.erasing import Gone
from troth.custody.publishing import export
from troth.demo.ending import tails
from troth.demo.people import Person
from troth.demo.scan import Needle, Scan, exact, scan
from troth.demo.stage import AGENT, Stage, attempt, because, day, timed
from troth.rules.decision import staff
from troth.store import keystore

PUBLISHED = "ledger"  # where in the house's directory the story exports the ledger to


@dataclass(frozen=True, slots=True)
class _Traces:
    """What stands in the files of one person: wrapped keys by class, and sealed records."""

    keys: dict[str, Needle]
    sealed: list[Needle]


def erasure_scene(stage: Stage) -> None:
    """Erase two people; show the receipts; look for them in every byte that is left."""
    page, house, she, he = stage.page, stage.house, stage.heroine, stage.visitor
    page.scene("Two people are erased")
    hers, his = _traces(stage, she), _traces(stage, he)
    told = [needle for needles in stage.needles.values() for needle in needles]
    needles = [*told, *hers.keys.values(), *his.keys.values(), *his.sealed]
    before = scan(stage.directory, needles)
    house.leave(about=she.reference)
    stage.clock.forward(5 * SECOND)
    gone, seconds = timed(lambda: house.erase(about=she.reference))
    page.table(("", f"{she.name} leaves, and asks to be erased"), _fates(stage, gone))
    all_gone, more = timed(lambda: house.erase(about=he.reference))
    page.say(
        f"{he.name} never verified, traded or paid, so nothing of him is under a duty: all "
        f"{all_gone.records} "
        f"records and {all_gone.files} file(s) gone in {more * 1000:.0f} ms (of hers {gone.records} "
        f"and {gone.files}, "
        f"in {seconds * 1000:.0f} ms). Receipts: entries {gone.done} and {all_gone.done}.",
        good=all_gone.whole,
    )
    _read_again(stage)
    house.sweep(vacuum=True)
    house.teller.alone(lambda desk: export(desk, stage.directory / PUBLISHED))
    _compare(stage, gone, (hers, his), (before, scan(stage.directory, needles)))
    page.figure("kept_classes", len(gone.stays))
    page.figure("erased_whole", all_gone.whole)


def _traces(stage: Stage, person: Person) -> _Traces:
    def work(desk: Desk) -> dict[str, Needle]:
        desk.find([person.reference])
        subject = desk.people[person.reference]
        with keystore.looking(desk.house.filing) as looking:
            rows = keystore.of(looking, subject).items()
        return {kept: exact(f"{person.reference} key {kept}", wrapped) for kept, (_, wrapped, _) in rows}

    sealed = enumerate(tails(stage, person))
    keys = stage.house.teller.alone(work)
    return _Traces(keys, [exact(f"{person.reference} sealed {n}", tail) for n, tail in sealed])


def _fates(stage: Stage, gone: Gone) -> list[tuple[str, str]]:
    """Return what became of each retention class, with the number of the clause that says so."""
    book = stage.house.teller.house.book
    erased = ", ".join(f"{kept} ({stage.short((book.keep(kept)[0],))})" for kept in gone.erased)
    return [("erased now", erased)] + [
        (
            f"kept until {day(stay.until)}",
            f"{stay.kept} ({stage.short((stay.clause,))}): {stay.why.removeprefix('duty: ')}",
        )
        for stay in gone.stays
    ]


def _read_again(stage: Stage) -> None:
    """Read again: what is erased is gone, what a duty keeps serves that duty alone."""
    page, house, she = stage.page, stage.house, stage.heroine.reference
    agent = house.purpose("support.reply", by=AGENT, case="C-1017")
    books = house.purpose("legal.bookkeeping", by=staff("b.lund", "bookkeeper"), reason="annual-accounts")
    talk = agent.read(about=she, category="support").records
    kept = books.read(about=she, category="transactions").records
    his = attempt(lambda: agent.read(about=stage.visitor.reference, category="account"))
    page.say(
        f"Support finds {len(talk)} of her conversations; the bookkeeper still finds {len(kept)} "
        "transaction(s), as "
        f"the law demands. Of him: {because(his)}.",
        good=not talk and bool(kept) and his is not None,
    )
    page.figure("erased_read_refused", his is not None)


def _compare(stage: Stage, gone: Gone, traces: tuple[_Traces, _Traces], scans: tuple[Scan, Scan]) -> None:
    """Say what stood in the files before, and what stands in them now."""
    page, (hers, his), (before, after) = stage.page, traces, scans
    dead = [hers.keys[kept] for kept in gone.erased if kept in hers.keys] + list(his.keys.values())
    alive = [hers.keys[stay.kept] for stay in gone.stays if stay.kept in hers.keys]
    told = [needle for needles in stage.needles.values() for needle in needles]

    def row(what: str, needles: Sequence[Needle]) -> tuple[str, str, str]:
        names = {needle.name for needle in needles}
        then, now = (f"{len(names & found.names)} of {len(names)}" for found in (before, after))
        return what, then, now

    page.say(
        f"Every byte of {after.files} files is read ({after.size / 1e6:.1f} MB: databases, their logs, "
        "blobs, the "
        f"published ledger), for {after.needles} needles:"
    )
    rows = (
        row("values that the two told, each in 6 forms", told),
        row("wrapped keys of what is erased", dead),
        row("wrapped keys of what the law keeps", alive),
        row("his sealed records", his.sealed),
    )
    page.table(("found in the files", "before #", "after #"), rows)
    forms, found = _control(stage)
    page.say(
        "The same scan, over a file into which one of the values was leaked on purpose, finds it in "
        f"{found} of "
        f"{forms} forms.",
        good=forms == found,
    )
    left = {needle.name for needle in (*told, *dead, *his.sealed)} & after.names
    page.figure("scan_found_of_erased", len(left))
    page.figure("scan_keys_before", sum(needle.name in before.names for needle in dead))
    page.figure("scan_keys_after", sum(needle.name in after.names for needle in dead))
    page.figure("scan_control", found)


def _control(stage: Stage) -> tuple[int, int]:
    """Leak one value in all its forms, to show that the scan can find; return (forms, found)."""
    needles = stage.needles[stage.visitor.reference]
    leaked = [needle for needle in needles if needle.name == needles[0].name]
    with TemporaryDirectory() as folder:
        Path(folder, "leak.bin").write_bytes(b"\x00..".join(needle.content for needle in leaked))
        return len(leaked), len(scan(Path(folder), leaked).found)
