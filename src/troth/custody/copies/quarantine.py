"""Quarantine: what is done in a house between its copy and its opening, when only a restore may have it."""

from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import BinaryIO

from troth.custody.copies import replaying_graces
from troth.custody.copies.manifests import BLOBS, Manifest
from troth.custody.copies.reading_back import blobs_of, must_be
from troth.custody.copies.replaying import CHUNK, Replay, finish_begun, forget_keyless, named_in, replay
from troth.custody.desk import Desk
from troth.custody.endings import expiring
from troth.custody.endings.anonymising import RESTORED_AT
from troth.custody.endings.leaving import end
from troth.custody.keymaking import DUTIES, SELF
from troth.custody.publishing import catch_up, damage, published_file
from troth.custody.serving import in_unit
from troth.errors import Broken, CopyBroken, NotErased
from troth.house import House
from troth.ledger import entry as ledger
from troth.ledger.checkpoint import Checkpoint, verify_continues
from troth.ledger.entry import Entry
from troth.ledger.tiles import Published
from troth.ledger.tree import leaf_hash
from troth.rules.record import sealed_as
from troth.store import belongings, copying, entries, files, keystore, records, registry
from troth.store.databases import Filing, Which
from troth.store.unit import unit
from troth.vault.files import whole, write_secret
from troth.vault.keyring import KeyRow

SAMPLE = 50  # records that are opened of each origin
_BLOCK = 1 << 20
_MANY = 4096
Progress = Callable[[int], object]


def fill(
    filing: Filing,
    mark: str,
    content: tuple[Path, Manifest],
    keys: tuple[Path, Manifest],
    epochs: dict[int, bytes],
    at: int,
) -> None:
    """Fill two empty databases from copies; what a restore with this mark left in them goes first.

    Raises `HouseExists` for databases that hold anything else, `RowBroken`, and what databases raise.
    """
    copying.free(filing, mark)
    copies: tuple[tuple[Which, Path, Manifest], ...] = (("store", *content), ("keystore", *keys))
    for which, folder, said in copies:
        copying.prepare(filing, which, said.revision, mark)
        for name, table in said.tables.items():
            with (folder / f"{name}.rows").open("rb") as file:
                copying.fill(filing, which, name, table.columns, table.kinds, file)
    with keystore.keeping(filing) as keeping:
        for number, wrapped in epochs.items():
            keystore.add_epoch(keeping, number, wrapped, at)
    filing.upgrade()


def continue_ledger(house: House, said: Manifest, log: Published | None, last: Checkpoint | None) -> None:
    """Add the lines that came after a copy, as the ledger that was kept outside has them.

    Raises `CopyBroken` when the copy's own lines do not make the root that its manifest signs, and
    `ForkRefused` when the log does not continue them.
    """
    with unit(house.filing) as here:
        catch_up(house, here)
        if (house.tree.size, house.tree.root().hex()) != (said.size, said.root):
            raise CopyBroken(path="entries.rows", problem="its lines do not make the signed root")
        if log is None or last is None:
            return
        tree = house.tree
        verify_continues(Checkpoint(last.origin, tree.size, tree.root()), last, log.reader(last.size))
        leaves = log.leaves(last.size, tree.size)
        while some := list(islice(leaves, _MANY)):
            entries.append(here, tree.size, some)
            tree, full = tree.extend(map(leaf_hash, some))
            entries.add_tiles(here, [(tile.level, tile.index, tile.hashes) for tile in full])
            house.last_at = max(house.last_at, ledger.parse(some[-1]).at)
        note = log.unverified_checkpoint()
        entries.add_checkpoint(here, last.size, note.decode("utf-8"), house.last_at)
    house.tree, house.published = tree, last
    write_secret(published_file(house), note, replace=True)


def replay_all(house: House, start: int, end: int, progress: Progress) -> Replay:
    """Replay the lines from `start` to `end`, and remove what has no key."""
    named, back = named_in(_lines(house, start, end))
    found = Replay(_people(house, named) | _in_grace(house, start), back)
    done = frozenset(
        e.commitment for _, e in _lines(house, start, end) if e.kind == "erasure.done" and e.commitment
    )
    in_unit(house, lambda desk: finish_begun(desk, found, done))
    for low in range(start, end, CHUNK):
        some = list(_lines(house, low, min(end, low + CHUNK)))
        in_unit(house, lambda desk, some=some: replay(desk, found, some))  # type: ignore[misc]
        progress(low)
    after = 0
    while after >= 0:
        after = in_unit(house, lambda desk, low=after: forget_keyless(desk, found, low))  # type: ignore[misc]
    in_unit(house, replaying_graces.forget_keyless)
    return found


