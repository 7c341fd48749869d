"""Sweep: what time does by itself. Expired records go, interrupted erasures end, leavers are forgotten."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from troth.clock import Instant
from troth.custody import matters, repeating
from troth.custody.copies import drilling
from troth.custody.copies.rotating import START, Place, retire, rotate
from troth.custody.demands import demands_due
from troth.custody.demands.demands_due import Ran
from troth.custody.demands.performing import Texts
from troth.custody.endings import caseload, expiring, grace_over, leaving, sweeping, vacuuming
from troth.custody.packages import arriving, making, parcels
from troth.custody.publishing import publish, publish_everywhere
from troth.custody.systems import attempts
from troth.errors import DiskFull, StoreUnavailable, TablesNotOurs, TrothError
from troth.ledger.checkpoint import Checkpoint
from troth.store.databases import Which
from troth.store.vacuuming import vacuum as vacuum_of
from troth.teller import Teller


@dataclass(frozen=True, slots=True)
class Swept:
    """What one sweep did."""

    expired: int
    ended: int  # people who left, of whom nothing was held any more
    resumed: int
    stuck: tuple[TrothError, ...]  # why something cannot be finished, or written anew
    files: int
    noted: int
    rewrapped: int
    broken: tuple[Place, ...]  # keys that do not open: (person's number, retention class)
    orphans: int  # keys of nobody
    checkpoint: Checkpoint
    cases: int = 0  # which time ended, or of which nothing was left
    demands: Ran = Ran()  # noqa: RUF009 - a frozen value
    late: Instant = 0  # how long the oldest of what expired was over, in microseconds
    dropped: int = 0  # partitions of streams that went as a whole
    rate: float = 0.0  # expired records a second, pauses included
    packed: int = 0  # packages whose making was interrupted, and that are ready now
    vacuumed: tuple[Which, ...] = ()  # databases that were written anew
    unvacuumed: tuple[Which, ...] = ()  # those that were to be: `stuck` says why, or somebody was reading


def sweep(
    teller: Teller, *, progress: Callable[[int], object] = lambda _: None, pause: float = 0.0,
    texts: Texts = lambda _: {}, origin: str = "", vacuum: bool = False,
) -> Swept:  # fmt: skip
    """Do everything that is due; may be interrupted anywhere and run again.

    `progress` is called with the number of records removed so far. After each chunk of them others are
    served for `pause` seconds at least. `texts` are the words of a package in a language, `origin` where the
    pages of this house are. `vacuum` writes both databases anew, which takes longer the larger they are.
    """
    undone = teller.chore(grace_over.look)[1]
    resumed, stuck = teller.resume()
    stuck = (*undone, *stuck)
    teller.alone(publish)  # whatever stops what follows, what was done is signed
    ended = noted = cases = 0
    while teller.alone(matters.end_over):  # what they held goes with this sweep
        pass
    expiry = _expired(teller, progress, pause)
    settled = -1
    while settled:
        settled, gone = teller.alone(leaving.end)
        ended += gone
    rewrapped, broken = _rotated(teller)
    orphans, person = 0, 0
    while person >= 0:
        gone, person = teller.alone(partial(sweeping.sweep_keys, after=person))
        orphans += gone
    files = teller.alone(sweeping.sweep_files)
    attempts.run_due(teller.house, teller.alone, progress=lambda _: None)
    teller.alone(repeating.forget)
    teller.alone(parcels.clear)
    while teller.alone(arriving.expire):
        pass
    while teller.alone(parcels.expire) == parcels.CHUNK:
        pass
    packed, unmade = making.resume(teller, texts=texts, origin=origin)
    stuck = (*stuck, *unmade)
    while settled_cases := teller.alone(caseload.settle):
        cases += settled_cases
    demands = demands_due.run_due(teller, texts=texts, origin=origin)
    while fresh := teller.alone(sweeping.note_sightings):
        noted += fresh
    teller.chore(lambda house: house.filing.fold())  # values that were corrected go from the logs, too
    teller.chore(retire)
    drilling.clear(teller.house.directory)
    vacuumed, unvacuumed, kept_from = _vacuum(teller, whole=vacuum)
    stuck = (*stuck, *kept_from)
    return Swept(
        expiry.removed, ended, resumed, stuck, files, noted, rewrapped, broken, orphans,
        teller.alone(publish_everywhere), cases, demands, expiry.late, expiry.dropped, expiry.rate,
        packed, vacuumed, unvacuumed,
    )  # fmt: skip


@dataclass(slots=True)
class _Expiry:
    """What expired so far, and how fast it went."""

    removed: int = 0
    late: Instant = 0
    dropped: int = 0
    rate: float = 0.0


def _expired(teller: Teller, progress: Callable[[int], object], pause: float) -> _Expiry:
    """Remove what is over, chunk by chunk; between two of them others are served."""
    done, begun = _Expiry(), time.monotonic()
    teller.alone(expiring.begin)
    while (step := teller.alone(expiring.expire)).more:
        done.removed += step.removed
        done.dropped += step.dropped
        done.late = max(done.late, step.late)
        done.rate = done.removed / max(time.monotonic() - begun, 1e-6)
        progress(done.removed)
        if pause:
            time.sleep(pause)
    return done


def _rotated(teller: Teller) -> tuple[int, tuple[Place, ...]]:
    """Wrap every key of an earlier epoch anew; return how many there were, and which do not open."""
    wrapped, broken = 0, list[Place]()
    place: Place | None = START
    while place is not None:
        done = teller.chore(lambda house, after=place: rotate(house, house.clock(), after=after))  # type: ignore[misc]
        wrapped, place = wrapped + done.wrapped, done.last
        broken += done.broken
    return wrapped, tuple(broken)


def _vacuum(
    teller: Teller, *, whole: bool
) -> tuple[tuple[Which, ...], tuple[Which, ...], tuple[TrothError, ...]]:
    """Write the keystore anew when it is due, or both databases; return which were, which were not, and why.

    What keeps one from it stops nothing else: the ledger is signed all the same.
    """
    wanted: tuple[Which, ...] = ("keystore", "store") if whole else ()
    if not whole and teller.alone(vacuuming.is_due):
        wanted = ("keystore",)
    done, stuck = list[Which](), list[TrothError]()
    for which in wanted:
        try:
            if teller.chore(lambda house, x=which: vacuum_of(house.filing, x)):  # type: ignore[misc]
                done.append(which)
        except (DiskFull, StoreUnavailable, TablesNotOurs) as problem:
            stuck.append(problem)
    if "keystore" in done:
        teller.alone(vacuuming.note)
    return tuple(done), tuple(x for x in wanted if x not in done), tuple(stuck)
