"""Back up: a verified copy of a house, data and keys in two places, and old copies of keys closed by it."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from secrets import token_hex
from shutil import rmtree

from troth.assembling import HOUSE_KEY
from troth.clock import iso
from troth.custody.copies.backing import (
    Draft,
    Sink,
    apart,
    copies_in,
    epochs_in,
    keep_epochs,
    prune,
    turn,
    usable,
)
from troth.custody.copies.manifests import BLOBS, Manifest, Table
from troth.custody.copies.reading_back import (
    BLOB_LIST,
    Keys,
    blobs_of,
    check_files,
    check_keys,
    digest_of,
    rows_in,
    secrets_in,
)
from troth.custody.copies.rotating import over, retire
from troth.custody.desk import Desk
from troth.custody.keymaking import adopt_epochs
from troth.custody.publishing import publish_everywhere
from troth.custody.serving import in_unit
from troth.errors import BadArgument
from troth.gates.systems.gathering import SYSTEMS
from troth.house import House
from troth.ledger.entry import Entry
from troth.settings import read_settings, written
from troth.store import entries, files, keystore, registry
from troth.store.copying import Snapshot, columns, snapshots, tables
from troth.store.databases import Which
from troth.store.migrate import HEAD
from troth.teller import Teller

KEPT = 2
_BLOCK = 1 << 20
Progress = Callable[[int], object]


@dataclass(frozen=True, slots=True)
class Backup:
    """What a backup came to. `verified`: every file was read back, and every key row of it opened."""

    copy: str
    content: Path
    keys: Path
    at: str
    entries: int  # of the ledger
    epoch: int
    bytes: int
    files: int  # sealed pictures and files
    missing: int  # of those that the house lost: rows tell of them, and no file is there
    broken: tuple[tuple[int, str], ...]  # keys that do not open: person's number, retention class
    retired: tuple[int, ...]  # epochs whose keys were destroyed: older copies of keys are closed for good
    pruned: tuple[str, ...]  # older copies that were removed

    @property
    def verified(self) -> bool:
        """Whether all that the house has is in it and opens."""
        return not (self.broken or self.missing)


@dataclass(frozen=True, slots=True)
class Outlook:
    """What a backup would copy, and which older copies it would remove."""

    entries: int
    people: int
    files: int
    epoch: int
    pruned: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Instant:
    """What was true when the copy was taken."""

    at: str
    size: int
    root: bytes
    note: str  # the signed checkpoint
    epoch: int
    epochs: dict[int, bytes]


def preview(teller: Teller, *, content: Path, keys: Path, keep: int = KEPT, keep_content: int = 0) -> Outlook:
    """Return what a backup would do; nothing is done. Raises `PlacesOverlap` and `BadArgument`."""
    _judge(teller.house, content, keys, keep, keep_content)
    count, people, known = teller.alone(
        lambda desk: (desk.unit.size, registry.count(desk.unit), len(files.known(desk.unit)))
    )
    epoch = teller.house.keyring.current_epoch
    old = [folder.name for folder, _ in copies_in(keys)]
    gone = old[: max(0, len(old) + 1 - keep)]
    gone += (
        [folder.name for folder, _ in copies_in(content)][: -keep_content + 1 or None] if keep_content else []
    )
    return Outlook(count, people, known, epoch, tuple(dict.fromkeys(gone)))


def back_up(
    teller: Teller,
    *,
    content: Path,
    keys: Path,
    keep: int = KEPT,
    keep_content: int = 0,
    progress: Progress = lambda _: None,
) -> Backup:
    """Copy a house into two places, read both copies back, and close older copies of keys.

    `keep` copies of keys stay, and none of an epoch before the last two; `keep_content` of data, 0 for all.
    `progress` is told the bytes read back so far. On SQLite everything waits while rows are copied.

    Raises `PlacesOverlap`, `PlaceTaken`, `NoRoom`, `FileUnusable`, `RowBroken`, `CopyBroken`, and what
    publishing raises; then nothing of the copy is left.
    """
    house = teller.house
    _judge(house, content, keys, keep, keep_content)
    with turn(content, house.signer.name), turn(keys, house.signer.name):
        now = iso(house.clock())
        name = f"{''.join(c for c in now[:19] if c.isalnum()).lower()}z-{token_hex(4)}"
        previous = copies_in(content)
        with _drafts(content, keys, name) as (ours, theirs):
            moment = _copy_tables(teller, ours, theirs)
            missing = _copy_files(teller, ours, previous[-1][0] if previous else None)
            _write_beside(house, ours, moment)
            made = _signed(house, ours, "data", moment), _signed(house, theirs, "keys", moment)
            with usable(keys):
                keep_epochs(keys, moment.epochs)
            done = _read_back(house, (ours, theirs), made, keys, progress)
            places = ours.place(), theirs.place()
        said = made[1]
        whole = not (done.broken or missing)
        retired = _register(teller, said, done, keys) if whole else ()
        spared = said.copy if whole else teller.chore(_last_whole)  # there has to be one to go back to
        pruned = prune(keys, keep, places[1].name, since=said.epoch - 1, spared=spared)
        pruned += prune(content, keep_content, places[0].name, spared=spared) if keep_content else []
        sizes = [size for draft in (ours, theirs) for size, _ in draft.digests.values()]
        blobs = list(blobs_of(places[0]))
        return Backup(
            said.copy, *places, said.at, said.size, said.epoch, sum(sizes) + sum(s for _, (s, _) in blobs),
            len(blobs), missing, done.broken, retired, tuple(dict.fromkeys(pruned)),
        )  # fmt: skip


def _judge(house: House, content: Path, keys: Path, keep: int, keep_content: int) -> None:
    apart(house.directory, content, keys)
    if type(keep) is not int or keep < 1:
        raise BadArgument(name="keep", wanted="a whole number from 1 on")
    if type(keep_content) is not int or keep_content < 0:
        raise BadArgument(name="keep_content", wanted="a whole number from 0 on")


@contextmanager
def _drafts(content: Path, keys: Path, name: str) -> Iterator[tuple[Draft, Draft]]:
    """Give the folders of two copies; nothing is left of them when they do not come to be."""
    made = list[Draft]()
    try:
        for place in (content, keys):
            with usable(place):
                made.append(Draft(place, name))
        with usable(content):
            yield made[0], made[1]
    finally:
        for draft in made:
            rmtree(draft.folder, ignore_errors=True)


def _copy_tables(teller: Teller, ours: Draft, theirs: Draft) -> _Instant:
    """Write every row of both databases, as they are at one instant at which nobody writes."""

    def work(house: House) -> _Instant:
        with house.filing.alone():
            moment = _moment(house)
            pair = held.enter_context(snapshots(house.filing))
            for snapshot in pair:
                if house.filing.sqlite:
                    _write_tables(snapshot, ours, theirs)
                else:
                    waiting.append(snapshot)
        return moment

    waiting = list[Snapshot]()
    with ExitStack() as held:
        moment: _Instant = teller.chore(work)
        for snapshot in waiting:  # on PostgreSQL others go on meanwhile
            _write_tables(snapshot, ours, theirs)
    return moment


def _moment(house: House) -> _Instant:
    def work(desk: Desk) -> tuple[str, str]:
        publish_everywhere(desk)
        note = entries.last_checkpoint(desk.unit)
        return iso(desk.now), str(note[1]) if note else ""

    at, note = in_unit(house, work)
    epochs, tree = _epochs(house), house.tree
    return _Instant(at, tree.size, tree.root(), note, house.keyring.current_epoch, epochs)


def _epochs(house: House) -> dict[int, bytes]:
    """Return the wrapped keys of all epochs that the keystore has, and hold them."""
    with keystore.looking(house.filing) as looking:
        adopt_epochs(house, looking)
        return {int(number): bytes(wrapped) for number, wrapped in keystore.all_epochs(looking)}


def _write_tables(snapshot: Snapshot, ours: Draft, theirs: Draft) -> None:
    draft = ours if snapshot.which == "store" else theirs
    for table in tables(snapshot.which):
        draft.write(f"{table}.rows", lambda sink, table=table: snapshot.copy(table, sink))  # type: ignore[misc]


def _copy_files(teller: Teller, draft: Draft, previous: Path | None) -> int:
    """Copy the sealed files that the copied rows name; return how many of them the house has lost.

    One that the previous copy has as well is linked to it: they never change. So a file that the house has
    lost since is in this copy, too; and is told all the same.
    """
    house = teller.house
    before = dict(blobs_of(previous)) if previous and (previous / BLOB_LIST).is_file() else {}
    lines, absent = [], []
    column = columns("store", "blobs")[0].index("blob")
    said = _manifest(house, draft, "data", None)
    for row in rows_in(draft.folder, said, "blobs"):
        name = str(row[column])
        found = _linked(draft, previous, name, before[name]) if previous and name in before else None
        found = found or _copied(house, draft, name)
        if found is None or not house.blobs.sealed(name).exists():
            absent.append(name)
        if found is not None:
            lines.append(f"{found[1]} {found[0]} {name}\n")
    draft.write(BLOB_LIST, lambda sink: sink("".join(sorted(lines)).encode("ascii")))
    if not absent:
        return 0
    known = teller.alone(lambda desk: files.known(desk.unit))
    return sum(name in known for name in absent)  # the others were erased meanwhile


def _linked(draft: Draft, previous: Path, name: str, listed: tuple[int, str]) -> tuple[int, str] | None:
    there, here = (folder / BLOBS / name[:2] / name for folder in (previous, draft.folder))
    try:
        if digest_of(there) != listed:
            return None
        here.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        here.hardlink_to(there)
    except OSError:  # it is gone, or this disk has no links
        return None
    return listed


def _copied(house: House, draft: Draft, name: str) -> tuple[int, str] | None:
    path = f"{BLOBS}/{name[:2]}/{name}"
    try:
        with house.blobs.sealed(name).open("rb") as file:

            def fill(sink: Sink) -> None:
                while block := file.read(_BLOCK):
                    sink(block)

            draft.write(path, fill)
    except FileNotFoundError:
        return None
    return draft.digests.pop(path)


def _write_beside(house: House, draft: Draft, moment: _Instant) -> None:
    """Write what a reader of the copy needs: settings without addresses, agreements, the ledger's state."""
    settings = replace(read_settings(house.directory), store="sqlite", keystore="")
    said = {
        "troth.toml": written(settings),
        "checkpoint": moment.note,
        "log.vkey": house.signer.verifier.vkey + "\n",
        **{f"agreement-{v}.md": book.agreement.source for v, book in house.books.items()},
    }
    declared = house.directory / SYSTEMS
    if declared.is_file():
        said[SYSTEMS] = declared.read_text("utf-8")
    for name, content in said.items():
        draft.write(name, lambda sink, content=content: sink(content.encode("utf-8")))  # type: ignore[misc]


