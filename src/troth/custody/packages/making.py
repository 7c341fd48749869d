"""Making: a package written from its first byte to its last, sealed as it is written, and read back.

However much there is, it is read, sealed and written piece by piece; others are served meanwhile.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from functools import partial
from hashlib import sha256

from troth.custody.packages import packing, parcels
from troth.custody.packages.contents import Asking, Contents, Systems
from troth.custody.packages.elsewhere import held_elsewhere
from troth.custody.packages.judging import judged
from troth.custody.packages.packing import Making
from troth.custody.packages.parcels import Package
from troth.custody.publishing import publish
from troth.errors import Broken, Erased, NoRoom, NotDoneThere, NotFound, PackageGone, TrothError
from troth.house import House
from troth.packages import unzipping
from troth.packages.zipping import Pulled

Progress = Callable[[int], object]


def made(
    teller: Asking,
    making: Making,
    *,
    texts: Mapping[str, str] | None = None,
    origin: str = "",
    systems: Systems | None = None,
    progress: Progress = lambda _: None,
) -> Package:
    """Make a package that was begun, and read it back; `progress` is told how many records are in it.

    `texts` are ours in the reader's language, `origin` is where the pages of this house are, `systems` are
    rows that other systems hold: None for those that are declared. However much there is, it is read, sealed
    and written piece by piece.
    Raises `PackageGone` when its person was erased meanwhile, and whatever reading raises.
    """
    house, row = teller.house, making.row
    try:
        teller.alone(publish)  # so that everything up to the demand can be proven
        rows = held_elsewhere(teller, making) if systems is None else systems
        contents = Contents(teller, making, dict(texts or {}), origin, rows, progress)
        counted = _Counted(contents.zipped())
        house.blobs.write(Pulled(counted), under=making.key, about=row.package, name=row.blob)
        read_back(house, making)
        return teller.alone(lambda desk: packing.finish(desk, making, counted.size, counted.digest.digest()))
    except (PackageGone, Erased, NotFound):
        house.blobs.remove(row.blob)
        raise PackageGone from None
    except BaseException:
        with suppress(TrothError):
            teller.alone(lambda desk: packing.give_up(desk, making))
        raise


def resume(
    teller: Asking, *, texts: Callable[[str], Mapping[str, str]] = lambda _: {}, origin: str = ""
) -> tuple[int, tuple[TrothError, ...]]:
    """Make the packages whose making was interrupted; return how many are ready now, and why others are not.

    `texts` are the words of a package in a language. What keeps one from being made keeps no other.
    """
    ready, stuck = 0, list[TrothError]()
    for package in teller.alone(parcels.interrupted):
        try:
            making = teller.alone(partial(packing.again, package=package))
            if making is not None:
                made(teller, making, texts=texts(making.language), origin=origin)
                ready += 1
        except PackageGone:  # erased meanwhile
            continue
        except (Broken, NotDoneThere, NoRoom) as problem:
            stuck.append(problem)
    return ready, tuple(stuck)


class _Counted:
    """Chunks as they pass, with how many bytes they were and their SHA-256."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks
        self.size, self.digest = 0, sha256()

    def __iter__(self) -> Iterator[bytes]:
        for chunk in self._chunks:
            self.size += len(chunk)
            self.digest.update(chunk)
            yield chunk


def read_back(house: House, making: Making) -> None:
    """Open the sealed file and read the package in it to its end, every file by its hash.

    Raises `PackageFaulty`, `SealBroken` or `BadNote`.
    """
    row = making.row
    with house.blobs.open(row.blob, under=making.key, about=row.package) as file:
        found = unzipping.opened(file)
        judged(found, house.signer.verifier)
        found.verify()
