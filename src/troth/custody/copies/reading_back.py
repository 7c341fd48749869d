"""Read a copy back in full: every file by its digest, every key row by opening it."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from troth.custody.copies.manifests import BLOBS, MANIFEST, Manifest
from troth.errors import CopyBroken, EpochUnknown, SealBroken, UnknownSuite
from troth.store.rowfiles import Row, decoded
from troth.vault.keyring import Keyring, KeyRow

BLOB_LIST = "blobs.list"
_BLOCK = 1 << 20
Progress = Callable[[int], object]


@dataclass(frozen=True, slots=True)
class Keys:
    """What opening every key row of a copy came to."""

    count: int
    oldest: int  # the oldest epoch that any needs; 0 without a key
    broken: tuple[tuple[int, str], ...]  # those that do not open: person and retention class


def digest_of(path: Path) -> tuple[int, str]:
    """Return size and SHA-256 of a file."""
    hashed, size = sha256(), 0
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            hashed.update(block)
            size += len(block)
    return size, hashed.hexdigest()


def check_files(folder: Path, manifest: Manifest, progress: Progress = lambda _: None) -> None:
    """Raise `CopyBroken` unless a copy has exactly the files that its manifest lists, byte for byte."""
    done = 0
    for path, (size, digest) in manifest.files.items():
        must_be(folder, path, size, digest)
        progress(done := done + size)
    blobs = dict(blobs_of(folder)) if BLOB_LIST in manifest.files else {}
    for name, (size, digest) in blobs.items():
        must_be(folder, f"{BLOBS}/{name[:2]}/{name}", size, digest)
        progress(done := done + size)
    here = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    more = here - manifest.files.keys() - {MANIFEST} - {f"{BLOBS}/{name[:2]}/{name}" for name in blobs}
    if more:
        raise CopyBroken(path=str(folder), problem="it holds a file that is not listed")


def must_be(folder: Path, path: str, size: int, digest: str) -> None:
    """Raise `CopyBroken` unless one file of a copy is as it is listed."""
    try:
        found = digest_of(folder / path)
    except OSError as problem:
        raise CopyBroken(path=str(folder), problem=f"`{path}`: {problem.strerror}") from None
    if found != (size, digest):
        raise CopyBroken(path=str(folder), problem=f"`{path}` differs from its digest")


def blobs_of(folder: Path) -> Iterator[tuple[str, tuple[int, str]]]:
    """Yield the sealed files of a copy as they are listed: name, size, SHA-256; raises `CopyBroken`."""
    with (folder / BLOB_LIST).open(encoding="ascii") as lines:
        for line in lines:
            digest, size, name = line.split()
            if not (name.isalnum() and len(name) == 32):
                raise CopyBroken(path=str(folder), problem="its list of sealed files cannot be read")
            yield name, (int(size), digest)


def rows_in(folder: Path, manifest: Manifest, table: str) -> Iterator[Row]:
    """Yield the rows of one table of a copy; raises `RowBroken`, and `CopyBroken` without such a table."""
    if table not in manifest.tables:
        raise CopyBroken(path=str(folder), problem=f"it lists no table `{table}`")
    with (folder / f"{table}.rows").open("rb") as file:
        yield from decoded(table, manifest.tables[table].kinds, file)


def secrets_in(folder: Path, manifest: Manifest) -> dict[str, bytes]:
    """Return the sealed secrets of the house that are in a copy of keys."""
    found = {}
    for row in rows_in(folder, manifest, "secrets"):
        name, sealed = row
        if isinstance(name, str) and isinstance(sealed, bytes):
            found[name] = sealed
    return found


def check_keys(folder: Path, manifest: Manifest, keyring: Keyring) -> Keys:
    """Open every key row of a copy with a keyring made of the copy alone; raises `RowBroken`."""
    count, oldest, broken = 0, 0, list[tuple[int, str]]()
    order = {name: place for place, name in enumerate(manifest.tables["keys"].columns)}
    places = [order[name] for name in ("subject", "kept", "epoch", "wrapped", "commitment")]
    for row in rows_in(folder, manifest, "keys"):
        subject, kept, epoch, wrapped, commitment = (row[place] for place in places)
        count += 1
        oldest = min(oldest or int(str(epoch)), int(str(epoch)))
        opens = False
        with suppress(EpochUnknown, SealBroken, UnknownSuite):
            keyring.check(subject, kept, KeyRow(epoch, wrapped, commitment))  # type: ignore[arg-type]
            opens = True
        if not opens:
            broken.append((int(str(subject)), str(kept)))
    return Keys(count, oldest, tuple(broken))