def _manifest(house: House, draft: Draft, kind: str, moment: _Instant | None) -> Manifest:
    which: Which = "store" if kind == "data" else "keystore"
    listed = {name: Table(*map(tuple, columns(which, name))) for name in tables(which)}
    at, size, root, epoch = (moment.at, moment.size, moment.root, moment.epoch) if moment else ("", 0, b"", 0)
    copy = draft.folder.name.rpartition("-")[2]
    return Manifest(
        kind, copy, house.signer.name, at, size, root.hex(), epoch, HEAD[which],
        house.book.agreement.hash, listed, dict(draft.digests),
    )  # fmt: skip


def _signed(house: House, draft: Draft, kind: str, moment: _Instant) -> Manifest:
    manifest = _manifest(house, draft, kind, moment)
    draft.sign(manifest, house.signer)
    return manifest


def _read_back(
    house: House,
    drafts: tuple[Draft, Draft],
    made: tuple[Manifest, Manifest],
    place: Path,
    progress: Progress,
) -> Keys:
    """Read both copies in full, and open every key with what lies beside the copies alone."""
    for draft, manifest in zip(drafts, made, strict=True):
        check_files(draft.folder, manifest, progress)
    kept = secrets_in(drafts[1].folder, made[1])
    keyring = house.keyring.beside(kept[HOUSE_KEY], epochs_in(place))
    return check_keys(drafts[1].folder, made[1], keyring)


def _last_whole(house: House) -> str:
    """Return the copy that was verified last, as copies call themselves; empty when none was."""
    with keystore.looking(house.filing) as looking:
        return keystore.last_copy(looking).hex()[:8]


def _register(teller: Teller, said: Manifest, found: Keys, place: Path) -> tuple[int, ...]:
    """Note a verified copy, and destroy the keys of epochs that nothing needs: beside the copies first."""

    def note(desk: Desk) -> None:
        with keystore.keeping(desk.house.filing) as keeping:
            copy = bytes.fromhex(said.copy).ljust(16, b"\0")
            keystore.add_copy(keeping, copy, said.epoch, found.oldest or said.epoch, desk.now)
        book = desk.house.book
        desk.remember(
            Entry(
                at=desk.now,
                kind="copy.verified",
                actor="time",
                act="copy",
                outcome="done",
                clauses=book.measured("restore"),
                agreement=book.agreement.version,
                count=found.count,
            )
        )

    teller.alone(note)
    gone = teller.chore(over)
    live = teller.chore(_epochs)
    with usable(place):
        keep_epochs(place, {number: wrapped for number, wrapped in live.items() if number not in gone})
    retired: tuple[int, ...] = teller.chore(retire)
    return retired