def _lines(house: House, start: int, end: int) -> Iterator[tuple[int, Entry]]:
    for low in range(start, end, CHUNK):
        high = min(end, low + CHUNK)
        leaves = in_unit(house, lambda desk, a=low, b=high: list(entries.leaves(desk.unit, a, b)))  # type: ignore[misc]
        yield from enumerate(map(ledger.parse, leaves), low)


def _people(house: House, named: Iterable[str]) -> dict[str, int]:
    """Return who of the copy has which of some pseudonyms: every person's own key is opened for that."""
    wanted, found = frozenset(named), dict[str, int]()
    after = 0
    while wanted:
        with keystore.looking(house.filing) as looking:
            people = keystore.people(looking, after, CHUNK)
        some = in_unit(house, lambda desk, few=people: _named(desk, few))  # type: ignore[misc]
        found |= {name: one for name, one in some if name in wanted}
        if len(people) < CHUNK:
            break
        after = people[-1]
    return found


def _in_grace(house: House, start: int) -> dict[str, int]:
    """Return who of the copy is in grace, by the pseudonyms in the lines that it has."""
    if not in_unit(house, replaying_graces.is_any):
        return {}
    begun = [entry for _, entry in _lines(house, 0, start) if entry.kind == "grace.begun"]
    return in_unit(house, lambda desk: replaying_graces.named_by(desk, begun))


def _named(desk: Desk, people: list[int]) -> list[tuple[str, int]]:
    found = []
    with keystore.looking(desk.house.filing) as looking:
        rows = keystore.find(looking, [(subject, SELF) for subject in people])
    for (subject, kept), row in rows.items():
        try:
            desk.house.keyring.check(subject, kept, KeyRow(*row))
        except Broken:  # it is named in the report of the copy
            continue
        name = desk.pseudonym(subject)
        if name is not None:
            found.append((name, subject))
    return found


def copy_files(house: House, content: Path, progress: Progress) -> int:
    """Copy the sealed files that rows still name, each by its digest; return how many are not in the copy."""
    known = in_unit(house, lambda desk: files.known(desk.unit))
    done = 0
    for name, (size, digest) in blobs_of(content):
        if name not in known:
            continue
        known.discard(name)
        target = house.blobs.sealed(name)
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with (content / BLOBS / name[:2] / name).open("rb") as source, whole(target) as sink:
            _pour(source, sink)
        must_be(target.parent, name, size, digest)
        progress(done := done + size)
    return len(known)


def _pour(source: BinaryIO, sink: BinaryIO) -> None:
    while block := source.read(_BLOCK):
        sink.write(block)


def let_time_pass(house: House) -> None:
    """Remove what ran out since the copy, and forget who left and of whom nothing is held any more.

    Nothing of it is counted: it may have been, in the house that was lost, together with others.
    """
    in_unit(house, lambda desk: registry.set_setting(desk.unit, RESTORED_AT, str(desk.now)))
    in_unit(house, expiring.begin)
    while in_unit(house, expiring.expire).more:
        pass
    settled = -1
    while settled:
        settled, _ = in_unit(house, end)


def must_be_gone(desk: Desk, gone: Iterable[int]) -> None:
    """Raise `NotErased` when anything is left of people who were erased: keys, rows, names, files."""
    some = sorted(gone)
    with keystore.looking(desk.house.filing) as looking:
        keys = sum(kept != DUTIES for subject in some for kept in keystore.of(looking, subject))
    rows = len(registry.standings(desk.unit, some))
    rows += sum(belongings.any_of(desk.unit, subject) + len(files.of(desk.unit, subject)) for subject in some)
    if rows or keys:
        raise NotErased(rows=rows, keys=keys)


def must_open(desk: Desk, broken: frozenset[int]) -> int:
    """Open some records of each kind, and the whole ledger; return how many were opened.

    `broken` are people of whom a key did not open in the copy. Raises what opening raises.
    """
    fault = damage(desk.house, desk.unit)
    if fault is not None:
        raise fault
    origins, opened = desk.house.origins, 0
    origins.load(desk.unit)
    for number, origin in origins.by_number.items():
        some = [one for one in records.few(desk.unit, number, SAMPLE, origins) if one.subject not in broken]
        desk.open_keys((one.subject, origin.kept) for one in some)
        for one in some:
            key = desk.keys.get((one.subject, origin.kept))
            if key is not None:  # or it is sealed away, in a grace
                key.unseal(one.sealed, record=one.id, category=sealed_as(origin), schema=origin.version)
                opened += 1
    return opened
