"""The ledger by itself: growing, proving, and being verified offline by somebody else."""

from dataclasses import replace
from functools import partial
from pathlib import Path
from statistics import median
from time import perf_counter

from troth import library
from troth.bench.measure import scattered
from troth.bench.report import Part, Table, duration
from troth.bench.scene import Scene
from troth.custody import publishing
from troth.custody.desk import Desk
from troth.ledger import entry as ledger
from troth.ledger.audit import audit
from troth.ledger.entry import Entry
from troth.ledger.proof import verify_proof
from troth.ledger.tree import EMPTY, leaf_hash

CHUNK = 5_000
_LIKE = Entry(
    at=0,
    kind="data.used",
    actor="program:portal",
    act="use",
    outcome="permitted",
    subject="AAAAAAAAAAAAAAAAAAAAAA",
    category="account",
    fields=("email", "phone", "username"),
    purpose="service.account",
    clauses=("use.account",),
    agreement=1,
)


def remembering(scene: Scene) -> Part:
    """Measure appending, proving and verifying."""
    total = scene.sizes.leaves
    part = Part(
        f"The ledger, {total:,} entries",
        "Entries like those of a read (about 250 bytes). There is neither baseline nor target.",
    )
    scene.say(f"ledger: {total:,} entries")
    with scene.pair() as pair:
        rows = [("encode and hash one leaf, grow the tree by it", *_each(*_in_memory(min(total, 100_000))))]
        start = perf_counter()
        _through_the_store(pair.house, total)
        rows.append(
            (f"append through the store, {CHUNK:,} a transaction", *_each(total, perf_counter() - start))
        )
        scene.say("ledger: proving, exporting, verifying")
        checkpoint = pair.house.checkpoint()
        verifier = pair.house.teller.house.signer.verifier
        took, checked = [], []
        for n in range(200):
            number = scattered(n, checkpoint.size)
            start = perf_counter()
            proof, leaf = pair.house.teller.alone(partial(publishing.proof_of, number=number))
            took.append(perf_counter() - start)
            start = perf_counter()
            verify_proof(proof, leaf, verifier)
            checked.append(perf_counter() - start)
        rows.append(("prove one entry (from the store)", *_each(1, median(took))))
        rows.append(("verify one proof (signature and path)", *_each(1, median(checked))))
        published = pair.directory / "published"
        start = perf_counter()
        pair.house.teller.alone(lambda desk: publishing.export(desk, published))
        rows.append(("export all as tlog-tiles", *_each(checkpoint.size, perf_counter() - start)))
        start = perf_counter()
        audit(published, vkey=verifier.vkey)
        spent = perf_counter() - start
        rows.append(("verify all offline: entries, tiles, root, signature", *_each(checkpoint.size, spent)))
        size = sum(file.stat().st_size for file in published.rglob("*") if file.is_file())
        part.notes.append(
            f"All of it was verified offline in {duration(spent)}; published it is"
            f" {size / checkpoint.size:,.0f} bytes an entry in {_files(published):,} files."
        )
    part.tables.append(Table("Each", ("what", "a second", "each"), rows))
    return part


def _files(directory: Path) -> int:
    return sum(1 for file in directory.rglob("*") if file.is_file())


def _each(count: int, seconds: float) -> tuple[str, str]:
    return f"{count / seconds:,.0f}", duration(seconds / count)


def _in_memory(count: int) -> tuple[int, float]:
    entries = [replace(_LIKE, at=n) for n in range(count)]
    start = perf_counter()
    tree = EMPTY
    for entry in entries:
        tree, _ = tree.extend((leaf_hash(ledger.encode(entry)),))
    return count, perf_counter() - start


def _through_the_store(house: library.Troth, count: int) -> None:
    def some(desk: Desk, number: int) -> None:
        entry = replace(_LIKE, at=desk.now)
        for _ in range(number):
            desk.remember(entry)

    for start in range(0, count, CHUNK):
        number = min(CHUNK, count - start)
        house.teller.alone(partial(some, number=number))
