"""Write one copy: files with their digests in a folder that gets its name when it is whole.

Whatever moment it stops at, a place for copies holds whole copies, and folders that the next backup removes.
"""

import fcntl
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path

from troth.custody.copies.manifests import MANIFEST, Manifest, unverified
from troth.errors import CopyBroken, FileUnusable, NoRoom, PlacesOverlap, PlaceTaken
from troth.ledger.checkpoint import Signer
from troth.vault.files import TEMPORARY, sync_folder, whole

EPOCHS = "epochs"  # a folder of the place for keys: what opens the copies beside it, as long as it may
_OWNER = "house"  # a file that says whose copies these are
_BLOCK = 1 << 20
Sink = Callable[[bytes], object]


class Draft:
    """A copy that is being written; `digests` holds the size and SHA-256 of each file."""

    def __init__(self, place: Path, name: str) -> None:
        self._place, self._name = place, name
        self.folder = place / f"{TEMPORARY}{name}"
        self.folder.mkdir(mode=0o700)
        self.digests: dict[str, tuple[int, str]] = {}

    def write(self, path: str, fill: Callable[[Sink], object]) -> None:
        """Write a file; `fill` is given what takes its bytes. Durable when this returns."""
        target = self.folder / path
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        hashed, size = sha256(), 0
        with os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:

            def sink(block: bytes) -> None:
                nonlocal size
                file.write(block)
                hashed.update(block)
                size += len(block)

            fill(sink)
            file.flush()
            os.fsync(file.fileno())
        self.digests[path] = (size, hashed.hexdigest())

    def sign(self, manifest: Manifest, by: Signer) -> None:
        """Write the manifest, and make everything in the folder durable."""
        with whole(self.folder / MANIFEST) as file:
            file.write(manifest.signed(by))
        for folder, _, _ in os.walk(self.folder):
            sync_folder(Path(folder))

    def place(self) -> Path:
        """Give the copy its name; from here on it is one."""
        target = self._place / self._name
        self.folder.replace(target)
        sync_folder(self._place)
        return target


def apart(*places: Path) -> None:
    """Raise `PlacesOverlap` unless no place is, or is within, another; links are followed."""
    real = [place.resolve() for place in places]
    for n, first in enumerate(real):
        for second in real[n + 1 :]:
            if first.is_relative_to(second) or second.is_relative_to(first):
                raise PlacesOverlap(first=str(first), second=str(second))


@contextmanager
def turn(place: Path, origin: str) -> Iterator[None]:
    """Have a place for copies to oneself, made when it is not there; what was cut off in it is removed.

    Raises `PlaceTaken` for one that holds copies of another house, `FileUnusable`, `NoRoom`.
    """
    with to_oneself(place):
        owner = place / _OWNER
        with usable(place):
            if not owner.exists():
                if any(not each.name.startswith(TEMPORARY) for each in place.iterdir()):
                    raise PlaceTaken(path=str(place))
                with whole(owner) as file:
                    file.write(origin.encode() + b"\n")
            if owner.read_bytes() != origin.encode() + b"\n":
                raise PlaceTaken(path=str(place))
            for left in place.glob(f"{TEMPORARY}*"):
                shutil.rmtree(left) if left.is_dir() else left.unlink()
        yield


@contextmanager
def to_oneself(place: Path) -> Iterator[None]:
    """Have a directory to oneself, in all processes; it is made when it is not there.

    Raises `FileUnusable`, `NoRoom`.
    """
    with usable(place):
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(place, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


@contextmanager
def usable(place: Path) -> Iterator[None]:
    """Turn what a disk says into `NoRoom` or `FileUnusable`."""
    try:
        yield
    except OSError as problem:
        if problem.errno in (28, 27, 122):  # ENOSPC, EFBIG, EDQUOT
            raise NoRoom from None
        raise FileUnusable(path=str(place), problem=problem.strerror or "it cannot be used") from None


def copies_in(place: Path) -> list[tuple[Path, Manifest]]:
    """Return the copies in a place, oldest first, as they describe themselves; what is none is left out."""
    found = []
    for folder in sorted(place.iterdir()) if place.is_dir() else ():
        if folder.is_dir() and folder.name != EPOCHS and not folder.name.startswith(TEMPORARY):
            with suppress(CopyBroken):
                found.append((folder, unverified(folder)))
    return sorted(found, key=lambda one: (one[1].size, one[1].at, one[0].name))  # ledgers grow; clocks jump


def prune(place: Path, keep: int, made: str, since: int = 0, spared: str = "") -> list[str]:
    """Remove all copies but `keep`, the one just made and the newest beside it; return their names.

    Those of epochs before `since` go as well, and the one that is `spared` stays.
    """
    found = copies_in(place)
    older = [folder for folder, _ in found if folder.name != made]
    newest = {place / made, *older[max(0, len(older) + 1 - keep) :]}
    over = [each for each in found if each[0] not in newest or each[1].epoch < since]
    gone = [folder for folder, said in over if said.copy != spared]
    for folder in gone:
        shutil.rmtree(folder)
    if gone:
        sync_folder(place)
    return [folder.name for folder in gone]


# ---- the keys of epochs


def epochs_in(place: Path) -> dict[int, bytes]:
    """Return the wrapped keys of epochs that lie beside the copies of keys, by number."""
    folder = place / EPOCHS
    numbers = [path for path in folder.iterdir() if path.name.isdecimal()] if folder.is_dir() else []
    return {int(path.name): path.read_bytes() for path in numbers}


def keep_epochs(place: Path, epochs: dict[int, bytes]) -> None:
    """Let exactly these keys of epochs lie beside the copies of keys; those that are over are overwritten.

    Raises `PlaceTaken` where one lies there that is another house's.
    """
    folder = place / EPOCHS
    folder.mkdir(mode=0o700, exist_ok=True)
    here = epochs_in(place)
    if any(here[number] != wrapped for number, wrapped in epochs.items() if number in here):
        raise PlaceTaken(path=str(place))
    for number in epochs.keys() - here.keys():
        with whole(folder / str(number)) as file:
            file.write(epochs[number])
    for number in here.keys() - epochs.keys():
        _overwrite(folder / str(number))
    for left in folder.glob(f"{TEMPORARY}*"):
        _overwrite(left)
    sync_folder(folder)


def _overwrite(path: Path) -> None:
    """Overwrite a file where it stands, durably, and remove it."""
    with path.open("r+b") as file:
        file.write(bytes(path.stat().st_size))
        file.flush()
        os.fsync(file.fileno())
    path.unlink()
